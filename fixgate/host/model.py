"""What is known of this machine and this process: plain values, read at one instant.

``None`` is not known here. A CPU is its number in the kernel; a tuple of CPUs is in order.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.host.facts.load import Pressure
from fixgate.host.nic import Nic
from fixgate.host.window import Counters

__all__ = [
    "Bypass",
    "Chrony",
    "ClockFacts",
    "IdleState",
    "Interrupts",
    "Irq",
    "KernelClock",
    "Machine",
    "Memory",
    "Network",
    "Node",
    "Process",
    "Processor",
    "Runnable",
    "Snapshot",
    "Softirq",
]


@dataclass(frozen=True, slots=True)
class Machine:
    """The system.

    Attributes:
        kernel: Its release, such as ``6.8.0-31-generic``; empty where it is not Linux.
        architecture: Such as ``x86_64``.
        processor: The model's name.
        parameters: What the kernel was started with, as far as it has to do with time; the rest
            may be nobody's business.
        virtual: Whether a hypervisor is below.
        hypervisor: Its name or its maker's, where one is given.
        container: Such as ``docker``; empty outside of one, as far as that shows.
        boot_id: Another one after each start.
        python: Such as ``CPython 3.13.1``.
        event_loop: ``uvloop`` or ``asyncio``: whichever fixgate uses here.
    """

    kernel: str
    architecture: str
    processor: str
    parameters: tuple[str, ...]
    virtual: bool | None
    hypervisor: str
    container: str
    boot_id: str
    python: str
    event_loop: str


@dataclass(frozen=True, slots=True)
class IdleState:
    """One way for a CPU to sleep.

    Attributes:
        name: Such as ``C6``.
        latency_us: How long it takes to wake up from it.
        enabled: On one of our CPUs at least.
    """

    name: str
    latency_us: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A NUMA node and its CPUs."""

    number: int
    cpus: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Processor:
    """The CPUs; where one stands for several, those that this process may run on.

    Attributes:
        online: CPUs that run.
        isolated: Kept free of what the scheduler spreads (``isolcpus=``).
        tickless: Without a timer tick while one thread runs (``nohz_full=``).
        siblings: CPUs that share a core with one of ours, ours among them; one tuple a core.
        smt: ``on``, ``off``, ``forceoff``, ``notsupported``.
        governors: Of ours, each once.
        frequency_driver: Such as ``intel_pstate``.
        boost: Whether a core may run above its nominal frequency.
        least_khz: The lowest frequency of ours now.
        most_khz: The highest that they have.
        idle_driver: Such as ``intel_idle``.
        idle_states: Ways to sleep.
        latency_limit_us: What the CPUs' sleep is limited to (/dev/cpu_dma_latency).
        nodes: NUMA nodes with CPUs.
    """

    online: tuple[int, ...] | None = None
    isolated: tuple[int, ...] | None = None
    tickless: tuple[int, ...] | None = None
    siblings: tuple[tuple[int, ...], ...] = ()
    smt: str | None = None
    governors: tuple[str, ...] = ()
    frequency_driver: str | None = None
    boost: bool | None = None
    least_khz: int | None = None
    most_khz: int | None = None
    idle_driver: str | None = None
    idle_states: tuple[IdleState, ...] = ()
    latency_limit_us: int | None = None
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Runnable:
    """Another process that runs, or wants to, on one of our CPUs.

    Attributes:
        pid: Its number.
        name: At most 15 characters of it.
        cpu: Where.
        of_kernel: It is a thread of the kernel, which belongs there.
    """

    pid: int
    name: str
    cpu: int
    of_kernel: bool


@dataclass(frozen=True, slots=True)
class Bypass:
    """A library that does the network in this process instead of the kernel.

    Attributes:
        name: ``OpenOnload`` or ``VMA``.
        loaded: In this process; else only installed, or asked for.
        evidence: What shows it.
    """

    name: str
    loaded: bool
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Process:
    """This process.

    Attributes:
        affinity: CPUs that it may run on.
        policy: ``other``, ``fifo``, ``rr``, ``batch``, ``idle``, ``deadline``.
        priority: 1 to 99 of ``fifo`` and ``rr``; else 0.
        nice: -20 to 19.
        timer_slack_ns: How late the kernel may be with timers of ours.
        locked_kib: Memory that stays.
        swapped_kib: Memory of ours that is on disk.
        quota_cpus: CPUs' time that a control group may use: the least of ours and those above.
        quota_known: Whether control groups could be read.
        load: Processes that ran or waited, mean of one minute.
        running: Tasks that run or want to, now.
        runnable: Other processes that do, on our CPUs.
        daemons: Names of those known to matter: time, interrupts.
        bypasses: Libraries that bypass the kernel.
    """

    affinity: tuple[int, ...] | None = None
    policy: str | None = None
    priority: int = 0
    nice: int = 0
    timer_slack_ns: int | None = None
    locked_kib: int | None = None
    swapped_kib: int | None = None
    quota_cpus: float | None = None
    quota_known: bool = False
    load: float | None = None
    running: int | None = None
    runnable: tuple[Runnable, ...] = ()
    daemons: tuple[str, ...] = ()
    bypasses: tuple[Bypass, ...] = ()


