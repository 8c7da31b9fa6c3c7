"""The packets of capture files, in the order in which they passed."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from fixgate.errors import RecordingError
from fixgate.net.capture.packet import Damage, Packet
from fixgate.net.capture.reading import read_capture
from fixgate.net.unpacked import open_unpacked

__all__ = ["read_captures"]

_InFile = tuple[str, Packet | Damage]


def read_captures(paths: Sequence[str | Path]) -> Iterator[_InFile]:
    """Yield the packets of captures, merged by their instants, each with its file.

    So a capture that was cut into files, and one file for each direction of a tap, read as one.

    Args:
        paths: The files, plain or gzip; ``-`` for standard input.

    Raises:
        RecordingError: A file cannot be read, or is no capture.
    """
    with ExitStack() as stack:
        files = [_read(stack, str(path)) for path in dict.fromkeys(paths)]
        if len(files) == 1:
            yield from files[0]
            return
        for _, in_file in heapq.merge(*map(_timed, files), key=lambda each: each[0]):
            yield in_file


def _read(stack: ExitStack, path: str) -> Iterator[_InFile]:
    try:
        stream = stack.enter_context(open_unpacked(path))
        packets = read_capture(stream, path)
    except OSError as error:
        raise RecordingError(path, f"cannot be read: {error.strerror or error}") from error
    return _each(packets, path)


def _each(packets: Iterator[Packet | Damage], path: str) -> Iterator[_InFile]:
    try:
        for packet in packets:
            yield path, packet
    except OSError as error:
        raise RecordingError(path, f"cannot be read: {error.strerror or error}") from error


def _timed(file: Iterator[_InFile]) -> Iterator[tuple[int, _InFile]]:
    """Say when each passed: what has no instant, with the one before it."""
    at_ns = 0
    for in_file in file:
        packet = in_file[1]
        if isinstance(packet, Packet) and packet.at_ns is not None:
            at_ns = packet.at_ns
        yield at_ns, in_file
