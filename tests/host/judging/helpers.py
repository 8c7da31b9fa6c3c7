"""Snapshots by hand: a machine that is as good as it gets, and one part of it changed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fixgate.host.activity import Activity
from fixgate.host.facts.load import Pressure
from fixgate.host.facts.traffic import SoftnetCpu
from fixgate.host.judge import judge
from fixgate.host.judging.topic import Grade, Line
from fixgate.host.model import (
    Chrony,
    ClockFacts,
    IdleState,
    Interrupts,
    Irq,
    KernelClock,
    Machine,
    Memory,
    Network,
    Node,
    Process,
    Processor,
    Snapshot,
    Softirq,
)
from fixgate.host.nic import Nic, NicSettings
from fixgate.host.window import Counters, Counts, Window

START_NS = 1_795_761_241_295_290_165

BEST = Snapshot(
    taken_ns=START_NS,
    host="desk-1",
    fixgate_version="0.1.0",
    targets=("10.20.1.15",),
    machine=Machine(
        kernel="6.8.0-31-generic",
        architecture="x86_64",
        processor="Intel(R) Xeon(R) Gold 6334",
        parameters=("isolcpus=managed_irq,domain,2-3", "nohz_full=2-3"),
        virtual=False,
        hypervisor="",
        container="",
        boot_id="f68fab5a-6bef-47eb-890f-2e9a7a58c681",
        python="CPython 3.13.1",
        event_loop="uvloop",
    ),
    processor=Processor(
        online=tuple(range(8)),
        isolated=(2, 3),
        tickless=(2, 3),
        siblings=((2,),),
        smt="off",
        governors=("performance",),
        frequency_driver="intel_pstate",
        boost=True,
        least_khz=3_000_000,
        most_khz=4_700_000,
        idle_driver="intel_idle",
        idle_states=(IdleState("POLL", 0, True), IdleState("C1", 2, True)),
        nodes=(Node(0, (0, 1, 2, 3)), Node(1, (4, 5, 6, 7))),
    ),
    process=Process(
        affinity=(2,),
        policy="other",
        timer_slack_ns=50_000,
        locked_kib=0,
        swapped_kib=0,
        quota_known=True,
        load=0.2,
        running=1,
        daemons=("chronyd",),
    ),
    interrupts=Interrupts(
        lines=(
            Irq("120", "IR-PCI-MSIX 1-edge ice-eth0-TxRx-0", (0,), ours=0, others=905),
            Irq("121", "IR-PCI-MSIX 2-edge ice-eth0-TxRx-1", (1,), ours=0, others=807),
            Irq("LOC", "Local timer interrupts", None, ours=100, others=60_000),
        ),
        softirqs=(Softirq("NET_RX", ours=0, others=99),),
    ),
    memory=Memory(
        huge_pages="madvise",
        swap_total_kib=0,
        swap_free_kib=0,
        swappiness=60,
        total_kib=24 << 20,
        available_kib=20 << 20,
        numa_balancing=False,
        merging=False,
        waiting_cpu=Pressure(0.2, 1000),
        waiting_memory=Pressure(0.0, 0),
        waiting_io=Pressure(0.1, 7),
    ),
    network=Network(
        sysctls=(
            ("net.core.busy_poll", "0"),
            ("net.core.busy_read", "0"),
            ("net.core.default_qdisc", "fq_codel"),
            ("net.core.netdev_budget", "300"),
            ("net.core.netdev_budget_usecs", "8000"),
            ("net.core.netdev_max_backlog", "1000"),
            ("net.ipv4.tcp_congestion_control", "cubic"),
            ("net.ipv4.tcp_rmem", "4096 131072 6291456"),
            ("net.ipv4.tcp_sack", "1"),
            ("net.ipv4.tcp_slow_start_after_idle", "0"),
            ("net.ipv4.tcp_timestamps", "1"),
            ("net.ipv4.tcp_window_scaling", "1"),
        ),
        segments_sent=10_000_000,
    ),
    nics=(
        Nic(
            name="eth0",
            targets=("10.20.1.15",),
            physical=True,
            mtu=1500,
            speed_mbit=25_000,
            duplex="full",
            carrier=True,
            carrier_changes=0,
            node=0,
            irqs=("120", "121"),
            settings=NicSettings(
                driver="ice", driver_version="6.8.0", firmware="4.40", bus="0000:3b:00.0",
                rx_ring=2048, rx_ring_most=8160, tx_ring=256, tx_ring_most=8160,
                rx_usecs=0, rx_frames=0, adaptive_rx=False, rx_pause=False, tx_pause=False,
                channels=2, channels_most=8, gro=False, lro=False, tso=True,
                timestamping=0x5F, phc=0,
            ),
            counts=(("rx_dropped", 0), ("rx_missed_errors", 0)),
        ),
    ),
    clock=ClockFacts(
        source="tsc",
        sources=("tsc", "hpet"),
        kernel=KernelClock(
            synchronised=True, offset_ns=1200, max_error_us=900, estimated_error_us=3,
            frequency_ppm=-2.5, tai_s=37,
        ),
        chrony=Chrony("ntp1.desk.example", 2, -1204, 80_000, 20_000, "Normal"),
        ptp=("ice-0000:3b:00.0-clk",),
    ),
    counters=Counters(
        START_NS,
        3_600_000_000_000,
        Counts(
            retrans_segs=10, tcp_timeouts=0, listen_drops=0, tcp_backlog_drop=0, prune_called=0,
            tcp_rcvq_drop=0, throttled_periods=0, throttled_us=0, cpu_pressure_us=1000,
        ),
        (SoftnetCpu(0, 1_000_000, 0, 1), SoftnetCpu(1, 1_000_000, 0, 0)),
    ),
)  # fmt: skip

QUIET = Activity(
    Window(
        START_NS,
        START_NS + 1_000_000_000,
        1_000_000_000,
        Counts(
            involuntary_switches=0, migrations=0, run_delay_ns=40_000, retrans_segs=0,
            tcp_backlog_drop=0, tcp_rcvq_drop=0, prune_called=0, listen_drops=0, steal_ticks=0,
            cpu_pressure_us=100, throttled_periods=0, throttled_us=0,
        ),
        (SoftnetCpu(0, 1000, 0, 0),),
    ),
)  # fmt: skip
"""A second in which nothing went wrong."""


def grown(**counts: int) -> Activity:
    """The same second, with counts that grew."""
    window = QUIET.window
    return replace(QUIET, window=replace(window, grown=replace(window.grown, **counts)))


def changed(snapshot: Snapshot = BEST, **parts: Mapping[str, Any]) -> Snapshot:
    """A snapshot with some fields of its parts changed: ``changed(memory={"merging": True})``."""
    new = {name: replace(getattr(snapshot, name), **fields) for name, fields in parts.items()}
    return replace(snapshot, **new)


def with_nic(
    snapshot: Snapshot = BEST, *, said: Mapping[str, Any] | None = None, **fields: Any
) -> Snapshot:
    """A snapshot with some fields of its one interface, or of what its driver said, changed."""
    nic = snapshot.nics[0]
    return replace(
        snapshot, nics=(replace(nic, settings=replace(nic.settings, **said or {}), **fields),)
    )


def line(key: str, snapshot: Snapshot = BEST, activity: Activity | None = None) -> Line:
    """The one line about something."""
    (found,) = [each for each in judge(snapshot, activity) if each.key == key]
    return found


def verdict(
    key: str, snapshot: Snapshot = BEST, activity: Activity | None = None
) -> tuple[Grade, str, str]:
    """Its grade, what was found, and how to do better."""
    found = line(key, snapshot, activity)
    return found.grade, found.found, found.how


GOOD, BETTER, BAD, UNKNOWN, NOTED = Grade.GOOD, Grade.BETTER, Grade.BAD, Grade.UNKNOWN, Grade.NOTED
