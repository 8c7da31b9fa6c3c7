"""``with:`` of a message that is sent: what is written, completed, in the order of the message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixgate.config.scenarios.defaults import default_of, missing_defaults
from fixgate.config.scenarios.messages import Shelf, member_tag, raw_value, value_at
from fixgate.config.scenarios.node import Node, UnusableError, read_all
from fixgate.dictionary import GroupUse, Member
from fixgate.scenario.crafted import NEXT
from fixgate.scenario.expressions import Value
from fixgate.scenario.vocabulary import Vocabulary
from fixgate.session.settings import SessionSettings
from fixgate.wire import DATA_FIELDS, Tag

__all__ = ["sent_fields"]

_OURS = {
    Tag.BodyLength: "it is always right; send_raw writes a wrong one",
    Tag.CheckSum: "it is always right; send_raw writes a wrong one",
    Tag.MsgType: "it is what stands behind 'send'",
}
_BY_SESSION = frozenset(
    {Tag.BeginString, Tag.BodyLength, Tag.MsgType, Tag.SenderCompID, Tag.TargetCompID,
     Tag.MsgSeqNum, Tag.SendingTime, Tag.CheckSum}
)  # fmt: skip
_LENGTHS = {data: length for length, data in DATA_FIELDS.items()}

_Entry = dict[int, "Value | list[_Entry] | None"]
"""Of a message or of an entry of a group; ``None`` for a field that is to be missing."""


def sent_fields(
    node: Node | None,
    where: Node,
    msg_type: bytes,
    settings: SessionSettings,
    vocabulary: Vocabulary,
) -> tuple[tuple[int, Value], ...]:
    """Return the fields of a message that is sent, without what the session writes.

    Args:
        node: What is written under ``with``, or ``None``.
        where: The step, for what is missing.
        msg_type: MsgType(35).
        settings: Of the session that sends.
        vocabulary: Of that session.
    """
    message = vocabulary.message(msg_type)
    members = () if message is None else vocabulary.members(msg_type)
    shelf = Shelf(vocabulary.message_label(msg_type), members, (msg_type,))
    given = {} if node is None else _entry(node, shelf, vocabulary)
    for tag, reason in _OURS.items():
        if tag in given and node is not None:
            raise node.report(f"{vocabulary.label(tag)} cannot be given: {reason}")
    missing = tuple(_complete(given, members, settings, vocabulary))
    if missing:
        *others, last = missing
        names = f"{', '.join(others)} and {last}" if others else last
        have = "has" if len(missing) == 1 else "have"
        raise where.report(
            f"{shelf.label} requires {names}, which {have} no default",
            "'absent' leaves a field out",
        )
    given.update(missing_defaults(msg_type, given, vocabulary))
    return tuple(_flat(given, members, vocabulary))


def _entry(node: Node, shelf: Shelf, vocabulary: Vocabulary) -> _Entry:
    found: _Entry = {}
    usable = True
    for key, child in node.entries().items():
        try:
            tag = member_tag(child, key, shelf, vocabulary)
            if tag in found:
                raise child.report(f"{vocabulary.label(tag)} is written twice", at_key=True)
            found[tag] = _value(child, tag, shelf, vocabulary)
        except UnusableError:
            usable = False
    if not usable:
        raise UnusableError
    return found


def _value(
    node: Node, tag: int, shelf: Shelf, vocabulary: Vocabulary
) -> Value | list[_Entry] | None:
    group = shelf.group(tag)
    if isinstance(node.value, list):
        if group is None:
            raise node.report(f"{vocabulary.label(tag)} is no group, expected one value")
        inner = Shelf(
            f"an entry of {vocabulary.label(tag)}", group.members, shelf.msg_types, inside=True
        )
        return read_all(node.items(), lambda item: _group_entry(item, group, inner, vocabulary))
    if isinstance(node.value, dict):
        entries = node.entries()
        if entries.keys() != {"raw"}:
            raise node.expected("expected a value, or {raw: VALUE} for one that is sent unchecked")
        return raw_value(entries["raw"])
    if node.value == "absent":
        return None
    if group is not None:
        name = vocabulary.label(tag).partition("(")[0]
        hint = f"{name}: [{{...}}], or {{raw: ...}}"
        raise node.report(f"{vocabulary.label(tag)} is a group, expected a list of entries", hint)
    if tag == Tag.MsgSeqNum and node.value == NEXT.decode():
        return NEXT
    return value_at(node, tag, vocabulary)


def _group_entry(node: Node, group: GroupUse, shelf: Shelf, vocabulary: Vocabulary) -> _Entry:
    entry = _entry(node, shelf, vocabulary)
    if entry.get(group.delimiter) is None:
        first, label = vocabulary.label(group.delimiter), vocabulary.label(group.tag)
        raise node.report(f"{first} is missing: it begins every entry of {label}")
    return entry


def _complete(
    given: _Entry,
    members: tuple[Member, ...],
    settings: SessionSettings,
    vocabulary: Vocabulary,
) -> Iterator[str]:
    """Put defaults in for required fields, and yield the labels of those that have none."""
    for member in members:
        value = given.get(member.tag)
        if isinstance(member, GroupUse) and isinstance(value, list):
            for entry in value:
                yield from _complete(entry, member.members, settings, vocabulary)
            continue
        if not member.required or member.tag in given or member.tag in _BY_SESSION:
            continue
        if isinstance(member, GroupUse):
            first: _Entry = {}
            missing = tuple(_complete(first, member.members, settings, vocabulary))
            if not missing and member.delimiter in first:
                given[member.tag] = [first]
                continue
        default = default_of(member.tag, settings, vocabulary)
        if default:
            given[member.tag] = default
        elif member.tag not in DATA_FIELDS:
            yield vocabulary.label(member.tag)


def _flat(
    entry: Mapping[int, Value | list[_Entry] | None],
    members: tuple[Member, ...],
    vocabulary: Vocabulary,
) -> Iterator[tuple[int, Value]]:
    """Yield the fields in the order of the dictionary, what it does not have last."""
    uses = {member.tag: member for member in members}
    order = {tag: index for index, tag in enumerate(uses)}
    body = sorted(entry, key=lambda tag: order.get(tag, len(order)))
    for tag in body:
        value = entry[tag]
        if value is None:
            continue
        if isinstance(value, list):
            yield tag, b"%d" % len(value)
            use = uses[tag]
            assert isinstance(use, GroupUse)
            for inner in value:
                yield from _flat(inner, use.members, vocabulary)
            continue
        length = _LENGTHS.get(tag)
        if length is not None and length not in entry and isinstance(value, bytes):
            yield length, b"%d" % len(value)
        yield tag, value
