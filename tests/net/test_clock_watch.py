from __future__ import annotations

import asyncio

from fixgate.net.clock import Clock
from fixgate.net.clock_watch import LOOK_S, ClockWatch


class Loop:
    """Holds the one callback that is due next."""

    def __init__(self) -> None:
        self.due: list[tuple[float, asyncio.TimerHandle]] = []

    def call_later(self, delay_s, callback):
        handle = asyncio.TimerHandle(0, callback, (), self)
        self.due.append((delay_s, handle))
        return handle

    def get_debug(self):
        return False

    def _timer_handle_cancelled(self, handle):
        pass

    def turn(self):
        (delay_s, handle), self.due = self.due[-1], []
        assert delay_s == LOOK_S
        if not handle.cancelled():
            handle._run()


def test_looks_once_a_second_until_it_is_stopped(monkeypatch):
    loop = Loop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    wall = [0]
    clock = Clock(lambda: wall[0], lambda: 0)
    steps: list[int] = []
    clock.subscribe(steps.append)
    watch = ClockWatch(clock)
    watch.stop()
    watch.start()
    loop.turn()
    assert steps == []
    wall[0] = 10**12
    loop.turn()
    assert steps == [10**12]
    watch.stop()
    wall[0] = 0
    loop.turn()
    assert steps == [10**12]
    assert loop.due == []
