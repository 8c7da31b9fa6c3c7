"""What is in a store: every record of every generation read, and all damage located.

Nothing is changed and no lock is taken, so it can be done beside the process that uses the store.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fixgate.errors import StoreDamaged, StoreError
from fixgate.net.audit import AuditEntry
from fixgate.net.lock import Holder
from fixgate.net.readonly import ReadOnlyFolder, ReadOnlySegment
from fixgate.net.records import Record, RecordKind, Torn, find_sound
from fixgate.net.replay import may_be_unsynced, too_short
from fixgate.net.segments import folder_name, segment_name, session_id_of
from fixgate.session.settings import SessionId

__all__ = ["Damage", "Generation", "StoreSurvey", "read_sound", "survey"]

_OUT, _IN = int(RecordKind.OUT), int(RecordKind.IN)
_NEXT_IN, _NEXT_OUT = int(RecordKind.NEXT_IN), int(RecordKind.NEXT_OUT)
_KINDS = frozenset(int(kind) for kind in RecordKind)
_LOOKS_AGAIN = 3


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that a store must not hold.

    Attributes:
        path: The file or folder.
        offset: Of the first damaged byte's record, or ``None`` for the file as a whole.
        reason: What was found and what was expected.
        resumes: Where the next sound record begins, or ``None`` when none follows.
    """

    path: str
    offset: int | None
    reason: str
    resumes: int | None = None

    def __str__(self) -> str:
        place = self.path if self.offset is None else f"{self.path}: byte {self.offset}"
        after = f"; sound again from byte {self.resumes}" if self.resumes is not None else ""
        return f"{place}: {self.reason}{after}"


@dataclass(slots=True)
class Generation:
    """One segment: what is sound in it, and what is not.

    Attributes:
        number: 1 for the first; one more after each reset.
        path: The file.
        size_bytes: Of the file.
        since_ns: When it began; 0 when its header cannot be read.
        session_id: By its header, or ``None``.
        next_out: MsgSeqNum(34) of our next message.
        next_in: MsgSeqNum(34) that we expect next.
        sent: Messages of ours.
        received: Messages of theirs.
        last_out_ns: When the last of ours was stored, or ``None``.
        last_in_ns: When the last of theirs was stored, or ``None``.
        torn: Where an unfinished record at the end begins, or ``None``.
        unsynced: What is unfinished had not reached the disk when the machine stopped.
        damage: Everything that is wrong, in the order of the file.
    """

    number: int
    path: str
    size_bytes: int = 0
    since_ns: int = 0
    session_id: SessionId | None = None
    next_out: int = 1
    next_in: int = 1
    sent: int = 0
    received: int = 0
    last_out_ns: int | None = None
    last_in_ns: int | None = None
    torn: int | None = None
    unsynced: bool = False
    damage: list[Damage] = field(default_factory=list)

    def take(self, record: Record) -> None:
        """Count one record."""
        offset, kind, number, at_ns, _ = record
        if kind in (_IN, _NEXT_IN):
            self.next_in = number
            if kind == _IN:
                self.received += 1
                self.last_in_ns = at_ns
        elif kind in (_OUT, _NEXT_OUT):
            if number < self.next_out:
                reason = f"MsgSeqNum(34) goes backwards: {number} after {self.next_out - 1}"
                self.damage.append(Damage(self.path, offset, reason))
            self.next_out = number + (kind == _OUT)
            if kind == _OUT:
                self.sent += 1
                self.last_out_ns = at_ns
        elif kind not in _KINDS:
            self.damage.append(Damage(self.path, offset, f"unknown kind of record {kind}"))


@dataclass(frozen=True, slots=True)
class StoreSurvey:
    """A store as it was found.

    Attributes:
        path: Its folder.
        session_id: Whose store it is, or ``None`` when no header says so.
        generations: The oldest first.
        holder: Who last opened it, or ``None`` when nobody ever did.
        in_use: Whether somebody has it open now; ``None`` where the system does not say.
        audit: The changes by hand, the oldest first.
        damage: Everything that is wrong, of all generations and of the folder.
    """

    path: str
    session_id: SessionId | None
    generations: tuple[Generation, ...]
    holder: Holder | None
    in_use: bool | None
    audit: tuple[AuditEntry, ...]
    damage: tuple[Damage, ...]

    @property
    def newest(self) -> Generation | None:
        """The generation in use, ``None`` for a store that was never written."""
        return self.generations[-1] if self.generations else None

    @property
    def name(self) -> str:
        """The session, or the folder's name when its session cannot be read."""
        return str(self.session_id) if self.session_id else os.path.basename(self.path)


