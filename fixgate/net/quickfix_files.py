"""QuickFIX's FileStore, read as its engines write it.

Four engines write four habits of the same files, ``SESSION.body``, ``.header``, ``.session`` and
the numbers:

==========  =====================================  ===========================  ==============
engine      numbers                                header                       session
==========  =====================================  ===========================  ==============
C++         ``.seqnums``: ``%10d : %10d``          ``num,offset,size `` in text  FIX timestamp
/n          ``.seqnums``: ``D20 : D20``            a line each                  FIX timestamp
/J          ``.senderseqnums``,                    16 bytes each: int, long,    FIX timestamp
            ``.targetseqnums``: writeUTF           int, big-endian              by writeUTF
Go          the same two files, ``%019d``          a line each                  RFC 3339
==========  =====================================  ===========================  ==============

``.body`` has what the engine sent, never what it received. Nothing is written here.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fixgate.errors import StoreError

__all__ = ["QuickFixFiles", "find_quickfix", "read_bodies"]

_SIDES = ("sender", "target")
_ENDINGS = (".seqnums", ".senderseqnums")
_MAX_NUMBERS_BYTES = 4096
_SHOWN_BYTES = 43
"""As many as QuickFIX writes at most."""
_PAIR = re.compile(rb"\s*(\d{1,20})\s*:\s*(\d{1,20})\s*", re.ASCII)
_ONE = re.compile(rb"\s*(\d{1,20})\s*", re.ASCII)
_ENTRY = re.compile(rb"\s*(\d{1,20}),(\d{1,20}),(\d{1,10})\s", re.ASCII)
_JAVA_ENTRY = struct.Struct(">iqi")
_CHUNK_BYTES = 1 << 18
_MAX_MESSAGE_BYTES = 1 << 26
_MAX_OFFSET = 1 << 62
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class QuickFixFiles:
    """The files of one session.

    Attributes:
        folder: Where they are.
        name: Of the files, without an ending: BeginString, sender and target with hyphens.
        next_sender: MsgSeqNum(34) of the engine's next message; ``None`` when it cannot be read.
        next_target: MsgSeqNum(34) that the engine expects next, likewise.
        since: When its numbers began, as it wrote it; empty when it did not.
        damage: Why numbers cannot be read.
    """

    folder: Path
    name: str
    next_sender: int | None
    next_target: int | None
    since: str
    damage: tuple[StoreError, ...] = ()

    @property
    def begin_string(self) -> str:
        """BeginString(8), by the name."""
        return self.name.partition("-")[0]


def find_quickfix(folder: Path) -> list[QuickFixFiles]:
    """Return the sessions of a FileStore; nothing when the folder is not one.

    Args:
        folder: QuickFIX's FileStorePath.

    Raises:
        StoreError: The folder or a file cannot be read. What a file of numbers holds instead of
            numbers is told with the session.
    """
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise StoreError(str(folder), f"cannot be read: {error.strerror}") from error
    sessions = {}
    for ending in _ENDINGS:
        for name in names:
            if name.endswith(ending):
                stem = name.removesuffix(ending)
                sessions[stem] = _session(folder, stem)
    return [sessions[stem] for stem in sorted(sessions)]


def _session(folder: Path, stem: str) -> QuickFixFiles:
    damage: list[StoreError] = []
    pair = _read_small(folder / f"{stem}.seqnums")
    if pair is not None:
        sender, target = _pair(folder / f"{stem}.seqnums", pair, damage)
    else:
        sender, target = (_number(folder / f"{stem}.{side}seqnums", damage) for side in _SIDES)
    since = _text(_read_small(folder / f"{stem}.session") or b"")
    began = since.decode("ascii", "replace").strip()
    return QuickFixFiles(folder, stem, sender, target, began, tuple(damage))


def _pair(path: Path, data: bytes, damage: list[StoreError]) -> tuple[int | None, int | None]:
    found = _PAIR.fullmatch(data.removeprefix(_BOM).rstrip(b"\0"))
    if found is None:
        reason = f"expected the next sender and target numbers, as '1 : 1'; {_received(data)}"
        damage.append(StoreError(str(path), reason, offset=0))
        return None, None
    return int(found[1]), int(found[2])


def _number(path: Path, damage: list[StoreError]) -> int | None:
    data = _read_small(path)
    # An engine that was killed before it wrote its first number begins at 1.
    if not data:
        return 1
    found = _ONE.fullmatch(_text(data))
    if found is None:
        reason = f"expected a sequence number; {_received(data)}"
        damage.append(StoreError(str(path), reason, offset=0))
        return None
    return int(found[1])


def _received(data: bytes) -> str:
    if not data.strip(b"\0"):
        return f"received {len(data)} bytes of zero" if data else "received nothing"
    rest = "..." if len(data) > _SHOWN_BYTES else ""
    return f"received {data[:_SHOWN_BYTES]!r}{rest}"


def _text(data: bytes) -> bytes:
    """Return the text of a small file; Java's writeUTF puts two bytes of length before it."""
    if data[:1] == b"\0" and len(data) >= 2:
        return data[2 : 2 + int.from_bytes(data[:2], "big")]
    return data.removeprefix(_BOM)


