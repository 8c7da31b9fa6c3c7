"""A file, or standard input, as the bytes that it had before it was packed."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

__all__ = ["open_unpacked"]

_GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def open_unpacked(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file, or standard input for ``-``, unpacking gzip whatever the file is called.

    Raises:
        OSError: It cannot be opened or read.
    """
    if str(path) == "-":
        yield _unpacked(sys.stdin.buffer)
    else:
        with open(path, "rb") as file:
            yield _unpacked(file)


def _unpacked(stream: BinaryIO) -> BinaryIO:
    # Whatever stands in for standard input reads like a file.
    raw = cast("io.RawIOBase", stream)
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(raw)
    if buffered.peek(2)[:2] != _GZIP_MAGIC:
        return buffered
    # A GzipFile reads like the file that it unpacks.
    return cast("BinaryIO", gzip.GzipFile(fileobj=buffered))
