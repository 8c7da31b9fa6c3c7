from __future__ import annotations

from fixgate.venue import Instrument
from fixgate.venue.listing import Listing
from fixgate.venue.orders import Order
from fixgate.venue.terms import field, read_terms, show_terms
from tests.venue.support import message


def listed() -> Order:
    order = Order(None, b"A", b"1")
    order.listing = Listing(Instrument("ABC"))
    return order


def test_terms_are_read_in_ticks_and_lots():
    order = listed()
    sent = message("35=D|1=ACC|11=A|38=0010.0|40=2|44=99.5|54=2|55=ABC|59=1")
    assert read_terms(order, sent) is None
    assert (order.price, order.qty, order.leaves, order.is_buy) == (9950, 10, 10, False)
    assert (order.time_in_force, order.rests) == (b"1", True)
    assert (order.price_field, order.qty_text) == (b"44=99.50\x01", b"10")
    assert (order.account_field, order.symbol_field) == (b"1=ACC\x01", b"55=ABC\x01")
    assert (order.side_field, order.ord_type_field) == (b"54=2\x01", b"40=2\x01")
    assert order.time_in_force_field == b"59=1\x01"


def test_an_order_without_a_time_in_force_is_for_the_day():
    order = listed()
    assert read_terms(order, message("35=D|38=1|40=2|44=1|54=1|55=ABC")) is None
    assert (order.time_in_force, order.time_in_force_field, order.rests) == (b"0", b"", True)


def test_what_must_be_done_at_once_does_not_rest():
    for fields in ("40=1", "40=1|59=1", "40=2|44=1|59=3", "40=2|44=1|59=4"):
        order = listed()
        assert read_terms(order, message(f"35=D|38=1|54=1|55=ABC|{fields}")) is None
        assert not order.rests


def test_sell_short_is_a_sell_and_keeps_its_name():
    for side in (b"5", b"6"):
        order = listed()
        sent = message(f"35=D|38=1|40=1|54={side.decode()}|55=ABC")
        assert read_terms(order, sent) is None
        assert not order.is_buy
        assert order.side_field == b"54=%b\x01" % side


def test_a_refused_order_repeats_what_can_be_repeated():
    order = Order(None, b"A", b"1")
    show_terms(order, message("35=D|38=-1.50|40=2|44=1|54=1|55=ABC"))
    assert (order.qty_text, order.symbol_field, order.price_field) == (b"-1.50", b"55=ABC\x01", b"")
    for quantity in ("", "1e5", "NaN", "9" * 65, "1.2.3"):
        show_terms(order, message(f"35=D|38={quantity}|54=1"))
        assert (order.qty_text, order.symbol_field) == (b"0", b"")


def test_an_empty_value_makes_no_field():
    assert (field(58, b"x"), field(58, b""), field(58, None)) == (b"58=x\x01", b"", b"")
