"""A thread that sleeps for a moment, over and over, and notes when it wakes up late.

Theory of operation
-------------------
It has nothing else to do, so that it is late where no core was free, or a hypervisor or a quota
held this process back. Or where another thread of ours kept Python's lock, which is no stall: that
thread ran, and a loop that is merely busy would fill the record. So the CPU time that the process
used since the canary went to sleep is taken off its lateness; what is left is time in which nothing
of ours ran. It is up to a period too short, where a thread of ours ran during the sleep itself.

A wake-up is late by some 50 us on an idle machine: the slack that Linux allows itself with timers.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

from fixgate.host.clocks import SYSTEM_CLOCKS, Clocks
from fixgate.host.lateness import Lateness, LatenessHistogram
from fixgate.host.stall import Stall, StallKind

__all__ = ["Canary"]

_STOP_S = 10.0
"""How long `Canary.stop` waits for a thread that no core is free for."""


class Canary:
    """Notes when this process could not run.

    Args:
        record: Told of every stall, in the canary's thread.
        threshold_ns: Only what is held up for this long is a stall.
        period_ns: How long it sleeps.
        cpu: The CPU to sleep on, for whoever wants to know about another one than their own;
            ``None`` for any.
        clocks: By which it sleeps.
    """

    __slots__ = (
        "_clocks", "_cpu", "_histogram", "_period_ns", "_record", "_stopping", "_thread",
        "_threshold_ns",
    )  # fmt: skip

    def __init__(
        self,
        record: Callable[[Stall], None],
        *,
        threshold_ns: int = 500_000,
        period_ns: int = 1_000_000,
        cpu: int | None = None,
        clocks: Clocks = SYSTEM_CLOCKS,
    ) -> None:
        self._record = record
        self._threshold_ns = threshold_ns
        self._period_ns = period_ns
        self._cpu = cpu
        self._clocks = clocks
        self._histogram = LatenessHistogram()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to sleep and to look.

        Raises:
            OSError: There is no such CPU, or this process may not run on it.
        """
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="canary", daemon=True)
        self._thread.start()
        if self._cpu is not None:
            try:
                _pin(self._thread, self._cpu)
            except OSError:
                self.stop()
                raise

    def stop(self) -> None:
        """End the thread; harmless when there is none."""
        self._stopping = True
        if self._thread is not None:
            self._thread.join(_STOP_S)
            self._thread = None

    def lateness(self) -> Lateness:
        """Return for how long it was held up so far."""
        return self._histogram.summary()

    def look(self) -> None:
        """Sleep once, and note how late that was, and through no fault of ours."""
        clocks = self._clocks
        used_ns = clocks.cpu_ns()
        due_ns = clocks.steady_ns() + self._period_ns
        clocks.sleep(self._period_ns / 1e9)
        late_ns = max(clocks.steady_ns() - due_ns, 0)
        held_up_ns = max(late_ns - (clocks.cpu_ns() - used_ns), 0)
        self._histogram.add(held_up_ns)
        if held_up_ns >= self._threshold_ns:
            end_ns = clocks.wall_ns()
            self._record(Stall(StallKind.SCHEDULING, end_ns - late_ns, end_ns))

    def _run(self) -> None:
        while not self._stopping:
            self.look()


def _pin(thread: threading.Thread, cpu: int) -> None:
    if sys.platform != "linux":
        raise OSError(f"a thread cannot be kept on CPU {cpu} on this system")
    assert thread.native_id is not None, "the thread has been started"
    os.sched_setaffinity(thread.native_id, {cpu})
