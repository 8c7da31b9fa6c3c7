"""The exception tree: who is at fault, what was received, what was expected.

::

    FixgateError
    +-- ConfigError            the user's file is wrong; carries every mistake found in it
    +-- StoreError             a message store cannot be trusted, or is held by another process
    |   +-- StoreDamaged           bytes in it are not what was written
    +-- ProtocolError          abstract
    |   +-- LocalProtocolError     our caller asked for what the protocol does not allow
    |   +-- RemoteProtocolError    a counterparty's bytes cannot be used where they must be
    +-- ListenError            an address cannot be listened on
    +-- DictionaryError        a FIX dictionary file is not one, or contradicts itself
    +-- ExpressionError        a value of a scenario cannot be worked out
    +-- ArchiveError           a file is no recorded run, of a scenario or of samples
    +-- RecordingError         a packet capture or a log is none, or cannot be measured from
    +-- SnapshotError          a file is no snapshot of a host, or is damaged
    +-- EngineUnavailable      an optional engine or package is not installed

A failed check is data, not an exception; what a peer sends never raises out of the session.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ArchiveError",
    "ConfigError",
    "DictionaryError",
    "EngineUnavailable",
    "ExpressionError",
    "FixgateError",
    "ListenError",
    "LocalProtocolError",
    "Mistake",
    "ProtocolError",
    "RecordingError",
    "RemoteProtocolError",
    "SnapshotError",
    "StoreDamaged",
    "StoreError",
]


class FixgateError(Exception):
    """Base of every exception that fixgate raises on purpose."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a user's file.

    Attributes:
        path: The file as the user named it.
        line: 1-based, 0 when the mistake is in the file as a whole.
        column: 1-based, 0 when unknown.
        message: What was received and what was expected.
        source: The text of the line, without its end; empty when there is none.
        hint: A suggestion ("did you mean 'heartbeat'?"), or empty.
    """

    path: str
    line: int
    column: int
    message: str
    source: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        text = f"{place}: {self.message}"
        if self.hint:
            text += f" ({self.hint})"
        if self.source:
            text += f"\n    {self.source}\n    {' ' * (max(self.column, 1) - 1)}^"
        return text


class ConfigError(FixgateError):
    """A configuration cannot be used; every mistake found is in ``mistakes``."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(m) for m in self.mistakes))


class StoreError(FixgateError):
    """A message store is damaged, foreign, or in use.

    Attributes:
        path: The file or folder.
        offset: The byte offset of the damage, or ``None``.
        reason: What was found and what was expected.
        full: There is no space left: it can be written when there is.
    """

    def __init__(
        self, path: str, reason: str, *, offset: int | None = None, full: bool = False
    ) -> None:
        self.path = path
        self.offset = offset
        self.reason = reason
        self.full = full
        place = path if offset is None else f"{path}: byte {offset}"
        super().__init__(f"{place}: {reason}")


class StoreDamaged(StoreError):  # noqa: N818 - the name says the state
    """Bytes in a message store are not what was written."""


class ListenError(FixgateError):
    """An address cannot be listened on.

    Attributes:
        address: Host and port as the user gave them.
        reason: The system's wording.
    """

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"cannot listen on {address}: {reason}")


class ProtocolError(FixgateError):
    """Abstract: raise `LocalProtocolError` or `RemoteProtocolError`."""

    def __init__(self, message: str) -> None:
        if type(self) is ProtocolError:
            raise TypeError("ProtocolError is abstract")
        super().__init__(message)


class LocalProtocolError(ProtocolError):
    """Our own caller asked for something that the protocol does not allow now."""


class RemoteProtocolError(ProtocolError):
    """The counterparty's bytes cannot be used where they have to be."""


class DictionaryError(FixgateError):
    """A FIX dictionary cannot be used.

    Attributes:
        path: The file, or the name of the built-in dictionary.
        line: 1-based line of the fault, or 0.
        reason: What was found and what was expected.
    """

    def __init__(self, path: str, reason: str, *, line: int = 0) -> None:
        self.path = path
        self.line = line
        self.reason = reason
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")


class ExpressionError(FixgateError):
    """An expression of a scenario is none, or cannot be worked out with the values there are.

    Attributes:
        text: The expression.
        column: Where in it, from 1.
        reason: What was found and what was expected.
    """

    def __init__(self, text: str, column: int, reason: str) -> None:
        self.text = text
        self.column = column
        self.reason = reason
        super().__init__(f"{text!r}, column {column}: {reason}")


class ArchiveError(FixgateError):
    """A file is no recorded run, or is damaged.

    Attributes:
        path: The file.
        line: Where in it, from 1.
        reason: What was found and what was expected.
    """

    def __init__(self, path: str, line: int, reason: str) -> None:
        self.path = path
        self.line = line
        self.reason = reason
        super().__init__(f"{path}:{line}: {reason}")


class RecordingError(FixgateError):
    """A packet capture or a log is none, cannot be read, or must not be measured from.

    Attributes:
        path: The file as the user named it.
        offset: The byte offset of what is wrong, or ``None``.
        reason: What was found and what was expected.
    """

    def __init__(self, path: str, reason: str, *, offset: int | None = None) -> None:
        self.path = path
        self.offset = offset
        self.reason = reason
        place = path if offset is None else f"{path}: byte {offset}"
        super().__init__(f"{place}: {reason}")


class SnapshotError(FixgateError):
    """A file is no snapshot of a host, or is damaged.

    Attributes:
        path: The file.
        place: Where in it: ``line:column``, or the names that lead to it; empty for the whole.
        reason: What was found and what was expected.
    """

    def __init__(self, path: str, place: str, reason: str) -> None:
        self.path = path
        self.place = place
        self.reason = reason
        super().__init__(f"{path}:{place}: {reason}" if place else f"{path}: {reason}")


class EngineUnavailable(FixgateError):  # noqa: N818 - the name says the state, as in the design
    """An optional part is not installed; the text says the exact line that installs it."""
