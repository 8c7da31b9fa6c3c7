"""Liveness (test cases 4 to 6), what a prober lives with, secrets, and the history.

Spec: FIX 4.4 volume 2, "FIX Session-level Test Cases"; FIX Session Layer Test Cases 1.0.
Numbers in the transcripts follow the log-on of the rig: both sides have sent number 1.
"""

from __future__ import annotations

import pytest

from fixgate.errors import LocalProtocolError
from fixgate.session.dialect import QUICKFIX
from fixgate.session.events import (
    HeartbeatReceived,
    Reaction,
    TimedOut,
    Violation,
)
from fixgate.session.phase import Phase
from fixgate.session.settings import Credentials, Role
from fixgate.session.store import MemoryStore
from tests.session.rig import Rig, violation

BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)


@BOTH
class Test4To6Liveness:
    def test_4a_heartbeat_when_nothing_was_sent(self, role: Role):
        rig = Rig(role, heartbeat_s=6).log_on(6)
        rig.after(5.9)
        assert rig.tx() == []
        rig.after(0.1)
        assert rig.tx() == ["35=0|34=2"]
        rig.rx("35=0|34=2")
        rig.after(6)
        assert rig.tx() == ["35=0|34=3"]

    def test_4a_anything_sent_puts_the_heartbeat_off(self, role: Role):
        rig = Rig(role).log_on(10)
        rig.after(9)
        rig.session.send(b"B", b"148=x\x01", rig.now_ns)
        rig.rx("35=0|34=2")
        rig.tx()
        rig.after(9.9)
        assert rig.tx() == []
        rig.after(0.1)
        assert rig.tx() == ["35=0|34=3"]

    def test_4b_test_request_is_answered_with_its_id(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=1|34=2|112=HELLO")
        assert rig.tx() == ["35=0|34=2|112=HELLO"]

    def test_4b_huge_id(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=1|34=2|112=" + "x" * 60_000)
        assert rig.tx() == ["35=0|34=2|112=" + "x" * 60_000]

    @pytest.mark.parametrize("test_req_id", ["", "A\x01B"], ids=["empty", "SOH inside"])
    def test_4b_a_prober_sends_no_id_that_nobody_could_read(self, role: Role, test_req_id: str):
        rig = Rig(role, observe=True).log_on()
        rig.rx(f"35=1|34=2|112={test_req_id}")
        assert rig.tx() == ["35=0|34=2"]

    def test_6_silence_is_challenged_then_ended(self, role: Role):
        rig = Rig(role).log_on(10)
        rig.after(11.9)
        assert rig.tx() == ["35=0|34=2"]
        rig.after(0.1)
        (challenge,) = rig.tx()
        assert challenge.startswith("35=1|34=3|112=")
        rig.after(11.9)
        assert rig.tx() == ["35=0|34=4"], "heartbeats go on while the peer is challenged"
        assert rig.after(0.1) == [TimedOut("any message after our TestRequest")]
        assert rig.session.wants_close

    def test_6_an_answer_is_overdue_long_before_the_end(self, role: Role):
        rig = Rig(role).log_on(10)
        rig.after(13.9)
        assert not rig.session.unanswered(rig.now_ns)
        rig.after(0.1)
        assert rig.session.unanswered(rig.now_ns)
        rig.rx("35=0|34=2")
        assert not rig.session.unanswered(rig.now_ns)
        rig.after(30)
        assert rig.session.wants_close
        rig.session.disconnected(rig.now_ns)
        assert not rig.session.unanswered(rig.now_ns)

    def test_6_an_answer_is_enough(self, role: Role):
        rig = Rig(role).log_on(10)
        rig.after(12)
        challenge = rig.tx()[-1]
        rig.after(5)
        assert rig.rx("35=0|34=2|" + challenge.split("|")[-1])
        rig.after(11.9)
        assert not rig.session.wants_close

    def test_6_dialect_is_mute_while_challenged(self, role: Role):
        rig = Rig(role, dialect=QUICKFIX).log_on(6)
        rig.after(14.3)
        assert rig.tx() == ["35=0|34=2", "35=1|34=3|112=TEST"]

    def test_6_a_late_challenge_can_be_answered(self, role: Role):
        """The process slept, or its clock was set forward."""
        rig = Rig(role, heartbeat_s=10).log_on(10)
        rig.seconds += 600
        rig.session.wake(rig.now_ns)
        (challenge,) = rig.tx()
        assert challenge.startswith("35=1|34=2|112=")
        rig.after(11)
        assert not rig.session.wants_close
        assert rig.tx() == ["35=0|34=3"]
        rig.rx("35=0|34=2|" + challenge.split("|")[-1])
        rig.after(11)
        assert not rig.session.wants_close

    def test_zero_switches_heartbeats_off(self, role: Role):
        rig = Rig(role, heartbeat_s=0).log_on(0)
        assert rig.session.deadline_ns is None
        rig.after(86_400)
        assert rig.tx() == []

    def test_owners_test_request(self, role: Role):
        rig = Rig(role).log_on()
        rig.session.test_request(b"PING-1", rig.now_ns)
        assert rig.tx() == ["35=1|34=2|112=PING-1"]
        assert rig.rx("35=0|34=2|112=PING-1")[-1] == HeartbeatReceived(b"PING-1")

    def test_no_test_request_before_logon(self, role: Role):
        rig = Rig(role).connect()
        with pytest.raises(LocalProtocolError):
            rig.session.test_request(b"PING-1", rig.now_ns)


class TestObserving:
    """The prober records what an engine would log out for, and stays."""

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("35=0|34=2|8=FIX.4.2", "begin-string"),
            ("35=0|34=2|49=WT", "comp-id"),
            ("35=0|34=2|52=20260101-00:00:00", "sending-time"),
            ("35=0|34=2|999=1", "dictionary"),
            ("35=0|34=2|43=Y", "orig-sending-time-missing"),
        ],
    )
    def test_takes_the_message_all_the_same(self, text: str, rule: str):
        rig = Rig(Role.INITIATOR, observe=True).log_on()
        rig.rx(text)
        assert violation(rig).rule == rule
        assert violation(rig).reaction is Reaction.NONE
        assert rig.events[-1] == HeartbeatReceived(None)
        assert rig.tx() == []
        assert rig.store.next_in == 3

    @pytest.mark.parametrize("text", ["35=0|34=1", "35=0|34=-"])
    def test_leaves_what_cannot_be_taken(self, text: str):
        rig = Rig(Role.INITIATOR, observe=True).log_on()
        rig.rx(text)
        assert violation(rig).reaction is Reaction.IGNORED
        assert rig.tx() == []
        assert rig.session.phase is Phase.ACTIVE

    def test_logon_of_a_sloppy_venue(self):
        rig = Rig(Role.INITIATOR, observe=True).connect()
        rig.rx("35=A|34=1|98=0|108=30|52=20260101-00:00:00|49=OTHER")
        rules = [e.rule for e in rig.events if isinstance(e, Violation)]
        assert rules == ["comp-id", "sending-time"]
        assert rig.session.phase is Phase.ACTIVE


