"""A FIX dictionary as values: fields, messages, and the groups inside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from fixgate.dictionary.datatypes import FieldType

__all__ = [
    "Dictionary",
    "FieldDef",
    "FieldUse",
    "GroupUse",
    "LazyMapping",
    "Member",
    "MessageDef",
]

K = TypeVar("K")
R = TypeVar("R")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One field of a version.

    Attributes:
        tag: Tag number.
        name: Name as in the specification.
        type: Data type.
        values: Every code that the version lists, with its name; empty when it lists none.
        allow_other_values: The list of codes is not closed: others are valid too.
    """

    tag: int
    name: str
    type: FieldType
    values: Mapping[bytes, str] = field(default_factory=dict)
    allow_other_values: bool = False


@dataclass(frozen=True, slots=True)
class FieldUse:
    """A field in a message, header, trailer or group entry."""

    tag: int
    required: bool


@dataclass(frozen=True, slots=True)
class GroupUse:
    """A repeating group in a message, header, trailer or group entry.

    Attributes:
        tag: The NumInGroup field that counts the entries.
        required: The count must be present; 0 is a count.
        members: The fields of one entry, in order. The first is the delimiter and begins
            every entry; where it is a group (PhysicalSettlTermGrp), its count does.
    """

    tag: int
    required: bool
    members: tuple[Member, ...]

    @property
    def delimiter(self) -> int:
        """The tag that begins every entry."""
        return self.members[0].tag


Member = FieldUse | GroupUse


@dataclass(frozen=True, slots=True)
class MessageDef:
    """One message type.

    Attributes:
        msg_type: MsgType(35).
        name: Name as in the specification.
        is_admin: Belongs to the session, not to the application.
        members: The body, in the order of the specification, components expanded.
    """

    msg_type: bytes
    name: str
    is_admin: bool
    members: tuple[Member, ...]


class LazyMapping(Mapping[K, V]):
    """A mapping whose values are built from their raw form when first asked for.

    FIX 5.0 SP2 has 6 000 fields; a session meets a few dozen of them.

    Args:
        raw: What each value is built from.
        build: Builds one.
    """

    __slots__ = ("_build", "_built", "_raw")

    def __init__(self, raw: Mapping[K, R], build: Callable[[R], V]) -> None:
        self._raw = raw
        self._build: Callable[[K], V] = lambda key: build(raw[key])
        self._built: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        try:
            return self._built[key]
        except KeyError:
            value = self._build(key)
            # Two threads may both build it; both then see the one that was stored first.
            return self._built.setdefault(key, value)

    def __iter__(self) -> Iterator[K]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def __contains__(self, key: object) -> bool:
        return key in self._raw


class Dictionary:
    """Everything that one version of FIX defines. Never changed after it is made.

    Attributes:
        version: ``FIX.4.0`` to ``FIX.5.0SP2``, or ``FIXT.1.1``.
        fields: By tag number.
        messages: By MsgType(35). ``FIX.5.0`` and later have no admin messages: those are in
            ``FIXT.1.1``.
        header: The standard header; empty in ``FIX.5.0`` and later.
        trailer: The standard trailer; empty in ``FIX.5.0`` and later.
    """

    __slots__ = (
        "_codes",
        "_field_tags",
        "_types",
        "fields",
        "header",
        "messages",
        "trailer",
        "version",
    )

    def __init__(
        self,
        version: str,
        fields: Mapping[int, FieldDef],
        messages: Mapping[bytes, MessageDef],
        *,
        header: tuple[Member, ...] = (),
        trailer: tuple[Member, ...] = (),
    ) -> None:
        self.version = version
        self.fields = fields
        self.messages = messages
        self.header = header
        self.trailer = trailer
        self._field_tags: dict[str, int] = {}
        self._types: dict[str, bytes] = {}
        self._codes: dict[int, dict[str, bytes]] = {}

    @property
    def is_transport(self) -> bool:
        """``True`` for ``FIXT.1.1``: header, trailer and admin messages, no application."""
        return self.version.startswith("FIXT")

    @property
    def is_application(self) -> bool:
        """``True`` for ``FIX.5.0`` and later: application messages, no header."""
        return not self.is_transport and self.version >= "FIX.5"

    def label(self, tag: int) -> str:
        """Return the field as texts name it: ``ClOrdID(11)``, or ``tag 5001`` if unknown."""
        found = self.fields.get(tag)
        return f"{found.name}({tag})" if found else f"tag {tag}"

    def field_by_name(self, name: str) -> FieldDef | None:
        """Return the field of that exact name, or ``None``."""
        if not self._field_tags:
            self._field_tags = {found.name: tag for tag, found in self.fields.items()}
        tag = self._field_tags.get(name)
        return None if tag is None else self.fields[tag]

    def message_by_name(self, name: str) -> MessageDef | None:
        """Return the message of that exact name (``NewOrderSingle``), or ``None``."""
        if not self._types:
            self._types = {m.name: msg_type for msg_type, m in self.messages.items()}
        msg_type = self._types.get(name)
        return None if msg_type is None else self.messages[msg_type]

    def value_name(self, tag: int, value: bytes) -> str | None:
        """Return the name of a code (``BUY`` for Side(54)=1), or ``None`` if it has none.

        Every item of a multiple value is named, with a space between the names.
        """
        found = self.fields.get(tag)
        if found is None or not found.values:
            return None
        if not found.type.is_multiple:
            return found.values.get(value)
        names = [found.values.get(item) for item in value.split(b" ")]
        return None if None in names else " ".join(name for name in names if name)

    def value_code(self, tag: int, name: str) -> bytes | None:
        """Return the code of a name, or ``None``: ``1`` for Side(54) and ``Buy``.

        Case, spaces, hyphens and underscores do not count.
        """
        found = self.fields.get(tag)
        if found is None:
            return None
        codes = self._codes.get(tag)
        if codes is None:
            codes = {_plain(text): code for code, text in found.values.items()}
            self._codes[tag] = codes
        return codes.get(_plain(name))


def _plain(name: str) -> str:
    return name.translate(_NOT_COUNTED).casefold()


_NOT_COUNTED = {ord(character): None for character in " -_"}
