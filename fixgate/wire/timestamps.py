"""UTCTimestamp: ``YYYYMMDD-HH:MM:SS`` with 0, 3, 6, 9 or 12 digits of a second.

Inside fixgate an instant is an int, nanoseconds since 1970-01-01 UTC without leap seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fixgate.errors import LocalProtocolError

__all__ = ["UtcTimestamp", "format_utc_timestamp", "parse_utc_timestamp", "utc_ns", "utc_second_ns"]

_SECOND_NS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE = len(b"YYYYMMDD-HH:MM:SS")
# By the digits of the fraction: its format, and how many nanoseconds one unit has.
_FRACTIONS = {
    3: (b"%b.%03d", 1_000_000),
    6: (b"%b.%06d", 1_000),
    9: (b"%b.%09d", 1),
    12: (b"%b.%09d000", 1),
}
_SEPARATORS = b"-::"

# The messages of a moment share a millisecond and a second: the last formatted, and those seen
# from peers, whose clocks differ. Each is replaced whole, so that threads cannot mix two.
_formatted: tuple[int, bytes] = (0, b"19700101-00:00:00")
_formatted_ms: tuple[int, bytes] = (0, b"19700101-00:00:00.000")
_parsed: dict[bytes, int | None] = {}
_MAX_PARSED = 256


@dataclass(frozen=True, slots=True)
class UtcTimestamp:
    """An instant as a message gave it.

    Attributes:
        ns: Nanoseconds since 1970-01-01 UTC, whole. A leap second is the second after it.
        picoseconds: What ``ns`` cannot hold, 0 to 999.
        digits: Digits of the second's fraction: 0, 3, 6, 9 or 12.
    """

    ns: int
    picoseconds: int
    digits: int


def format_utc_timestamp(now_ns: int, digits: int = 3) -> bytes:
    """Return an instant as a UTCTimestamp, cut to its digits, never rounded up.

    Args:
        now_ns: Nanoseconds since 1970-01-01 UTC.
        digits: 0, 3, 6, 9 or 12.

    Raises:
        LocalProtocolError: The year has not four digits, or ``digits`` is another number.
    """
    global _formatted, _formatted_ms  # caches of one
    if digits == 3:
        millisecond = now_ns // 1_000_000
        cached, text = _formatted_ms
        if millisecond == cached:
            return text
    second, fraction = divmod(now_ns, _SECOND_NS)
    cached, text = _formatted
    if second != cached:
        text = _format_second(second)
        _formatted = second, text
    if digits == 3:
        text = b"%b.%03d" % (text, fraction // 1_000_000)
        _formatted_ms = millisecond, text
        return text
    if digits == 0:
        return text
    if digits not in _FRACTIONS:
        raise LocalProtocolError(f"a timestamp with {digits} digits, expected 0, 3, 6, 9 or 12")
    form, unit = _FRACTIONS[digits]
    return form % (text, fraction // unit)


def _format_second(second: int) -> bytes:
    try:
        at = _EPOCH + timedelta(seconds=second)
    except OverflowError as error:
        raise LocalProtocolError(f"second {second} is outside the years 1 to 9999") from error
    return b"%04d%02d%02d-%02d:%02d:%02d" % at.timetuple()[:6]


def utc_ns(value: bytes) -> int | None:
    """Return the instant of a UTCTimestamp, picoseconds cut off, or ``None`` when it is none.

    Args:
        value: The field's value.

    Returns:
        Nanoseconds since 1970-01-01 UTC.
    """
    whole = value[:_WHOLE]
    ns = _parsed[whole] if whole in _parsed else _second_ns(whole)
    if ns is None or len(value) == _WHOLE:
        return ns
    digits = value[_WHOLE + 1 :]
    fraction = _FRACTIONS.get(len(digits))
    if fraction is None or value[_WHOLE] != 46 or not digits.isdigit():
        return None
    return ns + int(digits[:9]) * fraction[1]


def utc_second_ns(value: bytes) -> int | None:
    """Return the second that a UTCTimestamp begins with, or ``None`` when it is no second.

    For whoever needs to know only about when: the fraction is not looked at.

    Returns:
        Nanoseconds since 1970-01-01 UTC, a whole number of seconds.
    """
    whole = value[:_WHOLE]
    return _parsed[whole] if whole in _parsed else _second_ns(whole)


def parse_utc_timestamp(value: bytes) -> UtcTimestamp | None:
    """Parse a UTCTimestamp.

    Args:
        value: The field's value.

    Returns:
        The instant and how exactly it was given, or ``None`` when the value is no UTCTimestamp.

    Spec: FIX 5.0 SP2, datatype UTCTimestamp: hours 00 to 23, seconds 00 to 60 with 60 only for a
    leap second; fractions of 3, 6, 9 or 12 digits, or none and no period.
    """
    ns = utc_ns(value)
    if ns is None:
        return None
    digits = max(0, len(value) - _WHOLE - 1)
    picoseconds = int(value[-3:]) if digits == 12 else 0
    return UtcTimestamp(ns, picoseconds, digits)


def _second_ns(whole: bytes) -> int | None:
    ns = _parse_second(whole)
    if len(_parsed) >= _MAX_PARSED:
        _parsed.clear()
    _parsed[whole] = ns
    return ns


def _parse_second(whole: bytes) -> int | None:
    digits = whole[:8] + whole[9:11] + whole[12:14] + whole[15:]
    separators = whole[8:9] + whole[11:12] + whole[14:15]
    if len(whole) != _WHOLE or separators != _SEPARATORS or not digits.isdigit():
        return None
    second = int(whole[15:])
    # A leap second is the last second of a UTC day; as an instant it is the one after it.
    leap = second == 60 and whole[9:14] == b"23:59"
    try:
        at = datetime(
            int(whole[:4]), int(whole[4:6]), int(whole[6:8]),
            int(whole[9:11]), int(whole[12:14]), 59 if leap else second, tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds + leap) * _SECOND_NS
