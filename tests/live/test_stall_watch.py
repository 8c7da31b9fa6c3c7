"""Real stalls on a real machine, under both event loops; a busy one may show more of them."""

import asyncio
import gc
import os
import subprocess
import sys
import time

import pytest

from fixgate.host.stall import Stall, StallKind
from fixgate.host.stall_watch import StallWatch
from fixgate.net.loop import new_event_loop

pytestmark = pytest.mark.live

LOOPS = [asyncio.new_event_loop, new_event_loop]


def _of(kind: StallKind, stalls: tuple[Stall, ...]) -> list[Stall]:
    return [stall for stall in stalls if stall.kind is kind]


@pytest.mark.parametrize("loop_factory", LOOPS)
def test_a_loop_that_was_held_up_for_50_ms(loop_factory):
    async def held_up() -> tuple[int, int, tuple[Stall, ...]]:
        with StallWatch() as watch:
            await asyncio.sleep(0.02)
            watch.stalls()
            begin_ns = time.time_ns()
            time.sleep(0.05)  # noqa: ASYNC251 - it is to hold the loop up
            end_ns = time.time_ns()
            await asyncio.sleep(0.01)
            return begin_ns, end_ns, watch.stalls()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        begin_ns, end_ns, stalls = runner.run(held_up())
    longest = max(_of(StallKind.LOOP, stalls), key=lambda stall: stall.duration_ns)
    assert longest.overlaps(begin_ns, end_ns)
    assert 40_000_000 < longest.duration_ns < 500_000_000


def test_a_collection_of_many_objects():
    kept = [[number] for number in range(300_000)]
    with StallWatch() as watch:
        begin_ns = time.time_ns()
        gc.collect()
        end_ns = time.time_ns()
    pauses = [stall for stall in _of(StallKind.GC, watch.stalls()) if stall.generation == 2]
    assert any(pause.overlaps(begin_ns, end_ns) for pause in pauses)
    assert len(kept) == 300_000


@pytest.mark.skipif(sys.platform != "linux", reason="needs a CPU to share")
def test_a_core_shared_with_others_is_late():
    cpu = min(os.sched_getaffinity(0))
    code = f"import os\nos.sched_setaffinity(0, {{{cpu}}})\nwhile True: pass"
    hogs = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    try:
        time.sleep(0.3)
        with StallWatch(cpu=cpu, threshold_ns=1_000_000) as watch:
            time.sleep(1.0)
    finally:
        for process in hogs:
            process.kill()
            process.wait()
    assert _of(StallKind.SCHEDULING, watch.stalls())


def test_a_thread_of_ours_that_keeps_the_lock_is_no_stall():
    with StallWatch(threshold_ns=500_000) as watch:
        began_ns, used_ns = time.monotonic_ns(), time.process_time_ns()
        end_s = time.thread_time() + 0.5
        while time.thread_time() < end_s:
            sum(range(1000))
        stalls = _of(StallKind.SCHEDULING, watch.stalls())
        used_ns = time.process_time_ns() - used_ns
        idle_ns = time.monotonic_ns() - began_ns - used_ns
    # Python hands its lock over after 5 ms: there were a hundred chances to be late by that. Stalls
    # are those alone in which the process did not run, which a busy machine may have some of.
    assert len(stalls) * 500_000 <= idle_ns + 10_000_000
