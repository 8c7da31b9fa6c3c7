"""Advice about CPUs, for the machine at hand."""

from dataclasses import replace

import pytest

from fixgate.host.activity import Activity
from fixgate.host.facts.load import Pressure
from fixgate.host.judging.topic import Grade
from fixgate.host.model import IdleState, Runnable
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

NOT_ISOLATED = {"isolated": (), "tickless": ()}
VIRTUAL = {"virtual": True, "hypervisor": "QEMU"}


def test_one_isolated_cpu_is_what_is_wanted():
    assert verdict("cpu.pinning") == (GOOD, "CPU 2, isolated", "")


def test_several_isolated_cpus_are_not_balanced():
    assert verdict("cpu.pinning", changed(process={"affinity": (2, 3)})) == (
        BETTER,
        "CPUs 2-3, isolated, between which the scheduler moves nothing",
        "taskset -c 2 fixgate ...",
    )


def test_isolated_cpus_that_we_do_not_use():
    assert verdict("cpu.pinning", changed(process={"affinity": (0, 1)})) == (
        BETTER,
        "CPUs 0-1; isolated is 2-3",
        "taskset -c 2 fixgate ...",
    )


def test_pinned_where_others_may_run():
    snapshot = changed(processor=NOT_ISOLATED, process={"affinity": (5,)})
    grade, found, how = verdict("cpu.pinning", snapshot)
    assert (grade, found) == (BETTER, "CPU 5, not isolated: others are put there, too")
    assert how == (
        "start the kernel with isolcpus=managed_irq,domain,5 nohz_full=5 rcu_nocbs=5; "
        "then taskset -c 5 fixgate ..."
    )


def test_cpu_0_keeps_the_time_and_its_tick():
    pinned = changed(processor=NOT_ISOLATED, process={"affinity": (0,)})
    assert "nohz_full=7 " in verdict("cpu.pinning", pinned)[2]
    isolated = changed(processor={"isolated": (0,), "tickless": ()}, process={"affinity": (0,)})
    assert (
        verdict("cpu.tickless", isolated)[2] == "another CPU than 0, which keeps the time for all"
    )


def test_anywhere():
    snapshot = changed(processor=NOT_ISOLATED, process={"affinity": tuple(range(8))})
    grade, found, how = verdict("cpu.pinning", snapshot)
    assert (grade, found) == (BETTER, "any of the 8 CPUs, none of them isolated")
    assert "isolcpus=managed_irq,domain,7" in how


def test_in_a_guest_the_hypervisor_comes_first():
    snapshot = changed(
        processor=NOT_ISOLATED, process={"affinity": tuple(range(8))}, machine=VIRTUAL
    )
    _, _, how = verdict("cpu.pinning", snapshot)
    assert how.startswith("ask whoever runs the hypervisor for dedicated cores")
    assert "then, in here, start the kernel with isolcpus" in how


def test_in_a_container_the_kernel_is_the_hosts():
    snapshot = changed(
        processor=NOT_ISOLATED, process={"affinity": (5,)}, machine={"container": "docker"}
    )
    assert verdict("cpu.pinning", snapshot)[2].endswith("on the host of this container")


def test_nobody_with_two_cpus_is_told_to_isolate_one():
    snapshot = changed(
        processor=NOT_ISOLATED | {"online": (0, 1)}, process={"affinity": (0, 1)}, machine=VIRTUAL
    )
    grade, found, how = verdict("cpu.pinning", snapshot)
    assert (grade, found) == (BETTER, "CPUs 0-1 of 2; no CPU to spare for us alone")
    assert "isolcpus" not in how


def test_ticks():
    assert verdict("cpu.tickless")[0] is GOOD
    assert verdict("cpu.tickless", changed(processor={"tickless": ()})) == (
        BETTER,
        "CPU 2 isolated, but with a tick",
        "start the kernel with nohz_full=2 rcu_nocbs=2",
    )
    assert verdict("cpu.tickless", changed(processor=NOT_ISOLATED))[0] is NOTED


def test_a_sibling_on_which_anybody_may_run():
    assert verdict("cpu.siblings", changed(processor={"siblings": ((2, 6),)})) == (
        BETTER,
        "CPU 2 shares a core with 6, where anybody may run",
        "echo 0 > /sys/devices/system/cpu/cpu6/online, for each of 6",
    )


def test_a_sibling_that_is_isolated_too():
    snapshot = changed(processor={"siblings": ((2, 6),), "isolated": (2, 6)})
    assert verdict("cpu.siblings", snapshot)[0] is GOOD


def test_siblings_do_not_matter_before_we_are_pinned():
    snapshot = changed(
        processor={"siblings": ((0, 4), (1, 5), (2, 6), (3, 7))},
        process={"affinity": tuple(range(8))},
    )
    assert verdict("cpu.siblings", snapshot)[0] is NOTED


def test_no_guest_is_told_to_take_a_cpu_away_from_itself():
    snapshot = changed(processor={"siblings": ((2, 6),)}, machine=VIRTUAL)
    assert "online" not in verdict("cpu.siblings", snapshot)[2]


