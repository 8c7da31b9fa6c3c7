"""What this machine counted while something was measured: two quick readings and their difference.

A reading costs a few files of /proc, some 0.3 ms; it is taken before and after a measurement,
never in it. What a file counts is said in docs/host.md; whose it is, too: a thread's, that of its
control group, its network namespace, or the whole machine's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from functools import cache

from fixgate.host.facts.cgroup import CpuGroup, cpu_groups, throttling
from fixgate.host.facts.load import pressure, steal_ticks
from fixgate.host.facts.numbers import natural
from fixgate.host.facts.task import labelled, migrations, run_delay_ns
from fixgate.host.facts.traffic import (
    InterfaceDrops,
    ProtocolCounts,
    SoftnetCpu,
    interface_drops,
    softnet,
)
from fixgate.host.tree import Tree

__all__ = ["Counters", "Counts", "Window", "read_counters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is counted; ``None`` is not known here, or of a `Window`: went back.

    Attributes:
        voluntary_switches: The calling thread gave its CPU up, to wait for something.
        involuntary_switches: It was put aside for another that was to run.
        migrations: It was moved to another CPU.
        run_delay_ns: It was ready, and did not run. ``None`` where the kernel does not count it.
        retrans_segs: TCP segments sent again, in this network namespace, all connections.
        tcp_timeouts: Retransmission timers that ran out.
        tcp_lost_retransmit: What was sent again was lost again.
        listen_drops: Connections refused because a listener's queue was full, among others.
        tcp_backlog_drop: Segments dropped because a socket's backlog was full.
        prune_called: A socket's receive buffer was over its limit, and was tidied up.
        tcp_rcvq_drop: Segments dropped because a socket's receive buffer was full.
        steal_ticks: Ticks (1/100 s) in which the hypervisor ran others; ``None`` outside of one.
        cpu_pressure_us: Somebody on this machine was ready, and did not run (PSI, ``some``).
        throttled_periods: Periods in which our control group, or one above, stood still.
        throttled_us: For how long.
    """

    voluntary_switches: int | None = None
    involuntary_switches: int | None = None
    migrations: int | None = None
    run_delay_ns: int | None = None
    retrans_segs: int | None = None
    tcp_timeouts: int | None = None
    tcp_lost_retransmit: int | None = None
    listen_drops: int | None = None
    tcp_backlog_drop: int | None = None
    prune_called: int | None = None
    tcp_rcvq_drop: int | None = None
    steal_ticks: int | None = None
    cpu_pressure_us: int | None = None
    throttled_periods: int | None = None
    throttled_us: int | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """One reading.

    Attributes:
        at_ns: When it began, CLOCK_REALTIME, nanoseconds since the epoch.
        steady_ns: The same by CLOCK_MONOTONIC.
        counts: What was counted since the thread, the group or the machine began.
        softnet: Packets that came in, by CPU; of the whole machine.
        interfaces: What each interface lost.
    """

    at_ns: int
    steady_ns: int
    counts: Counts = Counts()
    softnet: tuple[SoftnetCpu, ...] = ()
    interfaces: tuple[InterfaceDrops, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """What was counted between two readings.

    Attributes:
        begin_ns: When it began, CLOCK_REALTIME, nanoseconds since the epoch.
        end_ns: When it ended, by the same clock.
        duration_ns: How long it was by CLOCK_MONOTONIC.
        grown: By how much each count grew.
        softnet: The same of the CPUs that are in both readings.
        interfaces: The same of the interfaces that are in both.
    """

    begin_ns: int
    end_ns: int
    duration_ns: int
    grown: Counts = Counts()
    softnet: tuple[SoftnetCpu, ...] = ()
    interfaces: tuple[InterfaceDrops, ...] = ()

    @property
    def clock_step_ns(self) -> int:
        """How far the wall clock was set forward in it; below 0: back. Reading takes some us."""
        return self.end_ns - self.begin_ns - self.duration_ns

    @classmethod
    def between(cls, before: Counters, after: Counters) -> Window:
        """Return what was counted from one reading to the next.

        Raises:
            ValueError: They are the wrong way round.
        """
        duration_ns = after.steady_ns - before.steady_ns
        if duration_ns < 0:
            raise ValueError(f"the second reading is {-duration_ns} ns before the first")
        return cls(
            before.at_ns,
            after.at_ns,
            duration_ns,
            _grown_counts(before.counts, after.counts),
            tuple(_grown_softnet(before.softnet, after.softnet)),
            tuple(_grown_interfaces(before.interfaces, after.interfaces)),
        )


def _grown(before: int | None, after: int | None) -> int | None:
    if before is None or after is None or after < before:
        return None
    return after - before


def _grown_counts(before: Counts, after: Counts) -> Counts:
    names = [field.name for field in fields(Counts)]
    return Counts(**{name: _grown(getattr(before, name), getattr(after, name)) for name in names})


def _grown_softnet(
    before: tuple[SoftnetCpu, ...], after: tuple[SoftnetCpu, ...]
) -> list[SoftnetCpu]:
    earlier = {row.cpu: row for row in before}
    pairs = [(earlier[row.cpu], row) for row in after if row.cpu in earlier]
    return [
        SoftnetCpu(
            new.cpu,
            # The kernel counts in 32 bits here, and begins again.
            (new.processed - old.processed) % 2**32,
            (new.dropped - old.dropped) % 2**32,
            (new.squeezed - old.squeezed) % 2**32,
        )
        for old, new in pairs
    ]


def _grown_interfaces(
    before: tuple[InterfaceDrops, ...], after: tuple[InterfaceDrops, ...]
) -> list[InterfaceDrops]:
    earlier = {row.name: row for row in before}
    pairs = [(earlier[row.name], row) for row in after if row.name in earlier]
    return [
        InterfaceDrops(
            new.name,
            # A driver that was reset counts from 0 again: what there is, is new.
            _grown_or_all(old.rx_dropped, new.rx_dropped),
            _grown_or_all(old.rx_errors, new.rx_errors),
            _grown_or_all(old.tx_dropped, new.tx_dropped),
            _grown_or_all(old.tx_errors, new.tx_errors),
        )
        for old, new in pairs
    ]


def _grown_or_all(before: int, after: int) -> int:
    return after - before if after >= before else after


# Reading.


@dataclass(frozen=True, slots=True)
class _Places:
    """What is found out once: it stays while the process lives."""

    groups: tuple[CpuGroup, ...]
    virtual: bool


def read_counters(root: str = "/") -> Counters:
    """Read the counters of this machine, and of the thread that calls.

    Never raises; what cannot be read is ``None``, or left out. Elsewhere than on Linux that is
    everything.

    Args:
        root: The folder that stands for ``/``.
    """
    at_ns, steady_ns = time.time_ns(), time.monotonic_ns()
    places, tree = _places(root), Tree(root)
    return Counters(
        at_ns,
        steady_ns,
        _counts(tree, places),
        softnet(tree.read("/proc/net/softnet_stat")),
        interface_drops(tree.read("/proc/net/dev")),
    )


@cache
def _places(root: str) -> _Places:
    tree = Tree(root)
    groups = cpu_groups(tree.read("/proc/self/cgroup"), tree.read("/proc/self/mountinfo"))
    flags = labelled(tree.read("/proc/cpuinfo")).get("flags")
    # /proc/stat takes a millisecond where there are many interrupts, and nothing is stolen where
    # nobody is above us. Other processors than x86 do not say so.
    virtual = flags is None or "hypervisor" in flags.split()
    return _Places(groups, virtual)


def _counts(tree: Tree, places: _Places) -> Counts:
    task = labelled(tree.read("/proc/thread-self/status"))
    tcp = ProtocolCounts(tree.read("/proc/net/snmp"), tree.read("/proc/net/netstat"))
    waiting = pressure(tree.read("/proc/pressure/cpu"))
    held = [throttling(tree.read(f"{group.path}/cpu.stat")) for group in places.groups]
    throttled = [found for found in held if found is not None]
    return Counts(
        voluntary_switches=natural(task.get("voluntary_ctxt_switches", "")),
        involuntary_switches=natural(task.get("nonvoluntary_ctxt_switches", "")),
        migrations=migrations(tree.read("/proc/thread-self/sched")),
        run_delay_ns=run_delay_ns(tree.read("/proc/thread-self/schedstat")),
        retrans_segs=tcp.get("Tcp", "RetransSegs"),
        tcp_timeouts=tcp.get("TcpExt", "TCPTimeouts"),
        tcp_lost_retransmit=tcp.get("TcpExt", "TCPLostRetransmit"),
        listen_drops=tcp.get("TcpExt", "ListenDrops"),
        tcp_backlog_drop=tcp.get("TcpExt", "TCPBacklogDrop"),
        prune_called=tcp.get("TcpExt", "PruneCalled"),
        tcp_rcvq_drop=tcp.get("TcpExt", "TCPRcvQDrop"),
        steal_ticks=steal_ticks(tree.read("/proc/stat")) if places.virtual else None,
        cpu_pressure_us=waiting.total_us if waiting else None,
        throttled_periods=sum(found.periods for found in throttled) if throttled else None,
        throttled_us=sum(found.throttled_us for found in throttled) if throttled else None,
    )
