"""The bytes of a journal: its file header and its self-framed records.

A record is a header of 29 bytes, then the message. The header carries its own checksum, so that
a length that was damaged is told from a record that was cut short: a process that dies leaves a
strict prefix of what it wrote, never anything else.

::

    header  length u32 | kind u8 | number u64 | instant i64 | Adler-32 of the message u32
            | Adler-32 of the 25 bytes before u32                       (all little-endian)
    file    magic 8 bytes | format u16 | generation u64 | created i64 | identity length u16
            | identity, UTF-8 | CRC-32 of all before u32

Records have Adler-32, which needs no table: beside an order's work the tables of CRC-32 are out
of the cache, and cost as much as the rest of a record.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from zlib import adler32, crc32

from fixgate.errors import StoreDamaged, StoreError

__all__ = [
    "FORMAT",
    "HEAD_BYTES",
    "MAX_NUMBER",
    "FileHeader",
    "Record",
    "RecordKind",
    "Torn",
    "decode_file_header",
    "encode_file_header",
    "encode_records",
    "find_sound",
    "read_records",
]

FORMAT = 2
MAX_NUMBER = (1 << 64) - 1
"""The largest number that a record holds."""
_MAGIC = b"\x89FIXJ\r\n\x1a"
_FILE_FIXED = struct.Struct("<8sHQqH")
_HEAD = struct.Struct("<IBQqI")
_CRC = struct.Struct("<I")
_FULL_HEAD = struct.Struct("<IBQqII")
HEAD_BYTES = _FULL_HEAD.size
"""Bytes of a record before its message; the whole of a record without one."""
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
    SYNCED = 5
    """All before this record was on disk when it was written; the number is where it begins."""


_KINDS = frozenset(int(kind) for kind in RecordKind)

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


def encode_records(records: Iterable[tuple[int, int, int, bytes]]) -> bytes:
    """Return records as they stand in a journal file.

    Args:
        records: Of each its `RecordKind`, number (at most `MAX_NUMBER`), instant and message.
    """
    parts: list[bytes] = []
    pack = _HEAD.pack
    for kind, number, at_ns, message in records:
        head = pack(len(message), kind, number, at_ns, adler32(message))
        parts += (head, adler32(head).to_bytes(4, "little"), message)
    return b"".join(parts)


def encode_file_header(generation: int, created_ns: int, identity: str) -> bytes:
    """Return the header of a new journal file."""
    name = identity.encode("utf-8", "surrogateescape")
    data = _FILE_FIXED.pack(_MAGIC, FORMAT, generation, created_ns, len(name)) + name
    return data + _CRC.pack(crc32(data))


def decode_file_header(data: bytes, path: str) -> FileHeader:
    """Read the header at the start of ``data``.

    Raises:
        StoreError: The file is foreign, of another format, or damaged.
    """
    if len(data) < _FILE_FIXED.size or not data.startswith(_MAGIC):
        raise StoreError(path, "not a journal of fixgate", offset=0)
    _, version, generation, created_ns, length = _FILE_FIXED.unpack_from(data)
    if version != FORMAT:
        age = "newer" if version > FORMAT else "older"
        raise StoreError(
            path,
            f"journal format {version} is {age} than this fixgate, which reads {FORMAT}",
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
        StoreDamaged: A record is damaged.
    """
    full = _FULL_HEAD.size
    unpack = _FULL_HEAD.unpack_from
    head_size = _HEAD.size
    base, wanted = start, chunk_bytes
    while data := read(base, wanted):
        position, size = 0, len(data)
        while size - position >= full:
            length, kind, number, at_ns, body_sum, head_sum = unpack(data, position)
            if adler32(data[position : position + head_size]) != head_sum:
                if not _only_zeros(read, base + position):
                    raise StoreDamaged(
                        path,
                        "damaged record: bad checksum of its header",
                        offset=base + position,
                    )
                yield Torn(base + position)
                return
            end = position + full + length
            if end > size:
                break
            message = data[position + full : end]
            if adler32(message) != body_sum:
                raise StoreDamaged(
                    path, "damaged record: bad checksum of its message", offset=base + position
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


def find_sound(
    read: Callable[[int, int], bytes], start: int, kinds: Container[int] = _KINDS
) -> int | None:
    """Return where the next record begins that is sound by both its checksums.

    Args:
        read: As for `read_records`.
        start: Where to look first; need not be where a record begins.
        kinds: What the record may say.
    """
    while len(data := read(start, _READ_BYTES + HEAD_BYTES)) >= HEAD_BYTES:
        last = min(len(data) - HEAD_BYTES, _READ_BYTES - 1)
        for place in range(last + 1):
            length, kind, _, _, body_sum, head_sum = _FULL_HEAD.unpack_from(data, place)
            if kind not in kinds or adler32(data[place : place + _HEAD.size]) != head_sum:
                continue
            body = read(start + place + HEAD_BYTES, length)
            if len(body) == length and adler32(body) == body_sum:
                return start + place
        start += last + 1
    return None


def _only_zeros(read: Callable[[int, int], bytes], offset: int) -> bool:
    """Whether all is zero from ``offset`` on: how a file system leaves what it never wrote."""
    while data := read(offset, _READ_BYTES):
        if data.count(0) != len(data):
            return False
        offset += len(data)
    return True
