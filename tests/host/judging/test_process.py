"""Advice about this process."""

from dataclasses import replace

from fixgate.host.activity import Activity
from fixgate.host.judge import judge
from fixgate.host.lateness import Lateness
from fixgate.host.model import Bypass
from tests.host.judging.helpers import (
    BAD,
    BEST,
    BETTER,
    GOOD,
    NOTED,
    QUIET,
    UNKNOWN,
    changed,
    grown,
    verdict,
)


def throttled(periods: int, *, quota: float | None = 1.5):
    counts = replace(BEST.counters.counts, throttled_periods=periods, throttled_us=3_456_000)
    return changed(process={"quota_cpus": quota}, counters={"counts": counts})


def test_a_quota():
    assert verdict("process.quota") == (GOOD, "none", "")
    assert verdict("process.quota", throttled(0))[:2] == (BETTER, "1.5 CPUs; never stood still")
    assert verdict("process.quota", throttled(12))[:2] == (
        BAD, "1.5 CPUs; stood still 12 since the start, 3.46 s in all",
    )  # fmt: skip
    assert verdict("process.quota", changed(process={"quota_known": False}))[0] is UNKNOWN


def test_a_container_does_not_see_the_quotas_above_it():
    found = verdict("process.quota", changed(machine={"container": "docker"}))[1]
    assert found == "none; groups above this container's are out of sight"


def test_scheduling():
    assert verdict("process.policy") == (NOTED, "other, nice 0", "")
    assert verdict("process.policy", changed(process={"policy": "fifo", "priority": 50}))[1] == (
        "fifo, priority 50"
    )
    assert verdict("process.policy", changed(process={"nice": 10}))[0] is BETTER
    assert verdict("process.policy", changed(process={"policy": None}))[0] is UNKNOWN


def late(p99_ns: int):
    return replace(QUIET, lateness=Lateness(1000, 50_000, p99_ns, 2 * p99_ns))


def test_how_late_it_wakes_up():
    assert verdict("process.lateness", BEST, late(100_000))[:2] == (
        GOOD, "p50 0.05 ms, p99 0.10 ms, max 0.20 ms of 1000 times",
    )  # fmt: skip
    assert verdict("process.lateness", BEST, late(500_000))[0] is BETTER
    assert verdict("process.lateness", BEST, late(4_000_000))[0] is BAD
    assert "process.lateness" not in {line.key for line in judge(BEST, QUIET)}


def test_how_long_it_was_ready_and_did_not_run():
    assert verdict("process.waited", BEST, QUIET)[:2] == (GOOD, "0.04 ms of 1000 ms (0.0 %)")
    assert verdict("process.waited", BEST, grown(run_delay_ns=50_000_000))[0] is BETTER
    assert verdict("process.waited", BEST, grown(run_delay_ns=500_000_000))[0] is BAD
    short = replace(QUIET.window, duration_ns=60_000_000)
    short = replace(short, grown=replace(short.grown, run_delay_ns=50_000_000))
    assert verdict("process.waited", BEST, Activity(short))[0] is NOTED
    unknown = replace(QUIET, window=replace(QUIET.window, grown=BEST.counters.counts))
    assert verdict("process.waited", BEST, unknown)[0] is UNKNOWN


def test_how_often_it_was_moved():
    assert verdict("process.moved", BEST, QUIET)[0] is GOOD
    pushed = grown(involuntary_switches=3)
    assert verdict("process.moved", BEST, pushed)[:2] == (
        BETTER, "moved to another CPU 0 times, put aside for others 3 times",
    )  # fmt: skip
    anywhere = changed(process={"affinity": tuple(range(8))})
    assert verdict("process.moved", anywhere, pushed)[0] is NOTED


def test_the_loop():
    assert verdict("process.loop") == (GOOD, "CPython 3.13.1, uvloop", "")
    assert verdict("process.loop", changed(machine={"event_loop": "asyncio"}))[0] is BETTER


def test_a_bypass_and_what_it_hides():
    loaded = Bypass("OpenOnload", True, ("/usr/lib64/libonload.so is loaded",))
    grade, found, _ = verdict("process.bypass", changed(process={"bypasses": (loaded,)}))
    assert grade is NOTED
    assert found.startswith("OpenOnload (/usr/lib64/libonload.so is loaded): of sockets")
    for hidden in ("TCP_INFO", "kernel timestamps", "ss", "counts"):
        assert hidden in found
    there = Bypass("OpenOnload", False, ("/proc/driver/onload is there",))
    assert verdict("process.bypass", changed(process={"bypasses": (there,)}))[1] == (
        "not in this process (/proc/driver/onload is there): the kernel's stack"
    )


def test_the_system():
    assert verdict("process.system")[1] == (
        "Linux 6.8.0-31-generic, x86_64, Intel(R) Xeon(R) Gold 6334, on metal"
    )
    guest = changed(machine={"virtual": True, "hypervisor": "QEMU", "container": "docker"})
    assert verdict("process.system", guest)[1].endswith("virtual (QEMU), in a container (docker)")
    assert verdict("process.kernel")[1] == "isolcpus=managed_irq,domain,2-3 nohz_full=2-3"
