from __future__ import annotations

import asyncio

import pytest

from fixgate.net.waiting import Waiting
from fixgate.scenario.virtual import VirtualLoop


def play(test):
    """Run a test in virtual time with something that waits; return what was let go, and when."""
    loop = VirtualLoop(0)
    gone: list[tuple[int, list[str]]] = []

    async def main():
        clock = loop.clock()
        await test(loop, Waiting(clock, lambda due: gone.append((clock.steady_ns(), due))))

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())
    return gone


def test_each_goes_at_its_instant_and_equals_in_order():
    async def test(loop, waiting):
        for name, due_ns in (("late", 3_000_000), ("b", 1_000_007), ("a", 7), ("c", 1_000_007)):
            waiting.put(name, due_ns)
        assert len(waiting) == 4
        await asyncio.sleep(1)
        assert len(waiting) == 0
        waiting.put("past", 0)
        await asyncio.sleep(1)

    assert play(test) == [
        (7, ["a"]),
        (1_000_007, ["b", "c"]),
        (3_000_000, ["late"]),
        (1_000_000_000, ["past"]),
    ]


def test_what_is_cleared_does_not_go():
    async def test(loop, waiting):
        for name, due_ns in (("b", 2), ("a", 1), ("c", 2)):
            waiting.put(name, due_ns)
        assert waiting.clear() == ["a", "b", "c"]
        assert waiting.clear() == []
        await asyncio.sleep(1)

    assert play(test) == []


def test_what_is_drained_goes_now():
    async def test(loop, waiting):
        waiting.put("b", 2_000)
        waiting.put("a", 1_000)
        waiting.drain()
        waiting.drain()
        await asyncio.sleep(1)

    assert play(test) == [(0, ["a", "b"])]


def test_a_mistake_of_one_does_not_hold_up_the_others():
    loop = VirtualLoop(0)
    said: list[object] = []
    gone: list[str] = []

    def release(due: list[str]):
        gone.extend(due)
        if "bad" in due:
            raise RuntimeError("bad")

    async def main():
        loop.set_exception_handler(lambda _, context: said.append(str(context["exception"])))
        waiting: Waiting[str] = Waiting(loop.clock(), release)
        waiting.put("bad", 10)
        waiting.put("good", 20)
        await asyncio.sleep(1)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())
    assert (gone, said) == (["bad", "good"], ["bad"])


def test_it_may_be_fed_from_its_own_release():
    loop = VirtualLoop(0)
    gone: list[int] = []

    async def main():
        waiting: Waiting[int] = Waiting(loop.clock(), lambda due: step(due[0]))

        def step(number: int):
            gone.append(loop.now_ns)
            if number < 3:
                waiting.put(number + 1, loop.now_ns + 500)

        waiting.put(0, 100)
        await asyncio.sleep(1)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())
    assert gone == [100, 600, 1100, 1600]


@pytest.mark.parametrize("due_ns", [0, 300_000, 3_000_000])
async def test_a_clock_of_the_real_world_is_never_ahead_of_what_it_lets_go(due_ns: int):
    from fixgate.net.clock import Clock

    clock, done = Clock(), asyncio.Event()
    waiting: Waiting[str] = Waiting(clock, lambda due: done.set())
    due_ns += clock.steady_ns()
    waiting.put("a", due_ns)
    await asyncio.wait_for(done.wait(), 5)
    assert clock.steady_ns() >= due_ns
