"""Packets and captures made byte by byte. Knows nothing of fixgate's own readers."""

from __future__ import annotations

import struct
from ipaddress import ip_address

__all__ = [
    "ACK",
    "CLIENT",
    "FIN",
    "PSH",
    "RST",
    "SYN",
    "VENUE",
    "Line",
    "block",
    "ethernet",
    "interface",
    "ip_packet",
    "option",
    "packet_block",
    "pcap",
    "pcapng",
    "section",
    "simple_block",
    "tcp",
]

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT = ("10.0.0.1", 40000)
VENUE = ("10.0.0.2", 9876)
ETHERNET, RAW = 1, 101


def tcp(
    source: int,
    target: int,
    seq: int,
    ack: int,
    flags: int,
    payload: bytes = b"",
    *,
    options: bytes = b"",
    window: int = 512,
    checksum: int = 0xBEEF,
) -> bytes:
    """RFC 9293, 3.1: a header of 20 bytes and its options, in words of four bytes."""
    words = 5 + len(options) // 4
    return (
        struct.pack(
            ">HHIIBBHHH",
            source,
            target,
            seq % 2**32,
            ack % 2**32,
            words << 4,
            flags,
            window,
            checksum,
            0,
        )
        + options
        + payload
    )


def ip_packet(
    source: str,
    target: str,
    body: bytes,
    *,
    ident: int = 0,
    fragment: int = 0x4000,
    options: bytes = b"",
    length: int | None = None,
    protocol: int = 6,
    extensions: bytes = b"",
    ttl: int = 64,
) -> bytes:
    """RFC 791, 3.1, and RFC 8200, 3: by the family of the addresses."""
    first, second = ip_address(source), ip_address(target)
    if first.version == 4:
        words = 5 + len(options) // 4
        total = words * 4 + len(body) if length is None else length
        head = struct.pack(">BBHHHBBH", 0x40 | words, 0, total, ident, fragment, ttl, protocol, 0)
        return head + first.packed + second.packed + options + body
    total = len(extensions) + len(body) if length is None else length
    head = struct.pack(">IHBB", 0x60000000, total, protocol, ttl)
    return head + first.packed + second.packed + extensions + body


def ethernet(ip: bytes, *, tags: bytes = b"", kind: int | None = None, pad: bytes = b"") -> bytes:
    """IEEE 802.3: two addresses, tags, the EtherType."""
    kind = kind or (0x86DD if ip[0] >> 4 == 6 else 0x0800)
    return bytes(range(12)) + tags + struct.pack(">H", kind) + ip + pad


def pcap(
    packets: list[tuple[int, bytes]],
    *,
    order: str = "<",
    nano: bool = True,
    link: int = ETHERNET,
    snap_bytes: int = 262144,
    lengths: dict[int, int] | None = None,
) -> bytes:
    """draft-ietf-opsawg-pcap: packets with their nanoseconds; ``lengths`` on the line, by place."""
    magic, unit = (0xA1B23C4D, 1) if nano else (0xA1B2C3D4, 1000)
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, snap_bytes, link)]
    for place, (at_ns, data) in enumerate(packets):
        second, rest = divmod(at_ns, 10**9)
        length = (lengths or {}).get(place, len(data))
        parts.append(struct.pack(f"{order}IIII", second, rest // unit, len(data), length) + data)
    return b"".join(parts)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(f"{order}HH", code, len(value)) + _padded(value)


def block(order: str, kind: int, body: bytes) -> bytes:
    """draft-ietf-opsawg-pcapng, 3.1: type, length, body in words, length."""
    body = _padded(body)
    size = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + size + body + size


def section(order: str = "<", *, options: bytes = b"") -> bytes:
    body = struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1) + options
    return block(order, 0x0A0D0D0A, body)


def interface(
    order: str = "<", *, link: int = ETHERNET, snap_bytes: int = 262144, options: bytes = b""
) -> bytes:
    return block(order, 1, struct.pack(f"{order}HHI", link, 0, snap_bytes) + options)


def packet_block(
    order: str,
    count: int,
    data: bytes,
    *,
    number: int = 0,
    length: int | None = None,
    obsolete: bool = False,
    options: bytes = b"",
) -> bytes:
    """An Enhanced Packet Block, or the obsolete Packet Block; ``count`` in units."""
    length = len(data) if length is None else length
    high, low = count >> 32, count & 0xFFFFFFFF
    if obsolete:
        head = struct.pack(f"{order}HHIIII", number, 7, high, low, len(data), length)
    else:
        head = struct.pack(f"{order}IIIII", number, high, low, len(data), length)
    return block(order, 2 if obsolete else 6, head + _padded(data) + options)


def simple_block(order: str, data: bytes, *, length: int | None = None) -> bytes:
    head = struct.pack(f"{order}I", len(data) if length is None else length)
    return block(order, 3, head + data)


def pcapng(packets: list[tuple[int, bytes]], *, order: str = "<", link: int = ETHERNET) -> bytes:
    """A section with one interface that counts nanoseconds."""
    resolution = option(order, 9, b"\x09") + option(order, 0, b"")
    blocks = [packet_block(order, at_ns, data) for at_ns, data in packets]
    return section(order) + interface(order, link=link, options=resolution) + b"".join(blocks)


class Line:
    """A connection as it is seen on the line: each call is one packet more.

    ``packets`` has each with its instant; what is sent moves the numbers on.
    """

    def __init__(
        self,
        client: tuple[str, int] = CLIENT,
        venue: tuple[str, int] = VENUE,
        *,
        seqs: tuple[int, int] = (1000, 5000),
        at_ns: int = 1_700_000_000_000_000_000,
        ident: int = 1,
    ) -> None:
        self.ends = client, venue
        self.seqs = list(seqs)
        self.at_ns = at_ns
        self.ident = ident
        self.packets: list[tuple[int, bytes]] = []

    def at(self, us: int) -> int:
        return self.at_ns + us * 1000

    def raw(
        self,
        us: int,
        side: int,
        flags: int,
        payload: bytes = b"",
        *,
        seq: int | None = None,
        ack: int | None = None,
        ident: int | None = None,
        keep: bool = True,
        **more,
    ) -> bytes:
        """One packet of a side, 0 the client; returned, and put on the line unless not kept."""
        if ident is None:
            ident, self.ident = self.ident, self.ident + 1
        (source, sport), (target, dport) = self.ends[side], self.ends[1 - side]
        seq = self.seqs[side] if seq is None else seq
        ack = self.seqs[1 - side] if ack is None else ack
        segment = tcp(sport, dport, seq, ack if flags & ACK else 0, flags, payload, **more)
        packet = ethernet(ip_packet(source, target, segment, ident=ident))
        if keep:
            self.packets.append((self.at(us), packet))
        return packet

    def open(self, us: int = 0) -> None:
        """SYN, SYN/ACK 100 us later, ACK 10 us after it."""
        self.raw(us, 0, SYN)
        self.seqs[0] += 1
        self.raw(us + 100, 1, SYN | ACK)
        self.seqs[1] += 1
        self.raw(us + 110, 0, ACK)

    def say(self, us: int, side: int, payload: bytes, *, keep: bool = True, **more) -> None:
        """Data of a side; not kept, the capture misses it."""
        self.raw(us, side, PSH | ACK, payload, keep=keep, **more)
        self.seqs[side] += len(payload)

    def close(self, us: int) -> None:
        for side in (0, 1):
            self.raw(us + side, side, FIN | ACK)
            self.seqs[side] += 1
