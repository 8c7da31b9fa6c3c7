"""The history of a run as lines for people: messages by name, faults and steps between them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import compress, groupby

from fixgate.errors import DictionaryError
from fixgate.history import Record
from fixgate.report.runs.veil import Veil
from fixgate.report.text import printable
from fixgate.scenario import records
from fixgate.scenario.runner import Run
from fixgate.scenario.vocabulary import Vocabulary, vocabulary_of
from fixgate.wire import Message, decode, mask
from fixgate.wire.tags import HEADER_TAGS, TRAILER_TAGS, MsgType, Tag

__all__ = [
    "Entry",
    "Field",
    "Kind",
    "entries_of",
    "fold_of",
    "format_offset",
    "vocabulary_for",
    "with_fewer_heartbeats",
]

_TELLING = frozenset({Tag.PossDupFlag, Tag.PossResend, Tag.OrigSendingTime})
"""Header fields that belong into the one line of a message, when they are there."""

_NOT_IN_LINE = (HEADER_TAGS | TRAILER_TAGS) - _TELLING
_MOST_CHARS = 300
_TAG_DIGITS = 9
_FOLD_FROM = 5
"""So many heartbeats in a row are folded: fewer would save less than the fold itself takes."""
_FALLBACK = "FIX.4.4"


class Kind(Enum):
    """What a line is about."""

    MESSAGE = "message"
    LINK = "link"
    SESSION = "session"
    FAULT = "fault"
    STEP = "step"
    OUTCOME = "outcome"
    """A step, or the scenario, ended; of steps that ended well nothing is said."""
    FOLD = "fold"
    """Stands for lines that were left out."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message, such as ``OrdType(40)``, ``2`` and ``LIMIT``; secrets are masked."""

    label: str
    value: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.label} = {self.value}" + (f" {self.meaning}" if self.meaning else "")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line.

    Attributes:
        record: Place of its record in the history, from 0; of a fold, of the first left out.
        at_ns: Nanoseconds since the scenario began.
        glyph: As in `fixgate.history`.
        kind: What it is about.
        actor: Whose connection, from our side of it; empty when it is about none.
        title: A message's name and number, such as ``Heartbeat(0) #2``; else empty.
        text: The rest of the line.
        fields: Of a message: all of them, in order.
        step: Number of the step that begins or ends here; else 0.
        flaw: Why the bytes are no message, or empty.
        decisive: It is what a finding is about.
    """

    record: int
    at_ns: int
    glyph: str
    kind: Kind
    actor: str
    title: str
    text: str
    fields: tuple[Field, ...] = ()
    step: int = 0
    flaw: str = ""
    decisive: bool = False

    @property
    def is_wire(self) -> bool:
        """It happened on a connection: a message, or the connection itself."""
        return self.kind in (Kind.MESSAGE, Kind.LINK)


def format_offset(offset_ns: int) -> str:
    """Return an instant since the beginning, such as ``12.345678`` or ``4:00:36.000000``.

    Args:
        offset_ns: Nanoseconds since the scenario began; shown to the microsecond.
    """
    micros = offset_ns // 1_000
    seconds, micros = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}.{micros:06}"
    return f"{minutes}:{seconds:02}.{micros:06}" if minutes else f"{seconds}.{micros:06}"


def entries_of(run: Run, veil: Veil) -> tuple[Entry, ...]:
    """Return a line for everything in a history that a person asks about, in order.

    What the player and the world only tell each other is left out.
    """
    history = tuple(run.history)
    teller = _Teller(vocabulary_for(run), veil, history[0].at_ns if history else 0)
    told = (teller.entry(index, record) for index, record in enumerate(history))
    return tuple(entry for entry in told if entry is not None)


def vocabulary_for(run: Run) -> Vocabulary:
    """Return the names that a run's messages are told with."""
    sessions = [each.session for each in run.scenario.actors if each.session is not None]
    try:
        return vocabulary_of(sessions[0].id.begin_string, sessions[0].default_appl_ver_id)
    except (DictionaryError, IndexError):
        return vocabulary_of(_FALLBACK)  # what nobody knows the names of is still shown


