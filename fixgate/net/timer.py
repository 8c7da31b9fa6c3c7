"""A timer that is moved to an earlier instant only, and looks whether it is time when it fires.

What is due moves to later with every message of a busy session; setting a timer for each of them
would cost more than the message. So it fires early, and is set again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fixgate.net.clock import Clock

__all__ = ["NEVER_NS", "LazyTimer"]

NEVER_NS = 1 << 63
"""No instant at all, for what is due."""


class LazyTimer:
    """The one timer of an endpoint.

    Args:
        clock: The process's clock; looked at before anything is done, as it may have stepped.
        due: Returns the instant of what is due next, or `NEVER_NS`.
        fire: Is called when that has come.
    """

    __slots__ = ("_clock", "_due", "_fire", "_handle", "_loop", "_set_ns")

    def __init__(self, clock: Clock, *, due: Callable[[], int], fire: Callable[[], None]) -> None:
        self._clock = clock
        self._due = due
        self._fire = fire
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self._set_ns = NEVER_NS

    def update(self, now_ns: int) -> None:
        """See to it that what is due now will not be missed."""
        due_ns = self._due()
        if due_ns < self._set_ns:
            self._set(due_ns, now_ns)

    def _set(self, due_ns: int, now_ns: int) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._set_ns = due_ns
        self._handle = self._loop.call_later(max(due_ns - now_ns, 0) / 1e9, self._look)

    def _look(self) -> None:
        self._handle = None
        self._set_ns = NEVER_NS
        self._clock.follow()
        now_ns, due_ns = self._clock.now_ns(), self._due()
        if now_ns >= due_ns:
            self._fire()
        elif due_ns != NEVER_NS:
            self._set(due_ns, now_ns)

    def clock_stepped(self, step_ns: int) -> None:
        """Know when it will fire, by the new clock."""
        if self._set_ns != NEVER_NS:
            self._set_ns += step_ns

    def stop(self) -> None:
        """Fire no more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
