"""What waits for its instant, in the order of the instants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

from fixgate.net.clock import Clock

__all__ = ["Waiting"]

_T = TypeVar("_T")

_COARSE_NS = 2_000_000
"""Timers of an event loop are good to a millisecond: for the rest of the way the loop polls."""


class Waiting(Generic[_T]):
    """Lets go of each thing when its instant has come; of equal instants what came first.

    Args:
        clock: The process's clock; instants are of `Clock.steady_ns`.
        release: Is given what is due, in order, from a callback of the loop's own.
    """

    __slots__ = ("_clock", "_handle", "_heap", "_numbers", "_release", "_set_ns")

    def __init__(self, clock: Clock, release: Callable[[list[_T]], None]) -> None:
        self._clock = clock
        self._release = release
        self._heap: list[tuple[int, int, _T]] = []
        self._numbers = count()
        self._handle: asyncio.Handle | None = None
        self._set_ns = 0

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, thing: _T, due_ns: int) -> None:
        """Let a thing wait."""
        heappush(self._heap, (due_ns, next(self._numbers), thing))
        if self._handle is None or due_ns < self._set_ns:
            self._arm()

    def clear(self) -> list[_T]:
        """Let nothing wait any more; return what did, in order."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        things = [thing for _, _, thing in sorted(self._heap, key=lambda each: each[:2])]
        self._heap.clear()
        return things

    def drain(self) -> None:
        """Let go of everything now, due or not."""
        while things := self.clear():
            self._release(things)

    def _arm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        loop = asyncio.get_running_loop()
        self._set_ns = self._heap[0][0]
        left_ns = self._set_ns - self._clock.steady_ns()
        if not self._clock.steady:  # the timers of a world of our own are exact
            left_ns -= _COARSE_NS
        if left_ns > 0:
            self._handle = loop.call_later(left_ns / 1e9, self._look)
        else:
            self._handle = loop.call_soon(self._look)

    def _look(self) -> None:
        self._handle = None
        heap, now_ns = self._heap, self._clock.steady_ns()
        due: list[_T] = []
        while heap and heap[0][0] <= now_ns:
            due.append(heappop(heap)[2])
        try:
            if due:
                self._release(due)
        finally:
            if heap and self._handle is None:
                self._arm()
