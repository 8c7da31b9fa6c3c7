"""What the history of a scenario holds beside the bytes: frozen values, each about one actor.

Glyphs are those of `fixgate.history`: ``>`` and ``<`` for `Wire`, ``~`` for connections, ``=`` for
what our sessions say, ``!`` for faults, ``#`` for steps. Everything that the player is told is
here, so that it can be told again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

__all__ = [
    "Asked",
    "Closed",
    "Done",
    "Ended",
    "Faulted",
    "LoggedOn",
    "News",
    "NotDone",
    "Opened",
    "Outcome",
    "Sent",
    "StepBegan",
    "StepEnded",
    "Told",
    "Wire",
]


class Outcome(Enum):
    """How a step ended."""

    OK = "ok"
    FAILED = "failed"
    DEVIATION = "deviation"
    """Not met, but only a SHOULD."""
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Wire:
    """A message, or bytes that are none, as they went over the wire of an actor of ours.

    Attributes:
        actor: Whose connection.
        data: The bytes.
        garbled: Why they are no message, or empty.
    """

    actor: str
    data: bytes
    garbled: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection of an actor stands."""

    actor: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A connection of an actor is gone.

    Attributes:
        by_peer: The system under test ended it.
        reset: By an RST.
    """

    actor: str
    by_peer: bool
    reset: bool


@dataclass(frozen=True, slots=True)
class LoggedOn:
    """Both Logons have been exchanged."""

    actor: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something that our session noticed, in words; nothing is judged by it."""

    actor: str
    text: str


@dataclass(frozen=True, slots=True)
class Faulted:
    """A fault acted.

    Attributes:
        name: Of the armed fault.
        text: What it did.
    """

    actor: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A step of ours has sent a message.

    Attributes:
        command: Number of the command that did.
        data: The message as it was before any fault.
    """

    actor: str
    command: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Done:
    """A command has been carried out."""

    command: int


@dataclass(frozen=True, slots=True)
class NotDone:
    """A command could not be carried out.

    Attributes:
        text: Why.
    """

    command: int
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The system under test has been asked to do something."""

    text: str


@dataclass(frozen=True, slots=True)
class StepBegan:
    """The player has come to a step.

    Attributes:
        number: Counted from 1 in the order in which steps begin.
        line: Where it is written.
        text: How it reads.
    """

    number: int
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A step has ended.

    Attributes:
        number: As in its `StepBegan`.
        text: Why it failed, or empty.
    """

    number: int
    outcome: Outcome
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The scenario has ended.

    Attributes:
        result: How, in a word.
    """

    result: str


News: TypeAlias = Wire | Opened | Closed | LoggedOn | Told | Faulted | Sent | Done | NotDone | Asked
"""What a world tells the player. `Wire` is told with its glyph; see `fixgate.scenario.player`."""
