"""Reading the terms of an order from a message: exact, and never raising.

The dictionary has checked types and required fields before a venue sees a message; what is
checked here is what depends on the instrument and on what this venue can do. Nothing relies on
the dictionary, though: any bytes give a `Refusal` at worst.
"""

from __future__ import annotations

from fixgate.venue.orders import Order, OrdType, TimeInForce
from fixgate.venue.prices import MAX_STEPS, NumberFault, Scale
from fixgate.venue.rejects import OrdRejReason, Refusal, shown
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["MAX_ID_BYTES", "field", "read_terms", "show_terms"]

MAX_ID_BYTES = 64
"""Longest ClOrdID(11) and Account(1): the venue remembers them, so they must be bounded."""

_SIDE_FIELDS = {side: b"54=%b\x01" % side for side in (b"1", b"2", b"5", b"6")}
_BUY_FIELD = _SIDE_FIELDS[b"1"]
_TIME_IN_FORCE_FIELDS = {
    each: b"59=%b\x01" % each
    for each in (TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)
}
_AT_ONCE = frozenset((TimeInForce.IOC, TimeInForce.FOK))
_MAX_FLOOR = 111


def field(tag: int, value: bytes | None) -> bytes:
    """Return ``tag=value<SOH>``, or nothing for a value that is absent or empty."""
    return b"%d=%b\x01" % (tag, value) if value else b""


def show_terms(order: Order, message: Message) -> None:
    """Fill an order that is refused with what its report repeats of the message.

    Values are cut to `MAX_ID_BYTES`: refused orders are remembered too.
    """
    order.side_field = _repeated(message, Tag.Side)
    order.symbol_field = _repeated(message, Tag.Symbol)
    order.ord_type_field = _repeated(message, Tag.OrdType)
    order.price_field = b""
    order.qty_text = b"0"
    quantity = message.get(Tag.OrderQty) or b""
    digits = quantity.removeprefix(b"-").replace(b".", b"", 1)
    if digits.isdigit() and len(quantity) <= MAX_ID_BYTES:
        order.qty_text = quantity


def _repeated(message: Message, tag: int) -> bytes:
    return field(tag, (message.get(tag) or b"")[:MAX_ID_BYTES])


def read_terms(order: Order, message: Message) -> Refusal | None:
    """Fill an order with the terms of a NewOrderSingle or an OrderCancelReplaceRequest.

    Args:
        order: Takes side, quantity, type, limit and time in force; the tick and the lot of its
            ``listing`` apply.
        message: Where they are read.

    Returns:
        ``None`` when all of them can be taken, else why not; the order is then half filled.
    """
    listing = order.listing
    assert listing is not None, "terms are read once the instrument is known"
    get = message.get
    side = get(Tag.Side) or b""
    side_field = _SIDE_FIELDS.get(side)
    if side_field is None:
        return _unsupported(b"Side(54)", side, b"1, 2, 5 or 6")
    order.side_field = side_field
    order.is_buy = side_field is _BUY_FIELD
    quantity = get(Tag.OrderQty)
    lots = listing.quantities.parse(quantity or b"")
    if lots is None:
        return _quantity_refusal(quantity, listing.quantities)
    order.qty, order.qty_text = lots
    order.leaves = order.qty
    ord_type = get(Tag.OrdType)
    if ord_type == OrdType.LIMIT:
        price = get(Tag.Price)
        ticks = listing.prices.parse(price or b"")
        if ticks is None:
            return _price_refusal(price, listing.prices)
        order.price, order.price_field = ticks
        order.ord_type_field = b"40=2\x01"
    elif ord_type == OrdType.MARKET:
        order.ord_type_field = b"40=1\x01"
        order.rests = False
    else:
        return _unsupported(b"OrdType(40)", ord_type, b"1 (Market) or 2 (Limit)")
    time_in_force = get(Tag.TimeInForce)
    if time_in_force is not None:
        time_in_force_field = _TIME_IN_FORCE_FIELDS.get(time_in_force)
        if time_in_force_field is None:
            return _unsupported(b"TimeInForce(59)", time_in_force, b"0, 1, 3 or 4")
        order.time_in_force = time_in_force
        if time_in_force in _AT_ONCE:
            order.rests = False
        order.time_in_force_field = time_in_force_field
    order.symbol_field = listing.symbol_field
    if get(Tag.Account) is None and get(Tag.MinQty) is None and get(_MAX_FLOOR) is None:
        return None  # as most orders are
    return _read_conditions(order, message)


def _read_conditions(order: Order, message: Message) -> Refusal | None:
    # Taking an order and silently ignoring its conditions would make it another order.
    get = message.get
    if get(Tag.MinQty) is not None:
        return _unsupported(b"MinQty(110)", get(Tag.MinQty), b"no such field")
    if get(_MAX_FLOOR) is not None:
        return _unsupported(b"MaxFloor(111)", get(_MAX_FLOOR), b"no such field")
    account = get(Tag.Account)
    if account:
        if len(account) > MAX_ID_BYTES:
            text = b"Account(1) too long: received %d bytes, expected at most %d"
            return Refusal(OrdRejReason.OTHER, text % (len(account), MAX_ID_BYTES))
        order.account_field = b"1=%b\x01" % account
    return None


def _unsupported(label: bytes, value: bytes | None, expected: bytes) -> Refusal:
    text = b"%b not supported: received %b, expected %b" % (label, shown(value), expected)
    return Refusal(OrdRejReason.UNSUPPORTED_ORDER_CHARACTERISTIC, text)


def _quantity_refusal(value: bytes | None, scale: Scale) -> Refusal:
    fault, text = _fault(b"OrderQty(38)", b"lot", value, scale)
    too_large = fault is NumberFault.TOO_LARGE
    reason = OrdRejReason.ORDER_EXCEEDS_LIMIT if too_large else OrdRejReason.INCORRECT_QUANTITY
    return Refusal(reason, text, missing=fault is None)


def _price_refusal(value: bytes | None, scale: Scale) -> Refusal:
    fault, text = _fault(b"Price(44)", b"tick", value, scale)
    off_tick = fault is NumberFault.OFF_STEP
    reason = OrdRejReason.INVALID_PRICE_INCREMENT if off_tick else OrdRejReason.OTHER
    return Refusal(reason, text, missing=fault is None)


def _fault(
    label: bytes, step: bytes, value: bytes | None, scale: Scale
) -> tuple[NumberFault | None, bytes]:
    size = str(scale.step).encode()
    if not value:
        return None, b"%b missing: received nothing, expected a multiple of %b" % (label, size)
    fault = scale.fault(value)
    match fault:
        case NumberFault.OFF_STEP:
            text = b"%b off " + step + b": received %b, expected a multiple of " + size
        case NumberFault.NOT_A_NUMBER:
            text = b"%b not a number: received %b, expected a multiple of " + size
        case NumberFault.NOT_POSITIVE:
            text = b"%b not above 0: received %b, expected a multiple of " + size
        case NumberFault.TOO_LARGE:
            limit = str(scale.step * MAX_STEPS).encode()
            text = b"%b too large: received %b, expected at most " + limit
    return fault, text % (label, shown(value))
