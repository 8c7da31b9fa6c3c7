"""What asks and what answers, as a table; an exchange more is a row more.

A rule of a row says of one message what it is to the request that it names: an `Outcome`, or
``None`` where the answer is still to come.

Spec: FIX 4.0 to 5.0 SP2, TestRequest, NewOrderSingle, OrderCancelRequest, ExecutionReport
(ExecType(150), ExecTransType(20)), OrderCancelReject; FIX session layer, Logon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from fixgate.triage.model import Exchange
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["QUESTIONS", "Outcome", "Question", "can_rest"]


class Outcome(Enum):
    """What became of a request."""

    DONE = "done"
    REFUSED = "refused"
    """The exchange said no: an answer of the same layer, and as good a sample."""
    REJECTED = "rejected"
    """The session layer said no, before what was asked was looked at."""
    GONE = "gone"
    """What was asked for can no longer come, or came of another's doing. Nothing to measure."""


Rule = Callable[[Message], Outcome | None]


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of exchange.

    Attributes:
        kind: Which.
        requests: MsgType(35) of what asks.
        answers: By MsgType(35) of what may answer, what it is.
        key: The field whose value both carry; ``None`` where one can be open at a time.
        owed: The other side has to answer: a request without a reply is worth telling.
    """

    kind: Exchange
    requests: tuple[bytes, ...]
    answers: Mapping[bytes, Rule]
    key: int | None = Tag.ClOrdID
    owed: bool = True


_STATUS, _CORRECTED, _BUSTED, _RESTATED = b"I", b"G", b"H", b"D"
_NO_NEWS = frozenset({_STATUS, _CORRECTED, _BUSTED, _RESTATED})
_BY_EXEC_TRANS_TYPE = {b"1": _BUSTED, b"2": _CORRECTED, b"3": _STATUS}
_REJECTED, _CANCELED = b"8", b"4"
_FILLS = frozenset({b"1", b"2", b"F"})
_ENDS = frozenset({b"3", _CANCELED, b"5", _REJECTED, b"C"})
_MARKET = frozenset({b"1", b"3"})
_AT_ONCE = frozenset({b"3", b"4"})


def _event(report: Message) -> bytes:
    """Return ExecType(150) of a report, or what it would be in the versions that lack it."""
    spoken = _BY_EXEC_TRANS_TYPE.get(report.get(Tag.ExecTransType) or b"")
    return spoken or report.get(Tag.ExecType) or report.get(Tag.OrdStatus) or b""


def _done(_: Message) -> Outcome:
    return Outcome.DONE


def _refused(_: Message) -> Outcome:
    return Outcome.REFUSED


def _rejected(_: Message) -> Outcome:
    return Outcome.REJECTED


def _acknowledged(report: Message) -> Outcome | None:
    """Take the first news of an order, whatever it is; its status was asked for by someone."""
    event = _event(report)
    if event in _NO_NEWS:
        return None
    return Outcome.REFUSED if event == _REJECTED else Outcome.DONE


def _filled(report: Message) -> Outcome | None:
    event = _event(report)
    if event in _ENDS:
        return Outcome.GONE
    if event not in _FILLS:
        return None
    # A fill of an order that had rested took as long as nobody traded with it.
    rested = report.get(Tag.LastLiquidityInd) == b"1" or report.get(Tag.AggressorIndicator) == b"N"
    return Outcome.GONE if rested else Outcome.DONE


def _cancelled(report: Message) -> Outcome | None:
    event = _event(report)
    if event == _REJECTED:
        return Outcome.REFUSED
    return Outcome.DONE if event == _CANCELED else None


_ORDERS = (MsgType.NewOrderSingle, MsgType.NewOrderMultileg)

QUESTIONS: tuple[Question, ...] = (
    Question(
        Exchange.LOGON,
        (MsgType.Logon,),
        {MsgType.Logon: _done, MsgType.Logout: _rejected},
        key=None,
    ),
    Question(
        Exchange.HEARTBEAT, (MsgType.TestRequest,), {MsgType.Heartbeat: _done}, key=Tag.TestReqID
    ),
    Question(Exchange.ACKNOWLEDGEMENT, _ORDERS, {MsgType.ExecutionReport: _acknowledged}),
    Question(Exchange.FILL, _ORDERS, {MsgType.ExecutionReport: _filled}, owed=False),
    Question(
        Exchange.CANCEL,
        (MsgType.OrderCancelRequest,),
        {MsgType.ExecutionReport: _cancelled, MsgType.OrderCancelReject: _refused},
    ),
)
"""An acknowledgement is the first ExecutionReport that names the order: pending new, new, rejected
or a fill; but none about its status (ExecType(150)=I, ExecTransType(20)=3), and no correction."""


def can_rest(order: Message, report: Message) -> bool:
    """Whether a filled order may have waited in the book for someone to trade with.

    Args:
        order: A NewOrderSingle.
        report: Its first fill.

    Returns:
        ``False`` where the order had to trade at once or not at all, or the report says that it
        took liquidity. Else nothing in the two messages tells.
    """
    return not (
        order.get(Tag.TimeInForce) in _AT_ONCE
        or order.get(Tag.OrdType) in _MARKET
        or report.get(Tag.LastLiquidityInd) == b"2"
        or report.get(Tag.AggressorIndicator) == b"Y"
    )
