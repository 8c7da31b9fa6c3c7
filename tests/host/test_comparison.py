"""Two snapshots of a machine, a day apart."""

from dataclasses import replace

from fixgate.host.comparison import Growth, compare
from fixgate.host.facts.load import Pressure
from fixgate.host.facts.traffic import SoftnetCpu
from tests.host.judging.helpers import BEST, changed, with_nic

DAY_NS = 86_400_000_000_000
TODAY = replace(
    BEST,
    taken_ns=BEST.taken_ns + DAY_NS,
    counters=replace(BEST.counters, steady_ns=BEST.counters.steady_ns + DAY_NS),
)


def counted(**counts: int):
    found = replace(TODAY.counters.counts, **counts)
    return replace(TODAY, counters=replace(TODAY.counters, counts=found))


def test_nothing_is_different():
    found = compare(BEST, TODAY)
    assert (found.changed, found.counted) == ((), ())
    assert (found.restarted, found.same_host) == (False, True)


def test_a_setting_that_somebody_changed():
    now = changed(TODAY, processor={"governors": ("powersave",)}, memory={"merging": True})
    found = compare(BEST, now)
    texts = [
        (
            change.either.key,
            change.before and change.before.found,
            change.after and change.after.found,
        )
        for change in found.changed
    ]
    assert texts == [
        ("cpu.governor", "performance", "powersave (intel_pstate): slow until there is load"),
        ("memory.merging", "off", "on (KSM)"),
    ]


def test_what_changes_by_the_moment_is_no_change():
    now = changed(
        TODAY,
        memory={"waiting_cpu": Pressure(40.0, 5), "available_kib": 1 << 20},
        process={"load": 7.0},
        processor={"least_khz": 800_000},
    )
    assert compare(BEST, now).changed == ()


def test_an_interface_that_was_not_looked_at_then():
    found = compare(replace(BEST, nics=()), TODAY)
    pairs = {(c.either.key, c.either.subject): (c.before, c.after) for c in found.changed}
    before, after = pairs["nic.link", "eth0"]
    assert before is None
    assert after is not None
    gone, none = pairs["nic.way", ""]
    assert gone is not None
    assert none is None


def test_counts_that_grew():
    now = counted(retrans_segs=25, tcp_timeouts=2)
    now = with_nic(now, counts=(("rx_dropped", 7), ("rx_missed_errors", 0)))
    now = replace(
        now,
        counters=replace(now.counters, softnet=(SoftnetCpu(0, 9, 3, 1), SoftnetCpu(1, 9, 4, 0))),
    )
    assert compare(BEST, now).counted == (
        Growth("TCP segments sent again", 10, 25, 15, went_back=False),
        Growth("TCP timeouts", 0, 2, 2, went_back=False),
        Growth("packets dropped of the backlog", 0, 7, 7, went_back=False),
        Growth("eth0 rx_dropped", 0, 7, 7, went_back=False),
    )


def test_a_machine_that_was_started_in_between():
    now = changed(counted(retrans_segs=4, cpu_pressure_us=0), machine={"boot_id": "another"})
    found = compare(BEST, now)
    assert found.restarted
    # What there is, is since the start; of what there is nothing, nothing is told.
    assert Growth("TCP segments sent again", 10, 4, 4, went_back=False) in found.counted
    assert not any(growth.went_back for growth in found.counted)
    assert not any("waited for a CPU" in growth.label for growth in found.counted)


def test_a_start_is_seen_by_the_clock_where_nothing_else_tells():
    before = changed(BEST, machine={"boot_id": ""})
    now = replace(
        changed(TODAY, machine={"boot_id": ""}), counters=replace(TODAY.counters, steady_ns=1)
    )
    assert compare(before, now).restarted
    assert not compare(before, changed(TODAY, machine={"boot_id": ""})).restarted


def test_a_count_that_went_back_without_a_start():
    found = compare(BEST, counted(retrans_segs=4)).counted
    assert found == (Growth("TCP segments sent again", 10, 4, 4, went_back=True),)


def test_counts_of_two_machines_are_not_compared():
    now = replace(counted(retrans_segs=400), host="desk-2")
    now = changed(now, machine={"boot_id": "another"})
    found = compare(BEST, now)
    assert (found.same_host, found.restarted, found.counted) == (False, False, ())


def test_the_earlier_one_comes_first_however_they_are_given():
    found = compare(TODAY, BEST)
    assert (found.before, found.after) == (BEST, TODAY)
