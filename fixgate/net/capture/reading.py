"""A packet capture of either format, packet by packet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from fixgate.errors import RecordingError
from fixgate.net.capture.packet import Damage, Packet
from fixgate.net.capture.pcap import PCAP_MAGICS, read_pcap
from fixgate.net.capture.pcapng import PCAPNG_MAGIC, read_pcapng
from fixgate.net.capture.source import Source

__all__ = ["read_capture"]


def read_capture(stream: BinaryIO, path: str) -> Iterator[Packet | Damage]:
    """Yield the packets of a capture as they come, in the memory of one, and where it is damaged.

    Args:
        stream: Open for reading bytes, unpacked.
        path: As the user named it.

    Raises:
        RecordingError: It does not begin like a capture.
    """
    source = Source(stream)
    magic = source.take(4)
    if magic in PCAP_MAGICS:
        return read_pcap(source, magic)
    if magic == PCAPNG_MAGIC:
        return read_pcapng(source)
    found = f"begins with {magic.hex(' ')}" if magic else "is empty"
    raise RecordingError(path, f"{found}, expected a packet capture: pcap or pcapng", offset=0)
