"""Whole machines, as the kernel's files show them.

``METAL``: one socket, eight cores, 2-3 isolated, this process on 2; an Intel NIC.
``THREADED``: two sockets with two threads a core, nothing set up; irqbalance runs.
``VIRTUAL``: a KVM guest with a virtio NIC.
``CONTAINER``: a pod with a CPU limit that it has reached.
"""

from collections.abc import Mapping

from fixgate.host.facts.ethtool import QUESTIONS
from fixgate.host.model import KernelClock

CPU = "/sys/devices/system/cpu"


def stat(pid: int, name: str, state: str, *, parent: int = 1, cpu: int = 0, policy: int = 0,
         priority: int = 0, nice: int = 0) -> str:  # fmt: skip
    """A line of /proc/PID/stat."""
    return (
        f"{pid} ({name}) {state} {parent} 1 1 0 -1 4194304 102 0 0 0 0 0 0 0 20 {nice} 1 0 2432121 "
        "3133440 403 18446744073709551615 1 1 1 0 0 0 0 0 0 0 0 0 17 "
        f"{cpu} {priority} {policy} 0 0 0 0 0 0 0 0 0 0 0\n"
    )


def status(cpus: str) -> str:
    """What /proc/PID/status says of a process, in part."""
    return (
        f"Name:\tfixgate\nVmLck:\t       0 kB\nVmSwap:\t       0 kB\nCpus_allowed_list:\t{cpus}\n"
        "voluntary_ctxt_switches:\t150\nnonvoluntary_ctxt_switches:\t12\n"
    )


def table(cpus: int, rows: Mapping[str, tuple[list[int], str]]) -> str:
    """A file in the manner of /proc/interrupts."""
    head = " ".join(f"CPU{cpu}" for cpu in range(cpus))
    lines = [
        f"{name:>4}: {' '.join(map(str, counts))} {what}" for name, (counts, what) in rows.items()
    ]
    return f"           {head}\n" + "\n".join(lines) + "\n"


_COMMON = {
    "/proc/sys/kernel/osrelease": "6.8.0-31-generic\n",
    "/proc/sys/kernel/random/boot_id": "f68fab5a-6bef-47eb-890f-2e9a7a58c681\n",
    "/proc/loadavg": "0.33 0.47 0.88 1/345 8934\n",
    "/proc/self/environ": "PATH=/usr/bin\0HOME=/root\0",
    "/proc/self/maps": "7f0000000000-7f0000001000 r-xp 00000000 fe:00 131 /usr/lib/libc.so.6\n",
    "/proc/self/timerslack_ns": "50000\n",
    "/proc/self/stat": stat(700, "fixgate", "R"),
    "/proc/thread-self/stat": stat(700, "fixgate", "R"),
    "/proc/thread-self/schedstat": "139558 42614 1\n",
    "/proc/thread-self/sched": "se.nr_migrations : 3\n",
    "/proc/self/mountinfo": "34 25 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
    "/proc/meminfo": (
        "MemTotal:       24684092 kB\nMemFree: 9 kB\nMemAvailable:   24092828 kB\n"
        "SwapTotal:             0 kB\nSwapFree:              0 kB\n"
    ),
    "/proc/sys/vm/swappiness": "60\n",
    "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    "/sys/kernel/mm/ksm/run": "0\n",
    "/proc/pressure/cpu": "some avg10=0.25 avg60=1.00 avg300=1.00 total=1000\n",
    "/proc/pressure/memory": "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
    "/proc/pressure/io": "some avg10=0.10 avg60=0.00 avg300=0.00 total=7\n",
    "/proc/net/snmp": "Tcp: OutSegs RetransSegs\nTcp: 18205119 83\n",
    "/proc/net/netstat": (
        "TcpExt: PruneCalled ListenDrops TCPLostRetransmit TCPTimeouts TCPBacklogDrop TCPRcvQDrop\n"
        "TcpExt: 0 0 0 4 0 0\n"
    ),
    "/proc/net/softnet_stat": "00841b84 00000000 00000001\n00925375 00000000 00000002\n",
    "/proc/net/dev": "Inter-| Receive\n face |bytes\n  eth0: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n",
    "/proc/softirqs": table(2, {"NET_RX": ([10, 20], ""), "TIMER": ([1, 2], "")}),
    "/proc/sys/net/core/busy_poll": "0\n",
    "/proc/sys/net/core/busy_read": "0\n",
    "/proc/sys/net/core/default_qdisc": "fq_codel\n",
    "/proc/sys/net/core/netdev_budget": "300\n",
    "/proc/sys/net/core/netdev_budget_usecs": "8000\n",
    "/proc/sys/net/core/netdev_max_backlog": "1000\n",
    "/proc/sys/net/core/rmem_max": "212992\n",
    "/proc/sys/net/core/wmem_max": "212992\n",
    "/proc/sys/net/ipv4/tcp_congestion_control": "cubic\n",
    "/proc/sys/net/ipv4/tcp_rmem": "4096\t131072\t6291456\n",
    "/proc/sys/net/ipv4/tcp_sack": "1\n",
    "/proc/sys/net/ipv4/tcp_slow_start_after_idle": "1\n",
    "/proc/sys/net/ipv4/tcp_timestamps": "1\n",
    "/proc/sys/net/ipv4/tcp_window_scaling": "1\n",
    "/proc/sys/net/ipv4/tcp_wmem": "4096\t16384\t4194304\n",
    "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
    "/sys/devices/system/clocksource/clocksource0/available_clocksource": "tsc hpet acpi_pm \n",
    "/proc/2/stat": stat(2, "kthreadd", "S", parent=0),
}


