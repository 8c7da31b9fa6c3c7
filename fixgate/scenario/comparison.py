"""Whether a message is what was expected, and if not, why: a pure function.

Numbers are compared as numbers (``100`` and ``100.00`` are equal) where the dictionary says that
the field is one, UTCTimestamps as instants, all else byte by byte. A field of the message itself
is never taken from inside a repeating group, nor the other way around. The message may be
malformed: what counts is the first of a field that comes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import assert_never

from fixgate.dictionary import GroupUse
from fixgate.errors import ExpressionError
from fixgate.scenario.expressions import Expression, Scope, Value, evaluate
from fixgate.scenario.matching import (
    Absent,
    Between,
    Exactly,
    FieldMatch,
    GroupMatch,
    Matcher,
    Matches,
    MessageMatch,
    Near,
    OneOf,
    Present,
)
from fixgate.scenario.operands import number
from fixgate.scenario.patterns import Pattern
from fixgate.scenario.vocabulary import Vocabulary
from fixgate.wire import Message, mask, utc_ns

__all__ = ["Mismatch", "matches", "mismatches"]

_SHOWN_BYTES = 80


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that is not as expected; printable, secrets hidden.

    Attributes:
        field: ``TestReqID(112)``, inside a group ``PartyID(448) in entry 2 of NoPartyIDs(453)``.
        received: What the message has, such as ``'HELO'`` or ``nothing``.
        expected: What it should have.
    """

    field: str
    received: str
    expected: str

    def __str__(self) -> str:
        return f"{self.field}: received {self.received}, expected {self.expected}"


def mismatches(
    match: MessageMatch, message: Message, scope: Scope, vocabulary: Vocabulary
) -> tuple[Mismatch, ...]:
    """Return everything in which a message is not what was expected; nothing when it is.

    A message of another type is told alone: its fields would say nothing.

    Args:
        match: What was expected.
        message: What came.
        scope: What expressions refer to.
        vocabulary: The session's dictionary.
    """
    judge = _Judge(scope, vocabulary)
    if match.msg_types and message.msg_type not in match.msg_types:
        return (judge.other_type(match, message),)
    whole = _read(message, vocabulary)
    found = [*judge.fields(match.fields, whole, ""), *judge.order(match.order, message)]
    return tuple(found)


def matches(match: MessageMatch, message: Message, scope: Scope, vocabulary: Vocabulary) -> bool:
    """Return whether a message is what was expected; as `mismatches`."""
    return not mismatches(match, message, scope, vocabulary)


@dataclass(slots=True)
class _Entry:
    """The fields of a message, or of an entry of a group, and the groups in it."""

    values: dict[int, bytes] = field(default_factory=dict)
    groups: dict[int, list[_Entry]] = field(default_factory=dict)


def _read(message: Message, vocabulary: Vocabulary) -> _Entry:
    whole = _Entry()
    groups = vocabulary.groups(message.msg_type)
    at, tags = 0, message.tags
    while at < len(tags):
        at = _take(message, at, groups, whole)
    return whole


def _take(message: Message, at: int, groups: dict[int, GroupUse], into: _Entry) -> int:
    """Take the field at an index, and the entries behind it if it counts a group."""
    tag = message.tags[at]
    into.values.setdefault(tag, message.values[at])
    at += 1
    use = groups.get(tag)
    if use is None or tag in into.groups:
        return at
    entries = into.groups[tag] = []
    inner = {m.tag: m for m in use.members if isinstance(m, GroupUse)}
    known = {m.tag for m in use.members}
    while at < len(message.tags) and message.tags[at] == use.delimiter:
        entry = _Entry()
        entries.append(entry)
        at = _take(message, at, inner, entry)
        while (
            at < len(message.tags)
            and message.tags[at] in known
            and message.tags[at] != use.delimiter
            and message.tags[at] not in entry.values
        ):
            at = _take(message, at, inner, entry)
    return at


