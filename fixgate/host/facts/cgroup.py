"""Where this process's control groups are, and how they hold its CPU time back."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from fixgate.host.facts.numbers import natural

__all__ = ["CpuGroup", "Throttling", "cpu_groups", "quota", "quota_v1", "throttling"]


@dataclass(frozen=True, slots=True)
class CpuGroup:
    """A folder in which a control group of ours, or one above it, has its CPU files.

    Attributes:
        path: Absolute, such as ``/sys/fs/cgroup/system.slice``.
        version: 1 or 2.
    """

    path: str
    version: int


@dataclass(frozen=True, slots=True)
class Throttling:
    """How often, and for how long, a group had used up its quota and stood still.

    Attributes:
        periods: In which it stood still.
        throttled_us: For how long, all CPUs together, microseconds.
    """

    periods: int
    throttled_us: int


def cpu_groups(memberships: str | None, mounts: str | None) -> tuple[CpuGroup, ...]:
    """Return the groups whose quota holds for this process, our own first, then those above it.

    Args:
        memberships: /proc/self/cgroup.
        mounts: /proc/self/mountinfo.

    Spec: cgroups(7), "/proc/pid/cgroup"; proc_pid_mountinfo(5). In a container the groups above
    its own are out of sight, and may have a quota, too.
    """
    member = _memberships(memberships)
    for line in (mounts or "").splitlines():
        before, dash, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if not dash or len(fields) < 5 or len(kind) < 3:
            continue
        root, mount_point = fields[3], fields[4]
        if kind[0] == "cgroup" and "cpu" in kind[2].split(",") and "cpu" in member:
            return _upwards(mount_point, root, member["cpu"], 1)
    for line in (mounts or "").splitlines():
        before, dash, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if dash and len(fields) >= 5 and kind[:1] == ["cgroup2"] and "" in member:
            return _upwards(fields[4], fields[3], member[""], 2)
    return ()


def _memberships(text: str | None) -> dict[str, str]:
    """Return our group by controller; that of version 2 by the empty name."""
    found: dict[str, str] = {}
    for line in (text or "").splitlines():
        fields = line.split(":", 2)
        if len(fields) == 3:
            for controller in fields[1].split(","):
                found[controller] = fields[2]
    return found


def _upwards(mount_point: str, root: str, group: str, version: int) -> tuple[CpuGroup, ...]:
    # A container may see its own group mounted as the root of all, by its name outside.
    below = posixpath.relpath(group, root) if group.startswith("/") else "."
    parts = [] if below.startswith("..") or below == "." else below.split("/")
    return tuple(
        CpuGroup(posixpath.join(mount_point, *parts[:depth]), version)
        for depth in range(len(parts), -1, -1)
    )


def throttling(stat: str | None) -> Throttling | None:
    """Return what cpu.stat says of throttling, of either version; ``None`` without a word of it.

    Spec: Linux admin-guide/cgroup-v2, "cpu.stat"; scheduler/sched-bwc, "Statistics" (version 1
    counts nanoseconds).
    """
    counts = dict(line.split()[:2] for line in (stat or "").splitlines() if len(line.split()) > 1)
    periods = natural(counts.get("nr_throttled", ""))
    throttled_us = natural(counts.get("throttled_usec", ""))
    throttled_ns = natural(counts.get("throttled_time", ""))
    if throttled_us is None and throttled_ns is not None:
        throttled_us = throttled_ns // 1000
    if periods is None or throttled_us is None:
        return None
    return Throttling(periods, throttled_us)


def quota(cpu_max: str | None) -> float | None:
    """Return how many CPUs' time a group of version 2 may use; ``None`` for any.

    Args:
        cpu_max: Its cpu.max: ``QUOTA PERIOD`` in microseconds, or ``max PERIOD``.
    """
    fields = (cpu_max or "").split()
    return _ratio(fields[0], fields[1]) if len(fields) == 2 else None


def quota_v1(quota_us: str | None, period_us: str | None) -> float | None:
    """Return how many CPUs' time a group of version 1 may use; ``None`` for any.

    Args:
        quota_us: Its cpu.cfs_quota_us, -1 for any.
        period_us: Its cpu.cfs_period_us.
    """
    return _ratio((quota_us or "").strip(), (period_us or "").strip())


def _ratio(quota_us: str, period_us: str) -> float | None:
    used, period = natural(quota_us), natural(period_us)
    return used / period if used and period else None
