"""The messages of one direction of a connection, and when each passed. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from fixgate.net.capture.reassembly import Gap, Piece
from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled
from fixgate.wire.message import Message

__all__ = ["MessageStream", "Seen", "Speech"]

_TLS_RECORDS = (b"\x14\x03", b"\x15\x03", b"\x16\x03", b"\x17\x03")
_TLS_MINORS = b"\x00\x01\x02\x03\x04"
_MAX_STRANGE_BYTES = 64 * 1024
"""So much without a message, and it is no FIX: more than the longest that is usual."""


class Speech(Enum):
    """What a direction carries; the value is what people read."""

    UNKNOWN = "nothing yet"
    FIX = "FIX"
    TLS = "TLS"
    OTHER = "something else than FIX"


@dataclass(slots=True)
class Seen:
    """A message as it passed.

    Attributes:
        message: It.
        at_ns: When the last of its bytes passed, nanoseconds since the epoch; ``None`` for unknown.
        coalesced: Other messages ended in the same packet.
        end: The place of the stream behind it, as of a `Piece`.
        acked_ns: When the other side's kernel acknowledged it, once that is known.
    """

    message: Message
    at_ns: int | None
    coalesced: bool
    end: int = 0
    acked_ns: int | None = None


class MessageStream:
    """Cuts one direction into messages and gives each the instant of its bytes.

    A message that began before a gap, or before the capture, cannot be told; the next one can.

    Attributes:
        speech: What this direction carries.
        garbled: What was no message, though nothing was missing.
    """

    def __init__(self, *, whole: bool) -> None:
        """Start.

        Args:
            whole: The first bytes to come are the first of the connection.
        """
        self.speech = Speech.UNKNOWN
        self.garbled = 0
        self._framer = Framer()
        self._whole = whole  # what comes begins where a message should
        self._first = True
        self._strange_bytes = 0
        self._end = 0  # in the stream, of what the framer has handed out
        self._fed = 0
        self._pieces: deque[tuple[int, Piece]] = deque()  # by where they end

    def take(self, piece: Piece | Gap) -> list[Seen]:
        """Take what comes next, in order; return the messages that are whole with it."""
        if self.speech in (Speech.TLS, Speech.OTHER):
            return []
        if isinstance(piece, Gap):
            self._gap()
            return []
        if self._first:
            self._first = False
            head = piece.data[:3]
            if head[:2] in _TLS_RECORDS and head[2:] and head[2] in _TLS_MINORS:
                self._stop(Speech.TLS)
                return []
        self._fed += len(piece.data)
        self._pieces.append((self._fed, piece))
        found = [self._place(each) for each in self._framer.feed(piece.data)]
        self._judge(len(piece.data), found=any(found))
        placed = [each for each in found if each is not None]
        packets = [id(packet) for _, packet in placed]
        for seen, packet in placed:
            seen.coalesced = packets.count(id(packet)) > 1
        return [seen for seen, _ in placed]

    def end(self) -> None:
        """Say that nothing more comes."""
        self._gap()

    def _gap(self) -> None:
        self._framer.end()
        self._pieces.clear()
        self._end = self._fed
        self._whole = False

    def _place(self, found: Message | Garbled) -> tuple[Seen, Piece] | None:
        """Return a message with its instant, and the packet of its last byte."""
        if isinstance(found, Garbled):
            if self._whole and not found.continued:
                self.garbled += 1
            self._pass(len(found.data))
            return None
        self._whole = True
        pieces = self._pass(len(found.raw))
        instants = [each.at_ns for _, each in pieces if each.at_ns is not None]
        at_ns = max(instants) if len(instants) == len(pieces) else None
        fed, last = pieces[-1]
        return Seen(found, at_ns, coalesced=False, end=last.end - (fed - self._end)), last

    def _pass(self, size: int) -> list[tuple[int, Piece]]:
        """Move on by so many bytes; return the pieces that they were in, by where these end."""
        self._end += size
        pieces = []
        while self._pieces:
            end, piece = self._pieces[0]
            pieces.append((end, piece))
            if end > self._end:
                break
            self._pieces.popleft()
            if end == self._end:
                break
        return pieces

    def _judge(self, size: int, *, found: bool) -> None:
        if found:
            self.speech = Speech.FIX
        elif self.speech is Speech.UNKNOWN:
            self._strange_bytes += size
            if self._strange_bytes > _MAX_STRANGE_BYTES:
                self._stop(Speech.OTHER)

    def _stop(self, speech: Speech) -> None:
        self.speech = speech
        self._framer = Framer()
        self._pieces.clear()
