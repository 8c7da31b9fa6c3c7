"""Fields in the body of a reply that the venue has written: no data fields are in it."""

from __future__ import annotations

__all__ = ["value_of", "with_value"]

_SOH = b"\x01"


def value_of(body: bytes, tag: int) -> bytes | None:
    """Return the first value of a field, or ``None`` when the body does not carry it."""
    found = _find(body, tag)
    return None if found is None else body[found[0] : found[1]]


def with_value(body: bytes, tag: int, value: bytes) -> bytes:
    """Return the body with another value in the first field of a tag; as it is without one."""
    found = _find(body, tag)
    return body if found is None else body[: found[0]] + value + body[found[1] :]


def _find(body: bytes, tag: int) -> tuple[int, int] | None:
    """Return where a field's value begins and ends."""
    start = b"%d=" % tag
    if body.startswith(start):
        begin = len(start)
    else:
        at = body.find(_SOH + start)
        if at < 0:
            return None
        begin = at + 1 + len(start)
    return begin, body.index(_SOH, begin)
