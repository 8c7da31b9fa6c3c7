"""Judging the test order: acknowledged, never filled, and surely gone at the end."""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.health.case import Case, Charge
from fixgate.health.events import CancelSent, OrderSent
from fixgate.health.model import Phase, RoundTrip
from fixgate.health.order_trail import OrderTrail, text_of
from fixgate.triage.model import Exchange
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["order_charges", "order_facts", "order_round_trips"]

_SIDES = {"1": "Buy", "2": "Sell"}


def _trail(case: Case) -> tuple[OrderTrail, bytes] | None:
    sent = case.reading.first(OrderSent)
    if sent is None:
        return None
    cancel = case.reading.first(CancelSent)
    cl_ord_id = sent[1].cl_ord_id
    trail = OrderTrail(cl_ord_id, cancel[1].cl_ord_id if cancel is not None else None)
    for ours in case.reading.sent:
        trail.sent(ours.message)
    for theirs in case.reading.received:
        trail.received(theirs.message)
    return trail, cl_ord_id


def order_charges(case: Case) -> Iterator[Charge]:
    """Judge the phase order; what may have left an order in the book comes first."""
    found = _trail(case)
    if found is None:
        return
    trail, cl_ord_id = found
    name = f"ClOrdID(11) {cl_ord_id.decode('latin-1')}"
    if trail.filled is not None:
        plan = case.plan.order
        asked = f" of {plan.quantity} {plan.symbol}" if plan is not None else ""
        text = f"THE TEST ORDER WAS FILLED: {trail.quantity}{asked}, {name}."
        yield case.charge("order-filled", Phase.ORDER, text, _index(case, trail.filled))
    if trail.rejected is not None:
        yield _rejected(case, trail.rejected)
    elif trail.acknowledged is None:
        text = f"No answer has come to the test order {name}; it may be in the book."
        yield case.charge("order-unacknowledged", Phase.ORDER, text, case.last)
    elif trail.gone is None and not _wholly_filled(case, trail):
        why = ""
        if trail.cancel_refused is not None:
            why = f"; the venue refused the cancel: {case.quote(text_of(trail.cancel_refused))}"
        text = f"THE TEST ORDER MAY STILL BE IN THE BOOK: {name} was not confirmed cancelled{why}."
        index = case.last
        if trail.cancel_refused is not None:
            index = _index(case, trail.cancel_refused)
        yield case.charge("cancel-unconfirmed", Phase.ORDER, text, index)


def _wholly_filled(case: Case, trail: OrderTrail) -> bool:
    return case.plan.order is not None and trail.quantity >= case.plan.order.quantity


def _rejected(case: Case, message: Message) -> Charge:
    code = message.get(Tag.OrdRejReason)
    reason = f", OrdRejReason(103) {code.decode('latin-1')}" if code is not None else ""
    by = {
        MsgType.Reject: "the session layer rejected it",
        MsgType.BusinessMessageReject: "BusinessMessageReject",
    }.get(message.msg_type, "the order was rejected")
    text = f"The test order did not get in, {by}{reason}: {case.quote(text_of(message))}."
    return case.charge("order-rejected", Phase.ORDER, text, _index(case, message))


def _index(case: Case, message: Message) -> int:
    return next((s.index for s in case.reading.received if s.message is message), case.last)


def order_round_trips(case: Case) -> tuple[RoundTrip, ...]:
    """Return the time from the order to its acknowledgement."""
    found = _trail(case)
    if found is None or found[0].acknowledged is None:
        return ()
    trail, cl_ord_id = found
    order = next((s for s in case.reading.sent if s.message.get(Tag.ClOrdID) == cl_ord_id), None)
    answer = next(s for s in case.reading.received if s.message is trail.acknowledged)
    if order is None:
        return ()
    wire_ns = case.wire_ns(Exchange.ACKNOWLEDGEMENT, cl_ord_id)
    return (RoundTrip(answer.at_ns - order.at_ns, wire_ns),)


def order_facts(case: Case) -> tuple[tuple[str, str], ...]:
    """Return what was ordered and what became of it."""
    found, plan = _trail(case), case.plan.order
    if found is None or plan is None:
        return ()
    trail, cl_ord_id = found
    side = _SIDES.get(plan.side, plan.side)
    facts = [
        ("order", f"{side} {plan.quantity} {plan.symbol} @ {plan.price}"),
        ("ClOrdID(11)", cl_ord_id.decode("latin-1")),
        ("state at the end", trail.state),
    ]
    if trail.order_id:
        facts.append(("OrderID(37)", trail.order_id.decode("latin-1")))
    return tuple((label, case.scribe.clean(value)) for label, value in facts)
