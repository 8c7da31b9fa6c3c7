"""Which of the peer's messages are missing, and what waits until they have come.

The second small machine of a session: pure arithmetic on sequence numbers. It is in sync, or it
recovers one range, holding what came too early. A second gap seen while recovering asks
nothing new: the first request has no end and covers it.

Spec: FIX 4.4 volume 2, "Ordered Message Processing"; test cases 2.b, 10.a, 20.
"""

from __future__ import annotations

from fixgate.wire.message import Message

__all__ = ["HELD_BYTES", "HELD_MESSAGES", "Recovery"]

HELD_MESSAGES = 2000
HELD_BYTES = 4 * 1024 * 1024
"""What is held while a gap is open. Beyond it the newest are let go and asked for again: a queue
without an end is how a peer that skips a million numbers fills our memory (QuickFIX/J 477). The
bytes are those of memory: messages of many short fields take thirteen times what they are long."""

_FIELD_BYTES = 100  # of a field that has been read, beside its place in the message


class Recovery:
    """The missing range, if any, and the messages held above it.

    Attributes:
        begin: The first missing number when the gap opened; 0 when nothing is missing.
        end: The last.
        asked_from: The number that was expected when we last asked, or saw that something came.
        asked_to: The last number that we asked for, 0 for a request without an end.
        tries: How often we have asked since anything came.
        releasing: What was missing has come, and some of what waited is still to be acted on.
    """

    __slots__ = ("_bytes", "_held", "asked_from", "asked_to", "begin", "end", "releasing", "tries")

    def __init__(self) -> None:
        self.begin = 0
        self.end = 0
        self.asked_from = self.asked_to = self.tries = 0
        self.releasing = False
        self._held: dict[int, Message] = {}
        self._bytes = 0

    @property
    def open(self) -> bool:
        """``True`` while messages are missing."""
        return self.end != 0

    def too_high(self, seq_num: int, message: Message, expected: int) -> bool:
        """Hold a message that came too early.

        Args:
            seq_num: Its MsgSeqNum(34), above ``expected``.
            message: The message.
            expected: The number that should have come.

        Returns:
            ``True`` when the missing messages must be asked for now.
        """
        room = len(self._held) < HELD_MESSAGES and self._bytes + _size(message) <= HELD_BYTES
        if room and seq_num not in self._held:
            self._held[seq_num] = message
            self._bytes += _size(message)
        if self.open or self.releasing:
            return False
        self.begin, self.end = expected, seq_num - 1
        self.asked_from = self.asked_to = self.tries = 0
        return True

    def holds(self, seq_num: int) -> bool:
        """Return whether a message waits that has this number."""
        return seq_num in self._held

    def due(self, expected: int) -> Message | None:
        """Take the held message whose turn has come."""
        if not self._held:
            return None
        message = self._held.pop(expected, None)
        if message is not None:
            self._bytes -= _size(message)
        return message

    def closed_by(self, expected: int) -> tuple[int, int] | None:
        """Return the range that has come in full now that ``expected`` is next, else ``None``.

        Held messages below ``expected`` are let go: a GapFill may pass over them.
        """
        if not self.open or expected <= self.end:
            return None
        done = (self.begin, self.end)
        self.begin = self.end = 0
        self.let_go(expected)
        return done

    def let_go(self, expected: int) -> None:
        """Let go of held messages below ``expected``: their numbers have been passed over."""
        for seq_num in [n for n in self._held if n < expected]:
            self._bytes -= _size(self._held.pop(seq_num))

    def next_gap(self, expected: int) -> tuple[int, Message] | None:
        """Return the lowest held message when something is still missing below it."""
        if not self._held:
            return None
        lowest = min(self._held)
        return None if lowest <= expected else (lowest, self._held[lowest])

    def clear(self) -> None:
        """Forget everything: the connection ended or the numbers were reset."""
        self.begin = self.end = 0
        self.releasing = False
        self._held.clear()
        self._bytes = 0


def _size(message: Message) -> int:
    return len(message.raw) + _FIELD_BYTES * len(message.tags)
