"""Pauses of Python's garbage collector: nothing of the process runs in one."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping

from fixgate.host.clocks import SYSTEM_CLOCKS, Clocks
from fixgate.host.stall import Stall, StallKind

__all__ = ["CollectorWatch"]


class CollectorWatch:
    """Notes the pauses of the garbage collector.

    Args:
        record: Told of every pause, in the thread that collected; must not raise.
        threshold_ns: Only what is this long is a stall.
        clocks: By which it is measured.
    """

    __slots__ = ("_began_ns", "_clocks", "_record", "_threshold_ns")

    def __init__(
        self,
        record: Callable[[Stall], None],
        *,
        threshold_ns: int = 100_000,
        clocks: Clocks = SYSTEM_CLOCKS,
    ) -> None:
        self._record = record
        self._threshold_ns = threshold_ns
        self._clocks = clocks
        self._began_ns: int | None = None

    def start(self) -> None:
        """Begin to look."""
        gc.callbacks.append(self.told)

    def stop(self) -> None:
        """Look no more; harmless when it does not."""
        if self.told in gc.callbacks:
            gc.callbacks.remove(self.told)
        self._began_ns = None

    def told(self, phase: str, about: Mapping[str, int]) -> None:
        """Take what `gc.callbacks` are told: that a collection starts, or that it has ended."""
        now_ns = self._clocks.steady_ns()
        if phase == "start":
            self._began_ns = now_ns
            return
        # None: this watch began in the middle of a collection.
        began_ns, self._began_ns = self._began_ns, None
        if began_ns is not None and now_ns - began_ns >= self._threshold_ns:
            end_ns = self._clocks.wall_ns()
            begin_ns = end_ns - (now_ns - began_ns)
            self._record(Stall(StallKind.GC, begin_ns, end_ns, about.get("generation")))
