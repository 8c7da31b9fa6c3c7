"""A loop's lateness, by clocks that a test moves and a loop in virtual time."""

import asyncio

from fixgate.host.lateness import Lateness
from fixgate.host.loop_lag import LoopLag
from fixgate.host.stall import Stall, StallKind
from tests.host.clocks import EPOCH_NS, Machine


class _Timers(asyncio.AbstractEventLoop):
    """A loop that has nothing but timers, run by hand."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.handles: list[asyncio.TimerHandle] = []

    def get_debug(self) -> bool:
        return False

    def call_later(self, delay, callback, *args, context=None):
        due_s = self._machine.now_ns / 1e9 + delay
        self.handles.append(asyncio.TimerHandle(due_s, callback, args, self))
        return self.handles[-1]

    def _timer_handle_cancelled(self, handle):
        self.handles.remove(handle)

    def run_one(self, *, late_ns: int) -> None:
        """Run what is next, late by so much."""
        handle = self.handles.pop(0)
        self._machine.now_ns = round(handle.when() * 1e9) + late_ns
        handle._run()


def test_beyond_the_grain_of_the_loop_and_the_threshold_it_is_a_stall():
    machine, stalls = Machine(), list[Stall]()
    loop, lag = _Timers(machine), LoopLag(stalls.append, clocks=machine.clocks)
    lag.start(loop)
    loop.run_one(late_ns=1_499_999)
    assert stalls == []
    loop.run_one(late_ns=1_500_000)
    end_ns = EPOCH_NS + 2_000_000 + 1_499_999 + 2_000_000 + 1_500_000
    assert stalls == [Stall(StallKind.LOOP, end_ns - 500_000, end_ns)]
    assert lag.lateness() == Lateness(2, lag.lateness().p50_ns, 500_000, 500_000)


def test_a_loop_in_time_is_not_late():
    machine, stalls = Machine(), list[Stall]()
    loop, lag = _Timers(machine), LoopLag(stalls.append, clocks=machine.clocks)
    lag.start(loop)
    for late_ns in (0, 300_000, 1_000_000):
        loop.run_one(late_ns=late_ns)
    assert stalls == []
    assert lag.lateness() == Lateness(3, 0, 0, 0)


def test_once_stopped_it_is_never_called_again():
    machine = Machine()
    loop, lag = _Timers(machine), LoopLag([].append, clocks=machine.clocks)
    lag.start(loop)
    lag.stop()
    assert loop.handles == []
    lag.stop()
