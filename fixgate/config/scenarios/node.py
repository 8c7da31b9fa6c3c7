"""A place in a scenario file: what is written there, with parameters put in, and its mistakes.

Readers take nodes and return values. What is wrong is told through the node, where it is, and the
reader raises `UnusableError`; whoever reads several things goes on with the others, so that all
mistakes of a file are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from fixgate.config.fields import closest
from fixgate.config.source import shown
from fixgate.config.yaml import Document, Path, Value
from fixgate.errors import Mistake
from fixgate.scenario.model import Identity

__all__ = ["Desk", "Node", "UnusableError", "known_keys", "parameters_in", "read_all"]

T = TypeVar("T")

_PARAMETER = re.compile(r"\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", re.ASCII)
_MAX_TEXT = 64 * 1024
_MAX_SHOWN = 8
MAX_SUBSTITUTED = 200_000


class UnusableError(Exception):
    """What is here cannot be used; its mistakes have been told."""


@dataclass(slots=True)
class Desk:
    """Where the mistakes of a load are put, and what parameters were used.

    Attributes:
        mistakes: In the order in which they were found.
        substituted: Characters that parameters have put in, against explosions.
        environ: Where ``${env:NAME}`` looks; ``None`` for the process's environment.
        secrets: Whether references to passwords are followed.
        identity: Who the two sides are, instead of what ``session`` says.
    """

    mistakes: list[Mistake] = field(default_factory=list)
    substituted: int = 0
    environ: Mapping[str, str] | None = None
    secrets: bool = True
    identity: Identity = Identity()  # noqa: RUF009 - frozen, no state


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file.

    Attributes:
        document: The file.
        path: Where in it.
        value: What is written; in a text, parameters are replaced by what they stand for.
        desk: Where mistakes go.
        parameters: What ``$NAME`` stands for here; ``None`` leaves it as it is written.
    """

    document: Document
    path: Path
    value: Value
    desk: Desk
    parameters: Mapping[str, Node] | None = None

    @classmethod
    def root(cls, document: Document, desk: Desk) -> Node:
        """Return the whole of a file."""
        return cls(document, (), document.value, desk)

    @property
    def line(self) -> int:
        """Its line, from 1."""
        mark = self.document.keys.get(self.path) or self.document.marks.get(self.path)
        return mark.line if mark else 1

    @property
    def place(self) -> str:
        """``file:line``."""
        return f"{self.document.source.path}:{self.line}"

    def report(self, message: str, hint: str = "", *, at_key: bool = False) -> UnusableError:
        """Tell a mistake here; the caller raises what it returns, or goes on."""
        path = self.path
        mark = self.document.keys.get(path) if at_key else None
        while mark is None:
            mark = self.document.marks.get(path)
            if not path:
                break
            path = path[:-1]
        self.desk.mistakes.append(self.document.source.mistake(mark, message, hint))
        return UnusableError()

    def expected(self, what: str, hint: str = "") -> UnusableError:
        """Tell that something else was expected here."""
        return self.report(f"{what}; received {shown(self.value)}", hint)

    def with_parameters(self, parameters: Mapping[str, Node]) -> Node:
        """Return the same with other parameters."""
        return Node(self.document, self.path, self.value, self.desk, parameters)

    def entries(self) -> dict[str, Node]:
        """Return the entries of a mapping.

        Raises:
            UnusableError: It is none.
        """
        self._must_be_readable()
        if not isinstance(self.value, dict):
            raise self.expected("expected a mapping")
        return {key: self._child(key, value) for key, value in self.value.items()}

    def items(self) -> list[Node]:
        """Return the items of a list.

        Raises:
            UnusableError: It is none.
        """
        self._must_be_readable()
        if not isinstance(self.value, list):
            raise self.expected("expected a list")
        return [self._child(index, value) for index, value in enumerate(self.value)]

    def text(self) -> str:
        """Return a text.

        Raises:
            UnusableError: It is none.
        """
        self._must_be_readable()
        if self.value is None:
            raise self.report("nothing is written here", at_key=True)
        if not isinstance(self.value, str):
            raise self.expected("expected text")
        if len(self.value) > _MAX_TEXT:
            raise self.report("the text is longer than 64 KiB")
        return self.value

    def read(self, reader: Callable[[str], T]) -> T:
        """Return what a function makes of the text; its ``ValueError`` becomes the mistake.

        Raises:
            UnusableError: The function does not take it.
        """
        text = self.text()
        try:
            return reader(text)
        except ValueError as error:
            raise self.expected(str(error), *getattr(error, "__notes__", ())) from None

    def _must_be_readable(self) -> None:
        if self.path in self.document.unusable:
            raise UnusableError

    def _child(self, step: str | int, value: Value) -> Node:
        path = (*self.path, step)
        child = Node(self.document, path, value, self.desk, self.parameters)
        if isinstance(value, str) and "$" in value and self.parameters is not None:
            return child._substituted(value, self.parameters)
        return child

    def _substituted(self, written: str, parameters: Mapping[str, Node]) -> Node:
        whole = _PARAMETER.fullmatch(written)
        if whole and not whole[1]:
            # Alone, a parameter may stand for a list or a mapping too.
            found = self._parameter(whole[2] or whole[3], parameters)
            value = found.value if found else written
            if isinstance(value, dict | list):
                return found or self
            return Node(self.document, self.path, value, self.desk, self.parameters)

        def put(found: re.Match[str]) -> str:
            if found[1]:
                return "$"
            parameter = self._parameter(found[2] or found[3], parameters)
            if parameter is None:
                return found[0]
            if not isinstance(parameter.value, str):
                self.report(f"{found[0]} is {shown(parameter.value)}, expected a text inside texts")
                return ""
            self.desk.substituted += len(parameter.value)
            if self.desk.substituted > MAX_SUBSTITUTED:
                raise self.report("parameters put in more than 200 000 characters")
            return parameter.value

        return Node(
            self.document, self.path, _PARAMETER.sub(put, written), self.desk, self.parameters
        )

    def _parameter(self, name: str, parameters: Mapping[str, Node]) -> Node | None:
        found = parameters.get(name)
        if found is None:
            hint = closest(name, parameters) or "'$$' is a plain '$'"
            self.report(f"there is no parameter ${name}", hint)
            self.document.unusable.add(self.path)
            return None
        return found


def parameters_in(value: Value) -> set[str]:
    """Return the names of all parameters that a tree refers to."""
    match value:
        case dict():
            return {name for inner in value.values() for name in parameters_in(inner)}
        case list():
            return {name for inner in value for name in parameters_in(inner)}
        case str():
            return {found[2] or found[3] for found in _PARAMETER.finditer(value) if not found[1]}
    return set()


def known_keys(entries: Mapping[str, Node], known: Iterable[str], what: str) -> bool:
    """Tell every key that is not known, and return whether all are.

    Args:
        entries: What is written.
        known: What may be.
        what: What has these keys, such as ``a step 'send'``.
    """
    options, usable = tuple(known), True
    for key, node in entries.items():
        if key not in options:
            some = f"known here: {', '.join(options)}" if len(options) <= _MAX_SHOWN else ""
            node.report(
                f"unknown key {shown(key)} of {what}", closest(key, options) or some, at_key=True
            )
            usable = False
    return usable


def read_all(nodes: Iterable[Node], reader: Callable[[Node], T]) -> list[T]:
    """Read several; those that cannot be used are left out.

    Raises:
        UnusableError: One could not, after all have been tried.
    """
    found, usable = [], True
    for node in nodes:
        try:
            found.append(reader(node))
        except UnusableError:
            usable = False
    if not usable:
        raise UnusableError
    return found
