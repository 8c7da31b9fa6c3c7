"""What a session sends: numbered, stored, and sent again when asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from fixgate.history import History
from fixgate.session.conceal import conceal
from fixgate.session.liveness import Liveness
from fixgate.session.resend import Resend
from fixgate.session.store import Store
from fixgate.session.writer import Header, Writer
from fixgate.wire.tags import MsgType

__all__ = ["Outbound"]

_LOGON = MsgType.Logon

RESEND_CHUNK_BYTES = 64 * 1024
RESENDS_WAITING = 5
"""Ranges that may wait behind the one being sent again; a range asked for twice is sent once."""


class Outbound:
    """The outgoing half of one session.

    Args:
        store: Keeps every message under its number, before it is sent.
        writer: Builds messages.
        liveness: Is told whenever we speak.
        history: Gets a record of each message.
        low: A number from which on ``on_low`` is told of each that has been used.
        on_low: Is told.
    """

    __slots__ = (
        "_bytes", "_history", "_liveness", "_low", "_on_low", "_resends", "_store", "_writer",
        "resending", "withheld",
    )  # fmt: skip

    resending: bool
    """``True`` while a range is being sent again."""

    withheld: bool
    """``True`` once a message was numbered and not sent; whoever sends next may take it back."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        liveness: Liveness,
        history: History,
        *,
        low: int,
        on_low: Callable[[int], None],
    ) -> None:
        self._store = store
        self._writer = writer
        self._liveness = liveness
        self._history = history
        self._low = low
        self._on_low = on_low
        self._bytes: list[bytes] = []
        self._resends: deque[Resend] = deque()
        self.resending = self.withheld = False

    def take(self) -> bytes:
        """Take what is to be written."""
        parts = self._bytes
        if not parts:
            return b""
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        parts.clear()
        return data

    def send(
        self, msg_type: bytes, body: bytes, now_ns: int, header: Header = (), *, now: bool = True
    ) -> int:
        """Number, build and store a message; put it in line when ``now``. Return its number."""
        store = self._store
        seq_num = store.next_out
        message = self._writer.message(msg_type, seq_num, body, now_ns, header)
        store.sent(seq_num, conceal(message) if msg_type == _LOGON else message, now_ns)
        if now:
            self._bytes.append(message)
            self._liveness.spoke_ns = now_ns
            self._history.add((now_ns, ">", message))
        else:
            self.withheld = True
        if seq_num >= self._low:
            self._on_low(seq_num)
        return seq_num

    def resend(self, begin: int, end: int, now_ns: int, *, again_to: int) -> None:
        """Begin to send ``begin`` to ``end`` again; one range at a time, live traffic between.

        Args:
            begin: First number, at least 1.
            end: Last number, below the store's next.
            now_ns: Now.
            again_to: Application messages above this number are passed over.
        """
        waiting = self._resends
        if self.is_sending_again(begin, end) or len(waiting) > RESENDS_WAITING:
            return
        waiting.append(Resend(self._store, self._writer, begin, end, again_to=again_to))
        self.resending = True
        if len(waiting) == 1:
            self.continue_resend(now_ns)

    def is_sending_again(self, begin: int, end: int) -> bool:
        """Whether a range is being sent again, or waits for that, as a whole."""
        return any(each.begin <= begin and end <= each.end for each in self._resends)

    def continue_resend(self, now_ns: int) -> None:
        """Put the next chunk of what the peer asked for in line; it may hold nothing."""
        while self._resends:
            messages, done = self._resends[0].chunk(now_ns, RESEND_CHUNK_BYTES)
            if done:
                self._resends.popleft()
                self.resending = bool(self._resends)
            if messages:
                self._bytes.extend(messages)
                self._liveness.spoke_ns = now_ns
                for message in messages:
                    self._history.add((now_ns, ">", message))
            if messages or not done:
                return

    def stop_resending(self) -> None:
        """Forget what was asked for: the numbers have been reset."""
        self._resends.clear()
        self.resending = False

    def clear(self) -> None:
        """The connection is gone: nothing is in line any more."""
        self._resends.clear()
        self.resending = False
        self._bytes.clear()
