"""The clocks of this machine that stalls are measured by."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["SYSTEM_CLOCKS", "Clocks"]


@dataclass(frozen=True, slots=True)
class Clocks:
    """Three clocks and a way to wait.

    Attributes:
        wall_ns: CLOCK_REALTIME, nanoseconds since the epoch: when it was, as the kernel stamps.
        steady_ns: CLOCK_MONOTONIC, nanoseconds: how long it took.
        cpu_ns: CPU time that this process has used, all its threads together, nanoseconds.
        sleep: Waits for seconds.
    """

    wall_ns: Callable[[], int]
    steady_ns: Callable[[], int]
    cpu_ns: Callable[[], int]
    sleep: Callable[[float], None]


SYSTEM_CLOCKS = Clocks(time.time_ns, time.monotonic_ns, time.process_time_ns, time.sleep)
