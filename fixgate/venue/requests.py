"""Finding the order that a cancel or a replace is about, and why it cannot be done to it."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.venue.orders import ClientOrders, Order, OrdStatus, OrdType, TimeInForce
from fixgate.venue.rejects import CxlRejReason, OrdRejReason, Refusal, shown
from fixgate.venue.terms import MAX_ID_BYTES
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["CancelRefusal", "check_replacement", "find_target"]

_SINGLE_FIELDS = ((Tag.Symbol, b"Symbol(55)"), (Tag.Side, b"Side(54)"))

_FINAL_NAMES = {
    OrdStatus.FILLED: b"filled",
    OrdStatus.CANCELED: b"canceled",
    OrdStatus.REJECTED: b"rejected",
}


@dataclass(frozen=True, slots=True)
class CancelRefusal:
    """Why a cancel or a replace is refused.

    Attributes:
        order: The order it was about, or ``None`` when there is none.
        reason: CxlRejReason(102), before the version's own code set.
        text: Text(58).
    """

    order: Order | None
    reason: CxlRejReason
    text: bytes


def find_target(client: ClientOrders, message: Message) -> Order | CancelRefusal:
    """Return the open order that a request is about, or why there is none to act on.

    Args:
        client: Whose orders are searched.
        message: OrderCancelRequest or OrderCancelReplaceRequest.

    Spec: OrigClOrdID(41) is the ClOrdID(11) of the latest accepted request of the chain, not of
    the first. From FIX 5.0 SP1 it may be absent, and OrderID(37) names the order.
    """
    cl_ord_id = message.get(Tag.ClOrdID) or b""
    orig = message.get(Tag.OrigClOrdID)
    if orig:
        label, wanted = b"OrigClOrdID(41)", orig
        order = client.by_cl_ord_id.get(orig)
    else:
        wanted = message.get(Tag.OrderID) or b""
        label = b"OrderID(37)" if wanted else b"OrigClOrdID(41)"
        order = client.open.get(wanted)
    if cl_ord_id in client.by_cl_ord_id:
        text = b"ClOrdID(11) duplicate: received %b, which an earlier request carried"
        return CancelRefusal(order, CxlRejReason.DUPLICATE_CL_ORD_ID, text % shown(cl_ord_id))
    if len(cl_ord_id) > MAX_ID_BYTES:
        text = b"ClOrdID(11) too long: received %d bytes, expected at most %d"
        return CancelRefusal(order, CxlRejReason.OTHER, text % (len(cl_ord_id), MAX_ID_BYTES))
    if order is None:
        text = b"%b unknown: received %b" % (label, shown(wanted or None))
        return CancelRefusal(None, CxlRejReason.UNKNOWN_ORDER, text)
    return _check_state(order, message, orig)


def _check_state(order: Order, message: Message, orig: bytes | None) -> Order | CancelRefusal:
    if order.final is not None:
        text = b"Too late: the order is %b" % _FINAL_NAMES[order.final]
        return CancelRefusal(order, CxlRejReason.TOO_LATE_TO_CANCEL, text)
    if orig and orig != order.cl_ord_id:
        text = b"Too late: OrigClOrdID(41) has been replaced: received %b, expected %b"
        text %= (shown(orig), shown(order.cl_ord_id))
        return CancelRefusal(order, CxlRejReason.TOO_LATE_TO_CANCEL, text)
    for (tag, label), field in zip(
        _SINGLE_FIELDS, (order.symbol_field, order.side_field), strict=True
    ):
        received, expected = message.get(tag), field[3:-1]
        if received != expected:
            text = b"%b is not the order's: received %b, expected %b"
            text %= (label, shown(received), shown(expected))
            return CancelRefusal(order, CxlRejReason.OTHER, text)
    return order


def check_replacement(wanted: Order) -> Refusal | None:
    """Return why an order cannot be replaced by these terms, or ``None``.

    Args:
        wanted: The terms asked for, valid for a new order.
    """
    if wanted.price is None:
        expected = OrdType.LIMIT
        text = b"OrdType(40) not supported in a replace: received 1, expected %b" % expected
    elif wanted.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        text = b"TimeInForce(59) not supported in a replace: received %b, expected 0 or 1"
        text %= wanted.time_in_force
    else:
        return None
    return Refusal(OrdRejReason.UNSUPPORTED_ORDER_CHARACTERISTIC, text)
