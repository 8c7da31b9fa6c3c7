"""A masked message taken apart into fields with their names, for people who hover."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.wire.tags import MsgType, Tag

__all__ = ["Field", "fields_of", "message_name"]

_NAMES = {str(tag): name for name, tag in vars(Tag).items() if isinstance(tag, int)}
_TYPES = {
    kind.decode("ascii"): name for name, kind in vars(MsgType).items() if isinstance(kind, bytes)
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field as shown, such as ``35=A``, and what it means, such as ``MsgType(35) = Logon``."""

    text: str
    meaning: str


def fields_of(masked: str) -> list[Field]:
    """Return the fields of a message whose SOH are shown as ``|``."""
    fields = []
    for text in masked.rstrip("|").split("|"):
        tag, _, value = text.partition("=")
        name = _NAMES.get(tag)
        meaning = f"{name}({tag})" if name else ""
        if tag == "35" and value in _TYPES:
            meaning += f" = {_TYPES[value]}"
        fields.append(Field(text, meaning))
    return fields


def message_name(masked: str) -> str:
    """Return the name of a message's type, its code when unknown, empty for what is none."""
    head = masked.split("|", 4)
    code = next((f[3:] for f in head if f.startswith("35=")), "")
    return _TYPES.get(code, code)
