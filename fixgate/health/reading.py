"""A history sorted out for judging: its messages decoded, its events by kind, its phases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from fixgate.health.events import (
    MessagesPassed,
    PhaseEnded,
    PhaseStarted,
    SequenceNoted,
    TcpNoted,
)
from fixgate.health.model import Phase
from fixgate.history import Record
from fixgate.net.tcp_info import TcpInfo
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["Numbers", "Reading", "Seen", "integer"]

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of the history, with its place in it."""

    index: int
    at_ns: int
    message: Message


def integer(message: Message, tag: int) -> int | None:
    """Return a field as an integer, ``None`` when it is missing or is none."""
    value = message.get(tag)
    return int(value) if value is not None and value.isdigit() and len(value) <= 19 else None


class Reading:
    """The records of one check.

    Attributes:
        records: All of them, oldest first.
        sent: Our messages.
        received: Theirs.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = tuple(records)
        self.sent: list[Seen] = []
        self.received: list[Seen] = []
        for index, record in enumerate(self.records):
            if not isinstance(record.what, bytes):
                continue
            message = decode(record.what)
            if isinstance(message, Message):
                side = self.sent if record.glyph == ">" else self.received
                side.append(Seen(index, record.at_ns, message))

    def every(self, kind: type[_Kind]) -> Iterator[tuple[int, _Kind]]:
        """Yield ``(index, event)`` for each event of a kind."""
        for index, record in enumerate(self.records):
            if isinstance(record.what, kind):
                yield index, record.what

    def first(self, kind: type[_Kind]) -> tuple[int, _Kind] | None:
        """Return ``(index, event)`` of the first event of a kind, or ``None``."""
        return next(self.every(kind), None)

    def first_sent(self, msg_type: bytes) -> Seen | None:
        """Return our first message of a type, or ``None``."""
        return next((s for s in self.sent if s.message.msg_type == msg_type), None)

    def first_received(self, wanted: Callable[[Seen], bool]) -> Seen | None:
        """Return their first message that ``wanted`` takes, or ``None``."""
        return next((s for s in self.received if wanted(s)), None)

    def started(self, phase: Phase) -> int | None:
        """Return the index at which a phase began, or ``None``."""
        return next((i for i, e in self.every(PhaseStarted) if e.phase is phase), None)

    def tcp_at_end(self, phase: Phase) -> tuple[int, TcpInfo] | None:
        """Return how the connection stood at the end of a phase, with its place, or ``None``."""
        begin = self.started(phase)
        if begin is None:
            return None
        later = (i for i, _ in self.every(PhaseStarted) if i > begin)
        end = next(later, len(self.records))
        notes = [(i, event.info) for i, event in self.every(TcpNoted) if begin < i < end]
        return notes[-1] if notes else None

    def span_ns(self, phase: Phase) -> int | None:
        """Return how long a phase took, ``None`` when it was not reached.

        A phase that was not ended took until the next one began or the history ends.
        """
        begin = self.started(phase)
        if begin is None:
            return None
        ends = [i for i, e in self.every(PhaseEnded) if e.phase is phase]
        later = [i for i, _ in self.every(PhaseStarted) if i > begin]
        end = (ends or later or [len(self.records) - 1])[0]
        return self.records[end].at_ns - self.records[begin].at_ns

    def phase_at(self, index: int) -> Phase:
        """Return the phase in which a record lies."""
        phase = Phase.RESOLVE
        for begin, event in self.every(PhaseStarted):
            if begin <= index:
                phase = event.phase
        return phase

    def at_ns(self, index: int) -> int:
        """Return when a record was made."""
        return self.records[index].at_ns

    @property
    def logged_on(self) -> Seen | None:
        """The venue's Logon, when it answered with one that is not our own."""
        ours = self.first_sent(MsgType.Logon)
        answer = self.received[0] if self.received else None
        if ours is None or answer is None or answer.message.msg_type != MsgType.Logon:
            return None
        return None if is_echo(ours.message, answer.message) else answer

    def noted(self) -> tuple[SequenceNoted | None, SequenceNoted | None]:
        """Return the store's numbers at the first and at the last noting."""
        notes = [event for _, event in self.every(SequenceNoted)]
        return (notes[0], notes[-1]) if notes else (None, None)


def is_echo(ours: Message, theirs: Message) -> bool:
    """Whether ``theirs`` is our own message come back."""
    if ours.get(Tag.SenderCompID) == ours.get(Tag.TargetCompID):
        return ours.raw == theirs.raw
    pair = (Tag.SenderCompID, Tag.TargetCompID)
    return all(ours.get(tag) == theirs.get(tag) for tag in pair)


class Numbers:
    """The venue's sequence numbers as they came.

    Attributes:
        missing: The ranges that never came, ``(first, last)``.
        gap: The message that showed the first gap, or ``None``.
        repeated: Messages whose number had been used and that do not say PossDupFlag(43)=Y.
    """

    def __init__(self, reading: Reading) -> None:
        before, _ = reading.noted()
        self._expected = before.next_in if before is not None else 1
        self._ahead: set[int] = set()
        self.gap: Seen | None = None
        self.repeated: list[Seen] = []
        passed = list(reading.every(MessagesPassed))
        for seen in reading.received:
            while passed and passed[0][0] < seen.index:
                event = passed.pop(0)[1]
                self._pass(event.first, event.end)
            self._take(seen)
        self.missing = self._holes()

    def _pass(self, first: int, end: int) -> None:
        """These came in order, and are not in the history."""
        if first > self._expected:
            self._ahead.update(range(first, end))
        else:
            self._expected = max(self._expected, end)
        self._go_on()

    def _take(self, seen: Seen) -> None:
        message, number = seen.message, integer(seen.message, Tag.MsgSeqNum)
        if number is None:
            return
        if message.msg_type == MsgType.Logon and message.get(Tag.ResetSeqNumFlag) == b"Y":
            self._expected, self._ahead = number + 1, set()
            return
        moved_to = None
        if message.msg_type == MsgType.SequenceReset:
            moved_to = integer(message, Tag.NewSeqNo)
            if moved_to is not None and message.get(Tag.GapFillFlag) != b"Y":
                self._expected, self._ahead = max(self._expected, moved_to), set()
                return
        if number < self._expected:
            if message.get(Tag.PossDupFlag) != b"Y" and message.msg_type != MsgType.Logon:
                self.repeated.append(seen)
            return
        if number > self._expected and self.gap is None:
            self.gap = seen
        if moved_to is not None and number == self._expected:
            self._expected = max(moved_to, number + 1)
        else:
            self._ahead.add(number)
        self._go_on()

    def _go_on(self) -> None:
        while self._expected in self._ahead:
            self._ahead.discard(self._expected)
            self._expected += 1

    def _holes(self) -> list[tuple[int, int]]:
        holes, expected = [], self._expected
        for number in sorted(n for n in self._ahead if n > expected):
            if number > expected:
                holes.append((expected, number - 1))
            expected = number + 1
        return holes
