"""Records of one generation that have not gone to its file yet.

A turn's records are cheapest encoded together, at its end. Where files are synced, what goes to
the file in one piece begins with a mark that says how much was on disk by then: all before it,
since a piece is synced before the next one is written.
"""

from __future__ import annotations

from fixgate.net.records import HEAD_BYTES, RecordKind, encode_records

__all__ = ["Gathered"]

_SYNCED = int(RecordKind.SYNCED)


class Gathered:
    """The end of a generation, in memory.

    Args:
        start: Where it begins in the file.
        marks: Whether each piece begins with a mark.
        header: Of a new file, which begins with it.

    Attributes:
        waiting: Records as they came: kind, number, instant and message of each.
        start: As given, and moved by `take`.
    """

    __slots__ = ("_data", "_marked", "_marks", "start", "waiting")

    def __init__(self, start: int, *, marks: bool, header: bytes = b"") -> None:
        self.waiting: list[tuple[int, int, int, bytes]] = []
        self.start = start
        self._marks = marks
        self._marked = False
        self._data = bytearray(header)

    def __bool__(self) -> bool:
        return bool(self.waiting) or bool(self._data)

    def end(self) -> int:
        """Return where in the file the next record will stand."""
        self._encode()
        mark = HEAD_BYTES if self._marks and not self._data else 0
        return self.start + len(self._data) + mark

    def take(self) -> bytes:
        """Take everything, as it is to stand in the file from ``start`` on."""
        if not self._data and not self._marks:
            data = encode_records(self.waiting)
            self.waiting.clear()
        else:
            self._encode()
            data = bytes(self._data)
            self._data.clear()
            self._marked = False
        self.start += len(data)
        return data

    def put_back(self, piece: bytes) -> None:
        """Take a piece back that could not be written; the next one holds it too."""
        self._encode()
        self.start -= len(piece)
        if self._marked:
            # What came since begins with a mark that has become untrue; it keeps its place.
            self._data[:HEAD_BYTES] = _mark(self.start)
        self._marked = self._marks and self.start > 0
        self._data[:0] = piece

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``offset`` in the file, which is not below ``start``."""
        self._encode()
        place = offset - self.start
        return bytes(self._data[place : place + size])

    def _encode(self) -> None:
        if not self.waiting:
            return
        if self._marks and not self._data:
            self._data += _mark(self.start)
            self._marked = True
        self._data += encode_records(self.waiting)
        self.waiting.clear()


def _mark(synced: int) -> bytes:
    return encode_records([(_SYNCED, synced, 0, b"")])
