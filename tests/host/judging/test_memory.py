"""Advice about memory."""

from fixgate.host.facts.load import Pressure
from tests.host.judging.helpers import BAD, BETTER, GOOD, NOTED, UNKNOWN, changed, verdict


def of(key: str, **fields: object):
    return verdict(key, changed(memory=fields))


def test_what_of_us_is_on_disk():
    assert verdict("memory.swapped") == (GOOD, "nothing", "")
    grade, found, _ = verdict("memory.swapped", changed(process={"swapped_kib": 640}))
    assert (grade, found) == (BAD, "640 KiB of this process")
    assert verdict("memory.swapped", changed(process={"swapped_kib": None}))[0] is UNKNOWN


def test_swap():
    assert verdict("memory.swap") == (GOOD, "none", "")
    there = {"swap_total_kib": 8 << 20, "swap_free_kib": 8 << 20}
    assert of("memory.swap", **there) == (
        BETTER, "8192 MiB, vm.swappiness 60", "sysctl -w vm.swappiness=1",
    )  # fmt: skip
    assert of("memory.swap", **there, swappiness=1)[0] is GOOD
    assert of("memory.swap", **there, swappiness=None)[0] is NOTED
    assert of("memory.swap", swap_total_kib=None)[0] is UNKNOWN


def test_what_is_available():
    assert verdict("memory.available") == (GOOD, "20480 of 24576 MiB", "")
    assert of("memory.available", available_kib=1 << 20)[0] is BETTER
    assert of("memory.available", available_kib=None)[0] is UNKNOWN


def test_huge_pages():
    assert verdict("memory.huge_pages") == (GOOD, "madvise", "")
    grade, _, how = of("memory.huge_pages", huge_pages="always")
    assert grade is BETTER
    assert how == "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"
    assert of("memory.huge_pages", huge_pages=None)[0] is UNKNOWN


def test_numa_balancing_matters_with_two_nodes():
    assert verdict("memory.balancing") == (GOOD, "off", "")
    grade, _, how = of("memory.balancing", numa_balancing=True)
    assert (grade, how) == (BETTER, "sysctl -w kernel.numa_balancing=0")
    one = changed(memory={"numa_balancing": True}, processor={"nodes": ()})
    assert verdict("memory.balancing", one)[0] is GOOD
    assert of("memory.balancing", numa_balancing=None)[0] is UNKNOWN


def test_page_merging():
    assert verdict("memory.merging") == (GOOD, "off", "")
    assert of("memory.merging", merging=True) == (
        BETTER, "on (KSM)", "echo 0 > /sys/kernel/mm/ksm/run",
    )  # fmt: skip
    assert of("memory.merging", merging=None)[0] is UNKNOWN


def test_what_is_locked_is_noted():
    assert verdict("memory.locked") == (NOTED, "0 KiB of this process", "")


def test_waiting_for_memory_and_disks():
    assert verdict("memory.pressure") == (GOOD, "0.0 % of the last 10 s", "")
    assert of("memory.pressure", waiting_memory=Pressure(2.0, 1))[0] is BETTER
    assert of("memory.io", waiting_io=Pressure(25.0, 1))[0] is BAD
    assert of("memory.io", waiting_io=None)[0] is UNKNOWN
