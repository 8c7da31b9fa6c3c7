"""What a journal file says when it is opened: where the numbers stand, and where messages are.

What stands behind the last whole record is taken away, and what may be taken away depends on how
the file came to end:

- a process that dies leaves a strict prefix of what it wrote: an unfinished record at the end;
- a machine that stops may leave anything of what was never synced: holes, zeros, parts in the
  wrong order. Whatever of that was sent had been synced before; so nothing behind the last mark
  was, provided that the file was written by somebody who syncs, before the last start of the
  machine. See docs/adr/0006.

Everything else is damage, and refused.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field

from fixgate.errors import StoreDamaged, StoreError
from fixgate.net.lock import Holder, boot_id
from fixgate.net.records import RecordKind, Torn, find_sound, read_records
from fixgate.net.segments import Segment

__all__ = [
    "INDEX_EVERY",
    "Index",
    "Recovered",
    "Replayed",
    "may_be_unsynced",
    "replay",
    "too_short",
]

INDEX_EVERY = 64
"""Sent messages between two entries of the index: 250 KB of index for a million of them."""

# Plain integers: comparing with an enum's members costs a store of a million records 0.3 s.
_OUT, _IN, _NEXT_IN, _NEXT_OUT, _SYNCED = (int(kind) for kind in RecordKind)


@dataclass(frozen=True, slots=True)
class Recovered:
    """Something behind the last whole record has been taken away when the store was opened.

    It was never handed over whole, so nothing that depends on it was ever sent.

    Attributes:
        path: The segment.
        offset: Where it began.
        cut_bytes: How much was taken away.
        unsynced: The machine had stopped before it was on disk; else a process had ended in
            the middle of writing.
    """

    path: str
    offset: int
    cut_bytes: int
    unsynced: bool = False

    def __str__(self) -> str:
        what = "that had not reached the disk" if self.unsynced else "of a torn record"
        return f"{self.path}: byte {self.offset}: cut {self.cut_bytes} bytes {what}"


class Index:
    """Where some of our messages are: enough to find any of them quickly.

    Attributes:
        count: Our messages; one is noted where this is a multiple of `INDEX_EVERY`.
    """

    __slots__ = ("_numbers", "_offsets", "count")

    def __init__(self) -> None:
        self.count = 0
        self._numbers = array("Q")
        self._offsets = array("Q")

    def note(self, number: int, offset: int) -> None:
        """Note where a message begins."""
        self._numbers.append(number)
        self._offsets.append(offset)

    def place(self, number: int) -> int | None:
        """Return where to begin to look for a number, or ``None`` when there are no messages."""
        if not self._numbers:
            return None
        return self._offsets[max(bisect_right(self._numbers, number) - 1, 0)]


@dataclass(slots=True)
class Replayed:
    """What a journal file says.

    Attributes:
        next_out: MsgSeqNum(34) of our next message.
        next_in: MsgSeqNum(34) that we expect next.
        index: Where our messages are.
        recovered: What was cut, or ``None``.
    """

    next_out: int = 1
    next_in: int = 1
    index: Index = field(default_factory=Index)
    recovered: Recovered | None = None


def may_be_unsynced(holder: Holder | None) -> bool:
    """Whether a store may end with what had not reached the disk: see above.

    Args:
        holder: Who last had it in use.
    """
    return holder is not None and holder.synced and holder.boot != boot_id()


def too_short(path: str, size: int, before: int) -> StoreError:
    """Return the error of a file that has lost its end since its size was written down."""
    reason = f"it was {before} bytes long, of which {before - size} are missing"
    return StoreError(path, reason, offset=size)


def replay(segment: Segment, start: int, *, unsynced_from: int | None) -> Replayed:
    """Read a whole journal file, and cut what it does not end with in order.

    Args:
        segment: The file.
        start: Where its first record begins.
        unsynced_from: Where what may never have reached the disk begins at the earliest; ``None``
            when whoever wrote the file does not sync, or the machine has not stopped since.

    Raises:
        StoreError: The file is damaged, or cannot be read or cut.
    """
    found = Replayed()
    index = found.index
    try:
        for record in read_records(segment.read, start, segment.path):
            if isinstance(record, Torn):
                _cut(segment, found, record.offset)
                break
            offset, kind, number, _, _ = record
            if kind in (_IN, _NEXT_IN):
                found.next_in = number
            elif kind in (_OUT, _NEXT_OUT):
                _check_forward(segment, number, found.next_out, offset)
                if kind == _OUT:
                    if not index.count % INDEX_EVERY:
                        index.note(number, offset)
                    index.count += 1
                    number += 1
                found.next_out = number
            elif kind != _SYNCED:
                raise StoreError(segment.path, f"unknown kind of record {kind}", offset=offset)
    except StoreDamaged as error:
        at = error.offset
        if at is None or unsynced_from is None or at < unsynced_from or _was_synced(segment, at):
            raise
        _cut(segment, found, at, unsynced=True)
    return found


def _check_forward(segment: Segment, number: int, next_out: int, offset: int) -> None:
    if number < next_out:
        reason = f"MsgSeqNum(34) goes backwards: {number} after {next_out - 1}"
        raise StoreError(segment.path, reason, offset=offset)


def _cut(segment: Segment, found: Replayed, offset: int, *, unsynced: bool = False) -> None:
    cut = segment.size - offset
    segment.cut(offset)
    found.recovered = Recovered(segment.path, offset, cut, unsynced)


def _was_synced(segment: Segment, offset: int) -> bool:
    """Whether a later mark says that what is there was on disk."""
    return find_sound(segment.read, offset + 1, (_SYNCED,)) is not None
