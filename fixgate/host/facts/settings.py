"""Settings of one line: which of several is chosen, what is limited to what."""

from __future__ import annotations

from fixgate.host.facts.numbers import natural
from fixgate.host.facts.task import labelled

__all__ = ["chosen", "kernel_parameters", "kibibytes", "loaded", "switched"]

_OF_TIME = frozenset(
    (
        "amd_pstate",
        "audit",
        "clocksource",
        "cpuidle.off",
        "idle",
        "intel_idle.max_cstate",
        "intel_pstate",
        "irqaffinity",
        "isolcpus",
        "mce",
        "mitigations",
        "nmi_watchdog",
        "nohz",
        "nohz_full",
        "nosmt",
        "nosoftlockup",
        "numa_balancing",
        "nowatchdog",
        "preempt",
        "processor.max_cstate",
        "psi",
        "rcu_nocb_poll",
        "rcu_nocbs",
        "skew_tick",
        "threadirqs",
        "transparent_hugepage",
        "tsc",
    )
)
"""Parameters of the kernel that change when things run."""


def chosen(text: str | None) -> str | None:
    """Return the word in brackets of ``always [madvise] never``; ``None`` where there is none."""
    _, opened, rest = (text or "").partition("[")
    word, closed, _ = rest.partition("]")
    return word or None if opened and closed else None


def switched(text: str | None) -> bool | None:
    """Return whether a setting is 1, or 0; of any other ``None``."""
    return {"0": False, "1": True}.get((text or "").strip())


def kernel_parameters(text: str | None) -> tuple[str, ...]:
    """Return those of /proc/cmdline that have to do with time, in its order.

    Spec: Linux admin-guide/kernel-parameters. Others may hold what is nobody's business.
    """
    words = (text or "").split()
    return tuple(word for word in words if word.partition("=")[0] in _OF_TIME)


def kibibytes(text: str | None, label: str) -> int | None:
    """Return what a line such as ``VmLck:  64 kB`` says, of /proc/PID/status or /proc/meminfo."""
    amount, _, unit = labelled(text).get(label, "").partition(" ")
    return natural(amount) if unit == "kB" else None


def loaded(text: str | None) -> tuple[float, int] | None:
    """Return the load of one minute and the tasks that run now, of /proc/loadavg."""
    fields = (text or "").split()
    if len(fields) < 4:
        return None
    whole, dot, part = fields[0].partition(".")
    load, running = natural(whole + part), natural(fields[3].partition("/")[0])
    if load is None or running is None or not dot:
        return None
    return load / 10 ** len(part), running
