"""Memory, and what makes a process wait for it. Sources are in docs/host.md."""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.host.facts.load import Pressure
from fixgate.host.judging.topic import Group, Line, Topic
from fixgate.host.model import Snapshot

__all__ = ["judge_memory"]

_GROUP = Group.MEMORY
SWAPPED = Topic("memory.swapped", _GROUP, "ours on disk", "nothing swapped out")
SWAP = Topic("memory.swap", _GROUP, "swap", "none, or used last (vm.swappiness 10 or less)")
AVAILABLE = Topic("memory.available", _GROUP, "available", "a tenth or more", momentary=True)
HUGE_PAGES = Topic("memory.huge_pages", _GROUP, "huge pages", "madvise or never")
BALANCING = Topic("memory.balancing", _GROUP, "NUMA balancing", "off")
MERGING = Topic("memory.merging", _GROUP, "page merging", "off")
LOCKED = Topic("memory.locked", _GROUP, "locked")
WAITING = Topic("memory.pressure", _GROUP, "waiting for memory", "never", momentary=True)
DISK = Topic("memory.io", _GROUP, "waiting for disks", "below 1 % of the time", momentary=True)

_SWAPS_LAST = 10


def judge_memory(snapshot: Snapshot) -> Iterator[Line]:
    """Yield a line for each topic of memory."""
    yield _swapped(snapshot)
    yield _swap(snapshot)
    yield _available(snapshot)
    yield _huge_pages(snapshot)
    yield _balancing(snapshot)
    yield _merging(snapshot)
    yield _locked(snapshot)
    yield _waiting(WAITING, snapshot.memory.waiting_memory, "a machine with more memory to spare")
    yield _waiting(DISK, snapshot.memory.waiting_io, "less work for the disks that our store is on")


def _swapped(snapshot: Snapshot) -> Line:
    swapped = snapshot.process.swapped_kib
    if swapped is None:
        return SWAPPED.unknown("not known on this system")
    if swapped == 0:
        return SWAPPED.good("nothing")
    return SWAPPED.bad(f"{swapped} KiB of this process", "swapoff -a, once memory suffices")


def _swap(snapshot: Snapshot) -> Line:
    memory = snapshot.memory
    if memory.swap_total_kib is None:
        return SWAP.unknown("not known on this system")
    if memory.swap_total_kib == 0:
        return SWAP.good("none")
    found = f"{memory.swap_total_kib >> 10} MiB"
    if memory.swappiness is None:
        return SWAP.noted(found)
    found += f", vm.swappiness {memory.swappiness}"
    if memory.swappiness <= _SWAPS_LAST:
        return SWAP.good(found)
    return SWAP.better(found, "sysctl -w vm.swappiness=1")


def _available(snapshot: Snapshot) -> Line:
    available, total = snapshot.memory.available_kib, snapshot.memory.total_kib
    if available is None or not total:
        return AVAILABLE.unknown("not known on this system")
    found = f"{available >> 10} of {total >> 10} MiB"
    if available * 10 >= total:
        return AVAILABLE.good(found)
    return AVAILABLE.better(found, "a machine with more memory to spare")


def _huge_pages(snapshot: Snapshot) -> Line:
    mode = snapshot.memory.huge_pages
    if mode is None:
        return HUGE_PAGES.unknown("this kernel has none, or does not say")
    if mode != "always":
        return HUGE_PAGES.good(mode)
    return HUGE_PAGES.better(
        "always: a page fault may wait until memory is moved together",
        "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
    )


def _balancing(snapshot: Snapshot) -> Line:
    balancing, nodes = snapshot.memory.numa_balancing, len(snapshot.processor.nodes)
    if balancing is None:
        return BALANCING.unknown("this kernel has none, or does not say")
    if not balancing:
        return BALANCING.good("off")
    if nodes < 2:
        return BALANCING.good("on, with one node: nothing to move")
    return BALANCING.better(
        f"on, with {nodes} nodes: pages are taken away for a moment to see who uses them",
        "sysctl -w kernel.numa_balancing=0",
    )


def _merging(snapshot: Snapshot) -> Line:
    merging = snapshot.memory.merging
    if merging is None:
        return MERGING.unknown("this kernel has none, or does not say")
    if not merging:
        return MERGING.good("off")
    return MERGING.better("on (KSM)", "echo 0 > /sys/kernel/mm/ksm/run")


def _locked(snapshot: Snapshot) -> Line:
    locked = snapshot.process.locked_kib
    if locked is None:
        return LOCKED.unknown("not known on this system")
    return LOCKED.noted(f"{locked} KiB of this process")


def _waiting(topic: Topic, waiting: Pressure | None, how: str) -> Line:
    if waiting is None:
        return topic.unknown("the kernel does not count it (CONFIG_PSI, psi=1)")
    found = f"{waiting.recent_percent:.1f} % of the last 10 s"
    if waiting.recent_percent < 1:
        return topic.good(found)
    return topic.bad(found, how) if waiting.recent_percent >= 20 else topic.better(found, how)
