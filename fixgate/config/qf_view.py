"""One session of a QuickFIX settings file as the importer looks at it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from fixgate.config.qf_file import QfFile, Section, Setting
from fixgate.config.qf_keys import find_key, yes
from fixgate.config.source import mask_text, printable
from fixgate.errors import Mistake

__all__ = ["Note", "Remarks", "Role", "Tree", "View"]

_Value: TypeAlias = "str | bool | int | Tree | list[str] | list[Tree]"
Tree: TypeAlias = dict[str, "_Value"]
"""A mapping of a file that is being made."""


class Role(Enum):
    """What QuickFIX's ConnectionType says."""

    INITIATOR = "initiator"
    ACCEPTOR = "acceptor"


@dataclass(frozen=True, slots=True)
class Note:
    """A key that could not be honoured, or something to do.

    Attributes:
        path: The settings file.
        line: 1-based.
        key: As it was written.
        why: What became of it; never its value.
    """

    path: str
    line: int
    key: str
    why: str

    def __str__(self) -> str:
        # With a colon typed for the equals sign, a key has the beginning of a value in it.
        return f"{self.path}:{self.line}: {printable(mask_text(self.key))}: {self.why}"


class Remarks:
    """What is said about one file: each thing once, also when many sessions share the line.

    Attributes:
        notes: In the order in which they came up.
        mistakes: What makes the import impossible.
    """

    __slots__ = ("_path", "mistakes", "notes")

    def __init__(self, path: str) -> None:
        self._path = path
        self.notes: dict[Note, None] = {}
        self.mistakes: dict[Mistake, None] = {}

    def note(self, line: int, key: str, why: str) -> None:
        """Say what became of a key."""
        self.notes[Note(self._path, line, key, why)] = None

    def mistake(self, line: int, message: str, hint: str = "") -> None:
        """Say what makes the import impossible; the line itself is not shown."""
        self.mistakes[Mistake(self._path, line, 1, message, hint=hint)] = None


class View:
    """The settings of one session; what it does not say, ``[DEFAULT]`` does.

    Attributes:
        section: Its own part.
        remarks: Where to say what became of the keys.
    """

    __slots__ = ("_default", "_looked_at", "remarks", "section")

    def __init__(self, section: Section, file: QfFile, remarks: Remarks) -> None:
        self.section = section
        self.remarks = remarks
        self._default = file.default
        self._looked_at: set[str] = set()

    def __iter__(self) -> Iterator[Setting]:
        merged = {**self._default.settings, **self.section.settings}
        return iter(merged.values())

    def written(self, *keys: str) -> Setting | None:
        """Return the first of several settings that is there, whatever its value."""
        found = self.section.get(*keys) or self._default.get(*keys)
        if found is None or not found.value:
            return None
        self._looked_at.add(found.key.casefold())
        return found

    def matching(self, pattern: re.Pattern[str]) -> Iterator[Setting]:
        """Yield the settings whose keys, in lower case, are like ``pattern``."""
        for setting in self:
            if pattern.fullmatch(setting.key.casefold()):
                self._looked_at.add(setting.key.casefold())
                yield setting

    def tell_rest(self) -> None:
        """Say of the keys that are read together with others which of them nobody asked for."""
        for setting in self:
            unread = setting.key.casefold() not in self._looked_at
            if unread and setting.value and find_key(setting.key).combined:
                self.note(setting, "has no effect beside what else the file says")

    def get(self, *keys: str) -> Setting | None:
        """Return the first of several settings that is there and can be read."""
        found = self.written(*keys)
        if found is None:
            return None
        if "${" in found.value:
            self.note(found, "holds a variable that only the engine knows: passed over")
            return None
        if not found.value.isprintable():
            self.note(found, "holds what cannot be shown: passed over")
            return None
        return found

    def note(self, setting: Setting, why: str) -> None:
        """Say what became of a key."""
        self._looked_at.add(setting.key.casefold())
        self.remarks.note(setting.line, setting.key, why)

    def notes(self, why: str, *keys: str) -> None:
        """Say the same of each of several keys that is there."""
        for key in keys:
            if (setting := self.get(key)) is not None:
                self.note(setting, why)

    def read(self, setting: Setting | None, reader: Callable[[str], str]) -> str | None:
        """Return a value as ``reader`` has it; ``None``, and a note, when it cannot be read."""
        if setting is None:
            return None
        try:
            return reader(setting.value)
        except ValueError as error:
            self.note(setting, f"{error}: passed over")
            return None

    def flag(self, *keys: str) -> bool | None:
        """Return the truth of a Y or N setting, ``None`` when it is not there."""
        setting = self.get(*keys)
        if setting is None:
            return None
        try:
            return yes(setting.value)
        except ValueError as error:
            self.note(setting, f"{error}: passed over")
            return None
