"""All that can hold this process up, watched while something is measured."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

from fixgate.host.canary import Canary
from fixgate.host.clocks import SYSTEM_CLOCKS, Clocks
from fixgate.host.collector import CollectorWatch
from fixgate.host.lateness import Lateness
from fixgate.host.loop_lag import LoopLag
from fixgate.host.stall import Stall

__all__ = ["StallWatch"]


class StallWatch:
    """Notes stalls while it is entered: a canary, the garbage collector, and the running loop.

    A stall is known when it has ended: the canary's within a millisecond, the loop's within two.
    Where no event loop runs, none is watched. It costs less than three per cent of a core.

    Args:
        threshold_ns: Only what is this late is a stall, of the canary and of the loop.
        gc_threshold_ns: Only what is this long is a pause of the garbage collector.
        cpu: The CPU that the canary sleeps on; ``None`` for any that this process may use.
        limit: Stalls kept until they are asked for; beyond them the oldest are forgotten.
        clocks: By which it is measured.

    Attributes:
        forgotten: Stalls that nobody asked for in time.
    """

    def __init__(
        self,
        *,
        threshold_ns: int = 500_000,
        gc_threshold_ns: int = 100_000,
        cpu: int | None = None,
        limit: int = 10_000,
        clocks: Clocks = SYSTEM_CLOCKS,
    ) -> None:
        self.forgotten = 0
        self._stalls: deque[Stall] = deque(maxlen=limit)
        self._canary = Canary(self._record, threshold_ns=threshold_ns, cpu=cpu, clocks=clocks)
        self._collector = CollectorWatch(self._record, threshold_ns=gc_threshold_ns, clocks=clocks)
        self._loop_lag = LoopLag(self._record, threshold_ns=threshold_ns, clocks=clocks)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin to watch.

        Raises:
            OSError: There is no such CPU, or this process may not run on it.
        """
        self._canary.start()
        self._stack.callback(self._canary.stop)
        self._collector.start()
        self._stack.callback(self._collector.stop)
        # Nothing is amiss where no loop runs.
        with suppress(RuntimeError):
            self._loop_lag.start(asyncio.get_running_loop())
            self._stack.callback(self._loop_lag.stop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def stalls(self) -> tuple[Stall, ...]:
        """Return what was noted since the last time, by when it began."""
        found = []
        # Others append meanwhile.
        with suppress(IndexError):
            while True:
                found.append(self._stalls.popleft())
        return tuple(sorted(found, key=lambda stall: stall.begin_ns))

    def lateness(self) -> Lateness:
        """Return how late the canary woke up so far."""
        return self._canary.lateness()

    def loop_lateness(self) -> Lateness:
        """Return how late the loop was so far, beyond its own grain of a millisecond."""
        return self._loop_lag.lateness()

    def _record(self, stall: Stall) -> None:
        if len(self._stalls) == self._stalls.maxlen:
            self.forgotten += 1
        self._stalls.append(stall)
