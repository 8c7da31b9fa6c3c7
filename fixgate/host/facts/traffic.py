"""What the network stack has counted: of TCP, of the receiving softirq, of interfaces."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.host.facts.numbers import natural, whole

__all__ = ["InterfaceDrops", "ProtocolCounts", "SoftnetCpu", "interface_drops", "softnet"]


@dataclass(frozen=True, slots=True)
class SoftnetCpu:
    """What one CPU did with packets that came in.

    Attributes:
        cpu: Its number.
        processed: Packets.
        dropped: Packets lost because its backlog was full (``net.core.netdev_max_backlog``).
        squeezed: Times it stopped with packets left, at its budget of packets or of time
            (``net.core.netdev_budget``, ``netdev_budget_usecs``).
    """

    cpu: int
    processed: int
    dropped: int
    squeezed: int


@dataclass(frozen=True, slots=True)
class InterfaceDrops:
    """What one interface lost.

    Attributes:
        name: Such as ``eth0``.
        rx_dropped: Packets that came in and were dropped, for want of buffers among others.
        rx_errors: Packets that came in damaged.
        tx_dropped: Packets dropped on their way out.
        tx_errors: Packets that could not be sent.
    """

    name: str
    rx_dropped: int
    rx_errors: int
    tx_dropped: int
    tx_errors: int


class ProtocolCounts:
    """What /proc/net/snmp and /proc/net/netstat count; numbers are only made of what is asked for.

    Spec: Linux networking/snmp_counter. Each protocol has a line of names, and one of values.

    Args:
        texts: Of the two files, or ``None``.
    """

    __slots__ = ("_tables",)

    def __init__(self, *texts: str | None) -> None:
        self._tables: dict[str, dict[str, str]] = {}
        for text in texts:
            names: list[str] = []
            for line in (text or "").splitlines():
                fields = line.split()
                if names and fields and fields[0] == names[0]:
                    self._tables[names[0]] = dict(zip(names, fields, strict=False))
                    names = []
                else:
                    names = fields

    def get(self, protocol: str, name: str) -> int | None:
        """Return a count, such as that of ``Tcp`` and ``RetransSegs``; ``None`` without one."""
        return whole(self._tables.get(f"{protocol}:", {}).get(name, ""))


def softnet(text: str | None) -> tuple[SoftnetCpu, ...]:
    """Return what each CPU did with packets, of /proc/net/softnet_stat, by number.

    Spec: Linux net/core/net-procfs.c, ``softnet_seq_show``: hexadecimal; the first three columns
    are processed, dropped, time_squeeze; the 13th is the CPU, since Linux 5.10. Older kernels
    leave it out, and a line is a CPU that is online.
    """
    found: dict[int, SoftnetCpu] = {}
    for row, line in enumerate((text or "").splitlines()):
        columns = line.split()
        cpu = _hexadecimal(columns[12]) if len(columns) > 12 else row
        counts = [_hexadecimal(column) for column in columns[:3]]
        if len(counts) == 3 and None not in counts and cpu is not None:
            processed, dropped, squeezed = (count or 0 for count in counts)
            found[cpu] = SoftnetCpu(cpu, processed, dropped, squeezed)
    return tuple(found[cpu] for cpu in sorted(found))


def _hexadecimal(text: str) -> int | None:
    if len(text) > 16 or set(text) - set("0123456789abcdefABCDEF"):
        return None
    return int(text, 16)


def interface_drops(text: str | None) -> tuple[InterfaceDrops, ...]:
    """Return what each interface lost, of /proc/net/dev, in its order.

    Spec: Linux networking/statistics, "procfs". What a NIC missed for want of buffers
    (``rx_missed_errors``) is in what was dropped here.
    """
    found = []
    for line in (text or "").splitlines():
        name, colon, rest = line.rpartition(":")
        columns = rest.split()
        counts = [natural(columns[at]) for at in (3, 2, 11, 10)] if len(columns) > 11 else []
        if colon and counts and None not in counts:
            found.append(InterfaceDrops(name.strip(), *(count or 0 for count in counts)))
    return tuple(found)
