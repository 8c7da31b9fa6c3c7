"""ResetSeqNumFlag(141) at Logon: asked for, forced, demanded, refused, followed.

Spec: FIX 4.4 volume 2, "Logon": ResetSeqNumFlag(141); test case 9.
"""

from __future__ import annotations

import pytest

from fixgate.session.events import LoggedOn, LogonRefused, SequenceReset, Violation
from fixgate.session.phase import Phase
from fixgate.session.policies import NumberingPolicy, ResetFlag
from fixgate.session.settings import Role
from fixgate.session.store import MemoryStore
from tests.session.rig import Rig, kinds, violation

BEGINS = pytest.mark.parametrize("begin", ["FIX.4.1", "FIX.4.4"])


def acceptor(flag: ResetFlag, begin: str = "FIX.4.4", **changes: object) -> Rig:
    """Has sent up to number 39 and taken up to 49."""
    store = MemoryStore(next_out=40, next_in=50)
    numbering = NumberingPolicy(reset_flag=flag)
    return Rig(begin=begin, store=store, numbering=numbering, **changes).connect()


class TestForced:
    @BEGINS
    @pytest.mark.parametrize("number", [1, 12, 50, 70])
    def test_at_every_logon_whatever_its_number(self, begin: str, number: int):
        rig = acceptor(ResetFlag.FORCE, begin)
        events = rig.rx(f"35=A|34={number}|98=0|108=30")
        assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y"]
        assert events[0] == SequenceReset(by_peer=False)
        assert isinstance(events[1], LoggedOn)
        assert events[1].reset
        assert (rig.store.next_in, rig.store.next_out) == (2, 2)
        rig.rx("35=1|34=2|112=x")
        assert rig.tx() == ["35=0|34=2|112=x"]

    def test_one_that_asks_for_it(self):
        rig = acceptor(ResetFlag.FORCE)
        events = rig.rx("35=A|34=1|98=0|108=30|141=Y")
        assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y"]
        assert events[0] == SequenceReset(by_peer=True)

    def test_whatever_the_peer_expected(self):
        numbering = NumberingPolicy(next_expected=True, reset_flag=ResetFlag.FORCE)
        rig = Rig(store=MemoryStore(next_out=40, next_in=50), numbering=numbering).connect()
        rig.rx("35=A|34=50|98=0|108=30|789=40")
        assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y|789=2"]

    def test_fix_4_0_has_no_such_flag(self):
        rig = acceptor(ResetFlag.FORCE, "FIX.4.0")
        rig.rx("35=A|34=50|98=0|108=30")
        assert rig.tx() == ["35=A|34=40|98=0|108=30"]


class TestDemanded:
    @BEGINS
    def test_a_logon_without_it_is_refused(self, begin: str):
        rig = acceptor(ResetFlag.DEMAND, begin)
        rig.rx("35=A|34=50|98=0|108=30")
        text = "ResetSeqNumFlag(141): expected Y; numbers restart at 1 at every Logon here"
        assert rig.tx() == [f"35=5|34=40|58={text}"]
        assert kinds(rig.events) == [Violation, LogonRefused]
        assert violation(rig).rule == "reset-demanded"
        assert rig.session.wants_close
        assert rig.store.next_in == 50

    @pytest.mark.parametrize("flag", ["N", "Y"])
    def test_it_must_be_y(self, flag: str):
        rig = acceptor(ResetFlag.DEMAND)
        rig.rx(f"35=A|34=1|98=0|108=30|141={flag}")
        assert rig.session.wants_close is (flag == "N")

    def test_fix_4_0_is_not_asked_for_it(self):
        rig = acceptor(ResetFlag.DEMAND, "FIX.4.0")
        rig.rx("35=A|34=50|98=0|108=30")
        assert rig.session.phase is Phase.ACTIVE


