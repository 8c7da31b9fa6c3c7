"""Messages and fields of scenario files by their FIX names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fixgate.config.fields import closest
from fixgate.config.scenarios.node import Node
from fixgate.config.source import shown
from fixgate.dictionary import FieldType, GroupUse, Member
from fixgate.dictionary.datatypes import EXPECTED, FORMATS
from fixgate.errors import ExpressionError
from fixgate.scenario.expressions import Expression, Value
from fixgate.scenario.vocabulary import Vocabulary

__all__ = [
    "Shelf",
    "field_tag",
    "member_tag",
    "message_type",
    "plain_value",
    "raw_value",
    "value_at",
]

_MAX_TAG = 999_999_999
_SHORT_TYPE = 3


@dataclass(frozen=True, slots=True)
class Shelf:
    """The fields that may stand somewhere: in a message, or in an entry of a group.

    Attributes:
        label: What it is, such as ``NewOrderSingle(D)``.
        members: Its fields and groups.
        msg_types: The messages; several when any of them may come.
        inside: Whether it is an entry of a group.
    """

    label: str
    members: tuple[Member, ...]
    msg_types: tuple[bytes, ...]
    inside: bool = False

    def group(self, tag: int) -> GroupUse | None:
        """Return the group that a tag counts here, or ``None``."""
        for member in self.members:
            if member.tag == tag and isinstance(member, GroupUse):
                return member
        return None

    def has(self, tag: int) -> bool:
        """Return whether a field stands here."""
        return any(member.tag == tag for member in self.members)


def message_type(node: Node, vocabulary: Vocabulary, *, unknown: bool = False) -> bytes:
    """Return the MsgType(35) of a message's name or of its MsgType.

    Args:
        node: What is written.
        vocabulary: Of the session.
        unknown: Take a short MsgType that the version does not have: it is to be rejected.
    """
    text = node.text()
    found = vocabulary.messages.get(text)
    if found is not None:
        return found.msg_type
    code = text.encode("latin-1", "replace")
    if vocabulary.message(code) is not None:
        return code
    short = 0 < len(text) <= _SHORT_TYPE and text.isascii() and text.isalnum()
    if short and (unknown or text.startswith("U")):  # Spec: U... is for users to define
        return code
    hint = closest(text, vocabulary.messages)
    raise node.report(f"{vocabulary.version} has no message {shown(text)}", hint)


def field_tag(node: Node, text: str, vocabulary: Vocabulary, *, at_key: bool = False) -> int:
    """Return the tag of a field's name, or of its number."""
    if text.isascii() and text.isdecimal():
        if not text.startswith("0") and int(text[:10]) <= _MAX_TAG:
            return int(text)
        message = f"expected a tag from 1 to {_MAX_TAG}; received {shown(text)}"
        raise node.report(message, at_key=at_key)
    tag = vocabulary.tag(text)
    if tag is None:
        hint = closest(text, vocabulary.field_names)
        message = f"{vocabulary.version} has no field {shown(text)}"
        raise node.report(message, hint, at_key=at_key)
    return tag


def member_tag(
    node: Node, text: str, shelf: Shelf, vocabulary: Vocabulary, *, anywhere: bool = False
) -> int:
    """Return the tag of a field that stands here; of a number, whether it does or not.

    Args:
        node: The value; its key is the field.
        text: The key.
        shelf: Where the field should stand.
        vocabulary: Of the session.
        anywhere: A field that stands nowhere here is taken too.
    """
    tag = field_tag(node, text, vocabulary, at_key=True)
    if text.isdecimal() or not shelf.members or shelf.has(tag):
        return tag
    label = vocabulary.label(tag)
    for msg_type in shelf.msg_types:
        if not shelf.inside and (holders := vocabulary.holders(msg_type, tag)):
            group = vocabulary.label(holders[-1])
            hint = f"{group.partition('(')[0]}: [{{{text}: ...}}]"
            raise node.report(f"{label} stands in entries of {group}", hint, at_key=True)
    if anywhere:
        return tag
    names = [vocabulary.label(member.tag).partition("(")[0] for member in shelf.members]
    hint = closest(text, names, likeness=0.8) or f"the tag {tag} goes in any message"
    raise node.report(f"{label} is not a field of {shelf.label}", hint, at_key=True)


def value_at(node: Node, tag: int, vocabulary: Vocabulary) -> Value:
    """Return the value of a field: an expression, the name of a code, or text in its format."""
    text = node.text()
    if text.startswith("="):
        return _expression(node, text)
    return plain_value(node, tag, vocabulary)


def _expression(node: Node, text: str) -> Expression:
    written = text[1:].strip()
    try:
        return Expression(written)
    except ExpressionError as error:
        message = f"{error.reason}, in column {error.column} of {shown(written)}"
        raise node.report(message, "a text that begins with '=' goes under 'raw'") from None


def plain_value(node: Node, tag: int, vocabulary: Vocabulary) -> bytes:
    """Return the value of a field as bytes, checked."""
    text = node.text()
    definition = vocabulary.field(tag)
    value = text.encode()
    if definition is None:
        if text == "":
            raise node.report("the value is empty", "{raw: ''} sends it all the same")
        return value
    label = vocabulary.label(tag)
    if definition.values:
        if definition.type.is_multiple:
            items = value.split(b" ")
            if all(item in definition.values for item in items):
                return value
        elif value in definition.values:
            return value
        code = vocabulary.value_code(tag, text)
        if code is not None:
            return code
        if not definition.allow_other_values and definition.type is not FieldType.NUM_IN_GROUP:
            names = definition.values.values()
            hint = closest(text, names) or _some(definition.values.items())
            raise node.report(f"{label} has no value {shown(text)}", hint)
    check = FORMATS.get(definition.type)
    if text == "" or (check is not None and not check(value)):
        expected = EXPECTED.get(definition.type, "a text that is not empty")
        unchecked = f"{{raw: {text!r}}} takes it as it is"
        hint = "did you mean '= now'?" if text == "now" else unchecked
        raise node.expected(f"{label} takes {expected}", hint)
    return value


def _some(values: Iterable[tuple[bytes, str]]) -> str:
    pairs = [f"{code.decode('latin-1')} ({name})" for code, name in values]
    return f"one of {', '.join(pairs[:6])}{' and others' if len(pairs) > 6 else ''}"


def raw_value(node: Node) -> bytes:
    """Return a value as it is: unchecked, perhaps empty."""
    return b"" if node.value is None else node.text().encode()
