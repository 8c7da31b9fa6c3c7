"""Orders and their owners; the stories are in test_exchange.py."""

from __future__ import annotations

from fixgate.dictionary.version import FixVersion
from fixgate.venue import Instrument
from fixgate.venue.listing import Listing
from fixgate.venue.matching import Matching
from fixgate.venue.orders import ClientOrders, Order, Retired
from fixgate.venue.reports import Ids, Reports
from tests.venue.support import NOW_NS


class Floor:
    """One client and one book, around the matching alone."""

    def __init__(self) -> None:
        ids = Ids()
        ids.begin(NOW_NS)
        self.retired = Retired(10)
        self.matching = Matching(self.retired)
        self.listing = Listing(Instrument("ABC"))
        self.client = ClientOrders("A", FixVersion.FIX44, Reports(FixVersion.FIX44, ids))

    def order(self, name: bytes, *, is_buy: bool, quantity: int, price: int) -> Order:
        order = Order(self.client, name, name)
        order.listing = self.listing
        order.is_buy, order.price = is_buy, price
        order.qty = order.leaves = quantity
        self.client.by_cl_ord_id[name] = order
        return order

    def enter(self, order: Order) -> int:
        replies: list = []
        self.matching.enter(order, self.client, replies, NOW_NS)
        return len(replies)


def test_an_order_that_rests_is_open_until_it_is_done():
    floor = Floor()
    bid = floor.order(b"B", is_buy=True, quantity=10, price=100)
    assert floor.enter(bid) == 0
    assert floor.client.open == {b"B": bid}
    ask = floor.order(b"S", is_buy=False, quantity=10, price=100)
    assert floor.enter(ask) == 2
    assert floor.client.open == {}
    assert len(floor.retired) == 2


def test_an_amended_order_stays_or_moves():
    floor = Floor()
    orders = [floor.order(b"%d" % n, is_buy=True, quantity=10, price=100) for n in range(2)]
    for order in orders:
        floor.enter(order)
    for price, queue in ((100, [b"0", b"1"]), (99, [b"1"])):
        wanted = floor.order(b"-", is_buy=True, quantity=5, price=price)
        (replaced,) = floor.matching.amend(orders[0], wanted, floor.client, b"old", NOW_NS)
        assert b"\x0141=old\x01" in replaced.body
        assert [each.order_id for each in floor.listing.book.bids.levels[100]] == queue
        assert floor.client.open[b"0"].leaves == 5


def test_a_canceled_order_leaves_the_book():
    floor = Floor()
    order = floor.order(b"B", is_buy=True, quantity=10, price=100)
    floor.enter(order)
    reply = floor.matching.cancel(order, floor.client, NOW_NS, b"why")
    assert b"\x0158=why\x01" in reply.body
    assert floor.listing.book.bids.best is None
    assert (floor.client.open, order.leaves) == ({}, 0)
