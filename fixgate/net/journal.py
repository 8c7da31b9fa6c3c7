"""The store on disk: an append-only journal that a killed process leaves usable.

The sequence numbers are the journal's tail; nothing is rewritten in place. Records gather in
memory during a turn of the event loop and go to the operating system in one write by `flush`,
before anything of that turn is sent. When a write fails, the records stay gathered: nothing of
the turn may be sent, and the next `flush` tries again, so that numbers are neither lost nor
used twice, and the session goes on when there is space again.

With `Durability.GROUP` a piece of the journal is written and synced by a thread, one at a time;
what gathers meanwhile is the next piece. With `Durability.EACH` the process waits for the disk.

Logical offsets are positions in the segment as if everything gathered were already in it.
"""

from __future__ import annotations

import logging
import os
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import NamedTuple

from fixgate.errors import LocalProtocolError, StoreError
from fixgate.net.commits import Commits
from fixgate.net.gathered import Gathered
from fixgate.net.lock import StoreLock
from fixgate.net.newest import Newest, open_newest
from fixgate.net.records import MAX_NUMBER, RecordKind, Torn, encode_file_header, read_records
from fixgate.net.replay import INDEX_EVERY, Index, Recovered
from fixgate.net.reserve import is_full
from fixgate.net.segments import StoreFolder, folder_name, identity_text
from fixgate.net.settings import Durability
from fixgate.session.settings import SessionId
from fixgate.session.store import OnStored

__all__ = ["JournalStore"]

_RESEND_CHUNK_BYTES = 1 << 16

_log = logging.getLogger("fixgate.store")

# Plain integers: looking up a member of an enum costs more than a record.
_OUT, _IN, _NEXT_IN, _NEXT_OUT, _ = (int(kind) for kind in RecordKind)


class _Flight(NamedTuple):
    """A piece of the journal on its way to the disk."""

    number: int
    piece: bytes
    result: Future[None]


