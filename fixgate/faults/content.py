"""Faults as values: what is wrong with a message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

__all__ = [
    "ClockSkew",
    "CorruptField",
    "Fields",
    "FlipBits",
    "Garbage",
    "InsertFields",
    "MissingSoh",
    "RemoveFields",
    "RepeatField",
    "SetFields",
    "Sum",
    "SwapFields",
    "Truncate",
    "WalkFields",
    "WrongBodyLength",
    "WrongCheckSum",
]

Fields: TypeAlias = tuple[tuple[int, bytes], ...]
"""Tags and values, in the order of the message."""


class Sum(Enum):
    """BodyLength(9) or CheckSum(10) of a message that was changed."""

    MENDED = "mended"
    """Right again: the change is all that is wrong."""
    STALE = "stale"
    """As it was before the change: the message is garbled."""


# Bytes of a message.


@dataclass(frozen=True, slots=True)
class FlipBits:
    """Bits of a message are flipped, at places that the dice choose.

    Attributes:
        bits: How many.
        tag: In the value of this field; anywhere when ``None``.
    """

    bits: int = 1
    tag: int | None = None


@dataclass(frozen=True, slots=True)
class CorruptField:
    """A value becomes other printable characters, as many as it had; CheckSum(10) may be mended."""

    tag: int
    checksum: Sum = Sum.STALE


@dataclass(frozen=True, slots=True)
class WrongCheckSum:
    """CheckSum(10) is off by so much, modulo 256."""

    by: int = 1


@dataclass(frozen=True, slots=True)
class WrongBodyLength:
    """BodyLength(9) is off by so much."""

    by: int = 1
    checksum: Sum = Sum.MENDED


@dataclass(frozen=True, slots=True)
class MissingSoh:
    """The SOH behind a field is missing; the last one of the body when ``tag`` is ``None``."""

    tag: int | None = None
    body_length: Sum = Sum.MENDED
    checksum: Sum = Sum.MENDED


@dataclass(frozen=True, slots=True)
class Truncate:
    """Only so many bytes of a message go out; half of them when ``keep`` is ``None``."""

    keep: int | None = None


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no message come before one."""

    data: bytes = b"not a FIX message\x01"


# Fields of a message.


@dataclass(frozen=True, slots=True)
class SetFields:
    """Fields have other values; one that is missing is added at the end of the body."""

    fields: Fields
    body_length: Sum = Sum.MENDED
    checksum: Sum = Sum.MENDED


@dataclass(frozen=True, slots=True)
class InsertFields:
    """Fields come in before another one; at the end of the body when ``before`` is ``None``."""

    fields: Fields
    before: int | None = None
    body_length: Sum = Sum.MENDED
    checksum: Sum = Sum.MENDED


@dataclass(frozen=True, slots=True)
class RemoveFields:
    """Fields are missing, wherever they stood."""

    tags: tuple[int, ...]
    body_length: Sum = Sum.MENDED
    checksum: Sum = Sum.MENDED


@dataclass(frozen=True, slots=True)
class RepeatField:
    """A field stands twice."""

    tag: int


@dataclass(frozen=True, slots=True)
class SwapFields:
    """Two fields have changed places."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class ClockSkew:
    """SendingTime(52) is that of a clock which is wrong, and gets worse.

    Attributes:
        by_ns: How far it is ahead; behind when negative.
        drift_ns: How much it gains with every hour since the fault was armed.
    """

    by_ns: int
    drift_ns: int = 0


@dataclass(frozen=True, slots=True)
class WalkFields:
    """One mistake in each message that passes: field by field, see `fixgate.faults.walk`.

    Attributes:
        version: The dictionary, such as ``FIX.4.4``; by BeginString(8) when empty.
        tags: Of these fields only; empty for all.
    """

    version: str = ""
    tags: tuple[int, ...] = ()
