"""Latencies in the course of time: at most so many slices of a run whose end nobody knows.

The slices are as wide as some power of two times a millisecond, and begin at multiples of that
since the epoch. When they get too many, each two become one. A slice keeps how many latencies it
has of each size, to one part in 32, so that what was merged has a median still.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fixgate.latency.model import Moment

__all__ = ["MOMENTS", "Moments", "Sizes"]

MOMENTS = 120
"""Slices at most: enough for a chart across a page."""

_LEAST_WIDTH_NS = 1_000_000
_SIZE_BITS = 5
"""Sizes in an octave, as a power of two: a median is within 1.6 % of the true one."""


class Sizes:
    """How many latencies there are of each size. It merges, and knows about where its middle lies.

    Attributes:
        count: How many it has.
        max_ns: The greatest, exactly.
    """

    __slots__ = ("_counts", "count", "max_ns")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.count = 0
        self.max_ns = 0

    def add(self, value_ns: int) -> None:
        """Take one latency; below 1 counts as 1."""
        value_ns = max(value_ns, 1)
        shift = max(value_ns.bit_length() - 1 - _SIZE_BITS, 0)
        size = (shift << (_SIZE_BITS + 1)) | (value_ns >> shift)
        self._counts[size] = self._counts.get(size, 0) + 1
        self.count += 1
        self.max_ns = max(self.max_ns, value_ns)

    def merge(self, other: Sizes) -> None:
        """Take all that another has."""
        for size, count in other._counts.items():
            self._counts[size] = self._counts.get(size, 0) + count
        self.count += other.count
        self.max_ns = max(self.max_ns, other.max_ns)

    def median_ns(self) -> int:
        """Return about the median: the middle of the sizes it is among; 0 without any."""
        left = (self.count + 1) // 2
        for size in sorted(self._counts):
            left -= self._counts[size]
            if left <= 0:
                shift = size >> (_SIZE_BITS + 1)
                low = (size & ((1 << (_SIZE_BITS + 1)) - 1)) << shift
                return min(low + (1 << shift) // 2, self.max_ns)
        return 0


@dataclass(slots=True)
class _Slice:
    sizes: Sizes = field(default_factory=Sizes)
    marked: int = 0

    def merge(self, other: _Slice) -> None:
        self.sizes.merge(other.sizes)
        self.marked += other.marked


class Moments:
    """Takes latencies with their instants, in any order.

    Args:
        limit: How many slices there may be, at least 2.
    """

    __slots__ = ("_first", "_last", "_limit", "_slices", "_width_ns")

    def __init__(self, limit: int = MOMENTS) -> None:
        self._slices: dict[int, _Slice] = {}
        self._limit = limit
        self._width_ns = _LEAST_WIDTH_NS
        self._first = self._last = 0

    def take(self, at_ns: int, value_ns: int, *, marked: bool = False) -> None:
        """Take one.

        Args:
            at_ns: When it began, nanoseconds since the epoch.
            value_ns: The latency.
            marked: Whether something is to be known before it is believed.
        """
        index = at_ns // self._width_ns
        if not self._slices:
            self._first = self._last = index
        while max(self._last, index) - min(self._first, index) >= self._limit:
            self._halve()
            index = at_ns // self._width_ns
        self._first, self._last = min(self._first, index), max(self._last, index)
        one = self._slices.get(index)
        if one is None:
            one = self._slices[index] = _Slice()
        one.sizes.add(value_ns)
        one.marked += marked

    def moments(self) -> tuple[Moment, ...]:
        """Return the slices that have any latency, in order."""
        return tuple(
            Moment(
                at_ns=index * self._width_ns,
                count=one.sizes.count,
                median_ns=one.sizes.median_ns(),
                max_ns=one.sizes.max_ns,
                duration_ns=self._width_ns,
                marked=one.marked,
            )
            for index, one in sorted(self._slices.items())
        )

    def _halve(self) -> None:
        merged: dict[int, _Slice] = {}
        for index, one in self._slices.items():
            kept = merged.setdefault(index // 2, one)
            if kept is not one:
                kept.merge(one)
        self._slices = merged
        self._width_ns *= 2
        self._first //= 2
        self._last //= 2