def _nic(name: str, *, device: str, node: str = "", **files: str) -> dict[str, str]:
    folder = f"/sys/class/net/{name}"
    found = {
        f"{folder}/mtu": "1500\n",
        f"{folder}/carrier": "1\n",
        f"{folder}/carrier_changes": "2\n",
        f"{folder}/speed": "25000\n",
        f"{folder}/duplex": "full\n",
        f"{folder}/queues/rx-0/rps_cpus": "00\n",
        f"{folder}/statistics/rx_dropped": "0\n",
        f"{folder}/statistics/rx_missed_errors": "0\n",
        f"{folder}/statistics/rx_crc_errors": "0\n",
        f"{folder}/device/vendor": device + "\n",
    }
    if node:
        found[f"{folder}/device/numa_node"] = node + "\n"
    return found | {f"{folder}/{path}": text for path, text in files.items()}


def _cpu(
    number: int, siblings: str, *, governor: str, driver: str, states: Mapping[str, int]
) -> dict[str, str]:
    folder = f"{CPU}/cpu{number}"
    found = {
        f"{folder}/topology/thread_siblings_list": f"{siblings}\n",
        f"{folder}/power/pm_qos_resume_latency_us": "0\n",
        f"{folder}/cpufreq/scaling_governor": f"{governor}\n",
        f"{folder}/cpufreq/scaling_driver": f"{driver}\n",
        f"{folder}/cpufreq/scaling_cur_freq": f"{3_000_000 + number}\n",
        f"{folder}/cpufreq/cpuinfo_max_freq": "4700000\n",
    }
    for at, (name, latency_us) in enumerate(states.items()):
        state = f"{folder}/cpuidle/state{at}"
        found |= {
            f"{state}/name": f"{name}\n",
            f"{state}/latency": f"{latency_us}\n",
            f"{state}/disable": "0\n",
        }
    return found


METAL: dict[str, str] = _COMMON | {
    "/proc/cpuinfo": "model name\t: Intel(R) Xeon(R) Gold 6334\nflags\t\t: fpu vme\n",
    "/proc/cmdline": (
        "BOOT_IMAGE=/vmlinuz root=UUID=secret ro isolcpus=managed_irq,domain,2-3 nohz_full=2-3 "
        "rcu_nocbs=2-3 intel_idle.max_cstate=1\n"
    ),
    f"{CPU}/online": "0-7\n",
    f"{CPU}/isolated": "2-3\n",
    f"{CPU}/nohz_full": "2-3\n",
    f"{CPU}/smt/control": "off\n",
    f"{CPU}/intel_pstate/no_turbo": "0\n",
    f"{CPU}/cpuidle/current_driver": "intel_idle\n",
    **_cpu(2, "2", governor="performance", driver="intel_pstate", states={"POLL": 0, "C1": 2}),
    "/sys/devices/system/node/node0/cpulist": "0-7\n",
    "/proc/thread-self/status": status("2"),
    "/proc/self/cgroup": "0::/system.slice/desk.service\n",
    "/sys/fs/cgroup/system.slice/desk.service/cpu.max": "max 100000\n",
    "/sys/fs/cgroup/system.slice/desk.service/cpu.stat": "nr_throttled 0\nthrottled_usec 0\n",
    "/proc/801/stat": stat(801, "chronyd", "S"),
    "/proc/interrupts": table(
        8,
        {
            "120": ([5, 0, 0, 0, 900, 0, 0, 0], "IR-PCI-MSIX-0000:3b:00.0 1-edge ice-eth0-TxRx-0"),
            "121": ([0, 7, 0, 0, 0, 800, 0, 0], "IR-PCI-MSIX-0000:3b:00.0 2-edge ice-eth0-TxRx-1"),
            "LOC": ([9, 9, 1, 9, 9, 9, 9, 9], "Local timer interrupts"),
        },
    ) + "ERR:          0\nMIS:          0\n",
    "/proc/irq/120/effective_affinity_list": "4\n",
    "/proc/irq/121/effective_affinity_list": "5\n",
    **_nic("eth0", device="0x8086", node="0"),
    "/sys/class/net/eth0/device/msi_irqs/120": "msix\n",
    "/sys/class/net/eth0/device/msi_irqs/121": "msix\n",
    "/sys/class/ptp/ptp0/clock_name": "ice-0000:3b:00.0-clk\n",
}  # fmt: skip

