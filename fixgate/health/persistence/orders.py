"""The orders that were at the venue while the line was down: still in the book, cancelled, lost?

What a venue says of an order counts by when it says so. A cancel that is reported before we asked
for one is the venue's own; one after it may be ours. OrderStatusRequest(H) is asked first, and a
venue that does not know it is asked by the cancel.

Spec: FIX 4.0 to 5.0 SP2 volume 4: OrderStatusRequest, OrderCancelRequest, OrderCancelReject:
CxlRejReason(102) 0 too late, 1 unknown order; OrdRejReason(103) 5 unknown order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from fixgate.health.order_trail import text_of
from fixgate.health.persistence.flaw import Flaw
from fixgate.health.persistence.story import Connection, Told, number
from fixgate.wire.message import Message
from fixgate.wire.tags import ADMIN_MSG_TYPES, MsgType, Tag

__all__ = [
    "OrderFate",
    "OrderStory",
    "is_status",
    "names_of",
    "order_flaws",
    "stories",
    "unreported",
]

_OF_NO_ORDER = ADMIN_MSG_TYPES - {MsgType.Reject}
_OPEN = frozenset({b"0", b"1", b"5", b"6", b"A", b"E"})
_GONE = frozenset({b"3", b"4", b"C"})
_FILLED = b"2"
_REJECTED = b"8"
_UNKNOWN_ORDER = b"5"  # OrdRejReason(103)
_CANCEL_UNKNOWN, _CANCEL_TOO_LATE = b"1", b"0"  # CxlRejReason(102)


class OrderFate(Enum):
    """What has become of an order at the venue; the value is how people say it."""

    RESTS = "in the book"
    CANCELLED = "cancelled by the venue"
    FILLED = "filled"
    REJECTED = "rejected"
    UNKNOWN = "unknown to the venue"
    UNTOLD = "cannot be told"


@dataclass(slots=True)
class OrderStory:
    """One order of a return; filled by `follow`.

    Attributes:
        cl_ord_id: ClOrdID(11).
        sent_at: Index of the record that says that it was sent.
        number: Our MsgSeqNum(34) that carried it, ``None`` until it is known.
        cancel_id: ClOrdID(11) of its cancel, ``None`` before that was sent.
        cancel_at: Index of the record that says that the cancel was sent.
        cut_at: Index of the record at which the line was cut, ``None`` when it was not.
        acknowledged: The venue's first report that it has taken the order on, and that we took.
        cancelled: The venue's own report that it has cancelled the order.
        status: The answer to an OrderStatusRequest.
        confirmed: The report that answers our cancel.
        ended: A report after our cancel that the order is gone, and that does not say by whom.
        refusal: The OrderCancelReject or Reject that answers our cancel.
        rejected: The report that turned the order down.
        filled: The first report of a fill.
    """

    cl_ord_id: bytes
    sent_at: int
    number: int | None = None
    cancel_id: bytes | None = None
    cancel_at: int | None = None
    cut_at: int | None = None
    acknowledged: Told | None = None
    cancelled: Told | None = None
    status: Told | None = None
    confirmed: Told | None = None
    ended: Told | None = None
    refusal: Told | None = None
    rejected: Told | None = None
    filled: Told | None = None
    _numbers: dict[int, bytes] = field(default_factory=dict)

    @property
    def into_the_cut(self) -> bool:
        """Whether the line was cut before the venue's report of it was taken."""
        told = self.acknowledged
        return self.cut_at is not None and (told is None or told.index > self.cut_at)

    @property
    def unanswered(self) -> bool:
        """Whether the venue has never said what it did with the order."""
        return not any((self.acknowledged, self.rejected, self.filled))

    @property
    def name(self) -> str:
        """How people name it."""
        return f"ClOrdID(11) {self.cl_ord_id.decode('latin-1')}"

    def follow(self, told: Told) -> None:
        """Take one message that went either way."""
        if told.msg_type in _OF_NO_ORDER:
            return
        message, ids = told.message, {self.cl_ord_id, self.cancel_id} - {None}
        if told.ours:
            own = message.get(Tag.ClOrdID)
            if own in ids and told.number is not None and not told.poss_dup:
                self._numbers[told.number] = own or b""
                if own == self.cl_ord_id and message.msg_type == MsgType.NewOrderSingle:
                    self.number = told.number
            return
        if not told.read:
            return
        named = message.get(Tag.ClOrdID) in ids or message.get(Tag.OrigClOrdID) in ids
        if message.msg_type == MsgType.ExecutionReport and named:
            self._report(told)
        elif message.msg_type == MsgType.OrderCancelReject and named:
            self.refusal = self.refusal or told
        elif message.msg_type in (MsgType.Reject, MsgType.BusinessMessageReject):
            about = self._numbers.get(number(message, Tag.RefSeqNum) or 0)
            if about is not None and about == self.cancel_id:
                self.refusal = self.refusal or told

    def _report(self, told: Told) -> None:
        message = told.message
        status = message.get(Tag.OrdStatus) or b""
        if is_status(message):
            self.status = self.status or told
            return
        if status == _FILLED or message.get(Tag.ExecType) in (b"1", b"2", b"F") or status == b"1":
            self.filled = self.filled or told
        if status == _REJECTED:
            self.rejected = self.rejected or told
        elif status in _OPEN:
            self.acknowledged = self.acknowledged or told
        elif status in _GONE:
            asked = self.cancel_at is not None and told.index > self.cancel_at
            if not asked or told.poss_dup:
                self.cancelled = self.cancelled or told
            elif message.get(Tag.ClOrdID) == self.cancel_id:
                self.confirmed = self.confirmed or told
            else:
                self.ended = self.ended or told

    @property
    def fate(self) -> OrderFate:
        """What the venue's words amount to."""
        if self.filled is not None:
            return OrderFate.FILLED
        if self.rejected is not None:
            return OrderFate.REJECTED
        if self.cancelled is not None:
            return OrderFate.CANCELLED
        if self.confirmed is not None:
            return OrderFate.RESTS
        if self.ended is not None and self.refusal is not None:
            return OrderFate.CANCELLED  # our cancel was not what ended it
        if self.status is not None:
            return _by_status(self.status.message)
        if self.refusal is not None and self.refusal.message.msg_type == MsgType.OrderCancelReject:
            return _by_refusal(self.refusal.message)
        return OrderFate.UNTOLD

    @property
    def surely_gone(self) -> bool:
        """Whether nothing can be left in the book."""
        if any((self.rejected, self.cancelled, self.confirmed, self.ended)):
            return True
        if self.filled is not None:
            return self.filled.message.get(Tag.OrdStatus) == _FILLED
        return self.fate in (OrderFate.CANCELLED, OrderFate.UNKNOWN)


