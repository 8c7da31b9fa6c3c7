"""A dictionary compiled for checking: where each tag may stand, and what its values may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fixgate.dictionary.datatypes import EXPECTED, FORMATS, PATTERNS, FieldType
from fixgate.dictionary.model import Dictionary, FieldDef, GroupUse, Member, MessageDef
from fixgate.dictionary.reasons import Problem, SessionRejectReason

__all__ = ["FieldRule", "GroupRules", "MessageRules", "Place", "Rulebook", "shown"]

# BeginString, BodyLength, CheckSum: the framer has verified them; MsgType has been looked up.
_KNOWN_GOOD = frozenset({8, 9, 10, 35})
# RawData, Password, NewPassword, EncryptedPassword, EncryptedNewPassword.
_SECRET = frozenset({96, 554, 925, 1402, 1404})
_SHOWN_BYTES = 64
_SHOWN_CODES = 16


class FieldRule:
    """What the values of one field may be.

    Attributes:
        tag: Tag number.
        label: ``Name(tag)``.
        format: True for a value in the format of the type, or ``None`` when any is.
        allowed: The valid codes, or ``None`` when the set is not closed.
        test: True for a valid value, or ``None`` when any is: format and codes in one.
    """

    __slots__ = ("_type", "allowed", "format", "label", "tag", "test")

    def __init__(self, found: FieldDef) -> None:
        self.tag = found.tag
        self.label = f"{found.name}({found.tag})"
        self._type = found.type
        checked = found.tag not in _KNOWN_GOOD
        closed = checked and bool(found.values) and not found.allow_other_values
        self.format: Callable[[bytes], object] | None = FORMATS.get(found.type) if checked else None
        self.allowed: frozenset[bytes] | None = frozenset(found.values) if closed else None
        self.test: Callable[[bytes], object] | None = (
            self.format if self.allowed is None else _membership(found.type, self.allowed)
        )

    def pattern(self) -> bytes:
        """Return a regular expression for the values that pass ``test``, which is not ``None``."""
        if self.allowed is None:
            return PATTERNS[self._type]
        codes = b"|".join(map(re.escape, sorted(self.allowed)))
        return b"(?:%b)(?: (?:%b))*" % (codes, codes) if self._type.is_multiple else codes

    def problem(self, value: bytes) -> Problem | None:
        """Return what is wrong with a value, or ``None``."""
        if self.format is not None and not self.format(value):
            return Problem(
                SessionRejectReason.INCORRECT_DATA_FORMAT_FOR_VALUE,
                self.tag,
                f"{self.label}: received {shown(self.tag, value)}, expected {EXPECTED[self._type]}",
            )
        if self.allowed is not None and self.test is not None and not self.test(value):
            return Problem(
                SessionRejectReason.VALUE_IS_INCORRECT,
                self.tag,
                f"{self.label}: received {shown(self.tag, value)}, "
                f"expected {_codes(self.allowed, multiple=self._type.is_multiple)}",
            )
        return None


def _membership(kind: FieldType, allowed: frozenset[bytes]) -> Callable[[bytes], object]:
    if not kind.is_multiple:
        return allowed.__contains__
    return lambda value: value in allowed or all(item in allowed for item in value.split(b" "))


def _codes(allowed: frozenset[bytes], *, multiple: bool) -> str:
    codes = sorted((code.decode("utf-8", "replace") for code in allowed), key=_code_order)
    listed = ", ".join(codes[:_SHOWN_CODES])
    if len(codes) > _SHOWN_CODES:
        listed += f" and {len(codes) - _SHOWN_CODES} more"
    if len(codes) == 1:
        return listed
    return f"{'some' if multiple else 'one'} of {listed}"


def _code_order(code: str) -> tuple[bool, int, str]:
    number = code.isdecimal() and len(code) < _SHOWN_CODES
    return (not number, int(code) if number else 0, code)


def shown(tag: int, value: bytes) -> str:
    """Return a received value for a text: quoted, shortened, secrets masked."""
    if tag in _SECRET:
        return "'***'"
    text = repr(value[:_SHOWN_BYTES])[1:]
    return f"{text} and {len(value) - _SHOWN_BYTES} bytes" if len(value) > _SHOWN_BYTES else text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tag may stand.

    Attributes:
        position: In a message 0 for the header, 1 for the body, 2 for the trailer; in a group
            entry the place in the order of the specification. Positions never go back.
        rule: What its values may be.
        group: The group that it counts, or ``None``.
    """

    position: int
    rule: FieldRule
    group: GroupRules | None


class GroupRules:
    """The rules of the entries of one group; compiled when first used.

    Attributes:
        use: The group.
        label: ``Name(tag)`` of its count.
    """

    __slots__ = ("_book", "_fields", "_holders", "_places", "label", "required", "use")

    def __init__(self, book: Rulebook, use: GroupUse, fields: Mapping[int, FieldDef]) -> None:
        self.use = use
        self.label = book.rule(use.tag, fields).label
        self.required = tuple(member.tag for member in use.members if member.required)
        self._book = book
        self._fields = fields
        self._places: dict[int, Place] | None = None
        self._holders: dict[int, GroupUse] | None = None

    @property
    def places(self) -> dict[int, Place]:
        """Where each tag may stand in an entry, by tag."""
        if self._places is None:
            self._places = {
                member.tag: self._book.place(position, member, self._fields)
                for position, member in enumerate(self.use.members)
            }
        return self._places

    def holds(self, tag: int) -> bool:
        """Return whether an entry holds the tag, itself or in a group nested in it."""
        return tag in self.places or self.holder(tag) is not None

    def holder(self, tag: int) -> GroupRules | None:
        """Return the group whose entries hold the tag: this one or one nested in it, or none.

        Looked for in the definitions: compiling all of them takes FIX 5.0 SP2 10 ms, which
        any peer could have by one tag out of place.
        """
        if self._holders is None:
            self._holders = _holders(self.use)
        use = self._holders.get(tag)
        return None if use is None else self._book.group(use, self._fields)


