"""YAML into text, lists and mappings, each with its line and column; nothing is guessed.

PyYAML's own constructors turn ``10:30:00`` into 37800, ``no`` into ``False`` and ``0010`` into 8,
keep the last of duplicate keys without a word, and crash on deep nesting. Here only its event
stream is used: every scalar stays the text that was written, and everything that a configuration
does not need (anchors, tags, merge keys, several documents) is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from fixgate.config.source import Mark, Source, is_secret_key, shown
from fixgate.errors import ConfigError, Mistake

__all__ = ["MAX_DEPTH", "MAX_NODES", "Document", "Path", "Value", "compose"]

MAX_DEPTH = 32
MAX_NODES = 100_000
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"
Loader: TypeAlias = "type[yaml.SafeLoader] | type[yaml.CSafeLoader]"
Path: TypeAlias = tuple[str | int, ...]

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})

# Part of the parser's text (libyaml's or PyYAML's own) -> what to do about it.
_SYNTAX_HINTS = {
    "mapping values are not allowed": "check the indentation; a text with ': ' in it needs quotes",
    "could not find expected ':'": "a key is followed by a colon and a space",
    "did not find expected key": "check the indentation",
    "expected <block end>": "check the indentation",
    "did not find expected '-' indicator": "check the indentation",
    "unexpected end of stream": "a quote or bracket is not closed",
    "did not find expected ',' or ": "a quote, comma or bracket is missing",
    "expected ',' or ": "a quote, comma or bracket is missing",
    "cannot start any token": "a text that begins with this character needs quotes",
}

_BARE_IPV6 = re.compile(r":\s+\[[\w:.%]+\]:\d")


class _StopReadingError(Exception):
    """Reading on would be pointless or dangerous; the mistakes say why."""


@dataclass(slots=True)
class Document:
    """What a file says.

    Attributes:
        source: Its text.
        value: The tree; every scalar is text, ``None`` where nothing (or ``null``) is written.
        marks: Where each value begins.
        keys: Where the key of each value of a mapping begins.
        mistakes: What is wrong with the YAML itself.
        unusable: Paths whose value could not be read; already among the mistakes.
    """

    source: Source
    value: Value = None
    marks: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    unusable: set[Path] = field(default_factory=set)


def compose(source: Source, loader: Loader | None = None) -> Document:
    """Read one YAML document.

    Args:
        source: The file.
        loader: PyYAML loader class whose event stream is used; by default the C one where PyYAML
            was built with it.

    Raises:
        ConfigError: It is not YAML, is empty, or nests or holds more than any configuration.
            Milder mistakes are in the document's ``mistakes``, so that all can be told at once.
    """
    document = Document(source)
    events = yaml.parse(source.text, Loader=loader or _fastest_loader())
    try:
        _Composer(document, events).run()
    except _StopReadingError:
        raise ConfigError(document.mistakes) from None
    except yaml.MarkedYAMLError as error:
        # Not "from error": PyYAML's own text shows the line, which may hold a secret.
        raise ConfigError([*document.mistakes, _syntax_mistake(source, error)]) from None
    except yaml.YAMLError:
        mistake = source.mistake(None, "not YAML")
        raise ConfigError([*document.mistakes, mistake]) from None
    return document


def _fastest_loader() -> Loader:
    return yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def _mark(event: Event) -> Mark:
    assert event.start_mark is not None, "a parser's events know where they are"
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _syntax_mistake(source: Source, error: yaml.MarkedYAMLError) -> Mistake:
    mark = _place(source, error)
    if mark is not None:
        line = source.lines[mark.line - 1]
        indentation = line[: len(line) - len(line.lstrip())]
        if "\t" in indentation:
            mark = Mark(mark.line, indentation.index("\t") + 1)
            return source.mistake(mark, "a tab in the indentation", "indent with spaces")
        if _BARE_IPV6.search(line):
            return source.mistake(mark, "a text that begins with '[' needs quotes", "'[::1]:5001'")
        if line.startswith("::", mark.column - 1):
            message = "a text that begins with ':' needs quotes between brackets"
            return source.mistake(mark, message, "'::1'")
    problem = error.problem or "unreadable"
    if "maximum nesting depth" in problem:
        return source.mistake(mark, _TOO_DEEP)  # libyaml reads ahead, to a bound of its own
    if "tag handle" in problem:
        problem = "found undefined tag handle"  # its name may be a part of a password
    hint = next((h for part, h in _SYNTAX_HINTS.items() if part in problem), "")
    return source.mistake(mark, f"not valid YAML: {problem}", hint)


def _place(source: Source, error: yaml.MarkedYAMLError) -> Mark | None:
    """Return where a person should look: where the trouble begins, if it shows at the end only."""
    marks = [mark for mark in (error.problem_mark, error.context_mark) if mark is not None]
    for mark in marks:
        if any(map(str.strip, source.lines[mark.line :])):
            return Mark(mark.line + 1, mark.column + 1)
    return Mark(len(source.lines), 1) if marks else None


class _Composer:
    """Builds the tree from events; recursion is bounded by `MAX_DEPTH`."""

    def __init__(self, document: Document, events: Iterator[Event]) -> None:
        self._document = document
        self._events = events
        self._nodes = 0

    def run(self) -> None:
        seen = 0
        for event in self._events:
            if not isinstance(event, DocumentStartEvent):
                continue
            seen += 1
            if seen > 1:
                self._report(event, "a second document begins here, expected one per file")
                return
            self._document.value = self._node(next(self._events), (), 1)
        if seen == 0 or self._document.value is None:
            self._document.mistakes.append(
                self._document.source.mistake(None, "the file is empty", "see fixgate config new")
            )
            raise _StopReadingError

    def _report(self, event: Event, message: str, hint: str = "") -> None:
        document = self._document
        document.mistakes.append(document.source.mistake(_mark(event), message, hint))

    def _node(self, event: Event, path: Path, depth: int) -> Value:
        self._count(event, depth)
        self._document.marks[path] = _mark(event)
        if isinstance(event, AliasEvent):
            self._document.unusable.add(path)
            self._report(event, "aliases ('*') are not allowed", "write the value again")
            return None
        if isinstance(event, NodeEvent):
            self._refuse_decorations(event, path)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path, depth)
        assert isinstance(event, ScalarEvent), event
        plain = event.style in (None, "")
        return None if plain and event.value in _NULLS else str(event.value)

    def _count(self, event: Event, depth: int) -> None:
        self._nodes += 1
        if depth > MAX_DEPTH:
            self._report(event, _TOO_DEEP)
            raise _StopReadingError
        if self._nodes > MAX_NODES:
            self._report(event, f"more than {MAX_NODES} values in one file")
            raise _StopReadingError

    def _refuse_decorations(self, event: NodeEvent, path: Path) -> None:
        # Their names are not repeated: a password may begin with any of these characters.
        if event.anchor is not None:
            hint = "use 'defaults:' for what sessions share"
            self._document.unusable.add(path)
            self._report(event, "anchors ('&') are not allowed", hint)
        if getattr(event, "tag", None) not in (None, "!"):
            self._document.unusable.add(path)
            self._report(event, "tags ('!') are not allowed", "write the plain value")

    def _sequence(self, path: Path, depth: int) -> Value:
        items: list[Value] = []
        while not isinstance(event := next(self._events), CollectionEndEvent):
            items.append(self._node(event, (*path, len(items)), depth + 1))
        return items

    def _mapping(self, path: Path, depth: int) -> Value:
        items: dict[str, Value] = {}
        while not isinstance(event := next(self._events), CollectionEndEvent):
            key = self._key(event, path, depth)
            value_event = next(self._events)
            if key is None or not self._is_new(event, key, items, path):
                # Read past it, for the mistakes inside; its marks are of no use to anybody.
                self._node(value_event, ("", *path, key or ""), depth + 1)
                continue
            items[key] = self._node(value_event, (*path, key), depth + 1)
            self._document.keys[(*path, key)] = _mark(event)
            if items[key] is None:
                self._document.marks[(*path, key)] = _mark(event)
            if is_secret_key(key):
                self._hide(value_event)
        return items

    def _hide(self, event: Event) -> None:
        last = event.end_mark
        if last is not None:
            self._document.source.hide(_mark(event).line, last.line + (last.column > 0))

    def _key(self, event: Event, path: Path, depth: int) -> str | None:
        if isinstance(event, ScalarEvent):
            self._count(event, depth)
            self._refuse_decorations(event, (*path, ""))
            if event.value != "":
                return str(event.value)
            self._report(event, "a key is missing before ':'")
        else:
            self._report(event, "a key must be text, not a list, mapping or alias")
            if not isinstance(event, AliasEvent):
                self._node(event, ("", "key"), depth + 1)
        return None

    def _is_new(self, event: Event, key: str, items: dict[str, Value], path: Path) -> bool:
        if key == "<<":
            self._report(event, "merge key '<<' is not allowed", "use 'defaults:' instead")
            return False
        if key in items:
            first = self._document.keys[(*path, key)].line
            self._report(event, f"duplicate key {shown(key)}, first on line {first}")
            return False
        return True
