"""Two readings of a machine, and what was counted in between."""

from dataclasses import replace
from pathlib import Path

import pytest

from fixgate.host.facts.traffic import InterfaceDrops, SoftnetCpu
from fixgate.host.window import Counters, Counts, Window, read_counters
from tests.host.facts import test_load, test_task, test_traffic
from tests.host.trees import plant

MACHINE = {
    "/proc/thread-self/status": test_task.STATUS,
    "/proc/thread-self/sched": test_task.SCHED,
    "/proc/thread-self/schedstat": "139558 42614 1\n",
    "/proc/net/snmp": test_traffic.SNMP,
    "/proc/net/netstat": test_traffic.NETSTAT,
    "/proc/net/softnet_stat": test_traffic.NEW_SOFTNET,
    "/proc/net/dev": test_traffic.DEV,
    "/proc/pressure/cpu": test_load.CPU_PRESSURE,
    "/proc/stat": test_load.STAT,
    "/proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu hypervisor\n",
    "/proc/self/cgroup": "0::/desk\n",
    "/proc/self/mountinfo": "34 25 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
    "/sys/fs/cgroup/desk/cpu.stat": "nr_throttled 12\nthrottled_usec 3456\n",
    "/sys/fs/cgroup/cpu.stat": "nr_throttled 1\nthrottled_usec 4\n",
}


def test_reads_every_count(tmp_path: Path):
    read = read_counters(plant(tmp_path, MACHINE))
    assert read.counts == Counts(
        voluntary_switches=150,
        involuntary_switches=12,
        migrations=17,
        run_delay_ns=42614,
        retrans_segs=3083,
        tcp_timeouts=4,
        tcp_lost_retransmit=7,
        listen_drops=124,
        tcp_backlog_drop=2,
        prune_called=1123,
        tcp_rcvq_drop=1,
        steal_ticks=1932,
        cpu_pressure_us=9114210975,
        throttled_periods=13,
        throttled_us=3460,
    )
    assert [row.cpu for row in read.softnet] == [0, 2]
    assert [row.name for row in read.interfaces] == ["lo", "eth0", "eth1:0"]


def test_nothing_is_stolen_where_nobody_is_above(tmp_path: Path):
    metal = MACHINE | {"/proc/cpuinfo": "flags\t\t: fpu vme\n"}
    assert read_counters(plant(tmp_path, metal)).counts.steal_ticks is None


def test_a_system_without_such_files_has_no_counts(tmp_path: Path):
    read = read_counters(str(tmp_path))
    assert read.counts == Counts()
    assert (read.softnet, read.interfaces) == ((), ())
    assert Window.between(read, read).grown == Counts()


def test_garbled_files_have_no_counts(tmp_path: Path):
    read = read_counters(plant(tmp_path, dict.fromkeys(MACHINE, "cpu some Tcp: 1 : - \x00\n" * 3)))
    assert read.counts == Counts()


BEFORE = Counters(
    1_000,
    500,
    Counts(retrans_segs=10, run_delay_ns=7, migrations=3),
    (SoftnetCpu(0, 2**32 - 2, 0, 1), SoftnetCpu(1, 5, 0, 0)),
    (InterfaceDrops("eth0", 4, 3, 2, 1), InterfaceDrops("tun0", 0, 0, 0, 0)),
)
AFTER = Counters(
    3_500,
    2_500,
    Counts(retrans_segs=13, run_delay_ns=7, migrations=2, tcp_timeouts=4),
    (SoftnetCpu(0, 3, 2, 4), SoftnetCpu(7, 5, 0, 0)),
    (InterfaceDrops("eth0", 6, 3, 2, 0), InterfaceDrops("tun1", 0, 0, 0, 0)),
)


def test_a_window_is_what_grew():
    window = Window.between(BEFORE, AFTER)
    assert window.grown == Counts(retrans_segs=3, run_delay_ns=0)
    assert (window.begin_ns, window.end_ns, window.duration_ns) == (1_000, 3_500, 2_000)
    assert window.clock_step_ns == 500


def test_counts_of_32_bits_begin_again():
    assert Window.between(BEFORE, AFTER).softnet == (SoftnetCpu(0, 5, 2, 3),)


def test_a_driver_that_was_reset_counts_from_nothing():
    assert Window.between(BEFORE, AFTER).interfaces == (InterfaceDrops("eth0", 2, 0, 0, 0),)


def test_a_clock_set_back_is_seen():
    assert Window.between(BEFORE, replace(AFTER, at_ns=900)).clock_step_ns == -2_100


def test_two_readings_the_wrong_way_round():
    with pytest.raises(ValueError, match="2000 ns before the first"):
        Window.between(AFTER, BEFORE)