class TestRefused:
    TEXT = "ResetSeqNumFlag(141)=Y is not taken here; sequence numbers continue"

    @BEGINS
    def test_a_logon_with_it(self, begin: str):
        rig = acceptor(ResetFlag.REFUSE, begin)
        rig.rx("35=A|34=1|98=0|108=30|141=Y")
        assert rig.tx() == [f"35=5|34=40|58={self.TEXT}"]
        assert violation(rig).rule == "reset-refused"
        assert rig.session.wants_close
        assert (rig.store.next_in, rig.store.next_out) == (50, 41)

    def test_one_without(self):
        rig = acceptor(ResetFlag.REFUSE)
        rig.rx("35=A|34=50|98=0|108=30|141=N")
        assert rig.tx() == ["35=A|34=40|98=0|108=30"]

    def test_in_session_too(self):
        rig = acceptor(ResetFlag.REFUSE)
        rig.rx("35=A|34=50|98=0|108=30", "35=A|34=1|98=0|108=30|141=Y")
        assert rig.tx()[1:] == [f"35=5|34=41|58={self.TEXT}"]
        assert rig.store.next_in == 51


class TestAnInitiator:
    def logon(self, flag: ResetFlag, **changes: object) -> Rig:
        store = MemoryStore(next_out=40, next_in=50)
        numbering = NumberingPolicy(reset_flag=flag)
        return Rig(Role.INITIATOR, store=store, numbering=numbering, **changes).connect()

    @pytest.mark.parametrize("flag", [ResetFlag.AS_ASKED, ResetFlag.FOLLOW])
    def test_never_asks_by_itself(self, flag: ResetFlag):
        assert self.logon(flag).tx() == ["35=A|34=40|98=0|108=30"]

    def test_refuses_what_it_did_not_ask_for(self):
        rig = self.logon(ResetFlag.AS_ASKED)
        rig.tx()
        rig.rx("35=A|34=1|98=0|108=30|141=Y")
        text = "ResetSeqNumFlag(141)=Y was not asked for; our numbers stay as they are"
        assert rig.tx() == [f"35=5|34=41|58={text}"]

    @pytest.mark.parametrize("observe", [False, True])
    def test_or_follows(self, observe: bool):
        rig = self.logon(ResetFlag.FOLLOW, observe=observe)
        rig.tx()
        events = rig.rx("35=A|34=1|98=0|108=30|141=Y")
        assert events[0] == SequenceReset(by_peer=True)
        assert isinstance(events[1], LoggedOn)
        assert rig.tx() == []
        assert (rig.store.next_in, rig.store.next_out) == (2, 2)
        rig.rx("35=1|34=2|112=x")
        assert rig.tx() == ["35=0|34=2|112=x"]

    def test_what_was_queued_before_such_a_reset_is_gone(self):
        rig = self.logon(ResetFlag.FOLLOW)
        rig.session.send(b"B", b"148=late\x0133=1\x0158=x\x01", rig.now_ns)
        rig.tx()
        rig.rx("35=A|34=1|98=0|108=30|141=Y")
        assert rig.tx() == []
        assert rig.store.next_out == 2

    def test_one_that_asked_has_restarted_already(self):
        rig = self.logon(ResetFlag.FOLLOW, reset_on_logon=True)
        rig.session.send(b"B", b"148=late\x0133=1\x0158=x\x01", rig.now_ns)
        rig.tx()
        rig.rx("35=A|34=1|98=0|108=30|141=Y")
        assert rig.store.next_out == 4, "the Logon, what was queued, the Heartbeat that shows it"


def test_both_ends_of_a_forced_restart_agree():
    forces = acceptor(ResetFlag.FORCE)
    follows = TestAnInitiator().logon(ResetFlag.FOLLOW)
    forces.rx("35=A|34=40|98=0|108=30")
    (answer,) = forces.tx()
    follows.rx(answer)
    assert (forces.store.next_in, forces.store.next_out) == (2, 2)
    assert (follows.store.next_in, follows.store.next_out) == (2, 2)