class JournalStore:
    """Sequence numbers and messages of one session, on disk; obeys `fixgate.session.Store`.

    Args:
        root: The folder that holds a folder for each session; made when missing.
        session_id: Whose store it is.
        now_ns: When, nanoseconds since the epoch, UTC.
        durability: What a message survives by the time it is sent.
        commits: Threads for `Durability.GROUP`; without any it does as `Durability.EACH`.
        anew: Begin a new generation without a look at the one before, which may be damaged.

    Raises:
        StoreError: The store is held by another process, belongs to another session, is
            damaged, incomplete or newer, or cannot be read or written.
    """

    __slots__ = (
        "__weakref__",
        "_commits",
        "_flight",
        "_flights",
        "_folder",
        "_gathered",
        "_generation",
        "_identity",
        "_index",
        "_lock",
        "_on_stored",
        "_resets",
        "_segment",
        "_synced",
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
        commits: Commits | None = None,
        anew: bool = False,
    ) -> None:
        self._synced = durability is not Durability.OS
        self._commits = commits if durability is Durability.GROUP else None
        self._flight: _Flight | None = None
        self._flights = 0
        self._on_stored: OnStored | None = None
        self._identity = identity_text(session_id)
        # Resets of this turn: what still goes to the generation before each.
        self._resets: list[Gathered] = []
        self._folder = StoreFolder(root, folder_name(session_id), synced=self._synced)
        try:
            self._lock = StoreLock(self._folder.fd, self._folder.path, now_ns, synced=self._synced)
            try:
                self._go_on(
                    open_newest(self._folder, self._lock, self._identity, now_ns, anew=anew)
                )
            except BaseException:
                self._lock.release()
                raise
        except OSError as error:
            self._folder.close()
            reason = f"cannot open: {error.strerror}"
            raise StoreError(self._folder.path, reason, full=is_full(error)) from error
        except BaseException:
            self._folder.close()
            raise
        _open_stores.add(self)

    def _go_on(self, newest: Newest) -> None:
        found = newest.replayed
        self._generation, self._segment = newest.number, newest.segment
        self.since_ns = newest.since_ns
        self.next_out, self.next_in = found.next_out, found.next_in
        self._index, self.recovered = found.index, found.recovered
        self._gathered = self._new_gathered(newest.segment.size)

    def _new_gathered(self, start: int, header: bytes = b"") -> Gathered:
        return Gathered(start, marks=self._synced, header=header)

    @property
    def generation(self) -> int:
        """1 for the first; one more after each reset."""
        return self._generation + len(self._resets)

    # What the session records.

    def sent(self, seq_num: int, message: bytes, now_ns: int) -> None:
        """Record a message of ours; ``next_out`` becomes ``seq_num + 1``.

        Raises:
            LocalProtocolError: The number has been used before, or is past 64 bits.
        """
        if seq_num < self.next_out:
            raise LocalProtocolError(
                f"MsgSeqNum(34) {seq_num} was used before: the next is {self.next_out}"
            )
        if seq_num > MAX_NUMBER:
            raise _too_wide(seq_num)
        index = self._index
        if not index.count % INDEX_EVERY:
            index.note(seq_num, self._gathered.end())
        index.count += 1
        self._gathered.waiting.append((_OUT, seq_num, now_ns, message))
        self.next_out = seq_num + 1

    def received(self, next_in: int, message: bytes, now_ns: int) -> None:
        """Record a message of theirs and the number expected after it.

        Raises:
            LocalProtocolError: The number is past 64 bits.
        """
        if next_in > MAX_NUMBER:
            raise _too_wide(next_in)
        self._gathered.waiting.append((_IN, next_in, now_ns, message))
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
        self._gathered.waiting.append((kind, number, now_ns, b""))

    def reset(self, now_ns: int) -> None:
        """Start a new generation: both numbers at 1, nothing to resend from before."""
        self._resets.append(self._gathered)
        header = encode_file_header(self.generation, now_ns, self._identity)
        self._gathered = self._new_gathered(0, header)
        self.next_out = self.next_in = 1
        self._index = Index()
        self.since_ns = now_ns

    # What is read back.

    def messages(self, begin: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield ``(seq_num, message)`` of ours for ``begin <= seq_num <= end``, ascending.

        Sees what has not been flushed yet; ends when the store is reset meanwhile.

        Raises:
            StoreError: The journal is damaged there, or cannot be read.
        """
        start = self._index.place(max(begin, 1))
        if start is None:
            return
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
        """Read from the file, then from what is on its way there, then from what is gathered."""
        written = 0 if self._resets else self._segment.size
        data = b""
        if offset < written:
            data = self._segment.read(offset, size)
        if len(data) < size and self._flight is not None and not self._resets:
            place = max(offset - written, 0)
            data += self._flight.piece[place : place + size - len(data)]
        if len(data) < size and offset + len(data) >= self._gathered.start:
            data += self._gathered.read(offset + len(data), size - len(data))
        return data

    # What goes to the file.

    def watch(self, on_stored: OnStored | None) -> None:
        """Call ``on_stored`` whenever something that `flush` began has come to its end."""
        self._on_stored = on_stored

    def flush(self) -> int:
        """Hand everything recorded so far to the operating system, in one write, and sync it.

        Returns:
            0 when that is done; else the number with which ``on_stored`` will say so.

        Raises:
            StoreError: The store cannot be written; nothing of this turn may be sent.
        """
        if self._commits is not None and not self._resets:
            return self._flush_in_turn(self._commits)
        self._write_all()
        return 0

    def _write_all(self) -> None:
        if self._flight is not None:
            self._end_flight(self._flight)
        while self._resets:
            self._write_reset()
        if self._gathered:
            self._append(self._segment.append, self._gathered)

    def _append(self, append: Callable[[bytes], object], gathered: Gathered) -> None:
        piece = gathered.take()
        try:
            append(piece)
        except BaseException:
            gathered.put_back(piece)
            raise

    def _write_reset(self) -> None:
        if self._resets[0]:
            self._append(self._segment.append, self._resets[0])
        following = self._resets[1] if len(self._resets) > 1 else self._gathered
        self._append(self._begin_segment, following)
        del self._resets[0]
        try:
            self._lock.remember(self._generation, self._segment.size)
        except OSError as error:
            reason = f"cannot write: {error.strerror}"
            raise StoreError(self._folder.path, reason, full=is_full(error)) from error

    def _begin_segment(self, data: bytes) -> None:
        segment = self._folder.create(self._generation + 1, data)
        self._segment.close()
        self._segment = segment
        self._generation += 1

    def _flush_in_turn(self, commits: Commits) -> int:
        flight = self._flight
        if flight is not None:
            return flight.number + bool(self._gathered)
        return self._take_off(commits) if self._gathered else 0

    def _take_off(self, commits: Commits) -> int:
        self._flights += 1
        number, piece = self._flights, self._gathered.take()
        result = commits.run(
            partial(self._segment.write, piece), partial(self._landed, number, commits)
        )
        self._flight = _Flight(number, piece, result)
        return number

    def _landed(self, number: int, commits: Commits) -> None:
        flight = self._flight
        if flight is None or flight.number != number or self._folder.fd < 0:
            return  # somebody could not wait for the loop, and has ended it
        error = self._end_flight(flight)
        if error is not None:
            if self._on_stored is not None:
                self._on_stored(number, error)
            else:
                _log.error("! %s", error)
        elif self._gathered and not self._resets and self._flight is None:
            self._take_off(commits)

    def _end_flight(self, flight: _Flight) -> BaseException | None:
        """Wait for a piece; one that could not be written is gathered again."""
        error = flight.result.exception()
        self._flight = None
        if error is not None:
            (self._resets[0] if self._resets else self._gathered).put_back(flight.piece)
            return error
        self._segment.size += len(flight.piece)
        if self._on_stored is not None:
            self._on_stored(flight.number, None)
        return None

    def close(self) -> None:
        """Flush and let go of the store; a second call does nothing.

        Raises:
            StoreError: The last records cannot be written; the store is let go of all the same.
        """
        if self._folder.fd < 0:
            return
        try:
            self._write_all()
            self._lock.remember(self._generation, self._segment.size)
        except OSError as error:
            raise StoreError(self._folder.path, f"cannot write: {error.strerror}") from error
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
