"""How many took how long, in bars. Pure geometry, from a distribution's curve."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from fixgate.latency.model import Distribution
from fixgate.report.latency.figures import format_latency
from fixgate.report.latency.scale import Scale, plain_label

__all__ = ["Block", "Histogram", "histogram_of"]

_BINS = 40
_X_MARKS = 6
_LEAST_HEIGHT = 1.5
_GAP = 1.0
_GAP_RATIO = 1.3


@dataclass(frozen=True, slots=True)
class Block:
    """One bar; ``label`` shows on hovering."""

    x: float
    width: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """A chart: bars that stand on its bottom, and what to write under it."""

    width: float
    height: float
    blocks: tuple[Block, ...]
    x_marks: tuple[tuple[float, str], ...]


def histogram_of(
    found: Distribution, width: float, height: float, precision_ns: int = 1
) -> Histogram | None:
    """Lay a distribution out on a logarithmic axis; ``None`` when there is too little."""
    if found.count < 2:
        return None
    scale = Scale.around(found.min_ns, found.max_ns, width)
    ratio = scale.high_ns / scale.low_ns
    edges = [scale.low_ns * ratio ** (i / _BINS) for i in range(_BINS + 1)]
    below = [0.0, *(_share_below(found, edge) for edge in edges[1:-1]), 1.0]
    shares = [max(upper - lower, 0.0) for lower, upper in pairwise(below)]
    tallest = max(shares) or 1.0
    blocks = tuple(
        Block(
            round(width * i / _BINS, 1),
            round(width / _BINS - _GAP, 1),
            round(max(height * share / tallest, _LEAST_HEIGHT), 1),
            f"{format_latency(round(edges[i]), precision_ns, micro='µs')} to "
            f"{format_latency(round(edges[i + 1]), precision_ns, micro='µs')}: "
            f"{_percent(share, found.count)}",
        )
        for i, share in enumerate(shares)
        if share * found.count >= 0.5
    )
    marks = [(round(scale.at(v), 1), plain_label(v, micro="µs")) for v in scale.marks(_X_MARKS)]
    return Histogram(width, height, blocks, tuple(marks))


def _share_below(found: Distribution, value_ns: float) -> float:
    """Return which share took less.

    Between points of the curve that are close together it is as on a straight line; what lies
    beyond a gap lies at its end.
    """
    values = [value for _, value in found.curve]
    at = bisect_right(values, value_ns)
    if at == 0:
        return 0.0
    if at == len(values):
        return 1.0
    (p, low), (q, high) = found.curve[at - 1], found.curve[at]
    if high > _GAP_RATIO * low:
        return p / 100
    return (p + (q - p) * (value_ns - low) / (high - low)) / 100


def _percent(share: float, count: int) -> str:
    if share * count < 1.5:
        return "about 1 sample"
    return f"{100 * share:.3g} %, about {round(share * count):,} samples"
