"""Logarithmic axes. Pure geometry."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

__all__ = ["Scale", "plain_label"]

_UNITS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns"))
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic axis of latencies.

    Attributes:
        low_ns: Where it begins, above 0.
        high_ns: Where it ends, above ``low_ns``.
        width: How long it is.
    """

    low_ns: int
    high_ns: int
    width: float

    @classmethod
    def around(cls, low_ns: int, high_ns: int, width: float) -> Scale:
        """Return one from a little below the least to the greatest value."""
        low_ns = max(low_ns * 4 // 5, 1)
        return cls(low_ns, max(high_ns, low_ns + 1), width)

    @classmethod
    def even(cls, low_ns: int, high_ns: int, width: float) -> Scale:
        """Return one between round numbers that hold both values."""
        below = max(each for each in _rounds() if each <= max(low_ns, 1))
        above = min(each for each in _rounds() if each > max(high_ns, below))
        return cls(below, above, width)

    def at(self, value_ns: int) -> float:
        """Return where a value lies, within the axis."""
        share = log(max(value_ns, 1) / self.low_ns) / log(self.high_ns / self.low_ns)
        return self.width * min(max(share, 0.0), 1.0)

    def marks(self, at_most: int) -> list[int]:
        """Return round values to write at the axis: no more than can be read."""
        inside = [each for each in _rounds() if self.low_ns <= each <= self.high_ns]
        if len(inside) <= at_most:
            return inside
        powers = [each for each in inside if str(each)[0] == "1"]
        while len(powers) > at_most:
            powers = powers[::2]
        near = self.width / at_most / 2
        ends = [
            end
            for end in (inside[0], inside[-1])
            if all(abs(self.at(end) - self.at(power)) >= near for power in powers)
        ]
        return sorted(ends + powers)


def plain_label(value_ns: int, *, micro: str = "us") -> str:
    """Return a round value as short as it can be written, such as ``20 ms``."""
    unit_ns, unit = next(each for each in _UNITS if value_ns >= each[0])
    return f"{value_ns / unit_ns:g} {micro if unit == 'us' else unit}"


def _rounds() -> list[int]:
    """Return 1, 2, 5, 10, 20, 50 and so on, in nanoseconds, up to some hours."""
    return [step * 10**power for power in range(15) for step in _STEPS]