@dataclass(frozen=True, slots=True)
class Irq:
    """One line of /proc/interrupts.

    Attributes:
        name: Its number or its label, such as ``38`` or ``LOC``.
        what: The device, or what it is for.
        cpus: Where it may be handled; ``None`` for those that have no choice.
        ours: Since the start, on CPUs that this process may run on.
        others: On all others.
    """

    name: str
    what: str
    cpus: tuple[int, ...] | None
    ours: int
    others: int


@dataclass(frozen=True, slots=True)
class Softirq:
    """Work that interrupts left for later, such as ``NET_RX``; as `Irq`."""

    name: str
    ours: int
    others: int


@dataclass(frozen=True, slots=True)
class Interrupts:
    """Where the machine interrupts its CPUs.

    Attributes:
        lines: Of devices and of the CPUs themselves.
        softirqs: What they left for later.
    """

    lines: tuple[Irq, ...] = ()
    softirqs: tuple[Softirq, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory, and who waits for what.

    Attributes:
        huge_pages: Transparent ones: ``always``, ``madvise``, ``never``.
        swap_total_kib: 0 where there is none.
        swap_free_kib: Of it.
        swappiness: 0 to 200.
        total_kib: All there is.
        available_kib: What could be had without swapping.
        numa_balancing: Pages are moved to the node that uses them.
        merging: Equal pages are made one (KSM).
        waiting_cpu: Pressure of the whole machine.
        waiting_memory: The same of memory.
        waiting_io: The same of disks.
    """

    huge_pages: str | None = None
    swap_total_kib: int | None = None
    swap_free_kib: int | None = None
    swappiness: int | None = None
    total_kib: int | None = None
    available_kib: int | None = None
    numa_balancing: bool | None = None
    merging: bool | None = None
    waiting_cpu: Pressure | None = None
    waiting_memory: Pressure | None = None
    waiting_io: Pressure | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """The stack of this network namespace.

    Attributes:
        sysctls: Name and value, as read.
        segments_sent: TCP segments, all connections, since the start.
    """

    sysctls: tuple[tuple[str, str], ...] = ()
    segments_sent: int | None = None

    def sysctl(self, name: str) -> str | None:
        """Return a value; ``None`` where the kernel has no such setting."""
        return dict(self.sysctls).get(name)


@dataclass(frozen=True, slots=True)
class KernelClock:
    """What the kernel says of its clock (adjtimex).

    Attributes:
        synchronised: Somebody keeps it.
        offset_ns: What is still to be made up.
        max_error_us: It is not wrong by more; grows while nobody keeps it.
        estimated_error_us: By how much it is likely to be wrong.
        frequency_ppm: What it was found to lose or gain.
        tai_s: Seconds that TAI is ahead of UTC; 0 where nobody has said.
    """

    synchronised: bool
    offset_ns: int
    max_error_us: int
    estimated_error_us: int
    frequency_ppm: float
    tai_s: int


@dataclass(frozen=True, slots=True)
class Chrony:
    """What ``chronyc tracking`` says.

    Attributes:
        reference: What it follows; empty for nothing.
        stratum: Steps to a clock of its own.
        offset_ns: What the clock is off by.
        root_delay_ns: Round trip to the reference clock.
        root_dispersion_ns: What has come together of uncertainty on the way.
        leap: ``Normal``, ``Insert second``, ``Delete second``, ``Not synchronised``.
    """

    reference: str
    stratum: int
    offset_ns: int
    root_delay_ns: int
    root_dispersion_ns: int
    leap: str

    @property
    def most_ns(self) -> int:
        """It is not wrong by more: offset, dispersion and half of the delay, as chrony counts."""
        return abs(self.offset_ns) + self.root_dispersion_ns + self.root_delay_ns // 2


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """The clock.

    Attributes:
        source: What the kernel reads the time from.
        sources: What it could.
        kernel: Its own account.
        chrony: That of chrony, where it runs.
        ptp: Names of the PTP clocks of this machine.
    """

    source: str | None = None
    sources: tuple[str, ...] = ()
    kernel: KernelClock | None = None
    chrony: Chrony | None = None
    ptp: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of it, at one instant.

    Attributes:
        taken_ns: CLOCK_REALTIME, nanoseconds since the epoch.
        host: This machine's name.
        fixgate_version: What read it.
        targets: IP addresses that the way to was looked for.
        unread: What could not be read, and why; path and reason.
    """

    taken_ns: int
    host: str
    fixgate_version: str
    targets: tuple[str, ...]
    machine: Machine
    processor: Processor
    process: Process
    interrupts: Interrupts
    memory: Memory
    network: Network
    nics: tuple[Nic, ...]
    clock: ClockFacts
    counters: Counters
    unread: tuple[tuple[str, str], ...] = ()
