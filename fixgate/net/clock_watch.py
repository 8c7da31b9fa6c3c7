"""Looks at the wall clock once a second, for as long as an event loop runs."""

from __future__ import annotations

import asyncio

from fixgate.net.clock import Clock

__all__ = ["LOOK_S", "ClockWatch"]

LOOK_S = 1.0
"""Between two looks. Peers tolerate a SendingTime(52) that is off by many seconds, and whoever is
about to hold one against a peer, or to speak on a timer, looks at the clock before."""


class ClockWatch:
    """Makes a clock follow the wall clock; see `Clock.follow`.

    Several on one clock do no harm: whoever sees a step first has everybody told.

    Args:
        clock: The process's clock.
    """

    __slots__ = ("_clock", "_timer")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look, in the running event loop; not at a clock that never steps."""
        if self._clock.steady:
            return
        self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def _look(self) -> None:
        self._clock.follow()
        self.start()

    def stop(self) -> None:
        """Look no more; harmless when it has not begun."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
