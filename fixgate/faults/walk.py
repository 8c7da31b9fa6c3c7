"""A walk through messages, field by field: one mistake in each that passes.

The fields of a message are taken in its order, header and trailer left out unless they are asked
for by tag; for each of them the mistakes in the order of `Mistake`, those that it can have. Every
message type has a walk of its own. A field that a message does not have is walked when one comes
that has it. When everything has been done, messages pass as they are.

Spec: FIX Session Layer Test Cases 1.0, case 14.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple, assert_never

from fixgate.dictionary.datatypes import FORMATS, FieldType
from fixgate.dictionary.loader import BUILT_IN, load_dictionary
from fixgate.dictionary.model import FieldDef, GroupUse, Member
from fixgate.faults.corrupting import Edit
from fixgate.faults.model import WalkFields
from fixgate.faults.record import name_of, shown
from fixgate.faults.rewriting import RawField, RawFields, assemble
from fixgate.wire.message import Message
from fixgate.wire.tags import HEADER_TAGS, TRAILER_TAGS

__all__ = ["FieldWalker", "Mistake"]

_NEWEST = "FIX.5.0SP2"
_FRAME = frozenset({8, 9, 10})
_BEHIND_MSG_TYPE = 3

# The first that the format does not take is of the wrong type.
_WRONG_TYPES = (b"?!", b"A  B")
# The first that the format takes and the list of codes lacks is out of range.
_WRONG_CODES = (b"~", b"9", b"99", b"9999", b"Z", b"ZZZZ")
_OUT_OF_RANGE = {
    FieldType.UTC_TIMESTAMP: b"00010101-00:00:00",
    FieldType.UTC_DATE_ONLY: b"00010101",
    FieldType.LOCAL_MKT_DATE: b"00010101",
    FieldType.MONTH_YEAR: b"000101",
}
_NEGATIVE = b"-99999999999999"


class Mistake(Enum):
    """What is wrong with a field, in the order of the walk."""

    REMOVED = "removed"
    EMPTY = "empty"
    TWICE = "twice"
    WRONG_TYPE = "of the wrong type"
    OUT_OF_RANGE = "out of range"
    WRONG_ORDER = "at the wrong place"
    WRONG_COUNT = "counts its group wrongly"


class _Step(NamedTuple):
    tag: int
    occurrence: int
    mistake: Mistake


class FieldWalker:
    """The walks of all message types.

    Args:
        fault: Which dictionary, and which fields.
    """

    __slots__ = ("_done", "_fault")

    def __init__(self, fault: WalkFields) -> None:
        self._fault = fault
        self._done: dict[bytes, set[_Step]] = {}

    def next(self, message: Message) -> Edit | None:
        """Return a message with its next mistake; ``None`` when it has had them all."""
        done = self._done.setdefault(message.msg_type, set())
        terms = _Terms(message, self._fault.version)
        for index, step in self._steps(message, terms):
            if step not in done:
                edit = _make(message, index, step, terms)
                done.add(step)
                if edit is not None:
                    return edit
        return None

    def _steps(self, message: Message, terms: _Terms) -> Iterator[tuple[int, _Step]]:
        seen: dict[int, int] = {}
        for index, tag in enumerate(message.tags):
            occurrence = seen[tag] = seen.get(tag, 0) + 1
            if self._walks(tag):
                for mistake in Mistake:
                    if terms.possible(tag, mistake):
                        yield index, _Step(tag, occurrence, mistake)

    def _walks(self, tag: int) -> bool:
        if self._fault.tags:
            return tag in self._fault.tags and tag not in _FRAME
        return tag not in HEADER_TAGS and tag not in TRAILER_TAGS


class _Terms:
    """What the dictionary says of a message."""

    __slots__ = ("_dictionaries", "groups")

    def __init__(self, message: Message, version: str) -> None:
        begin_string = message.begin_string.decode("latin-1")
        name = version or (_NEWEST if begin_string.startswith("FIXT") else begin_string)
        application = load_dictionary(name if name in BUILT_IN else _NEWEST)
        self._dictionaries = (application, load_dictionary("FIXT.1.1"))
        self.groups: dict[int, GroupUse] = {}
        for dictionary in self._dictionaries:
            definition = dictionary.messages.get(message.msg_type)
            if definition is not None:
                self._collect(definition.members)
                break

    def _collect(self, members: tuple[Member, ...], group: GroupUse | None = None) -> None:
        for member in members:
            if group is not None:
                self.groups[member.tag] = group
            if isinstance(member, GroupUse):
                self._collect(member.members, member)

    def field(self, tag: int) -> FieldDef | None:
        """Return what is known of a field."""
        application, transport = self._dictionaries
        return application.fields.get(tag) or transport.fields.get(tag)

    def possible(self, tag: int, mistake: Mistake) -> bool:
        """Return whether a field can have a mistake."""
        match mistake:
            case Mistake.WRONG_TYPE:
                return self.wrong_type(tag) is not None
            case Mistake.OUT_OF_RANGE:
                return self.out_of_range(tag) is not None
            case Mistake.WRONG_COUNT:
                found = self.field(tag)
                return found is not None and found.type is FieldType.NUM_IN_GROUP
            case Mistake.WRONG_ORDER:
                # The delimiter of a group has its place by definition.
                return tag not in self.groups or self.groups[tag].delimiter != tag
            case Mistake.REMOVED | Mistake.EMPTY | Mistake.TWICE:
                return True
            case _ as never:
                assert_never(never)

    def wrong_type(self, tag: int) -> bytes | None:
        """Return a value that is none of the field's type; ``None`` where every value is one."""
        found = self.field(tag)
        fits = FORMATS.get(found.type) if found is not None else None
        if fits is None:
            return None
        return next((value for value in _WRONG_TYPES if not fits(value)), None)

    def out_of_range(self, tag: int) -> bytes | None:
        """Return a value of the right type that the field must not have, or ``None``."""
        found = self.field(tag)
        if found is None:
            return None
        fits = FORMATS.get(found.type)
        if found.values and not found.allow_other_values:
            fitting = (value for value in _WRONG_CODES if fits is None or fits(value))
            return next((value for value in fitting if value not in found.values), None)
        if found.type in _OUT_OF_RANGE:
            return _OUT_OF_RANGE[found.type]
        return _NEGATIVE if fits is not None and fits(_NEGATIVE) else None


