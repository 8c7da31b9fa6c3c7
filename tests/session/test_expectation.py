"""NextExpectedMsgSeqNum(789) at Logon, both ways.

Spec: FIX 4.4 volume 2, "Logon": NextExpectedMsgSeqNum(789); FIXT 1.1. The transcripts of the
acceptor's side follow what the definitions of QuickFIX/J and QuickFIX/Go ask (2a, 2b, 2c and
ResetSeqNumFlag of "NextExpectedMsgSeqNum").
"""

from __future__ import annotations

import pytest

from fixgate.session.dialect import QUICKFIX, STANDARD
from fixgate.session.events import (
    GapClosed,
    GapOpened,
    LoggedOn,
    LogonRefused,
    ResendServed,
    SequenceReset,
    Violation,
)
from fixgate.session.phase import Phase
from fixgate.session.policies import NumberingPolicy
from fixgate.session.settings import Role
from fixgate.session.store import MemoryStore
from tests.session.rig import Rig, kinds, violation

ON = NumberingPolicy(next_expected=True)
T = "20260302-09:00:00.000"


def kept(*texts: str, next_in: int = 1) -> MemoryStore:
    """A store with News of these headlines as our numbers 1, 2, ..."""
    store = MemoryStore(next_in=next_in)
    rig = Rig(store=store)
    for text in texts:
        rig.session.send(b"B", b"148=%b\x0133=1\x0158=x\x01" % text.encode(), rig.now_ns)
    return store


def again(number: int, text: str) -> str:
    return f"35=B|34={number}|43=Y|122={T}|148={text}|33=1|58=x"


def filled(number: int, new: int) -> str:
    return f"35=4|34={number}|43=Y|122={T}|36={new}|123=Y"


class TestWhatOurLogonSays:
    def test_an_initiator_says_what_it_expects(self):
        rig = Rig(Role.INITIATOR, store=MemoryStore(next_out=3, next_in=8), numbering=ON)
        assert rig.connect().tx() == ["35=A|34=3|98=0|108=30|789=8"]

    def test_an_initiator_that_resets_expects_1(self):
        store = MemoryStore(next_out=3, next_in=8)
        rig = Rig(Role.INITIATOR, store=store, numbering=ON, reset_on_logon=True)
        assert rig.connect().tx() == ["35=A|34=1|98=0|108=30|141=Y|789=1"]

    def test_an_acceptor_has_counted_the_logon_that_it_answers(self):
        rig = Rig(numbering=ON).connect()
        rig.rx("35=A|34=1|98=0|108=2|789=1")
        assert rig.tx() == ["35=A|34=1|98=0|108=2|789=2"]

    def test_fixt(self):
        rig = Rig(begin="FIXT.1.1", appl_ver_id="7", numbering=ON).connect()
        rig.rx("35=A|34=1|98=0|108=2|789=1|1137=7")
        assert rig.tx() == ["35=A|34=1|98=0|108=2|789=2|1137=7"]

    def test_an_acceptor_says_it_to_a_peer_that_does_not(self):
        rig = Rig(numbering=ON).connect()
        rig.rx("35=A|34=1|98=0|108=30")
        assert rig.tx() == ["35=A|34=1|98=0|108=30|789=2"]

    @pytest.mark.parametrize("begin", ["FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3"])
    @pytest.mark.parametrize("role", Role)
    def test_versions_that_do_not_have_it(self, role: Role, begin: str):
        rig = Rig(role, begin, numbering=ON).log_on()
        assert rig.session.phase is Phase.ACTIVE
        rig = Rig(role, begin, numbering=ON).connect()
        if role is Role.ACCEPTOR:
            rig.rx("35=A|34=1|98=0|108=30")
        assert rig.tx() == ["35=A|34=1|98=0|108=30"]

    def test_not_said_unless_asked_for(self):
        assert Rig(Role.INITIATOR).connect().tx() == ["35=A|34=1|98=0|108=30"]
        rig = Rig().connect()
        rig.rx("35=A|34=1|98=0|108=30|789=1")
        assert rig.tx() == ["35=A|34=1|98=0|108=30"]

    def test_a_reset_in_session_says_2(self):
        rig = Rig(numbering=ON).log_on()
        rig.rx("35=A|34=1|98=0|108=30|141=Y|789=1")
        assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y|789=2"]