@pytest.mark.parametrize(
    ("governor", "driver", "grade"),
    [
        ("performance", "acpi-cpufreq", GOOD),
        ("schedutil", "acpi-cpufreq", BETTER),
        # "powersave" of intel_pstate goes with the load; that of acpi-cpufreq is the lowest.
        ("powersave", "intel_pstate", BETTER),
        ("powersave", "amd-pstate-epp", BETTER),
        ("powersave", "acpi-cpufreq", BAD),
        ("powersave", "intel_cpufreq", BAD),
    ],
)
def test_governors(governor: str, driver: str, grade: Grade):
    snapshot = changed(processor={"governors": (governor,), "frequency_driver": driver})
    assert verdict("cpu.governor", snapshot)[0] is grade


def test_a_governor_that_is_the_hypervisors_or_the_firmwares():
    none = {"governors": ()}
    assert verdict("cpu.governor", changed(processor=none, machine=VIRTUAL)) == (
        UNKNOWN, "the hypervisor's to choose, out of sight here", "",
    )  # fmt: skip
    assert "firmware" in verdict("cpu.governor", changed(processor=none))[1]


DEEP = (IdleState("POLL", 0, True), IdleState("C1", 2, True), IdleState("C6", 133, True))


def test_a_deep_sleep():
    grade, found, how = verdict("cpu.idle", changed(processor={"idle_states": DEEP}))
    assert (grade, found) == (BETTER, "C6, 133 us to wake up")
    assert how.startswith("cpupower -c 2 idle-set -D 3")


def test_a_deep_sleep_that_is_disabled_or_not_allowed():
    disabled = (*DEEP[:2], IdleState("C6", 133, False))
    assert verdict("cpu.idle", changed(processor={"idle_states": disabled}))[0] is GOOD
    limited = changed(processor={"idle_states": DEEP, "latency_limit_us": 2})
    assert verdict("cpu.idle", limited) == (
        GOOD, "C1, 2 us to wake up, limited to 2 us by somebody", "",
    )  # fmt: skip


def test_no_sleep_at_all():
    polls = changed(processor={"idle_states": ()}, machine={"parameters": ("idle=poll",)})
    assert verdict("cpu.idle", polls) == (GOOD, "none: idle=poll", "")
    assert verdict("cpu.idle", changed(processor={"idle_states": ()}, machine=VIRTUAL)) == (
        UNKNOWN, "the hypervisor's", "",
    )  # fmt: skip


def test_time_that_the_hypervisor_gave_to_others():
    assert verdict("cpu.steal") == (GOOD, "no hypervisor here", "")
    # An hour of eight CPUs is 2,880,000 ticks.
    guest = changed(machine=VIRTUAL)
    assert verdict("cpu.steal", guest)[0] is UNKNOWN
    little = _stolen(28_800 // 2)
    assert verdict("cpu.steal", little) == (NOTED, "0.5 % of the time since the start", "")
    assert verdict("cpu.steal", _stolen(28_800))[0] is BETTER
    assert verdict("cpu.steal", little, grown(steal_ticks=4))[:2] == (
        NOTED, "0.5 % of the time since the start, 0.5 % while we looked",
    )  # fmt: skip
    assert verdict("cpu.steal", little, grown(steal_ticks=16))[:2] == (
        BETTER, "0.5 % of the time since the start, 2 % while we looked",
    )  # fmt: skip


def _stolen(ticks: int):
    counts = {"counts": _counts(steal_ticks=ticks)}
    return changed(machine=VIRTUAL, counters=counts)


def _counts(**counts: int):
    return replace(BEST.counters.counts, **counts)


def test_neighbours_on_our_cpu():
    other = Runnable(900, "make", 2, of_kernel=False)
    kernel = Runnable(901, "ksoftirqd/2", 2, of_kernel=True)
    assert verdict("cpu.neighbours", changed(process={"runnable": (kernel, other)})) == (
        BETTER,
        "ksoftirqd/2 (pid 901) on CPU 2, make (pid 900) on CPU 2 running; load 0.20 on 8 CPUs",
        "taskset -pc 0-1,4-7 900",
    )


def test_no_thread_of_the_kernel_is_to_be_moved():
    kernel = Runnable(901, "ksoftirqd/2", 2, of_kernel=True)
    assert verdict("cpu.neighbours", changed(process={"runnable": (kernel,)}))[0] is NOTED


def test_more_load_than_cpus():
    assert verdict("cpu.neighbours", changed(process={"load": 8.5}))[0] is BETTER


def test_pressure_of_the_machine_and_ours():
    somewhere = {"process": {"affinity": (0,)}}
    busy = {"memory": {"waiting_cpu": Pressure(54.2, 1)}}
    assert verdict("cpu.pressure", changed(**somewhere))[0] is GOOD
    assert verdict("cpu.pressure", changed(**somewhere, **busy))[0] is BAD
    assert verdict("cpu.pressure", changed(**busy))[0] is NOTED, "isolated CPUs are left alone"
    some = {"memory": {"waiting_cpu": Pressure(3.0, 1)}}
    assert verdict("cpu.pressure", changed(**somewhere, **some))[0] is BETTER
    # While it was watched, what was counted then decides.
    assert verdict("cpu.pressure", changed(**somewhere, **busy), QUIET)[0] is GOOD
    short = Activity(replace(QUIET.window, duration_ns=60_000_000))
    assert verdict("cpu.pressure", changed(**somewhere, **busy), short)[0] is BAD
    assert verdict("cpu.pressure", changed(**somewhere), grown(cpu_pressure_us=250_000)) == (
        BAD,
        "somebody waited for a CPU in 25.0 % of the time we looked",
        "fewer programs on this machine, or CPUs of our own",
    )
