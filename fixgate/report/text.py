"""Turning values into text for people, with nothing in it that a sink could act upon."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["format_duration", "format_instant", "format_time_of_day", "printable", "shorten"]

_SECOND_NS = 1_000_000_000


def printable(text: str, *, ascii_only: bool = False) -> str:
    r"""Return ``text`` with everything that is not plainly visible written as an escape.

    Control characters of both sets, line breaks, escape sequences, bidirectional overrides,
    zero-width characters and lone surrogates come out as ``\x1b`` or ``\u202e``; SOH comes out
    as ``|``. So no venue's Text(58) moves a cursor, forges a line or breaks a document.

    Args:
        text: Anything, such as what a counterparty sent.
        ascii_only: Escape everything beyond ASCII too.
    """
    if text.isprintable() and (not ascii_only or text.isascii()):
        return text
    return "".join(
        ch
        if ch.isprintable() and (not ascii_only or ch.isascii())
        else "|"
        if ch == "\x01"
        else _escape(ord(ch))
        for ch in text
    )


def _escape(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def shorten(text: str, width: int, *, mark: str = "…") -> str:
    """Return ``text`` cut to ``width`` characters, the cut shown by ``mark``."""
    if len(text) <= width:
        return text
    return text[: max(width - len(mark), 0)].rstrip() + mark


def format_duration(duration_ns: int | None, *, micro: str = "us", nothing: str = "-") -> str:
    """Return a duration with three significant digits, such as ``1.24 ms``.

    Args:
        duration_ns: Nanoseconds, or ``None`` when there is none.
        micro: How microseconds are written.
        nothing: What stands for ``None``.
    """
    if duration_ns is None:
        return nothing
    if abs(duration_ns) < 1_000:
        return f"{duration_ns} ns"
    for unit_ns, unit in ((1_000, micro), (1_000_000, "ms"), (_SECOND_NS, "s")):
        value = duration_ns / unit_ns
        if abs(value) < 999.5 or unit == "s":
            digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
            return f"{value:.{digits}f} {unit}"
    raise AssertionError("the last unit takes every value")


def format_instant(at_ns: int, *, digits: int = 9) -> str:
    """Return an instant in UTC as ISO 8601, such as ``2026-11-22T08:30:00.000000001Z``.

    Args:
        at_ns: Nanoseconds since the epoch, UTC.
        digits: Digits after the second, 0 to 9.
    """
    second, rest = divmod(at_ns, _SECOND_NS)
    fraction = f".{rest:09d}"[: digits + 1] if digits else ""
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def format_time_of_day(at_ns: int, *, digits: int = 6) -> str:
    """Return the time of day in UTC, such as ``08:30:00.000001``."""
    return format_instant(at_ns, digits=digits)[11:-1]
