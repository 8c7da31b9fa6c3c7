"""How latencies are spread: exact up to a million of them, an HDR histogram beyond.

The library's histograms take a microsecond a value and some fifty milliseconds to ask, so a plain
array is kept as long as it may be, and the histogram is made from it in the end. Past the limit
each value takes a few of the older ones along into a histogram, so that whoever records while it
measures is never held up for the second that a million of them take at once. Only this room
imports the library.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence

from hdrh.histogram import HdrHistogram

from fixgate.latency.model import Distribution

__all__ = ["HIGHEST_NS", "RAW_LIMIT", "Recorder"]

HIGHEST_NS = 3_600_000_000_000
"""An hour; what took longer counts as an hour."""

RAW_LIMIT = 1_000_000
"""Latencies of one figure that are kept as they are: 8 MB."""

_DIGITS = 3
_MOVED_AT_ONCE = 8
_PERCENTILES = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999, 100.0)
_CURVE_STEPS = 8
"""Points of the curve for every halving of what is left up to 100 %."""


class Recorder:
    """Takes latencies, one figure of one exchange.

    Args:
        raw_limit: How many are kept as they are.

    Attributes:
        count: How many it has.
    """

    __slots__ = ("_histogram", "_least_ns", "_most_ns", "_raw", "_raw_limit", "_total_ns", "count")

    def __init__(self, raw_limit: int = RAW_LIMIT) -> None:
        self._raw = array("q")
        self._raw_limit = raw_limit
        self._histogram: HdrHistogram | None = None
        # Exactly, whatever becomes of the rest: a maximum is held against limits.
        self._least_ns, self._most_ns, self._total_ns = HIGHEST_NS, 0, 0
        self.count = 0

    def record(self, value_ns: int) -> None:
        """Take one; what is not above 0 counts as 1 ns."""
        value_ns = min(max(value_ns, 1), HIGHEST_NS)
        self._raw.append(value_ns)
        self.count += 1
        self._total_ns += value_ns
        if value_ns > self._most_ns:
            self._most_ns = value_ns
        if value_ns < self._least_ns:
            self._least_ns = value_ns
        if self._histogram is None:
            if self.count < self._raw_limit:
                return
            self._histogram = HdrHistogram(1, HIGHEST_NS, _DIGITS)
        for _ in range(min(_MOVED_AT_ONCE, len(self._raw))):
            self._histogram.record_value(self._raw.pop())

    def distribution(self) -> Distribution | None:
        """Return how they are spread; ``None`` without any."""
        if not self.count:
            return None
        whole = _filled(self._histogram, self._raw)
        value_at = self._values(None if self._histogram is None else whole)
        return Distribution(
            count=self.count,
            min_ns=self._least_ns,
            max_ns=self._most_ns,
            mean_ns=self._total_ns // self.count,
            percentiles=tuple((p, value_at(p)) for p in _told(self.count)),
            curve=tuple((p, value_at(p)) for p in _curve(self.count)),
            hdr=whole.encode().decode("ascii"),
        )

    def value_at(self, percentile: float) -> int:
        """Return the value that ``percentile`` percent do not exceed; 0 without any."""
        if not self.count:
            return 0
        whole = None if self._histogram is None else _filled(self._histogram, self._raw)
        return self._values(whole)(percentile)

    def _values(self, whole: HdrHistogram | None) -> Callable[[float], int]:
        """Return what tells percentiles: a histogram, or without one the values themselves."""
        if whole is None:
            ordered = sorted(self._raw)
            return lambda percentile: at_percentile(ordered, percentile)
        # A histogram tells the end of the bucket, which may lie beyond the greatest value.
        return lambda percentile: (
            self._most_ns
            if percentile == 100
            else min(int(whole.get_value_at_percentile(percentile)), self._most_ns)
        )


def at_percentile(ordered: Sequence[int], percentile: float) -> int:
    """Return the least of ascending values that ``percentile`` percent do not exceed.

    Args:
        ordered: At least one.
        percentile: From 0 to 100.
    """
    # Rounded, since 99.9 % of 1000 is a little over 999 in binary.
    rank = math.ceil(round(percentile / 100 * len(ordered), 6))
    return ordered[max(rank, 1) - 1]


def _filled(histogram: HdrHistogram | None, values: Sequence[int]) -> HdrHistogram:
    """Return a histogram with more values in it, the old one left as it is."""
    filled = HdrHistogram(1, HIGHEST_NS, _DIGITS)
    if histogram is not None:
        filled.add(histogram)
    for value in values:
        filled.record_value(value)
    return filled


def _told(count: int) -> tuple[float, ...]:
    """Return the percentiles that so many samples can tell: one at least lies above."""
    return tuple(
        p for p in _PERCENTILES if p in (50.0, 100.0) or round(count * (100 - p), 6) >= 100
    )


def _curve(count: int) -> tuple[float, ...]:
    """Return the percentiles to draw: ever closer together towards 100, as far as samples go."""
    points, left, step = [0.0], 100.0, 0
    while left / 100 * count >= 1:
        step += 1
        left = 100 / 2 ** (step / _CURVE_STEPS)
        points.append(round(100 - left, 9))
    return (*points, 100.0)
