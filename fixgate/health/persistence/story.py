"""A session's history cut into its connections: what was said on each, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from fixgate.health.events import Closed
from fixgate.health.persistence.events import LineCut, Returning, Settled, Unread, Withheld
from fixgate.health.persistence.plan import Cut
from fixgate.history import Record
from fixgate.wire.frame import decode
from fixgate.wire.garbled import Garbled
from fixgate.wire.message import Message
from fixgate.wire.tags import HEADER_TAGS, TRAILER_TAGS, MsgType, Tag

__all__ = ["Connection", "Told", "essence", "is_gap_fill", "number", "story_of"]

_DIGITS = 19


@lru_cache(maxsize=64)
def _decoded(raw: bytes) -> Message | Garbled:
    return decode(raw)


@dataclass(frozen=True, slots=True)
class Told:
    """A message, with its place in the history.

    A day's log has a million of them: what is asked of each is kept, the fields are read again.

    Attributes:
        index: Of its record.
        at_ns: When.
        ours: We sent it.
        raw: Its bytes.
        msg_type: MsgType(35).
        number: MsgSeqNum(34), ``None`` when there is none.
        poss_dup: Whether it says PossDupFlag(43)=Y.
        read: ``False`` for one of theirs that came into a line that we had left.
    """

    index: int
    at_ns: int
    ours: bool
    raw: bytes
    msg_type: bytes
    number: int | None
    poss_dup: bool
    read: bool = True

    @property
    def message(self) -> Message:
        """What it says."""
        message = _decoded(self.raw)
        assert isinstance(message, Message), "only what can be read is made one of these"
        return message


def _told(index: int, record: Record) -> Told | None:
    """Return the message of a record, ``None`` when it has none that can be read."""
    what = record.what
    raw = what.raw if isinstance(what, Unread) else what
    message = _decoded(raw) if isinstance(raw, bytes) else None
    if not isinstance(message, Message) or not isinstance(raw, bytes):
        return None
    return Told(
        index,
        record.at_ns,
        record.glyph == ">",
        raw,
        message.msg_type,
        number(message, Tag.MsgSeqNum),
        message.get(Tag.PossDupFlag) == b"Y",
        read=not isinstance(what, Unread),
    )


@dataclass(slots=True)
class Connection:
    """One connection of a session; filled by `story_of`.

    Attributes:
        begin: Index of the record that begins it.
        told: Its messages, in order.
        withheld: Our numbers that were used before it, and never sent.
        rescue: It was only to cancel what might be in the book.
        cut: How we left it, ``None`` when we did not.
        cut_at: Index of the record that says so.
        closed: How it ended, ``None`` when the history has nothing of it.
        settled: Index of the record that says that nothing more is on its way, or ``None``.
        end: Index of its last record.
    """

    begin: int
    told: list[Told] = field(default_factory=list)
    withheld: list[int] = field(default_factory=list)
    rescue: bool = False
    cut: Cut | None = None
    cut_at: int | None = None
    closed: Closed | None = None
    settled: int | None = None
    end: int = 0

    def ours(self, msg_type: bytes) -> Told | None:
        """Return our first message of a type, or ``None``."""
        return next((t for t in self.told if t.ours and t.msg_type == msg_type), None)

    @property
    def their_first(self) -> Told | None:
        """Their first message that we took, or ``None``."""
        return next((t for t in self.told if not t.ours and t.read), None)

    @property
    def their_logon(self) -> Told | None:
        """Their Logon, where the connection begins with one."""
        first = self.their_first
        return first if first is not None and first.msg_type == MsgType.Logon else None


def story_of(records: Iterable[Record]) -> list[Connection]:
    """Return the connections of a history, oldest first; at least one."""
    connections = [Connection(0)]
    withheld: list[int] = []
    index = -1
    for index, record in enumerate(records):
        now, what = connections[-1], record.what
        if isinstance(what, Returning):
            now.end = index - 1
            connections.append(Connection(index, withheld=withheld, rescue=what.rescue))
            withheld = []
        elif isinstance(what, LineCut):
            now.cut, now.cut_at = what.cut, index
        elif isinstance(what, Withheld):
            withheld.append(what.number)
        elif isinstance(what, Settled):
            now.settled = index
        elif isinstance(what, Closed):
            now.closed = now.closed or what
        elif (told := _told(index, record)) is not None:
            now.told.append(told)
    connections[-1].end = index
    return connections


def number(message: Message, tag: int) -> int | None:
    """Return a field as a number without sign, ``None`` when it is missing or is none."""
    value = message.get(tag)
    return int(value) if value is not None and value.isdigit() and len(value) <= _DIGITS else None


def is_gap_fill(message: Message) -> bool:
    """Whether a message is a SequenceReset in gap fill mode."""
    return message.msg_type == MsgType.SequenceReset and message.get(Tag.GapFillFlag) == b"Y"


def essence(message: Message) -> tuple[object, ...]:
    """Return what of a message must stay when it is sent again: its type and its body."""
    apart = HEADER_TAGS | TRAILER_TAGS
    return (message.msg_type, *(field for field in message.fields() if field[0] not in apart))
