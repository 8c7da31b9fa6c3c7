"""One direction of a connection: cut into parcels on its way in, a queue on its way out."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from fixgate.faults.acts import Act, Feed, Write
from fixgate.faults.effect import Parcel
from fixgate.wire.frame import START
from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled
from fixgate.wire.message import Message

__all__ = ["Cutter", "Queue", "Queued"]

_TLS_RECORDS = b"\x15\x16"  # with which TLS begins: an alert, or a handshake


class Cutter:
    """Cuts a stream into messages and what is none, so that none is lost and none is doubled.

    While nothing is to happen to the stream, bytes pass as they come, and are only looked at. What
    has passed of a message that is not whole cannot be changed any more: the rest of it passes too.
    In TLS nothing is looked for: by chance it would be found, and its bytes would wait.
    """

    __slots__ = ("_framer", "_passed", "_tls")

    def __init__(self) -> None:
        self._framer = Framer()
        self._tls: bool | None = None  # until there is a first byte
        self._passed = 0  # bytes of what is pending that have gone on already

    def look(self, data: bytes) -> list[Message]:
        """Let bytes pass as they are; return the messages that have become whole with them."""
        if self._is_tls(data):
            return []
        items = self._framer.feed(data)
        self._passed = self._framer.pending
        return [item for item in items if isinstance(item, Message)]

    def cut(self, data: bytes, now_ns: int) -> list[Parcel]:
        """Return what has become whole, in order; the beginning of a message waits."""
        if self._is_tls(data):
            return [Parcel(data, None, now_ns)]
        parcels = self._parcels(self._framer.feed(data), now_ns)
        # A framer waits for the end of a garbled field, too; nobody here needs it.
        waiting = self._framer.take_pending()
        at = _message_start(waiting)
        parcels += self._rest(waiting[:at], None, now_ns)
        return parcels + self._parcels(self._framer.feed(waiting[at:]), now_ns)

    def _is_tls(self, data: bytes) -> bool:
        if self._tls is None:
            self._tls = data[0] in _TLS_RECORDS
        return self._tls

    def _parcels(self, items: list[Message | Garbled], now_ns: int) -> list[Parcel]:
        parcels: list[Parcel] = []
        for item in items:
            if isinstance(item, Message):
                parcels += self._rest(item.raw, item, now_ns)
            else:
                parcels += self._rest(item.data, None, now_ns)
        return parcels

    def _rest(self, raw: bytes, message: Message | None, now_ns: int) -> list[Parcel]:
        """Return what has not gone yet of some bytes."""
        gone = min(self._passed, len(raw))
        self._passed -= gone
        if gone == len(raw):
            return []
        return [Parcel(raw[gone:], None if gone else message, now_ns, begun=gone > 0)]

    def let_go(self) -> bytes:
        """Return what has waited for the rest of its message: it need not any more."""
        # Fed again, so that the rest of the message is not taken for garbage.
        pending = self._framer.take_pending()
        waited = pending[self._passed :]
        self._framer.feed(pending)
        self._passed = self._framer.pending
        return waited


def _message_start(data: bytes) -> int:
    """Return where a message begins, or may begin with the last bytes; else the length."""
    at = data.find(START)
    if at >= 0:
        return at
    for size in range(min(len(START) - 1, len(data)), 0, -1):
        if data.endswith(START[:size]):
            return len(data) - size
    return len(data)


class Queued(NamedTuple):
    """Something that is due at an instant.

    Attributes:
        at_ns: When.
        order: Among all that is due at that instant.
        act: What.
    """

    at_ns: int
    order: int
    act: Act


class Queue:
    """What waits for its time, first in, first out.

    Attributes:
        held_bytes: How many bytes wait.
    """

    __slots__ = ("_last_ns", "_waiting", "held_bytes")

    def __init__(self) -> None:
        self.held_bytes = 0
        self._waiting: deque[Queued] = deque()
        self._last_ns = 0

    @property
    def head(self) -> Queued | None:
        """What is next."""
        return self._waiting[0] if self._waiting else None

    def put(self, act: Act, at_ns: int, order: int) -> None:
        """Put something at the end; it is due no earlier than what is before it."""
        self._last_ns = max(self._last_ns, at_ns)
        self._waiting.append(Queued(self._last_ns, order, act))
        self.held_bytes += _size(act)

    def pop(self) -> Queued:
        """Take what is next."""
        queued = self._waiting.popleft()
        self.held_bytes -= _size(queued.act)
        return queued

    def hurry(self, now_ns: int) -> None:
        """Let everything be due now."""
        self._waiting = deque(
            each._replace(at_ns=min(each.at_ns, now_ns)) for each in self._waiting
        )
        self._last_ns = min(self._last_ns, now_ns)

    def clear(self) -> None:
        """Throw everything away."""
        self._waiting.clear()
        self.held_bytes = 0


def _size(act: Act) -> int:
    return len(act.data) if isinstance(act, Write | Feed) else 0
