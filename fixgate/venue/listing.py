"""One instrument at the venue: its scales, its book, and the venue's own quotes in it."""

from __future__ import annotations

from fixgate.venue.book import Book
from fixgate.venue.model import Instrument
from fixgate.venue.orders import Order
from fixgate.venue.prices import Scale

__all__ = ["House", "Listing"]


class Listing:
    """An instrument that can be traded.

    Attributes:
        instrument: What was configured.
        symbol: Symbol(55) as on the wire.
        symbol_field: Symbol(55) as a whole field.
        prices: Ticks.
        quantities: Lots.
        book: The orders that rest.
        house: The venue's own quotes.
    """

    __slots__ = ("book", "house", "instrument", "prices", "quantities", "symbol", "symbol_field")

    def __init__(self, instrument: Instrument, *, levels: int = 0, quantity: int = 0) -> None:
        """Open the book of one instrument.

        Args:
            instrument: What to trade.
            levels: Price levels of the venue's own quotes on each side, 0 for none.
            quantity: Lots at each level, 0 for no quotes.

        Raises:
            ValueError: The tick or the lot is not above 0.
        """
        self.instrument = instrument
        self.symbol = instrument.symbol.encode()
        self.symbol_field = b"55=%b\x01" % self.symbol
        self.prices = Scale(instrument.tick, b"44=%b\x01")
        # Quantities are whole numbers in FIX 4.0 and 4.1: 2, not 2.000.
        self.quantities = Scale(instrument.lot, shortest=True)
        self.book = Book()
        centre = self.prices.steps(instrument.reference)
        self.house = House(self.book, centre, levels=levels, quantity=quantity)


class House:
    """The venue's own liquidity in one book.

    Bids stand 1 to ``levels`` ticks below the centre and asks as far above it, so they never
    meet. After every message of a client that took some of it, each quote that is not whole is
    made whole again and joins the queue at its price behind those who wait there. A quote whose
    price would meet a client's resting order stays away until that order has gone: the house
    only ever waits to be hit.

    Attributes:
        whole: Every quote stands with its full quantity.
    """

    __slots__ = ("_book", "_quantity", "_quotes", "whole")

    def __init__(self, book: Book, centre: int, *, levels: int, quantity: int) -> None:
        """Quote round ``centre``, in ticks; ``quantity`` is in lots."""
        self._book = book
        self._quantity = quantity
        self._quotes: list[Order] = []
        for distance in range(1, levels + 1 if quantity > 0 else 1):
            for is_buy in (True, False):
                price = centre - distance if is_buy else centre + distance
                if price > 0:
                    self._quotes.append(_quote(price, is_buy=is_buy))
        self.whole = False
        self.replenish()

    def replenish(self) -> None:
        """Make every quote whole that would not meet a resting order."""
        self.whole = True
        for quote in self._quotes:
            if quote.leaves == self._quantity:
                continue
            if self._book.meets(quote):
                self.whole = False
                continue
            self._book.remove(quote)
            quote.leaves = quote.qty = self._quantity
            quote.cum = quote.notional = 0
            quote.final = None
            self._book.rest(quote)


def _quote(price: int, *, is_buy: bool) -> Order:
    quote = Order(None, b"", b"")
    quote.is_buy = is_buy
    quote.price = price
    return quote
