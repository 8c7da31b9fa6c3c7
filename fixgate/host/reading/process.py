"""This process, and those beside it that matter."""

from __future__ import annotations

from collections.abc import Iterable

from fixgate.host.facts.cgroup import CpuGroup, cpu_groups, quota, quota_v1
from fixgate.host.facts.numbers import cpu_list, natural
from fixgate.host.facts.processes import ProcessStat, bypass_signs, environment, process_stat
from fixgate.host.facts.settings import kibibytes, loaded
from fixgate.host.facts.task import labelled
from fixgate.host.model import Bypass, Process, Runnable
from fixgate.host.tree import Tree

__all__ = ["DAEMONS", "read_process"]

DAEMONS = (
    "chronyd",
    "irqbalance",
    "ntpd",
    "phc2sys",
    "ptp4l",
    "sfptpd",
    "systemd-timesyn",
    "timemaster",
)
"""Names, as /proc has them: 15 characters."""

_MOST_PROCESSES = 5_000
"""A process costs 15 us to look at."""


def read_process(tree: Tree) -> Process:
    """Read what this process is, and who else runs on its CPUs."""
    status_text = tree.read("/proc/thread-self/status")
    affinity = cpu_list(labelled(status_text).get("Cpus_allowed_list"))
    ours = process_stat(tree.read("/proc/thread-self/stat"))
    groups = cpu_groups(tree.read("/proc/self/cgroup"), tree.read("/proc/self/mountinfo"))
    load = loaded(tree.read("/proc/loadavg"))
    others = tuple(_others(tree))
    return Process(
        affinity=affinity,
        policy=ours.policy if ours else None,
        priority=ours.priority if ours else 0,
        nice=ours.nice if ours else 0,
        timer_slack_ns=natural((tree.read("/proc/self/timerslack_ns") or "").strip()),
        locked_kib=kibibytes(status_text, "VmLck"),
        swapped_kib=kibibytes(status_text, "VmSwap"),
        quota_cpus=min(filter(None, (_quota(tree, group) for group in groups)), default=None),
        quota_known=bool(groups),
        load=load[0] if load else None,
        running=load[1] if load else None,
        runnable=tuple(
            Runnable(other.pid, other.name, other.cpu, other.of_kernel)
            for other in others
            if other.state == "R" and (affinity is None or other.cpu in affinity)
        ),
        daemons=tuple(sorted({other.name for other in others} & set(DAEMONS))),
        bypasses=_bypasses(tree),
    )


def _quota(tree: Tree, group: CpuGroup) -> float | None:
    if group.version == 2:
        return quota(tree.peek(f"{group.path}/cpu.max"))
    return quota_v1(
        tree.peek(f"{group.path}/cpu.cfs_quota_us"), tree.peek(f"{group.path}/cpu.cfs_period_us")
    )


def _others(tree: Tree) -> Iterable[ProcessStat]:
    ours = process_stat(tree.peek("/proc/self/stat"))
    numbers = [name for name in tree.names("/proc") if natural(name) is not None]
    for name in numbers[:_MOST_PROCESSES]:
        # It may be gone by now, which is nothing to tell.
        other = process_stat(tree.peek(f"/proc/{name}/stat"))
        if other is not None and (ours is None or other.pid != ours.pid):
            yield other


def _bypasses(tree: Tree) -> tuple[Bypass, ...]:
    # LD_PRELOAD and EF_* of our own start; libraries that were asked for later are in the maps.
    variables = environment(tree.read("/proc/self/environ"))
    signs = bypass_signs(tree.read("/proc/self/maps"), variables)
    if tree.names_or_none("/proc/driver/onload") is not None:
        loaded_here, evidence = signs.get("OpenOnload", (False, []))
        signs["OpenOnload"] = (loaded_here, [*evidence, "/proc/driver/onload is there"])
    return tuple(Bypass(name, *_frozen(sign)) for name, sign in sorted(signs.items()))


def _frozen(sign: tuple[bool, list[str]]) -> tuple[bool, tuple[str, ...]]:
    return sign[0], tuple(sign[1])
