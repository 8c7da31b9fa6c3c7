"""``with:`` and ``order:`` of a message that is expected."""

from __future__ import annotations

from decimal import Decimal

from fixgate.config import units
from fixgate.config.scenarios.messages import (
    Shelf,
    field_tag,
    member_tag,
    raw_value,
    value_at,
)
from fixgate.config.scenarios.node import Node, UnusableError, known_keys, read_all
from fixgate.dictionary import GroupUse, Member
from fixgate.scenario.expressions import Expression, Value
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
from fixgate.scenario.patterns import Pattern, PatternError
from fixgate.scenario.vocabulary import Vocabulary

__all__ = ["MATCHERS", "expected_message"]

MATCHERS = {
    "one_of": "one of several values: `{one_of: [NEW, FILLED]}`",
    "matches": "a text with a match of a regular expression: `{matches: 'too (low|high)'}`",
    "between": "a number or a UTCTimestamp from one to another, both included: `{between: [1, 5]}`",
    "at_least": "a number or a UTCTimestamp of at least this: `{at_least: 1}`",
    "at_most": "the same, of at most this: `{at_most: 5}`",
    "near": "a number or a UTCTimestamp near another: `{near: 100, by: 0.5}`, "
    "`{near: = now, by: 2s}`",
    "raw": "exactly this text, no name of a code and no expression: `{raw: absent}`",
}
"""What a mapping under a field means, by its key."""


def expected_message(
    msg_types: tuple[bytes, ...], fields: Node | None, order: Node | None, vocabulary: Vocabulary
) -> MessageMatch:
    """Return what is expected of a message.

    Args:
        msg_types: One of these; empty for any.
        fields: What is written under ``with``, or ``None``.
        order: What is written under ``order``, or ``None``.
        vocabulary: Of the session.
    """
    shelf = _shelf(msg_types, vocabulary)
    matches = () if fields is None else _fields(fields, shelf, vocabulary)
    tags: list[int] = []
    if order is not None:
        tags = read_all(order.items(), lambda item: field_tag(item, item.text(), vocabulary))
        if len(tags) < 2 or len(set(tags)) < len(tags):
            raise order.report("expected at least two different fields, in their order")
    return MessageMatch(msg_types, matches, tuple(tags))


def _shelf(msg_types: tuple[bytes, ...], vocabulary: Vocabulary) -> Shelf:
    members: dict[int, Member] = {}
    for msg_type in msg_types:
        for member in vocabulary.members(msg_type):
            if not isinstance(members.get(member.tag), GroupUse):
                members[member.tag] = member
    if any(vocabulary.message(msg_type) is None for msg_type in msg_types):
        members = {}  # of a message that nobody knows any field may be
    label = " or ".join(vocabulary.message_label(msg_type) for msg_type in msg_types)
    return Shelf(label or "any message", tuple(members.values()), msg_types)


def _fields(
    node: Node, shelf: Shelf, vocabulary: Vocabulary
) -> tuple[FieldMatch | GroupMatch, ...]:
    found: dict[int, FieldMatch | GroupMatch] = {}
    usable = True
    for key, child in node.entries().items():
        try:
            # That a field is absent may be said of any that no group has.
            free = child.value == "absent"
            tag = member_tag(child, key, shelf, vocabulary, anywhere=free)
            if tag in found:
                raise child.report(f"{vocabulary.label(tag)} is written twice", at_key=True)
            found[tag] = _field(child, tag, shelf, vocabulary)
        except UnusableError:
            usable = False
    if not usable:
        raise UnusableError
    return tuple(found.values())


def _field(node: Node, tag: int, shelf: Shelf, vocabulary: Vocabulary) -> FieldMatch | GroupMatch:
    if not isinstance(node.value, list):
        return FieldMatch(tag, _matcher(node, tag, vocabulary))
    group = shelf.group(tag)
    if group is None:
        hint = "{one_of: [...]} is one of several"
        raise node.report(f"{vocabulary.label(tag)} is no group, expected one value", hint)
    inner = Shelf(
        f"an entry of {vocabulary.label(tag)}", group.members, shelf.msg_types, inside=True
    )
    entries = read_all(node.items(), lambda item: _fields(item, inner, vocabulary))
    return GroupMatch(tag, tuple(entries))


def _matcher(node: Node, tag: int, vocabulary: Vocabulary) -> Matcher:
    if node.value == "absent":
        return Absent()
    if node.value == "present":
        return Present()
    if not isinstance(node.value, dict):
        return Exactly(value_at(node, tag, vocabulary))
    entries = node.entries()
    if not known_keys(entries, (*MATCHERS, "by"), "a field that is expected"):
        raise UnusableError
    kinds = [key for key in entries if key in MATCHERS]
    if len(kinds) != 1:
        received = " and ".join(map(repr, entries)) or "an empty mapping"
        raise node.report(f"expected one of {', '.join(MATCHERS)}; received {received}")
    kind = kinds[0]
    inner = entries[kind]
    if "by" in entries and kind != "near":
        raise entries["by"].report(f"'by' belongs to 'near', not to '{kind}'", at_key=True)
    match kind:
        case "one_of":
            values = read_all(inner.items(), lambda item: value_at(item, tag, vocabulary))
            if not values:
                raise inner.report("expected at least one value; received an empty list")
            return OneOf(tuple(values))
        case "matches":
            return Matches(_pattern(inner))
        case "between":
            return _between(inner, tag, vocabulary)
        case "at_least":
            return Between(_measured(inner, tag, vocabulary), None)
        case "at_most":
            return Between(None, _measured(inner, tag, vocabulary))
        case "near":
            return _near(inner, entries, tag, vocabulary)
    return Exactly(raw_value(inner))


def _pattern(node: Node) -> str:
    text = node.text()
    try:
        Pattern(text)
    except PatternError as error:
        raise node.report(f"{error}, in column {error.column} of the pattern") from None
    return text


def _between(node: Node, tag: int, vocabulary: Vocabulary) -> Between:
    items = node.items()
    if len(items) != 2:
        raise node.report(f"expected two values, the least and the greatest; received {len(items)}")
    low, high = read_all(items, lambda item: _measured(item, tag, vocabulary))
    if vocabulary.is_number(tag) and _reversed(low, high):
        raise node.report("the first value is greater than the second: nothing is between")
    return Between(low, high)


def _reversed(low: Value, high: Value) -> bool:
    if not isinstance(low, bytes) or not isinstance(high, bytes):
        return False
    return Decimal(low.decode()) > Decimal(high.decode())


def _near(node: Node, entries: dict[str, Node], tag: int, vocabulary: Vocabulary) -> Near:
    value = _measured(node, tag, vocabulary)
    by = entries.get("by")
    if by is None:
        raise node.report("'near' needs 'by': how far it may be", at_key=True)
    if vocabulary.is_timestamp(tag):
        ns = by.read(units.parse_duration)
        return Near(value, Decimal(ns) / 1_000_000_000)
    distance = by.read(units.parse_decimal)
    if distance < 0:
        raise by.expected("expected a number of at least 0")
    return Near(value, distance)


def _measured(node: Node, tag: int, vocabulary: Vocabulary) -> Value:
    """Return a value of a field that can be measured."""
    definition = vocabulary.field(tag)
    if (
        definition is not None
        and not vocabulary.is_number(tag)
        and not vocabulary.is_timestamp(tag)
    ):
        label = vocabulary.label(tag)
        raise node.report(f"{label} is neither a number nor a UTCTimestamp: nothing is between")
    value = value_at(node, tag, vocabulary)
    if definition is None and not isinstance(value, Expression):
        node.read(units.parse_decimal)
    return value
