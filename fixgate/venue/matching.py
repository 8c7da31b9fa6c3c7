"""What becomes of an order that has been taken: matched, rested, amended, canceled."""

from __future__ import annotations

from fixgate.venue.listing import Listing
from fixgate.venue.model import Reply
from fixgate.venue.orders import ClientOrders, Order, OrdStatus, Retired, TimeInForce

__all__ = ["Matching"]


class Matching:
    """Moves orders in and out of their books, and reports it to their owners."""

    def __init__(self, retired: Retired) -> None:
        """Share the memory of ClOrdIDs that are over with the exchange."""
        self._retired = retired

    def enter(self, order: Order, client: ClientOrders, replies: list[Reply], now_ns: int) -> None:
        """Match an order that is not in the book, then rest, or cancel, what it has left."""
        listing = order.listing
        assert listing is not None, "an order that was taken has an instrument"
        book = listing.book
        shortage = b"No liquidity left"
        if not order.rests and order.time_in_force == TimeInForce.FOK:
            if book.available(order) == order.leaves:
                self._execute(order, client, replies, now_ns)
            shortage = b"Not enough liquidity to fill it"
        elif book.meets(order):
            self._execute(order, client, replies, now_ns)
        if not order.leaves:
            self._done(order, client)
        elif order.rests:
            book.rest(order)
            client.open[order.order_id] = order
        else:
            replies.append(self.cancel(order, client, now_ns, shortage))
        if not listing.house.whole:
            listing.house.replenish()

    def amend(
        self, order: Order, wanted: Order, client: ClientOrders, old_id: bytes, now_ns: int
    ) -> list[Reply]:
        """Give a resting order new terms.

        Args:
            order: Already addressed by the ClOrdID(11) of the request.
            wanted: The terms asked for.
            client: Its owner.
            old_id: The ClOrdID(11) that it had before.
            now_ns: UTC, nanoseconds.

        Spec: FIX 4.2, Appendix D11 and D12: a total at or below what has been executed is
        amended to it, and "filled" takes precedence over "replaced".
        """
        listing = _listing_of(order)
        quantity = max(wanted.qty, order.cum)
        stays = order.price == wanted.price and order.cum < quantity <= order.qty
        if stays:
            listing.book.reduce(order, order.qty - quantity)
        else:
            listing.book.remove(order)
            order.leaves = quantity - order.cum
        order.qty = quantity
        order.qty_text = listing.quantities.render(quantity)
        order.price = wanted.price
        order.price_field = wanted.price_field
        order.time_in_force = wanted.time_in_force
        order.time_in_force_field = wanted.time_in_force_field
        order.replaced = True
        if not order.leaves:
            order.final = OrdStatus.FILLED
        replies = [client.reports.replaced(order, client.key, now_ns, old_id)]
        if not stays:
            del client.open[order.order_id]
            self.enter(order, client, replies, now_ns)
        return replies

    def cancel(
        self,
        order: Order,
        client: ClientOrders,
        now_ns: int,
        text: bytes = b"",
        *,
        orig_cl_ord_id: bytes | None = None,
    ) -> Reply:
        """Cancel what an order has open, whether it rests or not."""
        listing = _listing_of(order)
        listing.book.remove(order)
        order.close(OrdStatus.CANCELED)
        self._done(order, client)
        if not listing.house.whole:
            listing.house.replenish()
        return client.reports.canceled(
            order, client.key, now_ns, orig_cl_ord_id=orig_cl_ord_id, text=text
        )

    def _execute(
        self, order: Order, client: ClientOrders, replies: list[Reply], now_ns: int
    ) -> None:
        listing = _listing_of(order)
        for resting, price, quantity in listing.book.match(order):
            replies.append(
                client.reports.traded(order, client.key, now_ns, price=price, quantity=quantity)
            )
            owner = resting.owner
            if owner is None:
                listing.house.whole = False
                continue
            replies.append(
                owner.reports.traded(resting, owner.key, now_ns, price=price, quantity=quantity)
            )
            if not resting.leaves:
                self._done(resting, owner)

    def _done(self, order: Order, client: ClientOrders) -> None:
        """Count an order that is done among those that are over."""
        client.open.pop(order.order_id, None)
        self._retired.add(client, order.cl_ord_id)


def _listing_of(order: Order) -> Listing:
    listing = order.listing
    assert listing is not None, "an order that was taken has an instrument"
    return listing
