from __future__ import annotations

from decimal import Decimal

import pytest

from fixgate.venue import Instrument
from fixgate.venue.listing import Listing
from fixgate.venue.orders import Order
from tests.venue.support import Desk, open_venue, shown


def depth(listing: Listing) -> list[tuple[int, int]]:
    return [
        (level.price, level.total)
        for half in (listing.book.bids, listing.book.asks)
        for level in half
    ]


def abc(venue) -> Listing:
    return next(iter(venue.listings))


def hit(listing: Listing, *, is_buy: bool, quantity: int, price: int) -> Order:
    order = Order(None, b"A", b"1")
    order.is_buy = is_buy
    order.qty = order.leaves = quantity
    order.price = price
    for _ in listing.book.match(order):
        listing.house.whole = False
    return order


def test_quotes_stand_round_the_reference():
    listing = Listing(Instrument("ABC"), levels=2, quantity=1000)
    assert depth(listing) == [(9999, 1000), (9998, 1000), (10001, 1000), (10002, 1000)]
    assert listing.house.whole


@pytest.mark.parametrize(("levels", "quantity"), [(0, 1000), (5, 0)])
def test_a_house_can_be_switched_off(levels, quantity):
    listing = Listing(Instrument("ABC"), levels=levels, quantity=quantity)
    assert depth(listing) == []
    assert listing.house.whole


def test_a_reference_between_ticks_is_rounded_down_and_no_quote_is_below_one_tick():
    instrument = Instrument("ABC", tick=Decimal("0.25"), reference=Decimal("0.6"))
    listing = Listing(instrument, levels=3, quantity=1)
    assert depth(listing) == [(1, 1), (3, 1), (4, 1), (5, 1)]


def test_a_quote_that_was_hit_is_made_whole_at_the_back_of_its_level():
    listing = Listing(Instrument("ABC"), levels=1, quantity=10)
    waiting = Order(None, b"W", b"W")
    waiting.is_buy, waiting.price, waiting.qty, waiting.leaves = False, 10001, 5, 5
    listing.book.rest(waiting)
    hit(listing, is_buy=True, quantity=4, price=10001)
    listing.house.replenish()
    assert listing.house.whole
    best = listing.book.asks.best
    assert best is not None
    assert [each.leaves for each in best] == [5, 10]


def test_a_quote_stays_away_while_it_would_meet_a_resting_order():
    listing = Listing(Instrument("ABC"), levels=1, quantity=10)
    bid = hit(listing, is_buy=True, quantity=15, price=10001)
    listing.book.rest(bid)
    listing.house.replenish()
    assert not listing.house.whole
    assert depth(listing) == [(10001, 5), (9999, 10)]

    listing.book.remove(bid)
    listing.house.replenish()
    assert listing.house.whole
    assert depth(listing) == [(9999, 10), (10001, 10)]


def test_a_client_trades_with_the_house_and_finds_it_whole_again():
    venue = open_venue(levels=2, quantity=100)
    desk = Desk(venue, "ALICE")
    for number in range(3):
        replies = shown(desk.new(f"A{number}", "1", "150", "100.05"))
        assert [reply.count("|31=100.01|32=100|") for reply in replies] == [0, 1, 0]
        assert [reply.count("|31=100.02|32=50|") for reply in replies] == [0, 0, 1]
        assert "6=100.01333333" in replies[2]
    assert depth(abc(venue)) == [(9999, 100), (9998, 100), (10001, 100), (10002, 100)]


def test_the_house_returns_when_the_order_that_kept_it_away_is_canceled():
    venue = open_venue(levels=1, quantity=100)
    desk = Desk(venue, "ALICE")
    desk.new("A", "1", "150", "100.01")
    assert depth(abc(venue)) == [(10001, 50), (9999, 100)]
    desk.send("35=F|34=3|11=B|41=A|54=1|55=ABC")
    assert depth(abc(venue)) == [(9999, 100), (10001, 100)]