def is_status(message: Message) -> bool:
    """Return whether a report answers an OrderStatusRequest."""
    if message.get(Tag.ExecType) == b"I" or message.get(Tag.ExecTransType) == b"3":
        return True
    return message.get(Tag.OrdRejReason) == _UNKNOWN_ORDER


def _by_status(message: Message) -> OrderFate:
    status = message.get(Tag.OrdStatus) or b""
    if status in _OPEN:
        return OrderFate.RESTS
    if status in _GONE:
        return OrderFate.CANCELLED
    if status == _FILLED:
        return OrderFate.FILLED
    return OrderFate.UNKNOWN if status == _REJECTED else OrderFate.UNTOLD


def _by_refusal(message: Message) -> OrderFate:
    reason = message.get(Tag.CxlRejReason)
    if reason == _CANCEL_UNKNOWN or "unknown" in text_of(message).lower():
        return OrderFate.UNKNOWN
    return OrderFate.CANCELLED if reason == _CANCEL_TOO_LATE else OrderFate.UNTOLD


def order_flaws(
    orders: Sequence[OrderStory],
    *,
    cancel_on_disconnect: bool | None,
    taken: int,
    wanted_again: int | None,
    last: int,
) -> Iterator[Flaw]:
    """Judge what the orders of one return have come to.

    Args:
        orders: These.
        cancel_on_disconnect: What the venue is to do, ``None`` when that is not known.
        taken: The highest of our numbers that the venue has surely taken by now.
        wanted_again: The first number that the venue asked for again, ``None`` for none.
        last: The index of the last record.
    """
    of = {fate: [o for o in orders if o.fate is fate] for fate in OrderFate}
    if filled := of[OrderFate.FILLED]:
        text = f"AN ORDER OF THE CHECK WAS FILLED while the line was down: {names_of(filled)}."
        yield Flaw("order-filled", "order filled", text, _at(filled[0].filled, last))
    for order in of[OrderFate.REJECTED]:
        said = text_of(order.rejected.message) if order.rejected is not None else ""
        text = f'The order {order.name} was rejected: "{said}"; expected it to rest.'
        yield Flaw("order-rejected", "order rejected", text, _at(order.rejected, last))
    lost = [o for o in of[OrderFate.UNKNOWN] if _is_lost(o, taken, wanted_again)]
    if lost and not cancel_on_disconnect:
        yield _lost(lost, last)
    gone = of[OrderFate.CANCELLED]
    if gone and cancel_on_disconnect is False:
        text = (
            f"The venue cancelled what rested, {names_of(gone)}, when the line was cut; expected "
            "it to stay in the book (cancel_on_disconnect: false)."
        )
        first = gone[0].cancelled or gone[0].status or gone[0].refusal
        yield Flaw("orders-cancelled", "orders cancelled", text, _at(first, last))
    kept = [order for order in of[OrderFate.RESTS] if not order.into_the_cut]
    if kept and cancel_on_disconnect:
        text = (
            f"What rested is still in the book after the line was cut, {names_of(kept)}; expected "
            "the venue to have cancelled it (cancel_on_disconnect: true)."
        )
        yield Flaw("orders-kept", "orders kept", text, _at(kept[0].status, last))


