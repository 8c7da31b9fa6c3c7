"""A ResendRequest that comes again and again. Spec: none; see QuickFIX/J 268 and IronFix 46."""

from __future__ import annotations

import pytest

from fixgate.session.events import Reaction
from fixgate.session.phase import Phase
from fixgate.session.policies import ResendPolicy
from fixgate.session.repeats import Repeats
from fixgate.session.settings import Role
from tests.session.rig import SECOND, Rig, violation

BOTH = pytest.mark.parametrize("role", Role)
T = "20260302-09:00:00.000"


def talked(role: Role, **changes: object) -> Rig:
    """Active, one News sent as number 2."""
    rig = Rig(role, **changes).log_on()
    rig.session.send(b"B", b"148=x\x0133=1\x0158=x\x01", rig.now_ns)
    rig.tx()
    return rig


def ask(rig: Rig, number: int, begin: int = 2) -> list[str]:
    rig.rx(f"35=2|34={number}|7={begin}|16=0")
    return [text.split("|")[0] for text in rig.tx()]


@BOTH
class TestTheSameAgain:
    def test_three_times_and_no_more(self, role: Role):
        rig = talked(role)
        for number in range(2, 6):
            assert ask(rig, number) == ["35=B"]
            rig.seconds += 5
        rig.rx("35=2|34=6|7=2|16=0")
        text = (
            "BeginSeqNo(7) and EndSeqNo(16): received 2 to 0, for the 4. time since it was answered"
        )
        assert rig.tx() == [f"35=5|34=3|58={text}"]
        found = violation(rig)
        assert (found.rule, found.tag, found.reaction) == ("resend-loop", 7, Reaction.LOGOUT)
        assert rig.session.phase is Phase.LOGOUT_SENT

    def test_requests_within_a_second_have_not_seen_the_answer(self, role: Role):
        rig = talked(role)
        for number in range(2, 50):
            assert ask(rig, number) == ["35=B"]
            rig.seconds += 0.02
        assert rig.session.phase is Phase.ACTIVE

    def test_another_range_is_no_repetition(self, role: Role):
        rig = talked(role)
        rig.session.send(b"B", b"148=y\x0133=1\x0158=x\x01", rig.now_ns)
        rig.tx()
        for number in range(2, 12):
            assert "35=B" in ask(rig, number, begin=2 + number % 2)
            rig.seconds += 5
        assert rig.session.phase is Phase.ACTIVE

    def test_a_new_connection_begins_anew(self, role: Role):
        rig = talked(role)
        for number in range(2, 6):
            ask(rig, number)
            rig.seconds += 5
        rig.session.disconnected(rig.now_ns)
        rig.connect()
        rig.tx()
        rig.rx("35=A|34=6|98=0|108=30")
        rig.tx()
        assert "35=B" in ask(rig, 7)
        assert rig.session.phase is Phase.ACTIVE

    def test_as_often_as_the_settings_say(self, role: Role):
        rig = talked(role, resends=ResendPolicy(repeats=None))
        for number in range(2, 20):
            assert ask(rig, number) == ["35=B"]
            rig.seconds += 5
        strict = talked(role, resends=ResendPolicy(repeats=0))
        assert ask(strict, 2) == ["35=B"]
        strict.seconds += 5
        assert ask(strict, 3) == ["35=5"]

    def test_a_prober_stops_answering_and_stays(self, role: Role):
        rig = talked(role, observe=True)
        for number in range(2, 6):
            ask(rig, number)
            rig.seconds += 5
        assert ask(rig, 6) == []
        assert violation(rig).reaction is Reaction.IGNORED
        assert rig.store.next_in == 7
        assert rig.session.phase is Phase.ACTIVE


def test_what_is_on_its_way_is_not_sent_twice():
    rig = Rig().log_on()
    for number in range(2000):
        rig.session.send(b"B", b"148=%d\x0133=1\x0158=%b\x01" % (number, b"x" * 200), rig.now_ns)
    rig.session.output()
    rig.rx("35=2|34=2|7=2|16=0", "35=2|34=3|7=2|16=0", "35=2|34=4|7=2|16=0")
    numbers = []
    while rig.session.resending:
        numbers += [int(text.split("|")[1][3:]) for text in rig.tx()]
        rig.session.continue_resend(rig.now_ns)
    numbers += [int(text.split("|")[1][3:]) for text in rig.tx()]
    assert numbers == list(range(2, 2002))


def test_counting():
    repeats = Repeats()
    seen = [repeats.asked(5, at_s * SECOND // 10) for at_s in (0, 9, 10, 19, 20, 30)]
    assert seen == [0, 0, 1, 1, 2, 3]
    assert repeats.asked(6, 4 * SECOND) == 0
    assert repeats.asked(5, 9 * SECOND) == 0
