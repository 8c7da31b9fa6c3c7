"""Pauses of the garbage collector, as Python tells of them."""

import gc

from fixgate.host.collector import CollectorWatch
from fixgate.host.stall import Stall, StallKind
from tests.host.clocks import EPOCH_NS, Machine


def test_a_pause_of_the_threshold_is_a_stall():
    machine, stalls = Machine(), list[Stall]()
    watch = CollectorWatch(stalls.append, clocks=machine.clocks)
    for generation, pause_ns in ((0, 99_999), (2, 100_000)):
        watch.told("start", {"generation": generation, "collected": 0, "uncollectable": 0})
        machine.now_ns += pause_ns
        watch.told("stop", {"generation": generation, "collected": 7, "uncollectable": 0})
    assert stalls == [Stall(StallKind.GC, EPOCH_NS + 99_999, EPOCH_NS + 199_999, 2)]


def test_a_collection_that_began_before_us_is_not_ours():
    stalls: list[Stall] = []
    CollectorWatch(stalls.append, threshold_ns=0).told("stop", {"generation": 2})
    assert stalls == []


def test_it_is_told_while_it_is_started_and_leaves_nothing_behind():
    before = list(gc.callbacks)
    stalls: list[Stall] = []
    watch = CollectorWatch(stalls.append, threshold_ns=0)
    watch.start()
    gc.collect(1)
    watch.stop()
    gc.collect(1)
    assert [(stall.kind, stall.generation) for stall in stalls] == [(StallKind.GC, 1)]
    watch.stop()
    assert gc.callbacks == before
