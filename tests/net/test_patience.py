from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fixgate.net.patience import ALLOWANCE, EARNED_NS, ORIGINS, Patience

HOME = "192.0.2.1"


def spent(patience: Patience, at_ns: int, origin: str = HOME) -> int:
    """How many refusals are afforded at one instant."""
    count = 0
    while patience.is_left(origin, at_ns):
        patience.spend(origin, at_ns)
        count += 1
    return count


def test_an_allowance_at_once_then_one_a_second():
    patience = Patience()
    assert spent(patience, 10**18) == ALLOWANCE
    assert spent(patience, 10**18 + EARNED_NS - 1) == 0
    assert spent(patience, 10**18 + EARNED_NS) == 1
    assert spent(patience, 10**18 + 5 * EARNED_NS) == 4


def test_it_is_earned_back_and_no_more_than_that():
    patience = Patience()
    spent(patience, 0)
    assert spent(patience, 10 * ALLOWANCE * EARNED_NS) == ALLOWANCE


def test_each_origin_has_its_own():
    patience = Patience()
    assert spent(patience, 0, "203.0.113.9") == ALLOWANCE
    assert spent(patience, 0, HOME) == ALLOWANCE


def test_of_many_origins_the_last_share_one():
    patience = Patience()
    heard = sum(spent(patience, 0, f"203.0.113.{number}") for number in range(200))
    assert heard == (ORIGINS + 1) * ALLOWANCE
    # Those that have earned all of it back are forgotten, and make room.
    assert spent(patience, ALLOWANCE * EARNED_NS, "198.51.100.7") == ALLOWANCE
    assert spent(patience, ALLOWANCE * EARNED_NS, "198.51.100.8") == ALLOWANCE


@given(st.lists(st.integers(0, 3 * EARNED_NS), max_size=300))
def test_never_more_than_the_allowance_and_one_a_second(pauses):
    patience, now_ns, heard = Patience(), 0, 0
    for pause in pauses:
        now_ns += pause
        if patience.is_left(HOME, now_ns):
            patience.spend(HOME, now_ns)
            heard += 1
        assert heard <= ALLOWANCE + now_ns // EARNED_NS
