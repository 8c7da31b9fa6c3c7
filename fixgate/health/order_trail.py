"""What became of the test order, read from the venue's messages."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["OrderTrail", "text_of"]

_FILLED = frozenset({b"1", b"2"})
_FILL_EXEC_TYPES = frozenset({b"1", b"2", b"F"})
_GONE = {b"4": "Canceled", b"C": "Expired", b"3": "Done for day"}
_ACKNOWLEDGED = frozenset({b"0", b"1", b"2", b"3", b"4", b"6", b"C", b"E", b"5"})


def text_of(message: Message) -> str:
    """Return Text(58) as people read it, or an empty string."""
    raw = message.get(Tag.Text) or b""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


class OrderTrail:
    """Follows one order by its ClOrdID(11) and that of its cancel.

    Attributes:
        acknowledged: The first report that the venue has taken the order on, or ``None``.
        rejected: The message that turned the order down, or ``None``.
        filled: The first report of a fill, or ``None``.
        gone: The report that the order is no longer in the book, or ``None``.
        cancel_refused: The message that turned the cancel down, or ``None``.
        quantity: CumQty(14) of the last report that names it.
        order_id: OrderID(37) of the last report, or ``None``.
    """

    def __init__(self, cl_ord_id: bytes, cancel_id: bytes | None = None) -> None:
        self._cl_ord_id = cl_ord_id
        self._cancel_id = cancel_id
        self._seq_nums: dict[bytes, bytes] = {}
        self.acknowledged: Message | None = None
        self.rejected: Message | None = None
        self.filled: Message | None = None
        self.gone: Message | None = None
        self.cancel_refused: Message | None = None
        self.quantity = Decimal(0)
        self.order_id: bytes | None = None

    def sent(self, message: Message) -> None:
        """Take a message of ours: a Reject may refer to its MsgSeqNum(34).

        Whoever rejects a question about an order has not rejected the order.
        """
        if message.msg_type == MsgType.OrderStatusRequest:
            return
        cl_ord_id, number = message.get(Tag.ClOrdID), message.get(Tag.MsgSeqNum)
        if number is not None and cl_ord_id in (self._cl_ord_id, self._cancel_id):
            self._seq_nums[number] = cl_ord_id or b""

    def received(self, message: Message) -> None:
        """Take a message of theirs; what does not concern the order is ignored."""
        if message.msg_type == MsgType.ExecutionReport:
            if self._is_ours(message):
                self._report(message)
        elif message.msg_type == MsgType.OrderCancelReject:
            if self._is_ours(message):
                self.cancel_refused = self.cancel_refused or message
        elif message.msg_type in (MsgType.Reject, MsgType.BusinessMessageReject):
            self._refused(self._seq_nums.get(message.get(Tag.RefSeqNum) or b""), message)

    @property
    def answered(self) -> bool:
        """Whether the venue has said anything about the order."""
        return any((self.acknowledged, self.rejected, self.filled, self.gone))

    @property
    def over(self) -> bool:
        """Whether nothing more is to come: it is gone, was refused, or cannot be cancelled."""
        return any((self.rejected, self.gone, self.cancel_refused))

    @property
    def state(self) -> str:
        """The state of the order in a word, as FIX names it."""
        if self.gone is not None:
            return _GONE.get(self.gone.get(Tag.OrdStatus) or b"", "Canceled")
        if self.filled is not None:
            return "Filled"
        if self.rejected is not None:
            return "Rejected"
        return "New" if self.acknowledged is not None else "unknown"

    def _is_ours(self, message: Message) -> bool:
        ids = {self._cl_ord_id, self._cancel_id} - {None}
        return message.get(Tag.ClOrdID) in ids or message.get(Tag.OrigClOrdID) in ids

    def _report(self, message: Message) -> None:
        status = message.get(Tag.OrdStatus) or b""
        self.order_id = message.get(Tag.OrderID) or self.order_id
        self.quantity = max(self.quantity, _decimal(message.get(Tag.CumQty)))
        if status == b"8":
            self.rejected = self.rejected or message
            return
        if status in _ACKNOWLEDGED:
            self.acknowledged = self.acknowledged or message
        if status in _FILLED or message.get(Tag.ExecType) in _FILL_EXEC_TYPES or self.quantity:
            self.filled = self.filled or message
        if status in _GONE:
            self.gone = self.gone or message

    def _refused(self, cl_ord_id: bytes | None, message: Message) -> None:
        if cl_ord_id is None:
            return
        if cl_ord_id == self._cl_ord_id:
            self.rejected = self.rejected or message
        else:
            self.cancel_refused = self.cancel_refused or message


def _decimal(value: bytes | None) -> Decimal:
    try:
        number = Decimal((value or b"0").decode("ascii"))
    except (InvalidOperation, UnicodeDecodeError):
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)
