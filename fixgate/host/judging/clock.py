"""The clock: how it is read, and who keeps it. Sources are in docs/host.md."""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.host.judging.topic import Group, Line, Topic
from fixgate.host.model import ClockFacts, Snapshot

__all__ = ["judge_clock"]

_GROUP = Group.CLOCK
SOURCE = Topic("clock.source", _GROUP, "source", "tsc, or what the hypervisor offers")
KEPT = Topic("clock.kept", _GROUP, "kept by", "one of chronyd, ptp4l with phc2sys, ntpd")
ERROR = Topic("clock.error", _GROUP, "may be wrong by", "100 us or less", momentary=True)
TAI = Topic("clock.tai", _GROUP, "TAI - UTC")
PTP = Topic("clock.ptp", _GROUP, "PTP clocks")

_QUICK = ("tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter")
"""Those that are read without asking the kernel, in some 20 ns."""
_SLOW = ("hpet", "acpi_pm", "jiffies", "refined-jiffies")
_MOST_NS = 100_000
"""What (EU) 2017/574 (RTS 25) allows high-frequency trading to diverge from UTC."""
_FAR_NS = 100_000_000
_KEEPERS = {
    "chronyd": "chronyd",
    "ntpd": "ntpd",
    "phc2sys": "phc2sys",
    "sfptpd": "sfptpd",
    "systemd-timesyn": "systemd-timesyncd",
    "timemaster": "timemaster",
}


def judge_clock(snapshot: Snapshot) -> Iterator[Line]:
    """Yield a line for each topic of the clock."""
    clock = snapshot.clock
    yield _source(clock, virtual=bool(snapshot.machine.virtual))
    yield _kept(snapshot)
    yield _error(snapshot)
    if clock.kernel is None:
        yield TAI.unknown("not known on this system")
    else:
        yield TAI.noted(f"{clock.kernel.tai_s} s" if clock.kernel.tai_s else "nobody has said")
    if not snapshot.machine.kernel:
        yield PTP.unknown("not known on this system")
    else:
        yield PTP.noted(", ".join(clock.ptp) or "none here")


def _source(clock: ClockFacts, *, virtual: bool) -> Line:
    if clock.source is None:
        return SOURCE.unknown("not known on this system")
    if clock.source in _QUICK:
        return SOURCE.good(clock.source)
    quick = next((source for source in clock.sources if source in _QUICK), None)
    if quick is not None:
        how = f"echo {quick} > /sys/devices/system/clocksource/clocksource0/current_clocksource"
    elif virtual:
        how = "a hypervisor that offers kvm-clock, Hyper-V's page or a stable tsc"
    else:
        how = "dmesg | grep -i tsc says why the kernel does not trust it; often the firmware's age"
    found = f"{clock.source}: every look at the clock goes through the kernel"
    return SOURCE.bad(found, how) if clock.source in _SLOW else SOURCE.better(found, how)


def _kept(snapshot: Snapshot) -> Line:
    kernel, container = snapshot.clock.kernel, snapshot.machine.container
    keepers = _keepers(snapshot)
    if kernel is None:
        return KEPT.unknown("not known on this system")
    if "timemaster" in keepers or {"chronyd", "phc2sys"} <= set(keepers):
        # timemaster starts them; phc2sys then feeds chronyd, or disciplines a NIC's clock.
        return KEPT.noted(f"{', '.join(keepers)}: one of them alone should steer")
    if len(keepers) > 1:
        how = f"systemctl disable --now all but one of {', '.join(keepers)}"
        return KEPT.bad(f"{' and '.join(keepers)}, one against the other", how)
    if keepers:
        # ptp4l keeps the clock of a NIC, and another this one by it; or ptp4l keeps it alone.
        helped = "ptp4l" in snapshot.process.daemons and keepers != ["ptp4l"]
        return KEPT.good(f"{keepers[0]}, with ptp4l" if helped else keepers[0])
    if kernel.synchronised:
        return KEPT.good("somebody out of sight; the kernel counts itself synchronised")
    where = "on the host of this container" if container else "here"
    return KEPT.bad(
        "nobody that is known, and the kernel counts itself not synchronised",
        f"chronyd {where}, with the time servers of your site; chronyc tracking",
    )


def _keepers(snapshot: Snapshot) -> list[str]:
    daemons = snapshot.process.daemons
    found = [_KEEPERS[name] for name in daemons if name in _KEEPERS]
    return found or [name for name in daemons if name == "ptp4l"]


def _error(snapshot: Snapshot) -> Line:
    kernel, chrony = snapshot.clock.kernel, snapshot.clock.chrony
    how = "nearer or better servers, or PTP with hardware timestamps; chronyc sources -v"
    if chrony is not None:
        if not chrony.reference or chrony.leap == "Not synchronised":
            return ERROR.bad("chrony follows nothing", "chronyc sources -v")
        found = (
            f"{_span(chrony.most_ns)} (offset {_span(abs(chrony.offset_ns))}, stratum "
            f"{chrony.stratum}, {chrony.reference})"
        )
        return _graded(chrony.most_ns, found, how)
    if kernel is None:
        return ERROR.unknown("not known on this system")
    if not kernel.synchronised:
        found = "the kernel counts itself not synchronised"
        if not _keepers(snapshot):
            return ERROR.unknown(f"{found}: see {KEPT.label}")
        return ERROR.bad(f"anything: {found}", "chronyc tracking, or the log of whoever keeps it")
    most_ns = kernel.max_error_us * 1000
    found = f"{_span(most_ns)}, by the kernel's own account (offset {_span(abs(kernel.offset_ns))})"
    return _graded(most_ns, found, how)


def _graded(most_ns: int, found: str, how: str) -> Line:
    if most_ns <= _MOST_NS:
        return ERROR.good(found)
    return ERROR.bad(found, how) if most_ns > _FAR_NS else ERROR.better(found, how)


def _span(duration_ns: int) -> str:
    if duration_ns < 1_000_000:
        return f"{duration_ns / 1000:.1f} us"
    return f"{duration_ns / 1_000_000:.1f} ms"
