"""What one end of sessions believes: its next numbers and its messages, whoever wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fixgate.errors import StoreError
from fixgate.net.flow import Flow
from fixgate.net.quickfix_files import QuickFixFiles, find_quickfix, read_bodies
from fixgate.net.readonly import ReadOnlyFolder, search_stores
from fixgate.net.records import RecordKind, Torn
from fixgate.net.survey import Damage, read_sound, survey
from fixgate.session.settings import SessionId

__all__ = ["Side", "find_sides", "read_sides", "reverse"]

_OUT, _IN = RecordKind.OUT, RecordKind.IN
_MOVES = {int(RecordKind.NEXT_OUT): _OUT, int(RecordKind.NEXT_IN): _IN}
_SENDER = re.compile(rb"\x0149=([^\x01]+)\x01")
_TARGET = re.compile(rb"\x0156=([^\x01]+)\x01")
_UNSAFE = re.compile(r"[^a-zA-Z0-9.-]")


@dataclass(slots=True)
class Side:
    """One session as one end sees it.

    Attributes:
        path: Where that was read.
        name: Of the session, for people.
        session_id: From this end's view, or ``None`` when only the files' name tells.
        file_name: Of QuickFIX's files without an ending, else empty.
        next_out: MsgSeqNum(34) of this end's next message; ``None`` when it cannot be known.
        next_in: MsgSeqNum(34) that this end expects next, likewise.
        since_ns: When its numbers last began, nanoseconds since the epoch; 0 for unknown.
        sent: What this end sent.
        received: What it received; a QuickFIX store keeps none of it.
        derived: The numbers are by what was sent and received, for want of a store that has them.
        damage: Why not everything could be read.
    """

    path: Path
    name: str
    session_id: SessionId | None
    file_name: str = ""
    next_out: int | None = 1
    next_in: int | None = 1
    since_ns: int = 0
    sent: Flow = field(default_factory=Flow)
    received: Flow = field(default_factory=Flow)
    derived: bool = False
    damage: list[str] = field(default_factory=list)

    def is_of(self, session_id: SessionId) -> bool:
        """Whether this is that session, ``session_id`` being from this end's view."""
        begin, ours, theirs = _named(session_id)
        if self.session_id is not None:
            # QuickFIX's messages tell the CompIDs; the rest is its own affair.
            exact = not self.file_name
            return (
                self.session_id == session_id
                if exact
                else _named(self.session_id) == (begin, ours, theirs)
            )
        plain = f"{begin}-{ours}-{theirs}"
        # QuickFIX/J writes some characters as underscores; a qualifier may follow.
        names = {plain, _UNSAFE.sub("_", plain)}
        return any(self.file_name == n or self.file_name.startswith(f"{n}-") for n in names)


def _named(session_id: SessionId) -> tuple[str, str, str]:
    return session_id.begin_string, session_id.ours, session_id.theirs


def reverse(session_id: SessionId) -> SessionId:
    """Return the same session from the other end."""
    other = {"our": "their", "their": "our", "ours": "theirs", "theirs": "ours"}
    swapped = {}
    for name, value in asdict(session_id).items():
        side, mark, rest = name.partition("_")
        swapped[other.get(side, side) + mark + rest] = value
    return SessionId(**swapped)


def find_sides(path: Path) -> list[Side]:
    """Return the sessions of a QuickFIX FileStore, or of a store of fixgate; none without one.

    Args:
        path: The folder.

    Raises:
        StoreError: It cannot be read.
    """
    found = find_quickfix(path)
    if found:
        return [_of_quickfix(files) for files in found]
    return [_of_store(store) for store in search_stores(path)]


def read_sides(path: Path) -> list[Side]:
    """Return the same of a folder that must be a store.

    Raises:
        StoreError: It is none, or cannot be read.
    """
    sides = find_sides(path)
    if not sides:
        raise StoreError(str(path), "no store is here")
    return sides


def _of_quickfix(files: QuickFixFiles) -> Side:
    side = Side(files.folder, files.name, None, files.name, files.next_sender, files.next_target)
    side.damage.extend(str(each) for each in files.damage)
    try:
        for number, raw in read_bodies(files):
            # Of a number that was written again, the engine sends what it wrote last.
            side.sent.marks.pop(number, None)
            side.sent = side.sent.take(raw)
            if side.session_id is None:
                side.session_id = _session_id(files.begin_string, raw)
    except StoreError as error:
        side.damage.append(str(error))
    else:
        # PersistMessages=N keeps numbers and no message.
        side.sent.whole = bool(side.sent.marks) or files.next_sender == 1
        if side.sent.whole and files.next_sender is not None:
            side.sent.end = files.next_sender
    if side.session_id is not None:
        side.name = str(side.session_id)
    return side


def _session_id(begin_string: str, raw: bytes) -> SessionId | None:
    sender, target = _SENDER.search(raw), _TARGET.search(raw)
    if sender is None or target is None:
        return None
    return SessionId(begin_string, sender[1].decode("latin-1"), target[1].decode("latin-1"))


def _of_store(path: Path) -> Side:
    found = survey(path)
    side = Side(path, found.name, found.session_id)
    side.damage.extend(str(each) for each in found.damage)
    newest = found.newest
    if newest is None:
        return side
    side.next_out, side.next_in, side.since_ns = newest.next_out, newest.next_in, newest.since_ns
    flows = {int(_OUT): Flow(whole=True), int(_IN): Flow(whole=True)}
    for kind, number, raw in _records(path, newest.number):
        if kind in _MOVES:
            flows[_MOVES[kind]].move(number)
        elif kind in flows:
            flows[kind] = flows[kind].take(raw)
    side.sent, side.received = flows[_OUT], flows[_IN]
    return side


def _records(path: Path, generation: int) -> Iterator[tuple[int, int, bytes]]:
    try:
        with ReadOnlyFolder(path) as folder, folder.segment(generation) as segment:
            for item in read_sound(segment, segment.header().size):
                if not isinstance(item, Damage | Torn) and item[1] != RecordKind.SYNCED:
                    yield item[1], item[2], item[4]
    except StoreError:
        return  # the survey has told it
