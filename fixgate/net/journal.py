"""The store on disk: an append-only journal that a killed process leaves usable.

The sequence numbers are the journal's tail; nothing is rewritten in place. Records gather in
memory during a turn of the event loop and go to the operating system in one write by `flush`,
before anything of that turn is sent. When a write fails, the records stay gathered: nothing of
the turn may be sent, and the next `flush` tries again, so that numbers are neither lost nor
used twice, and the session goes on when there is space again.

Logical offsets are positions in the segment as if everything gathered were already in it.
"""

from __future__ import annotations

import os
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fixgate.errors import LocalProtocolError, StoreError
from fixgate.net.lock import StoreLock
from fixgate.net.records import (
    MAX_NUMBER,
    RecordKind,
    Torn,
    encode_file_header,
    encode_records,
    read_records,
)
from fixgate.net.segments import StoreFolder, folder_name, identity_text
from fixgate.net.settings import Durability
from fixgate.session.settings import SessionId

__all__ = ["JournalStore", "Recovered"]

_INDEX_EVERY = 64
"""Sent messages between two entries of the index: 250 KB of index for a million of them."""

_RESEND_CHUNK_BYTES = 1 << 16

# Plain integers: comparing with an enum's members costs a store of a million records 0.3 s.
_OUT, _IN, _NEXT_IN, _NEXT_OUT = (int(kind) for kind in RecordKind)


@dataclass(frozen=True, slots=True)
class Recovered:
    """A record at the end was cut short by the end of a process, and has been taken away.

    It was never handed over whole, so nothing that depends on it was ever sent.

    Attributes:
        path: The segment.
        offset: Where the record began.
        cut_bytes: How much was taken away.
    """

    path: str
    offset: int
    cut_bytes: int

    def __str__(self) -> str:
        return f"{self.path}: byte {self.offset}: cut {self.cut_bytes} bytes of a torn record"