THREADED: dict[str, str] = _COMMON | {
    "/proc/cpuinfo": "processor\t: 0\nmodel name\t: AMD EPYC 7313\nflags\t\t: fpu vme\n",
    "/proc/cmdline": "BOOT_IMAGE=/vmlinuz ro quiet mitigations=auto\n",
    f"{CPU}/online": "0-7\n",
    f"{CPU}/isolated": "\n",
    f"{CPU}/smt/control": "on\n",
    f"{CPU}/cpufreq/boost": "1\n",
    f"{CPU}/cpuidle/current_driver": "acpi_idle\n",
    **{
        path: text
        for cpu in range(8)
        for path, text in _cpu(
            cpu, f"{cpu % 4},{cpu % 4 + 4}", governor="schedutil", driver="acpi-cpufreq",
            states={"POLL": 0, "C1": 1, "C2": 400},
        ).items()
    },
    "/sys/devices/system/node/node0/cpulist": "0-1,4-5\n",
    "/sys/devices/system/node/node1/cpulist": "2-3,6-7\n",
    "/proc/sys/kernel/numa_balancing": "1\n",
    "/sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never\n",
    "/proc/thread-self/status": status("0-7"),
    "/proc/self/cgroup": "0::/user.slice\n",
    "/sys/fs/cgroup/user.slice/cpu.max": "max 100000\n",
    "/proc/801/stat": stat(801, "irqbalance", "S"),
    "/proc/802/stat": stat(802, "systemd-timesyn", "S"),
    "/proc/803/stat": stat(803, "backup (nightly)", "R", cpu=6),
    "/proc/interrupts": table(
        8, {"60": ([1, 2, 3, 4, 5, 6, 7, 8], "PCI-MSI 524288-edge eth0-rx-0")}
    ),
    "/proc/irq/60/smp_affinity_list": "0-7\n",
    **_nic("eth0", device="0x15b3", node="1"),
    "/sys/class/net/eth0/device/msi_irqs/60": "msi\n",
}  # fmt: skip

VIRTUAL: dict[str, str] = _COMMON | {
    "/proc/cpuinfo": "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu hypervisor\n",
    "/proc/cmdline": "console=ttyS0 quiet\n",
    "/sys/class/dmi/id/sys_vendor": "QEMU\n",
    f"{CPU}/online": "0-1\n",
    f"{CPU}/isolated": "\n",
    f"{CPU}/smt/control": "notsupported\n",
    f"{CPU}/cpu0/topology/thread_siblings_list": "0\n",
    f"{CPU}/cpu1/topology/thread_siblings_list": "1\n",
    f"{CPU}/cpuidle/current_driver": "haltpoll\n",
    "/sys/devices/system/node/node0/cpulist": "0-1\n",
    "/proc/stat": "cpu  2760858 681000 270165 961669 5417 0 8542 1932 0 0\n",
    "/proc/thread-self/status": status("0-1"),
    "/proc/self/cgroup": "0::/\n",
    "/proc/interrupts": table(
        2,
        {
            "38": ([0, 85186], "PCI-MSIX-0000:00:03.0 1-edge virtio2-input.0"),
            "39": ([67048, 0], "PCI-MSIX-0000:00:03.0 2-edge virtio2-output.0"),
        },
    ),
    "/proc/irq/38/effective_affinity_list": "1\n",
    "/proc/irq/39/effective_affinity_list": "0\n",
    **{
        path: text
        for path, text in _nic("eth0", device="0x1af4").items()
        if not path.startswith("/sys/class/net/eth0/device")
    },
    "/sys/class/net/eth0/speed": "-1\n",
    "/sys/class/net/eth0/duplex": "unknown\n",
    "/sys/devices/pci0000:00/0000:00:03.0/msi_irqs/38": "msix\n",
    "/sys/devices/pci0000:00/0000:00:03.0/msi_irqs/39": "msix\n",
    "/sys/devices/pci0000:00/0000:00:03.0/virtio2/vendor": "0x1af4\n",
}
VIRTUAL_LINKS = {
    "/sys/class/net/eth0/device": "../../../devices/pci0000:00/0000:00:03.0/virtio2",
}

