"""Logon and Logout: test cases 1B, 1S, 2S, 12 and 13, by their numbers.

Spec: FIX 4.4 volume 2, "FIX Session-level Test Cases"; FIX Session Layer Test Cases 1.0.
Numbers in the transcripts follow the log-on of the rig: both sides have sent number 1.
"""

from __future__ import annotations

import pytest

from fixgate.errors import LocalProtocolError
from fixgate.session.dialect import QUICKFIX
from fixgate.session.events import (
    AppMessage,
    GapClosed,
    GapOpened,
    GarbledInput,
    LoggedOn,
    LoggedOut,
    LogonRefused,
    SequenceReset,
    TimedOut,
    Violation,
)
from fixgate.session.phase import Phase
from fixgate.session.settings import Credentials, Role
from fixgate.session.store import MemoryStore
from tests.session.rig import Rig, kinds, order, violation

BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)


class Test1BInitiatorLogon:
    def test_b_sends_logon(self):
        rig = Rig(Role.INITIATOR).connect()
        assert rig.whole() == [
            [
                "8=FIX.4.4",
                "9=65",
                "35=A",
                "34=1",
                "49=EXCH",
                "52=20260302-09:00:00.000",
                "56=TRADER",
                "98=0",
                "108=30",
                "10=211",
            ]
        ]

    def test_b_fixt_names_its_application_version(self):
        rig = Rig(Role.INITIATOR, "FIXT.1.1", "9").connect()
        assert rig.tx() == ["35=A|34=1|98=0|108=30|1137=9"]

    def test_b_sends_credentials_and_reset(self):
        credentials = Credentials("desk", "hunter2")
        store = MemoryStore(next_out=40, next_in=50)
        rig = Rig(Role.INITIATOR, store=store, credentials=credentials, reset_on_logon=True)
        rig.connect()
        assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y|553=desk|554=hunter2"]
        assert "hunter2" not in repr(rig.settings)

    def test_c_valid_logon_back(self):
        rig = Rig(Role.INITIATOR).connect()
        rig.tx()
        (event,) = rig.rx("35=A|34=1|98=0|108=30")
        assert isinstance(event, LoggedOn)
        assert (event.heartbeat_s, event.asked_heartbeat_s, event.reset) == (30, 30, False)
        assert rig.tx() == []
        assert rig.session.phase is Phase.ACTIVE
        assert (rig.store.next_in, rig.store.next_out) == (2, 2)

    def test_c_logon_back_too_high_asks_for_the_missing(self):
        rig = Rig(Role.INITIATOR).connect()
        rig.tx()
        events = rig.rx("35=A|34=5|98=0|108=30")
        assert kinds(events) == [LoggedOn, GapOpened]
        assert rig.tx() == ["35=2|34=2|7=1|16=0"]

    def test_c_other_heartbeat_is_told(self):
        rig = Rig(Role.INITIATOR).connect()
        (event,) = rig.rx("35=A|34=1|98=0|108=10")
        assert isinstance(event, LoggedOn)
        assert (event.heartbeat_s, event.asked_heartbeat_s) == (10, 30)

    def test_d_logon_back_too_low_logs_out(self):
        rig = Rig(Role.INITIATOR, store=MemoryStore(next_in=7)).connect()
        rig.tx()
        events = rig.rx("35=A|34=3|98=0|108=30")
        assert kinds(events) == [Violation, LogonRefused]
        assert rig.tx() == ["35=5|34=2|58=MsgSeqNum too low, expecting 7 but received 3"]
        assert rig.store.next_in == 7

    def test_d_logon_back_from_a_stranger_is_refused(self):
        rig = Rig(Role.INITIATOR).connect()
        rig.rx("35=A|34=1|98=0|108=30|49=OTHER")
        assert rig.session.wants_close
        assert kinds(rig.events) == [Violation, LogonRefused]

    def test_d_reset_that_was_not_asked_for_leaves_our_numbers(self):
        store = MemoryStore(next_out=40, next_in=50)
        rig = Rig(Role.INITIATOR, store=store, observe=True).connect()
        rig.tx()
        rig.rx("35=A|34=1|98=0|108=30|141=Y")
        assert violation(rig).rule == "reset-unasked"
        assert rig.session.wants_close
        assert (store.next_out, store.next_in) == (42, 50)

    def test_e_logout_back_carries_the_reason(self):
        rig = Rig(Role.INITIATOR, store=MemoryStore(next_out=1)).connect()
        (event,) = rig.rx("35=5|34=9|58=MsgSeqNum too low, expecting 812 but received 1")
        assert isinstance(event, LogonRefused)
        assert event.by_peer
        assert (event.expected_seq_num, event.received_seq_num) == (812, 1)
        assert rig.session.wants_close
        assert rig.store.next_in == 1, "a refused Logon counts for nothing on the receiving side"

    def test_e_reject_back(self):
        rig = Rig(Role.INITIATOR).connect()
        (event,) = rig.rx("35=3|34=1|45=1|58=no")
        assert isinstance(event, LogonRefused)
        assert event.text == "no"

    def test_e_anything_else_back(self):
        rig = Rig(Role.INITIATOR).connect()
        rig.tx()
        rig.rx("35=0|34=1")
        assert violation(rig).rule == "first-message-not-logon"
        assert rig.tx() == ["35=5|34=2|58=received MsgType(35) '0', expected Logon"]
        assert rig.session.wants_close
        assert rig.store.next_in == 1

    def test_e_anything_else_back_to_quickfix(self):
        rig = Rig(Role.INITIATOR, dialect=QUICKFIX).connect()
        rig.tx()
        rig.rx("35=0|34=1")
        assert rig.tx() == []
        assert rig.session.wants_close

    def test_no_answer_times_out(self):
        rig = Rig(Role.INITIATOR).connect()
        assert rig.after(9.9) == []
        assert rig.after(0.2) == [TimedOut("Logon")]
        assert rig.session.wants_close

    def test_connecting_twice_is_our_own_fault(self):
        rig = Rig(Role.INITIATOR).connect()
        with pytest.raises(LocalProtocolError, match="Logon sent"):
            rig.connect()


