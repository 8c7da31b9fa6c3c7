"""Histograms of latencies, held against the exact figures of the same values."""

import math

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.latency.distribution import HIGHEST_NS, RAW_LIMIT, Recorder

VALUES = st.lists(st.integers(1, HIGHEST_NS), min_size=1, max_size=300)


def recorded(values: list[int], raw_limit: int = RAW_LIMIT) -> Recorder:
    recorder = Recorder(raw_limit)
    for each in values:
        recorder.record(each)
    return recorder


def exact(values: list[int], percentile: float) -> int:
    at = max(math.ceil(round(percentile * len(values) / 100, 6)), 1)
    return sorted(values)[at - 1]


def near(found: int, wanted: int) -> bool:
    """Three significant digits of a histogram: a part in a thousand."""
    return abs(found - wanted) <= max(wanted // 1000, 1) + 1


def test_nothing_has_no_distribution():
    assert Recorder().distribution() is None
    assert Recorder().value_at(99) == 0


@given(VALUES)
@settings(deadline=None)
def test_figures_are_those_of_the_values(values: list[int]):
    found = recorded(values).distribution()
    assert found is not None
    assert (found.count, found.min_ns, found.max_ns) == (len(values), min(values), max(values))
    assert found.mean_ns == sum(values) // len(values)
    for percentile, value in found.percentiles:
        assert value == exact(values, percentile), percentile


@pytest.mark.parametrize("raw_limit", [1, 100, 333])
def test_beyond_the_limit_figures_are_of_three_digits(raw_limit: int):
    values = [1000 + 37 * n * n for n in range(1000)]
    recorder = recorded(values, raw_limit)
    found = recorder.distribution()
    assert found is not None
    assert found.count == 1000
    assert (found.min_ns, found.max_ns) == (min(values), max(values))
    assert found.mean_ns == sum(values) // 1000
    assert recorder.value_at(100) == max(values)
    for percentile, value in found.percentiles:
        assert near(value, exact(values, percentile)), percentile
        assert recorder.value_at(percentile) == value


@given(VALUES)
@settings(deadline=None)
def test_a_curve_only_rises(values: list[int]):
    found = recorded(values).distribution()
    assert found is not None
    assert list(found.curve) == sorted(found.curve)
    assert [value for _, value in found.curve] == sorted(value for _, value in found.curve)
    assert found.curve[-1] == (100, max(values))


def test_only_percentiles_that_so_many_samples_can_tell():
    found = recorded(list(range(1, 101))).distribution()
    assert found is not None
    assert [percentile for percentile, _ in found.percentiles] == [50, 75, 90, 95, 99, 100]
    assert [p for p, _ in recorded([5] * 1000).distribution().percentiles][-2] == 99.9
    assert [p for p, _ in recorded([5] * 3).distribution().percentiles] == [50, 100]


def test_what_is_out_of_range_counts_at_its_end():
    recorder = recorded([0, -5, HIGHEST_NS * 2])
    assert recorder.count == 3
    assert recorder.distribution().max_ns == HIGHEST_NS
    assert recorder.distribution().min_ns == 1


def test_the_whole_histogram_can_be_read_back():
    found = recorded([1000, 2000, 3_000_000]).distribution()
    assert found is not None
    again = HdrHistogram.decode(found.hdr)
    assert again.get_total_count() == 3
    assert near(again.get_max_value(), 3_000_000)
