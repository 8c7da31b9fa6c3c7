"""A small XML file as a tree with line numbers, read with limits.

No DTD and so no entities, a bounded size, depth and number of elements: a hostile file costs no
more than an honest one of the same size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from fixgate.errors import DictionaryError

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_ELEMENTS", "Node", "mistake", "read_tree"]

MAX_BYTES = 16 * 1024 * 1024  # the largest dictionary in use, FIX 5.0 SP2, has 1.5 MiB
MAX_DEPTH = 32
MAX_ELEMENTS = 100_000  # FIX 5.0 SP2 has 25 000

_EXPECTED = "expected a QuickFIX XML dictionary (root element <fix>)"


@dataclass(frozen=True, slots=True)
class Node:
    """One element.

    Attributes:
        name: Element name.
        attributes: Its attributes.
        line: 1-based line of its start tag.
        children: The elements inside it.
    """

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Node] = field(default_factory=list)


def read_tree(path: str) -> Node:
    """Read an XML file whose root is ``<fix>``.

    Raises:
        DictionaryError: It cannot be read, is too large, is no XML, has a DTD, or is a file of
            another kind.
    """
    return _Builder(path).build(_content(path))


def mistake(path: str, reason: str, line: int) -> DictionaryError:
    """Return the error of a file; the names in it may hold anything, and none moves a cursor."""
    shown = "".join(char if char.isprintable() else repr(char)[1:-1] for char in reason)
    return DictionaryError(path, shown, line=line)


def _content(path: str) -> bytes:
    file = Path(path)
    try:
        # A FIFO or a device would block, or never end.
        if not file.is_file():
            found = "a folder" if file.is_dir() else "no file" if not file.exists() else "a device"
            raise DictionaryError(path, f"is {found}, {_EXPECTED}")
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise DictionaryError(path, f"cannot be read: {reason or error}") from error
    if len(data) > MAX_BYTES:
        raise DictionaryError(path, f"is larger than {MAX_BYTES // 1024 // 1024} MiB")
    if not data.strip():
        raise DictionaryError(path, f"is empty, {_EXPECTED}")
    for magic, kind in ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"BZh", "bzip2")):
        if data.startswith(magic):
            raise DictionaryError(path, f"is compressed ({kind}): unpack it first")
    return data


class _Builder:
    def __init__(self, path: str) -> None:
        self._path = path
        self._root: Node | None = None
        self._open: list[Node] = []
        self._elements = 0
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def build(self, data: bytes) -> Node:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            text = expat.errors.messages[error.code]
            raise DictionaryError(
                self._path,
                f"is no well-formed XML: {text} (column {error.offset + 1})",
                line=error.lineno,
            ) from error
        except (LookupError, ValueError, UnicodeError) as error:
            # An encoding declaration that Python does not know, or that is no XML encoding.
            raise DictionaryError(self._path, f"cannot be decoded: {error}", line=1) from error
        assert self._root is not None  # expat takes no document without an element
        return self._root

    def _mistake(self, reason: str) -> DictionaryError:
        return mistake(self._path, reason, self._parser.CurrentLineNumber)

    # Only a DTD can declare entities: without one there is nothing to expand or to fetch.
    def _doctype(self, name: str, system: str | None, public: str | None, has_subset: bool) -> None:
        if name.lower() == "html":
            raise self._mistake(f"is an HTML page, {_EXPECTED}")
        raise self._mistake("has a DTD (<!DOCTYPE>), which is not read: remove it")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._root is None:
            self._check_root(name)
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise self._mistake(f"has more than {MAX_ELEMENTS} elements")
        if len(self._open) >= MAX_DEPTH:
            raise self._mistake(f"elements nest deeper than {MAX_DEPTH}")
        node = Node(name, attributes, self._parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node
        self._open.append(node)

    def _end(self, name: str) -> None:
        self._open.pop()

    def _check_root(self, name: str) -> None:
        plain = name.rpartition(":")[2]
        if plain == "fix":
            return
        if plain.lower() == "html":
            raise self._mistake(f"is an HTML page, {_EXPECTED}")
        if plain == "repository":
            raise self._mistake(f"is a FIX Orchestra file, {_EXPECTED}")
        raise self._mistake(f"root element is <{name[:40]}>, {_EXPECTED}")
