"""Agreeing on HeartBtInt(108) at Logon, in both roles.

Spec: FIX 4.4 volume 2, "Logon": the acceptor answers the interval that the initiator declared.
"""

from __future__ import annotations

import pytest

from fixgate.session.events import LoggedOn, LogonRefused, Reaction, Violation
from fixgate.session.phase import Phase
from fixgate.session.policies import HeartbeatAnswer, HeartbeatPolicy
from fixgate.session.settings import Role
from tests.session.rig import Rig, kinds, violation

RANGE = HeartbeatPolicy(5, 60, zero=False, on_mismatch=HeartbeatAnswer.REFUSE)


def impose(value_s: int | None = None) -> HeartbeatPolicy:
    return HeartbeatPolicy(5, 60, zero=False, on_mismatch=HeartbeatAnswer.IMPOSE, value_s=value_s)


class TestAnAcceptor:
    @pytest.mark.parametrize("asked", [5, 30, 60])
    def test_takes_what_is_within_its_range(self, asked: int):
        rig = Rig(heartbeats=RANGE).connect()
        rig.rx(f"35=A|34=1|98=0|108={asked}")
        assert rig.tx() == [f"35=A|34=1|98=0|108={asked}"]
        rig.after(asked)
        assert rig.tx() == ["35=0|34=2"]

    @pytest.mark.parametrize("asked", [0, 4, 61, 86_400])
    def test_refuses_what_is_not_and_names_the_range(self, asked: int):
        rig = Rig(heartbeats=RANGE).connect()
        rig.rx(f"35=A|34=1|98=0|108={asked}")
        text = f"HeartBtInt(108): received {asked} s, expected 5 to 60 s"
        assert rig.tx() == [f"35=5|34=1|58={text}"]
        assert kinds(rig.events) == [Violation, LogonRefused]
        assert violation(rig).rule == "heartbeat"
        assert rig.session.wants_close
        assert rig.store.next_in == 1

    @pytest.mark.parametrize(
        ("policy", "asked", "wanted"),
        [
            (HeartbeatPolicy(5, 60), 2, "5 to 60 s or 0"),
            (HeartbeatPolicy(30, 30, zero=False), 31, "30 s"),
            (HeartbeatPolicy(0, 60, zero=False), 0, "1 to 60 s"),
        ],
    )
    def test_names_any_range(self, policy: HeartbeatPolicy, asked: int, wanted: str):
        assert not policy.takes(asked)
        assert policy.wanted == wanted

    @pytest.mark.parametrize(("asked", "answered"), [(2, 5), (90, 60), (0, 5), (7, 7)])
    def test_imposes_the_nearest(self, asked: int, answered: int):
        rig = Rig(heartbeats=impose()).connect()
        (event,) = rig.rx(f"35=A|34=1|98=0|108={asked}")
        assert rig.tx() == [f"35=A|34=1|98=0|108={answered}"]
        assert isinstance(event, LoggedOn)
        assert (event.heartbeat_s, event.asked_heartbeat_s) == (answered, answered)
        rig.after(answered)
        assert rig.tx() == ["35=0|34=2"]

    def test_imposes_a_value_of_its_own(self):
        rig = Rig(heartbeats=impose(30)).connect()
        rig.rx("35=A|34=1|98=0|108=2")
        assert rig.tx() == ["35=A|34=1|98=0|108=30"]

    def test_accepts_and_says_so(self):
        policy = HeartbeatPolicy(5, 60, on_mismatch=HeartbeatAnswer.ACCEPT)
        rig = Rig(heartbeats=policy).connect()
        rig.rx("35=A|34=1|98=0|108=2")
        assert rig.tx() == ["35=A|34=1|98=0|108=2"]
        assert violation(rig).reaction is Reaction.NONE

    def test_zero_whatever_the_least_is(self):
        rig = Rig(heartbeats=HeartbeatPolicy(5, 60)).connect()
        rig.rx("35=A|34=1|98=0|108=0")
        assert rig.tx() == ["35=A|34=1|98=0|108=0"]
        assert rig.session.deadline_ns is None

    def test_nothing_is_reset_for_a_logon_that_is_refused(self):
        rig = Rig(heartbeats=RANGE, reset_on_logon=True).log_on()
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        rig.rx("35=A|34=1|98=0|108=2|141=Y")
        assert rig.tx() == ["35=5|34=2|58=HeartBtInt(108): received 2 s, expected 5 to 60 s"]
        assert rig.store.next_in == 2

    def test_by_default_anything(self):
        rig = Rig().connect()
        rig.rx("35=A|34=1|98=0|108=86400")
        assert rig.tx() == ["35=A|34=1|98=0|108=86400"]

    def test_a_reset_in_session_is_no_way_around_it(self):
        rig = Rig(heartbeats=RANGE).log_on()
        rig.rx("35=A|34=1|98=0|108=2|141=Y")
        assert rig.tx() == ["35=5|34=2|58=HeartBtInt(108): received 2 s, expected 5 to 60 s"]
        rig = Rig(heartbeats=impose()).log_on()
        rig.rx("35=A|34=1|98=0|108=2|141=Y")
        assert rig.tx() == ["35=A|34=1|98=0|108=5|141=Y"]

    @pytest.mark.parametrize(
        ("field", "received"), [("", "nothing"), ("|108=x", "'x'"), ("|108=86401", "'86401'")]
    )
    def test_a_reset_in_session_without_an_interval(self, field: str, received: str):
        rig = Rig().log_on()
        rig.rx(f"35=A|34=1|98=0{field}|141=Y")
        text = f"HeartBtInt(108): received {received}, expected seconds from 0 to 86400"
        assert rig.tx() == [f"35=5|34=2|58={text}"]
        assert rig.store.next_in == 2

    def test_a_prober_takes_its_own_instead(self):
        rig = Rig(Role.INITIATOR, observe=True).log_on()
        rig.rx("35=A|34=1|98=0|141=Y")
        assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y"]
        rig.after(30)
        assert rig.tx() == ["35=0|34=2"]


class TestAnInitiator:
    def logon(self, answer: HeartbeatAnswer, **changes: object) -> Rig:
        policy = HeartbeatPolicy(on_mismatch=answer)
        rig = Rig(Role.INITIATOR, heartbeats=policy, **changes).connect()
        assert rig.tx() == ["35=A|34=1|98=0|108=30"]
        return rig

    def test_takes_the_acceptors_value(self):
        rig = self.logon(HeartbeatAnswer.ACCEPT)
        (event,) = rig.rx("35=A|34=1|98=0|108=10")
        assert isinstance(event, LoggedOn)
        assert (event.heartbeat_s, event.asked_heartbeat_s) == (10, 30)
        rig.after(10)
        assert rig.tx() == ["35=0|34=2"]

    @pytest.mark.parametrize("observe", [False, True])
    def test_or_refuses_it(self, observe: bool):
        rig = self.logon(HeartbeatAnswer.REFUSE, observe=observe)
        rig.rx("35=A|34=1|98=0|108=10")
        assert rig.tx() == ["35=5|34=2|58=HeartBtInt(108): asked for 30 s, the answer is 10 s"]
        assert violation(rig).rule == "heartbeat"
        assert rig.session.wants_close

    def test_what_it_asked_for_is_never_refused(self):
        rig = self.logon(HeartbeatAnswer.REFUSE)
        rig.rx("35=A|34=1|98=0|108=30")
        assert rig.session.phase is Phase.ACTIVE