CONTAINER: dict[str, str] = {
    path: text for path, text in THREADED.items() if not path.startswith(("/proc/2/", "/proc/80"))
} | {
    "/proc/self/environ": "KUBERNETES_SERVICE_HOST=10.0.0.1\0TOKEN=secret\0",
    "/proc/1/stat": stat(1, "fixgate", "S", parent=0),
    "/proc/self/cgroup": "0::/\n",
    "/sys/fs/cgroup/cpu.max": "150000 100000\n",
    "/sys/fs/cgroup/cpu.stat": "nr_periods 900\nnr_throttled 12\nthrottled_usec 3456000\n",
}


class Devices:
    """What no file says, as a test has it."""

    def __init__(
        self,
        ways: Mapping[str, str] | None = None,
        answers: Mapping[str, Mapping[int, bytes]] | None = None,
        clock: KernelClock | None = None,
        chronyc: str | None = None,
    ) -> None:
        self._ways = ways or {}
        self._answers = answers or {}
        self._clock = clock
        self._chronyc = chronyc

    def interface_to(self, address: str) -> str | None:
        return self._ways.get(address)

    def ethtool(self, interface: str) -> Mapping[int, bytes]:
        return self._answers.get(interface, {})

    def kernel_clock(self) -> KernelClock | None:
        return self._clock

    def chronyc(self) -> str | None:
        return self._chronyc


def answer(command: int, *words: int) -> bytes:
    """A structure of ethtool's, of words of 32 bits; the rest of it is zeros."""
    data = b"".join(word.to_bytes(4, "little", signed=word < 0) for word in (command, *words))
    return data.ljust(QUESTIONS[command], b"\0")


def driver_answer(driver: str, version: str, firmware: str, bus: str) -> bytes:
    """The structure ``ethtool_drvinfo``."""
    texts = b"".join(text.encode().ljust(32, b"\0") for text in (driver, version, firmware, bus))
    return (answer(3)[:4] + texts).ljust(QUESTIONS[3], b"\0")


ICE = {
    0x03: driver_answer("ice", "6.8.0-31-generic", "4.40 0x8001b0ae 1.3436.0", "0000:3b:00.0"),
    0x0E: answer(0x0E, 50, 256, 0, 0, 50, 0, 0, 0, 0, 1),
    0x10: answer(0x10, 8160, 0, 0, 8160, 2048, 0, 0, 256),
    0x12: answer(0x12, 0, 1, 0),
    0x1E: answer(0x1E, 1),
    0x25: answer(0x25, 0),
    0x2B: answer(0x2B, 1),
    0x3C: answer(0x3C, 8, 8, 0, 8, 0, 0, 0, 2),
    0x41: answer(0x41, 0x5F, 0),
}
"""An Intel E810: adaptive coalescing, hardware timestamps, clock 0."""

VIRTIO = {
    0x03: driver_answer("virtio_net", "1.0.0", "", "0000:00:03.0"),
    0x0E: answer(0x0E, 0, 1),
    0x10: answer(0x10, 256, 0, 0, 256, 256, 0, 0, 256),
    0x1E: answer(0x1E, 1),
    0x25: answer(0x25, 0),
    0x2B: answer(0x2B, 1),
    0x3C: answer(0x3C, 0, 0, 0, 1, 0, 0, 0, 1),
    0x41: answer(0x41, 0x1A, -1),
}

KEPT = KernelClock(
    synchronised=True,
    offset_ns=1200,
    max_error_us=900,
    estimated_error_us=3,
    frequency_ppm=-2.5,
    tai_s=37,
)
UNKEPT = KernelClock(
    synchronised=False,
    offset_ns=0,
    max_error_us=16_000_000,
    estimated_error_us=16_000_000,
    frequency_ppm=0.0,
    tai_s=0,
)
TRACKING = (
    "0A141E28,ntp1.desk.example,2,1795761241.295290165,-0.000001204,0.000000310,0.000002100,"
    "-2.500,0.001,0.012,0.000080000,0.000020000,64.2,Normal\n"
)
