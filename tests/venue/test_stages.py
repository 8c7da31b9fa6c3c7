from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.dice import Exponential, Fixed, LogNormal, Normal, Spike, Uniform
from fixgate.venue.stages import (
    Pause,
    Reading,
    RequestStamp,
    Stage,
    StageSettings,
    VenueStages,
)

MS = 1_000_000
SECOND = 1000 * MS


def stage(settings: StageSettings, seed: int = 1) -> Stage:
    return Stage(settings, random.Random(seed))


class Rolls:
    """Dice that come out as they are told."""

    def __init__(self, *rolls: float) -> None:
        self._rolls = list(rolls)

    def random(self) -> float:
        return self._rolls.pop(0)


def test_a_fixed_delay_is_no_queue():
    slow = stage(StageSettings(Fixed(20 * MS)))
    assert [slow.admit("A", at * MS) for at in (0, 1, 2, 50)] == [
        20 * MS,
        21 * MS,
        22 * MS,
        70 * MS,
    ]


def test_a_stage_that_does_nothing_takes_no_time():
    assert stage(StageSettings()).admit("A", 7) == 7


def test_one_slow_message_holds_up_those_behind_it_in_its_lane():
    slow = Stage(StageSettings(Spike(MS, 80 * MS, 0.05)), Rolls(0.01, 0.9, 0.9, 0.9))
    assert slow.admit("A", 0) == 80 * MS
    assert slow.admit("A", 10 * MS) == 80 * MS
    assert slow.admit("B", 10 * MS) == 11 * MS
    assert slow.admit("A", 90 * MS) == 91 * MS


def test_what_comes_faster_than_the_rate_waits():
    slow = stage(StageSettings(Fixed(5 * MS), max_rate=100))
    burst = [slow.admit("A", 0), slow.admit("B", 0), slow.admit("C", 0), slow.admit("A", SECOND)]
    assert burst == [5 * MS, 15 * MS, 25 * MS, SECOND + 5 * MS]


def test_a_pause_begins_with_the_first_message_after_it_is_due():
    slow = stage(StageSettings(pause=Pause(10 * SECOND, 80 * MS)))
    assert slow.admit("A", 3 * SECOND) == 3 * SECOND
    assert slow.admit("A", 12_999 * MS) == 12_999 * MS
    assert slow.admit("A", 13_500 * MS) == 13_580 * MS
    assert slow.admit("B", 13_530 * MS) == 13_580 * MS
    assert slow.admit("B", 13_580 * MS) == 13_580 * MS
    assert slow.admit("B", 23_499 * MS) == 23_499 * MS
    assert slow.admit("B", 23_500 * MS) == 23_580 * MS


def test_nothing_is_worked_on_in_a_pause():
    slow = stage(StageSettings(pause=Pause(SECOND, 80 * MS), max_rate=100))
    assert slow.admit("A", 0) == 0
    assert [slow.admit("A", SECOND) for _ in range(3)] == [1080 * MS, 1090 * MS, 1100 * MS]


def test_a_message_may_have_to_wait_for_something_else_and_its_lane_with_it():
    slow = stage(StageSettings(Fixed(MS)))
    assert slow.admit("A", 0, 30 * MS) == 30 * MS
    assert slow.admit("A", 2 * MS) == 30 * MS
    assert slow.admit("B", 2 * MS) == 3 * MS


def test_a_lane_that_is_forgotten_begins_anew():
    slow = Stage(StageSettings(Uniform(0, 9)), Rolls(0.99, 0.0))
    assert slow.admit("A", 0) == 9
    slow.forget("A")
    slow.forget("B")
    assert slow.admit("A", 1) == 1


def test_stages_are_shown_in_a_line():
    slow = StageSettings(Fixed(MS))
    assert str(VenueStages(seed=3)) == "stages: none takes time; seed 3"
    assert (
        str(
            VenueStages(
                gateway=slow,
                matching=slow,
                reports=slow,
                reply=slow,
                reading=Reading(1, 1),
                stamps=RequestStamp.BEFORE_GATEWAY,
            )
        )
        == "stages: gateway, matching, reports, reply, reading; seed 1; stamps before_gateway"
    )


DISTRIBUTIONS = st.one_of(
    st.builds(Fixed, st.integers(0, SECOND)),
    st.builds(lambda low, more: Uniform(low, low + more), st.integers(0, SECOND), st.integers(0)),
    st.builds(Normal, st.integers(0, SECOND), st.integers(0, SECOND)),
    st.builds(
        lambda m, more: LogNormal(m, m + more), st.integers(0, SECOND), st.integers(0, SECOND)
    ),
    st.builds(Exponential, st.integers(0, SECOND)),
    st.builds(Spike, st.integers(0, SECOND), st.integers(0, SECOND), st.floats(0.01, 0.99)),
)
SETTINGS = st.builds(
    StageSettings,
    DISTRIBUTIONS,
    st.none() | st.builds(Pause, st.integers(1, SECOND), st.integers(1, SECOND)),
    st.none() | st.integers(1, 1_000_000),
)
ARRIVALS = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, SECOND), st.sampled_from((0, 0, SECOND))),
    max_size=30,
)


@given(SETTINGS, ARRIVALS, st.integers(0, 100))
def test_order_is_kept_in_a_lane_nothing_goes_before_it_comes_and_a_seed_says_it_all(
    settings: StageSettings, arrivals: list[tuple[str, int, int]], seed: int
):
    def play() -> list[tuple[str, int, int]]:
        one, at_ns, left = stage(settings, seed), 0, []
        for lane, later_ns, floor_ns in arrivals:
            at_ns += later_ns
            left.append((lane, at_ns, one.admit(lane, at_ns, at_ns + floor_ns)))
        return left

    left = play()
    assert left == play()
    assert all(leaves_ns >= at_ns for _, at_ns, leaves_ns in left)
    for lane in "ABC":
        mine = [leaves_ns for name, _, leaves_ns in left if name == lane]
        assert mine == sorted(mine)


@pytest.mark.parametrize("rate", [3, 1000])
def test_no_more_than_the_rate_is_worked_on_in_any_second(rate: int):
    slow = stage(StageSettings(max_rate=rate))
    left = [slow.admit(number, 0) for number in range(3 * rate)]
    assert max(sum(at <= each < at + SECOND for each in left) for at in left) <= rate + 1
