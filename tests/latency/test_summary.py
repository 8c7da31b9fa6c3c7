"""From samples to what a report says of them."""

import pytest

from fixgate.latency.budget import parse_budget
from fixgate.latency.model import Figure, LatencyReport, Mode, Series
from fixgate.latency.slowest import Context
from fixgate.latency.summary import SoFar, Summary
from fixgate.triage.model import (
    Confidence,
    Exchange,
    Layer,
    Mark,
    Sample,
    StampSource,
    Verdict,
)
from fixgate.triage.split import Part
from tests.latency.samples import MS, START_NS, US, S, sample

FRAME = LatencyReport(Mode.OPEN, ("xlon",), START_NS, 10 * S, (), remarks=("before",), host="desk")


def judge(each: Sample) -> Verdict:
    layer = Layer.HOST if each.app_ns > 2 * each.best_ns else Layer.GATEWAY
    return Verdict(layer, Confidence.HIGH, "made-up", f"{each.name} was slow")


def split(each: Sample) -> list[Part]:
    return [Part(Layer.UNATTRIBUTED, "all of it", each.app_ns)]


def reported(summary: Summary) -> LatencyReport:
    return summary.report(FRAME, judge=judge, split=split)


def one_series(*samples: Sample, unanswered: int = 0, budgets: tuple[str, ...] = ()) -> Series:
    summary = Summary(budgets=[parse_budget(text) for text in budgets])
    for each in samples:
        summary.take(each)
    if unanswered:
        summary.unanswered(Exchange.HEARTBEAT, "xlon", unanswered)
    (series,) = reported(summary).series
    return series


def test_every_figure_has_its_own_distribution():
    series = one_series(*[sample((100 + i) * US, at_ns=i * MS, late_ns=5 * US) for i in range(100)])
    assert {figure: (d.count, d.min_ns, d.max_ns) for figure, d in series.figures.items()} == {
        Figure.WIRE: (100, 100 * US, 199 * US),
        Figure.APP: (100, 130 * US, 229 * US),
        Figure.RESPONSE: (100, 135 * US, 234 * US),
    }
    assert dict(series.figures[Figure.WIRE].percentiles)[50.0] == 149 * US
    assert (series.best, series.source) == (Figure.WIRE, StampSource.KERNEL)


def test_a_closed_loop_has_no_response_figure():
    assert set(one_series(sample()).figures) == {Figure.WIRE, Figure.APP}


def test_without_stamps_there_is_only_what_the_application_saw():
    series = one_series(sample(None, app_ns=300 * US))
    assert set(series.figures) == {Figure.APP}
    assert (series.best, series.source) == (Figure.APP, StampSource.USER)


def test_a_capture_says_nothing_of_the_application():
    series = one_series(sample(source=StampSource.CAPTURE))
    assert set(series.figures) == {Figure.WIRE}
    assert series.source is StampSource.CAPTURE


def test_the_poorest_clock_is_claimed():
    series = one_series(sample(source=StampSource.HARDWARE), sample(source=StampSource.KERNEL))
    assert series.source is StampSource.KERNEL


def test_marks_are_counted_and_what_has_none_is_told_apart():
    series = one_series(
        sample(100 * US),
        sample(9 * MS, marks=(Mark.RETRANSMITTED, Mark.LATE)),
        sample(8 * MS, marks=(Mark.RETRANSMITTED,)),
        sample(200 * US),
    )
    assert series.marks == {Mark.RETRANSMITTED: 2, Mark.LATE: 1}
    assert series.figures[Figure.WIRE].count == 4
    assert series.unmarked is not None
    assert (series.unmarked.count, series.unmarked.max_ns) == (2, 200 * US)


@pytest.mark.parametrize("marks", [(), (Mark.STALLED,)], ids=["none marked", "all marked"])
def test_nothing_is_told_apart_where_all_are_alike(marks: tuple[Mark, ...]):
    assert one_series(sample(marks=marks), sample(marks=marks)).unmarked is None


def test_where_the_clock_was_set_nothing_is_believed():
    summary = Summary()
    summary.take(sample(-3_600 * S, marks=(Mark.CLOCK_STEPPED, Mark.LATE)))
    summary.take(sample(100 * US))
    report = reported(summary)
    (series,) = report.series
    assert series.marks == {Mark.LATE: 1, Mark.CLOCK_STEPPED: 1}
    assert [d.count for d in series.figures.values()] == [1, 1]
    assert sum(moment.count for moment in series.moments) == 1
    assert [slow.sample.best_ns for slow in report.slow] == [100 * US]
    assert report.remarks == (
        "before",
        "1 sample is not used: the wall clock was set while it was under way.",
    )


