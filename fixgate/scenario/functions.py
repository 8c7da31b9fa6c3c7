"""The functions that expressions may call: the whole list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, TypeAlias

from fixgate.scenario.operands import (
    MAX_TEXT_BYTES,
    Operand,
    Span,
    bounded,
    decimal_text,
    instant,
    number,
    text,
    whole,
)
from fixgate.wire import format_utc_timestamp

__all__ = ["FUNCTIONS", "Function", "Moment"]

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MAX_DECIMALS = 12
_TIME_AT = len(b"YYYYMMDD-")


class Moment(Protocol):
    """What functions may know besides their operands."""

    @property
    def now_ns(self) -> int:
        """The instant of the record that is judged, or of the step that sends."""

    @property
    def serial(self) -> int:
        """Another number, from 0 up, for every step that a run plays."""


_Call: TypeAlias = Callable[[tuple[Operand, ...], Moment], Operand]


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes:
        usage: How it is written, such as ``round(number, digits)``.
        doc: What it gives, one sentence.
        least: Fewest operands.
        most: Most operands.
        call: Works it out; raises ``ValueError``.
    """

    usage: str
    doc: str
    least: int
    most: int
    call: _Call


def _concat(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    return b"".join(map(text, operands))


def _repeat(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    times = whole(operands[1], 0, MAX_TEXT_BYTES)
    piece = text(operands[0])
    if len(piece) * times > MAX_TEXT_BYTES:
        raise ValueError(f"the text is longer than {MAX_TEXT_BYTES} bytes")
    return piece * times


def _round(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    digits = whole(operands[1], 0, _MAX_DECIMALS) if len(operands) > 1 else 0
    scaled = number(operands[0]) * 10**digits
    half = Fraction(1, 2)
    # Half away from zero, as desks round prices; Python's own is half to even.
    near = (abs(scaled) + half) // 1
    return Fraction(int(near) if scaled >= 0 else -int(near), 10**digits)


def _fixed(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    rounded = _round(operands, moment)
    digits = whole(operands[1], 0, _MAX_DECIMALS)
    assert isinstance(rounded, Fraction)
    head, _, tail = decimal_text(rounded).partition(b".")
    return head + b"." + tail.ljust(digits, b"0") if digits else head


def _pad(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    return text(operands[0]).rjust(whole(operands[1], 0, 64), b"0")


def _part(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    first = whole(operands[1], 1, MAX_TEXT_BYTES)
    last = whole(operands[2], 0, MAX_TEXT_BYTES) if len(operands) > 2 else MAX_TEXT_BYTES
    return text(operands[0])[first - 1 : last]


def _timestamp(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    digits = whole(operands[1], 0, _MAX_DECIMALS)
    if digits not in (0, 3, 6, 9, 12):
        raise ValueError(f"a UTCTimestamp has 0, 3, 6, 9 or 12 decimals, not {digits}")
    return format_utc_timestamp(instant(operands[0]).ns, digits)


def _date(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    return format_utc_timestamp(instant(operands[0]).ns)[: _TIME_AT - 1]


def _time(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    return format_utc_timestamp(instant(operands[0]).ns)[_TIME_AT:]


def _unique(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    digits, left = "", moment.now_ns // 1_000_000
    while left > 0:
        left, digit = divmod(left, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return text(operands[0]) + f"{digits}-{moment.serial}".encode()


def _abs(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    value = operands[0]
    return Span(abs(value.ns)) if isinstance(value, Span) else abs(number(value))


def _extreme(choose: Callable[..., Fraction]) -> _Call:
    return lambda operands, moment: choose(map(number, operands))


def _seconds(operands: tuple[Operand, ...], moment: Moment) -> Operand:
    return Span(int(number(operands[0]) * 1_000_000_000))


def _bounded(call: _Call) -> _Call:
    return lambda operands, moment: bounded(call(operands, moment))


_MANY = 20

FUNCTIONS: Mapping[str, Function] = {
    function.usage.partition("(")[0]: Function(
        function.usage, function.doc, function.least, function.most, _bounded(function.call)
    )
    for function in (
        Function("abs(number)", "The number, or duration, without its sign.", 1, 1, _abs),
        Function("concat(a, b, ...)", "Texts and numbers, one after the other.", 1, _MANY, _concat),
        Function("date(instant)", "Its date in UTC, `YYYYMMDD`.", 1, 1, _date),
        Function(
            "fixed(number, digits)", "The number with so many decimals, `10.50`.", 2, 2, _fixed
        ),
        Function(
            "length(text)", "How many bytes it has.", 1, 1,
            lambda operands, moment: Fraction(len(text(operands[0]))),
        ),
        Function("lower(text)", "The text in small letters.", 1, 1,
            lambda operands, moment: text(operands[0]).lower()),
        Function("max(a, b, ...)", "The largest number.", 1, _MANY, _extreme(max)),
        Function("min(a, b, ...)", "The smallest number.", 1, _MANY, _extreme(min)),
        Function(
            "pad(number, width)", "With zeros before it, up to a width of 64.", 2, 2, _pad
        ),
        Function(
            "part(text, first, last)",
            "The bytes of a text from the first to the last, counted from 1; without `last`, "
            "to its end.",
            2, 3, _part,
        ),
        Function(
            "repeat(text, times)", "The text so many times; at most 64 KiB.", 2, 2, _repeat
        ),
        Function(
            "round(number, digits)",
            "The nearest number with so many decimals, 0 when `digits` is left out.",
            1, 2, _round,
        ),
        Function("seconds(number)", "A duration of so many seconds.", 1, 1, _seconds),
        Function("time(instant)", "Its time of day in UTC, `HH:MM:SS.sss`.", 1, 1, _time),
        Function(
            "timestamp(instant, digits)",
            "A UTCTimestamp with 0, 3, 6, 9 or 12 decimals.",
            2, 2, _timestamp,
        ),
        Function(
            "unique(text)",
            "The text, and what no other step of this or another run has.",
            1, 1, _unique,
        ),
        Function("upper(text)", "The text in capitals.", 1, 1,
            lambda operands, moment: text(operands[0]).upper()),
    )
}  # fmt: skip
"""By name."""
