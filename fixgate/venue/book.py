"""The order book of one instrument: price first, then time.

A half of the book is a sorted list of prices, best last, and a level for each: a linked list of
orders, oldest first, so that adding, cancelling and taking from the front cost the same however
many orders there are. Prices are in ticks, quantities in lots.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import NamedTuple

from fixgate.venue.orders import Order, OrdStatus

__all__ = ["Book", "Fill", "HalfBook", "Level"]


class Fill(NamedTuple):
    """One execution: the resting order that was hit, at which price, for how much.

    Attributes:
        resting: The order that was in the book.
        price: Its limit, in ticks.
        quantity: In lots.
    """

    resting: Order
    price: int
    quantity: int


class Level:
    """The orders at one price, oldest first.

    Attributes:
        price: In ticks.
        total: The open quantity of all of them, in lots.
        first: The order that is hit next.
        last: The order that is hit last.
    """

    __slots__ = ("first", "last", "price", "total")

    def __init__(self, price: int) -> None:
        self.price = price
        self.total = 0
        self.first: Order | None = None
        self.last: Order | None = None

    def append(self, order: Order) -> None:
        """Put an order behind the others."""
        last = self.last
        if last is None:
            self.first = order
        else:
            last.after = order
            order.before = last
        self.last = order
        order.level = self
        self.total += order.leaves

    def unlink(self, order: Order) -> None:
        """Take an order out; its ``leaves`` no longer count."""
        before, after = order.before, order.after
        if before is None:
            self.first = after
        else:
            before.after = after
        if after is None:
            self.last = before
        else:
            after.before = before
        order.level = order.before = order.after = None
        self.total -= order.leaves

    def __iter__(self) -> Iterator[Order]:
        order = self.first
        while order is not None:
            yield order
            order = order.after


class HalfBook:
    """The bids, or the asks.

    Attributes:
        levels: The levels that have orders, by price.
    """

    __slots__ = ("_keys", "_sign", "levels")

    def __init__(self, *, is_buy: bool) -> None:
        self.levels: dict[int, Level] = {}
        # Negated for asks, so that the best price is last on both halves.
        self._sign = 1 if is_buy else -1
        self._keys: list[int] = []

    @property
    def best(self) -> Level | None:
        """The level that is hit first, or ``None``."""
        return self.levels[self._sign * self._keys[-1]] if self._keys else None

    def add(self, order: Order, price: int) -> None:
        """Rest an order at ``price``, behind what is there."""
        level = self.levels.get(price)
        if level is None:
            level = self.levels[price] = Level(price)
            insort(self._keys, self._sign * price)
        level.append(order)

    def remove(self, order: Order, level: Level) -> None:
        """Take an order out of its level, and the level out of the book when it was the last."""
        level.unlink(order)
        if level.first is None:
            key = self._sign * level.price
            keys = self._keys
            if keys[-1] == key:
                keys.pop()
            else:
                del keys[bisect_left(keys, key)]
            del self.levels[level.price]

    def is_met_by(self, limit: int | None) -> bool:
        """Whether an incoming order with ``limit`` would trade against the best level."""
        keys = self._keys
        return bool(keys) and (limit is None or keys[-1] >= self._sign * limit)

    def reaches(self, level: Level, limit: int | None) -> bool:
        """Whether an incoming order with ``limit`` may trade against ``level``."""
        return limit is None or self._sign * level.price >= self._sign * limit

    def __iter__(self) -> Iterator[Level]:
        for key in reversed(self._keys):
            yield self.levels[self._sign * key]


class Book:
    """Both halves for one instrument.

    Attributes:
        bids: Resting buy orders.
        asks: Resting sell orders.
    """

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        self.bids = HalfBook(is_buy=True)
        self.asks = HalfBook(is_buy=False)

    def rest(self, order: Order) -> None:
        """Add an order with a limit, behind those at its price."""
        assert order.price is not None, "a market order never rests"
        (self.bids if order.is_buy else self.asks).add(order, order.price)

    def remove(self, order: Order) -> None:
        """Take a resting order out; nothing happens to one that does not rest."""
        if order.level is not None:
            (self.bids if order.is_buy else self.asks).remove(order, order.level)

    def reduce(self, order: Order, by: int) -> None:
        """Make a resting order smaller; it keeps its place.

        Args:
            order: An order that rests and keeps some quantity.
            by: Lots to take off its open quantity.
        """
        assert order.level is not None, "only a resting order can be reduced in place"
        order.leaves -= by
        order.level.total -= by

    def meets(self, order: Order) -> bool:
        """Whether an incoming order would execute against anything."""
        half = self.asks if order.is_buy else self.bids
        return bool(half.levels) and half.is_met_by(order.price)

    def available(self, order: Order) -> int:
        """Return how much an incoming order could execute now, at most its ``leaves``."""
        half = self.asks if order.is_buy else self.bids
        found = 0
        for level in half:
            if found >= order.leaves or not half.reaches(level, order.price):
                break
            found += level.total
        return min(found, order.leaves)

    def match(self, order: Order) -> Iterator[Fill]:
        """Execute an incoming order against the book, best price first, oldest order first.

        Each `Fill` is handed out as soon as both orders have been moved by it, so that what is
        read from them then is their state after that very execution.

        Args:
            order: Not in the book; what it has left afterwards is the caller's to deal with.
        """
        half = self.asks if order.is_buy else self.bids
        while order.leaves:
            level = half.best
            if level is None or not half.reaches(level, order.price):
                return
            resting = level.first
            assert resting is not None, "an empty level is taken out of the book"
            price, quantity = level.price, min(order.leaves, resting.leaves)
            _execute(resting, price, quantity)
            level.total -= quantity
            if not resting.leaves:
                half.remove(resting, level)
            _execute(order, price, quantity)
            yield Fill(resting, price, quantity)


def _execute(order: Order, price: int, quantity: int) -> None:
    order.leaves -= quantity
    order.cum += quantity
    order.notional += price * quantity
    if not order.leaves:
        order.final = OrdStatus.FILLED
