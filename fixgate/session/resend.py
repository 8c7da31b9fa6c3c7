"""The answer to a ResendRequest, as a stream that is never held in memory as a whole.

Administrative messages, numbers that hold nothing, what is above a limit and, for a prober, its
own old orders are passed over with one SequenceReset-GapFill a run; everything else is sent again.

Spec: FIX 4.4 volume 2, "Resend Request" and "Sequence Reset - Gap Fill"; test case 8.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.session.store import Store
from fixgate.session.writer import Writer
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fixgate.wire.tags import ADMIN_MSG_TYPES

__all__ = ["Resend"]

_BEFORE_TYPE = b"\x0135="
# What looking at an administrative message costs, in bytes that are sent again. A day of Heartbeats
# would hold up every other session for as long as it takes to pass over them.
_PASSED_OVER_BYTES = 64


def _msg_type(message: bytes) -> bytes:
    start = message.index(_BEFORE_TYPE) + len(_BEFORE_TYPE)
    return message[start : message.index(b"\x01", start)]


class Resend:
    """One range being sent again.

    Args:
        store: Where our messages are.
        writer: Builds them anew.
        begin: First number, at least 1.
        end: Last number, below the store's next.
        again_to: Application messages above this number are passed over too; below ``begin``
            passes over all of them.
    """

    __slots__ = ("_again_to", "_now_ns", "_parts", "_store", "_writer", "begin", "end")

    def __init__(
        self, store: Store, writer: Writer, begin: int, end: int, *, again_to: int
    ) -> None:
        self.begin = begin
        self.end = end
        self._store = store
        self._writer = writer
        self._again_to = min(end, again_to)
        self._now_ns = 0
        self._parts = self._stream()

    def chunk(self, now_ns: int, at_most_bytes: int) -> tuple[list[bytes], bool]:
        """Return the next messages to send, and whether that was the end.

        Args:
            now_ns: SendingTime(52) of what is sent again.
            at_most_bytes: Stop after the message that passes this size; what is passed over
                counts a little.
        """
        self._now_ns = now_ns
        parts: list[bytes] = []
        size = 0
        for part in self._parts:
            if part:
                parts.append(part)
            size += len(part) or _PASSED_OVER_BYTES
            if size >= at_most_bytes:
                return parts, False
        return parts, True

    def _stream(self) -> Iterator[bytes]:
        """Yield messages; nothing for each that is passed over, so that nobody waits for long."""
        gap_begin = self.begin
        writer = self._writer
        for seq_num, raw in self._store.messages(self.begin, self._again_to):
            msg_type = _msg_type(raw)
            if msg_type in ADMIN_MSG_TYPES:
                yield b""
                continue
            again = writer.again_as_laid_out(raw, msg_type, seq_num, self._now_ns)
            if again is None:
                message = decode(raw)
                if not isinstance(message, Message):
                    continue  # not one of ours; the gap fill passes over it
                again = writer.again(message, seq_num, self._now_ns)
            if gap_begin < seq_num:
                yield writer.gap_fill(gap_begin, seq_num, self._now_ns)
            gap_begin = seq_num + 1
            yield again
        if gap_begin <= self.end:
            yield writer.gap_fill(gap_begin, self.end + 1, self._now_ns)
