"""What is known of a network interface: plain values; ``None`` is not known here."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Nic", "NicSettings"]


@dataclass(frozen=True, slots=True)
class NicSettings:
    """What a driver says of itself (ethtool); ``None``: it has no such setting.

    Attributes:
        driver: Such as ``ice``.
        driver_version: The kernel's own, for drivers that come with it.
        firmware: May be empty.
        bus: Such as ``0000:3b:00.0``.
        rx_ring: Packets that may wait to be taken.
        rx_ring_most: What it could be.
        tx_ring: Packets that may wait to be sent.
        tx_ring_most: What it could be.
        rx_usecs: How long it waits for more packets before it interrupts.
        rx_frames: How many packets it waits for.
        adaptive_rx: The driver chooses both.
        rx_pause: A switch may hold our sending.
        tx_pause: We may hold the switch's.
        channels: Queues.
        channels_most: What it could be.
        gro: Segments are merged when they come in, by the kernel.
        lro: The same by the NIC.
        tso: Segments are cut by the NIC.
        timestamping: SOF_TIMESTAMPING_* flags of what it can stamp.
        phc: Number of its clock; -1 for none.
    """

    driver: str | None = None
    driver_version: str | None = None
    firmware: str | None = None
    bus: str | None = None
    rx_ring: int | None = None
    rx_ring_most: int | None = None
    tx_ring: int | None = None
    tx_ring_most: int | None = None
    rx_usecs: int | None = None
    rx_frames: int | None = None
    adaptive_rx: bool | None = None
    rx_pause: bool | None = None
    tx_pause: bool | None = None
    channels: int | None = None
    channels_most: int | None = None
    gro: bool | None = None
    lro: bool | None = None
    tso: bool | None = None
    timestamping: int | None = None
    phc: int | None = None


@dataclass(frozen=True, slots=True)
class Nic:
    """An interface that leads to a target, or one below it (of a bond, a VLAN, a bridge).

    Attributes:
        name: Such as ``eth0``.
        targets: The addresses that it leads to.
        below: Interfaces that it is made of.
        physical: Whether a device is behind it.
        mtu: Bytes.
        speed_mbit: ``None`` where it has none.
        duplex: ``full`` or ``half``.
        carrier: Whether there is a link.
        carrier_changes: Since the start.
        node: NUMA node of the device; -1 where there is only one.
        irqs: Names of its interrupts.
        steered: CPUs that packets are handed to (RPS).
        settings: What the driver says.
        counts: Of /sys/class/net/NAME/statistics, errors and drops.
    """

    name: str
    targets: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    physical: bool = False
    mtu: int | None = None
    speed_mbit: int | None = None
    duplex: str | None = None
    carrier: bool | None = None
    carrier_changes: int | None = None
    node: int | None = None
    irqs: tuple[str, ...] = ()
    steered: tuple[int, ...] = ()
    settings: NicSettings = field(default_factory=NicSettings)
    counts: tuple[tuple[str, int], ...] = ()

    def count(self, name: str) -> int | None:
        """Return one of its counts."""
        return dict(self.counts).get(name)
