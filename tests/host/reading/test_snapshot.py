"""Whole machines read: from their files, and from what no file says."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixgate.host.judge import judge
from fixgate.host.judging.topic import Grade, Group
from fixgate.host.model import (
    Bypass,
    Chrony,
    IdleState,
    Irq,
    Node,
    Runnable,
    Snapshot,
    Softirq,
)
from fixgate.host.reading import read_snapshot
from tests.host import machines
from tests.host.machines import (
    CONTAINER,
    ICE,
    KEPT,
    METAL,
    THREADED,
    TRACKING,
    VIRTIO,
    VIRTUAL,
    VIRTUAL_LINKS,
    Devices,
    stat,
)
from tests.host.trees import plant

WAYS = {"10.20.1.15": "eth0"}


def metal(root: Path) -> Snapshot:
    devices = Devices(WAYS, {"eth0": ICE}, KEPT, TRACKING)
    return read_snapshot(WAYS, root=plant(root, METAL), devices=devices)


def virtual(root: Path) -> Snapshot:
    devices = Devices(WAYS, {"eth0": VIRTIO})
    return read_snapshot(WAYS, root=plant(root, VIRTUAL, VIRTUAL_LINKS), devices=devices)


def test_the_system(tmp_path: Path):
    machine = metal(tmp_path).machine
    assert machine.kernel == "6.8.0-31-generic"
    assert machine.processor == "Intel(R) Xeon(R) Gold 6334"
    assert (machine.virtual, machine.hypervisor, machine.container) == (False, "", "")


def test_of_the_command_line_only_what_has_to_do_with_time(tmp_path: Path):
    assert metal(tmp_path).machine.parameters == (
        "isolcpus=managed_irq,domain,2-3",
        "nohz_full=2-3",
        "rcu_nocbs=2-3",
        "intel_idle.max_cstate=1",
    )


def test_our_cpu_among_isolated_ones(tmp_path: Path):
    snapshot = metal(tmp_path)
    processor = snapshot.processor
    assert snapshot.process.affinity == (2,)
    assert processor.online == tuple(range(8))
    assert (processor.isolated, processor.tickless) == ((2, 3), (2, 3))
    assert (processor.siblings, processor.smt) == (((2,),), "off")
    assert (processor.governors, processor.frequency_driver) == (("performance",), "intel_pstate")
    assert (processor.boost, processor.least_khz, processor.most_khz) == (
        True,
        3_000_002,
        4_700_000,
    )
    assert processor.idle_driver == "intel_idle"
    assert processor.idle_states == (IdleState("POLL", 0, True), IdleState("C1", 2, True))
    assert processor.latency_limit_us is None
    assert processor.nodes == (Node(0, tuple(range(8))),)


def test_two_threads_a_core_and_two_nodes(tmp_path: Path):
    snapshot = read_snapshot(root=plant(tmp_path, THREADED), devices=Devices())
    processor = snapshot.processor
    assert processor.isolated == ()
    assert processor.siblings == ((0, 4), (1, 5), (2, 6), (3, 7))
    assert processor.boost is True
    assert processor.nodes == (Node(0, (0, 1, 4, 5)), Node(1, (2, 3, 6, 7)))
    assert snapshot.memory.numa_balancing is True
    assert snapshot.memory.huge_pages == "always"


def test_others_that_run_and_daemons_that_matter(tmp_path: Path):
    process = read_snapshot(root=plant(tmp_path, THREADED), devices=Devices()).process
    assert process.daemons == ("irqbalance", "systemd-timesyn")
    assert process.runnable == (Runnable(803, "backup (nightly)", 6, of_kernel=False),)
    assert (process.load, process.running) == (0.33, 1)


def test_others_on_cpus_that_are_not_ours_are_no_neighbours(tmp_path: Path):
    busy = METAL | {
        "/proc/900/stat": stat(900, "make", "R", cpu=5),
        "/proc/901/stat": stat(901, "ksoftirqd/2", "R", cpu=2, parent=2),
    }
    process = read_snapshot(root=plant(tmp_path, busy), devices=Devices()).process
    assert process.runnable == (Runnable(901, "ksoftirqd/2", 2, of_kernel=True),)


def test_scheduling(tmp_path: Path):
    urgent = METAL | {"/proc/thread-self/stat": stat(700, "fixgate", "R", policy=1, priority=50)}
    process = read_snapshot(root=plant(tmp_path, urgent), devices=Devices()).process
    assert (process.policy, process.priority, process.nice) == ("fifo", 50, 0)
    assert process.timer_slack_ns == 50_000
    assert (process.locked_kib, process.swapped_kib) == (0, 0)


def test_a_nic_with_what_its_driver_says(tmp_path: Path):
    (nic,) = metal(tmp_path).nics
    assert (nic.name, nic.targets, nic.physical) == ("eth0", ("10.20.1.15",), True)
    assert (nic.speed_mbit, nic.duplex, nic.carrier, nic.mtu) == (25_000, "full", True, 1500)
    assert (nic.node, nic.irqs, nic.steered) == (0, ("120", "121"), ())
    said = nic.settings
    assert (said.driver, said.firmware) == ("ice", "4.40 0x8001b0ae 1.3436.0")
    assert (said.bus, said.channels, said.channels_most) == ("0000:3b:00.0", 2, 8)
    assert (said.rx_ring, said.rx_ring_most, said.tx_ring, said.tx_ring_most) == (
        2048, 8160, 256, 8160,
    )  # fmt: skip
    assert (said.rx_usecs, said.rx_frames, said.adaptive_rx) == (50, 256, True)
    assert (said.rx_pause, said.tx_pause) == (True, False)
    assert (said.gro, said.lro, said.tso) == (True, False, True)
    assert (said.timestamping, said.phc) == (0x5F, 0)
    assert nic.count("rx_missed_errors") == 0


def test_interrupts_on_our_cpu_and_on_others(tmp_path: Path):
    interrupts = metal(tmp_path).interrupts
    assert interrupts.lines[0] == Irq(
        "120", "IR-PCI-MSIX-0000:3b:00.0 1-edge ice-eth0-TxRx-0", (4,), ours=0, others=905
    )
    assert interrupts.lines[2] == Irq("LOC", "Local timer interrupts", None, ours=1, others=63)
    assert interrupts.softirqs[0] == Softirq("NET_RX", ours=0, others=30)
    assert len(interrupts.lines) == 3


def test_the_clock(tmp_path: Path):
    clock = metal(tmp_path).clock
    assert (clock.source, clock.sources) == ("tsc", ("tsc", "hpet", "acpi_pm"))
    assert clock.kernel == KEPT
    assert clock.chrony == Chrony("ntp1.desk.example", 2, -1204, 80_000, 20_000, "Normal")
    assert clock.chrony.most_ns == 1204 + 20_000 + 40_000
    assert clock.ptp == ("ice-0000:3b:00.0-clk",)


def test_a_guest_with_a_virtio_nic(tmp_path: Path):
    snapshot = virtual(tmp_path)
    assert (snapshot.machine.virtual, snapshot.machine.hypervisor) == (True, "QEMU")
    assert snapshot.processor.governors == ()
    assert snapshot.counters.counts.steal_ticks == 1932
    (nic,) = snapshot.nics
    assert (nic.speed_mbit, nic.duplex) == (None, None)
    assert (nic.physical, nic.irqs) == (True, ("38", "39"))
    assert nic.settings.rx_pause is None


def test_a_processor_that_does_not_say_whether_it_is_virtual(tmp_path: Path):
    arm = THREADED | {
        "/proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd\n",
        "/sys/class/dmi/id/sys_vendor": "Supermicro\n",
    }
    machine = read_snapshot(root=plant(tmp_path, arm), devices=Devices()).machine
    assert (machine.virtual, machine.hypervisor) == (None, "")


def test_a_container_at_its_limit(tmp_path: Path):
    snapshot = read_snapshot(root=plant(tmp_path, CONTAINER), devices=Devices())
    assert snapshot.machine.container == "kubernetes"
    assert (snapshot.process.quota_known, snapshot.process.quota_cpus) == (True, 1.5)
    assert snapshot.counters.counts.throttled_periods == 12
    assert "secret" not in repr(snapshot)


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("/.dockerenv", "", "docker"),
        ("/run/.containerenv", "", "podman"),
        ("/run/systemd/container", "lxc\n", "lxc"),
    ],
)
def test_other_containers(tmp_path: Path, path: str, text: str, name: str):
    files = {p: t for p, t in THREADED.items() if p != "/proc/2/stat"} | {path: text}
    machine = read_snapshot(root=plant(tmp_path, files), devices=Devices()).machine
    assert machine.container == name


def test_who_sees_the_threads_of_the_kernel_is_in_no_container(tmp_path: Path):
    files = THREADED | {"/.dockerenv": ""}
    assert read_snapshot(root=plant(tmp_path, files), devices=Devices()).machine.container == ""


def test_a_quota_of_version_1(tmp_path: Path):
    files = THREADED | {
        "/proc/self/cgroup": "4:cpu,cpuacct:/desk\n",
        "/proc/self/mountinfo": "32 31 0:29 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n",
        "/cg/cpu/desk/cpu.cfs_quota_us": "50000\n",
        "/cg/cpu/desk/cpu.cfs_period_us": "100000\n",
        "/cg/cpu/cpu.cfs_quota_us": "-1\n",
    }
    process = read_snapshot(root=plant(tmp_path, files), devices=Devices()).process
    assert process.quota_cpus == 0.5


def test_onload_in_this_process_and_what_shows_it(tmp_path: Path):
    files = METAL | {
        "/proc/self/maps": (
            "7f00-7f10 r-xp 00000000 fe:00 131 /usr/lib64/libonload.so\n"
            "7f20-7f30 r--p 00001000 fe:00 131 /usr/lib64/libonload.so\n"
        ),
        "/proc/self/environ": "LD_PRELOAD=libonload.so\0EF_POLL_USEC=100000\0",
        "/proc/driver/onload/version": "8.1\n",
    }
    process = read_snapshot(root=plant(tmp_path, files), devices=Devices()).process
    assert process.bypasses == (
        Bypass(
            "OpenOnload",
            True,
            (
                "/usr/lib64/libonload.so is loaded",
                "LD_PRELOAD=libonload.so",
                "EF_POLL_USEC=100000",
                "/proc/driver/onload is there",
            ),
        ),
    )


def test_onload_that_is_installed_and_not_used(tmp_path: Path):
    files = METAL | {"/proc/driver/onload/version": "8.1\n"}
    process = read_snapshot(root=plant(tmp_path, files), devices=Devices()).process
    assert process.bypasses == (Bypass("OpenOnload", False, ("/proc/driver/onload is there",)),)


def test_an_interface_made_of_others(tmp_path: Path):
    files = METAL | {
        "/sys/class/net/bond0/carrier": "1\n",
        "/sys/class/net/bond0/lower_eth0/x": "",
        "/sys/class/net/bond0/lower_eth1/x": "",
        "/sys/class/net/eth1/carrier": "0\n",
    }
    ways = {"10.0.0.1": "bond0", "10.0.0.2": "bond0"}
    devices = Devices(ways, {"eth0": ICE})
    nics = read_snapshot(ways, root=plant(tmp_path, files), devices=devices).nics
    assert [nic.name for nic in nics] == ["bond0", "eth0", "eth1"]
    assert nics[0].targets == ("10.0.0.1", "10.0.0.2")
    assert nics[0].below == ("eth0", "eth1")
    assert [nic.carrier for nic in nics] == [True, True, False]
    assert nics[1].settings.driver == "ice"


def test_packets_handed_to_other_cpus(tmp_path: Path):
    files = METAL | {"/sys/class/net/eth0/queues/rx-0/rps_cpus": "0c\n"}
    devices = Devices(WAYS)
    (nic,) = read_snapshot(WAYS, root=plant(tmp_path, files), devices=devices).nics
    assert nic.steered == (2, 3)


def test_a_limit_of_sleep_that_somebody_has_set(tmp_path: Path):
    files = METAL | {"/dev/cpu_dma_latency": "\x01\x00\x00\x00"}
    processor = read_snapshot(root=plant(tmp_path, files), devices=Devices()).processor
    assert processor.latency_limit_us == 1


def test_what_could_not_be_read_is_told(tmp_path: Path):
    files = {path: text for path, text in METAL.items() if path != "/proc/loadavg"}
    snapshot = read_snapshot(root=plant(tmp_path, files), devices=Devices())
    assert dict(snapshot.unread)["/proc/loadavg"] == "not there"
    assert snapshot.process.load is None


def test_no_linux_is_known_of_nothing(tmp_path: Path):
    snapshot = read_snapshot(["10.0.0.1"], root=str(tmp_path), devices=Devices())
    assert snapshot.nics == ()
    graded = {line.grade for line in judge(snapshot)}
    assert graded <= {Grade.UNKNOWN, Grade.GOOD}
    good = [line.key for line in judge(snapshot) if line.grade is Grade.GOOD]
    # Python is there on every system.
    assert good == ["process.loop"]


@pytest.mark.parametrize("machine", ["METAL", "THREADED", "VIRTUAL", "CONTAINER"])
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None
)
@given(data=st.data())
def test_no_garbled_file_raises(tmp_path_factory, machine: str, data: st.DataObject):
    files: dict[str, str] = dict(getattr(machines, machine))
    for path in data.draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=30)):
        files[path] = data.draw(st.text(max_size=40) | st.just(files[path][::-1]) | st.just(""))
    root = plant(tmp_path_factory.mktemp("machine"), files)
    devices = Devices(WAYS, {"eth0": {3: b"short"}}, chronyc=data.draw(st.text(max_size=30)))
    lines = judge(read_snapshot(WAYS, root=root, devices=devices))
    assert list(dict.fromkeys(line.group for line in lines)) == list(Group)
    assert all(line.found and "None" not in line.found for line in lines)
