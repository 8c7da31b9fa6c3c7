"""The three watchers together: what is kept, in which order, and what is left behind."""

import asyncio
import gc
import sys
import threading

import pytest

from fixgate.host.stall import Stall, StallKind
from fixgate.host.stall_watch import StallWatch


def _stall(begin_ns: int) -> Stall:
    return Stall(StallKind.LOOP, begin_ns, begin_ns + 1)


def test_stalls_come_by_when_they_began_and_once():
    watch = StallWatch()
    for begin_ns in (3, 1, 2):
        watch._record(_stall(begin_ns))
    assert watch.stalls() == (_stall(1), _stall(2), _stall(3))
    assert watch.stalls() == ()
    assert watch.forgotten == 0


def test_beyond_its_limit_the_oldest_are_forgotten_and_counted():
    watch = StallWatch(limit=2)
    for begin_ns in (1, 2, 3, 4):
        watch._record(_stall(begin_ns))
    assert watch.forgotten == 2
    assert watch.stalls() == (_stall(3), _stall(4))


def test_it_leaves_no_thread_no_callback_and_no_timer_behind():
    async def watched() -> bool:
        with StallWatch():
            assert len(gc.callbacks) == callbacks + 1
            assert threading.active_count() == threads + 1
            await asyncio.sleep(0)
        return all(timer.cancelled() for timer in asyncio.get_running_loop()._scheduled)

    callbacks, threads = len(gc.callbacks), threading.active_count()
    assert asyncio.run(watched())
    assert (len(gc.callbacks), threading.active_count()) == (callbacks, threads)


def test_without_a_loop_there_is_no_loop_to_watch():
    with StallWatch() as watch:
        pass
    assert watch.loop_lateness().count == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no thread can be kept on a CPU")
def test_a_cpu_that_is_not_there_is_an_error_and_leaves_nothing_behind():
    callbacks, threads = len(gc.callbacks), threading.active_count()
    with pytest.raises(OSError, match="Invalid argument"), StallWatch(cpu=8191):
        pass
    assert (len(gc.callbacks), threading.active_count()) == (callbacks, threads)
