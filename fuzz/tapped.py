"""Captures of a session as a tap, a network and a disk may have left them; by nothing of fixgate's.

Spec: pcap and pcapng of the IETF's drafts, RFC 791 and RFC 9293.
"""

from __future__ import annotations

import random
import struct

from fuzz.peer import build

__all__ = ["any_capture"]

_NOW_NS = 1_772_442_000_000_000_000
_ENDS = ((b"\x0a\x00\x00\x01", 40000), (b"\x0a\x00\x00\x02", 9876))
_SYN, _RST, _ACK, _FIN = 2, 4, 16, 1
_RAW, _ETHERNET = 101, 1
_FRAME = bytes(12) + b"\x08\x00"
_NAMES = (b"49=US\x0156=VENUE\x01", b"49=VENUE\x0156=US\x01")
_TALK = (
    (0, b"35=A\x01%b34={n}\x0152={t}\x0198=0\x01108=30\x01"),
    (1, b"35=A\x01%b34={n}\x0152={t}\x0198=0\x01108=30\x01"),
    (0, b"35=1\x01%b34={n}\x0152={t}\x01112=t\x01"),
    (1, b"35=0\x01%b34={n}\x0152={t}\x01112=t\x01"),
    (0, b"35=D\x01%b34={n}\x0152={t}\x0111=a\x0140=1\x01"),
    (1, b"35=8\x01%b34={n}\x0152={t}\x0111=a\x01150=0\x0139=0\x0160={t}\x01"),
    (1, b"35=8\x01%b34={n}\x0152={t}\x0111=a\x01150=F\x0139=2\x01"),
    (0, b"35=F\x01%b34={n}\x0152={t}\x0111=c\x0141=a\x01"),
    (1, b"35=9\x01%b34={n}\x0152={t}\x0111=c\x0141=a\x0139=2\x01434=1\x01"),
    (1, b"35=8\x01%b34={n}\x0152={t}\x0143=Y\x0111=c\x01150=4\x0139=4\x01"),
)

Packets = list[tuple[int, bytes]]


def any_capture(dice: random.Random) -> bytes:
    """Return a capture of a session: cut, out of order, with holes and with what came twice."""
    link = dice.choice((_RAW, _ETHERNET))
    packets = _packets(dice, link)
    for _ in range(dice.choice((0, 0, 1, 3))):
        _disturb(dice, packets)
    snap_bytes = dice.choice((262_144, 262_144, 96, 60))
    write = dice.choice((_pcap, _pcapng))
    return write(dice, link, packets, snap_bytes)


def _packets(dice: random.Random, link: int) -> Packets:
    numbers = [dice.choice((1, 2**32 - 30)), dice.choice((1000, 2**31))]
    packets: Packets = []
    at_ns = _NOW_NS

    def put(side: int, flags: int, payload: bytes = b"") -> None:
        nonlocal at_ns
        at_ns += dice.choice((1_000, 100_000, 5_000_000))
        data = _packet(side, numbers, flags, payload, ident=len(packets) + 1)
        packets.append((at_ns, (b"" if link == _RAW else _FRAME) + data))
        numbers[side] += len(payload) + bool(flags & (_SYN | _FIN))

    if dice.random() < 0.7:
        for side, flags in ((0, _SYN), (1, _SYN | _ACK), (0, _ACK)):
            put(side, flags)
    for count in range(dice.choice((1, 1, 4))):
        for side, fields in _TALK:
            number = count * len(_TALK) + 1
            raw = build(fields % _NAMES[side], b"FIX.4.4", next_in=number, next_out=1, now_ns=at_ns)
            while raw:
                size = dice.choice((len(raw), len(raw), 1, 40))
                put(side, _ACK, raw[:size])
                raw = raw[size:]
    put(dice.randrange(2), dice.choice((_FIN | _ACK, _RST, _ACK)))
    return packets


def _packet(side: int, numbers: list[int], flags: int, payload: bytes, *, ident: int) -> bytes:
    (source, sport), (target, dport) = _ENDS[side], _ENDS[1 - side]
    seq, ack = numbers[side] % 2**32, numbers[1 - side] % 2**32
    tcp = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 512, 0, 0) + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), ident, 0x4000, 64, 6, 0)
    return head + source + target + tcp


def _disturb(dice: random.Random, packets: Packets) -> None:
    at = dice.randrange(len(packets))
    match dice.randrange(5):
        case 0 if len(packets) > 1:
            del packets[at]
        case 1:
            packets.insert(dice.randrange(len(packets) + 1), packets[at])
        case 2:
            packets.append(packets.pop(at))
        case 3:
            at_ns, data = packets[at]
            packets[at] = at_ns - dice.choice((1000, 10_000_000_000)), data
        case _:
            other = dice.randrange(len(packets))
            packets[at], packets[other] = packets[other], packets[at]


def _pcap(dice: random.Random, link: int, packets: Packets, snap_bytes: int) -> bytes:
    order, (magic, unit) = dice.choice("<>"), dice.choice(((0xA1B23C4D, 1), (0xA1B2C3D4, 1000)))
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, snap_bytes, link)]
    for at_ns, data in packets:
        second, rest = divmod(at_ns, 1_000_000_000)
        kept = data[:snap_bytes]
        parts.append(struct.pack(f"{order}IIII", second, rest // unit, len(kept), len(data)) + kept)
    return b"".join(parts)


def _pcapng(dice: random.Random, link: int, packets: Packets, snap_bytes: int) -> bytes:
    order = dice.choice("<>")

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        size = struct.pack(f"{order}I", len(body) + 12)
        return struct.pack(f"{order}I", kind) + size + body + size

    resolution = struct.pack(f"{order}HHB3xHH", 9, 1, 9, 0, 0)
    parts = [
        block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1)),
        block(1, struct.pack(f"{order}HHI", link, 0, snap_bytes) + resolution),
    ]
    for at_ns, data in packets:
        kept = data[:snap_bytes]
        if dice.random() < 0.05:
            parts.append(block(3, struct.pack(f"{order}I", len(data)) + kept))
            continue
        head = struct.pack(
            f"{order}IIIII", 0, at_ns >> 32, at_ns & 0xFFFFFFFF, len(kept), len(data)
        )
        parts.append(block(6, head + kept))
    return b"".join(parts)
