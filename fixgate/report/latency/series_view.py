"""One exchange on one session as the page shows it: a row, and charts when it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixgate.latency.model import Distribution, Figure, Mode, Series
from fixgate.latency.names import name_of
from fixgate.report.latency.course import Course, course_of
from fixgate.report.latency.curve import Curve, curve_of, lines_of
from fixgate.report.latency.figures import (
    FIGURE_WORDS,
    format_count,
    format_latency,
    format_percentile,
    value_of,
)
from fixgate.report.latency.histogram import Histogram, histogram_of
from fixgate.report.text import printable
from fixgate.triage.model import Exchange, StampSource

__all__ = ["ExchangeView", "SeriesView", "exchange_view"]

_WIDTH, _HEIGHT, _LOW_HEIGHT = 460.0, 190.0, 120.0
_CLOCKS = {
    StampSource.HARDWARE: "network card",
    StampSource.KERNEL: "kernel",
    StampSource.CAPTURE: "capture",
    StampSource.USER: "user space",
    StampSource.LOG: "log",
}


@dataclass(frozen=True, slots=True)
class SeriesView:
    """One session's row.

    Attributes:
        figures: Of the best figure, in the order of the columns: p50, p90, p99, p99.9, max.
        missed: Budgets that were missed, in words.
        marks: What is to be known before it is believed, in words.
        heads: The figures of the table of percentiles.
        table: Its rows: a label, and a value for each of ``heads``.
    """

    anchor: str
    session: str
    tone: str
    clock: str
    count: str
    unanswered: str
    figures: tuple[str, ...]
    app_p99: str
    response_p99: str
    missed: tuple[str, ...]
    marks: str
    curve: Curve | None
    course: Course | None
    histogram: Histogram | None
    best: str
    heads: tuple[str, ...]
    table: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """All sessions of one exchange; ``overview`` has a curve of each when they are several."""

    anchor: str
    name: str
    overview: Curve | None
    rows: tuple[SeriesView, ...]


def exchange_view(
    kind: Exchange, of_kind: Sequence[Series], mode: Mode, precision_ns: int
) -> ExchangeView:
    """Return the series of one exchange as they are shown."""
    key = name_of(kind)
    best = [(printable(s.session), s.figures[s.best]) for s in of_kind if s.figures]
    return ExchangeView(
        key,
        kind.value,
        lines_of(best, _WIDTH * 1.6, _HEIGHT) if len(best) > 1 else None,
        tuple(
            _series_view(series, f"{key}-{number}", mode, precision_ns)
            for number, series in enumerate(of_kind, start=1)
        ),
    )


def _series_view(series: Series, anchor: str, mode: Mode, precision_ns: int) -> SeriesView:
    best = series.figures.get(series.best)
    app = series.figures.get(Figure.APP) if series.best is Figure.WIRE else None

    def shown(value_ns: int | None) -> str:
        return format_latency(value_ns, precision_ns, micro="µs", nothing="")

    missed = [outcome for outcome in series.budgets if not outcome.kept]
    tone = "no-go" if missed or best is None else "go" if series.budgets else "closed"
    source = StampSource.LOG if mode is Mode.LOG else series.source
    return SeriesView(
        anchor=anchor,
        session=printable(series.session),
        tone=tone,
        clock=_CLOCKS[source] if best else "",
        count=format_count(best.count) if best else "0",
        unanswered=format_count(series.unanswered) if series.unanswered else "",
        figures=(
            *(shown(value_of(best, p)) for p in (50.0, 90.0, 99.0, 99.9)),
            shown(best.max_ns if best else None),
        ),
        app_p99=shown(value_of(app, 99)),
        response_p99=shown(value_of(series.figures.get(Figure.RESPONSE), 99)),
        missed=tuple(
            f"{printable(outcome.budget.text)} was missed: "
            f"{shown(outcome.actual_ns) or 'too many were not answered'}"
            for outcome in missed
        ),
        marks=_marks(series, precision_ns),
        curve=curve_of(series.figures, _WIDTH, _HEIGHT, precision_ns),
        course=course_of(series.moments, _WIDTH, _LOW_HEIGHT, precision_ns),
        histogram=histogram_of(best, _WIDTH, _LOW_HEIGHT, precision_ns) if best else None,
        best=FIGURE_WORDS[series.best],
        heads=_heads(series),
        table=_table(series, precision_ns),
    )


def _marks(series: Series, precision_ns: int) -> str:
    if not series.marks:
        return ""
    text = ", ".join(f"{count:,} {mark.value}" for mark, count in series.marks.items())
    if (clean := series.unmarked) is not None:
        most = format_latency(clean.max_ns, precision_ns, micro="µs")
        text += f"; without these the maximum is {most}"
    return text


def _columns(series: Series) -> list[tuple[str, Distribution]]:
    columns = [(FIGURE_WORDS[figure], found) for figure, found in series.figures.items()]
    if series.unmarked is not None:
        columns.insert(1, (f"{FIGURE_WORDS[series.best]}, unmarked", series.unmarked))
    return columns


def _heads(series: Series) -> tuple[str, ...]:
    return tuple(name for name, _ in _columns(series))


def _table(series: Series, precision_ns: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = [each for _, each in _columns(series)]
    told = dict.fromkeys(p for each in found for p, _ in each.percentiles)

    def shown(value_ns: int | None) -> str:
        return format_latency(value_ns, precision_ns, micro="µs", nothing="")

    return (
        ("samples", tuple(format_count(each.count) for each in found)),
        ("min", tuple(shown(each.min_ns) for each in found)),
        ("mean", tuple(shown(each.mean_ns) for each in found)),
        *(
            (format_percentile(p), tuple(shown(value_of(each, p)) for each in found))
            for p in sorted(told)
        ),
    )