class _Teller:
    """Writes the lines of one run."""

    def __init__(self, vocabulary: Vocabulary, veil: Veil, begin_ns: int) -> None:
        self._vocabulary = vocabulary
        self._veil = veil
        self._begin_ns = begin_ns

    def entry(self, index: int, record: Record) -> Entry | None:
        what = record.what
        if isinstance(what, records.Wire):
            return self._message(index, record, what)
        found = self._event(what)
        if found is None:
            return None
        kind, actor, text, step = found
        actor, text = printable(actor), self._veil.line(text)
        at_ns, glyph = record.at_ns - self._begin_ns, printable(record.glyph)
        return Entry(index, at_ns, glyph, kind, actor, "", text, step=step)

    def _event(self, what: object) -> tuple[Kind, str, str, int] | None:
        match what:
            case records.Opened(actor=actor):
                return Kind.LINK, actor, "connection open", 0
            case records.Closed(actor=actor, by_peer=by_peer, reset=reset):
                who = "the other side" if by_peer else "us"
                return Kind.LINK, actor, f"connection {'reset' if reset else 'closed'} by {who}", 0
            case records.LoggedOn(actor=actor):
                return Kind.SESSION, actor, "logged on", 0
            case records.Told(actor=actor, text=text):
                return Kind.SESSION, actor, text, 0
            case records.Faulted(actor=actor, name=name, text=text):
                return Kind.FAULT, actor, f"fault {name}: {text}" if name else text, 0
            case records.NotDone(text=text):
                return Kind.OUTCOME, "", f"not possible: {text}", 0
            case records.Asked(text=text):
                return Kind.STEP, "", f"asked: {text}", 0
            case records.StepBegan(number=number, text=text):
                return Kind.STEP, "", f"step {number}: {text}", number
            case records.StepEnded(number=number, outcome=outcome, text=text):
                if outcome is records.Outcome.OK:
                    return None
                last = next(reversed(text.splitlines()), "")
                return Kind.OUTCOME, "", f"step {number} {outcome.value}: {last}", number
            case records.Ended(result=result):
                return Kind.OUTCOME, "", result, 0
            case _:
                return None

    def _message(self, index: int, record: Record, wire: records.Wire) -> Entry:
        decoded = decode(wire.data)
        if isinstance(decoded, Message):
            pairs, flaw = list(decoded.fields()), wire.garbled
        else:
            pairs, flaw = list(_pieces(wire.data)), wire.garbled or decoded.text
        fields = tuple(self._field(tag, value) for tag, value in pairs)
        if flaw:
            text = _cut(self._veil.line(mask(wire.data)), len(wire.data))
        else:
            telling = (tag not in _NOT_IN_LINE for tag, _ in pairs)
            text = ", ".join(map(str, compress(fields, telling)))
        title = self._title(dict(reversed(pairs)))
        return Entry(
            record=index,
            at_ns=record.at_ns - self._begin_ns,
            glyph=printable(record.glyph),
            kind=Kind.MESSAGE,
            actor=printable(wire.actor),
            title=title,
            text=text,
            fields=fields,
            flaw=self._veil.line(flaw),
        )

    def _title(self, values: dict[int, bytes]) -> str:
        if Tag.MsgType not in values:
            return "bytes"
        title = self._vocabulary.message_label(values[Tag.MsgType])
        if Tag.MsgSeqNum in values:
            title += f" #{mask(values[Tag.MsgSeqNum])}"
        return self._veil.line(title)

    def _field(self, tag: int, value: bytes) -> Field:
        # The one formatter decides what is secret; it wants the tag to see it by.
        shown = self._veil.line(mask(b"%d=%b" % (tag, value)).partition("=")[2])
        meaning = self._vocabulary.value_name(tag, value)
        if tag == Tag.MsgType and (found := self._vocabulary.message(value)) is not None:
            meaning = found.name
        return Field(self._vocabulary.label(tag), _cut(shown, len(value)), printable(meaning or ""))


def _cut(text: str, size: int) -> str:
    return text if len(text) <= _MOST_CHARS else f"{text[:_MOST_CHARS]}... ({size} bytes)"


def _pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Take bytes that are no message apart as far as they look like one."""
    # Masked as a whole: where a secret ends, its length may tell.
    for piece in mask(data).encode("latin-1").split(b"|"):
        digits, equals, value = piece.partition(b"=")
        if not equals or not digits.isdigit() or len(digits) > _TAG_DIGITS:
            return
        yield int(digits), value


def fold_of(left_out: Sequence[Entry], what: str) -> Entry:
    """Return the line that stands for others, one at least."""
    first, count = left_out[0], len(left_out)
    noun = what.removesuffix("s") if count == 1 else what
    text = f"{count} {noun} left out"
    return Entry(first.record, first.at_ns, "", Kind.FOLD, "", "", text)


def with_fewer_heartbeats(
    entries: Sequence[Entry], *, sparing: Collection[int] = ()
) -> tuple[Entry, ...]:
    """Return the lines with every long row of heartbeats folded to its first and its last.

    Args:
        entries: The lines.
        sparing: Places in the history of those that stay whatever they are.
    """
    folded: list[Entry] = []
    for idle, group in groupby(entries, lambda e: _is_idle(e) and e.record not in sparing):
        row = list(group)
        if not idle or len(row) < _FOLD_FROM:
            folded += row
            continue
        folded += (row[0], fold_of(row[1:-1], "heartbeats"), row[-1])
    return tuple(folded)


def _is_idle(entry: Entry) -> bool:
    """A Heartbeat that answers nothing."""
    if entry.kind is not Kind.MESSAGE or entry.decisive or entry.flaw or entry.text:
        return False
    return entry.title.startswith(f"Heartbeat({MsgType.Heartbeat.decode()})")
