"""The application of the counterparty: what it sends as a client, what it answers as a venue.

Right for each FIX version and no more: an order is acknowledged and rests until it is cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.dictionary.version import FixVersion
from fixgate.interop.protocol import Fields

__all__ = ["Answer", "Desk", "order"]

_COPIED = (1, 55, 54, 38, 40, 44, 59)
"""Account, Symbol, Side, OrderQty, OrdType, Price, TimeInForce: repeated on every report."""

_NEW, _CANCELED, _REJECTED = "0", "4", "8"


def order(version: FixVersion, cl_ord_id: str, transact_time: str) -> Fields:
    """Return the body of a NewOrderSingle(D): buy 10 ABC, limit 90, for the day.

    Args:
        version: Of the session.
        cl_ord_id: ClOrdID(11).
        transact_time: TransactTime(60), UTC.
    """
    body = [(11, cl_ord_id)]
    if version.order <= FixVersion.FIX43.order:
        body.append((21, "1"))
    body += [(55, "ABC"), (54, "1")]
    if version.order >= FixVersion.FIX42.order:
        body.append((60, transact_time))
    return (*body, (38, "10"), (40, "2"), (44, "90"), (59, "0"))


@dataclass(frozen=True, slots=True)
class Answer:
    """A message to send back."""

    msg_type: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class _Resting:
    """An order in the book, and the fields that its reports repeat."""

    order_id: str
    copied: dict[int, str]


class Desk:
    """The book of one session.

    Args:
        version: Of the session.
    """

    def __init__(self, version: FixVersion) -> None:
        self._version = version
        self._book: dict[str, _Resting] = {}
        self._executions = 0

    def answer(self, message: dict[int, str], transact_time: str) -> Answer | None:
        """Return the answer to a message, or ``None`` when there is none to give.

        Args:
            message: The first value of each field.
            transact_time: TransactTime(60) of the answer, UTC.
        """
        match message.get(35):
            case "D":
                return self._acknowledge(message, transact_time)
            case "F":
                return self._cancel(message, transact_time)
            case _:
                return None

    def _acknowledge(self, message: dict[int, str], transact_time: str) -> Answer:
        copied = {tag: message[tag] for tag in _COPIED if tag in message}
        resting = _Resting(f"O{self._executions + 1}", copied)
        self._book[message[11]] = resting
        return self._report(resting, _NEW, ((11, message[11]),), transact_time)

    def _cancel(self, message: dict[int, str], transact_time: str) -> Answer:
        names: Fields = ((11, message[11]), (41, message.get(41, "")))
        resting = self._book.pop(message.get(41, ""), None)
        if self._version is FixVersion.FIX40:
            names = names[:1]  # no OrigClOrdID(41) in what a FIX 4.0 venue sends
        if resting is None:
            return self._cancel_reject(names)
        return self._report(resting, _CANCELED, names, transact_time)

    def _report(self, resting: _Resting, status: str, names: Fields, transact_time: str) -> Answer:
        """Spec: ExecutionReport(8) in each version.

        ExecID(17) is a number in FIX 4.0; ExecTransType(20) went with 4.3.
        """
        version, copied = self._version.order, resting.copied
        self._executions += 1
        body = [(37, resting.order_id), *names, (17, str(self._executions))]
        if version <= FixVersion.FIX42.order:
            body.append((20, "0"))
        if version >= FixVersion.FIX41.order:
            body.append((150, status))
        body.append((39, status))
        body += copied.items()
        if version <= FixVersion.FIX41.order:
            body += [(32, "0"), (31, "0")]
        if version >= FixVersion.FIX41.order:
            body.append((151, copied.get(38, "0") if status == _NEW else "0"))
        body += [(14, "0"), (6, "0"), (60, transact_time)]
        return Answer("8", tuple(body))

    def _cancel_reject(self, names: Fields) -> Answer:
        """Spec: OrderCancelReject(9); "unknown order" is CxlRejReason(102)=1."""
        version = self._version.order
        body = [(37, "NONE"), *names]
        if version >= FixVersion.FIX41.order:
            body.append((39, _REJECTED))
        if version >= FixVersion.FIX42.order:
            body.append((434, "1"))
        return Answer("9", (*body, (102, "1"), (58, "unknown order")))
