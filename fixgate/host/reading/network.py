"""The network: settings of the stack, and the interfaces that lead to the targets."""

from __future__ import annotations

from collections.abc import Iterable

from fixgate.host.devices import Devices
from fixgate.host.facts.ethtool import nic_settings
from fixgate.host.facts.numbers import cpu_mask, natural, whole
from fixgate.host.facts.settings import switched
from fixgate.host.facts.traffic import ProtocolCounts
from fixgate.host.model import Network
from fixgate.host.nic import Nic
from fixgate.host.tree import Tree

__all__ = ["SYSCTLS", "read_network", "read_nics"]

SYSCTLS = (
    "net.core.busy_poll",
    "net.core.busy_read",
    "net.core.default_qdisc",
    "net.core.netdev_budget",
    "net.core.netdev_budget_usecs",
    "net.core.netdev_max_backlog",
    "net.core.rmem_max",
    "net.core.wmem_max",
    "net.ipv4.tcp_congestion_control",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_sack",
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_timestamps",
    "net.ipv4.tcp_window_scaling",
    "net.ipv4.tcp_wmem",
)

_STATISTICS = (
    "rx_crc_errors",
    "rx_dropped",
    "rx_errors",
    "rx_fifo_errors",
    "rx_missed_errors",
    "tx_carrier_errors",
    "tx_dropped",
    "tx_errors",
)
_DEEPEST = 4


def read_network(tree: Tree) -> Network:
    """Read what the stack is set to."""
    values = ((name, tree.peek(f"/proc/sys/{name.replace('.', '/')}")) for name in SYSCTLS)
    words = ((name, " ".join((text or "").split())) for name, text in values)
    return Network(
        sysctls=tuple((name, value) for name, value in words if value),
        segments_sent=ProtocolCounts(tree.read("/proc/net/snmp")).get("Tcp", "OutSegs"),
    )


def read_nics(tree: Tree, devices: Devices, targets: Iterable[str]) -> tuple[Nic, ...]:
    """Read the interfaces that lead to the targets, and those that they are made of.

    Args:
        tree: The machine.
        devices: The machine.
        targets: IP addresses; one that nothing leads to is left out.
    """
    leading: dict[str, list[str]] = {}
    for target in targets:
        name = devices.interface_to(target)
        if name is not None:
            leading.setdefault(name, []).append(target)
    found: dict[str, Nic] = {}
    wanted = [(name, _DEEPEST) for name in leading]
    while wanted:
        name, depth = wanted.pop(0)
        if name in found or depth == 0:
            continue
        found[name] = nic = _nic(tree, devices, name, tuple(leading.get(name, ())))
        wanted += [(below, depth - 1) for below in nic.below]
    return tuple(found.values())


def _nic(tree: Tree, devices: Devices, name: str, targets: tuple[str, ...]) -> Nic:
    folder = f"/sys/class/net/{name}"
    counts = ((count, _number(tree, f"{folder}/statistics/{count}")) for count in _STATISTICS)
    entries = tree.names(folder)
    speed = whole(_word(tree, f"{folder}/speed"))
    duplex = _word(tree, f"{folder}/duplex")
    return Nic(
        name=name,
        targets=targets,
        below=tuple(e.removeprefix("lower_") for e in entries if e.startswith("lower_")),
        physical="device" in entries,
        mtu=_number(tree, f"{folder}/mtu"),
        # -1, and before Linux 5.0 its 32 bits, for a device that has none.
        speed_mbit=speed if speed is not None and 0 < speed < 2**32 - 1 else None,
        duplex=duplex if duplex in ("full", "half") else None,
        carrier=switched(tree.peek(f"{folder}/carrier")),
        carrier_changes=_number(tree, f"{folder}/carrier_changes"),
        node=whole(_word(tree, f"{folder}/device/numa_node")),
        irqs=_irqs(tree, folder) if "device" in entries else (),
        steered=_steered(tree, folder),
        settings=nic_settings(devices.ethtool(name)),
        counts=tuple((count, value) for count, value in counts if value is not None),
    )


def _word(tree: Tree, path: str) -> str:
    return (tree.peek(path) or "").strip()


def _number(tree: Tree, path: str) -> int | None:
    return natural(_word(tree, path))


def _irqs(tree: Tree, folder: str) -> tuple[str, ...]:
    # A virtio device is a child of the PCI device that has the interrupts.
    for place in ("device/msi_irqs", "device/../msi_irqs"):
        names = tree.names_or_none(f"{folder}/{place}")
        if names:
            return names
    line = _word(tree, f"{folder}/device/irq")
    return (line,) if natural(line) else ()


def _steered(tree: Tree, folder: str) -> tuple[int, ...]:
    cpus: set[int] = set()
    for queue in tree.names_or_none(f"{folder}/queues") or ():
        if queue.startswith("rx-"):
            cpus.update(cpu_mask(tree.peek(f"{folder}/queues/{queue}/rps_cpus")) or ())
    return tuple(sorted(cpus))
