"""What is expected of a message, as values; `fixgate.scenario.comparison` compares."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from fixgate.scenario.expressions import Value

__all__ = [
    "Absent",
    "Between",
    "Exactly",
    "FieldMatch",
    "GroupMatch",
    "Matcher",
    "Matches",
    "MessageMatch",
    "Near",
    "OneOf",
    "Present",
]


@dataclass(frozen=True, slots=True)
class Exactly:
    """The field has this value."""

    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field has one of these values."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """The field, as text, has a match of a regular expression somewhere in it.

    Attributes:
        pattern: As `fixgate.scenario.patterns` takes it: at most 200 characters, nothing that
            needs backtracking.
    """

    pattern: str


@dataclass(frozen=True, slots=True)
class Between:
    """The field is a number, or a UTCTimestamp, from low to high, both included.

    ``None`` leaves a side open.
    """

    low: Value | None
    high: Value | None


@dataclass(frozen=True, slots=True)
class Near:
    """The field is a number, or a UTCTimestamp, no farther from a value than this.

    Attributes:
        by: Of a number; of a timestamp, seconds.
    """

    value: Value
    by: Decimal


@dataclass(frozen=True, slots=True)
class Absent:
    """The message does not have the field."""


@dataclass(frozen=True, slots=True)
class Present:
    """The message has the field, whatever its value."""


Matcher: TypeAlias = Exactly | OneOf | Matches | Between | Near | Absent | Present


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """What is expected of one field."""

    tag: int
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class GroupMatch:
    """What is expected of a repeating group: so many entries, each with at least these fields.

    Attributes:
        tag: Of the count, such as NoPartyIDs(453).
        entries: In order.
    """

    tag: int
    entries: tuple[tuple[FieldMatch | GroupMatch, ...], ...]


@dataclass(frozen=True, slots=True)
class MessageMatch:
    """What is expected of a message.

    Attributes:
        msg_types: One of these; empty for any.
        fields: All of these.
        order: Tags that must appear in this order.
    """

    msg_types: tuple[bytes, ...]
    fields: tuple[FieldMatch | GroupMatch, ...] = ()
    order: tuple[int, ...] = ()
