"""Figures of how late something was, and how wrong they may be."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.lateness import Lateness, LatenessHistogram


def _of(*late_ns: int) -> Lateness:
    histogram = LatenessHistogram()
    for value in late_ns:
        histogram.add(value)
    return histogram.summary()


def test_nothing_counted_is_all_zeros():
    assert _of() == Lateness(0, 0, 0, 0)


def test_small_figures_are_exact():
    assert _of(*range(1, 16)) == Lateness(15, 8, 15, 15)


def test_one_in_a_hundred_is_beyond_p99():
    assert _of(*[10] * 99, 5_000_000) == Lateness(100, 10, 10, 5_000_000)
    assert _of(*[10] * 98, 5_000_000, 5_000_000).p99_ns == 5_000_000


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=300))
def test_a_figure_is_at_most_a_sixteenth_too_high(late_ns: list[int]):
    found = _of(*late_ns)
    ordered = sorted(late_ns)
    for percent, figure in ((50, found.p50_ns), (99, found.p99_ns)):
        true = ordered[-(-len(ordered) * percent // 100) - 1]
        assert true <= figure <= true + true // 16
    assert (found.count, found.max_ns) == (len(late_ns), ordered[-1])
