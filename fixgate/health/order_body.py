"""The bodies of the test order, its cancel and a question about it, for each FIX version. Pure.

Spec: FIX 4.0 to 5.0 SP2, NewOrderSingle and OrderCancelRequest: HandlInst(21) is required up to
4.3, TransactTime(60) from 4.2 on, CxlType(125) in 4.0 only.
"""

from __future__ import annotations

from fixgate.dictionary.version import FixVersion
from fixgate.health.model import OrderPlan
from fixgate.wire.encode import FieldValue, encode_fields
from fixgate.wire.tags import Tag
from fixgate.wire.timestamps import format_utc_timestamp

__all__ = ["cancel_body", "order_body", "status_body"]

_AUTOMATED_NO_INTERVENTION = "1"
_LIMIT, _DAY, _IMMEDIATE_OR_CANCEL = "2", "0", "3"
_CXL_TYPE, _FULL_REMAINING_QUANTITY = 125, "F"


def order_body(
    plan: OrderPlan,
    version: FixVersion,
    cl_ord_id: bytes,
    now_ns: int,
    *,
    at_once: bool = False,
) -> bytes:
    """Return the body of a NewOrderSingle: a limit order for the day.

    Args:
        plan: What to order.
        version: The session's application version.
        cl_ord_id: ClOrdID(11), never used before.
        now_ns: For TransactTime(60).
        at_once: Immediate or cancel instead: what does not trade at once never rests.
    """
    fields: list[tuple[int, FieldValue]] = [(Tag.ClOrdID, cl_ord_id)]
    if plan.account is not None:
        fields.append((Tag.Account, plan.account))
    if version.order <= FixVersion.FIX43.order:
        fields.append((Tag.HandlInst, _AUTOMATED_NO_INTERVENTION))
    fields += [(Tag.Symbol, plan.symbol), (Tag.Side, plan.side)]
    fields += _transact_time(version, now_ns)
    fields += [
        (Tag.OrderQty, plan.quantity),
        (Tag.OrdType, _LIMIT),
        (Tag.Price, plan.price),
        (Tag.TimeInForce, _IMMEDIATE_OR_CANCEL if at_once else _DAY),
    ]
    return encode_fields(fields)


def cancel_body(
    plan: OrderPlan,
    version: FixVersion,
    cl_ord_id: bytes,
    orig_cl_ord_id: bytes,
    now_ns: int,
    *,
    order_id: bytes | None = None,
) -> bytes:
    """Return the body of an OrderCancelRequest for the whole order.

    Args:
        plan: What was ordered.
        version: The session's application version.
        cl_ord_id: ClOrdID(11) of the cancel, never used before.
        orig_cl_ord_id: OrigClOrdID(41): the order's ClOrdID(11).
        now_ns: For TransactTime(60).
        order_id: OrderID(37), when the venue has told it.
    """
    fields: list[tuple[int, FieldValue]] = [(Tag.OrigClOrdID, orig_cl_ord_id)]
    if order_id is not None:
        fields.append((Tag.OrderID, order_id))
    fields.append((Tag.ClOrdID, cl_ord_id))
    if version is FixVersion.FIX40:
        fields.append((_CXL_TYPE, _FULL_REMAINING_QUANTITY))
    fields += [(Tag.Symbol, plan.symbol), (Tag.Side, plan.side)]
    fields += _transact_time(version, now_ns)
    fields.append((Tag.OrderQty, plan.quantity))
    return encode_fields(fields)


def status_body(plan: OrderPlan, cl_ord_id: bytes, order_id: bytes | None) -> bytes:
    """Return the body of an OrderStatusRequest, which all versions have alike.

    Args:
        plan: What was ordered.
        cl_ord_id: The order's ClOrdID(11).
        order_id: OrderID(37), when the venue has told it.
    """
    fields: list[tuple[int, FieldValue]] = []
    if order_id is not None:
        fields.append((Tag.OrderID, order_id))
    fields.append((Tag.ClOrdID, cl_ord_id))
    if plan.account is not None:
        fields.append((Tag.Account, plan.account))
    return encode_fields([*fields, (Tag.Symbol, plan.symbol), (Tag.Side, plan.side)])


def _transact_time(version: FixVersion, now_ns: int) -> list[tuple[int, FieldValue]]:
    if version.order < FixVersion.FIX42.order:
        return []
    return [(Tag.TransactTime, format_utc_timestamp(now_ns))]
