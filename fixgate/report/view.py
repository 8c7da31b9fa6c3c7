"""A message of a log as people read it: names, enum texts, secrets masked; and as JSON."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from fixgate.dictionary import BUILT_IN, Dictionary, FixVersion, load_dictionary
from fixgate.net.logfile import LogEntry
from fixgate.report.text import printable
from fixgate.wire import ADMIN_MSG_TYPES, Tag, mask

__all__ = [
    "SCHEMA_VERSION",
    "Condition",
    "Glossary",
    "Ink",
    "Viewer",
    "find_tag",
    "parse_where",
    "type_condition",
]

SCHEMA_VERSION = 1
"""Of the JSON of one message; a new field does not change it, a changed or missing one does."""

_NEWEST = FixVersion.FIX50SP2.value
_TRANSPORT = "FIXT.1.1"
_LONGEST_CODE = 3
"""Of a MsgType(35): two characters in the standard, one more for what a venue adds."""
_CONDITION = re.compile(
    r"\s*(?P<field>\w+)\s*(?:(?P<op>!=|=|~)\s*(?P<value>.*?)|(?P<present>present)?)\s*", re.DOTALL
)
_AND = re.compile(r"\s+and\s+(?=\w+\s*(?:!=|=|~|present\b))")


class Ink(Enum):
    """What a piece of text is, for whoever gives it a colour."""

    TIME = "time"
    RECEIVED = "received"
    SENT = "sent"
    TYPE = "type"
    NAME = "name"
    MEANING = "meaning"
    FLAW = "flaw"


Paint = Callable[[str, Ink], str]


class Glossary:
    """The names of a log's fields, types and values, message by message.

    Args:
        version: Read every message by this version; ``None`` goes by BeginString(8) and, over
            FIXT, ApplVerID(1128) or the DefaultApplVerID(1137) of the last Logon.
        extra: Looked into first, such as a venue's own dictionary.
    """

    def __init__(self, version: str | None = None, *, extra: Dictionary | None = None) -> None:
        self._version = version
        self._extra = () if extra is None else (extra,)
        self._default_version = _NEWEST

    def dictionaries(self, entry: LogEntry) -> tuple[Dictionary, ...]:
        """Return where the names of a message are looked up, in this order."""
        begin_string = (entry.get(Tag.BeginString) or b"").decode("ascii", "replace")
        if entry.get(Tag.MsgType) == b"A":
            default = self._application(entry.get(Tag.DefaultApplVerID))
            self._default_version = default or self._default_version
        version = self._version
        if version is None and begin_string in BUILT_IN and begin_string != _TRANSPORT:
            version = begin_string
        if version is None:
            version = self._application(entry.get(Tag.ApplVerID)) or self._default_version
        names = [version]
        if version >= "FIX.5":
            is_admin = (entry.get(Tag.MsgType) or b"") in ADMIN_MSG_TYPES
            names.insert(0 if is_admin else 1, _TRANSPORT)
        return (*self._extra, *(load_dictionary(name) for name in names))

    @staticmethod
    def _application(appl_ver_id: bytes | None) -> str | None:
        code = (appl_ver_id or b"").decode("ascii", "replace")
        return next((v.value for v in FixVersion if v.appl_ver_id == code), None)


def _label(dictionaries: Iterable[Dictionary], tag: int) -> str:
    name = _field_name(dictionaries, tag)
    return f"{name}({tag})" if name else f"({tag})"


def _field_name(dictionaries: Iterable[Dictionary], tag: int) -> str | None:
    return next((d.fields[tag].name for d in dictionaries if tag in d.fields), None)


def _meaning(dictionaries: Iterable[Dictionary], tag: int, value: bytes) -> str | None:
    for dictionary in dictionaries:
        if tag == Tag.MsgType and value in dictionary.messages:
            return dictionary.messages[value].name
    if tag == Tag.MsgType:
        return None
    return next((name for d in dictionaries if (name := d.value_name(tag, value))), None)


def _codes(dictionaries: Iterable[Dictionary], tag: int, text: str) -> set[bytes]:
    """Return what ``text`` may stand for as a value: itself, or the code of that name."""
    codes = {text.encode("utf-8", "surrogateescape")}
    for dictionary in dictionaries:
        if tag == Tag.MsgType and (message := dictionary.message_by_name(text)) is not None:
            codes.add(message.msg_type)
        if code := dictionary.value_code(tag, text):
            codes.add(code)
    return codes


def find_tag(name: str, *, extra: Dictionary | None = None) -> int:
    """Return the tag that a number or a name of any version stands for.

    Raises:
        ValueError: No version knows the name.
    """
    if name.isascii() and name.isdigit() and len(name) <= 9:
        return int(name)
    known: set[str] = set()
    for dictionary in _every_dictionary(extra):
        if (found := dictionary.field_by_name(name)) is not None:
            return found.tag
        known.update(field.name for field in dictionary.fields.values())
    raise ValueError(f"no version of FIX has a field '{name}'{_likely(name, known)}")


def type_condition(text: str, *, extra: Dictionary | None = None) -> Condition:
    """Return the condition that a message is of a type, given by its code or its name.

    Raises:
        ValueError: It is too long for a code that a venue may have made up, and no version knows
            a message of that name.
    """
    if len(text) > _LONGEST_CODE:
        known: set[str] = set()
        for dictionary in _every_dictionary(extra):
            known.update(message.name for message in dictionary.messages.values())
        if text not in known:
            raise ValueError(f"no version of FIX has a message '{text}'{_likely(text, known)}")
    return Condition(Tag.MsgType, "=", text)


def _every_dictionary(extra: Dictionary | None) -> Iterator[Dictionary]:
    if extra is not None:
        yield extra
    for version in reversed(BUILT_IN):
        yield load_dictionary(version)


def _likely(name: str, known: Iterable[str]) -> str:
    by_fold = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name.casefold(), by_fold, 1, 0.7)
    return f" (did you mean '{by_fold[near[0]]}'?)" if near else ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a message.

    Attributes:
        tag: The field.
        operator: ``=``, ``!=`` (no field of that tag has the value), ``~`` (contains, whatever
            the case) or ``present``.
        text: The value: a code, or the name of one.
    """

    tag: int
    operator: str
    text: str = ""

    def holds(self, entry: LogEntry, dictionaries: tuple[Dictionary, ...]) -> bool:
        """Return whether the message meets the condition; any field of the tag will do."""
        values = [value for tag, value in entry.fields if tag == self.tag]
        if self.operator == "present":
            return bool(values)
        if self.operator == "~":
            wanted = self.text.casefold()
            return any(wanted in value.decode("utf-8", "replace").casefold() for value in values)
        codes = _codes(dictionaries, self.tag, self.text)
        return any(value in codes for value in values) is (self.operator == "=")