class JournalStore:
    """Sequence numbers and messages of one session, on disk; obeys `fixgate.session.Store`.

    Args:
        root: The folder that holds a folder for each session; made when missing.
        session_id: Whose store it is.
        now_ns: When, nanoseconds since the epoch, UTC.
        durability: What a flushed message survives.

    Raises:
        StoreError: The store is held by another process, belongs to another session, is
            damaged, incomplete or newer, or cannot be read or written.
    """

    __slots__ = (
        "__weakref__",
        "_folder",
        "_generation",
        "_identity",
        "_index_offsets",
        "_index_seqs",
        "_lock",
        "_out_count",
        "_pending",
        "_resets",
        "_segment",
        "_waiting",
        "durability",
        "next_in",
        "next_out",
        "recovered",
        "since_ns",
    )

    next_out: int
    """MsgSeqNum(34) of the next message that we send; only to be read."""
    next_in: int
    """MsgSeqNum(34) that we expect next from the peer; only to be read."""
    since_ns: int
    """When the newest generation began."""
    recovered: Recovered | None
    """What was cut when the store was opened, or ``None``."""

    def __init__(
        self,
        root: Path,
        session_id: SessionId,
        now_ns: int,
        *,
        durability: Durability = Durability.OS,
    ) -> None:
        self.durability = durability
        self.recovered = None
        self._identity = identity_text(session_id)
        # Records of this turn as they came, and before them in the file, as bytes, what of it
        # had to be bytes already. A turn's records are cheapest encoded together, at its end.
        self._waiting: list[tuple[int, int, int, bytes]] = []
        self._pending = bytearray()
        # Resets of this turn: what still goes to the generation before each.
        self._resets: list[bytearray] = []
        self._restart_numbers()
        self._folder = StoreFolder(root, folder_name(session_id))
        try:
            self._lock = StoreLock(self._folder.fd, self._folder.path, now_ns)
            try:
                self._open_newest(now_ns)
            except BaseException:
                self._lock.release()
                raise
        except OSError as error:
            self._folder.close()
            raise StoreError(self._folder.path, f"cannot open: {error.strerror}") from error
        except BaseException:
            self._folder.close()
            raise
        _open_stores.add(self)

    def _restart_numbers(self) -> None:
        self.next_out = self.next_in = 1
        self._out_count = 0
        self._index_seqs = array("Q")
        self._index_offsets = array("Q")

    def _open_newest(self, now_ns: int) -> None:
        generations = self._folder.generations()
        known = self._lock.previous.generation if self._lock.previous else 0
        newest = generations[-1] if generations else 0
        if newest < known:
            raise StoreError(
                self._folder.segment_path(known),
                f"missing segment: generation {known} was in use, the newest here is {newest}",
            )
        if newest == 0:
            self._generation = 1
            self._segment = self._folder.create(1, encode_file_header(1, now_ns, self._identity))
        else:
            self._generation = newest
            self._segment = self._folder.open(newest)
        try:
            self._replay()
            self._lock.remember(self._generation)
        except BaseException:
            self._segment.close()
            raise

    def _replay(self) -> None:
        segment = self._segment
        header = segment.header()
        self.since_ns = header.created_ns
        if header.identity != self._identity:
            theirs, ours = (text.replace("\x01", " ") for text in (header.identity, self._identity))
            raise StoreError(
                segment.path, f"the store of another session: {theirs!r}, expected {ours!r}"
            )
        if header.generation != self._generation:
            raise StoreError(
                segment.path,
                f"generation {header.generation} by its header, {self._generation} by its name",
            )
        for record in read_records(segment.read, header.size, segment.path):
            if isinstance(record, Torn):
                cut = segment.size - record.offset
                segment.cut(record.offset)
                self.recovered = Recovered(segment.path, record.offset, cut)
                return
            offset, kind, number, _, _ = record
            if kind in (_IN, _NEXT_IN):
                self.next_in = number
            elif kind in (_OUT, _NEXT_OUT):
                self._check_forward(number, offset)
                if kind == _OUT:
                    self._note_out(number, offset)
                    number += 1
                self.next_out = number
            else:
                raise StoreError(segment.path, f"unknown kind of record {kind}", offset=offset)

    def _check_forward(self, number: int, offset: int) -> None:
        if number < self.next_out:
            raise StoreError(
                self._segment.path,
                f"MsgSeqNum(34) goes backwards: {number} after {self.next_out - 1}",
                offset=offset,
            )

    def _note_out(self, number: int, offset: int) -> None:
        if not self._out_count % _INDEX_EVERY:
            self._index_seqs.append(number)
            self._index_offsets.append(offset)
        self._out_count += 1

    @property
    def generation(self) -> int:
        """1 for the first; one more after each reset."""
        return self._generation + len(self._resets)

    def sent(self, seq_num: int, message: bytes, now_ns: int) -> None:
        """Record a message of ours; ``next_out`` becomes ``seq_num + 1``.

        Raises:
            LocalProtocolError: The number has been used before, or is past 64 bits.
        """
        if seq_num < self.next_out:
            raise LocalProtocolError(
                f"MsgSeqNum(34) {seq_num} was used before: the next is {self.next_out}"
            )
        indexed = not self._out_count % _INDEX_EVERY
        offset = self._end() if indexed else 0
        if seq_num > MAX_NUMBER:
            raise _too_wide(seq_num)
        self._waiting.append((_OUT, seq_num, now_ns, message))
        if indexed:
            self._index_seqs.append(seq_num)
            self._index_offsets.append(offset)
        self._out_count += 1
        self.next_out = seq_num + 1

    def received(self, next_in: int, message: bytes, now_ns: int) -> None:
        """Record a message of theirs and the number expected after it.

        Raises:
            LocalProtocolError: The number is past 64 bits.
        """
        if next_in > MAX_NUMBER:
            raise _too_wide(next_in)
        self._waiting.append((_IN, next_in, now_ns, message))
        self.next_in = next_in

    def set_next_in(self, next_in: int, now_ns: int) -> None:
        """Move the expected number without a message.

        Raises:
            LocalProtocolError: The number is past 64 bits.
        """
        self._add(_NEXT_IN, next_in, now_ns)
        self.next_in = next_in

    def set_next_out(self, next_out: int, now_ns: int) -> None:
        """Move our next number forward without a message.

        Raises:
            LocalProtocolError: The number goes backwards, or is past 64 bits.
        """
        if next_out < self.next_out:
            raise LocalProtocolError(
                f"MsgSeqNum(34) cannot go back from {self.next_out} to {next_out} without a reset"
            )
        self._add(_NEXT_OUT, next_out, now_ns)
        self.next_out = next_out

    def _add(self, kind: int, number: int, now_ns: int) -> None:
        if number > MAX_NUMBER:
            raise _too_wide(number)
        self._waiting.append((kind, number, now_ns, b""))

    def _encode(self) -> None:
        if self._waiting:
            self._pending += encode_records(self._waiting)
            self._waiting.clear()

    def _end(self) -> int:
        self._encode()
        return (0 if self._resets else self._segment.size) + len(self._pending)

    def reset(self, now_ns: int) -> None:
        """Start a new generation: both numbers at 1, nothing to resend from before."""
        self._encode()
        self._resets.append(self._pending)
        self._pending = bytearray(encode_file_header(self.generation, now_ns, self._identity))
        self._restart_numbers()
        self.since_ns = now_ns

    def messages(self, begin: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield ``(seq_num, message)`` of ours for ``begin <= seq_num <= end``, ascending.

        Sees what has not been flushed yet; ends when the store is reset meanwhile.

        Raises:
            StoreError: The journal is damaged there, or cannot be read.
        """
        place = bisect_right(self._index_seqs, max(begin, 1)) - 1
        if not self._index_seqs:
            return
        start = self._index_offsets[max(place, 0)]
        generation = self.generation
        path = self._folder.segment_path(generation)
        for record in read_records(self._read, start, path, chunk_bytes=_RESEND_CHUNK_BYTES):
            if isinstance(record, Torn):
                raise StoreError(path, "damaged record: it never ends", offset=record.offset)
            _, kind, number, _, message = record
            if kind != _OUT or number < begin:
                continue
            if number > end:
                return
            yield number, message
            if self.generation != generation:
                return

    def _read(self, offset: int, size: int) -> bytes:
        self._encode()
        written = 0 if self._resets else self._segment.size
        if offset < written:
            return self._segment.read(offset, size) + self._read_pending(
                0, size - (written - offset)
            )
        return self._read_pending(offset - written, size)

    def _read_pending(self, offset: int, size: int) -> bytes:
        return bytes(self._pending[offset : offset + size]) if size > 0 else b""

    def flush(self) -> None:
        """Hand everything recorded so far to the operating system, in one write.

        Raises:
            StoreError: The store cannot be written; nothing of this turn may be sent.
        """
        if self._resets:
            self._write_resets()
        if self._pending:
            self._encode()
            self._segment.append(self._pending)
            self._pending.clear()
        elif self._waiting:
            self._segment.append(encode_records(self._waiting))
            self._waiting.clear()

    def _write_resets(self) -> None:
        while self._resets:
            if self._resets[0]:
                self._segment.append(self._resets[0])
                self._resets[0].clear()
            following = self._resets[1] if len(self._resets) > 1 else self._pending
            segment = self._folder.create(self._generation + 1, following)
            following.clear()
            self._segment.close()
            self._segment = segment
            self._generation += 1
            del self._resets[0]
            try:
                self._lock.remember(self._generation)
            except OSError as error:
                raise StoreError(self._folder.path, f"cannot write: {error.strerror}") from error

    def close(self) -> None:
        """Flush and let go of the store; a second call does nothing.

        Raises:
            StoreError: The last records cannot be written; the store is let go of all the same.
        """
        if self._folder.fd < 0:
            return
        try:
            self.flush()
        finally:
            self._abandon()

    def _abandon(self) -> None:
        self._segment.close()
        self._lock.release()
        self._folder.close()


def _too_wide(number: int) -> LocalProtocolError:
    return LocalProtocolError(f"number {number} does not fit 64 bits")


_open_stores: weakref.WeakSet[JournalStore] = weakref.WeakSet()


def _leave_to_parent() -> None:
    # A forked child shares the lock: it must neither write nor keep the store held when the
    # parent has gone.
    for store in list(_open_stores):
        store._abandon()


os.register_at_fork(after_in_child=_leave_to_parent)
