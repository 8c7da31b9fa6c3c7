"""What /proc/PID/stat says of a process, and what is mapped into it."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.host.facts.numbers import natural, whole

__all__ = ["ProcessStat", "bypass_signs", "environment", "process_stat"]

_POLICIES = {0: "other", 1: "fifo", 2: "rr", 3: "batch", 5: "idle", 6: "deadline", 7: "ext"}
_MOST_FIELDS = 52
_KTHREADD = 2
"""The parent of all threads of the kernel."""

_BYPASSES = {
    "OpenOnload": ("libonload", "libcitransport"),
    "VMA": ("libvma", "libxlio"),
}


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """One process.

    Attributes:
        pid: Its number.
        name: At most 15 characters of it.
        state: ``R`` runs or wants to, ``S`` sleeps, ``D`` waits for a disk, and others.
        cpu: The CPU that it ran on last.
        nice: -20 to 19.
        priority: 1 to 99 of a real-time policy, else 0.
        policy: As `fixgate.host.model.Process` has it.
        of_kernel: It is a thread of the kernel.
    """

    pid: int
    name: str
    state: str
    cpu: int
    nice: int
    priority: int
    policy: str
    of_kernel: bool


def process_stat(text: str | None) -> ProcessStat | None:
    """Return what /proc/PID/stat says; ``None`` where it says nothing.

    Spec: proc_pid_stat(5); the name is in parentheses, and may hold some.
    """
    before, _, after = (text or "").rpartition(")")
    number, _, name = before.partition("(")
    fields = after.split()[:_MOST_FIELDS]
    pid = natural(number.strip())
    # Field 3, the state, is the first here.
    values = [whole(fields[at - 3]) for at in (4, 19, 39, 40, 41)] if len(fields) > 38 else [None]
    if pid is None or None in values:
        return None
    parent, nice, cpu, priority, policy = (value or 0 for value in values)
    return ProcessStat(
        pid,
        name,
        fields[0],
        cpu,
        nice,
        priority,
        _POLICIES.get(policy, "other"),
        of_kernel=_KTHREADD in (pid, parent),
    )


def environment(text: str | None) -> dict[str, str]:
    """Return the variables of /proc/PID/environ: those that the process was started with."""
    pairs = (entry.partition("=") for entry in (text or "").split("\0"))
    return {name: value for name, equals, value in pairs if name and equals}


def bypass_signs(maps: str | None, variables: dict[str, str]) -> dict[str, tuple[bool, list[str]]]:
    """Return libraries that bypass the kernel: whether each is loaded, and what shows it.

    Args:
        maps: /proc/self/maps.
        variables: Of this process.

    Spec: AMD UG1586, Onload User Guide: libonload.so is preloaded, EF_* configures it.
    """
    paths = {line.split()[-1] for line in (maps or "").splitlines() if "/" in line}
    found = {}
    for name, libraries in _BYPASSES.items():
        mapped = sorted(p for p in paths if p.rpartition("/")[2].startswith(libraries))
        preload = variables.get("LD_PRELOAD", "")
        signs = [f"{path} is loaded" for path in mapped]
        if any(library in preload for library in libraries):
            signs.append(f"LD_PRELOAD={preload}")
        if name == "OpenOnload" and mapped:
            signs += sorted(f"{key}={variables[key]}" for key in variables if key.startswith("EF_"))
        if signs:
            found[name] = (bool(mapped), signs)
    return found
