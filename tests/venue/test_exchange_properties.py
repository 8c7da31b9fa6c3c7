"""Any sequence of requests: quantities are conserved, and price and time decide.

The reference is a matcher of a few lines, written from the rules and from nothing in the venue:
a list of resting orders, sorted afresh for every request.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fixgate.dictionary.version import FixVersion
from fixgate.venue import Client, Exchange, Instrument, VenueSettings
from fixgate.wire.message import Message
from tests.venue.support import NOW_NS, Desk, fields_of

BUY, SELL = "1", "2"
MARKET = None
DAY, IOC, FOK = "0", "3", "4"


@dataclass
class Naive:
    """An order as the reference sees it."""

    cl_ord_id: str
    side: str
    price: int | None
    quantity: int
    arrival: int
    executed: int = 0
    value: int = 0
    over: bool = False

    @property
    def left(self) -> int:
        return 0 if self.over else self.quantity - self.executed


class Reference:
    """Price first, then time; nothing else."""

    def __init__(self) -> None:
        self.orders: dict[str, Naive] = {}
        self.arrivals = 0

    def others(self, order: Naive) -> list[Naive]:
        """Return who would trade with ``order``, in order of priority."""
        found = [
            each
            for each in self.orders.values()
            if each.left
            and each is not order
            and each.side != order.side
            and (
                order.price is MARKET
                or (each.price <= order.price if order.side == BUY else each.price >= order.price)
            )
        ]
        sign = 1 if order.side == BUY else -1
        return sorted(found, key=lambda each: (sign * each.price, each.arrival))

    def run(self, order: Naive, time_in_force: str) -> list[tuple[str, str, int, int]]:
        """Match an order; return (incoming, resting, price, quantity) of each execution."""
        others = self.others(order)
        trades = []
        if time_in_force != FOK or sum(each.left for each in others) >= order.left:
            for other in others:
                quantity = min(order.left, other.left)
                if not quantity:
                    break
                for each in (order, other):
                    each.executed += quantity
                    each.value += quantity * other.price
                trades.append((order.cl_ord_id, other.cl_ord_id, other.price, quantity))
        if order.price is MARKET or time_in_force in (IOC, FOK):
            order.over = True
        return trades

    def arrive(self) -> int:
        self.arrivals += 1
        return self.arrivals


PRICES = st.integers(9996, 10004)
QUANTITIES = st.integers(1, 30)
SIDES = st.sampled_from([BUY, SELL])


class VenueMachine(RuleBasedStateMachine):
    """Two clients against one book, beside the reference."""

    def __init__(self) -> None:
        super().__init__()
        self.venue = Exchange(
            VenueSettings(instruments=(Instrument("ABC"),), liquidity_levels=0),
            max_retired_ids=50,
        )
        self.desks = [
            Desk(self.venue, "ALICE", FixVersion.FIX44),
            Desk(self.venue, "BOB", FixVersion.FIX42),
        ]
        self.reference = Reference()
        self.owners: dict[str, Desk] = {}
        self.ids = 0
        self.bought = self.sold = 0

    def next_id(self) -> str:
        self.ids += 1
        return f"C{self.ids}"

    def check_trades(self, replies, expected) -> None:
        trades = [fields_of(reply) for reply in replies if fields_of(reply).get(150) in "12F"]
        assert len(trades) == 2 * len(expected)
        for incoming, resting, trade in zip(trades[::2], trades[1::2], expected, strict=True):
            found = (incoming[11], resting[11], incoming[31], int(incoming[32]))
            assert found == (trade[0], trade[1], f"{trade[2] / 100:.2f}", trade[3])
            assert (incoming[31], incoming[32]) == (resting[31], resting[32])
            for each in (incoming, resting):
                # CumQty + LeavesQty = OrderQty while an order lives and when it is filled.
                assert int(each[14]) + int(each[151]) == int(each[38])
                if each[54] == BUY:
                    self.bought += int(each[32])
                else:
                    self.sold += int(each[32])

    @rule(
        who=st.integers(0, 1),
        side=SIDES,
        quantity=QUANTITIES,
        price=st.one_of(PRICES, PRICES, PRICES, st.none()),
        time_in_force=st.sampled_from([DAY, DAY, DAY, "1", IOC, FOK]),
    )
    def enter(self, who, side, quantity, price, time_in_force) -> None:
        cl_ord_id = self.next_id()
        desk = self.desks[who]
        text = None if price is None else f"{price / 100:.2f}"
        replies = desk.new(cl_ord_id, side, str(quantity), text, time_in_force=time_in_force)
        order = Naive(cl_ord_id, side, price, quantity, self.reference.arrive())
        self.owners[cl_ord_id] = desk
        self.reference.orders[cl_ord_id] = order
        self.check_trades(replies, self.reference.run(order, time_in_force))
        killed = order.over and order.executed < quantity
        assert (fields_of(replies[-1])[39] == "4") is killed

    def live(self) -> list[Naive]:
        return [order for order in self.reference.orders.values() if order.left]

    @precondition(lambda self: self.live())
    @rule(data=st.data(), quantity=QUANTITIES, price=PRICES, stays=st.booleans())
    def replace(self, data, quantity, price, stays) -> None:
        order = data.draw(st.sampled_from(self.live()))
        price = order.price if stays else price
        desk, old_id, new_id = self.owners.pop(order.cl_ord_id), order.cl_ord_id, self.next_id()
        replies = desk.send(
            f"35=G|34=3|11={new_id}|41={old_id}|38={quantity}|40=2|44={price / 100:.2f}"
            f"|54={order.side}|55=ABC"
        )
        if price != order.price or quantity > order.quantity:
            order.arrival = self.reference.arrive()
        order.price, order.quantity = price, max(quantity, order.executed)
        del self.reference.orders[old_id]
        order.cl_ord_id = new_id
        self.reference.orders[new_id] = order
        self.owners[new_id] = desk
        self.check_trades(replies[1:], self.reference.run(order, DAY))
        assert fields_of(replies[0])[150] == "5"

    @precondition(lambda self: self.live())
    @rule(data=st.data())
    def cancel(self, data) -> None:
        order = data.draw(st.sampled_from(self.live()))
        desk, new_id = self.owners[order.cl_ord_id], self.next_id()
        (reply,) = desk.send(f"35=F|34=3|11={new_id}|41={order.cl_ord_id}|54={order.side}|55=ABC")
        found = fields_of(reply)
        assert (found[39], found[14], found[151]) == ("4", str(order.executed), "0")
        order.over = True

    @precondition(lambda self: self.live())
    @rule(data=st.data())
    def ask(self, data) -> None:
        order = data.draw(st.sampled_from(self.live()))
        desk = self.owners[order.cl_ord_id]
        (reply,) = desk.send(f"35=H|34=3|11={order.cl_ord_id}|54={order.side}|55=ABC")
        found = fields_of(reply)
        assert (found[38], found[14]) == (str(order.quantity), str(order.executed))
        assert found[151] == str(order.left)
        average = order.value / order.executed / 100 if order.executed else 0
        assert abs(float(found[6]) - average) < 1e-7

    @invariant()
    def the_book_is_what_the_reference_says(self) -> None:
        (listing,) = self.venue.listings
        for half, side, sign in ((listing.book.bids, BUY, -1), (listing.book.asks, SELL, 1)):
            expected = sorted(
                (each for each in self.live() if each.side == side),
                key=lambda each: (sign * each.price, each.arrival),
            )
            found = [order for level in half for order in level]
            assert [(order.cl_ord_id.decode(), order.price, order.leaves) for order in found] == [
                (each.cl_ord_id, each.price, each.left) for each in expected
            ]
            for level in half:
                assert level.total == sum(order.leaves for order in level) > 0

    @invariant()
    def the_book_is_not_crossed(self) -> None:
        (listing,) = self.venue.listings
        bid, ask = listing.book.bids.best, listing.book.asks.best
        assert bid is None or ask is None or bid.price < ask.price

    @invariant()
    def as_much_is_bought_as_sold(self) -> None:
        assert self.bought == self.sold

    @invariant()
    def open_orders_are_those_that_rest(self) -> None:
        open_now = {
            order.cl_ord_id.decode()
            for client in self.venue._clients.values()
            for order in client.open.values()
        }
        assert open_now == {order.cl_ord_id for order in self.live()}
        assert len(self.venue._retired) <= 50


VenueMachine.TestCase.settings = settings(deadline=None, max_examples=60, stateful_step_count=40)
TestVenue = VenueMachine.TestCase


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            SIDES, QUANTITIES, st.one_of(PRICES, st.none()), st.sampled_from([DAY, IOC, FOK])
        ),
        max_size=30,
    )
)
def test_with_the_venues_own_quotes_the_book_is_never_crossed_and_ends_whole(orders):
    venue = Exchange(
        VenueSettings(instruments=(Instrument("ABC"),), liquidity_levels=3, liquidity_quantity=10)
    )
    desk = Desk(venue, "ALICE")
    (listing,) = venue.listings
    for number, (side, quantity, price, time_in_force) in enumerate(orders):
        text = None if price is None else f"{price / 100:.2f}"
        desk.new(f"C{number}", side, str(quantity), text, time_in_force=time_in_force)
        bid, ask = listing.book.bids.best, listing.book.asks.best
        assert bid is None or ask is None or bid.price < ask.price
        resting = [order for level in (*listing.book.bids, *listing.book.asks) for order in level]
        house = [order for order in resting if order.owner is None]
        assert all(order.leaves == 10 for order in house)
        assert (len(house) == 6) is listing.house.whole
    for number in range(len(orders)):
        for side in (BUY, SELL):
            desk.send(f"35=F|34=3|11=X{side}{number}|41=C{number}|54={side}|55=ABC")
    assert listing.house.whole
    assert sum(level.total for level in listing.book.bids) == 30
    assert sum(level.total for level in listing.book.asks) == 30


# Valid and invalid values of every field that the venue reads, and any bytes at all.
VALUES = st.one_of(
    st.sampled_from(
        (
            *(b"", b"A", b"B", b"ABC", b"1", b"2", b"3", b"4", b"99.5", b"100", b"Y", b"\xff"),
            *(b"NaN", b"inf", b"-0", b"1e400", b"-1", b"1,5", b"0x10", b"9" * 5000),
            b"0." + b"0" * 30 + b"1",
        )
    ),
    st.binary(max_size=20).map(lambda value: value.replace(b"\x01", b"")),
)
TAGS = st.sampled_from([1, 11, 34, 37, 38, 40, 41, 44, 54, 55, 59, 60, 110, 111, 125, 790])


@settings(deadline=None, max_examples=200)
@given(
    version=st.sampled_from(list(FixVersion)),
    requests=st.lists(
        st.tuples(
            st.sampled_from([b"D", b"D", b"F", b"G", b"H", b"UU", b"j"]),
            st.lists(st.tuples(TAGS, VALUES), max_size=10),
            st.booleans(),
        ),
        max_size=8,
    ),
)
def test_no_bytes_in_any_field_raise(version, requests):
    venue = Exchange(VenueSettings(instruments=(Instrument("ABC"),)))
    client = Client("A", version)
    plain = {11: b"A", 34: b"2", 38: b"10", 40: b"2", 44: b"99.5", 54: b"1", 55: b"ABC", 41: b"A"}
    for number, (msg_type, changes, poss_resend) in enumerate(requests):
        fields = plain | {11: b"A%d" % number, 41: b"A%d" % (number - 1)} | dict(changes)
        tags = [8, 9, 35, *fields, 10]
        values = [version.begin_string.encode(), b"1", msg_type, *fields.values(), b"000"]
        sent = Message(b"", tags, values)
        for reply in venue.on_message(client, sent, NOW_NS, poss_resend=poss_resend):
            found = fields_of(reply)
            assert list(found) == sorted(found)
            assert all(found.values())
