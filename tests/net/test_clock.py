from __future__ import annotations

from fixgate.net.clock import Clock


class Hands:
    """A pair of clocks that a test moves."""

    def __init__(self) -> None:
        self.wall = 1_000_000_000_000
        self.monotonic = 50

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.monotonic)


def test_starts_at_the_wall_clock_and_follows_the_monotonic_one():
    hands = Hands()
    clock = hands.clock()
    assert clock.now_ns() == 1_000_000_000_000
    hands.monotonic += 7
    assert clock.now_ns() == 1_000_000_000_007


def test_a_step_of_the_wall_clock_moves_nothing_but_is_seen():
    hands = Hands()
    clock = hands.clock()
    hands.wall -= 3_600_000_000_000
    assert clock.now_ns() == 1_000_000_000_000
    assert clock.wall_offset_ns() == -3_600_000_000_000


def test_anchors_on_the_reading_that_was_not_interrupted():
    # Pairs of monotonic readings round one of the wall; only the third bracket is tight.
    monotonic = iter([0, 900, 1000, 1900, 2000, 2002, 3000, 3900, 4000, 4900])
    wall = iter([10_100, 11_800, 12_001, 13_050, 14_700])
    clock = Clock(lambda: next(wall), lambda: next(monotonic, 5000))
    assert clock.now_ns() == 15_000


def test_the_real_clock_never_goes_back():
    clock = Clock()
    readings = [clock.now_ns() for _ in range(1000)]
    assert readings == sorted(readings)
