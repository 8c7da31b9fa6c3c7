"""The order that a request is about; what the client hears is in test_exchange.py."""

from __future__ import annotations

import pytest

from fixgate.dictionary.version import FixVersion
from fixgate.venue.orders import ClientOrders, Order, OrdStatus
from fixgate.venue.rejects import CxlRejReason
from fixgate.venue.reports import Ids, Reports
from fixgate.venue.requests import CancelRefusal, check_replacement, find_target
from tests.venue.support import message


@pytest.fixture
def client() -> ClientOrders:
    made = ClientOrders("A", FixVersion.FIX44, Reports(FixVersion.FIX44, Ids()))
    order = Order(made, b"NOW", b"X-1")
    order.symbol_field, order.side_field = b"55=ABC\x01", b"54=1\x01"
    made.by_cl_ord_id = {b"WAS": order, b"NOW": order, b"REFUSED": None}
    made.open = {b"X-1": order}
    return made


@pytest.mark.parametrize("named", ["41=NOW", "41=NOW|37=OTHER", "37=X-1"])
def test_an_order_is_named_by_the_client_or_by_the_venue(client, named):
    found = find_target(client, message(f"35=F|11=C|{named}|54=1|55=ABC"))
    assert found is client.by_cl_ord_id[b"NOW"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("11=NOW|41=NOW|54=1|55=ABC", CxlRejReason.DUPLICATE_CL_ORD_ID),
        ("11=REFUSED|41=NOW|54=1|55=ABC", CxlRejReason.DUPLICATE_CL_ORD_ID),
        ("11=C|41=REFUSED|54=1|55=ABC", CxlRejReason.UNKNOWN_ORDER),
        ("11=C|41=WAS|54=1|55=ABC", CxlRejReason.TOO_LATE_TO_CANCEL),
        ("11=C|41=NOW|54=1", CxlRejReason.OTHER),
    ],
)
def test_what_cannot_be_acted_on_is_refused(client, fields, reason):
    found = find_target(client, message(f"35=F|{fields}"))
    assert isinstance(found, CancelRefusal)
    assert found.reason is reason


def test_an_order_that_is_done_is_too_late_for_anything(client):
    order = client.by_cl_ord_id[b"NOW"]
    assert order is not None
    for status, name in ((OrdStatus.FILLED, b"filled"), (OrdStatus.CANCELED, b"canceled")):
        order.close(status)
        found = find_target(client, message("35=F|11=C|41=NOW|54=1|55=ABC"))
        assert found == CancelRefusal(
            order, CxlRejReason.TOO_LATE_TO_CANCEL, b"Too late: the order is " + name
        )


def test_only_a_limit_that_rests_can_be_asked_for():
    wanted = Order(None, b"", b"")
    wanted.price = 100
    assert check_replacement(wanted) is None
    for time_in_force in (b"3", b"4"):
        wanted.time_in_force = time_in_force
        assert check_replacement(wanted) is not None
    wanted.price = None
    refusal = check_replacement(wanted)
    assert refusal is not None
    assert refusal.text.startswith(b"OrdType(40)")