def parse_where(text: str, *, extra: Dictionary | None = None) -> tuple[Condition, ...]:
    """Return the conditions of ``35=8 and Symbol=ABC``; all must hold.

    Raises:
        ValueError: It is not FIELD=VALUE, FIELD!=VALUE, FIELD~TEXT or FIELD present, joined by
            ``and``, or a field or a type of message is not known.
    """
    conditions = []
    for part in _AND.split(text):
        found = _CONDITION.fullmatch(part)
        if found is None:
            raise ValueError(
                "expected FIELD=VALUE, FIELD!=VALUE, FIELD~TEXT or FIELD present, "
                f"received '{part}'"
            )
        tag = find_tag(found["field"], extra=extra)
        if tag == Tag.MsgType and found["op"] in ("=", "!="):
            type_condition(found["value"], extra=extra)
        conditions.append(Condition(tag, found["op"] or "present", found["value"] or ""))
    return tuple(conditions)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Renders messages.

    Attributes:
        glossary: Where names come from.
        skip: Tags to leave out.
        only: Tags to show; empty for all.
        show_secrets: Show passwords as they are.
        paint: Colours a piece of text.
    """

    glossary: Glossary
    skip: frozenset[int] = frozenset()
    only: frozenset[int] = frozenset()
    show_secrets: bool = False
    paint: Paint = lambda text, ink: text

    def text(self, entry: LogEntry, dictionaries: tuple[Dictionary, ...]) -> str:
        """Return a header line and one line a field, each with its end."""
        lines = [self._header(entry, dictionaries)]
        for tag, value in self._shown(entry):
            label = self.paint(_label(dictionaries, tag), Ink.NAME)
            meaning = _meaning(dictionaries, tag, value)
            after = f" {self.paint(printable(meaning), Ink.MEANING)}" if meaning else ""
            lines.append(f"    {label} = {self._value(tag, value)}{after}")
        return "\n".join(lines) + "\n"

    def json(self, entry: LogEntry, dictionaries: tuple[Dictionary, ...]) -> dict[str, object]:
        """Return the message as plain values for JSON; see `SCHEMA_VERSION`."""
        fields = [
            {
                "tag": tag,
                "name": _field_name(dictionaries, tag),
                "value": self._value(tag, value),
                "meaning": _meaning(dictionaries, tag, value),
            }
            for tag, value in self._shown(entry)
        ]
        msg_type = entry.get(Tag.MsgType) or b""
        return {
            "schema_version": SCHEMA_VERSION,
            "line": entry.line,
            "time": entry.time or None,
            "direction": {"<": "received", ">": "sent"}.get(entry.direction),
            "msg_type": self._value(Tag.MsgType, msg_type),
            "name": _meaning(dictionaries, Tag.MsgType, msg_type),
            "seq_num": _number(entry.get(Tag.MsgSeqNum)),
            "flaw": entry.flaw or None,
            "fields": fields,
        }

    def _header(self, entry: LogEntry, dictionaries: tuple[Dictionary, ...]) -> str:
        code = entry.get(Tag.MsgType) or b""
        name = _meaning(dictionaries, Tag.MsgType, code) or "unknown type"
        pieces = [self.paint(printable(entry.time), Ink.TIME)] if entry.time else []
        if entry.direction:
            ink = Ink.RECEIVED if entry.direction == "<" else Ink.SENT
            pieces.append(self.paint(entry.direction, ink))
        pieces.append(self.paint(f"{printable(name)}({self._value(Tag.MsgType, code)})", Ink.TYPE))
        number = entry.get(Tag.MsgSeqNum)
        if number is not None:
            pieces.append(f"#{self._value(Tag.MsgSeqNum, number)}")
        ends = [entry.get(Tag.SenderCompID), entry.get(Tag.TargetCompID)]
        if None not in ends:
            pieces.append("->".join(mask(end or b"") for end in ends))
        if entry.flaw:
            pieces.append(self.paint(f"! garbled: {printable(entry.flaw)}", Ink.FLAW))
        return " ".join(pieces)

    def _shown(self, entry: LogEntry) -> list[tuple[int, bytes]]:
        return [
            (tag, value)
            for tag, value in entry.fields
            if tag not in self.skip and (not self.only or tag in self.only)
        ]

    def _value(self, tag: int, value: bytes) -> str:
        if self.show_secrets:
            return printable(value.decode("utf-8", "replace"))
        # The one formatter decides what is secret; it wants the tag to see it by.
        return mask(b"%d=%b" % (tag, value)).partition("=")[2]


def _number(value: bytes | None) -> int | None:
    return int(value) if value is not None and value.isdigit() and len(value) <= 20 else None
