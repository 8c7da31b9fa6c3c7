"""Moments in which this process did not run when it wanted to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Stall", "StallKind"]


class StallKind(Enum):
    """What held the process up."""

    SCHEDULING = "scheduling"
    """A thread that only sleeps woke up late, and nothing of this process ran meanwhile."""
    LOOP = "event loop"
    """The event loop came back late to what was due."""
    GC = "garbage collection"


@dataclass(frozen=True, slots=True)
class Stall:
    """One such moment.

    Attributes:
        kind: What held the process up.
        begin_ns: When it should have run, CLOCK_REALTIME, nanoseconds since the epoch.
        end_ns: When it ran, by the same clock.
        generation: Of a garbage collection: 0, 1 or 2, which looks at everything.
    """

    kind: StallKind
    begin_ns: int
    end_ns: int
    generation: int | None = None

    @property
    def duration_ns(self) -> int:
        """How long it did not run."""
        return self.end_ns - self.begin_ns

    def overlaps(self, begin_ns: int, end_ns: int) -> bool:
        """Whether any of it lies between two instants."""
        return self.begin_ns < end_ns and begin_ns < self.end_ns
