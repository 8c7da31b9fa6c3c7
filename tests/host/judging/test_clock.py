"""Advice about the clock."""

from dataclasses import replace

from fixgate.host.model import Chrony
from tests.host.judging.helpers import (
    BAD,
    BEST,
    BETTER,
    GOOD,
    NOTED,
    UNKNOWN,
    changed,
    verdict,
)

KERNEL = BEST.clock.kernel
assert KERNEL is not None
UNKEPT = replace(KERNEL, synchronised=False)
CHRONY = BEST.clock.chrony
assert CHRONY is not None


def test_the_source():
    assert verdict("clock.source") == (GOOD, "tsc", "")
    slow = changed(clock={"source": "hpet"})
    assert verdict("clock.source", slow) == (
        BAD,
        "hpet: every look at the clock goes through the kernel",
        "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource",
    )


def test_a_source_that_the_kernel_does_not_trust_is_not_to_be_chosen():
    distrusted = changed(clock={"source": "hpet", "sources": ("hpet", "acpi_pm")})
    assert verdict("clock.source", distrusted)[2].startswith("dmesg")
    guest = changed(clock={"source": "xen", "sources": ("xen",)}, machine={"virtual": True})
    grade, _, how = verdict("clock.source", guest)
    assert grade is BETTER
    assert how.startswith("a hypervisor")


def test_who_keeps_it():
    assert verdict("clock.kept") == (GOOD, "chronyd", "")
    both = changed(process={"daemons": ("chronyd", "ntpd")})
    assert verdict("clock.kept", both)[:2] == (BAD, "chronyd and ntpd, one against the other")
    ptp = changed(process={"daemons": ("chronyd", "phc2sys", "ptp4l")})
    assert verdict("clock.kept", ptp)[0] is NOTED
    plain = changed(process={"daemons": ("phc2sys", "ptp4l")})
    assert verdict("clock.kept", plain) == (GOOD, "phc2sys, with ptp4l", "")
    refclock = changed(process={"daemons": ("chronyd", "ptp4l")})
    assert verdict("clock.kept", refclock) == (GOOD, "chronyd, with ptp4l", "")
    alone = changed(process={"daemons": ("ptp4l",)})
    assert verdict("clock.kept", alone) == (GOOD, "ptp4l", "")


def test_nobody_keeps_it():
    nobody = changed(process={"daemons": ()}, clock={"kernel": UNKEPT, "chrony": None})
    assert verdict("clock.kept", nobody)[0] is BAD
    assert verdict("clock.error", nobody)[0] is UNKNOWN, "said once"
    somebody = changed(process={"daemons": ()})
    assert verdict("clock.kept", somebody)[0] is GOOD, "on the host of a container, say"


def test_by_how_much_it_may_be_wrong():
    assert verdict("clock.error") == (
        GOOD, "61.2 us (offset 1.2 us, stratum 2, ntp1.desk.example)", "",
    )  # fmt: skip
    for offset_ns, grade in ((-2_000_000, BETTER), (200_000_000, BAD)):
        off = changed(clock={"chrony": replace(CHRONY, offset_ns=offset_ns)})
        assert verdict("clock.error", off)[0] is grade


def test_chrony_that_follows_nothing():
    lost = changed(clock={"chrony": Chrony("", 0, 0, 0, 0, "Not synchronised")})
    assert verdict("clock.error", lost)[:2] == (BAD, "chrony follows nothing")


def test_without_chrony_the_kernel_is_asked():
    alone = changed(clock={"chrony": None})
    assert verdict("clock.error", alone)[:2] == (
        BETTER, "900.0 us, by the kernel's own account (offset 1.2 us)",
    )  # fmt: skip
    unkept = changed(clock={"chrony": None, "kernel": UNKEPT})
    assert verdict("clock.error", unkept)[0] is BAD
    assert verdict("clock.error", changed(clock={"chrony": None, "kernel": None}))[0] is UNKNOWN


def test_what_is_noted():
    assert verdict("clock.tai") == (NOTED, "37 s", "")
    assert verdict("clock.tai", changed(clock={"kernel": replace(KERNEL, tai_s=0)}))[1] == (
        "nobody has said"
    )
    assert verdict("clock.ptp") == (NOTED, "ice-0000:3b:00.0-clk", "")
