r"""FIX logs of any habit into messages, line by line.

Fields may be separated by SOH or by what stands for it in print (``|``, ``^A``, ``^``, ``\x01``,
``\u0001``, ``<SOH>``, ``;``). Around the messages may stand what loggers write: QuickFIX's file
log (``20260101-00:00:00.000 : 8=FIX...``), its screen log (``<time, session, incoming>`` before or
on the line of ``(8=FIX...)``), or anything else; a time and a direction are picked out of it.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from fixgate.wire import Garbled, Message, Tag, decode

__all__ = ["LogEntry", "Unreadable", "read_log"]

_CHUNK_BYTES = 256 * 1024
_MAX_LINE_BYTES = 4 * 1024 * 1024

# A line ends at its end, and where one message follows another without one, as in a store.
_BREAK = re.compile(rb"(\r?\n)|(?<=\x0110=\d{3}\x01)(?=8=FIX)")
_BREAK_BYTES = 16  # more than a break and what must stand around it
_START = re.compile(
    rb"8=(FIX[A-Za-z0-9.]{1,16}?)"
    rb"(\x01| \| |\|\||\||\^A|\^|\\x01|\\u0001|\\001|<SOH>|\[SOH\]|\xe2\x90\x81|;|\t| )"
    rb"(?=\d{1,3}=)"
)
_LOOKS_LIKE_FIELDS = re.compile(
    rb"(?:^|[^0-9])(?:35|49|56|52|34)=[^=]{1,60}?[^0-9A-Za-z.:-]+\d{1,5}="
)
_TRAILER = re.compile(rb"\x0110=\d{3}(?!\d)")
_FIELD = re.compile(rb"([0-9]{1,9})=(.*)", re.DOTALL)

_TIME = re.compile(
    r"\d{8}-\d\d:\d\d:\d\d(?:\.\d{1,12})?"
    r"|\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,12})?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\d\d:\d\d:\d\d(?:[.,]\d{1,12})?"
)
# A plain "in" or "out" is a word of any sentence.
_INCOMING = re.compile(
    r"\b(?i:incoming|inbound|received|recv|rx|fromapp|fromadmin)\b|\bIN\b|\[in\]"
)
_OUTGOING = re.compile(
    r"\b(?i:outgoing|outbound|sent|send|sending|tx|toapp|toadmin)\b|\bOUT\b|\[out\]"
)
_ARROWS = {
    **dict.fromkeys(("<", "<<", "<-", "<--", "<="), "<"),
    **dict.fromkeys((">", ">>", "->", "-->", "=>"), ">"),
}
_SCREEN_HEADER = re.compile(r"<[^<>]*->[^<>]*, *(?:incoming|outgoing|event)>\s*$")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One message of a log.

    Attributes:
        line: 1-based.
        time: As the log has it before the message, else SendingTime(52), else empty.
        direction: ``<`` received, ``>`` sent, or empty when the log does not say.
        fields: Every field in order: tag and value.
        raw: The message with SOH, from ``8=`` on.
        flaw: Why the message is garbled by the rules of FIX, as one copied out of a log with
            a masked password is; empty for a sound one.
        stamped: ``time`` is the log's own.
    """

    line: int
    time: str
    direction: str
    fields: tuple[tuple[int, bytes], ...] = field(repr=False)
    raw: bytes = field(repr=False)
    flaw: str = ""
    stamped: bool = False

    def get(self, tag: int) -> bytes | None:
        """Return the first value of ``tag``, or ``None``."""
        return next((value for each, value in self.fields if each == tag), None)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that holds something of a message, but none that can be shown.

    Attributes:
        line: 1-based.
        reason: What was found and what was expected; no values.
    """

    line: int
    reason: str


def read_log(stream: BinaryIO) -> Iterator[LogEntry | Unreadable]:
    """Yield the messages of a log, and the lines that should have held one.

    Lines without anything of a message, such as events, are passed over.

    Args:
        stream: Open for reading bytes; read as it comes, so that a pipe can be followed.
    """
    header = ""
    number = 0
    try:
        for number, line in _lines(stream):
            if len(line) > _MAX_LINE_BYTES:
                yield Unreadable(number, f"longer than {_MAX_LINE_BYTES >> 20} MiB")
                continue
            starts = list(_START.finditer(line))
            if not starts:
                text = line.decode("utf-8", "replace")
                header = text if _SCREEN_HEADER.search(text) else ""
                if _LOOKS_LIKE_FIELDS.search(line):
                    yield Unreadable(number, "no BeginString(8), expected 8=FIX")
                continue
            yield from _messages(number, line, starts, header)
            header = ""
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield Unreadable(number + 1, "the gzip data is cut short or damaged")


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number, carry, overlong = 1, b"", False
    read = getattr(stream, "read1", stream.read)
    while chunk := read(_CHUNK_BYTES):
        # What is carried has been searched already, but for a break that was cut.
        unsearched = max(len(carry) - _BREAK_BYTES, 0)
        carry += chunk
        done = 0
        for found in _BREAK.finditer(carry, unsearched):
            if not overlong:
                yield number, carry[done : found.start()]
            overlong = False
            done = found.end()
            number += found[1] is not None
        carry = carry[done:]
        if len(carry) > _MAX_LINE_BYTES:
            if not overlong:
                yield number, carry
            overlong = True
            carry = carry[-_BREAK_BYTES:]
    if carry and not overlong:
        yield number, carry


def _messages(
    number: int, line: bytes, starts: list[re.Match[bytes]], header: str
) -> Iterator[LogEntry | Unreadable]:
    ends = [*(start.start() for start in starts[1:]), len(line)]
    before = line[: starts[0].start()].decode("utf-8", "replace")
    for start, end in zip(starts, ends, strict=True):
        raw, found = _read(line[start.start() : end], start[2])
        if isinstance(found, Garbled):
            fields, flaw = _fields(raw), found.text
        else:
            fields, flaw = tuple(found.fields()), ""
        if not any(tag == Tag.MsgType for tag, _ in fields):
            yield Unreadable(number, flaw or "no MsgType(35)")
            continue
        context = f"{header} {before}"
        stamp = _TIME.search(context)
        time = _sending_time(fields) if stamp is None else stamp[0]
        yield LogEntry(
            number, time, _direction(context), fields, raw, flaw, stamped=stamp is not None
        )


def _read(text: bytes, separator: bytes) -> tuple[bytes, Message | Garbled]:
    """Return what is between ``8=`` and the end of CheckSum(10), with SOH for separators."""
    if separator != b"\x01":
        text = re.sub(re.escape(separator) + rb"(?=\d{1,9}=)", b"\x01", text)
    found = decode(text)
    if not isinstance(found, Garbled):
        return text, found
    if trailers := list(_TRAILER.finditer(text)):
        text = text[: trailers[-1].end()] + b"\x01"
    else:
        text = text.rstrip().removesuffix(separator).rstrip(b"\x01") + b"\x01"
    return text, decode(text)


def _fields(raw: bytes) -> tuple[tuple[int, bytes], ...]:
    """Return what can be read without trusting any length; what is no field joins the last."""
    fields: list[tuple[int, bytes]] = []
    for part in raw.removesuffix(b"\x01").split(b"\x01"):
        found = _FIELD.fullmatch(part)
        if found is not None:
            fields.append((int(found[1]), found[2]))
        elif fields:
            tag, value = fields[-1]
            fields[-1] = (tag, value + b"\x01" + part)
    return tuple(fields)


def _sending_time(fields: tuple[tuple[int, bytes], ...]) -> str:
    sent = next((value for tag, value in fields if tag == Tag.SendingTime), b"")
    text = sent.decode("ascii", "replace")
    return text if _TIME.fullmatch(text) else ""


def _direction(context: str) -> str:
    words = context.split()
    if words and words[-1] in _ARROWS:
        return _ARROWS[words[-1]]
    incoming, outgoing = _INCOMING.search(context), _OUTGOING.search(context)
    if bool(incoming) == bool(outgoing):
        return ""
    return "<" if incoming else ">"
