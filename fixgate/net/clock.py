"""The one clock of a process: UTC nanoseconds that never step."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Clock"]

_ANCHOR_TRIES = 5


class Clock:
    """UTC by the wall clock at the start, carried on by the monotonic clock.

    A correction of the wall clock (NTP step, leap second, an operator) therefore never moves a
    timer or a recorded instant backwards. Timers and SendingTime(52) come from the same anchor.

    Args:
        wall: Nanoseconds since the epoch, UTC.
        monotonic: Nanoseconds of a clock that only goes forward.
    """

    __slots__ = ("_monotonic", "_offset_ns", "_wall")

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._offset_ns = self._anchor()

    def _anchor(self) -> int:
        # Of several readings the one with the tightest bracket was not interrupted between the
        # two clocks.
        best_width = best_offset = 0
        for attempt in range(_ANCHOR_TRIES):
            before = self._monotonic()
            wall = self._wall()
            after = self._monotonic()
            width = after - before
            if attempt == 0 or width < best_width:
                best_width = width
                best_offset = wall - (before + after) // 2
        return best_offset

    def now_ns(self) -> int:
        """Return nanoseconds since the epoch, UTC; never less than the last time."""
        return self._monotonic() + self._offset_ns

    def wall_offset_ns(self) -> int:
        """Return how far the wall clock is now ahead of this clock: the steps it has made."""
        return self._wall() - self.now_ns()
