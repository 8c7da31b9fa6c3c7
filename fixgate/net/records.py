"""The bytes of a journal: its file header and its self-framed records.

A record is a header of 29 bytes, then the message. The header carries its own checksum, so that
a length that was damaged is told from a record that was cut short: a process that dies leaves a
strict prefix of what it wrote, never anything else.

::

    header  length u32 | kind u8 | number u64 | instant i64 | CRC-32 of the message u32
            | CRC-32 of the 25 bytes before u32                         (all little-endian)
    file    magic 8 bytes | format u16 | generation u64 | created i64 | identity length u16
            | identity, UTF-8 | CRC-32 of all before u32
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from zlib import crc32

from fixgate.errors import StoreError

__all__ = [
    "FORMAT",
    "FileHeader",
    "Record",
    "RecordKind",
    "Torn",
    "append_record",
    "decode_file_header",
    "encode_file_header",
    "read_records",
]

FORMAT = 1
_MAGIC = b"\x89FIXJ\r\n\x1a"
_FILE_FIXED = struct.Struct("<8sHQqH")
_HEAD = struct.Struct("<IBQqI")
_CRC = struct.Struct("<I")
_FULL_HEAD = struct.Struct("<IBQqII")
_READ_BYTES = 1 << 20


class RecordKind(IntEnum):
    """What a record says."""

    OUT = 1
    """A message of ours; the number is its MsgSeqNum(34)."""
    IN = 2
    """A message of theirs; the number is the one expected after it."""
    NEXT_IN = 3
    """The number expected next, moved without a message."""
    NEXT_OUT = 4
    """Our next number, moved without a message."""


Record = tuple[int, int, int, int, bytes]
"""One record as read back: where it begins, its `RecordKind`, number, instant and message.

A plain tuple: a million of them are read when a store is opened.
"""


@dataclass(frozen=True, slots=True)
class Torn:
    """The file ends in the middle of a record, which begins at ``offset``."""

    offset: int


@dataclass(frozen=True, slots=True)
class FileHeader:
    """What a journal file says about itself.

    Attributes:
        generation: 1 for the first; one more after each reset of the sequence numbers.
        created_ns: When, nanoseconds since the epoch, UTC.
        identity: The session that it belongs to.
        size: Bytes of the header.
    """

    generation: int
    created_ns: int
    identity: str
    size: int


def append_record(buffer: bytearray, kind: int, number: int, at_ns: int, message: bytes) -> None:
    """Append one record to ``buffer``.

    Raises:
        struct.error: The number does not fit 64 bits; ``buffer`` is unchanged.
    """
    head = _HEAD.pack(len(message), kind, number, at_ns, crc32(message))
    buffer += head + crc32(head).to_bytes(4, "little") + message


def encode_file_header(generation: int, created_ns: int, identity: str) -> bytes:
    """Return the header of a new journal file."""
    name = identity.encode("utf-8", "surrogateescape")
    data = _FILE_FIXED.pack(_MAGIC, FORMAT, generation, created_ns, len(name)) + name
    return data + _CRC.pack(crc32(data))


def decode_file_header(data: bytes, path: str) -> FileHeader:
    """Read the header at the start of ``data``.

    Raises:
        StoreError: The file is foreign, of a newer format, or damaged.
    """
    if len(data) < _FILE_FIXED.size or not data.startswith(_MAGIC):
        raise StoreError(path, "not a journal of fixgate", offset=0)
    _, version, generation, created_ns, length = _FILE_FIXED.unpack_from(data)
    if version > FORMAT:
        raise StoreError(
            path,
            f"journal format {version} is newer than this fixgate, which reads up to {FORMAT}",
            offset=len(_MAGIC),
        )
    end = _FILE_FIXED.size + length
    if len(data) < end + _CRC.size:
        raise StoreError(path, "the header of the journal is incomplete or damaged", offset=0)
    if crc32(data[:end]) != _CRC.unpack_from(data, end)[0]:
        raise StoreError(path, "the header of the journal is damaged: CRC mismatch", offset=0)
    identity = data[_FILE_FIXED.size : end].decode("utf-8", "surrogateescape")
    return FileHeader(generation, created_ns, identity, end + _CRC.size)


def read_records(
    read: Callable[[int, int], bytes], start: int, path: str, *, chunk_bytes: int = _READ_BYTES
) -> Iterator[Record | Torn]:
    """Yield the records from ``start`` on; memory use is one chunk or one record.

    Args:
        read: ``read(offset, size)`` returns up to ``size`` bytes there, fewer at the end only.
        start: Where a record begins.
        path: For messages.
        chunk_bytes: How much to read at once.

    Yields:
        Each record, and last a `Torn` when the file ends in the middle of one.

    Raises:
        StoreError: A record is damaged.
    """
    full = _FULL_HEAD.size
    unpack = _FULL_HEAD.unpack_from
    head_size = _HEAD.size
    base, wanted = start, chunk_bytes
    while data := read(base, wanted):
        position, size = 0, len(data)
        while size - position >= full:
            length, kind, number, at_ns, body_crc, head_crc = unpack(data, position)
            if crc32(data[position : position + head_size]) != head_crc:
                if not _only_zeros(read, base + position):
                    raise StoreError(
                        path, "damaged record: CRC mismatch in its header", offset=base + position
                    )
                yield Torn(base + position)
                return
            end = position + full + length
            if end > size:
                break
            message = data[position + full : end]
            if crc32(message) != body_crc:
                raise StoreError(
                    path, "damaged record: CRC mismatch in its message", offset=base + position
                )
            yield base + position, kind, number, at_ns, message
            position = end
        if position:
            base, wanted = base + position, chunk_bytes
        elif size < wanted:
            # Whatever is left is less than one record: nothing more will come.
            yield Torn(base)
            return
        else:
            wanted = full + length if size >= full else full


def _only_zeros(read: Callable[[int, int], bytes], offset: int) -> bool:
    """Whether all is zero from ``offset`` on: how a file system leaves what it never wrote."""
    while data := read(offset, _READ_BYTES):
        if data.count(0) != len(data):
            return False
        offset += len(data)
    return True
