"""A stream of bytes that knows how far it has been read."""

from __future__ import annotations

import gzip
import zlib
from typing import BinaryIO

__all__ = ["Source"]

_CHUNK_BYTES = 256 * 1024


class Source:
    """Hands out a stream piece by piece, as it comes: a pipe is not waited for longer than needed.

    Attributes:
        offset: How many bytes have been handed out.
        end: Why no more bytes come, for people; `END` where nothing is wrong with that.
    """

    END = "the file ends"

    def __init__(self, stream: BinaryIO) -> None:
        self._read = getattr(stream, "read1", stream.read)
        self._chunk = b""
        self._pos = 0
        self.offset = 0
        self.end = self.END

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes, or fewer where the stream ends."""
        stop = self._pos + count
        if stop <= len(self._chunk):
            data = self._chunk[self._pos : stop]
            self._pos = stop
            self.offset += count
            return data
        parts = [self._chunk[self._pos :]]
        missing = stop - len(self._chunk)
        self._chunk, self._pos = b"", 0
        while missing and (chunk := self._more()):
            parts.append(chunk[:missing])
            if len(chunk) > missing:
                self._chunk, self._pos = chunk, missing
            missing -= len(parts[-1])
        data = b"".join(parts)
        self.offset += len(data)
        return data

    def skip(self, count: int) -> int:
        """Pass over ``count`` bytes without keeping them; return how many there were."""
        passed = 0
        while passed < count:
            data = self.take(min(count - passed, _CHUNK_BYTES))
            if not data:
                break
            passed += len(data)
        return passed

    def _more(self) -> bytes:
        try:
            chunk: bytes = self._read(_CHUNK_BYTES)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self.end = "the gzip data is cut short or damaged"
            return b""
        return chunk