@pytest.mark.parametrize("numbering", [ON, NumberingPolicy()])
class TestWhatThePeerMisses:
    """Obeyed whether or not our own Logon says what we expect."""

    def test_an_acceptor_sends_it_again_behind_its_logon(self, numbering: NumberingPolicy):
        rig = Rig(store=kept("one", "two", "three"), numbering=numbering).connect()
        events = rig.rx("35=A|34=1|98=0|108=30|789=2")
        ours = "|789=2" * numbering.next_expected
        assert rig.tx() == [
            f"35=A|34=4|98=0|108=30{ours}",
            again(2, "two"),
            again(3, "three"),
            filled(4, 5),
        ]
        assert kinds(events) == [LoggedOn, ResendServed]
        assert rig.store.next_out == 5

    def test_administrative_messages_are_one_gap_fill(self, numbering: NumberingPolicy):
        rig = Rig(store=MemoryStore(next_out=2000), numbering=numbering).connect()
        rig.rx("35=A|34=1|98=0|108=30|789=1")
        assert rig.tx()[1:] == [filled(1, 2001)]

    def test_an_initiator_sends_it_again_at_once(self, numbering: NumberingPolicy):
        rig = Rig(Role.INITIATOR, store=kept("one", "two"), numbering=numbering).connect()
        rig.tx()
        rig.rx("35=A|34=1|98=0|108=30|789=2")
        assert rig.tx() == [again(2, "two"), filled(3, 4)]

    def test_what_was_queued_behind_our_logon_is_sent_with_it(self, numbering: NumberingPolicy):
        rig = Rig(Role.INITIATOR, numbering=numbering).connect()
        rig.session.send(b"B", b"148=late\x0133=1\x0158=x\x01", rig.now_ns)
        rig.tx()
        rig.rx("35=A|34=1|98=0|108=30|789=2")
        assert rig.tx() == [again(2, "late")]

    @pytest.mark.parametrize("role", Role)
    def test_nothing_when_nothing_is_missing(self, role: Role, numbering: NumberingPolicy):
        rig = Rig(role, store=kept("one"), numbering=numbering).connect()
        rig.tx()
        rig.rx(f"35=A|34=1|98=0|108=30|789={2 if role is Role.ACCEPTOR else 3}")
        assert len(rig.tx()) == (role is Role.ACCEPTOR)

    def test_a_prober_never_sends_its_old_orders_again(self, numbering: NumberingPolicy):
        store = kept("one", "two")
        rig = Rig(
            Role.INITIATOR, store=store, observe=True, resend_application=False,
            numbering=numbering,
        ).connect()  # fmt: skip
        rig.tx()
        rig.rx("35=A|34=1|98=0|108=30|789=1")
        assert rig.tx() == [filled(1, 4)]


