"""What a message that is sent has when the author does not say: so that he writes what matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixgate.dictionary import FieldType
from fixgate.scenario.expressions import Expression, Value
from fixgate.scenario.vocabulary import Vocabulary
from fixgate.session.settings import SessionSettings
from fixgate.wire import MsgType, Tag

__all__ = ["ALWAYS", "LIMIT_PRICE", "REQUIRED", "default_of", "missing_defaults"]

LIMIT_PRICE = b"90"
"""Of an order without a price: below the venue's own orders around 100, so a buy order rests."""

_LIMIT = b"2"
_PRICE_TYPES = (_LIMIT, b"4")

REQUIRED: Mapping[str, str] = {
    "AvgPx": "0",
    "ClOrdID": "= unique('C')",
    "CumQty": "0",
    "CxlRejResponseTo": "1",
    "CxlType": "F",
    "EmailThreadID": "= unique('M')",
    "EmailType": "0",
    "EncryptMethod": "0",
    "EndSeqNo": "0",
    "ExecID": "= unique('E')",
    "ExecTransType": "0",
    "ExecType": "0",
    "HandlInst": "1",
    "Headline": "news",
    "LastPx": "0",
    "LastQty": "0",
    "LastShares": "0",
    "LeavesQty": "100",
    "LinesOfText": "1",
    "MDReqID": "= unique('M')",
    "MarketDepth": "0",
    "OrdStatus": "0",
    "OrdType": "2",
    "OrderID": "= unique('O')",
    "OrderQty": "100",
    "QuoteReqID": "= unique('Q')",
    "SecurityReqID": "= unique('S')",
    "Side": "1",
    "Subject": "news",
    "SubscriptionRequestType": "0",
    "Symbol": "ABC",
    "TestReqID": "= unique('T')",
    "Text": "text",
    "TradSesReqID": "= unique('T')",
}
"""By field: what a required field has; ``=`` begins an expression."""

ALWAYS: Mapping[bytes, tuple[str, ...]] = {
    MsgType.ExecutionReport: ("Symbol",),
    MsgType.NewOrderSingle: ("Symbol", "OrderQty"),
    MsgType.OrderCancelReplaceRequest: ("Symbol", "OrderQty"),
    MsgType.OrderCancelRequest: ("Symbol",),
}
"""By message: what it has though its dictionary does not require it, because venues do."""


def default_of(tag: int, settings: SessionSettings, vocabulary: Vocabulary) -> Value | None:
    """Return what a required field has when it is not written, or ``None``.

    Args:
        tag: The field.
        settings: Of the session that sends.
        vocabulary: Of that session.
    """
    definition = vocabulary.field(tag)
    if tag == Tag.HeartBtInt:
        return b"%d" % settings.heartbeat_s
    if tag == Tag.DefaultApplVerID:
        return (settings.default_appl_ver_id or "").encode()
    if definition is None:
        return None
    if tag == Tag.EndSeqNo and vocabulary.version < "FIX.4.2":
        return b"999999"  # Spec: FIX 4.1 and before: all that follow; since FIX 4.2 that is 0
    if definition.type is FieldType.UTC_TIMESTAMP:
        return Expression("now" if vocabulary.version >= "FIX.4.2" else "timestamp(now, 0)")
    text = REQUIRED.get(definition.name)
    if text is None:
        return None
    return Expression(text[1:].strip()) if text.startswith("=") else text.encode()


def missing_defaults(
    msg_type: bytes, given: Mapping[int, object], vocabulary: Vocabulary
) -> Iterator[tuple[int, Value]]:
    """Yield what else a message has, required or not: the price of an order with a limit.

    Args:
        msg_type: MsgType(35).
        given: What it has so far, by tag.
        vocabulary: Of the session.
    """
    for name in ALWAYS.get(msg_type, ()):
        tag = vocabulary.tag(name)
        if tag is not None and tag not in given:
            yield tag, REQUIRED[name].encode()
    limited = "OrderQty" in ALWAYS.get(msg_type, ()) and given.get(Tag.OrdType) in _PRICE_TYPES
    if limited and Tag.Price not in given:
        yield Tag.Price, LIMIT_PRICE
