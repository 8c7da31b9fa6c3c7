"""Which side of a session is the client: it asks, and the venue answers. Pure."""

from __future__ import annotations

from collections import Counter

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


class Evidence:
    """What tells the client from the venue: orders the most, then the first Logon, then the SYN.

    Args:
        opener: Which side opened the connection, 0 or 1; ``None`` for unknown.
        ordered: Messages of one instant come in their order. Else a Logon and its answer of the
            same instant do not tell which was first.
    """

    def __init__(self, opener: int | None = None, *, ordered: bool = True) -> None:
        self._opener = opener
        self._ordered = ordered
        self._orders: Counter[int] = Counter()
        self._logon: tuple[int, int | None] | None = None
        self._answered = False

    def take(self, side: int, message: Message, at_ns: int | None) -> None:
        """Take a message that a side, 0 or 1, sent."""
        kind = message.msg_type
        if kind in _ORDERS:
            self._orders[side] += 1
        elif kind in _REPORTS:
            self._orders[1 - side] += 1
        elif kind == MsgType.Logon and not self._answered:
            if self._logon is None:
                self._logon = side, at_ns
            elif side != self._logon[0]:
                self._answered = True
                if at_ns == self._logon[1] and not self._ordered:
                    self._logon = None

    @property
    def client(self) -> int | None:
        """The client's side, 0 or 1; ``None`` where nothing tells."""
        if self._orders[0] != self._orders[1]:
            return 0 if self._orders[0] > self._orders[1] else 1
        return self._opener if self._logon is None else self._logon[0]