def _holders(outer: GroupUse) -> dict[int, GroupUse]:
    """Return for each tag the group that holds it, of a group and those nested in it."""
    found: dict[int, GroupUse] = {}
    waiting, seen = [outer], set[int]()
    while waiting:
        use = waiting.pop()
        # Groups nest by sharing: each is entered once, not once for every path to it.
        if id(use) in seen:
            continue
        seen.add(id(use))
        for member in use.members:
            found.setdefault(member.tag, use)
            if isinstance(member, GroupUse):
                waiting.append(member)
    return found


@dataclass(frozen=True, slots=True)
class MessageRules:
    """The rules of one message type.

    Attributes:
        definition: The message.
        places: Where each tag outside groups may stand, by tag.
        required: The tags that must be present, header first.
        layers: The fields that its layer knows, of one dictionary or of two.
        version: The version that defines it.
    """

    definition: MessageDef
    places: Mapping[int, Place]
    required: tuple[int, ...]
    layers: tuple[Mapping[int, FieldDef], ...]
    version: str

    def knows(self, tag: int) -> bool:
        """Return whether the tag is a field of its layer, in whatever message."""
        return any(tag in fields for fields in self.layers)

    @property
    def label(self) -> str:
        """``NewOrderSingle(D)``."""
        return f"{self.definition.name}({self.definition.msg_type.decode('utf-8', 'replace')})"

    def holder(self, tag: int) -> GroupRules | None:
        """Return the group, at any depth, whose entries hold ``tag``; ``None`` if none does."""
        groups = [place.group for place in self.places.values() if place.group]
        found = (group.holder(tag) for group in reversed(groups))
        return next((group for group in found if group is not None), None)


class Rulebook:
    """The rules of a session: its transport and its application, compiled as they are needed.

    Args:
        application: The dictionary of application messages.
        transport: The dictionary of header, trailer and admin messages; the same one before
            FIXT.
    """

    __slots__ = ("_application", "_groups", "_messages", "_rules", "_transport")

    def __init__(self, application: Dictionary, transport: Dictionary) -> None:
        self._application = application
        self._transport = transport
        self._messages: dict[bytes, MessageRules] = {}
        # By identity: groups nest by sharing, so comparing them would walk every path.
        self._groups: dict[int, GroupRules] = {}
        self._rules: dict[tuple[int, int], FieldRule] = {}

    def definition(self, msg_type: bytes) -> MessageDef | None:
        """Return the message type, or ``None`` when neither dictionary defines it."""
        return self._transport.messages.get(msg_type) or self._application.messages.get(msg_type)

    def message(self, msg_type: bytes) -> MessageRules | None:
        """Return the rules of a message type, or ``None`` when it is not defined."""
        rules = self._messages.get(msg_type)
        if rules is None:
            definition = self.definition(msg_type)
            if definition is None:
                return None
            rules = self._messages[msg_type] = self._compile(definition)
        return rules

    def _compile(self, definition: MessageDef) -> MessageRules:
        # Spec: FIXT 1.1: admin messages and the header are the transport's, and know only its
        # fields; the same tag number may mean a field of the application elsewhere.
        admin = definition.msg_type in self._transport.messages
        layer = self._transport if admin else self._application
        places: dict[int, Place] = {}
        required: list[int] = []
        for position, members, fields in (
            (0, self._transport.header, self._transport.fields),
            (1, definition.members, layer.fields),
            (2, self._transport.trailer, self._transport.fields),
        ):
            for member in members:
                # A header field that a message names again stays a header field.
                if member.tag not in places:
                    places[member.tag] = self.place(position, member, fields)
                if member.required:
                    required.append(member.tag)
        layers = (layer.fields,) if admin else (layer.fields, self._transport.fields)
        return MessageRules(
            definition, places, tuple(dict.fromkeys(required)), layers, layer.version
        )

    def place(self, position: int, member: Member, fields: Mapping[int, FieldDef]) -> Place:
        """Return the place of a member of a message or group."""
        group = self.group(member, fields) if isinstance(member, GroupUse) else None
        return Place(position, self.rule(member.tag, fields), group)

    def group(self, use: GroupUse, fields: Mapping[int, FieldDef]) -> GroupRules:
        """Return the rules of a group, as one of the two dictionaries defines its fields."""
        rules = self._groups.get(id(use))
        if rules is None:
            rules = self._groups[id(use)] = GroupRules(self, use, fields)
        return rules

    def rule(self, tag: int, fields: Mapping[int, FieldDef]) -> FieldRule:
        """Return the rule of a field, as one of the two dictionaries defines it."""
        key = (id(fields), tag)
        rule = self._rules.get(key)
        if rule is None:
            rule = self._rules[key] = FieldRule(fields[tag])
        return rule
