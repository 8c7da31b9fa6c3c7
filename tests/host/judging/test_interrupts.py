"""Advice about interrupts, which nobody wants on their CPU."""

from dataclasses import replace

from fixgate.host.facts.traffic import SoftnetCpu
from fixgate.host.model import Interrupts, Irq, Softirq
from tests.host.judging.helpers import (
    BAD,
    BEST,
    BETTER,
    GOOD,
    NOTED,
    QUIET,
    UNKNOWN,
    changed,
    verdict,
    with_nic,
)

ANYWHERE = {"process": {"affinity": tuple(range(8))}}
ON_OURS = Irq("120", "ice-eth0-TxRx-0", (2,), ours=905, others=0)
BESIDE = Irq("121", "ice-eth0-TxRx-1", (1,), ours=0, others=807)


def test_queues_on_other_cpus():
    assert verdict("irq.nic") == (GOOD, "2 on CPUs 0-1; we run on 2", "")


def test_a_queue_on_our_cpu():
    snapshot = replace(BEST, interrupts=Interrupts((ON_OURS, BESIDE)))
    assert verdict("irq.nic", snapshot) == (
        BAD,
        "2 on CPUs 1-2, of them 1 on ours (2)",
        "echo 0-1,4-7 > /proc/irq/120/smp_affinity_list",
    )


def test_queues_where_we_are_not_pinned():
    assert verdict("irq.nic", changed(**ANYWHERE))[0] is NOTED


def test_queues_that_are_not_seen():
    assert verdict("irq.nic", with_nic(irqs=()))[0] is UNKNOWN
    assert verdict("irq.nic", with_nic(irqs=("999",)))[0] is UNKNOWN


def test_packets_handed_to_cpus():
    assert verdict("irq.steering")[0] is GOOD
    assert verdict("irq.steering", with_nic(steered=(0, 1)))[0] is GOOD
    grade, found, how = verdict("irq.steering", with_nic(steered=(1, 2)))
    assert (grade, found) == (BETTER, "packets are handed to CPUs 1-2 (RPS), ours among them")
    assert how == "a mask without 2 in /sys/class/net/eth0/queues/rx-*/rps_cpus"


def test_irqbalance():
    running = {"daemons": ("chronyd", "irqbalance")}
    assert verdict("irq.balancer") == (GOOD, "not running", "")
    assert verdict("irq.balancer", changed(process=running))[0] is GOOD, "isolated"
    pinned = changed(process=running | {"affinity": (5,)})
    assert verdict("irq.balancer", pinned) == (
        BETTER,
        "running: it may move interrupts to 5",
        "IRQBALANCE_BANNED_CPULIST=5 in its environment file, or systemctl stop irqbalance",
    )
    anywhere = changed(process=running | {"affinity": tuple(range(8))})
    assert verdict("irq.balancer", anywhere)[0] is NOTED


def test_irqbalance_on_the_host_of_a_container_is_out_of_sight():
    assert verdict("irq.balancer", changed(machine={"container": "docker"}))[0] is UNKNOWN


def test_interrupts_on_our_cpu_while_we_looked():
    timer = Irq("LOC", "Local timer interrupts", None, ours=4, others=900)
    quiet = replace(QUIET, interrupts=Interrupts((replace(BESIDE, others=5), timer)))
    assert verdict("irq.ours", BEST, quiet) == (GOOD, "4 while we looked: 4 LOC", "")
    hit = replace(QUIET, interrupts=Interrupts((replace(ON_OURS, ours=9), timer)))
    assert verdict("irq.ours", BEST, hit) == (
        BETTER,
        "13 while we looked: 9 ice-eth0-TxRx-0, 4 LOC",
        "echo 0-1,4-7 > /proc/irq/120/smp_affinity_list",
    )
    assert verdict("irq.ours", changed(**ANYWHERE), hit)[0] is NOTED


def test_interrupts_since_the_start_may_be_from_before():
    assert verdict("irq.ours") == (NOTED, "100 since the start: 100 LOC", "")
    assert verdict("irq.ours", replace(BEST, interrupts=Interrupts()))[0] is UNKNOWN


def test_softirqs_of_the_network():
    ours = replace(QUIET, interrupts=Interrupts((), (Softirq("NET_RX", 9, 2),)))
    assert verdict("irq.softirqs", BEST, ours) == (
        BETTER,
        "NET_RX ran 9 times on ours, 2 times on others while we looked",
        "interrupts and packet steering of the interface away from 2",
    )
    others = replace(QUIET, interrupts=Interrupts((), (Softirq("NET_RX", 2, 9),)))
    assert verdict("irq.softirqs", BEST, others)[0] is GOOD
    assert verdict("irq.softirqs", changed(**ANYWHERE), ours)[:2] == (
        NOTED, "NET_RX ran 11 times while we looked",
    )  # fmt: skip
    assert verdict("irq.softirqs")[:2] == (
        NOTED, "NET_RX ran 0 times on ours, 99 times on others since the start",
    )  # fmt: skip
    assert verdict("irq.softirqs", replace(BEST, interrupts=Interrupts()))[0] is UNKNOWN


def test_packets_dropped_of_the_backlog():
    assert verdict("irq.backlog") == (GOOD, "none since the start", "")
    lost = changed(counters={"softnet": (SoftnetCpu(1, 9_000, 57, 0),)})
    how = "sysctl -w net.core.netdev_max_backlog=4000"
    assert verdict("irq.backlog", lost) == (BETTER, "57 since the start, on CPUs 1", how)
    assert verdict("irq.backlog", lost, QUIET) == (
        BETTER, "57 since the start, none while we looked, on CPUs 1", how,
    )  # fmt: skip
    now = replace(QUIET, window=replace(QUIET.window, softnet=(SoftnetCpu(1, 100, 2, 0),)))
    assert verdict("irq.backlog", lost, now) == (
        BAD, "57 since the start, 2 while we looked, on CPUs 1", how,
    )  # fmt: skip


def test_a_softirq_that_ran_out_of_time():
    assert verdict("irq.squeezed") == (GOOD, "1 since the start", "")
    often = changed(counters={"softnet": (SoftnetCpu(0, 10_000, 0, 2),)})
    assert verdict("irq.squeezed", often) == (
        BETTER,
        "2 since the start, with 10000 packets",
        "sysctl -w net.core.netdev_budget=600 net.core.netdev_budget_usecs=16000",
    )


def test_without_its_files_nothing_is_known():
    none = changed(counters={"softnet": ()})
    assert verdict("irq.backlog", none)[0] is UNKNOWN
    assert verdict("irq.squeezed", none)[0] is UNKNOWN
