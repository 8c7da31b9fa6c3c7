"""Where TLS records end in a stream of bytes. Pure.

Spec: RFC 8446, 5.1: a type, two bytes of version, two of length, then so many bytes.
"""

from __future__ import annotations

__all__ = ["TlsRecords"]

_HEADER_BYTES = 5


class TlsRecords:
    """Follows one direction of a connection, from the beginning of a record on."""

    __slots__ = ("_head", "_left")

    def __init__(self) -> None:
        self._head = b""
        self._left = 0

    def ends_with(self, data: bytes) -> bool:
        """Take the next bytes; return whether a record ends with them."""
        at = 0
        while at < len(data):
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
            else:
                step = min(_HEADER_BYTES - len(self._head), len(data) - at)
                self._head += data[at : at + step]
                if len(self._head) == _HEADER_BYTES:
                    self._left = int.from_bytes(self._head[3:], "big")
                    self._head = b""
            at += step
        return not self._left and not self._head
