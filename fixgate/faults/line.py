"""Faults as values: what is wrong with a line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = [
    "Blackhole",
    "Chop",
    "Coalesce",
    "Cut",
    "EndConnection",
    "Ending",
    "RefuseConnections",
    "SlowClose",
    "Stall",
    "Throttle",
]

# The stream of bytes.


@dataclass(frozen=True, slots=True)
class Chop:
    """A message goes out in pieces.

    Attributes:
        size: Bytes of a piece.
        pause_ns: Between two pieces.
    """

    size: int = 1
    pause_ns: int = 0


@dataclass(frozen=True, slots=True)
class Coalesce:
    """Messages wait for one another, and go out in one write.

    Attributes:
        messages: So many at once.
        within_ns: Fewer when so much time has passed.
    """

    messages: int = 2
    within_ns: int = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Throttle:
    """The line is slow."""

    bytes_per_s: int


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing moves for so long; then everything that has waited comes at once."""

    lasting_ns: int


# The connection.


class Ending(Enum):
    """How a connection ends."""

    FIN = "fin"
    """Our half is closed in order; we go on reading."""
    RST = "rst"
    """It is reset."""
    SILENT = "silent"
    """We forget it without a packet: the peer's half stays open."""


@dataclass(frozen=True, slots=True)
class EndConnection:
    """The connection ends: after a message that the trigger chooses, or at once."""

    how: Ending


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection ends in the middle of a message, after so many of its bytes.

    Attributes:
        after_bytes: How many; half of the message when ``None``.
    """

    after_bytes: int | None = None
    how: Ending = Ending.RST


@dataclass(frozen=True, slots=True)
class Blackhole:
    """What is written vanishes, in both directions, and nobody is told."""


@dataclass(frozen=True, slots=True)
class SlowClose:
    """Our half of the connection is closed so much later than it should be."""

    by_ns: int


@dataclass(frozen=True, slots=True)
class RefuseConnections:
    """New connections end as soon as they are made."""

    how: Ending = Ending.RST
