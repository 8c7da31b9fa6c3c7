"""ExecutionReport and OrderCancelReject, right for each FIX version.

What differs between the versions, of the fields used here:

==========================  =======  =======  =======  =========
field                       FIX 4.0  FIX 4.1  FIX 4.2  FIX 4.3 +
==========================  =======  =======  =======  =========
ExecTransType(20)           yes      yes      yes      no
ExecType(150)               no       1 and 2 for executions     F
LeavesQty(151)              no       yes      yes      yes
LastPx(31), LastQty(32)     always   always   executions only
OrigClOrdID(41)             no       yes      yes      yes
ExecID(17)                  number   text     text     text
TransactTime(60)            seconds  seconds  milliseconds
status request answered     20=3     20=3     20=3     150=I
by
==========================  =======  =======  =======  =========

Bodies are written by one ``%`` template per version and kind, fields in ascending tag order. A
field that a version lacks is ``%.0b`` in its template: it takes its argument and writes nothing,
so that the arguments are the same for all versions.
"""

from __future__ import annotations

from itertools import count

from fixgate.dictionary.version import FixVersion
from fixgate.venue.model import Reply
from fixgate.venue.orders import Order, OrdStatus
from fixgate.venue.rejects import CxlRejReason, Refusal
from fixgate.venue.terms import field
from fixgate.wire.tags import MsgType, Tag
from fixgate.wire.timestamps import format_utc_timestamp

__all__ = ["Ids", "Reports"]

_BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Ids:
    """The identifiers that one venue gives out, unique and repeatable.

    They begin with the instant of the venue's first message, in milliseconds and base 36, so
    that a venue started again does not give out the same ones, and go on with a number. In
    FIX 4.0 ExecID(17) must be a whole number, and engines read it into 31 bits: it begins with the
    second of the day and is counted up from there, unique within a trading day.

    Attributes:
        prefix: What they begin with, a hyphen at its end.
        orders: The numbers of OrderID(37).
        executions: The numbers of ExecID(17).
        whole_executions: The same for FIX 4.0, apart from the others and as unique.
    """

    __slots__ = ("executions", "orders", "prefix", "whole_executions")

    def __init__(self) -> None:
        self.prefix = b""
        self.orders = count(1)
        self.executions = count(1)
        self.whole_executions = count(1)

    def begin(self, now_ns: int) -> None:
        """Take the prefix from the first instant that the venue is told; later ones change nothing.

        Args:
            now_ns: UTC, nanoseconds.
        """
        if self.prefix:
            return
        milliseconds = max(0, now_ns // 1_000_000)
        self.whole_executions = count((milliseconds // 1000 % 86_400 << 14) + 1)
        digits = ""
        while milliseconds:
            milliseconds, digit = divmod(milliseconds, 36)
            digits = _BASE_36[digit] + digits
        self.prefix = (digits or "0").encode() + b"-"

    def next_order_id(self) -> bytes:
        """Return the next OrderID(37)."""
        return self.prefix + b"%d" % next(self.orders)


class _ExecType:
    """Values of ExecType(150)."""

    NEW = b"0"
    CANCELED = b"4"
    REPLACED = b"5"
    REJECTED = b"8"
    TRADE = b"F"
    ORDER_STATUS = b"I"


_NEW_TRANSACTION = b"0"
_STATUS_TRANSACTION = b"3"


def _reply(client_key: str, body: bytes) -> Reply:
    # What Reply(...) does, less a call: every order makes at least one.
    return tuple.__new__(Reply, (client_key, MsgType.ExecutionReport, body, ()))


def _amounts(order: Order) -> tuple[bytes, bytes, bytes]:
    """Return AvgPx(6), CumQty(14) and LeavesQty(151); without an instrument all are 0."""
    listing = order.listing
    if listing is None:
        return b"0", b"0", b"0"
    average = listing.prices.render_average(order.notional, order.cum)
    lots = listing.quantities
    return average, lots.render(order.cum), lots.render(order.leaves)


class Reports:
    """Writes the reports of one FIX version for one venue."""

    __slots__ = (
        "_ack",
        "_digits",
        "_executions",
        "_has_exec_trans_type",
        "_has_orig_cl_ord_id",
        "_ids",
        "_millisecond",
        "_other",
        "_stamped",
        "_trade",
        "_version",
    )

    def __init__(self, version: FixVersion, ids: Ids) -> None:
        """Prepare the templates.

        Args:
            version: The version to write.
            ids: Where identifiers come from, shared by the versions of a venue, and begun.
        """
        name = version.value
        self._version = version
        self._ids = ids
        self._executions = ids.whole_executions if name == "FIX.4.0" else ids.executions
        self._millisecond = -1
        self._stamped = b""
        self._digits = 0 if name < "FIX.4.2" else 3
        self._has_exec_trans_type = name < "FIX.4.3"
        self._has_orig_cl_ord_id = name > "FIX.4.0"
        has_exec_type = name > "FIX.4.0"
        new = b"20=0\x01" if self._has_exec_trans_type else b""
        nothing_done = b"31=0\x0132=0\x01" if name < "FIX.4.2" else b""
        leaves = b"151=%b\x01" if has_exec_type else b"%.0b"
        exec_type = b"150=%b\x01" if has_exec_type else b"%.0b"
        exec_id = b"17=%bE%d\x01" if name > "FIX.4.0" else b"17=%.0b%d\x01"
        # Account, AvgPx, ClOrdID, CumQty, ExecID; OrderID, OrderQty, OrdStatus;
        # OrdType, OrigClOrdID, Price, Side, Symbol; Text, TimeInForce, TransactTime.
        self._ack = (
            b"%b6=0\x0111=%b\x0114=0\x01" + exec_id + new + nothing_done + b"37=%b\x0138=%b\x01"
            b"39=0\x01%b%b%b%b%b60=%b\x01" + (b"150=0\x01" if has_exec_type else b"") + leaves
        )
        self._trade = (
            b"%b6=%b\x0111=%b\x0114=%b\x01" + exec_id + new + b"31=%b\x0132=%b\x01"
            b"37=%b\x0138=%b\x0139=%b\x01%b%b%b%b%b60=%b\x01" + exec_type + leaves
        )
        self._other = (
            b"%b6=%b\x0111=%b\x0114=%b\x01"
            + exec_id
            + (b"20=%b\x01" if self._has_exec_trans_type else b"%.0b")
            + nothing_done
            + b"37=%b\x0138=%b\x0139=%b\x01%b%b%b%b%b%b%b60=%b\x01%b"
            + exec_type
            + leaves
            + b"%b"
        )

    def _stamp(self, now_ns: int) -> bytes:
        # A busy venue writes many reports within a millisecond.
        millisecond = now_ns // 1_000_000
        if millisecond != self._millisecond:
            self._millisecond = millisecond
            self._stamped = format_utc_timestamp(now_ns, self._digits)
        return self._stamped

    def acknowledged(self, order: Order, client_key: str, now_ns: int) -> Reply:
        """The order has been taken: ExecType(150) New."""
        ids = self._ids
        quantity = order.qty_text
        # `_stamp` and `_reply`, without the calls: every order passes here.
        millisecond = now_ns // 1_000_000
        if millisecond != self._millisecond:
            self._stamp(now_ns)
        body = self._ack % (
            order.account_field,
            order.cl_ord_id,
            ids.prefix,
            next(self._executions),
            order.order_id,
            quantity,
            order.ord_type_field,
            order.price_field,
            order.side_field,
            order.symbol_field,
            order.time_in_force_field,
            self._stamped,
            quantity,
        )
        return tuple.__new__(Reply, (client_key, MsgType.ExecutionReport, body, ()))

    def traded(
        self, order: Order, client_key: str, now_ns: int, *, price: int, quantity: int
    ) -> Reply:
        """The order has been executed, partly or wholly.

        Args:
            order: Already moved by the execution.
            client_key: Who hears of it.
            now_ns: UTC, nanoseconds.
            price: LastPx(31) in ticks.
            quantity: LastQty(32) in lots.

        Spec: ExecType(150) is Partial fill (1) or Fill (2) up to FIX 4.2, Trade (F) from 4.3.
        """
        ids = self._ids
        listing = order.listing
        assert listing is not None, "only an order of a listed instrument trades"
        lots = listing.quantities
        status = order.status(self._version)
        return _reply(
            client_key,
            self._trade
            % (
                order.account_field,
                listing.prices.render_average(order.notional, order.cum),
                order.cl_ord_id,
                lots.render(order.cum),
                ids.prefix,
                next(self._executions),
                listing.prices.render(price),
                lots.render(quantity),
                order.order_id,
                order.qty_text,
                status,
                order.ord_type_field,
                order.price_field,
                order.side_field,
                order.symbol_field,
                order.time_in_force_field,
                self._stamp(now_ns),
                status if self._has_exec_trans_type else _ExecType.TRADE,
                lots.render(order.leaves),
            ),
        )

    def canceled(
        self,
        order: Order,
        client_key: str,
        now_ns: int,
        *,
        orig_cl_ord_id: bytes | None = None,
        text: bytes = b"",
    ) -> Reply:
        """What was open of the order has been canceled.

        Args:
            order: Already closed.
            client_key: Who hears of it.
            now_ns: UTC, nanoseconds.
            orig_cl_ord_id: OrigClOrdID(41) of the request; ``None`` when nobody asked.
            text: Text(58): why, when nobody asked.
        """
        return self._report(
            order, client_key, now_ns, _ExecType.CANCELED, orig=orig_cl_ord_id, text=text
        )

    def replaced(self, order: Order, client_key: str, now_ns: int, orig_cl_ord_id: bytes) -> Reply:
        """The order has new terms; ``orig_cl_ord_id`` is the ClOrdID(11) it had before."""
        return self._report(order, client_key, now_ns, _ExecType.REPLACED, orig=orig_cl_ord_id)

    def rejected(self, order: Order, client_key: str, now_ns: int, refusal: Refusal) -> Reply:
        """The order has not been taken."""
        reason = b"103=%d\x01" % refusal.reason.code(self._version)
        return self._report(
            order, client_key, now_ns, _ExecType.REJECTED, text=refusal.text, reason_field=reason
        )

    def status(
        self,
        order: Order,
        client_key: str,
        now_ns: int,
        *,
        request_id: bytes | None = None,
        text: bytes = b"",
    ) -> Reply:
        """The state of an order, as asked for.

        Args:
            order: The order; for one that is not known, a rejected one without identity.
            client_key: Who asked.
            now_ns: UTC, nanoseconds.
            request_id: OrdStatusReqID(790) of the request, repeated from FIX 4.4 on.
            text: Text(58).

        Spec: ExecTransType(20) Status (3) up to FIX 4.2, where ExecType(150) repeats the
        status; ExecType(150) Order status (I) from 4.3.
        """
        if self._has_exec_trans_type:
            exec_type = order.status(self._version)
        else:
            exec_type = _ExecType.ORDER_STATUS
        tail = b""
        if request_id and self._version.value >= "FIX.4.4":
            tail = b"790=%b\x01" % request_id
        return self._report(
            order, client_key, now_ns, exec_type, is_status=True, text=text, tail=tail
        )

    def cancel_rejected(
        self,
        client_key: str,
        now_ns: int,
        *,
        cl_ord_id: bytes,
        orig_cl_ord_id: bytes | None,
        order: Order | None,
        reason: CxlRejReason,
        text: bytes,
        response_to: bytes,
    ) -> Reply:
        """A cancel or a replace has been refused: OrderCancelReject.

        Args:
            client_key: Who asked.
            now_ns: UTC, nanoseconds.
            cl_ord_id: ClOrdID(11) of the request.
            orig_cl_ord_id: OrigClOrdID(41) of the request, if it carried one.
            order: The order it was about, ``None`` when there is none.
            reason: Why.
            text: Text(58).
            response_to: CxlRejResponseTo(434), present from FIX 4.2 on.

        Spec: OrderID(37) is NONE and OrdStatus(39) Rejected when the order is unknown.
        """
        version = self._version
        order_id = b"NONE" if order is None else order.order_id
        status = OrdStatus.REJECTED if order is None else order.status(version)
        body = b"11=%b\x0137=%b\x01" % (cl_ord_id, order_id)
        if self._has_orig_cl_ord_id:
            body += b"39=%b\x01%b" % (status, field(Tag.OrigClOrdID, orig_cl_ord_id))
        body += b"58=%b\x01" % text
        since_42 = version.value >= "FIX.4.2"
        if since_42:
            body += b"60=%b\x01" % self._stamp(now_ns)
        code = reason.code(version)
        if code is not None:
            body += b"102=%d\x01" % code
        if since_42:
            body += b"434=%b\x01" % response_to
        return Reply(client_key, MsgType.OrderCancelReject, body)

    def _report(
        self,
        order: Order,
        client_key: str,
        now_ns: int,
        exec_type: bytes,
        *,
        is_status: bool = False,
        orig: bytes | None = None,
        text: bytes = b"",
        reason_field: bytes = b"",
        tail: bytes = b"",
    ) -> Reply:
        average, cum, leaves = _amounts(order)
        return _reply(
            client_key,
            self._other
            % (
                order.account_field,
                average,
                order.cl_ord_id,
                cum,
                self._ids.prefix,
                next(self._executions),
                _STATUS_TRANSACTION if is_status else _NEW_TRANSACTION,
                order.order_id,
                order.qty_text,
                order.status(self._version),
                order.ord_type_field,
                field(Tag.OrigClOrdID, orig) if self._has_orig_cl_ord_id else b"",
                order.price_field,
                order.side_field,
                order.symbol_field,
                field(Tag.Text, text),
                order.time_in_force_field,
                self._stamp(now_ns),
                reason_field,
                exec_type,
                leaves,
                tail,
            ),
        )
