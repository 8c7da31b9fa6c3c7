"""What a session asks of its message store, and the store that lives in memory.

The journal on disk is `fixgate.net.journal`; both obey this protocol.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeAlias

__all__ = ["KEPT_BYTES", "MemoryStore", "OnStored", "Store"]

OnStored: TypeAlias = Callable[[int, BaseException | None], None]
"""Gets the number that `Store.flush` returned, and why it could not be stored, if so."""


class Store(Protocol):
    """Sequence numbers and sent messages of one session.

    Numbers start at 1 and are unbounded (64 bits on disk). Nothing here blocks: a store that
    writes to disk buffers until its owner calls ``flush``, which must happen before the bytes
    of the same turn are written to a socket (store before send).
    """

    next_out: int
    """MsgSeqNum(34) of the next message that we send; changed by the store alone."""

    next_in: int
    """MsgSeqNum(34) that we expect next from the peer; changed by the store alone."""

    since_ns: int
    """When the numbers last began at 1, by a reset or as a new store; changed by it alone."""

    def sent(self, seq_num: int, message: bytes, now_ns: int) -> None:
        """Record a message of ours; ``next_out`` becomes ``seq_num + 1``."""

    def received(self, next_in: int, message: bytes, now_ns: int) -> None:
        """Record a message of theirs and the number expected after it."""

    def set_next_in(self, next_in: int, now_ns: int) -> None:
        """Move the expected number without a message (SequenceReset)."""

    def set_next_out(self, next_out: int, now_ns: int) -> None:
        """Move our next number forward without a message."""

    def reset(self, now_ns: int) -> None:
        """Start a new generation: both numbers at 1, nothing to resend from before."""

    def messages(self, begin: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield ``(seq_num, message)`` of ours for ``begin <= seq_num <= end``, ascending.

        Numbers that were skipped or hold nothing are left out. Streams: memory use does not
        grow with the range.
        """

    def flush(self) -> int:
        """Make everything recorded so far as durable as it is to be, or begin to.

        Returns:
            0 when it is; else the number that `watch` will hear of, before which nothing of this
            turn may be sent. All with a lower number is stored by then, too.

        Raises:
            StoreError: The store cannot be written; nothing of this turn may be sent.
        """

    def watch(self, on_stored: OnStored | None) -> None:
        """Call ``on_stored`` whenever something that `flush` has begun is done, or has failed.

        What has failed stays recorded; the next `flush` tries again.
        """

    def close(self) -> None:
        """Flush and let go of the store."""


KEPT_BYTES = 64 * 1024 * 1024
"""Of the messages of one session in memory: 300,000 ExecutionReports. What is older is passed over
when it is asked for; a venue that runs for weeks must not grow with its traffic."""


class MemoryStore:
    """A store that forgets everything with the process, and the oldest messages before that.

    Args:
        next_out: MsgSeqNum(34) of the next message that we send.
        next_in: MsgSeqNum(34) that we expect next from the peer.
        since_ns: When the numbers last began at 1.
        kept_bytes: How much of the messages is kept.
    """

    def __init__(
        self,
        *,
        next_out: int = 1,
        next_in: int = 1,
        since_ns: int = 0,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self.next_out = next_out
        self.next_in = next_in
        self.since_ns = since_ns
        self._room = self._kept_bytes = kept_bytes
        self._messages: dict[int, bytes] = {}
        # Beside the keys of the dictionary, whose first one takes long to find after deletions.
        self._numbers: deque[int] = deque()

    def sent(self, seq_num: int, message: bytes, now_ns: int) -> None:
        """Record a message of ours; ``next_out`` becomes ``seq_num + 1``."""
        self._messages[seq_num] = message
        self._numbers.append(seq_num)
        self.next_out = seq_num + 1
        self._room -= len(message)
        while self._room < 0:
            self._room += len(self._messages.pop(self._numbers.popleft()))

    def received(self, next_in: int, message: bytes, now_ns: int) -> None:
        """Record the number expected after a message of theirs."""
        self.next_in = next_in

    def set_next_in(self, next_in: int, now_ns: int) -> None:
        """Move the expected number without a message."""
        self.next_in = next_in

    def set_next_out(self, next_out: int, now_ns: int) -> None:
        """Move our next number forward without a message."""
        self.next_out = next_out

    def reset(self, now_ns: int) -> None:
        """Start again at 1 with nothing to resend."""
        self._messages.clear()
        self._numbers.clear()
        self._room = self._kept_bytes
        self.next_out = self.next_in = 1
        self.since_ns = now_ns

    def messages(self, begin: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield ``(seq_num, message)`` of ours in the range, ascending."""
        if not self._numbers:
            return
        begin = max(begin, self._numbers[0])
        wanted: Iterable[int] = range(begin, end + 1)
        if end - begin >= len(self._numbers):
            # Numbers only ascend, so they are in order; what was skipped costs nothing.
            wanted = [seq_num for seq_num in self._numbers if begin <= seq_num <= end]
        for seq_num in wanted:
            message = self._messages.get(seq_num)
            if message is not None:
                yield seq_num, message

    def flush(self) -> int:
        """Nothing to hand over."""
        return 0

    def watch(self, on_stored: OnStored | None) -> None:
        """Nothing to hear of."""

    def close(self) -> None:
        """Nothing to let go of."""
