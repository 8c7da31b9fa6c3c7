"""What a session can say: its messages, fields and groups, whichever dictionary has them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache

from fixgate.dictionary import (
    Dictionary,
    FieldDef,
    FieldType,
    GroupUse,
    Member,
    MessageDef,
    load_dictionary,
)
from fixgate.dictionary.version import FixVersion

__all__ = ["NUMBERS", "Vocabulary", "vocabulary_of"]

NUMBERS = frozenset(
    {
        FieldType.INT, FieldType.LENGTH, FieldType.TAG_NUM, FieldType.SEQ_NUM,
        FieldType.NUM_IN_GROUP, FieldType.DAY_OF_MONTH, FieldType.FLOAT, FieldType.QTY,
        FieldType.PRICE, FieldType.PRICE_OFFSET, FieldType.AMT, FieldType.PERCENTAGE,
    }
)  # fmt: skip
"""The types whose values are compared as numbers."""


class Vocabulary:
    """The dictionaries of one session as one.

    Args:
        application: Of its application messages; before FIXT.1.1, of all.
        transport: Of header, trailer and admin messages, for FIXT.1.1; else ``None``.
    """

    def __init__(self, application: Dictionary, transport: Dictionary | None = None) -> None:
        self._application = application
        self._layers = (application,) if transport is None else (transport, application)
        self._groups: dict[bytes, dict[int, GroupUse]] = {}

    @property
    def version(self) -> str:
        """What the application version is called, such as ``FIX.4.4``."""
        return self._application.version

    @property
    def header(self) -> tuple[Member, ...]:
        """The standard header."""
        return self._layers[0].header

    @property
    def trailer(self) -> tuple[Member, ...]:
        """The standard trailer."""
        return self._layers[0].trailer

    @cached_property
    def messages(self) -> dict[str, MessageDef]:
        """Every message by its name."""
        return {m.name: m for layer in self._layers for m in layer.messages.values()}

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """The name of every field."""
        names = {f.name: None for layer in self._layers for f in layer.fields.values()}
        return tuple(names)

    def message(self, msg_type: bytes) -> MessageDef | None:
        """Return a message by its MsgType(35), or ``None``."""
        for layer in self._layers:
            if (found := layer.messages.get(msg_type)) is not None:
                return found
        return None

    def field(self, tag: int) -> FieldDef | None:
        """Return a field by its tag, or ``None``."""
        for layer in reversed(self._layers):
            if (found := layer.fields.get(tag)) is not None:
                return found
        return None

    def tag(self, name: str) -> int | None:
        """Return the tag of a field by its exact name, or of a number, or ``None``."""
        if name.isdecimal():
            return int(name)
        for layer in reversed(self._layers):
            if (found := layer.field_by_name(name)) is not None:
                return found.tag
        return None

    def label(self, tag: int) -> str:
        """Return a field as texts name it: ``ClOrdID(11)``, or ``tag 5001`` if unknown."""
        found = self.field(tag)
        return f"{found.name}({tag})" if found else f"tag {tag}"

    def message_label(self, msg_type: bytes) -> str:
        """Return a message as texts name it: ``Heartbeat(0)``, or ``MsgType(35) ZZ``."""
        found = self.message(msg_type)
        code = msg_type.decode("latin-1")
        return f"{found.name}({code})" if found else f"MsgType(35) {code}"

    def value_code(self, tag: int, name: str) -> bytes | None:
        """Return the code of a value's name, or ``None``; see `Dictionary.value_code`."""
        for layer in reversed(self._layers):
            if (found := layer.value_code(tag, name)) is not None:
                return found
        return None

    def value_name(self, tag: int, value: bytes) -> str | None:
        """Return the name of a value, or ``None``."""
        for layer in reversed(self._layers):
            if (found := layer.value_name(tag, value)) is not None:
                return found
        return None

    def is_number(self, tag: int) -> bool:
        """Return whether a field's values are numbers."""
        found = self.field(tag)
        return found is not None and found.type in NUMBERS

    def is_timestamp(self, tag: int) -> bool:
        """Return whether a field's values are UTCTimestamps."""
        found = self.field(tag)
        return found is not None and found.type is FieldType.UTC_TIMESTAMP

    def members(self, msg_type: bytes) -> tuple[Member, ...]:
        """Return header, body and trailer of a message; without a body when it is not known."""
        found = self.message(msg_type)
        return (*self.header, *(found.members if found else ()), *self.trailer)

    def groups(self, msg_type: bytes) -> dict[int, GroupUse]:
        """Return the groups of a message that are not inside others, by the tag of their count."""
        found = self._groups.get(msg_type)
        if found is None:
            members = self.members(msg_type)
            found = {m.tag: m for m in members if isinstance(m, GroupUse)}
            self._groups[msg_type] = found
        return found

    def holders(self, msg_type: bytes, tag: int) -> tuple[int, ...]:
        """Return the counts of the groups that a tag stands in, the outermost first, or nothing."""
        return next(_inside(self.members(msg_type), tag), ())


def _inside(members: tuple[Member, ...], tag: int) -> Iterator[tuple[int, ...]]:
    for member in members:
        if not isinstance(member, GroupUse):
            continue
        if any(inner.tag == tag for inner in member.members):
            yield (member.tag,)
        for deeper in _inside(member.members, tag):
            yield (member.tag, *deeper)


@lru_cache(maxsize=16)
def vocabulary_of(begin_string: str, appl_ver_id: str | None = None) -> Vocabulary:
    """Return what a session can say.

    Args:
        begin_string: BeginString(8).
        appl_ver_id: DefaultApplVerID(1137) for FIXT.1.1.

    Raises:
        DictionaryError: The version is not known.
    """
    version = FixVersion.of_session(begin_string, appl_ver_id)
    if version is None or not version.is_fixt:
        return Vocabulary(load_dictionary(begin_string))
    return Vocabulary(load_dictionary(version.value), load_dictionary(begin_string))