class Test1SAcceptorLogon:
    def test_a_valid_logon(self):
        rig = Rig().connect()
        (event,) = rig.rx("35=A|34=1|98=0|108=15")
        assert isinstance(event, LoggedOn)
        assert event.heartbeat_s == 15
        assert rig.tx() == ["35=A|34=1|98=0|108=15"]

    def test_a_too_high(self):
        rig = Rig().connect()
        rig.rx("35=A|34=5|98=0|108=30")
        assert rig.tx() == ["35=A|34=1|98=0|108=30", "35=2|34=2|7=1|16=0"]
        rig.rx("35=4|34=1|43=Y|122={t}|123=Y|36=6")
        assert rig.events[-1] == GapClosed(1, 4)
        assert rig.store.next_in == 6

    @pytest.mark.parametrize(("begin", "end"), [("FIX.4.0", "999999"), ("FIX.4.1", "999999")])
    def test_a_too_high_before_42_asks_up_to_999999(self, begin: str, end: str):
        rig = Rig(begin=begin).connect()
        rig.rx("35=A|34=5|98=0|108=30")
        assert rig.tx()[1] == f"35=2|34=2|7=1|16={end}"

    def test_a_reset(self):
        rig = Rig(store=MemoryStore(next_out=40, next_in=50)).connect()
        events = rig.rx("35=A|34=1|98=0|108=30|141=Y")
        assert kinds(events) == [SequenceReset, LoggedOn]
        assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y"]
        assert (rig.store.next_out, rig.store.next_in) == (2, 2)

    def test_a_reset_on_every_logon_is_not_announced(self):
        store = MemoryStore(next_out=40, next_in=50)
        rig = Rig(store=store, reset_on_logon=True).connect()
        rig.rx("35=A|34=1|98=0|108=30")
        assert rig.tx() == ["35=A|34=1|98=0|108=30"]

    @pytest.mark.parametrize("field", ["49=OTHER", "56=OTHER", "8=FIX.4.2"])
    def test_c_a_stranger_is_told_nothing(self, field: str):
        rig = Rig().connect()
        rig.rx(f"35=A|34=1|98=0|108=30|{field}")
        assert rig.tx() == []
        assert rig.session.wants_close
        assert kinds(rig.events) == [LogonRefused]

    @pytest.mark.parametrize(
        ("logon", "text"),
        [
            ("35=A|34=1|98=0|108=-1", "HeartBtInt(108): received '-1', expected seconds"),
            ("35=A|34=1|98=0|108=abc", "HeartBtInt(108)"),
            ("35=A|34=1|98=0|108=99999999", "HeartBtInt(108): received '99999999'"),
            ("35=A|34=1|98=0", "HeartBtInt(108)"),
            ("35=A|34=1|98=1|108=30", "EncryptMethod(98): received '1', expected '0'"),
            ("35=A|34=1|98=0|108=30|52=20010101-00:00:00", "SendingTime(52)"),
            ("35=A|34=2|98=0|108=30|141=Y", "MsgSeqNum(34) must be 1"),
            ("35=A|34=0|98=0|108=30", "MsgSeqNum(34): received '0'"),
            ("35=A|34=x|98=0|108=30", "MsgSeqNum(34): received 'x'"),
            ("35=A|34=1|98=0|108=30|999=1", "999"),
        ],
    )
    def test_d_invalid_logon_is_told_why(self, logon: str, text: str):
        rig = Rig().connect()
        rig.rx(logon)
        (logout,) = rig.tx()
        assert logout.startswith("35=5|34=1|58=")
        assert text in logout
        assert rig.session.wants_close
        assert rig.store.next_in == 1

    def test_d_dialect_closes_in_silence(self):
        rig = Rig(dialect=QUICKFIX).connect()
        rig.rx("35=A|34=1|98=0|108=30|52=20010101-00:00:00")
        assert rig.tx() == []
        assert rig.session.wants_close

    @pytest.mark.parametrize("given", ["", "|553=desk", "|553=desk|554=x", "|553=x|554=hunter2"])
    def test_d_wrong_credentials_do_not_say_which(self, given: str):
        rig = Rig(credentials=Credentials("desk", "hunter2")).connect()
        rig.rx(f"35=A|34=1|98=0|108=30{given}")
        assert rig.tx() == ["35=5|34=1|58=Username(553) or Password(554) not accepted"]

    @pytest.mark.parametrize("begin", ["FIX.4.2", "FIX.4.4"])
    def test_right_credentials_even_before_43(self, begin: str):
        rig = Rig(begin=begin, credentials=Credentials("desk", "hunter2")).connect()
        rig.rx("35=A|34=1|98=0|108=30|553=desk|554=hunter2")
        assert rig.tx() == ["35=A|34=1|98=0|108=30"]

    def test_d_number_too_low_waits_for_the_peers_logout(self):
        rig = Rig(store=MemoryStore(next_in=812)).connect()
        rig.rx("35=A|34=1|98=0|108=30")
        assert rig.tx() == ["35=5|34=1|58=MsgSeqNum too low, expecting 812 but received 1"]
        assert not rig.session.wants_close
        rig.rx("35=5|34=2")
        assert rig.session.wants_close
        assert rig.store.next_in == 812

    def test_d_fixt_without_its_version(self):
        rig = Rig(begin="FIXT.1.1", appl_ver_id="9").connect()
        rig.rx("35=A|34=1|98=0|108=30")
        assert "1137" in rig.tx()[0]
        assert rig.session.wants_close

    def test_d_fixt_with_another_version(self):
        rig = Rig(begin="FIXT.1.1", appl_ver_id="9").connect()
        rig.rx("35=A|34=1|98=0|108=30|1137=7")
        assert rig.tx() == ["35=5|34=1|58=DefaultApplVerID(1137): received '7', expected '9'"]

    def test_d_garbled_logon_closes(self):
        rig = Rig().connect()
        rig.raw(b"GET / HTTP/1.1\r\n\r\n" * 3 + rig.build("35=A|34=1|98=0|108=30"))
        assert GarbledInput in kinds(rig.events)
        assert rig.session.wants_close
        assert rig.tx() == []

    @pytest.mark.parametrize("first", ["35=0|34=1", order(1), "35=5|34=1"])
    def test_2s_first_message_is_no_logon(self, first: str):
        rig = Rig().connect()
        rig.rx(first)
        assert rig.tx() == []
        assert rig.session.wants_close

    def test_no_logon_times_out(self):
        rig = Rig(logon_timeout_ns=5_000_000_000).connect()
        assert rig.after(5) == [TimedOut("Logon")]
        assert rig.session.wants_close


