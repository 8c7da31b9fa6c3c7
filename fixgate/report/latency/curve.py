"""The percentile curve: how long all but the slowest of so many took. Pure geometry.

The farther to the right, the fewer are left: each step to the right is a tenth of what was left
before, which is the scale on which tails can be seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10

from fixgate.latency.model import Distribution, Figure
from fixgate.report.latency.figures import FIGURE_WORDS, format_latency, format_percentile
from fixgate.report.latency.scale import Scale, plain_label

__all__ = ["Curve", "Dot", "Line", "curve_of", "lines_of"]

_NINES = (0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999)
_Y_MARKS = 7
_LABEL_WIDTH = 50


@dataclass(frozen=True, slots=True)
class Dot:
    """A percentile that people quote; ``label`` shows on hovering."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One curve.

    Attributes:
        look: ``wire``, ``app`` or ``response``; ``other`` for one of many.
        label: What it is.
        points: For an SVG polyline.
        dots: On it.
    """

    look: str
    label: str
    points: str
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """A chart.

    Attributes:
        width: Of the plot.
        height: Of the plot.
        lines: In the order in which they are drawn.
        x_marks: Where and what to write under it.
        y_marks: Where and what to write beside it.
    """

    width: float
    height: float
    lines: tuple[Line, ...]
    x_marks: tuple[tuple[float, str], ...]
    y_marks: tuple[tuple[float, str], ...]


def curve_of(
    figures: Mapping[Figure, Distribution], width: float, height: float, precision_ns: int = 1
) -> Curve | None:
    """Lay out the figures of one series; ``None`` when there is too little for a curve."""
    if not figures or max(found.count for found in figures.values()) < 2:
        return None
    frame = _Frame.around(list(figures.values()), width, height)
    lines = []
    for figure, found in figures.items():
        word = FIGURE_WORDS[figure]
        dots = tuple(
            Dot(
                *frame.place(percentile, value),
                f"{word} {format_percentile(percentile)}: "
                f"{format_latency(value, precision_ns, micro='µs')}",
            )
            for percentile, value in found.percentiles
        )
        lines.append(Line(figure.name.lower(), word, frame.points(found), dots))
    return frame.curve(lines)


def lines_of(
    named: Sequence[tuple[str, Distribution]], width: float, height: float
) -> Curve | None:
    """Lay out one figure of many series, the last on top; ``None`` when there is too little."""
    known = [(name, found) for name, found in named if found.count > 1]
    if not known:
        return None
    frame = _Frame.around([found for _, found in known], width, height)
    return frame.curve([Line("other", name, frame.points(found)) for name, found in known])


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things lie: up to 1 of so many to the right, latencies upward."""

    width: float
    height: float
    most: int
    scale: Scale

    @classmethod
    def around(cls, found: Sequence[Distribution], width: float, height: float) -> _Frame:
        scale = Scale.even(min(f.min_ns for f in found), max(f.max_ns for f in found), height)
        return cls(width, height, max(f.count for f in found), scale)

    def place(self, percentile: float, value_ns: int) -> tuple[float, float]:
        return self._x(percentile), round(self.height - self.scale.at(value_ns), 1)

    def points(self, found: Distribution) -> str:
        """Return a polyline, without the points that lie on one before."""
        places = dict.fromkeys(self.place(p, value) for p, value in found.curve)
        return " ".join(f"{x:g},{y:g}" for x, y in places)

    def curve(self, lines: Sequence[Line]) -> Curve:
        nines = [p for p in _NINES if p == 0 or 100 / (100 - p) <= self.most]
        x_marks = [(self._x(p), f"{p:g}%") for p in nines]
        if self.width - x_marks[-1][0] > _LABEL_WIDTH:
            x_marks.append((self.width, "max"))
        y_marks = [
            (round(self.height - self.scale.at(value), 1), plain_label(value, micro="µs"))
            for value in self.scale.marks(_Y_MARKS)
        ]
        return Curve(self.width, self.height, tuple(lines), tuple(x_marks), tuple(y_marks))

    def _x(self, percentile: float) -> float:
        """Return where a percentile lies; what no sample lies beyond is at the right end."""
        if percentile >= 100:
            return self.width
        one_of = min(100 / (100 - percentile), self.most)
        return round(self.width * log10(one_of) / log10(self.most), 1)
