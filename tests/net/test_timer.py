from __future__ import annotations

import asyncio

import pytest

from fixgate.net.clock import Clock
from fixgate.net.timer import NEVER_NS, LazyTimer
from tests.net.test_endpoint import Loop

SECOND = 1_000_000_000


class Rig:
    def __init__(self, monkeypatch) -> None:
        self.loop = Loop()
        monkeypatch.setattr(asyncio, "get_running_loop", lambda: self.loop)
        self.start_ns = self.loop.now_ns
        self.step_ns = 0
        self.clock = Clock(lambda: self.loop.now_ns + self.step_ns, lambda: self.loop.now_ns)
        self.due_ns = NEVER_NS
        self.fired: list[float] = []
        self.timer = LazyTimer(self.clock, due=lambda: self.due_ns, fire=self.fire)
        self.clock.subscribe(self.timer.clock_stepped)

    def fire(self) -> None:
        self.fired.append((self.loop.now_ns - self.start_ns) / SECOND)
        self.due_ns = NEVER_NS

    def due_in(self, seconds: float) -> None:
        self.due_ns = self.clock.now_ns() + round(seconds * SECOND)
        self.timer.update(self.clock.now_ns())


@pytest.fixture
def rig(monkeypatch) -> Rig:
    return Rig(monkeypatch)


def test_it_fires_when_it_is_time(rig):
    rig.due_in(5)
    rig.loop.advance(20)
    assert rig.fired == [5]


def test_nothing_is_due(rig):
    rig.timer.update(rig.clock.now_ns())
    assert rig.loop.armed == 0
    rig.loop.advance(100)
    assert rig.fired == []


def test_what_moves_to_later_does_not_touch_it(rig):
    rig.due_in(5)
    for _ in range(4):
        rig.loop.advance(1)
        rig.due_in(5)
    assert rig.loop.armed == 1
    rig.loop.advance(4.9)
    assert rig.fired == []
    rig.loop.advance(1)
    assert rig.fired == [9]
    assert rig.loop.armed == 2


def test_what_moves_to_earlier_is_not_missed(rig):
    rig.due_in(50)
    rig.due_in(2)
    rig.loop.advance(3)
    assert rig.fired == [2]


def test_what_is_due_no_more_is_forgotten(rig):
    rig.due_in(5)
    rig.due_ns = NEVER_NS
    rig.loop.advance(60)
    assert rig.fired == []
    assert rig.loop.armed == 1
    rig.due_in(1)
    rig.loop.advance(2)
    assert rig.fired == [61]


def test_what_is_past_fires_at_once(rig):
    rig.due_in(-3)
    rig.loop.advance(0)
    assert rig.fired == [0]


@pytest.mark.parametrize("step_s", [3600, -3600])
def test_a_clock_that_steps_moves_nothing(rig, step_s):
    rig.due_in(5)
    rig.loop.advance(1)
    rig.step_ns = step_s * SECOND
    rig.due_ns += rig.step_ns  # as its owner does
    rig.clock.follow()
    rig.timer.update(rig.clock.now_ns())
    assert rig.loop.armed == 1
    rig.loop.advance(10)
    assert rig.fired == [5]


def test_stopped_it_fires_no_more(rig):
    rig.timer.stop()
    rig.due_in(5)
    rig.timer.stop()
    rig.timer.stop()
    rig.loop.advance(10)
    assert rig.fired == []
