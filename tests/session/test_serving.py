"""How much of a ResendRequest is served. Spec: test case 8; the caps are venues' own."""

from __future__ import annotations

import pytest

from fixgate.session.events import ResendServed
from fixgate.session.policies import BeyondLimit, ResendPolicy
from fixgate.session.settings import Role
from tests.session.rig import Rig, violation

BOTH = pytest.mark.parametrize("role", Role)
T = "20260302-09:00:00.000"


def talked(role: Role, **policy: object) -> Rig:
    """Active, News 2 to 6 sent."""
    rig = Rig(role, resends=ResendPolicy(**policy)).log_on()  # type: ignore[arg-type]
    for number in range(2, 7):
        rig.session.send(b"B", b"148=%d\x0133=1\x0158=x\x01" % number, rig.now_ns)
    rig.tx()
    return rig


def again(number: int) -> str:
    return f"35=B|34={number}|43=Y|122={T}|148={number}|33=1|58=x"


def filled(number: int, new: int) -> str:
    return f"35=4|34={number}|43=Y|122={T}|36={new}|123=Y"


@BOTH
class TestAtMost:
    @pytest.mark.parametrize("end", ["0", "6", "999999"])
    def test_what_is_beyond_is_gap_filled(self, role: Role, end: str):
        rig = talked(role, serve_limit=3)
        rig.rx(f"35=2|34=2|7=2|16={end}")
        assert rig.tx() == [again(2), again(3), again(4), filled(5, 7)]
        assert rig.events[-1] == ResendServed(2, int(end))

    def test_or_refused(self, role: Role):
        rig = talked(role, serve_limit=3, beyond_limit=BeyondLimit.REFUSE)
        rig.rx("35=2|34=2|7=2|16=0")
        text = (
            "BeginSeqNo(7) and EndSeqNo(16): received 2 to 0, 5 messages; at most 3 in one request"
        )
        assert rig.tx() == [f"35=3|34=7|45=2|58={text}|371=16|372=2|373=5"]
        assert violation(rig).rule == "resend-range"
        assert rig.store.next_in == 3
        rig.rx("35=2|34=3|7=2|16=4", "35=2|34=4|7=5|16=6")
        assert rig.tx() == [again(number) for number in range(2, 7)]

    @pytest.mark.parametrize("beyond", BeyondLimit)
    def test_what_is_within_is_sent(self, role: Role, beyond: BeyondLimit):
        rig = talked(role, serve_limit=5, beyond_limit=beyond)
        rig.rx("35=2|34=2|7=2|16=0")
        assert rig.tx() == [again(number) for number in range(2, 7)]

    def test_an_impossible_range_is_told_first(self, role: Role):
        rig = talked(role, serve_limit=3, beyond_limit=BeyondLimit.REFUSE)
        rig.rx("35=2|34=2|7=9|16=0")
        assert "received 9 to 0, we sent 1 to 6" in rig.tx()[0]


def test_a_logon_that_asks_for_too_much_cannot_be_refused():
    rig = talked(Role.ACCEPTOR, serve_limit=2, beyond_limit=BeyondLimit.REFUSE)
    rig.session.disconnected(rig.now_ns)
    rig.connect()
    rig.rx("35=A|34=2|98=0|108=30|789=2")
    assert rig.tx() == ["35=A|34=7|98=0|108=30", again(2), again(3), filled(4, 8)]
