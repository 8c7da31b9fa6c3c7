"""What expressions reckon with: exact numbers, texts, instants and spans of time, all bounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from fixgate.wire import format_utc_timestamp, utc_ns

__all__ = [
    "MAX_TEXT_BYTES",
    "OPERATORS",
    "Instant",
    "Operand",
    "Span",
    "bounded",
    "decimal_text",
    "instant",
    "number",
    "text",
    "whole",
]

MAX_TEXT_BYTES = 64 * 1024
"""The longest text that an expression may make: enough for a field too long on purpose."""

_MAX_BITS = 256
_FIRST_NS = -62_135_596_800 * 10**9  # year 1
_END_NS = 253_402_300_800 * 10**9  # year 10000
_SECOND_NS = 1_000_000_000
_NUMBER = re.compile(rb"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})")


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant, nanoseconds since 1970-01-01 UTC; as a value, a UTCTimestamp."""

    ns: int


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time, nanoseconds, of either sign; as a value, its seconds."""

    ns: int


Operand: TypeAlias = Fraction | bytes | Instant | Span


def bounded(value: Operand) -> Operand:
    """Return ``value``.

    Raises:
        ValueError: It is larger than any value that a message needs.
    """
    match value:
        case Fraction():
            if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS:
                raise ValueError("the number is too large")
        case bytes():
            if len(value) > MAX_TEXT_BYTES:
                raise ValueError(f"the text is longer than {MAX_TEXT_BYTES} bytes")
        case Instant():
            if not _FIRST_NS <= value.ns < _END_NS:
                raise ValueError("the instant is outside the years 1 to 9999")
        case Span():
            if value.ns.bit_length() > _MAX_BITS:
                raise ValueError("the duration is too long")
    return value


def number(value: Operand) -> Fraction:
    """Return a number, read from text where it is one.

    Raises:
        ValueError: It is none.
    """
    found = _read(value)
    if not isinstance(found, Fraction):
        raise ValueError(f"{_shown(value)} is not a number")
    return found


def whole(value: Operand, lowest: int, highest: int) -> int:
    """Return a whole number within bounds.

    Raises:
        ValueError: It is anything else.
    """
    found = number(value)
    if found.denominator != 1 or not lowest <= found <= highest:
        raise ValueError(f"{_shown(value)} is not a whole number from {lowest} to {highest}")
    return int(found)


def instant(value: Operand) -> Instant:
    """Return an instant, read from a UTCTimestamp.

    Raises:
        ValueError: It is none.
    """
    found = _read(value)
    if not isinstance(found, Instant):
        raise ValueError(f"{_shown(value)} is not a UTCTimestamp")
    return found


def text(value: Operand) -> bytes:
    """Return a value as it goes on the wire.

    Raises:
        ValueError: A number has no end in decimals.
    """
    match value:
        case bytes():
            return value
        case Instant():
            return format_utc_timestamp(value.ns)
        case Span():
            return decimal_text(Fraction(value.ns, _SECOND_NS))
        case Fraction():
            return decimal_text(value)


def decimal_text(value: Fraction) -> bytes:
    """Return an exact number as FIX writes it, without exponent.

    Raises:
        ValueError: It has no end in decimals.
    """
    scale, rest = 0, value.denominator
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest //= prime
            power += 1
        scale = max(scale, power)
    if rest != 1:
        raise ValueError("the number has no end in decimals: use //, or round(value, digits)")
    digits = f"{abs(value.numerator) * 10**scale // value.denominator:0{scale + 1}}"
    point = len(digits) - scale
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:point]}{'.' if scale else ''}{digits[point:]}".encode()


def _read(value: Operand) -> Fraction | Instant | Span | None:
    if not isinstance(value, bytes):
        return value
    if _NUMBER.fullmatch(value):
        return Fraction(value.decode())
    ns = utc_ns(value)
    return None if ns is None else Instant(ns)


def _shown(value: Operand) -> str:
    try:
        plain = text(value)
    except ValueError:
        return "a fraction"
    shown = plain[:40].decode("latin-1")
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown)
    return f"'{shown}...'" if len(plain) > 40 else f"'{shown}'"


def _add(left: object, right: object) -> Operand | None:
    match left, right:
        case Fraction(), Fraction():
            return left + right
        case (Instant(a), Span(b)) | (Span(b), Instant(a)):
            return Instant(a + b)
        case Span(a), Span(b):
            return Span(a + b)
    return None


def _subtract(left: object, right: object) -> Operand | None:
    match left, right:
        case Fraction(), Fraction():
            return left - right
        case Instant(a), Span(b):
            return Instant(a - b)
        case (Instant(a), Instant(b)) | (Span(a), Span(b)):
            return Span(a - b)
    return None


def _multiply(left: object, right: object) -> Operand | None:
    match left, right:
        case Fraction(), Fraction():
            return left * right
        case (Span(ns), Fraction() as factor) | (Fraction() as factor, Span(ns)):
            return Span(int(ns * factor))
    return None


def _divide(left: object, right: object) -> Operand | None:
    match left, right:
        case (Fraction(), Fraction(numerator=0)) | (Span(), Span(0) | Fraction(numerator=0)):
            raise ValueError("division by zero")
        case Fraction(), Fraction():
            return left / right
        case Span(ns), Fraction():
            return Span(int(ns / right))
        case Span(a), Span(b):
            return Fraction(a, b)
    return None


def _floor(left: object, right: object) -> Operand | None:
    found = _divide(left, right) if isinstance(left, Fraction) else None
    return Fraction(found // 1) if isinstance(found, Fraction) else None


def _modulo(left: object, right: object) -> Operand | None:
    quotient = _floor(left, right)
    if isinstance(quotient, Fraction):
        assert isinstance(left, Fraction)
        assert isinstance(right, Fraction)
        return left - quotient * right
    return None


_TABLE: Mapping[str, Callable[[object, object], Operand | None]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "//": _floor,
    "%": _modulo,
}


def _operator(sign: str) -> Callable[[Operand, Operand], Operand]:
    combine = _TABLE[sign]

    def apply(left: Operand, right: Operand) -> Operand:
        found = combine(_read(left), _read(right))
        if found is None:
            hint = "; concat() joins texts" if sign == "+" else ""
            raise ValueError(f"{_shown(left)} {sign} {_shown(right)} means nothing{hint}")
        return bounded(found)

    return apply


OPERATORS: Mapping[str, Callable[[Operand, Operand], Operand]] = {
    sign: _operator(sign) for sign in _TABLE
}
"""By sign. Each raises ValueError where the operands do not fit, or the result is too large."""
