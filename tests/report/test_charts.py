from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.report.charts import dots_of, timeline_of
from tests.report.sample import fleet


def test_bars_fill_the_width_without_overlap():
    for check in fleet().checks:
        bars = timeline_of(check, 220).bars
        assert len(bars) == len(check.phases)
        assert all(b.width >= 5 for b in bars)
        assert all(a.x + a.width < b.x for a, b in pairwise(bars))
        assert abs(bars[-1].x + bars[-1].width - 220) < 0.1


def test_bar_says_what_it_is():
    bars = timeline_of(fleet().checks[-1], 220).bars
    assert [b.label for b in bars][1:4] == [
        "tcp: 250 µs",
        "tls: 3.00 ms, fail",
        "logon: not reached",
    ]
    assert bars[-1].status == "skipped"


def test_no_round_trips_no_dots():
    assert dots_of((), 320, 40) is None


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=10**12), min_size=1, max_size=30))
def test_dots_stay_on_the_axis(values):
    dots = dots_of(tuple(values), 320, 40)
    assert dots is not None
    assert all(0 <= x <= 320 and 0 < y < 40 for x, y, _ in dots.points)
    assert 0 <= dots.median_x <= 320
    assert [x for x, _ in dots.axis] == [0, 160, 320]
