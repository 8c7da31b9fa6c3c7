"""Latencies in the course of time: the median and the maximum of each moment. Pure geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from fixgate.latency.model import Moment
from fixgate.report.latency.figures import format_count, format_latency
from fixgate.report.latency.scale import Scale, plain_label
from fixgate.report.text import format_time_of_day

__all__ = ["Course", "Reach", "course_of"]

_Y_MARKS = 5
_X_MARKS = 4
_S_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Reach:
    """From the median of a moment up to its maximum; ``label`` shows on hovering."""

    x: float
    top: float
    bottom: float
    marked: bool
    label: str


@dataclass(frozen=True, slots=True)
class Course:
    """A chart.

    Attributes:
        width: Of the plot.
        height: Of the plot.
        reaches: One a moment.
        medians: SVG polylines, broken where nothing was measured.
        x_marks: Where and what to write under it.
        y_marks: Where and what to write beside it.
    """

    width: float
    height: float
    reaches: tuple[Reach, ...]
    medians: tuple[str, ...]
    x_marks: tuple[tuple[float, str], ...]
    y_marks: tuple[tuple[float, str], ...]


def course_of(
    moments: Sequence[Moment], width: float, height: float, precision_ns: int = 1
) -> Course | None:
    """Lay out moments; ``None`` when there are too few for a course."""
    if len(moments) < 2:
        return None
    begin_ns = moments[0].at_ns
    length_ns = moments[-1].at_ns + moments[-1].duration_ns - begin_ns
    scale = Scale.even(min(m.median_ns for m in moments), max(m.max_ns for m in moments), height)

    def x(at_ns: int) -> float:
        return round(width * (at_ns - begin_ns) / length_ns, 1)

    def y(value_ns: int) -> float:
        return round(height - scale.at(value_ns), 1)

    reaches = tuple(
        Reach(
            x(m.at_ns + m.duration_ns // 2),
            y(m.max_ns),
            y(m.median_ns),
            m.marked > 0,
            _label(m, precision_ns),
        )
        for m in moments
    )
    marks = [begin_ns + length_ns * step // _X_MARKS for step in range(_X_MARKS + 1)]
    digits = 0 if length_ns >= 20 * _S_NS else 3
    return Course(
        width,
        height,
        reaches,
        tuple(
            " ".join(f"{reach.x:g},{reach.bottom:g}" for reach in run)
            for run in _runs(moments, reaches)
        ),
        tuple((x(at_ns), format_time_of_day(at_ns, digits=digits)) for at_ns in marks),
        tuple((y(value), plain_label(value, micro="µs")) for value in scale.marks(_Y_MARKS)),
    )


def _label(moment: Moment, precision_ns: int) -> str:
    median = format_latency(moment.median_ns, precision_ns, micro="µs")
    most = format_latency(moment.max_ns, precision_ns, micro="µs")
    text = f"{format_time_of_day(moment.at_ns, digits=3)}: median {median}, max {most}"
    text += f", {format_count(moment.count)} samples" if moment.count > 1 else ""
    return text + (f", {format_count(moment.marked)} marked" if moment.marked else "")


def _runs(moments: Sequence[Moment], reaches: Sequence[Reach]) -> list[list[Reach]]:
    """Return the reaches in runs of moments that follow upon each other."""
    runs = [[reaches[0]]]
    for (before, after), reach in zip(pairwise(moments), reaches[1:], strict=True):
        if after.at_ns > before.at_ns + 2 * before.duration_ns:
            runs.append([])
        runs[-1].append(reach)
    return runs
