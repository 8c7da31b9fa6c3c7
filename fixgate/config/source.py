"""The text of a user's file: read within bounds, and shown again without its secrets."""

from __future__ import annotations

import difflib
import os
import re
import stat
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fixgate.errors import ConfigError, Mistake

__all__ = [
    "HIDDEN",
    "MAX_BYTES",
    "Mark",
    "Source",
    "is_secret_key",
    "mask_text",
    "printable",
    "shown",
]

MAX_BYTES = 2 * 1024 * 1024
"""A fleet of 2 000 fully written sessions is half a MiB; beyond this it is not a configuration."""

_SHOWN_COLUMNS = 160
HIDDEN = "***"
_SECRET_WORDS = ("pass", "pwd", "pswd", "secret", "token", "credential")
# As YAML 1.1 counts lines, so that the parser's line numbers are ours.
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Generous on purpose: a key with a typing error in it, or without its colon, must not show a
# secret either.
_KEY = re.compile(r"(?P<key>[^\s:=]{1,64})(?:\s*[:=]\s*|\s+|$)")
# Without its colon and its blank a secret is the end of its key.
_GLUED = re.compile(r"""["']?(?:new_|encrypted_)?(?:password|secret)(?=\S)""", re.IGNORECASE)
# QuickFIX's LogonTag=554=...: the password is behind its tag, as in a message.
_SECRET_FIELD = re.compile(r"\b(?:554|925|96|1402|1404)=(?=\S)")
_PUNCTUATION = re.compile(r"[^\w-]")
_BLOCK = re.compile(r"[\"']?\s*:?\s*(?:[>|][-+0-9]*\s*)?(?:#.*)?$")
_NEXT_ENTRY = re.compile(r"""\s*(?:-\s+)*[{\["']*[\w.-]+["']?\s*:(?:\s|$)""")
_REFERENCE = re.compile(r"""["']?\$\{[^{}]*\}["']?(?=[\s,\]}]|$)""")


class Mark(NamedTuple):
    """A place in a file; both numbers are 1-based."""

    line: int
    column: int


def is_secret_key(key: str) -> bool:
    """Return whether what stands under ``key`` may be a secret, misspelt keys included."""
    folded = _PUNCTUATION.sub("", key.casefold())
    if any(word in folded for word in _SECRET_WORDS):
        return True
    return difflib.SequenceMatcher(None, folded, "password").ratio() >= 0.7


def mask_text(text: str) -> str:
    """Return one line with everything after a secret's key replaced; references stay."""
    if field := _SECRET_FIELD.search(text):
        text = text[: field.end()] + HIDDEN
    at = 0
    while found := _KEY.search(text, at):
        at = found.end()
        if not is_secret_key(found["key"]):
            continue
        glued = _GLUED.match(found["key"])
        if glued is not None and not _known_key(found["key"]):
            return text[: found.start() + glued.end()] + HIDDEN
        reference = _REFERENCE.match(text, at)
        if reference is None:
            return text[:at] + HIDDEN if at < len(text) else text
        at = reference.end()
    return text


def shown(value: object) -> str:
    """Return a received value as it may stand in a message: quoted, short, masked, printable."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            text = mask_text(str(value))
    text = printable(text)
    return f"'{text[:57]}...'" if len(text) > 60 else f"'{text}'"


def printable(text: str) -> str:
    """Return ``text`` with a mark in place of everything that is not plainly visible."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


@cache
def _known_keys() -> frozenset[str]:
    from pydantic import BaseModel

    from fixgate.config import models

    kinds = [kind for kind in vars(models).values() if isinstance(kind, type)]
    return frozenset(
        name for kind in kinds if issubclass(kind, BaseModel) for name in kind.model_fields
    )


def _known_key(line: str) -> bool:
    return line.lstrip(" -").partition(":")[0].strip("\"' ") in _known_keys()


