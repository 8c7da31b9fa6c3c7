"""Orders, and what a venue remembers of each client.

An `Order` is a plain mutable object: the book links it into its price level, the exchange moves
quantity from ``leaves`` to ``cum``. Nothing here decides anything.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from fixgate.dictionary.version import FixVersion

if TYPE_CHECKING:
    from fixgate.venue.book import Level
    from fixgate.venue.listing import Listing
    from fixgate.venue.reports import Reports

__all__ = ["ClientOrders", "OrdStatus", "OrdType", "Order", "Retired", "TimeInForce"]


class OrdStatus:
    """Values of OrdStatus(39) that this venue uses, as they stand on the wire."""

    NEW = b"0"
    PARTIALLY_FILLED = b"1"
    FILLED = b"2"
    CANCELED = b"4"
    REPLACED = b"5"
    REJECTED = b"8"


class OrdType:
    """Values of OrdType(40) that this venue takes."""

    MARKET = b"1"
    LIMIT = b"2"


class TimeInForce:
    """Values of TimeInForce(59) that this venue takes."""

    DAY = b"0"
    GTC = b"1"
    IOC = b"3"
    FOK = b"4"


class Order:
    """One order of a client, or one quote of the venue's own.

    Quantities are in lots, prices in ticks. While an order is open, ``cum + leaves == qty``.

    Attributes:
        owner: Whose order it is; ``None`` for a quote of the venue's own.
        order_id: OrderID(37).
        cl_ord_id: ClOrdID(11) of the latest request of the chain that was accepted.
        listing: Its instrument; ``None`` when it named none that is known.
        account_field: Account(1) as a whole field, or empty.
        symbol_field: Symbol(55) as a whole field, or empty.
        side_field: Side(54) as a whole field, or empty.
        is_buy: Which half of the book it belongs to.
        ord_type_field: OrdType(40) as a whole field, or empty.
        price: Limit in ticks, or ``None`` for a market order.
        price_field: Price(44) as a whole field, or empty.
        time_in_force: TimeInForce(59), Day when the order carried none.
        time_in_force_field: TimeInForce(59) as a whole field, or empty when it carried none.
        qty: OrderQty(38).
        qty_text: OrderQty(38) as reports show it.
        leaves: What is open for execution.
        cum: What has been executed.
        notional: Sum of price times quantity over the executions.
        final: OrdStatus(39) once the order is done, ``None`` while it is open.
        rests: What is not executed at once waits in the book: a limit, for the day or longer.
        replaced: A replacement has been accepted.
        level: The price level that it rests in, or ``None``; the book's own.
        before: The order in front of it in the level; the book's own.
        after: The order behind it in the level; the book's own.
    """

    __slots__ = (
        "account_field",
        "after",
        "before",
        "cl_ord_id",
        "cum",
        "final",
        "is_buy",
        "leaves",
        "level",
        "listing",
        "notional",
        "ord_type_field",
        "order_id",
        "owner",
        "price",
        "price_field",
        "qty",
        "qty_text",
        "replaced",
        "rests",
        "side_field",
        "symbol_field",
        "time_in_force",
        "time_in_force_field",
    )

    def __init__(self, owner: ClientOrders | None, cl_ord_id: bytes, order_id: bytes) -> None:
        self.owner = owner
        self.cl_ord_id = cl_ord_id
        self.order_id = order_id
        self.listing: Listing | None = None
        self.account_field = b""
        self.symbol_field = b""
        self.side_field = b""
        self.is_buy = True
        self.ord_type_field = b""
        self.price: int | None = None
        self.price_field = b""
        self.time_in_force = TimeInForce.DAY
        self.time_in_force_field = b""
        self.qty = 0
        self.qty_text = b"0"
        self.leaves = 0
        self.cum = 0
        self.notional = 0
        self.final: bytes | None = None
        self.rests = True
        self.replaced = False
        self.level: Level | None = None
        self.before: Order | None = None
        self.after: Order | None = None

    def status(self, version: FixVersion) -> bytes:
        """Return OrdStatus(39) as a report in ``version`` states it.

        Spec: FIX 4.0 to 4.2 know the status Replaced(5); it gives way to Partially filled and
        Filled (FIX 4.2, Appendix D, order of precedence). From FIX 4.3 a replacement is an
        ExecType(150) only.
        """
        if self.final is not None:
            return self.final
        if self.cum:
            return OrdStatus.PARTIALLY_FILLED
        if self.replaced and version.value <= "FIX.4.2":
            return OrdStatus.REPLACED
        return OrdStatus.NEW

    def close(self, status: bytes) -> None:
        """End the order; what was open is given up.

        Args:
            status: OrdStatus(39): filled, canceled or rejected.
        """
        self.leaves = 0
        self.final = status

    def __repr__(self) -> str:
        return (
            f"Order({self.order_id!r}, {'buy' if self.is_buy else 'sell'} {self.qty} at "
            f"{self.price}, leaves {self.leaves})"
        )


class ClientOrders:
    """What the venue remembers of one client; it outlives the client's sessions.

    Attributes:
        key: The client's `fixgate.venue.model.Client.key`.
        version: The FIX version that its reports are in.
        by_cl_ord_id: Every ClOrdID(11) in memory and its order; ``None`` for a request that was
            refused and so belongs to no order.
        open: The open orders by OrderID(37), oldest first.
        reports: Writes in that version.
    """

    __slots__ = ("by_cl_ord_id", "key", "open", "reports", "version")

    def __init__(self, key: str, version: FixVersion, reports: Reports) -> None:
        self.key = key
        self.version = version
        self.reports = reports
        self.by_cl_ord_id: dict[bytes, Order | None] = {}
        self.open: dict[bytes, Order] = {}


class Retired:
    """The ClOrdIDs of requests that are over, oldest forgotten first.

    They are kept so that a duplicate is recognised and a status can still be asked for, and
    bounded so that a venue that runs for weeks does not grow.
    """

    __slots__ = ("_ids", "_limit")

    def __init__(self, limit: int) -> None:
        """Make an empty memory of at most ``limit`` ClOrdIDs, over all clients."""
        self._limit = limit
        self._ids: deque[tuple[ClientOrders, bytes]] = deque()

    def add(self, client: ClientOrders, cl_ord_id: bytes) -> None:
        """Count ``cl_ord_id`` as over; forget the oldest one when there are too many."""
        self._ids.append((client, cl_ord_id))
        if len(self._ids) > self._limit:
            oldest, forgotten = self._ids.popleft()
            del oldest.by_cl_ord_id[forgotten]

    def __len__(self) -> int:
        return len(self._ids)
