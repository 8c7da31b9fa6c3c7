"""Which side of a session is the client: it asks, and the venue answers. Pure."""

from __future__ import annotations

from fixgate.sampling.questions import QUESTIONS
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType

__all__ = ["Evidence"]

_ORDERS = frozenset(
    {
        MsgType.OrderCancelReplaceRequest,
        MsgType.OrderStatusRequest,
        *(each for row in QUESTIONS if row.kind.of_application for each in row.requests),
    }
)
_REPORTS = frozenset({MsgType.ExecutionReport, MsgType.OrderCancelReject})
_ANSWERS = frozenset({MsgType.Logon, MsgType.Logout})


class Evidence:
    """What tells the client from the venue: orders the most, then the Logons, then the SYN.

    A Logon tells by its answer, a Logon or Logout of the other side that comes next; for a log may
    begin with the venue's, and what asked for it be in the log before.

    Args:
        opener: Which side opened the connection, 0 or 1; ``None`` for unknown.
        ordered: Messages of one instant come in their order. Else a Logon and its answer of the
            same instant do not tell which was first.
    """

    def __init__(self, opener: int | None = None, *, ordered: bool = True) -> None:
        self._opener = opener
        self._ordered = ordered
        self._orders = [0, 0]
        self._logons = [0, 0]
        self._spoke = [False, False]
        self._asking: tuple[int, int | None] | None = None  # the Logon that was the last message

    def take(self, side: int, message: Message, at_ns: int | None) -> None:
        """Take a message that a side, 0 or 1, sent."""
        kind = message.msg_type
        self._spoke[side] = True
        if kind in _ORDERS:
            self._orders[side] += 1
        elif kind in _REPORTS:
            self._orders[1 - side] += 1
        if self._asking is not None and kind in _ANSWERS:
            asker, asked_ns = self._asking
            if side != asker and (self._ordered or asked_ns != at_ns):
                self._logons[asker] += 1
                self._asking = None
                return
        self._asking = (side, at_ns) if kind == MsgType.Logon else None

    @property
    def client(self) -> int | None:
        """The client's side, 0 or 1; ``None`` where nothing tells."""
        for votes in (self._orders, self._logons):
            if votes[0] != votes[1]:
                return 0 if votes[0] > votes[1] else 1
        if self._opener is None and self._asking is not None and not all(self._spoke):
            return self._asking[0]
        return self._opener