def _make(message: Message, index: int, step: _Step, terms: _Terms) -> Edit | None:
    fields: RawFields = [(b"%d" % tag, value) for tag, value in message.fields()]
    tag, before = fields[index]
    did = f"{name_of(step.tag, message)} {step.mistake.value}"
    if step.occurrence > 1:
        did += f", the {step.occurrence}. of its kind"
    match step.mistake:
        case Mistake.REMOVED:
            del fields[index]
        case Mistake.EMPTY:
            fields[index] = tag, b""
        case Mistake.TWICE:
            fields.insert(index, fields[index])
        case Mistake.WRONG_TYPE:
            fields[index] = tag, terms.wrong_type(step.tag) or b""
        case Mistake.OUT_OF_RANGE:
            fields[index] = tag, terms.out_of_range(step.tag) or b""
        case Mistake.WRONG_ORDER:
            _misplace(fields, index, grouped=step.tag in terms.groups)
        case Mistake.WRONG_COUNT:
            if not before.isdigit() or len(before) > 9:
                return None
            fields[index] = tag, b"%d" % (int(before) + 1)
        case _ as never:
            assert_never(never)
    if index < len(fields) and fields[index][0] == tag and fields[index][1] != before:
        did += f": {shown(step.tag, before)} -> {shown(step.tag, fields[index][1])}"
    return Edit(assemble(fields), did)


def _misplace(fields: RawFields, index: int, *, grouped: bool) -> None:
    """Move a field of a group before the one it follows, any other one into the header."""
    moved: RawField = fields.pop(index)
    fields.insert(index - 1 if grouped else _BEHIND_MSG_TYPE, moved)