class TestWhatWeMiss:
    def test_an_acceptor_waits_for_it_without_asking(self):
        rig = Rig(numbering=ON).connect()
        events = rig.rx("35=A|34=3|98=0|108=30|789=1")
        assert rig.tx() == ["35=A|34=1|98=0|108=30|789=1"]
        assert kinds(events) == [LoggedOn, GapOpened]
        events = rig.rx("35=4|34=1|43=Y|122={t}|36=4|123=Y")
        assert GapClosed(1, 2) in events
        assert rig.store.next_in == 4
        assert rig.tx() == []

    def test_an_initiator_waits_for_it_without_asking(self):
        rig = Rig(Role.INITIATOR, numbering=ON).connect()
        rig.rx("35=A|34=3|98=0|108=30|789=2")
        rig.tx()
        rig.rx("35=B|34=1|43=Y|122={t}|148=one|33=1|58=x", "35=4|34=2|43=Y|122={t}|36=4|123=Y")
        assert rig.tx() == []
        assert rig.store.next_in == 4

    @pytest.mark.parametrize("role", Role)
    def test_a_peer_without_the_field_is_asked(self, role: Role):
        rig = Rig(role, numbering=ON).connect()
        rig.rx("35=A|34=3|98=0|108=30")
        assert rig.tx()[-1] == "35=2|34=2|7=1|16=0"

    @pytest.mark.parametrize("role", Role)
    def test_without_our_own_we_ask(self, role: Role):
        rig = Rig(role).connect()
        next_expected = 1 if role is Role.ACCEPTOR else 2
        rig.rx(f"35=A|34=3|98=0|108=30|789={next_expected}")
        assert rig.tx()[-1] == "35=2|34=2|7=1|16=0"

    def test_both_sides_at_once(self):
        rig = Rig(store=kept("one"), numbering=ON).connect()
        rig.rx("35=A|34=3|98=0|108=30|789=1")
        assert rig.tx() == ["35=A|34=2|98=0|108=30|789=1", again(1, "one"), filled(2, 3)]


class TestMoreThanWeEverSent:
    @pytest.mark.parametrize("dialect", [STANDARD, QUICKFIX])
    def test_an_acceptor_logs_out_and_names_both(self, dialect):
        rig = Rig(numbering=ON, dialect=dialect).connect()
        events = rig.rx("35=A|34=1000|98=0|108=30|789=1200")
        text = "NextExpectedMsgSeqNum too high, expecting 1 but received 1200"
        assert rig.tx() == [f"35=5|34=1|58={text}"]
        assert kinds(events) == [Violation, LogonRefused]
        assert violation(rig).rule == "next-expected-too-high"
        assert rig.session.wants_close
        assert rig.store.next_in == 1

    def test_an_initiator_does(self):
        rig = Rig(Role.INITIATOR, numbering=ON).connect()
        rig.tx()
        rig.rx("35=A|34=1|98=0|108=30|789=7")
        text = "NextExpectedMsgSeqNum too high, expecting 2 but received 7"
        assert rig.tx() == [f"35=5|34=2|58={text}"]
        assert rig.session.wants_close

    def test_a_prober_notes_it_and_stays(self):
        rig = Rig(Role.INITIATOR, observe=True).connect()
        rig.tx()
        rig.rx("35=A|34=1|98=0|108=30|789=7")
        assert violation(rig).rule == "next-expected-too-high"
        assert rig.tx() == []
        assert rig.session.phase is Phase.ACTIVE

    def test_a_number_that_is_too_low_comes_first(self):
        rig = Rig(store=MemoryStore(next_in=5), numbering=ON).connect()
        rig.rx("35=A|34=2|98=0|108=30|789=9")
        assert rig.tx() == ["35=5|34=1|58=MsgSeqNum too low, expecting 5 but received 2"]


class TestWithAReset:
    def test_an_acceptor_starts_at_1_whatever_was_expected(self):
        store = MemoryStore(next_out=2000, next_in=2000)
        rig = Rig(store=store, numbering=ON).connect()
        events = rig.rx("35=A|34=1|98=0|108=30|141=Y|789=700")
        assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y|789=2"]
        assert kinds(events) == [SequenceReset, LoggedOn]

    def test_a_venue_that_restarts_at_every_logon(self):
        store = MemoryStore(next_out=2000, next_in=2000)
        rig = Rig(store=store, numbering=ON, reset_on_logon=True).connect()
        rig.rx("35=A|34=1|98=0|108=30|789=2000")
        assert rig.tx() == ["35=A|34=1|98=0|108=30|789=2"]

    def test_an_initiator_sends_what_was_queued_behind_its_logon(self):
        rig = Rig(Role.INITIATOR, numbering=ON, reset_on_logon=True).connect()
        rig.session.send(b"B", b"148=late\x0133=1\x0158=x\x01", rig.now_ns)
        rig.tx()
        rig.rx("35=A|34=1|98=0|108=30|141=Y|789=2")
        assert rig.tx() == [again(2, "late")]
