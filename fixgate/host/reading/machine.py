"""The system, and its CPUs as far as this process may use them."""

from __future__ import annotations

import importlib.util
import platform
import struct

from fixgate.host.facts.numbers import cpu_list, natural
from fixgate.host.facts.processes import environment, process_stat
from fixgate.host.facts.settings import kernel_parameters, switched
from fixgate.host.facts.task import labelled
from fixgate.host.model import IdleState, Machine, Node, Processor
from fixgate.host.tree import Tree

__all__ = ["read_machine", "read_processor"]

_CPUS = "/sys/devices/system/cpu"
_NODES = "/sys/devices/system/node"
_MOST_STATES = 16
_NO_LIMIT_US = 2_000_000_000
"""PM_QOS_CPU_LATENCY_DEFAULT_VALUE: nobody has asked for anything."""


def read_machine(tree: Tree) -> Machine:
    """Read what the system is."""
    cpuinfo = labelled(tree.read("/proc/cpuinfo"))
    kernel = (tree.read("/proc/sys/kernel/osrelease") or "").strip()
    flags = cpuinfo.get("flags")
    # Other processors than x86 have no such flag.
    virtual = None if flags is None else "hypervisor" in flags.split()
    return Machine(
        kernel=kernel,
        architecture=platform.machine(),
        processor=cpuinfo.get("model name", ""),
        parameters=kernel_parameters(tree.read("/proc/cmdline")),
        virtual=virtual,
        hypervisor=_hypervisor(tree) if virtual else "",
        container=_container(tree),
        boot_id=(tree.read("/proc/sys/kernel/random/boot_id") or "").strip(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        event_loop="uvloop" if importlib.util.find_spec("uvloop") else "asyncio",
    )


def _hypervisor(tree: Tree) -> str:
    for path in ("/sys/hypervisor/type", "/sys/class/dmi/id/sys_vendor"):
        name = (tree.peek(path) or "").strip()
        if name:
            return name
    return ""


def _container(tree: Tree) -> str:
    # Who sees the kernel's own threads is in no container, whatever it was unpacked from.
    first_of_kernel = process_stat(tree.peek("/proc/2/stat"))
    if first_of_kernel is not None and first_of_kernel.name == "kthreadd":
        return ""
    if name := (tree.peek("/run/systemd/container") or "").strip():
        return name
    if "KUBERNETES_SERVICE_HOST" in environment(tree.read("/proc/self/environ")):
        return "kubernetes"
    for path, name in (("/run/.containerenv", "podman"), ("/.dockerenv", "docker")):
        if tree.peek(path) is not None:
            return name
    return ""


def read_processor(tree: Tree, ours: tuple[int, ...] | None) -> Processor:
    """Read what the CPUs are set to.

    Args:
        tree: The machine.
        ours: CPUs that this process may run on; ``None`` for all.
    """
    online = cpu_list(tree.read(f"{_CPUS}/online"))
    used = (online or ()) if ours is None else ours
    return Processor(
        online=online,
        isolated=cpu_list(tree.read(f"{_CPUS}/isolated")),
        # Not there where the kernel is built without it: then there is none. Older kernels write
        # " (null)" for none.
        tickless=cpu_list((tree.peek(f"{_CPUS}/nohz_full") or "").replace("(null)", "")),
        siblings=_siblings(tree, used),
        smt=_word(tree, f"{_CPUS}/smt/control"),
        governors=_each(tree, used, "cpufreq/scaling_governor"),
        frequency_driver=next(iter(_each(tree, used[:1], "cpufreq/scaling_driver")), None),
        boost=_boost(tree),
        least_khz=min(_numbers(tree, used, "cpufreq/scaling_cur_freq"), default=None),
        most_khz=max(_numbers(tree, used, "cpufreq/cpuinfo_max_freq"), default=None),
        idle_driver=_word(tree, f"{_CPUS}/cpuidle/current_driver"),
        idle_states=_idle_states(tree, used),
        latency_limit_us=_latency_limit_us(tree, used),
        nodes=_nodes(tree),
    )


def _word(tree: Tree, path: str) -> str | None:
    return (tree.peek(path) or "").strip() or None


def _each(tree: Tree, cpus: tuple[int, ...], name: str) -> tuple[str, ...]:
    found = (_word(tree, f"{_CPUS}/cpu{cpu}/{name}") for cpu in cpus)
    return tuple(dict.fromkeys(word for word in found if word))


def _numbers(tree: Tree, cpus: tuple[int, ...], name: str) -> list[int]:
    numbers = (natural(word) for word in _each(tree, cpus, name))
    return [number for number in numbers if number is not None]


def _siblings(tree: Tree, cpus: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    lists = _each(tree, cpus, "topology/thread_siblings_list")
    return tuple(sorted(found for text in lists if (found := cpu_list(text))))


def _boost(tree: Tree) -> bool | None:
    no_turbo = switched(tree.peek(f"{_CPUS}/intel_pstate/no_turbo"))
    if no_turbo is not None:
        return not no_turbo
    return switched(tree.peek(f"{_CPUS}/cpufreq/boost"))


def _idle_states(tree: Tree, cpus: tuple[int, ...]) -> tuple[IdleState, ...]:
    found: dict[str, IdleState] = {}
    for cpu in cpus:
        for number in range(_MOST_STATES):
            folder = f"{_CPUS}/cpu{cpu}/cpuidle/state{number}"
            name = _word(tree, f"{folder}/name")
            latency_us = natural(_word(tree, f"{folder}/latency") or "")
            if name is None or latency_us is None:
                break
            disabled = switched(tree.peek(f"{folder}/disable"))
            known = found.get(name)
            enabled = not disabled or (known is not None and known.enabled)
            found[name] = IdleState(name, latency_us, enabled)
    return tuple(found.values())


def _latency_limit_us(tree: Tree, cpus: tuple[int, ...]) -> int | None:
    """Return the least that anybody has asked for; ``None`` for nothing, as far as it shows."""
    limits = []
    data = tree.read_bytes("/dev/cpu_dma_latency")
    if data is not None and len(data) == 4:
        limits.append(struct.unpack("i", data)[0])
    # Of one CPU: 0 is no limit, n/a is no sleep at all.
    asked = _each(tree, cpus, "power/pm_qos_resume_latency_us")
    if asked and "0" not in asked:
        limits.append(max(0 if word == "n/a" else natural(word) or 0 for word in asked))
    return min((limit for limit in limits if 0 <= limit < _NO_LIMIT_US), default=None)


def _nodes(tree: Tree) -> tuple[Node, ...]:
    found = []
    for name in tree.names(_NODES):
        number = natural(name.removeprefix("node"))
        cpus = cpu_list(tree.read(f"{_NODES}/{name}/cpulist")) if number is not None else None
        if number is not None and cpus:
            found.append(Node(number, cpus))
    return tuple(sorted(found, key=lambda node: node.number))
