"""Makes a failing input smaller while it fails in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["shrink"]


def shrink(data: bytes, fails: Callable[[bytes], bool], *, within_s: float = 20) -> bytes:
    """Return a part of ``data`` that fails, too.

    Args:
        data: An input that fails.
        fails: Whether another input fails in the same way.
        within_s: Stop looking after so many seconds.
    """
    end = time.monotonic() + within_s
    for separator in (b"\n", b"|", b""):
        while (smaller := _pass(data, separator, fails, end)) != data:
            data = smaller
    return data


def _pass(data: bytes, separator: bytes, fails: Callable[[bytes], bool], end: float) -> bytes:
    """Leave out pieces between separators, half of all of them at first, one each at last."""
    parts = data.split(separator) if separator else [data[at : at + 1] for at in range(len(data))]
    size = len(parts) // 2
    while size:
        at = 0
        while at < len(parts):
            if time.monotonic() > end:
                return separator.join(parts)
            fewer = parts[:at] + parts[at + size :]
            if fails(separator.join(fewer)):
                parts = fewer
            else:
                at += size
        size //= 2
    return separator.join(parts)
