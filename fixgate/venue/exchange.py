r"""The matching venue: what becomes of an order.

Theory of operation
-------------------
A request is decided at once, in the order of arrival. The pending states (Pending new, Pending
cancel, Pending replace) are therefore never seen, and CxlRejReason(102) "already pending" is
never given. An order goes through these states, and no others::

    NewOrderSingle --refused--> Rejected
          |
          v
         New --fill--> Partially filled --fill--> Filled
          |  \                |
          |   `--cancel------+--> Canceled
          `------replace-----'    (stays open; Filled when cut to what has been executed)

*New orders.* Each that is taken is acknowledged first (New), then matched. What a Day or GTC
order has left rests. What an IOC or a Market order has left is canceled, and a FOK order that
cannot be filled wholly is canceled untouched: always an acknowledgement, then a Canceled with a
Text(58). A Market order that finds nobody is treated so as well, not rejected. There is no end
of the trading day here: Day and GTC differ only when sessions end with cancel-on-disconnect.

*Matching.* Price first, then time, at the price of the order that rests. Every execution gives a
report to the incoming side, then one to the resting side. A client may trade with itself; the
venue's own quotes (`fixgate.venue.listing.House`) never do.

*Replaces.* An order keeps its place when its price stays and its quantity does not grow;
otherwise it goes to the back at its price, and is matched first if it now meets the other side.
OrderQty(38) is the new total; one at or below what has been executed ends the order as Filled,
with OrderQty(38) equal to CumQty(14). Only Limit with Day or GTC can be asked for.

*Identity.* Orders belong to `Client.key`, and so do ClOrdIDs: one that was used before, by any
request, refused ones included, is a duplicate. With PossResend(97)=Y a duplicate is dropped in
silence instead. A chain of replaces is addressed by its latest ClOrdID(11); an earlier one is
too late. ClOrdIDs of requests that are over stay in memory for status requests and duplicate
checks, up to `MAX_RETIRED_IDS` over all clients, the oldest going first.

*Away.* An order outlives its client's session. Replies for a client who is away are returned like
any other: the session keeps them for resending.

Spec: FIX 4.2 and 4.4, Volume 4 and Appendix D, order state changes; session test cases 19.a and
19.b for PossResend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fixgate.dictionary.version import FixVersion
from fixgate.venue.listing import Listing
from fixgate.venue.matching import Matching
from fixgate.venue.model import Client, Reply, VenueSettings
from fixgate.venue.orders import ClientOrders, Order, OrdStatus, Retired, TimeInForce
from fixgate.venue.rejects import (
    BusinessRejectReason,
    CxlRejReason,
    CxlRejResponseTo,
    OrdRejReason,
    Refusal,
    business_reject,
    shown,
    unsupported_message,
)
from fixgate.venue.reports import Ids, Reports
from fixgate.venue.requests import CancelRefusal, check_replacement, find_target
from fixgate.venue.terms import MAX_ID_BYTES, read_terms, show_terms
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["MAX_OPEN_ORDERS", "MAX_RETIRED_IDS", "SERVED", "Exchange"]

SERVED = frozenset(
    (
        MsgType.NewOrderSingle,
        MsgType.OrderCancelRequest,
        MsgType.OrderCancelReplaceRequest,
        MsgType.OrderStatusRequest,
    )
)
"""The types of message that an exchange answers."""

MAX_RETIRED_IDS = 100_000
"""ClOrdIDs of requests that are over kept in memory, over all clients: under 100 MB."""

MAX_OPEN_ORDERS = 1_000_000
"""Open orders per client, half a KB each; more are refused, to bound the memory they take."""

_NO_ORDER = b"NONE"
_CANCEL_PART = b"P"
_CXL_TYPE = 125

_Handler = Callable[[ClientOrders, Message, int, bool], list[Reply]]


class Exchange:
    """A price-time matching venue; implements `fixgate.venue.model.Venue`.

    Orders, books and identifiers are its only state. It is pure: the same messages at the same
    instants give the same replies, byte for byte.
    """

    def __init__(
        self,
        settings: VenueSettings,
        *,
        max_retired_ids: int = MAX_RETIRED_IDS,
        max_open_orders: int = MAX_OPEN_ORDERS,
    ) -> None:
        """Open the books.

        Args:
            settings: The instruments and the liquidity; ``mode`` is the caller's to read.
            max_retired_ids: ClOrdIDs of finished requests to remember, over all clients.
            max_open_orders: Open orders that one client may have.

        Raises:
            ValueError: A tick or a lot is not above 0.
        """
        self._settings = settings
        listings = (
            Listing(
                instrument,
                levels=settings.liquidity_levels,
                quantity=settings.liquidity_quantity,
            )
            for instrument in settings.instruments
        )
        self._listings: dict[bytes | None, Listing] = {each.symbol: each for each in listings}
        self._clients: dict[str, ClientOrders] = {}
        self._retired = Retired(max_retired_ids)
        self._matching = Matching(self._retired)
        self._max_open_orders = max_open_orders
        self._ids = Ids()
        self._reports: dict[FixVersion, Reports] = {}
        self._handlers: dict[bytes, _Handler] = {
            MsgType.NewOrderSingle: self._new_order,
            MsgType.OrderCancelRequest: self._cancel,
            MsgType.OrderCancelReplaceRequest: self._replace,
            MsgType.OrderStatusRequest: self._status,
        }

    @property
    def listings(self) -> Iterable[Listing]:
        """The instruments and their books."""
        return self._listings.values()

    def logged_on(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session is up; nothing is sent unasked."""
        self._admit(client, now_ns)
        return []

    def logged_out(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session has ended, cleanly or not.

        Its orders stay, unless the venue cancels the Day orders of those who leave.
        """
        orders = self._clients.get(client.key)
        if orders is None or not self._settings.cancel_on_disconnect:
            return []
        text = b"Canceled because the session ended"
        return [
            self._matching.cancel(order, orders, now_ns, text)
            for order in list(orders.open.values())
            if order.time_in_force == TimeInForce.DAY
        ]

    def on_message(
        self, client: Client, message: Message, now_ns: int, *, poss_resend: bool = False
    ) -> list[Reply]:
        """Serve one application message.

        Args:
            client: Who sent it.
            message: In sequence, and valid by the dictionary; other bytes are refused, never
                raised on.
            now_ns: UTC, nanoseconds.
            poss_resend: PossResend(97)=Y: drop the message if its ClOrdID(11) is known.

        Returns:
            The replies in the order in which they are to be sent, for any client.
        """
        orders = self._clients.get(client.key)
        if orders is None or orders.version is not client.version:
            orders = self._admit(client, now_ns)
        handler = self._handlers.get(message.msg_type)
        if handler is not None:
            return handler(orders, message, now_ns, poss_resend)
        if message.msg_type == MsgType.BusinessMessageReject:
            return []  # a refusal is not refused, or two engines would never end
        name_version = self._settings.dialect_business_reject_version
        return [unsupported_message(client.key, client.version, message, name_version=name_version)]

    def _admit(self, client: Client, now_ns: int) -> ClientOrders:
        self._ids.begin(now_ns)
        reports = self._reports.get(client.version)
        if reports is None:
            reports = self._reports[client.version] = Reports(client.version, self._ids)
        orders = self._clients.get(client.key)
        if orders is None:
            orders = self._clients[client.key] = ClientOrders(client.key, client.version, reports)
        orders.version = client.version
        orders.reports = reports
        return orders

    # ---- new orders

    def _new_order(
        self, client: ClientOrders, message: Message, now_ns: int, poss_resend: bool
    ) -> list[Reply]:
        cl_ord_id = message.get(Tag.ClOrdID)
        if not cl_ord_id:
            return [self._missing(client, message, b"ClOrdID(11)")]
        if cl_ord_id in client.by_cl_ord_id:
            return [] if poss_resend else [self._duplicate(client, message, cl_ord_id, now_ns)]
        order = Order(client, cl_ord_id, self._ids.next_order_id())
        refusal = self._read_new(order, client, message)
        if refusal is not None:
            if refusal.missing:
                return [self._incomplete(client, message, refusal.text)]
            return [self._refuse(order, client, message, refusal, now_ns)]
        client.by_cl_ord_id[cl_ord_id] = order
        replies = [client.reports.acknowledged(order, client.key, now_ns)]
        self._matching.enter(order, client, replies, now_ns)
        return replies

    def _read_new(self, order: Order, client: ClientOrders, message: Message) -> Refusal | None:
        if len(order.cl_ord_id) > MAX_ID_BYTES:
            text = b"ClOrdID(11) too long: received %d bytes, expected at most %d"
            return Refusal(OrdRejReason.OTHER, text % (len(order.cl_ord_id), MAX_ID_BYTES))
        symbol = message.get(Tag.Symbol)
        listing = self._listings.get(symbol)
        if listing is None:
            text = b"Symbol(55) unknown: received %b" % shown(symbol)
            return Refusal(OrdRejReason.UNKNOWN_SYMBOL, text)
        if len(client.open) >= self._max_open_orders:
            text = b"Too many open orders: at most %d" % self._max_open_orders
            return Refusal(OrdRejReason.ORDER_EXCEEDS_LIMIT, text)
        order.listing = listing
        return read_terms(order, message)

    # ---- requests about an order

    def _cancel(
        self, client: ClientOrders, message: Message, now_ns: int, poss_resend: bool
    ) -> list[Reply]:
        response_to = CxlRejResponseTo.CANCEL
        found = self._find(client, message, now_ns, response_to, poss_resend=poss_resend)
        if not isinstance(found, Order):
            return found
        if message.get(_CXL_TYPE) == _CANCEL_PART:
            text = b"CxlType(125) not supported: received P, expected F; replace it instead"
            refusal = CancelRefusal(found, CxlRejReason.OTHER, text)
            return [self._refuse_request(client, message, now_ns, response_to, refusal)]
        old_id = self._chain(found, client, message[Tag.ClOrdID])
        return [self._matching.cancel(found, client, now_ns, orig_cl_ord_id=old_id)]

    def _replace(
        self, client: ClientOrders, message: Message, now_ns: int, poss_resend: bool
    ) -> list[Reply]:
        response_to = CxlRejResponseTo.REPLACE
        found = self._find(client, message, now_ns, response_to, poss_resend=poss_resend)
        if not isinstance(found, Order):
            return found
        wanted = Order(client, b"", b"")
        wanted.listing = found.listing
        refusal = read_terms(wanted, message) or check_replacement(wanted)
        if refusal is not None and refusal.missing:
            return [self._incomplete(client, message, refusal.text)]
        if refusal is not None:
            late = CancelRefusal(found, refusal.cancel_reason, refusal.text)
            return [self._refuse_request(client, message, now_ns, response_to, late)]
        old_id = self._chain(found, client, message[Tag.ClOrdID])
        return self._matching.amend(found, wanted, client, old_id, now_ns)

    def _find(
        self,
        client: ClientOrders,
        message: Message,
        now_ns: int,
        response_to: bytes,
        *,
        poss_resend: bool,
    ) -> Order | list[Reply]:
        cl_ord_id = message.get(Tag.ClOrdID)
        if not cl_ord_id:
            return [self._missing(client, message, b"ClOrdID(11)")]
        if poss_resend and cl_ord_id in client.by_cl_ord_id:
            return []
        found = find_target(client, message)
        if isinstance(found, Order):
            return found
        return [self._refuse_request(client, message, now_ns, response_to, found)]

    def _refuse_request(
        self,
        client: ClientOrders,
        message: Message,
        now_ns: int,
        response_to: bytes,
        refusal: CancelRefusal,
    ) -> Reply:
        cl_ord_id = message[Tag.ClOrdID]
        if cl_ord_id not in client.by_cl_ord_id and len(cl_ord_id) <= MAX_ID_BYTES:
            client.by_cl_ord_id[cl_ord_id] = None
            self._retired.add(client, cl_ord_id)
        return client.reports.cancel_rejected(
            client.key,
            now_ns,
            cl_ord_id=cl_ord_id,
            orig_cl_ord_id=message.get(Tag.OrigClOrdID),
            order=refusal.order,
            reason=refusal.reason,
            text=refusal.text,
            response_to=response_to,
        )

    def _status(
        self, client: ClientOrders, message: Message, now_ns: int, _poss_resend: bool
    ) -> list[Reply]:
        cl_ord_id = message.get(Tag.ClOrdID)
        order_id = message.get(Tag.OrderID)
        if not cl_ord_id and not order_id:
            return [self._missing(client, message, b"ClOrdID(11)")]
        order = (
            client.by_cl_ord_id.get(cl_ord_id) if cl_ord_id else client.open.get(order_id or b"")
        )
        text = b""
        if order is None:
            order = Order(client, cl_ord_id or _NO_ORDER, _NO_ORDER)
            order.close(OrdStatus.REJECTED)
            show_terms(order, message)
            text = b"Unknown order"
        request_id = message.get(Tag.OrdStatusReqID)
        reply = client.reports.status(order, client.key, now_ns, request_id=request_id, text=text)
        return [reply]

    # ---- the ends of orders, and refusals

    def _chain(self, order: Order, client: ClientOrders, cl_ord_id: bytes) -> bytes:
        """Give an order the ClOrdID(11) of the request that changes it; return the old one."""
        old_id, order.cl_ord_id = order.cl_ord_id, cl_ord_id
        client.by_cl_ord_id[cl_ord_id] = order
        self._retired.add(client, old_id)
        return old_id

    def _refuse(
        self,
        order: Order,
        client: ClientOrders,
        message: Message,
        refusal: Refusal,
        now_ns: int,
    ) -> Reply:
        order.close(OrdStatus.REJECTED)
        show_terms(order, message)
        if len(order.cl_ord_id) <= MAX_ID_BYTES:
            client.by_cl_ord_id[order.cl_ord_id] = order
            self._retired.add(client, order.cl_ord_id)
        return client.reports.rejected(order, client.key, now_ns, refusal)

    def _duplicate(
        self, client: ClientOrders, message: Message, cl_ord_id: bytes, now_ns: int
    ) -> Reply:
        order = Order(client, cl_ord_id, _NO_ORDER)
        order.close(OrdStatus.REJECTED)
        show_terms(order, message)
        text = b"ClOrdID(11) duplicate: received %b, which an earlier request carried"
        refusal = Refusal(OrdRejReason.DUPLICATE_ORDER, text % shown(cl_ord_id))
        return client.reports.rejected(order, client.key, now_ns, refusal)

    def _missing(self, client: ClientOrders, message: Message, label: bytes) -> Reply:
        return self._incomplete(client, message, b"%b missing" % label)

    def _incomplete(self, client: ClientOrders, message: Message, text: bytes) -> Reply:
        """Spec: case 14.m."""
        return business_reject(
            client.key,
            client.version,
            message,
            reason=BusinessRejectReason.CONDITIONALLY_REQUIRED_FIELD_MISSING,
            text=text,
        )
