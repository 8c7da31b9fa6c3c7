"""All facts, at one instant."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable

from fixgate import __version__
from fixgate.host.devices import Devices, SystemDevices
from fixgate.host.facts.chrony import tracking
from fixgate.host.facts.interrupts import InterruptRow, interrupt_rows
from fixgate.host.facts.load import pressure
from fixgate.host.facts.numbers import cpu_list, natural
from fixgate.host.facts.settings import chosen, kibibytes, switched
from fixgate.host.model import ClockFacts, Interrupts, Irq, Memory, Snapshot, Softirq
from fixgate.host.reading.machine import read_machine, read_processor
from fixgate.host.reading.network import read_network, read_nics
from fixgate.host.reading.process import read_process
from fixgate.host.tree import Tree
from fixgate.host.window import read_counters

__all__ = ["read_interrupts", "read_snapshot"]

_CLOCKSOURCE = "/sys/devices/system/clocksource/clocksource0"


def read_snapshot(
    targets: Iterable[str] = (), *, root: str = "/", devices: Devices | None = None
) -> Snapshot:
    """Read all facts of this machine, of this process, and of the way to the targets.

    Never raises; takes some milliseconds, more where there are many CPUs or processes. Nothing is
    changed, and nothing goes over the network.

    Args:
        targets: IP addresses.
        root: The folder that stands for ``/``.
        devices: What no file says; this machine's when ``None``.
    """
    tree, asked, wanted = Tree(root), devices or SystemDevices(), tuple(targets)
    process = read_process(tree)
    return Snapshot(
        taken_ns=time.time_ns(),
        host=platform.node(),
        fixgate_version=__version__,
        targets=wanted,
        machine=read_machine(tree),
        processor=read_processor(tree, process.affinity),
        process=process,
        interrupts=read_interrupts(process.affinity, root=root),
        memory=_memory(tree),
        network=read_network(tree),
        nics=read_nics(tree, asked, wanted),
        clock=_clock(tree, asked),
        counters=read_counters(root),
        unread=tuple(sorted(tree.unread.items())),
    )


def read_interrupts(ours: tuple[int, ...] | None, *, root: str = "/") -> Interrupts:
    """Read where the machine interrupts its CPUs.

    Args:
        ours: CPUs that this process may run on; ``None`` for all.
        root: The folder that stands for ``/``.
    """
    tree = Tree(root)
    rows = interrupt_rows(tree.read("/proc/interrupts"))
    soft = interrupt_rows(tree.read("/proc/softirqs"))
    return Interrupts(
        tuple(
            Irq(row.name, row.what, _handled(tree, row.name), *_split(row, ours)) for row in rows
        ),
        tuple(Softirq(row.name, *_split(row, ours)) for row in soft),
    )


def _split(row: InterruptRow, ours: tuple[int, ...] | None) -> tuple[int, int]:
    total = sum(count for _, count in row.counts)
    on_ours = sum(count for cpu, count in row.counts if ours is None or cpu in ours)
    return on_ours, total - on_ours


def _handled(tree: Tree, name: str) -> tuple[int, ...] | None:
    """Return where an interrupt goes: what the controller was told, or else what was asked for."""
    if natural(name) is None:
        return None
    effective = cpu_list(tree.peek(f"/proc/irq/{name}/effective_affinity_list"))
    return effective or cpu_list(tree.peek(f"/proc/irq/{name}/smp_affinity_list"))


def _memory(tree: Tree) -> Memory:
    meminfo = tree.read("/proc/meminfo")
    return Memory(
        huge_pages=chosen(tree.read("/sys/kernel/mm/transparent_hugepage/enabled")),
        swap_total_kib=kibibytes(meminfo, "SwapTotal"),
        swap_free_kib=kibibytes(meminfo, "SwapFree"),
        swappiness=natural((tree.read("/proc/sys/vm/swappiness") or "").strip()),
        total_kib=kibibytes(meminfo, "MemTotal"),
        available_kib=kibibytes(meminfo, "MemAvailable"),
        numa_balancing=_balanced(tree.peek("/proc/sys/kernel/numa_balancing")),
        merging=switched(tree.peek("/sys/kernel/mm/ksm/run")),
        waiting_cpu=pressure(tree.read("/proc/pressure/cpu")),
        waiting_memory=pressure(tree.read("/proc/pressure/memory")),
        waiting_io=pressure(tree.read("/proc/pressure/io")),
    )


def _balanced(text: str | None) -> bool | None:
    # 2 is memory tiering, 3 is both.
    mode = natural((text or "").strip())
    return None if mode is None else mode & 1 == 1


def _clock(tree: Tree, devices: Devices) -> ClockFacts:
    names = (
        f"/sys/class/ptp/{clock}/clock_name" for clock in tree.names_or_none("/sys/class/ptp") or ()
    )
    return ClockFacts(
        source=(tree.read(f"{_CLOCKSOURCE}/current_clocksource") or "").strip() or None,
        sources=tuple((tree.read(f"{_CLOCKSOURCE}/available_clocksource") or "").split()),
        kernel=devices.kernel_clock(),
        chrony=tracking(devices.chronyc()),
        ptp=tuple((tree.peek(name) or "").strip() for name in names),
    )
