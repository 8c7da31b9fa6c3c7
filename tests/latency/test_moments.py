"""Slices of time, held against all of the values."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.latency.moments import MOMENTS, Moments, Sizes
from tests.latency.samples import MS, START_NS, S

VALUES = st.lists(st.integers(1, 10**11), min_size=1, max_size=200)
TIMED = st.lists(
    st.tuples(st.integers(0, 10**13), st.integers(1, 10**10), st.booleans()),
    min_size=1,
    max_size=200,
)


def true_median(values: list[int]) -> int:
    return sorted(values)[(len(values) + 1) // 2 - 1]


@given(VALUES, st.integers(0, 200))
def test_sizes_know_their_middle_and_their_greatest(values: list[int], cut: int):
    left, right = Sizes(), Sizes()
    for value in values[:cut]:
        left.add(value)
    for value in values[cut:]:
        right.add(value)
    left.merge(right)
    assert left.count == len(values)
    assert left.max_ns == max(values)
    median = true_median(values)
    assert abs(left.median_ns() - median) <= median / 60


def test_nothing_has_no_middle():
    assert (Sizes().median_ns(), Sizes().max_ns, Moments().moments()) == (0, 0, ())


@given(TIMED)
@settings(deadline=None)
def test_slices_are_few_even_and_lose_nothing(timed: list[tuple[int, int, bool]]):
    moments = Moments()
    for at_ns, value_ns, marked in timed:
        moments.take(START_NS + at_ns, value_ns, marked=marked)
    found = moments.moments()
    (width_ns,) = {moment.duration_ns for moment in found}
    slices: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for at_ns, value_ns, marked in timed:
        slices[(START_NS + at_ns) // width_ns * width_ns].append((value_ns, marked))
    assert [moment.at_ns for moment in found] == sorted(slices)
    assert (found[-1].at_ns - found[0].at_ns) // width_ns < MOMENTS
    for moment in found:
        values = [value for value, _ in slices[moment.at_ns]]
        assert (moment.count, moment.max_ns) == (len(values), max(values))
        assert moment.marked == sum(marked for _, marked in slices[moment.at_ns])
        assert abs(moment.median_ns - true_median(values)) <= true_median(values) / 60


@pytest.mark.parametrize("length_s", [1, 10, 60, 3600, 86_400])
def test_a_run_of_any_length_fills_a_chart(length_s: int):
    moments = Moments()
    for step in range(2000):
        moments.take(START_NS + step * length_s * S // 2000, MS)
    assert MOMENTS // 2 - 1 <= len(moments.moments()) <= MOMENTS


def test_what_comes_late_goes_where_it_belongs():
    moments = Moments(limit=4)
    for at_ms, value in ((100, 5), (101, 7), (99, 3), (107, 9)):
        moments.take(at_ms * MS, value)
    assert [(m.at_ns, m.duration_ns, m.count, m.max_ns) for m in moments.moments()] == [
        (96 * MS, 4 * MS, 1, 3),
        (100 * MS, 4 * MS, 2, 7),
        (104 * MS, 4 * MS, 1, 9),
    ]