def names_of(orders: Sequence[OrderStory]) -> str:
    """Return orders by their ClOrdIDs, as people name them."""
    ids = (order.cl_ord_id.decode("latin-1") for order in orders)
    return f"ClOrdID(11) {' and '.join(ids)}"


def _at(told: Told | None, last: int) -> int:
    return told.index if told is not None else last


def _is_lost(order: OrderStory, taken: int, wanted_again: int | None) -> bool:
    """Whether an order that the venue does not know must have been known to it once."""
    own = order.number or 0
    if wanted_again is not None and own >= wanted_again:
        return False  # it never came, and we passed over it
    return order.acknowledged is not None or own <= taken


def _lost(orders: Sequence[OrderStory], last: int) -> Flaw:
    first = orders[0]
    known = "it acknowledged the order before"
    if first.acknowledged is None:
        known = f"it has taken our MsgSeqNum(34) {first.number}, which carried the order"
    text = (
        f"The venue does not know {names_of(orders)} any more, though {known}, and has never "
        "reported its end; expected it to rest, or a report."
    )
    return Flaw("order-lost", "order lost", text, _at(first.status or first.refusal, last))


def unreported(orders: Sequence[OrderStory]) -> tuple[OrderStory, str] | None:
    """Return an order whose report has not come though the venue knows it, and that in words."""
    for order in orders:
        by_status = None if order.status is None else _by_status(order.status.message)
        known = order.fate in (OrderFate.RESTS, OrderFate.CANCELLED) and order.cancelled is None
        if known and order.acknowledged is None:
            return order, f"its acknowledgement of the order {order.name} has never come"
        if known and by_status is OrderFate.CANCELLED:
            return order, f"its report that it cancelled {order.name} has never come"
    return None


def stories(
    sent: Mapping[bytes, int],
    cancels: Mapping[bytes, tuple[bytes, int]],
    story: Sequence[Connection],
) -> list[OrderStory]:
    """Return the stories of orders.

    Args:
        sent: Their ClOrdIDs, each with the index of the record that it was sent.
        cancels: Of a ClOrdID that of its cancel, and the index of the record that it was sent.
        story: The connections.
    """
    made = []
    for cl_ord_id, sent_at in sent.items():
        cancel_id, cancel_at = cancels.get(cl_ord_id, (None, None))
        cut_at = next((c.cut_at for c in story if c.begin <= sent_at <= c.end), None)
        order = OrderStory(cl_ord_id, sent_at, cancel_id=cancel_id, cancel_at=cancel_at)
        order.cut_at = cut_at
        for each in (told for connection in story for told in connection.told):
            if each.index > sent_at:
                order.follow(each)
        made.append(order)
    return made
