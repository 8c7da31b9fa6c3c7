"""Where a connection may come from: arithmetic on addresses, no look-ups."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

__all__ = [
    "IpAddress",
    "IpNetwork",
    "Networks",
    "address_of",
    "origin_of",
    "show_address",
    "unmapped",
]

IpAddress: TypeAlias = IPv4Address | IPv6Address
IpNetwork: TypeAlias = IPv4Network | IPv6Network

_MAPPED_BITS = 96
_HOST_PREFIX = 64


@dataclass(frozen=True, slots=True)
class Networks:
    """A set of addresses, as the networks that make it up.

    Attributes:
        items: The networks; a single address is one of its own. Those of IPv4 written as
            IPv6 (``::ffff:10.1.0.0/112``) are of IPv4: see `unmapped`.
    """

    items: tuple[IpNetwork, ...]

    def __contains__(self, address: object) -> bool:
        return isinstance(address, IPv4Address | IPv6Address) and any(
            address in network for network in self.items
        )

    def __str__(self) -> str:
        return ", ".join(
            str(each.network_address if each.num_addresses == 1 else each) for each in self.items
        )

    @property
    def everyone(self) -> bool:
        """Whether every address of a family is in it: then it keeps nobody out."""
        return any(network.prefixlen == 0 for network in self.items)

    def meets(self, other: Networks) -> bool:
        """Return whether some address is in both."""
        return any(
            mine.version == theirs.version and mine.overlaps(theirs)
            for mine in self.items
            for theirs in other.items
        )


def unmapped(network: IpNetwork) -> IpNetwork:
    """Return the network of IPv4 that a network of IPv4-mapped IPv6 addresses stands for.

    Spec: RFC 4291, 2.5.5.2.
    """
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED_BITS:
        address = network.network_address.ipv4_mapped
        if address is not None:
            return IPv4Network((address, network.prefixlen - _MAPPED_BITS))
    return network


def address_of(peer: object) -> IpAddress | None:
    """Return the address of a socket's peer, or ``None`` when it has none any more.

    Args:
        peer: What ``getpeername`` returned. A socket of both families shows peers of IPv4 as
            IPv4-mapped ones: they are returned as what they are.
    """
    match peer:
        case (str(host), int(), *_):
            address = ip_address(host.partition("%")[0])
            mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
            return mapped or address
        case _:
            return None


def origin_of(address: IpAddress) -> str:
    """Return under whom connections from an address are counted.

    An IPv6 host takes any address of its /64 that it likes (RFC 8981), so that counting single
    ones would count nothing.
    """
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, _HOST_PREFIX), strict=False))


def show_address(address: object) -> str:
    """Return ``host:port`` of what ``getsockname`` or ``getpeername`` returned."""
    match address:
        case (str(host), int(port), *_):
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        case _:
            return "unknown"
