from __future__ import annotations

import pytest

from fixgate.dictionary.version import FixVersion
from fixgate.venue.orders import ClientOrders, Order, OrdStatus, Retired
from fixgate.venue.reports import Ids, Reports


def client(key: str) -> ClientOrders:
    return ClientOrders(key, FixVersion.FIX44, Reports(FixVersion.FIX44, Ids()))


@pytest.mark.parametrize(
    ("cum", "replaced", "final", "until_42", "since_43"),
    [
        (0, False, None, b"0", b"0"),
        (0, True, None, b"5", b"0"),
        (1, False, None, b"1", b"1"),
        (1, True, None, b"1", b"1"),
        (2, True, OrdStatus.FILLED, b"2", b"2"),
        (1, True, OrdStatus.CANCELED, b"4", b"4"),
        (0, False, OrdStatus.REJECTED, b"8", b"8"),
    ],
)
def test_the_status_follows_the_precedence_of_the_version(cum, replaced, final, until_42, since_43):
    order = Order(None, b"A", b"1")
    order.cum, order.replaced, order.final = cum, replaced, final
    for version in FixVersion:
        expected = until_42 if version.order <= FixVersion.FIX42.order else since_43
        assert order.status(version) == expected


def test_closing_gives_up_what_is_open():
    order = Order(None, b"A", b"1")
    order.qty = order.leaves = 10
    order.close(OrdStatus.CANCELED)
    assert (order.leaves, order.final) == (0, b"4")
    assert repr(order) == "Order(b'1', buy 10 at None, leaves 0)"


def test_retired_ids_are_forgotten_oldest_first():
    alice, bob = client("ALICE"), client("BOB")
    retired = Retired(2)
    for owner, cl_ord_id in ((alice, b"A"), (bob, b"A"), (alice, b"B")):
        owner.by_cl_ord_id[cl_ord_id] = None
        retired.add(owner, cl_ord_id)
    assert len(retired) == 2
    assert alice.by_cl_ord_id == {b"B": None}
    assert bob.by_cl_ord_id == {b"A": None}
