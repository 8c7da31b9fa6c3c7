"""The newer format of captures, as Wireshark writes it: blocks, in sections.

Blocks that nobody asks for here (names, statistics, secrets, comments) are passed over by their
length. A section begins anew: byte order, interfaces.

Spec: PCAP Next Generation Capture File Format (draft-ietf-opsawg-pcapng).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fixgate.net.capture.packet import Damage, Packet
from fixgate.net.capture.pcap import MAX_PACKET_BYTES
from fixgate.net.capture.source import Source

__all__ = ["PCAPNG_MAGIC", "read_pcapng"]

PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"
"""The type of a Section Header Block, the same in both byte orders."""

_BYTE_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE, _OBSOLETE, _SIMPLE, _ENHANCED = 1, 2, 3, 6
_END_OF_OPTIONS, _TSRESOL, _TSOFFSET = 0, 9, 14
_SECOND_NS = 1_000_000_000
_FRAME_BYTES = 12  # of a block without a body: its type, and its length twice
_MAX_HELD_BYTES = MAX_PACKET_BYTES + 64 * 1024  # a packet and its options


@dataclass(frozen=True, slots=True)
class _Interface:
    link: int
    snap_bytes: int
    units: int = 1_000_000  # a second
    offset_s: int = 0

    @property
    def unit_ns(self) -> int:
        return max(1, _SECOND_NS // self.units)

    def at_ns(self, count: int) -> int:
        return count * _SECOND_NS // self.units + self.offset_s * _SECOND_NS


class _Stop(Exception):  # noqa: N818  not an error of anyone's: control flow of this module
    """What comes cannot be read, for it cannot be told where a block begins."""

    def __init__(self, damage: Damage) -> None:
        self.damage = damage


def read_pcapng(source: Source) -> Iterator[Packet | Damage]:
    """Yield the packets of a capture, and where it is damaged.

    Damage inside a block costs that block; where the length of one is wrong, reading ends.

    Args:
        source: Stands behind `PCAPNG_MAGIC`.
    """
    offset, head = 0, PCAPNG_MAGIC
    section = _Section("<")
    try:
        while True:
            if head == PCAPNG_MAGIC:
                section = _Section(_section_order(source, offset))
            else:
                yield from section.block(source, offset, head)
            offset = source.offset
            head = source.take(4)
            if not head and source.end == Source.END:
                return
            if len(head) < 4:
                raise _Stop(Damage(offset, f"{source.end} in the header of a block"))
    except _Stop as stop:
        yield stop.damage


def _section_order(source: Source, offset: int) -> str:
    """Read a section's header behind its type; return its byte order."""
    start = source.take(8)
    order = _BYTE_ORDERS.get(start[4:])
    if order is None:
        found = start[4:].hex(" ") or source.end
        raise _Stop(Damage(offset, f"a section's byte order is {found}, expected 1a 2b 3c 4d"))
    (length,) = struct.unpack(f"{order}I", start[:4])
    _pass_body(source, order, offset, length, _FRAME_BYTES)
    return order


def _pass_body(source: Source, order: str, offset: int, length: int, taken: int) -> None:
    """Pass over what is left of a block that nobody asks for."""
    _check_length(offset, length, taken + 4)
    source.skip(length - taken - 4)
    _check_end(source, order, offset, length)


def _check_length(offset: int, length: int, least: int) -> None:
    if length % 4 or length < least:
        raise _Stop(
            Damage(offset, f"a block of {length} bytes, expected a multiple of 4 from {least} on")
        )


def _check_end(source: Source, order: str, offset: int, length: int) -> None:
    end = source.take(4)
    if len(end) < 4:
        raise _Stop(Damage(offset, f"{source.end} in a block of {length} bytes"))
    (again,) = struct.unpack(f"{order}I", end)
    if again != length:
        raise _Stop(Damage(offset, f"a block of {length} bytes ends as one of {again}"))


class _Section:
    """One section: its byte order and its interfaces."""

    def __init__(self, order: str) -> None:
        self._order = order
        self._interfaces: list[_Interface] = []
        self._readers: dict[int, Callable[[int, bytes], Packet | Damage | None]] = {
            _INTERFACE: self._interface,
            _OBSOLETE: self._obsolete,
            _SIMPLE: self._simple,
            _ENHANCED: self._enhanced,
        }

    def block(self, source: Source, offset: int, head: bytes) -> Iterator[Packet | Damage]:
        """Read the block behind its type, and yield what it has."""
        size = source.take(4)
        if len(size) < 4:
            raise _Stop(Damage(offset, f"{source.end} in the header of a block"))
        kind, length = struct.unpack(f"{self._order}II", head + size)
        read = self._readers.get(kind)
        if read is None:
            _pass_body(source, self._order, offset, length, 8)
            return
        _check_length(offset, length, _FRAME_BYTES)
        if length > _MAX_HELD_BYTES:
            raise _Stop(
                Damage(offset, f"a block of {length} bytes, expected {_MAX_HELD_BYTES} at the most")
            )
        body = source.take(length - _FRAME_BYTES)
        _check_end(source, self._order, offset, length)
        try:
            found = read(offset, body)
        except struct.error:
            found = Damage(offset, f"a block of type {kind} with {len(body)} bytes is too short")
        if found is not None:
            yield found

    def _unpack(self, form: str, body: bytes) -> tuple[int, ...]:
        return struct.unpack_from(self._order + form, body)

    def _interface(self, offset: int, body: bytes) -> None:
        link, _, snap_bytes = self._unpack("HHI", body)
        units, offset_s = 1_000_000, 0
        pos = 8
        while pos + 4 <= len(body):
            code, size = struct.unpack_from(f"{self._order}HH", body, pos)
            value = body[pos + 4 : pos + 4 + size]
            if code == _END_OF_OPTIONS:
                break
            if code == _TSRESOL and value:
                power = value[0] & 0x7F
                units = 2**power if value[0] & 0x80 else 10**power
            elif code == _TSOFFSET and len(value) == 8:
                (offset_s,) = struct.unpack(f"{self._order}q", value)
            pos += 4 + (size + 3) // 4 * 4
        self._interfaces.append(_Interface(link, snap_bytes, units, offset_s))

    def _enhanced(self, offset: int, body: bytes) -> Packet | Damage:
        number, high, low, size, length = self._unpack("IIIII", body)
        return self._packet(offset, number, (high << 32) | low, body, 20, size, length)

    def _obsolete(self, offset: int, body: bytes) -> Packet | Damage:
        number, _, high, low, size, length = self._unpack("HHIIII", body)
        return self._packet(offset, number, (high << 32) | low, body, 20, size, length)

    def _simple(self, offset: int, body: bytes) -> Packet | Damage:
        (length,) = self._unpack("I", body)
        snap_bytes = self._interfaces[0].snap_bytes if self._interfaces else 0
        size = min(length, snap_bytes) if snap_bytes else length
        return self._packet(offset, 0, None, body, 4, size, length)

    def _packet(
        self, offset: int, number: int, count: int | None, body: bytes, begin: int, *sizes: int
    ) -> Packet | Damage:
        size, length = sizes
        if number >= len(self._interfaces):
            return Damage(offset, f"a packet of interface {number}, of {len(self._interfaces)}")
        data = body[begin : begin + size]
        if len(data) < size:
            return Damage(offset, f"a packet of {size} bytes in a block that has {len(data)}")
        interface = self._interfaces[number]
        at_ns = None if count is None else interface.at_ns(count)
        return Packet(at_ns, interface.link, data, max(length, size), offset, interface.unit_ns)
