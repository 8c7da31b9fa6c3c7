from __future__ import annotations

import logging

import pytest

from fixgate.net.clock import STEP_NS, Clock


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


HOUR = 3_600_000_000_000


def test_a_step_of_the_wall_clock_moves_nothing_by_itself():
    hands = Hands()
    clock = hands.clock()
    hands.wall -= HOUR
    assert clock.now_ns() == 1_000_000_000_000
    assert clock.wall_offset_ns() == -HOUR


@pytest.mark.parametrize("step", [HOUR, -HOUR, 1_000_000_000, -1_000_000_000, STEP_NS, -STEP_NS])
def test_a_step_is_followed_and_told_once(step, caplog):
    hands = Hands()
    clock = hands.clock()
    told: list[tuple[int, int]] = []
    clock.subscribe(lambda step_ns: told.append((step_ns, clock.now_ns())))
    assert clock.follow() == 0
    hands.wall += step
    hands.monotonic += 5
    hands.wall += 5
    assert clock.follow() == step
    assert clock.now_ns() == hands.wall
    assert told == [(step, hands.wall)]
    assert clock.follow() == 0
    assert told == [(step, hands.wall)]
    side = "forward" if step > 0 else "back"
    (record,) = caplog.records
    assert record.getMessage() == (
        f"= the wall clock was set {side} by {abs(step) / 1e9:.3f} s, or this machine slept: "
        "following it"
    )


def test_durations_are_of_the_clock_that_never_steps():
    hands = Hands()
    clock = hands.clock()
    before = clock.steady_ns()
    hands.wall += HOUR
    hands.monotonic += 7
    assert clock.utc_ns(before) == 1_000_000_000_000
    clock.follow()
    assert clock.steady_ns() - before == 7
    assert clock.utc_ns(clock.steady_ns()) == clock.now_ns()
    assert clock.now_ns() - clock.utc_ns(before) == 7


def test_a_sleeping_machine_is_a_step_too():
    """The monotonic clock stands still meanwhile; the wall clock is right."""
    hands = Hands()
    clock = hands.clock()
    hands.wall += HOUR
    assert clock.follow() == HOUR


@pytest.mark.parametrize("offset", [STEP_NS - 1, 1 - STEP_NS, 0])
def test_what_time_daemons_slew_is_no_step(offset):
    hands = Hands()
    clock = hands.clock()
    hands.wall += offset
    assert clock.follow() == 0
    assert clock.now_ns() == 1_000_000_000_000


@pytest.mark.parametrize("side", [1, -1])
def test_the_smear_of_a_leap_second_is_never_a_sudden_step(side, caplog):
    """A day long the wall clock runs 11.6 ppm slower, or faster, than the monotonic one.

    On Linux both are slewed and nothing parts; this is a system where only one is.
    """
    caplog.set_level(logging.DEBUG, "fixgate.clock")
    hands = Hands()
    clock = hands.clock()
    steps: list[int] = []
    clock.subscribe(steps.append)
    for _ in range(86_400):
        hands.monotonic += 1_000_000_000
        hands.wall += 1_000_000_000 + side * 11_574
        clock.follow()
        assert abs(clock.wall_offset_ns()) < STEP_NS
    assert sum(steps) * side > 0
    assert all(abs(step) < STEP_NS + 20_000 for step in steps)
    assert {record.levelno for record in caplog.records} == {logging.DEBUG}


def test_one_interrupted_reading_is_not_believed():
    hands = Hands()
    readings = iter([HOUR] * 5)

    def wall() -> int:
        return hands.wall + next(readings, 0)

    clock = hands.clock()
    clock._wall = wall
    assert clock.follow() == 0
    assert clock.follow() == 0
    assert clock.now_ns() == 1_000_000_000_000


def test_who_unsubscribed_hears_nothing():
    hands = Hands()
    clock = hands.clock()
    steps: list[int] = []
    clock.subscribe(steps.append)
    clock.unsubscribe(steps.append)
    clock.unsubscribe(steps.append)
    hands.wall += HOUR
    assert clock.follow() == HOUR
    assert steps == []


def test_a_listener_may_unsubscribe_while_it_is_told():
    hands = Hands()
    clock = hands.clock()
    steps: list[int] = []

    def once(step_ns: int) -> None:
        clock.unsubscribe(once)
        steps.append(step_ns)

    clock.subscribe(once)
    clock.subscribe(steps.append)
    hands.wall += HOUR
    clock.follow()
    assert steps == [HOUR, HOUR]


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
