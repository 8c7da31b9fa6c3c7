"""The geometry of axes, curves, courses and histograms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.latency.distribution import Recorder
from fixgate.latency.model import Distribution, Figure, Moment
from fixgate.report.latency.course import course_of
from fixgate.report.latency.curve import curve_of, lines_of
from fixgate.report.latency.histogram import histogram_of
from fixgate.report.latency.scale import Scale, plain_label
from tests.latency.samples import MS, START_NS, US, S


def spread(*values: int) -> Distribution:
    recorder = Recorder()
    for value in values:
        recorder.record(value)
    found = recorder.distribution()
    assert found is not None
    return found


# Axes.


def test_a_tenfold_is_as_far_everywhere():
    scale = Scale(US, 1_000 * US, 300.0)
    assert [scale.at(v) for v in (US, 10 * US, 100 * US, MS)] == pytest.approx([0, 100, 200, 300])
    assert (scale.at(1), scale.at(S)) == (0, 300)


@pytest.mark.parametrize(
    ("low_ns", "high_ns", "wanted"),
    [
        (230 * US, 204 * MS, (200 * US, 500 * MS)),
        (200 * US, 200 * US, (200 * US, 500 * US)),
        (1, 1, (1, 2)),
        (7 * S, 90 * S, (5 * S, 100 * S)),
    ],
)
def test_even_ends_are_round_and_hold_both(low_ns, high_ns, wanted):
    scale = Scale.even(low_ns, high_ns, 100.0)
    assert (scale.low_ns, scale.high_ns) == wanted


def test_marks_are_as_many_as_can_be_read():
    assert Scale(200 * US, 2 * MS, 100.0).marks(7) == [200 * US, 500 * US, MS, 2 * MS]
    wide = Scale(200 * US, 500 * MS, 100.0).marks(7)
    assert wide == [200 * US, MS, 10 * MS, 100 * MS, 500 * MS]
    assert len(Scale(1, 1000 * S, 100.0).marks(5)) <= 5


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(4, 9))
def test_marks_lie_on_the_axis_and_apart(one: int, other: int, at_most: int):
    scale = Scale.even(min(one, other), max(one, other), 190.0)
    marks = scale.marks(at_most)
    assert len(marks) <= at_most + 2
    assert marks == sorted(set(marks))
    assert all(scale.low_ns <= mark <= scale.high_ns for mark in marks)


def test_plain_labels():
    values = (1, 200, US, 50 * US, 2 * MS, 500 * MS, S, 100 * S)
    assert [plain_label(v) for v in values] == [
        "1 ns", "200 ns", "1 us", "50 us", "2 ms", "500 ms", "1 s", "100 s",
    ]  # fmt: skip


# The percentile curve.


def test_each_nine_is_as_far_as_the_one_before():
    curve = curve_of({Figure.WIRE: spread(*range(1, 10_001))}, 400.0, 100.0)
    assert curve is not None
    assert curve.x_marks == (
        (0.0, "0%"), (30.1, "50%"), (100.0, "90%"), (200.0, "99%"), (300.0, "99.9%"),
        (400.0, "99.99%"),
    )  # fmt: skip


def test_a_curve_begins_at_the_least_and_ends_at_the_greatest():
    found = spread(*[100 * US] * 500, *[200 * US] * 499, 90 * MS)
    curve = curve_of({Figure.WIRE: found}, 300.0, 100.0)
    assert curve is not None
    (line,) = curve.lines
    places = [tuple(map(float, point.split(","))) for point in line.points.split()]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)
    # From 100 us to 100 ms, a third of the height for each tenfold; 90 ms is just below the top.
    assert places[0] == (0.0, 100.0)
    assert places[-1] == pytest.approx((300.0, 1.5), abs=0.1)


def test_dots_tell_what_people_quote():
    curve = curve_of(
        {Figure.WIRE: spread(*[100 * US] * 99, MS), Figure.APP: spread(*[150 * US] * 99, 2 * MS)},
        300.0,
        100.0,
    )
    assert curve is not None
    wire, app = curve.lines
    assert [dot.label for dot in wire.dots][-2:] == ["wire p99: 100 µs", "wire max: 1.00 ms"]
    assert (wire.look, app.look) == ("wire", "app")
    assert app.dots[-1].label == "application max: 2.00 ms"


def test_a_curve_is_no_finer_than_what_was_measured():
    curve = curve_of({Figure.APP: spread(2 * MS, 3 * MS)}, 300.0, 100.0, precision_ns=MS)
    assert curve is not None
    assert curve.lines[0].dots[-1].label == "application max: 3 ms"


def test_one_sample_has_no_curve():
    assert curve_of({Figure.WIRE: spread(5)}, 300.0, 100.0) is None
    assert curve_of({}, 300.0, 100.0) is None
    assert lines_of([("a", spread(5))], 300.0, 100.0) is None


def test_sessions_share_their_axes():
    curve = lines_of([("a", spread(*[100 * US] * 10)), ("b", spread(*[10 * MS] * 1000))], 300, 90)
    assert curve is not None
    assert [(line.look, line.label) for line in curve.lines] == [("other", "a"), ("other", "b")]
    ends = [line.points.split()[-1] for line in curve.lines]
    assert ends[0].startswith("300,")
    assert float(ends[0].split(",")[1]) > float(ends[1].split(",")[1])


@given(st.lists(st.integers(1, 10**12), min_size=2, max_size=300))
def test_no_curve_leaves_its_frame(values: list[int]):
    curve = curve_of({Figure.WIRE: spread(*values)}, 460.0, 190.0)
    assert curve is not None
    for point in curve.lines[0].points.split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= 460
        assert 0 <= y <= 190


# The course of time.


def moment(at_s: int, median_ns: int, max_ns: int, marked: int = 0) -> Moment:
    return Moment(START_NS + at_s * S, 50, median_ns, max_ns, S, marked)


def test_a_course_shows_median_and_maximum_of_each_moment():
    course = course_of(
        [moment(0, 200 * US, 300 * US), moment(1, 200 * US, 20 * MS, marked=2)], 100.0, 60.0
    )
    assert course is not None
    quiet, spike = course.reaches
    assert (quiet.x, spike.x) == (25.0, 75.0)
    assert quiet.bottom == spike.bottom == 60.0
    assert spike.top < quiet.top < quiet.bottom
    assert (quiet.marked, spike.marked) == (False, True)
    assert spike.label == "08:30:01.000: median 200 µs, max 20.0 ms, 50 samples, 2 marked"
    assert course.medians == ("25,60 75,60",)
    assert [label for _, label in course.x_marks][::4] == ["08:30:00.000", "08:30:02.000"]


def test_where_nothing_was_measured_the_line_breaks():
    made = [moment(at_s, MS, 2 * MS) for at_s in (0, 1, 7, 8)]
    course = course_of(made, 90.0, 60.0)
    assert course is not None
    assert [len(run.split()) for run in course.medians] == [2, 2]


def test_one_moment_is_no_course():
    assert course_of([moment(0, MS, MS)], 90.0, 60.0) is None


# The histogram.


def test_bars_stand_where_the_values_are():
    found = spread(*[100 * US] * 900, *[10 * MS] * 100)
    histogram = histogram_of(found, 400.0, 100.0)
    assert histogram is not None
    low, high = histogram.blocks
    # The curve's points lie a twelfth of the rest apart, and so much may be off.
    assert (low.height, high.height) == (100.0, pytest.approx(11.1, rel=1 / 12))
    # From 80 us to 10 ms, so 100 us is 4.6 % of the way.
    assert low.x <= 400 * 0.0463 <= low.x + low.width + 1
    assert high.x + high.width == pytest.approx(399)
    assert low.label == "90.3 µs to 102 µs: 89.5 %, about 895 samples"


def test_one_far_off_is_seen_where_it_is():
    histogram = histogram_of(spread(*[100 * US] * 999, 200 * MS), 400.0, 100.0)
    assert histogram is not None
    assert len(histogram.blocks) == 2
    last = histogram.blocks[-1]
    assert last.x + last.width == pytest.approx(399)
    assert last.label.endswith("about 1 sample")
    assert last.height >= 1


def test_one_sample_is_no_histogram():
    assert histogram_of(spread(5), 400.0, 100.0) is None


@given(st.lists(st.integers(1, 10**11), min_size=2, max_size=400))
def test_bars_stay_inside_and_hold_something(values: list[int]):
    histogram = histogram_of(spread(*values), 400.0, 100.0)
    assert histogram is not None
    assert histogram.blocks
    for block in histogram.blocks:
        assert 0 <= block.x <= block.x + block.width <= 400
        assert 0 < block.height <= 100
