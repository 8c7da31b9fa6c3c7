"""How latencies are spread: exact up to a million of them, an HDR histogram beyond.

The library's histograms take a microsecond a value and some fifty milliseconds to ask, so a plain
array is kept as long as it may be, and the histogram is made from it in the end. The library is
imported here only.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from hdrh.histogram import HdrHistogram

from fixgate.latency.model import Distribution

__all__ = ["HIGHEST_NS", "RAW_LIMIT", "Recorder"]

HIGHEST_NS = 3_600_000_000_000
"""An hour; what took longer counts as an hour."""

RAW_LIMIT = 1_000_000
"""Latencies of one figure that are kept as they are: 8 MB."""

_DIGITS = 3
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

    __slots__ = ("_histogram", "_raw", "_raw_limit", "count")

    def __init__(self, raw_limit: int = RAW_LIMIT) -> None:
        self._raw = array("q")
        self._raw_limit = raw_limit
        self._histogram: HdrHistogram | None = None
        self.count = 0

    def record(self, value_ns: int) -> None:
        """Take one; what is not above 0 counts as 1 ns."""
        self._raw.append(min(max(value_ns, 1), HIGHEST_NS))
        self.count += 1
        if len(self._raw) >= self._raw_limit:
            self._histogram = _filled(self._histogram, self._raw)
            self._raw = array("q")

    def record_corrected(self, value_ns: int, interval_ns: int) -> None:
        """Take one, and those that it kept from being sent: coordinated omission made good.

        Args:
            value_ns: The latency.
            interval_ns: The interval at which requests should have been sent, above 0.
        """
        self.record(value_ns)
        for missing_ns in range(value_ns - interval_ns, interval_ns - 1, -interval_ns):
            self.record(missing_ns)

    def distribution(self) -> Distribution | None:
        """Return how they are spread; ``None`` without any."""
        if not self.count:
            return None
        whole = _filled(self._histogram, self._raw)
        if self._histogram is None:
            ordered = sorted(self._raw)
            told = tuple((p, at_percentile(ordered, p)) for p in _told(self.count))
            curve = tuple((p, at_percentile(ordered, p)) for p in _curve(self.count))
            mean_ns, least_ns, most_ns = sum(ordered) // self.count, ordered[0], ordered[-1]
        else:
            told = tuple((p, int(whole.get_value_at_percentile(p))) for p in _told(self.count))
            curve = tuple((p, int(whole.get_value_at_percentile(p))) for p in _curve(self.count))
            mean_ns = round(whole.get_mean_value())
            least_ns, most_ns = int(whole.get_min_value()), int(whole.get_max_value())
        return Distribution(
            count=self.count,
            min_ns=least_ns,
            max_ns=most_ns,
            mean_ns=mean_ns,
            percentiles=told,
            curve=curve,
            hdr=whole.encode().decode("ascii"),
        )

    def value_at(self, percentile: float) -> int:
        """Return the value that ``percentile`` percent do not exceed; 0 without any."""
        if not self.count:
            return 0
        if self._histogram is None:
            return at_percentile(sorted(self._raw), percentile)
        whole = _filled(self._histogram, self._raw)
        return int(whole.get_value_at_percentile(percentile))


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
