from __future__ import annotations

from fixgate.venue.book import Book
from fixgate.venue.orders import Order


def order(name: str, side: str, quantity: int, price: int | None) -> Order:
    made = Order(None, name.encode(), name.encode())
    made.is_buy = side == "buy"
    made.qty = made.leaves = quantity
    made.price = price
    return made


def rested(book: Book, *orders: Order) -> None:
    for each in orders:
        book.rest(each)


def queue(book: Book) -> list[tuple[int, list[bytes], int]]:
    return [
        (level.price, [each.order_id for each in level], level.total)
        for half in (book.bids, book.asks)
        for level in half
    ]


def test_prices_are_best_first_and_orders_oldest_first():
    book = Book()
    rested(
        book,
        order("a", "buy", 1, 99),
        order("b", "buy", 2, 100),
        order("c", "buy", 3, 99),
        order("d", "sell", 4, 102),
        order("e", "sell", 5, 101),
    )
    assert queue(book) == [
        (100, [b"b"], 2),
        (99, [b"a", b"c"], 4),
        (101, [b"e"], 5),
        (102, [b"d"], 4),
    ]


def test_an_order_can_leave_from_anywhere_in_its_level():
    for leaver in range(3):
        book = Book()
        orders = [order(name, "sell", 1, 100) for name in "abc"]
        rested(book, *orders)
        book.remove(orders[leaver])
        left = [each.order_id for each in orders if each is not orders[leaver]]
        assert queue(book) == [(100, left, 2)]


def test_a_level_leaves_with_its_last_order_wherever_it_stands():
    for price in (98, 99, 100):
        book = Book()
        orders = {each: order(str(each), "buy", 1, each) for each in (98, 99, 100)}
        rested(book, *orders.values())
        book.remove(orders[price])
        assert [level.price for level in book.bids] == [
            each for each in (100, 99, 98) if each != price
        ]


def test_removing_what_does_not_rest_changes_nothing():
    book = Book()
    book.remove(order("a", "buy", 1, 99))
    assert queue(book) == []


def test_reducing_keeps_the_place():
    book = Book()
    first, second = order("a", "buy", 5, 99), order("b", "buy", 5, 99)
    rested(book, first, second)
    book.reduce(first, 3)
    assert queue(book) == [(99, [b"a", b"b"], 7)]
    assert first.leaves == 2


def test_matching_takes_the_best_price_then_the_oldest():
    book = Book()
    rested(
        book,
        order("late", "sell", 5, 102),
        order("first", "sell", 5, 101),
        order("second", "sell", 5, 101),
        order("far", "sell", 5, 103),
    )
    incoming = order("in", "buy", 12, 102)
    assert book.meets(incoming)
    assert book.available(incoming) == 12
    fills = [(fill.resting.order_id, fill.price, fill.quantity) for fill in book.match(incoming)]
    assert fills == [(b"first", 101, 5), (b"second", 101, 5), (b"late", 102, 2)]
    assert queue(book) == [(102, [b"late"], 3), (103, [b"far"], 5)]
    assert (incoming.leaves, incoming.cum, incoming.notional) == (0, 12, 5 * 101 * 2 + 2 * 102)
    assert incoming.final == b"2"


def test_each_fill_is_seen_as_it_happens():
    book = Book()
    rested(book, order("a", "buy", 5, 100), order("b", "buy", 5, 99))
    incoming = order("in", "sell", 10, 99)
    seen = [(incoming.cum, fill.resting.leaves) for fill in book.match(incoming)]
    assert seen == [(5, 0), (10, 0)]


def test_nothing_beyond_the_limit_is_hit():
    book = Book()
    rested(book, order("a", "buy", 5, 100), order("b", "buy", 5, 98))
    incoming = order("in", "sell", 10, 99)
    assert book.available(incoming) == 5
    assert len(list(book.match(incoming))) == 1
    assert incoming.leaves == 5
    assert not book.meets(incoming)


def test_a_market_order_takes_whatever_is_there():
    book = Book()
    rested(book, order("a", "sell", 5, 100), order("b", "sell", 5, 5000))
    incoming = order("in", "buy", 20, None)
    assert book.available(incoming) == 10
    assert len(list(book.match(incoming))) == 2
    assert incoming.leaves == 10
    assert not book.meets(incoming)
    assert list(book.match(incoming)) == []
