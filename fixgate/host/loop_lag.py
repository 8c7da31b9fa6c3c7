"""How late an event loop comes back to what is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fixgate.host.clocks import SYSTEM_CLOCKS, Clocks
from fixgate.host.lateness import Lateness, LatenessHistogram
from fixgate.host.stall import Stall, StallKind

__all__ = ["LoopLag"]

_GRAIN_NS = 1_000_000
"""asyncio waits for whole milliseconds, rounded up, and uvloop's clock counts them: what is late by
no more is the loop's own way, and no lateness."""


class LoopLag:
    """Notes when an event loop was kept from running: a callback took long, or nothing could run.

    Args:
        record: Told of every stall, in the loop's thread; must not raise.
        threshold_ns: Only what is this late is a stall. With the grain of the loop's own clock,
            nothing below this and a millisecond is seen.
        period_ns: How often it looks; a stall that is shorter may fall between two looks.
        clocks: By which it is measured.
    """

    __slots__ = (
        "_clocks", "_due_ns", "_handle", "_histogram", "_loop", "_period_ns", "_record",
        "_threshold_ns",
    )  # fmt: skip

    def __init__(
        self,
        record: Callable[[Stall], None],
        *,
        threshold_ns: int = 500_000,
        period_ns: int = 2_000_000,
        clocks: Clocks = SYSTEM_CLOCKS,
    ) -> None:
        self._record = record
        self._threshold_ns = threshold_ns
        self._period_ns = period_ns
        self._clocks = clocks
        self._histogram = LatenessHistogram()
        self._due_ns = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: asyncio.TimerHandle | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to look at a loop, from within it."""
        self._loop = loop
        self._arm(loop)

    def stop(self) -> None:
        """Look no more; harmless when it does not."""
        self._loop = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def lateness(self) -> Lateness:
        """Return how late the loop was so far, beyond its own grain of a millisecond."""
        return self._histogram.summary()

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due_ns = self._clocks.steady_ns() + self._period_ns
        self._handle = loop.call_later(self._period_ns / 1e9, self._look)

    def _look(self) -> None:
        late_ns = max(self._clocks.steady_ns() - self._due_ns - _GRAIN_NS, 0)
        self._histogram.add(late_ns)
        if late_ns >= self._threshold_ns:
            end_ns = self._clocks.wall_ns()
            self._record(Stall(StallKind.LOOP, end_ns - late_ns, end_ns))
        if self._loop is not None:
            self._arm(self._loop)