class TestSecrets:
    @pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
    def test_a_store_keeps_no_password(self, role: Role):
        kept: list[bytes] = []

        class Watched(MemoryStore):
            def sent(self, seq_num: int, message: bytes, now_ns: int) -> None:
                kept.append(message)
                super().sent(seq_num, message, now_ns)

            def received(self, next_in: int, message: bytes, now_ns: int) -> None:
                kept.append(message)
                super().received(next_in, message, now_ns)

        rig = Rig(role, store=Watched(), credentials=Credentials("desk", "hunter2")).connect()
        sent = rig.session.output()
        rig.rx("35=A|34=1|98=0|108=30|553=desk|554=hunter2")
        rig.rx("35=A|34=1|98=0|108=30|141=Y|553=desk|554=hunter2")
        assert len(kept) >= 3
        assert b"hunter2" not in b"".join(kept)
        assert b"\x01554=*******\x01" in b"".join(kept)
        assert (b"554=hunter2" in sent) is (role is Role.INITIATOR), "the wire has it whole"


class TestHistory:
    def test_every_message_and_event_is_recorded(self):
        rig = Rig().connect()
        rig.rx("35=A|34=1|98=0|108=30", "35=1|34=2|112=X")
        assert "".join(record.glyph for record in rig.history) == "<>=<>"
        assert [at for at, _ in rig.history.received()] == [rig.now_ns] * 2
