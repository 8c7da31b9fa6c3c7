"""Messages as a peer sends them: built from the fields of a story, by nothing of fixgate's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

__all__ = ["build", "timestamp"]

_TOKEN = re.compile(rb"\{([not])(?:([+-])(\d{1,10}|i))?\}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_S = -62_135_510_400  # 0001-01-02
_LAST_S = 253_402_128_000  # 9999-12-30


@lru_cache(maxsize=4)
def timestamp(now_ns: int) -> bytes:
    """Return an instant as a UTCTimestamp with milliseconds, within the years that it can say."""
    second, rest_ns = divmod(now_ns, 1_000_000_000)
    at = _EPOCH + timedelta(seconds=min(max(second, _FIRST_S), _LAST_S))
    return b"%04d%02d%02d-%02d:%02d:%02d" % at.timetuple()[:6] + b".%03d" % (rest_ns // 1_000_000)


def build(
    fields: bytes, begin: bytes, *, next_in: int, next_out: int, now_ns: int, count: int = 0
) -> bytes:
    """Return a message on the wire.

    Args:
        fields: As in ``rx`` of a story; what is there of 8, 9 and 10 stays as it is.
        begin: BeginString(8).
        next_in: For ``{n}``.
        next_out: For ``{o}``.
        now_ns: For ``{t}``.
        count: For ``{n+i}``.
    """

    def value(found: re.Match[bytes]) -> bytes:
        kind, sign, text = found.groups()
        by = 0 if text is None else count if text == b"i" else int(text)
        by = -by if sign == b"-" else by
        if kind == b"t":
            return timestamp(now_ns + by * 1_000_000_000)
        return b"%d" % ((next_in if kind == b"n" else next_out) + by)

    if b"{" in fields:
        fields = _TOKEN.sub(value, fields)
    if not fields.startswith(b"8="):
        fields = b"8=%b\x01%b" % (begin, fields)
    head_end = fields.find(b"\x01") + 1
    head, rest = fields[:head_end], fields[head_end:]
    trailer = rest.rfind(b"\x0110=") + 1
    if not trailer or rest.find(b"\x01", trailer) != len(rest) - 1:
        trailer = len(rest)
    if not rest.startswith(b"9="):
        head += b"9=%d\x01" % trailer
    data = head + rest
    return data if trailer < len(rest) else data + b"10=%03d\x01" % (sum(data) % 256)