def _read_small(path: Path) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(_MAX_NUMBERS_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(str(path), f"cannot be read: {error.strerror}") from error


def read_bodies(files: QuickFixFiles) -> Iterator[tuple[int, bytes]]:
    """Yield the engine's sent messages in the order of writing; a number may come again.

    Args:
        files: Of one session.

    Raises:
        StoreError: The header is damaged, or tells of messages that the body does not hold.
    """
    header, body = (files.folder / f"{files.name}.{each}" for each in ("header", "body"))
    try:
        with open(header, "rb") as index, open(body, "rb") as messages:
            for place, number, offset, size in _entries(index, str(header)):
                held = max(0, min(size, os.fstat(messages.fileno()).st_size - offset))
                if held != size:
                    reason = (
                        f"the file has {held} bytes of the {size} of MsgSeqNum(34) {number}, "
                        f"by byte {place} of its header"
                    )
                    raise StoreError(str(body), reason, offset=offset)
                messages.seek(offset)
                yield number, messages.read(size)
    except FileNotFoundError:
        return  # PersistMessages=N, or nothing was sent yet
    except OSError as error:
        path = str(error.filename or body)
        raise StoreError(path, f"cannot be read: {error.strerror}") from error


def _entries(index: BinaryIO, path: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield where each entry of a header is, its number, and the message's offset and size."""
    first = index.read(1)
    index.seek(0)
    found = _text_entries(index, path) if first != b"\0" else _java_entries(index, path)
    for place, number, offset, size in found:
        if number < 1 or not 0 <= offset <= _MAX_OFFSET or not 0 <= size <= _MAX_MESSAGE_BYTES:
            raise StoreError(path, f"no entry: {number},{offset},{size}", offset=place)
        yield place, number, offset, size


def _java_entries(index: BinaryIO, path: str) -> Iterator[tuple[int, int, int, int]]:
    place = 0
    while data := index.read(_JAVA_ENTRY.size * 4096):
        whole = len(data) - len(data) % _JAVA_ENTRY.size
        for position in range(0, whole, _JAVA_ENTRY.size):
            yield (place + position, *_JAVA_ENTRY.unpack_from(data, position))
        if whole != len(data):
            raise StoreError(path, "ends in the middle of an entry", offset=place + whole)
        place += whole


def _text_entries(index: BinaryIO, path: str) -> Iterator[tuple[int, int, int, int]]:
    place, carry = 0, b""
    while chunk := index.read(_CHUNK_BYTES):
        carry += chunk
        done = 0
        while (found := _ENTRY.match(carry, done)) is not None:
            yield place + done, int(found[1]), int(found[2]), int(found[3])
            done = found.end()
        place, carry = place + done, carry[done:]
        if len(carry) > _MAX_NUMBERS_BYTES:
            break
    if carry.strip():
        # The last entry may lack its end when the engine was killed, or wrote none.
        found = _ENTRY.match(carry + b"\n")
        if found is None or carry[found.end() :].strip():
            raise StoreError(path, "expected entries such as '1,0,70'", offset=place)
        yield place, int(found[1]), int(found[2]), int(found[3])
