"""How late something woke up, over and over: a few hundred counters, and what they say."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Lateness", "LatenessHistogram"]

_PARTS_BITS = 4
_PARTS = 1 << _PARTS_BITS
"""Counters to a doubling: a figure is at most one sixteenth above the true one."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late it was, nanoseconds.

    Attributes:
        count: How often it woke up; 0 makes every other figure 0.
        p50_ns: Half of the time it was no later.
        p99_ns: All but once in a hundred times it was no later.
        max_ns: The latest, exactly.
    """

    count: int = 0
    p50_ns: int = 0
    p99_ns: int = 0
    max_ns: int = 0


class LatenessHistogram:
    """Counts how late something was; its size does not grow with what is counted."""

    __slots__ = ("_count", "_counts", "_max_ns")

    def __init__(self) -> None:
        self._counts = [0] * (65 * _PARTS)
        self._count = 0
        self._max_ns = 0

    def add(self, late_ns: int) -> None:
        """Count one.

        Args:
            late_ns: 0 to 2**64 nanoseconds.
        """
        shift = max(late_ns.bit_length() - _PARTS_BITS - 1, 0)
        self._counts[(shift << _PARTS_BITS) + (late_ns >> shift)] += 1
        self._count += 1
        if late_ns > self._max_ns:
            self._max_ns = late_ns

    def summary(self) -> Lateness:
        """Return what was counted so far."""
        return Lateness(self._count, self._quantile(50), self._quantile(99), self._max_ns)

    def _quantile(self, percent: int) -> int:
        wanted = -(-self._count * percent // 100)
        seen = 0
        for at, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return min(_upper_end(at), self._max_ns)
        return 0


def _upper_end(at: int) -> int:
    """Return the largest lateness that a counter counts."""
    shift = max((at >> _PARTS_BITS) - 1, 0)
    return ((at - (shift << _PARTS_BITS) + 1) << shift) - 1
