"""TCP segments out of captured packets.

Spec: RFC 791 (IPv4), RFC 8200 (IPv6 and its extension headers), RFC 9293 (TCP).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import ip_address

from fixgate.net.capture.link import find_ip
from fixgate.net.capture.packet import Packet
from fixgate.net.capture.pcap import MAX_PACKET_BYTES

__all__ = ["ACK", "FIN", "RST", "SYN", "Endpoint", "Segment", "endpoint_text", "read_segment"]

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10

Endpoint = tuple[bytes, int]
"""An IP address as it is on the wire, and a port."""

_TCP, _HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTH, _DESTINATION = 6, 0, 43, 44, 51, 60
_EXTENSIONS = frozenset({_HOP_BY_HOP, _ROUTING, _DESTINATION})
_IPV4_BYTES, _IPV6_BYTES, _TCP_BYTES = 20, 40, 20
_MORE_FRAGMENTS, _FRAGMENT_AT = 0x2000, 0x1FFF
_TCP_HEADER = struct.Struct(">HHIIBBHH")
_CHECKSUM = slice(16, 18)


@dataclass(frozen=True, slots=True)
class Segment:
    """One TCP segment.

    Attributes:
        at_ns: When it was captured, nanoseconds since the epoch; ``None`` for unknown.
        source: Who sent it.
        target: To whom.
        seq: Of its first byte, or of its SYN.
        ack: What the sender expects next; meaningless without `ACK`.
        flags: `FIN`, `SYN`, `RST`, `ACK` and others, as on the wire.
        payload: The captured bytes of its data.
        size: How many bytes of data it had on the line; more than ``payload`` where it was cut.
        fingerprint: What two captures of one segment have in common and two transmissions do not.
        sure: ``fingerprint`` has an IPv4 identification, which a second transmission changes.
    """

    at_ns: int | None
    source: Endpoint
    target: Endpoint
    seq: int
    ack: int
    flags: int
    payload: bytes
    size: int
    fingerprint: int
    sure: bool


def endpoint_text(endpoint: Endpoint) -> str:
    """Return an endpoint as people write it."""
    address = ip_address(endpoint[0])
    return f"[{address}]:{endpoint[1]}" if address.version == 6 else f"{address}:{endpoint[1]}"


def read_segment(packet: Packet) -> Segment | str:
    """Return the TCP segment of a packet, or what it is instead, for people.

    A fragment of an IP packet is not put together with others: TCP avoids them.
    """
    data = packet.data
    begin = find_ip(packet.link, data)
    if isinstance(begin, str):
        return begin
    version = data[begin] >> 4 if begin < len(data) else 0
    if version == 4:
        return _of_ipv4(packet, begin)
    if version == 6:
        return _of_ipv6(packet, begin)
    return "no IP packet" if version else "a packet that is cut short"


def _of_ipv4(packet: Packet, begin: int) -> Segment | str:
    data = packet.data
    if len(data) < begin + _IPV4_BYTES:
        return "a packet that is cut short"
    total, ident, fragment = struct.unpack_from(">HHH", data, begin + 2)
    if data[begin + 9] != _TCP:
        return "other protocols than TCP"
    if fragment & (_MORE_FRAGMENTS | _FRAGMENT_AT):
        return "IP fragments"
    tcp = begin + max((data[begin] & 0x0F) * 4, _IPV4_BYTES)
    # Linux leaves the length of what its hardware is to cut up at 0.
    end = begin + total if total else packet.length
    addresses = data[begin + 12 : begin + 16], data[begin + 16 : begin + 20]
    return _of_tcp(packet, tcp, end, addresses, ident)


def _of_ipv6(packet: Packet, begin: int) -> Segment | str:
    data = packet.data
    if len(data) < begin + _IPV6_BYTES:
        return "a packet that is cut short"
    (length,) = struct.unpack_from(">H", data, begin + 4)
    kind, pos = data[begin + 6], begin + _IPV6_BYTES
    end = pos + length if length else packet.length
    while kind != _TCP:
        if kind == _FRAGMENT:
            return "IP fragments"
        if pos + 8 > len(data):
            return "a packet that is cut short"
        if kind in _EXTENSIONS:
            size = (data[pos + 1] + 1) * 8
        elif kind == _AUTH:
            size = (data[pos + 1] + 2) * 4
        else:
            return "other protocols than TCP"
        kind, pos = data[pos], pos + size
    addresses = data[begin + 8 : begin + 24], data[begin + 24 : begin + 40]
    return _of_tcp(packet, pos, end, addresses, 0)


def _of_tcp(
    packet: Packet, tcp: int, end: int, addresses: tuple[bytes, bytes], ident: int
) -> Segment | str:
    data = packet.data
    if len(data) < tcp + _TCP_BYTES:
        return "a packet that is cut short"
    source, target, seq, ack, offset, flags, _, _ = _TCP_HEADER.unpack_from(data, tcp)
    body = tcp + (offset >> 4) * 4
    if body < tcp + _TCP_BYTES or not body <= end <= body + MAX_PACKET_BYTES:
        return "TCP headers that contradict themselves"
    # Where the sender's hardware sums up, two captures of one segment differ in the checksum.
    seen = data[tcp:end]
    fingerprint = hash((ident, seen[: _CHECKSUM.start], seen[_CHECKSUM.stop :]))
    return Segment(
        packet.at_ns,
        (addresses[0], source),
        (addresses[1], target),
        seq,
        ack,
        flags,
        data[body:end],
        end - body,
        fingerprint,
        bool(ident),
    )
