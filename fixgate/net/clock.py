"""The one clock of a process: UTC nanoseconds that step only when they are told to.

Theory of operation
-------------------
Time is read off the monotonic clock and an offset, so that no correction of the wall clock moves
a timer or a recorded instant behind anybody's back. But a wall clock that was wrong is set right
one day (NTP, an operator), and a machine that slept wakes up with a monotonic clock that stood
still. From then on every SendingTime(52) would be wrong, and every peer would refuse us. So
`follow` compares the two clocks now and then; where they have come apart it moves the offset, and
tells everybody who has instants pending by how much, so that they can move them, too.

`now_ns` is for what other people see: SendingTime(52), schedules, histories. `steady_ns` never
steps and is for durations.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

__all__ = ["STEP_NS", "Clock"]

STEP_NS = 128_000_000
"""The least difference that is followed.

ntpd sets a clock that is 128 ms off, systemd-timesyncd one that is 400 ms off, chrony usually one
that is a second off. What is less they slew, at 500 ppm or by the smear of a leap second at 12 ppm;
Linux slews its monotonic clock along, so that nothing comes apart. Where a system does not, 128 ms
are far below what any peer tolerates.
"""

_ANCHOR_TRIES = 5

_log = logging.getLogger("fixgate.clock")


class Clock:
    """UTC by the wall clock at the start, carried on by the monotonic clock.

    Timers and SendingTime(52) come from the same anchor.

    Args:
        wall: Nanoseconds since the epoch, UTC.
        monotonic: Nanoseconds of a clock that only goes forward.
        steady: The two never come apart, so that nobody need look: a world of our own.

    Attributes:
        steady: As given.
    """

    __slots__ = (
        "_first_ns", "_listeners", "_monotonic", "_offset_ns", "_seen_ns", "_wall", "steady",
    )  # fmt: skip

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = time.monotonic_ns,
        *,
        steady: bool = False,
    ) -> None:
        self.steady = steady
        self._wall = wall
        self._monotonic = monotonic
        self._offset_ns = self._first_ns = self._seen_ns = self._read_offset()
        self._listeners: dict[Callable[[int], None], None] = {}

    def _read_offset(self) -> int:
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
        """Return nanoseconds since the epoch, UTC; less than the last time only after `follow`."""
        return self._monotonic() + self._offset_ns

    def steady_ns(self) -> int:
        """Return the same as it would be had the clock never stepped: to measure with."""
        return self._monotonic() + self._first_ns

    def utc_ns(self, steady_ns: int) -> int:
        """Return what `now_ns` would have given at an instant of `steady_ns`, as it goes now."""
        return steady_ns + self._offset_ns - self._first_ns

    def wall_offset_ns(self) -> int:
        """Return how far the wall clock is now ahead of this clock: what `follow` would make up."""
        return self._wall() - self.now_ns()

    def subscribe(self, listener: Callable[[int], None]) -> None:
        """Have ``listener`` called with every step, nanoseconds; `now_ns` has made it by then.

        Args:
            listener: Must not raise. Subscribed twice, it is called once.
        """
        self._listeners[listener] = None

    def unsubscribe(self, listener: Callable[[int], None]) -> None:
        """Call ``listener`` no more; harmless when it is not subscribed."""
        self._listeners.pop(listener, None)

    def follow(self) -> int:
        """Look at the wall clock, and go along with it where it has stepped.

        Two readings must agree: one alone may have been interrupted. Costs some microseconds.

        Returns:
            The step, nanoseconds; 0 when there was none.
        """
        seen_ns = self._read_offset()
        sudden = abs(seen_ns - self._seen_ns) >= STEP_NS
        self._seen_ns = seen_ns
        if abs(seen_ns - self._offset_ns) < STEP_NS:
            return 0
        again_ns = self._read_offset()
        if abs(again_ns - seen_ns) >= STEP_NS:
            return 0
        step_ns = again_ns - self._offset_ns
        self._offset_ns = again_ns
        side = "forward" if step_ns > 0 else "back"
        # The slow parting of clocks that are not slewed together is nothing to tell anybody.
        _log.log(
            logging.WARNING if sudden else logging.DEBUG,
            "= the wall clock was set %s by %.3f s, or this machine slept: following it",
            side,
            abs(step_ns) / 1e9,
        )
        for listener in tuple(self._listeners):
            listener(step_ns)
        return step_ns
