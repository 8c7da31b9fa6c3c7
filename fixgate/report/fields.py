"""A masked message taken apart into fields with their names, for people who hover."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fixgate.dictionary.loader import load_dictionary
from fixgate.dictionary.model import Dictionary
from fixgate.errors import DictionaryError

__all__ = ["Field", "FieldNames", "names_for"]

_TYPE_PREFIX = "35="
_TAG_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Field:
    """One field as shown, such as ``35=A``, and what it means, such as ``MsgType(35) = Logon``."""

    text: str
    meaning: str


class FieldNames:
    """The names that the dictionaries of one session know.

    Args:
        dictionaries: The first that knows a tag or a type names it.
    """

    def __init__(self, dictionaries: tuple[Dictionary, ...]) -> None:
        self._dictionaries = dictionaries

    def fields_of(self, masked: str) -> tuple[Field, ...]:
        """Return the fields of a message whose SOH are shown as ``|``."""
        texts = masked.removesuffix("|").split("|")
        return tuple(Field(text, self._meaning(text)) for text in texts)

    def message_name(self, masked: str) -> str:
        """Return the name of a message's type, its code when unknown, else nothing."""
        head = masked.split("|", 4)
        code = next((f.removeprefix("35=") for f in head if f.startswith(_TYPE_PREFIX)), "")
        return self._type_name(code) or code

    def _meaning(self, text: str) -> str:
        digits, equals, value = text.partition("=")
        if not equals or not (digits.isascii() and digits.isdigit()) or len(digits) > _TAG_DIGITS:
            return ""
        tag = int(digits)
        for dictionary in self._dictionaries:
            if tag in dictionary.fields:
                name = self._value_name(dictionary, tag, value)
                return dictionary.label(tag) + (f" = {name}" if name else "")
        return ""

    def _value_name(self, dictionary: Dictionary, tag: int, value: str) -> str | None:
        if tag == int(_TYPE_PREFIX[:-1]):
            return self._type_name(value)
        return dictionary.value_name(tag, value.encode("utf-8", "replace"))

    def _type_name(self, code: str) -> str | None:
        key = code.encode("utf-8", "replace")
        for dictionary in self._dictionaries:
            if key in dictionary.messages:
                return dictionary.messages[key].name
        return None


@cache
def names_for(begin_string: str, version: str) -> FieldNames:
    """Return the names of a session.

    Args:
        begin_string: BeginString(8).
        version: The application version, such as ``FIX.5.0SP2``; the same before FIXT.1.1.
    """
    found = []
    for name in dict.fromkeys((begin_string, version)):
        try:
            found.append(load_dictionary(name))
        except DictionaryError:
            continue  # a version that nobody knows still gets its report, without names
    return FieldNames(tuple(found))