def _hide(lines: list[str]) -> list[str]:
    """Mask secrets by the look of the lines alone, so that it also works on broken YAML.

    What follows a secret's key is hidden up to the next key that is not deeper.
    """
    hidden: list[str] = []
    deeper_than: int | None = None
    block = False
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if deeper_than is not None:
            entry = _NEXT_ENTRY.match(line) if indent <= deeper_than else None
            # A block has no look of its own: a slip may make an entry of its middle.
            if entry is None or (block and not _known_key(line)):
                hidden.append(line[:indent] + (HIDDEN if line.strip() else ""))
                continue
        deeper_than = None
        hidden.append(mask_text(line))
        for found in _KEY.finditer(line):
            if is_secret_key(found["key"]):
                deeper_than = found.start()
                block = _BLOCK.match(line, found.end()) is not None
    return hidden


@dataclass(slots=True)
class Source:
    """One file's text.

    Attributes:
        path: The file as the user named it.
        folder: Where its relative paths start.
        text: All of it, without a byte order mark.
        lines: Its lines, with secrets masked, for messages.
    """

    path: str
    folder: Path
    text: str
    lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        # Nobody reads the rest of a longer line, and masking it would cost.
        self.lines = _hide([ln[: _SHOWN_COLUMNS + 1] for ln in _LINE_BREAK.split(self.text)])

    def hide(self, first: int, last: int) -> None:
        """Mask the lines after ``first`` up to ``last`` (1-based) wholly."""
        for number in range(first, min(last, len(self.lines))):
            self.lines[number] = HIDDEN

    def mistake(self, mark: Mark | None, message: str, hint: str = "") -> Mistake:
        """Return a mistake at ``mark``, with its line where that can be shown."""
        # A message may quote what was received, and a hint suggest the same with a change.
        message, hint = printable(message), printable(hint)
        if mark is None:
            return Mistake(self.path, 0, 0, message, hint=hint)
        line = self.lines[mark.line - 1] if mark.line <= len(self.lines) else ""
        line = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", line).replace("\t", " ").rstrip()
        if mark.column > _SHOWN_COLUMNS:
            line = ""
        elif len(line) > _SHOWN_COLUMNS:
            line = line[:_SHOWN_COLUMNS] + "..."
        return Mistake(self.path, mark.line, mark.column, message, line, hint)

    @classmethod
    def read(cls, path: str | Path) -> Source:
        """Read a file, or standard input for ``-``.

        Raises:
            ConfigError: It cannot be read, is too large, or is not UTF-8 text.
        """
        name = str(path)
        if name == "-":
            return cls.from_bytes("<stdin>", Path.cwd(), sys.stdin.buffer.read(MAX_BYTES + 1))
        try:
            if stat.S_ISDIR(os.stat(name).st_mode):
                raise IsADirectoryError(0, "it is a folder, expected a file", name)
            with open(name, "rb") as file:
                data = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise ConfigError([Mistake(name, 0, 0, f"cannot be read: {reason}")]) from error
        return cls.from_bytes(name, Path(name).absolute().parent, data)

    @classmethod
    def from_bytes(cls, path: str, folder: Path, data: bytes) -> Source:
        """Decode a file's bytes.

        Raises:
            ConfigError: Too large, not UTF-8, or not text.
        """
        if len(data) > MAX_BYTES:
            raise ConfigError([Mistake(path, 0, 0, "larger than 2 MiB: not a configuration")])
        if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")) or b"\0" in data[:4]:
            message = "the text is UTF-16 or UTF-32, expected UTF-8"
            raise ConfigError([Mistake(path, 0, 0, message, hint="save the file as UTF-8")])
        data = data.removeprefix(b"\xef\xbb\xbf")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            before = _LINE_BREAK.split(data[: error.start].decode("utf-8"))
            mark = Mark(len(before), len(before[-1]) + 1)
            message = f"byte 0x{data[error.start]:02x} is not UTF-8 text"
            raise ConfigError([Mistake(path, *mark, message)]) from error
        source = cls(path, folder, text)
        if found := _UNPRINTABLE.search(text):
            before = _LINE_BREAK.split(text[: found.start()])
            mark = Mark(len(before), len(before[-1]) + 1)
            message = f"control character U+{ord(found[0]):04X}, expected text"
            raise ConfigError([source.mistake(mark, message)])
        return source