def survey(path: Path) -> StoreSurvey:
    """Read a whole store.

    Args:
        path: The folder of one session.

    Raises:
        StoreError: The folder cannot be opened. Anything else that is wrong is in the survey.
    """
    damage: list[Damage] = []
    holder, in_use = None, None
    audit: tuple[AuditEntry, ...] = ()
    with ReadOnlyFolder(path) as folder:
        try:
            holder, in_use = folder.holder()
        except StoreError as error:
            damage.append(_of(error))
        numbers, wrong = folder.generations()
        damage.extend(_of(error) for error in wrong)
        generations = tuple(_generation(folder, number, holder) for number in numbers)
        try:
            audit = folder.audit()
        except StoreError as error:
            damage.append(_of(error))
    known = holder.generation if holder is not None else 0
    newest = numbers[-1] if numbers else 0
    if newest < known:
        missing = os.path.join(folder.path, segment_name(known))
        reason = f"missing segment: generation {known} was in use, the newest here is {newest}"
        damage.append(Damage(missing, None, reason))
    damage.extend(_of_identities(generations, path))
    for generation in generations:
        if generation.torn is not None and generation.number != newest:
            reason = "ends in the middle of a record, and a later generation exists"
            generation.damage.append(Damage(generation.path, generation.torn, reason))
        damage.extend(generation.damage)
    named = [each.session_id for each in generations if each.session_id is not None]
    session_id = named[-1] if named else None
    return StoreSurvey(folder.path, session_id, generations, holder, in_use, audit, tuple(damage))


def _of(error: StoreError) -> Damage:
    return Damage(error.path, error.offset, error.reason)


def _of_identities(generations: tuple[Generation, ...], path: Path) -> Iterator[Damage]:
    named = [each for each in generations if each.session_id is not None]
    for each in named:
        if each.session_id != named[-1].session_id:
            reason = f"of another session, {each.session_id}, than {named[-1].session_id}"
            yield Damage(each.path, None, reason)
    if named and named[-1].session_id is not None:
        expected = folder_name(named[-1].session_id)
        if path.resolve().name != expected:
            yield Damage(str(path), None, f"the folder's name should be '{expected}'")


def _generation(folder: ReadOnlyFolder, number: int, holder: Holder | None) -> Generation:
    found = Generation(number, os.path.join(folder.path, segment_name(number)))
    try:
        with folder.segment(number) as segment:
            synced = 0
            if holder is not None and holder.generation == number:
                synced = holder.size
                if segment.size < synced:
                    found.damage.append(_of(too_short(segment.path, segment.size, synced)))
            end = _read(segment, found)
            if end is not None and end >= synced and may_be_unsynced(holder):
                return _without_end(segment, found, end)
    except StoreError as error:
        found.damage.append(_of(error))
    return found


def _without_end(segment: ReadOnlySegment, found: Generation, end: int) -> Generation:
    """Return what a generation holds before what may never have reached the disk.

    It is damage after all when a later mark says that it was there.
    """
    if find_sound(segment.read, end + 1, (RecordKind.SYNCED,)) is not None:
        return found
    before = Generation(found.number, found.path)
    size, segment.size = segment.size, end
    _read(segment, before)
    before.size_bytes, before.torn, before.unsynced = size, end, True
    return before


def _read(segment: ReadOnlySegment, found: Generation) -> int | None:
    """Read a whole segment into ``found``; return where its first unsound record begins."""
    unsound = None
    found.size_bytes = segment.size
    header = segment.header()
    found.since_ns = header.created_ns
    found.session_id = session_id_of(header.identity)
    if found.session_id is None:
        found.damage.append(Damage(segment.path, 0, "its header names no session"))
    if header.generation != found.number:
        reason = f"generation {header.generation} by its header, {found.number} by its name"
        found.damage.append(Damage(segment.path, 0, reason))
    for item in read_sound(segment, header.size):
        match item:
            case Damage():
                found.damage.append(item)
                unsound = item.offset if unsound is None else unsound
            case Torn(offset):
                found.torn = offset
            case _:
                found.take(item)
    found.size_bytes = segment.size
    return unsound


def read_sound(segment: ReadOnlySegment, start: int) -> Iterator[Record | Damage | Torn]:
    """Yield every sound record from ``start`` on, with the damage between them.

    A record that looks torn is looked at again while the file grows: it was being written.

    Args:
        segment: The file.
        start: Where its first record begins.

    Raises:
        StoreError: The file cannot be read.
    """
    at: int | None = start
    looks = 0
    while at is not None:
        start, at = at, None
        try:
            for item in segment.records(start):
                if isinstance(item, Torn) and looks < _LOOKS_AGAIN and segment.grown():
                    at, looks = item.offset, looks + 1
                    break
                yield item
        except StoreDamaged as error:
            if error.offset is None:
                raise
            at = find_sound(segment.read, error.offset + 1)
            yield Damage(error.path, error.offset, error.reason, at)
