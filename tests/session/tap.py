"""A FIX parser of its own, for whoever must not trust ours: messages and instants from bytes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000_000
_HEAD = re.compile(rb"8=([^\x01]+)\x019=(\d+)\x01")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DisobedienceError(AssertionError):
    """A side did what the standard does not have it do."""


class Wire(dict[int, bytes]):
    """One message as read from a wire: its fields by tag."""

    @property
    def type(self) -> bytes:
        return self[35]

    @property
    def number(self) -> int:
        return int(self[34])

    @property
    def dup(self) -> bool:
        return self.get(43) == b"Y"


def instant(stamp: bytes) -> int:
    """A UTCTimestamp of seconds or milliseconds, in nanoseconds since the epoch."""
    text = stamp.decode()
    at = datetime.strptime(text[:17], "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
    millis = int(text[18:]) if len(text) > 17 else 0
    return (at - _EPOCH) // timedelta(seconds=1) * SECOND + millis * 1_000_000


def split(data: bytes) -> tuple[list[Wire], bytes]:
    """The whole messages at the start of ``data``, and what is left."""
    found = []
    while head := _HEAD.match(data):
        end = head.end() + int(head[2])
        if len(data) < end + 7:
            break
        body, trailer = data[:end], data[end : end + 7]
        if trailer != b"10=%03d\x01" % (sum(body) % 256):
            raise DisobedienceError(f"BodyLength(9) or CheckSum(10) is wrong: {data!r}")
        pairs = [part.split(b"=", 1) for part in body[:-1].split(b"\x01")]
        tags = [int(tag) for tag, _ in pairs]
        if tags[:3] != [8, 9, 35] or len(set(tags)) != len(tags):
            raise DisobedienceError(f"fields out of order or repeated: {body!r}")
        found.append(Wire((int(tag), value) for tag, value in pairs))
        data = data[end + 7 :]
    return found, data