def test_a_series_is_of_one_session_and_one_exchange():
    summary = Summary()
    for session in ("a", "b"):
        for kind in (Exchange.TCP, Exchange.HEARTBEAT):
            summary.take(sample(session=session, kind=kind))
    summary.unanswered(Exchange.CANCEL, "b", 3)
    told = {(s.session, s.kind): (len(s.figures), s.unanswered) for s in reported(summary).series}
    assert told == {
        ("a", Exchange.TCP): (2, 0),
        ("a", Exchange.HEARTBEAT): (2, 0),
        ("b", Exchange.TCP): (2, 0),
        ("b", Exchange.HEARTBEAT): (2, 0),
        ("b", Exchange.CANCEL): (0, 3),
    }


def test_moments_begin_when_a_request_was_due():
    series = one_series(sample(at_ns=64 * MS, late_ns=3 * MS), sample(2 * MS, at_ns=70 * MS))
    assert [(m.at_ns - START_NS, m.count, m.max_ns) for m in series.moments] == [
        (61 * MS, 1, 100 * US),
        (70 * MS, 1, 2 * MS),
    ]


def test_the_slowest_come_first_with_verdict_parts_and_context():
    summary = Summary(worst=1)
    summary.take(sample(100 * US))
    summary.take(sample(7 * MS, at_ns=1), lambda: Context(("> 35=1",), (("processor", "2"),)))
    summary.take(sample(50 * US, at_ns=2, after_ns=40 * MS))
    report = reported(summary)
    stalled, slow = report.slow
    assert stalled.verdict == Verdict(Layer.HOST, Confidence.HIGH, "made-up", "T2 was slow")
    assert stalled.parts == (Part(Layer.UNATTRIBUTED, "all of it", 40_060 * US),)
    assert (slow.messages, slow.facts) == (("> 35=1",), (("processor", "2"),))
    assert report.layers == {Layer.HOST: 1, Layer.GATEWAY: 1}


def test_the_frame_stays():
    report = reported(Summary())
    assert report == FRAME


BUDGETS = ("p50<1ms", "max<2ms", "app max<3ms", "cancel max<1ms", "response max<1s")


def test_budgets_are_held_against_the_figures_they_name():
    series = one_series(sample(500 * US), sample(2 * MS), sample(700 * US), budgets=BUDGETS)
    told = [(o.budget.text, o.figure, o.actual_ns, o.kept) for o in series.budgets]
    assert told == [
        ("p50<1ms", Figure.WIRE, 700 * US, True),
        ("max<2ms", Figure.WIRE, 2 * MS, False),
        ("app max<3ms", Figure.APP, 2_030 * US, True),
    ]


def test_every_budget_is_in_the_report_whether_anything_was_measured_of_it_or_not():
    summary = Summary(budgets=[parse_budget(text) for text in BUDGETS])
    summary.take(sample())
    assert [budget.text for budget in reported(summary).budgets] == list(BUDGETS)


def test_what_is_not_answered_takes_longer_than_any_limit():
    nine = [sample(100 * US, at_ns=i) for i in range(9)]
    series = one_series(*nine, unanswered=1, budgets=("p90<1ms", "p91<1ms", "max<1s"))
    assert [(o.budget.text, o.actual_ns, o.kept) for o in series.budgets] == [
        ("p90<1ms", 100 * US, True),
        ("p91<1ms", None, False),
        ("max<1s", None, False),
    ]


def test_where_nothing_is_answered_no_budget_is_kept():
    series = one_series(unanswered=5, budgets=("p50<1s", "app p50<1s"))
    assert [(o.figure, o.actual_ns, o.kept) for o in series.budgets] == [
        (Figure.APP, None, False),
        (Figure.APP, None, False),
    ]
    assert series.figures == {}


def test_a_session_can_be_asked_after_meanwhile():
    summary = Summary()
    assert summary.so_far("xlon") == SoFar(0, 0, 0, 0)
    for i in range(5):
        summary.take(sample((100 + i) * US, at_ns=i))
    summary.take(sample(90 * MS, kind=Exchange.LOGON))
    summary.take(sample(3 * MS, kind=Exchange.CANCEL))
    summary.take(sample(60 * MS, session="xpar"))
    summary.unanswered(Exchange.CANCEL, "xlon")
    so_far = summary.so_far("xlon")
    assert (so_far.answered, so_far.max_ns, so_far.unanswered) == (6, 3 * MS, 1)
    assert so_far.median_ns == pytest.approx(102 * US, rel=0.02)


def test_past_the_limit_of_raw_values_nothing_is_lost():
    summary = Summary(raw_limit=50)
    for i in range(1000):
        summary.take(sample((100 + i) * US, at_ns=i * MS))
    (series,) = reported(summary).series
    wire = series.figures[Figure.WIRE]
    assert wire.count == 1000
    assert dict(wire.percentiles)[50.0] == pytest.approx(599 * US, rel=0.002)
    assert series.moments[-1].max_ns == 1099 * US