@BOTH
class Test12To13Logout:
    def test_12_orderly(self, role: Role):
        rig = Rig(role).log_on()
        rig.session.logout("end of day", rig.now_ns)
        assert rig.tx() == ["35=5|34=2|58=end of day"]
        assert rig.rx("35=5|34=2") == [LoggedOut(by_peer=False, clean=True, text="")]
        assert rig.session.wants_close
        assert rig.store.next_in == 3

    def test_12_what_is_on_its_way_still_counts(self, role: Role):
        rig = Rig(role).log_on()
        rig.session.logout("", rig.now_ns)
        assert kinds(rig.rx(order(2), "35=5|34=3")) == [AppMessage, LoggedOut]
        assert rig.store.next_in == 4

    def test_12_no_answer(self, role: Role):
        rig = Rig(role).log_on()
        rig.session.logout("", rig.now_ns)
        assert rig.after(9.9) == []
        assert rig.after(0.1) == [TimedOut("Logout")]

    @pytest.mark.parametrize("number", [1, 2])
    def test_12_a_logon_meanwhile_changes_nothing(self, role: Role, number: int):
        rig = Rig(role).log_on()
        rig.session.logout("", rig.now_ns)
        rig.tx()
        rig.rx(f"35=A|34={number}|98=0|108=30|141=Y")
        assert rig.tx() == []
        assert rig.store.next_out == 3
        rig.rx("35=5|34=2")
        assert rig.session.wants_close

    def test_13b_unsolicited(self, role: Role):
        rig = Rig(role).log_on()
        assert rig.rx("35=5|34=2|58=bye") == [LoggedOut(by_peer=True, clean=True, text="bye")]
        assert rig.tx() == ["35=5|34=2"]
        assert not rig.session.wants_close, "the peer closes first"
        assert rig.after(10) == []
        assert rig.session.wants_close

    def test_it_is_over_when_both_have_said_goodbye(self, role: Role):
        rig = Rig(role).log_on()
        assert not rig.session.over
        rig.rx("35=5|34=2")
        assert rig.session.over
        rig = Rig(role).log_on()
        rig.session.logout("", rig.now_ns)
        assert not rig.session.over, "what is on its way still counts"
        rig.rx("35=5|34=2")
        assert rig.session.over

    def test_it_is_over_after_our_logout_for_cause(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=0|34=1")
        assert rig.tx() == ["35=5|34=2|58=MsgSeqNum too low, expecting 2 but received 1"]
        assert rig.session.over
        rig.session.disconnected(rig.now_ns)
        rig.session.connected(rig.now_ns)
        assert not rig.session.over

    def test_13b_dialect_closes_at_once(self, role: Role):
        rig = Rig(role, dialect=QUICKFIX).log_on()
        rig.rx("35=5|34=2")
        assert rig.session.wants_close

    def test_nothing_is_asked_for_behind_a_logout_that_was_held(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=0|34=4", "35=5|34=5", "35=0|34=7")
        assert rig.tx() == ["35=2|34=2|7=2|16=0"]
        rig.rx("35=4|34=2|43=Y|122={t}|123=Y|36=4")
        assert rig.tx() == ["35=5|34=3"]
        assert rig.store.next_in == 6

    def test_logout_too_high_waits_for_the_missing(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=5|34=4")
        assert rig.tx() == ["35=2|34=2|7=2|16=0"]
        rig.rx("35=4|34=2|43=Y|122={t}|123=Y|36=4")
        assert rig.tx() == ["35=5|34=3"]

    def test_cut_without_a_word(self, role: Role):
        rig = Rig(role).log_on()
        events = rig.session.disconnected(rig.now_ns)
        assert events == [LoggedOut(by_peer=True, clean=False, text="")]
        assert rig.session.phase is Phase.DISCONNECTED
        assert rig.session.deadline_ns is None

    def test_cut_inside_a_message(self, role: Role):
        rig = Rig(role).log_on()
        rig.raw(rig.build(order(2))[:40])
        assert kinds(rig.session.disconnected(rig.now_ns)) == [GarbledInput, LoggedOut]


@pytest.mark.parametrize("heartbeat", [0, 30])
def test_16_what_was_queued_behind_our_logon_shows_at_once(heartbeat: int):
    rig = Rig(Role.INITIATOR, heartbeat_s=heartbeat).connect()
    rig.session.send(b"B", b"148=early\x01", rig.now_ns)
    assert rig.tx() == [f"35=A|34=1|98=0|108={heartbeat}"]
    rig.rx(f"35=A|34=1|98=0|108={heartbeat}")
    assert rig.tx() == ["35=0|34=3"]
    rig.rx("35=2|34=2|7=2|16=0")
    assert rig.tx()[0].endswith("148=early")


def test_16_what_was_queued_before_our_logon_shows_by_its_number():
    rig = Rig(Role.INITIATOR)
    rig.session.send(b"B", b"148=early\x01", rig.now_ns)
    rig.connect()
    rig.rx("35=A|34=1|98=0|108=30")
    assert rig.tx() == ["35=A|34=2|98=0|108=30"]


def test_16_what_was_queued_before_our_answer_shows_by_its_number():
    rig = Rig(Role.ACCEPTOR).connect()
    rig.session.send(b"B", b"148=early\x01", rig.now_ns)
    rig.rx("35=A|34=1|98=0|108=30")
    assert rig.tx() == ["35=A|34=2|98=0|108=30"]
