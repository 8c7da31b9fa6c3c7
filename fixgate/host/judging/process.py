"""This process, and the system under it. Sources are in docs/host.md."""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.host.activity import Activity
from fixgate.host.judging.place import place_of
from fixgate.host.judging.since import LONG_NS, since
from fixgate.host.judging.topic import Group, Line, Topic
from fixgate.host.model import Snapshot

__all__ = ["judge_process"]

_GROUP = Group.PROCESS
QUOTA = Topic("process.quota", _GROUP, "CPU quota", "none")
POLICY = Topic("process.policy", _GROUP, "scheduling")
SLACK = Topic("process.timer_slack", _GROUP, "timer slack")
LATENESS = Topic("process.lateness", _GROUP, "wakes up late by", "p99 below 0.2 ms", momentary=True)
WAITED = Topic("process.waited", _GROUP, "ready, not run", "below 1 % of the time", momentary=True)
MOVED = Topic("process.moved", _GROUP, "moved and put aside", "never", momentary=True)
LOOP = Topic("process.loop", _GROUP, "Python and loop", "uvloop")
BYPASS = Topic("process.bypass", _GROUP, "kernel bypass")
SYSTEM = Topic("process.system", _GROUP, "system")
KERNEL = Topic("process.kernel", _GROUP, "kernel started with")

_QUIET_NS, _LATE_NS = 200_000, 1_000_000
"""A canary's p99 is 0.2 ms on a machine at rest, and 4 ms where others want its core."""


def judge_process(snapshot: Snapshot, activity: Activity | None) -> Iterator[Line]:
    """Yield a line for each topic of the process and the system."""
    yield _quota(snapshot, activity)
    yield _policy(snapshot)
    yield _slack(snapshot)
    if activity is not None and activity.lateness is not None:
        yield _lateness(activity)
    if activity is not None:
        yield _waited(activity)
        yield _moved(snapshot, activity)
    yield _loop(snapshot)
    yield _bypass(snapshot)
    yield _system(snapshot)
    if snapshot.machine.kernel:
        yield KERNEL.noted(
            " ".join(snapshot.machine.parameters) or "nothing that changes its timing"
        )
    else:
        yield KERNEL.unknown("not known on this system")


def _quota(snapshot: Snapshot, activity: Activity | None) -> Line:
    process, how = snapshot.process, "no CPUQuota= (systemd), --cpus (docker) or CPU limit (pods)"
    if not process.quota_known:
        return QUOTA.unknown("control groups cannot be read here")
    counts = snapshot.counters.counts
    grown = activity.window.grown.throttled_periods if activity else None
    quota = "none" if process.quota_cpus is None else f"{process.quota_cpus:g} CPUs"
    if counts.throttled_periods:
        held_s = (counts.throttled_us or 0) / 1e6
        stood = f"stood still {since(counts.throttled_periods, grown)}, {held_s:.2f} s in all"
        return QUOTA.bad(f"{quota}; {stood}", how)
    if process.quota_cpus is not None:
        return QUOTA.better(f"{quota}; never stood still", how)
    above = "; groups above this container's are out of sight" if snapshot.machine.container else ""
    return QUOTA.good(f"{quota}{above}")


def _policy(snapshot: Snapshot) -> Line:
    process = snapshot.process
    if process.policy is None:
        return POLICY.unknown("not known on this system")
    if process.policy in ("fifo", "rr"):
        return POLICY.noted(f"{process.policy}, priority {process.priority}")
    if process.policy == "idle" or process.nice > 0:
        found = f"{process.policy}, nice {process.nice}: others go first"
        return POLICY.better(found, "start it without nice, or with chrt -o 0")
    return POLICY.noted(f"{process.policy}, nice {process.nice}")


def _slack(snapshot: Snapshot) -> Line:
    slack_ns = snapshot.process.timer_slack_ns
    if slack_ns is None:
        return SLACK.unknown("not known on this system")
    return SLACK.noted(f"{slack_ns / 1000:g} us: the kernel may be as late with timers of ours")


def _lateness(activity: Activity) -> Line:
    late = activity.lateness
    if late is None or late.count == 0:
        return LATENESS.unknown("no time to look")
    p50, p99, most = (value / 1e6 for value in (late.p50_ns, late.p99_ns, late.max_ns))
    found = f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, max {most:.2f} ms of {late.count} times"
    how = "see pinned, neighbours, interrupts, idle states: one of them says why"
    if late.p99_ns <= _QUIET_NS:
        return LATENESS.good(found)
    return LATENESS.bad(found, how) if late.p99_ns > _LATE_NS else LATENESS.better(found, how)


def _waited(activity: Activity) -> Line:
    delay_ns, duration_ns = activity.window.grown.run_delay_ns, activity.window.duration_ns
    if delay_ns is None:
        return WAITED.unknown("the kernel does not count it (CONFIG_SCHEDSTATS)")
    percent = 100 * delay_ns / max(duration_ns, 1)
    found = f"{delay_ns / 1e6:.2f} ms of {duration_ns / 1e6:.0f} ms ({percent:.1f} %)"
    if duration_ns < LONG_NS:
        return WAITED.noted(found)
    how = "a CPU of our own: see pinned and neighbours"
    if percent < 1:
        return WAITED.good(found)
    return WAITED.bad(found, how) if percent >= 10 else WAITED.better(found, how)


def _moved(snapshot: Snapshot, activity: Activity) -> Line:
    grown, place = activity.window.grown, place_of(snapshot)
    if grown.involuntary_switches is None:
        return MOVED.unknown("not known on this system")
    moved = "" if grown.migrations is None else f"moved to another CPU {grown.migrations} times, "
    found = f"{moved}put aside for others {grown.involuntary_switches} times"
    if not grown.migrations and not grown.involuntary_switches:
        return MOVED.good(found)
    if place is not None and place.on_isolated and grown.involuntary_switches:
        return MOVED.better(found, "see neighbours: somebody else runs on an isolated CPU")
    return MOVED.noted(found)


def _loop(snapshot: Snapshot) -> Line:
    found = f"{snapshot.machine.python}, {snapshot.machine.event_loop}"
    if snapshot.machine.event_loop == "uvloop":
        return LOOP.good(found)
    return LOOP.better(found, "pip install uvloop, where there is one for this system")


def _bypass(snapshot: Snapshot) -> Line:
    if not snapshot.machine.kernel:
        return BYPASS.unknown("not known on this system")
    if not snapshot.process.bypasses:
        return BYPASS.noted("none: the kernel's stack")
    loaded = [bypass for bypass in snapshot.process.bypasses if bypass.loaded]
    signs = "; ".join(sign for bypass in snapshot.process.bypasses for sign in bypass.evidence)
    if not loaded:
        return BYPASS.noted(f"not in this process ({signs}): the kernel's stack")
    names = " and ".join(bypass.name for bypass in loaded)
    return BYPASS.noted(
        f"{names} ({signs}): of sockets that it has taken over TCP_INFO, kernel timestamps, ss and "
        "the counts here see nothing or a part"
    )


def _system(snapshot: Snapshot) -> Line:
    machine = snapshot.machine
    if not machine.kernel:
        return SYSTEM.unknown("this is not Linux, or /proc is not there: most of this is not known")
    below = {True: "virtual", False: "on metal", None: "virtual or not"}[machine.virtual]
    parts = [
        f"Linux {machine.kernel}",
        machine.architecture,
        machine.processor,
        f"{below} ({machine.hypervisor})" if machine.hypervisor else below,
        f"in a container ({machine.container})" if machine.container else "",
    ]
    return SYSTEM.noted(", ".join(filter(None, parts)))
