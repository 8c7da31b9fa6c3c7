"""The geometry of the small pictures in the HTML report; the template draws them as SVG."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.health.model import CheckReport, Status
from fixgate.report.text import format_duration
from fixgate.report.verdict import Spread, spread_of

__all__ = ["Bar", "Dots", "Timeline", "dots_of", "timeline_of"]

_LEAST_BAR = 5.0
_SKIPPED_BAR = 9.0
_GAP = 1.5
_DOT_ROWS = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """One phase: a rectangle from ``x``, ``width`` wide; ``label`` shows on hovering."""

    x: float
    width: float
    status: str
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The phases of a check side by side, as wide as they took long."""

    width: float
    bars: tuple[Bar, ...]


def timeline_of(check: CheckReport, width: float) -> Timeline:
    """Lay out the phases in ``width`` units; short phases and those not reached stay visible."""
    fixed = {
        i: _SKIPPED_BAR if result.duration_ns is None else _LEAST_BAR
        for i, result in enumerate(check.phases)
    }
    room = width - sum(fixed.values()) - _GAP * max(len(fixed) - 1, 0)
    total_ns = sum(result.duration_ns or 0 for result in check.phases) or 1
    bars, x = [], 0.0
    for i, result in enumerate(check.phases):
        size = fixed[i] + max(room, 0.0) * (result.duration_ns or 0) / total_ns
        took = (
            "not reached"
            if result.duration_ns is None
            else format_duration(result.duration_ns, micro="µs")
        )
        label = f"{result.phase.value}: {took}"
        if result.status not in (Status.PASS, Status.SKIPPED):
            label += f", {result.status.value}"
        bars.append(Bar(round(x, 2), round(size, 2), result.status.value, label))
        x += size + _GAP
    return Timeline(width, tuple(bars))


@dataclass(frozen=True, slots=True)
class Dots:
    """Round trips on one axis from 0 to a little more than the longest.

    Attributes:
        points: ``(x, y, label)`` of each round trip.
        median_x: Where the median's line stands.
        spread: The figures beside the picture.
        axis: ``(x, label)`` of the marks under the axis.
    """

    points: tuple[tuple[float, float, str], ...]
    median_x: float
    spread: Spread
    axis: tuple[tuple[float, str], ...]


def dots_of(values: tuple[int, ...], width: float, height: float) -> Dots | None:
    """Lay out round trips in ``width`` by ``height`` units; ``None`` when there are none."""
    spread = spread_of(values)
    if spread is None:
        return None
    top_ns = _round_up(spread.max_ns)
    points = tuple(
        (
            round(width * value / top_ns, 2),
            round(height * (1 + i % _DOT_ROWS) / (_DOT_ROWS + 1), 2),
            f"round trip {i + 1}: {format_duration(value, micro='µs')}",
        )
        for i, value in enumerate(values)
    )
    axis = tuple((width * i / 2, _axis_label(top_ns * i // 2)) for i in range(3))
    return Dots(points, round(width * spread.median_ns / top_ns, 2), spread, axis)


def _axis_label(value_ns: int) -> str:
    return format_duration(value_ns, micro="µs") if value_ns else "0"


def _round_up(value_ns: int) -> int:
    """Return the next of 1, 2, 4, 6, 8 times a power of ten above ``value_ns``."""
    unit = int(10 ** (len(str(max(value_ns, 1))) - 1))
    return next(unit * n for n in (1, 2, 4, 6, 8, 10, 20) if unit * n > value_ns)
