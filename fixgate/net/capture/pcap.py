"""The older format of captures, as ``tcpdump -w`` writes it.

Spec: PCAP Capture File Format (draft-ietf-opsawg-pcap), both byte orders, microseconds and
nanoseconds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from fixgate.net.capture.packet import Damage, Packet
from fixgate.net.capture.source import Source

__all__ = ["MAX_PACKET_BYTES", "PCAP_MAGICS", "read_pcap"]

PCAP_MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""By the first bytes of a file: its byte order, and the nanoseconds of its unit."""

MAX_PACKET_BYTES = 1 << 20
"""tcpdump keeps 256 KiB of a packet at most, and Linux makes segments of up to 512 KiB. A record
that claims more is damage, not worth the memory that it asks for."""

_SECOND_NS = 1_000_000_000
_LINK_TYPE = 0xFFFF  # the bits above it say how long a frame check sequence is


def read_pcap(source: Source, magic: bytes) -> Iterator[Packet | Damage]:
    """Yield the packets of a capture, and in the end where it is damaged, if it is.

    Args:
        source: Stands behind ``magic``.
        magic: The first four bytes, a key of `PCAP_MAGICS`.
    """
    order, unit_ns = PCAP_MAGICS[magic]
    rest = source.take(20)
    if len(rest) < 20:
        yield Damage(source.offset, f"{source.end} in the header of the file")
        return
    _, _, _, _, _, network = struct.unpack(f"{order}HHiIII", rest)
    link = network & _LINK_TYPE
    header = struct.Struct(f"{order}IIII")
    while True:
        offset = source.offset
        record = source.take(header.size)
        if not record and source.end == Source.END:
            return
        if len(record) < header.size:
            yield Damage(offset, f"{source.end} in the header of a packet")
            return
        second, fraction, size, length = header.unpack(record)
        if size > MAX_PACKET_BYTES:
            yield Damage(
                offset, f"a packet of {size} bytes, expected {MAX_PACKET_BYTES} at the most"
            )
            return
        data = source.take(size)
        if len(data) < size:
            yield Damage(offset, f"{source.end} in a packet: {len(data)} of its {size} bytes")
            return
        at_ns = second * _SECOND_NS + fraction * unit_ns
        yield Packet(at_ns, link, data, max(length, size), offset, unit_ns)
