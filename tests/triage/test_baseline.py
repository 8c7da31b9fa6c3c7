from __future__ import annotations

import pytest

from fixgate.triage.baseline import Baseline, Spread, baselines_of
from fixgate.triage.model import Mark
from fixgate.triage.spans import Span
from tests.triage.made import HEARTBEAT, ORDER, US, made, usual


def test_of_nothing_there_is_none():
    assert Spread.of([]) is None


def test_median_deviation_and_99th_percentile_by_hand():
    # 100 values from 1 to 100: the median by rank is 51, deviations are 0 to 50.
    spread = Spread.of(n * 1_000 for n in range(1, 101))
    assert spread == Spread(100, 1_000, 51_000, 99_000, 25_000)


def test_what_is_far_out_does_not_move_what_is_usual():
    quiet = Spread.of([10_000 + n for n in range(100)])
    loud = Spread.of([10_000 + n for n in range(100)] + [9_000_000] * 20)
    assert quiet is not None
    assert loud is not None
    assert loud.p99_ns == quiet.p99_ns


@pytest.mark.parametrize(("value", "slow"), [(200, True), (131, True), (130, False), (99, False)])
def test_slow_is_above_the_percentile_and_three_deviations(value: int, slow: bool):
    assert Spread(100, 50, 100, 99, 10).is_slow(value) is slow
    assert Spread(100, 50, 100, 150, 10).is_slow(140) is False


def test_excess_is_over_the_median_and_never_below_nothing():
    spread = Spread(100, 50, 100, 120, 10)
    assert (spread.excess_ns(130), spread.excess_ns(90)) == (30, 0)


def test_marked_samples_are_left_out_unless_most_are():
    sound = usual(count=30)
    marked = [made(wire=90_000, marks=frozenset({Mark.STALLED})) for _ in range(30)]
    wire = Baseline.of([*sound, *marked]).get(Span.WIRE)
    assert wire is not None
    assert wire.count == 30
    wire = Baseline.of([*sound, *marked, marked[0]]).get(Span.WIRE)
    assert wire is not None
    assert wire.count == 61


def test_where_nothing_is_usual_all_is_excess_and_nothing_is_slow():
    nothing = Baseline()
    assert nothing.count == 0
    assert nothing.excess_ns(Span.WIRE, 500) == 500
    assert nothing.excess_ns(Span.FROM_VENUE, -500) == 0
    assert not nothing.is_slow(Span.WIRE, 10**9)


def test_each_exchange_of_each_session_has_its_own():
    found = baselines_of([*usual(HEARTBEAT, wire=500), *usual(ORDER, wire=900)])
    assert set(found) == {("venue", HEARTBEAT), ("venue", ORDER)}
    wire = found["venue", ORDER].get(Span.WIRE)
    assert wire is not None
    assert wire.median_ns > 800 * US