@dataclass(frozen=True, slots=True)
class _Judge:
    scope: Scope
    vocabulary: Vocabulary

    def other_type(self, match: MessageMatch, message: Message) -> Mismatch:
        label = self.vocabulary.message_label
        expected = " or ".join(map(label, match.msg_types))
        return Mismatch("MsgType(35)", label(message.msg_type), expected)

    def fields(
        self, expected: Sequence[FieldMatch | GroupMatch], entry: _Entry, where: str
    ) -> Iterator[Mismatch]:
        for each in expected:
            if isinstance(each, GroupMatch):
                yield from self._group(each, entry, where)
                continue
            value = entry.values.get(each.tag)
            text = self._trouble(each.tag, each.matcher, value)
            if text:
                label = self.vocabulary.label(each.tag) + where
                yield Mismatch(label, self._shown(each.tag, value), text)

    def order(self, tags: Sequence[int], message: Message) -> Iterator[Mismatch]:
        label = self.vocabulary.label
        place = {tag: at for at, tag in reversed(tuple(enumerate(message.tags)))}
        for tag in tags:
            if tag not in place:
                yield Mismatch(label(tag), "nothing", "to be there, in order")
        there = [tag for tag in tags if tag in place]
        for before, after in pairwise(there):
            if place[before] > place[after]:
                yield Mismatch(label(after), f"before {label(before)}", f"after {label(before)}")

    def _group(self, group: GroupMatch, entry: _Entry, where: str) -> Iterator[Mismatch]:
        label = self.vocabulary.label(group.tag)
        entries = entry.groups.get(group.tag, [])
        if len(entries) != len(group.entries):
            expected = _count(len(group.entries))
            yield Mismatch(label + where, _count(len(entries)), expected)
            return
        for index, (fields, found) in enumerate(zip(group.entries, entries, strict=True), 1):
            yield from self.fields(fields, found, f" in entry {index} of {label}{where}")

    def _trouble(self, tag: int, matcher: Matcher, value: bytes | None) -> str:
        """Return what was expected, if the value is not it; else nothing."""
        try:
            return self._compare(tag, matcher, value)
        except ExpressionError as error:
            return f"= {error.text}, which cannot be worked out: {error.reason}"

    def _compare(self, tag: int, matcher: Matcher, value: bytes | None) -> str:
        match matcher:
            case Absent():
                return "" if value is None else "nothing"
            case Present():
                return "" if value is not None else "any value"
            case Exactly(expected):
                worked_out = evaluate(expected, self.scope)
                text = self._shown(tag, worked_out) + _origin(expected)
                return "" if self._equal(tag, worked_out, value) else text
            case OneOf(values):
                options = [evaluate(each, self.scope) for each in values]
                if any(self._equal(tag, option, value) for option in options):
                    return ""
                return "one of " + ", ".join(self._shown(tag, option) for option in options)
            case Matches(pattern):
                found = value is not None and _compiled(pattern).found_in(value)
                return "" if found else f"a match of /{pattern}/"
            case Between(low, high):
                return self._between(tag, low, high, value)
            case Near(expected, by):
                middle = self._measure(tag, evaluate(expected, self.scope))
                unit = "s" if self.vocabulary.is_timestamp(tag) else ""
                text = self._shown(tag, evaluate(expected, self.scope)) + _origin(expected)
                found_at = None if value is None else self._measure(tag, value)
                near = (
                    middle is not None
                    and found_at is not None
                    and abs(found_at - middle) <= Fraction(by)
                )
                return "" if near else f"{text} or at most {by}{unit} from it"
        assert_never(matcher)

    def _between(self, tag: int, low: Value | None, high: Value | None, value: bytes | None) -> str:
        ends = [None if end is None else evaluate(end, self.scope) for end in (low, high)]
        at = None if value is None else self._measure(tag, value)
        least, most = (None if end is None else self._measure(tag, end) for end in ends)
        inside = (
            at is not None
            and (ends[0] is None or (least is not None and least <= at))
            and (ends[1] is None or (most is not None and at <= most))
        )
        if inside:
            return ""
        shown = [None if end is None else self._shown(tag, end) for end in ends]
        if shown[0] is None:
            return f"at most {shown[1]}"
        return f"at least {shown[0]}" if shown[1] is None else f"from {shown[0]} to {shown[1]}"

    def _equal(self, tag: int, expected: bytes, value: bytes | None) -> bool:
        if value is None or value == expected:
            return value is not None
        measure = self._measurer(tag)
        if measure is None:
            return False
        found = measure(value)
        return found is not None and found == measure(expected)

    def _measurer(self, tag: int) -> Callable[[bytes], Fraction | None] | None:
        if self.vocabulary.is_timestamp(tag):
            return _seconds
        return _number if self.vocabulary.is_number(tag) else None

    def _measure(self, tag: int, value: bytes) -> Fraction | None:
        """Return a value as a number, or as seconds, also where the field's type is not known."""
        measure = self._measurer(tag)
        if measure is not None:
            return measure(value)
        found = _number(value)
        return _seconds(value) if found is None else found

    def _shown(self, tag: int, value: bytes | None) -> str:
        if value is None:
            return "nothing"
        prefix = b"%d=" % tag
        text = mask(prefix + value[:_SHOWN_BYTES])[len(prefix) :]
        if len(value) > _SHOWN_BYTES:
            return f"'{text}...' ({len(value)} bytes)"
        name = self.vocabulary.value_name(tag, value)
        return f"{text} ({name})" if name else f"'{text}'"


def _origin(value: Value) -> str:
    return f" (= {value.text})" if isinstance(value, Expression) else ""


def _count(entries: int) -> str:
    return "1 entry" if entries == 1 else f"{entries} entries"


def _number(value: bytes) -> Fraction | None:
    try:
        return number(value)
    except ValueError:
        return None


def _seconds(value: bytes) -> Fraction | None:
    ns = utc_ns(value)
    return None if ns is None else Fraction(ns, 1_000_000_000)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Pattern:
    return Pattern(pattern)
