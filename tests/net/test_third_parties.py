"""The venue's answers go back the way that the orders came. Test case 18.

Spec: FIX 4.4 volume 2, "FIX Message Routing".
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.dictionary.version import FixVersion
from fixgate.net import third_parties
from fixgate.net.settings import Address, GatewaySettings, ListenSettings, VenueSession
from fixgate.net.third_parties import RoutedVenue, with_routes
from fixgate.session.routing import Routing
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.venue import Client, EchoVenue, Exchange, Instrument, Reply, VenueSettings
from tests.venue.support import NOW_NS, fields_of, message

FUND, BROKER = "115=FUND|116=PM|144=ZRH", "128=BROKER|129=ALGO|145=NYC"
BACK = ((128, b"FUND"), (129, b"PM"), (145, b"ZRH"))


class Desk:
    """One client of a routed venue."""

    def __init__(self, venue: RoutedVenue, key: str) -> None:
        self.venue = venue
        self.client = Client(key, FixVersion.FIX44)

    def send(self, text: str) -> list[Reply]:
        return self.venue.on_message(self.client, message(text), NOW_NS)

    def order(self, cl_ord_id: str, route: str = "", *, side: int = 1, price: str = "90"):
        head = f"35=D|34=2|{route}|11={cl_ord_id}|55=ABC|54={side}"
        return self.send(f"{head}|60=20260302-09:00:00|38=10|40=2|44={price}".replace("||", "|"))

    def replace(self, cl_ord_id: str, original: str, route: str = ""):
        head = f"35=G|34=3|{route}|11={cl_ord_id}|41={original}|55=ABC|54=1"
        return self.send(f"{head}|60=20260302-09:00:00|38=10|40=2|44=91".replace("||", "|"))

    def cancel(self, cl_ord_id: str, original: str, route: str = ""):
        head = f"35=F|34=4|{route}|11={cl_ord_id}|41={original}|55=ABC|54=1"
        return self.send(f"{head}|60=20260302-09:00:00|38=10".replace("||", "|"))


def exchange(**settings) -> RoutedVenue:
    found = VenueSettings(instruments=(Instrument("ABC"),), liquidity_levels=0, **settings)
    return RoutedVenue(Exchange(found))


def routes(replies: list[Reply]) -> list[tuple[str, str, tuple]]:
    """To whom, OrdStatus(39), and the routing fields of each report."""
    return [(r.client_key, fields_of(r)[39], r.header) for r in replies]


def test_an_order_on_behalf_of_somebody_is_answered_to_them():
    (ack,) = Desk(exchange(), "A").order("1", FUND)
    assert ack.header == BACK


def test_an_order_for_delivery_is_answered_on_behalf_of_whom_it_was_for():
    (ack,) = Desk(exchange(), "A").order("1", f"{FUND}|{BROKER}")
    assert ack.header == tuple(sorted((*BACK, (115, b"BROKER"), (116, b"ALGO"), (144, b"NYC"))))


def test_an_order_of_the_clients_own_is_answered_to_the_client():
    (ack,) = Desk(exchange(), "A").order("1")
    assert ack.header == ()


def test_a_later_execution_follows_the_order():
    venue = exchange()
    fund, other = Desk(venue, "A"), Desk(venue, "B")
    fund.order("1", FUND)
    fund.order("2", "115=SECOND", price="89")
    replies = other.order("x", "115=THIRD", side=2)
    third = ((128, b"THIRD"),)
    assert sorted(routes(replies)) == [("A", "2", BACK), ("B", "0", third), ("B", "2", third)]
    assert list(venue._routes) == [("A", b"2")], "what is filled is forgotten"


def test_equal_cl_ord_ids_of_two_clients_are_two_orders():
    venue = exchange()
    first, second = Desk(venue, "A"), Desk(venue, "B")
    first.order("1", FUND)
    second.order("1", price="89")
    replies = Desk(venue, "C").order("x", side=2)
    assert {r.client_key: r.header for r in replies} == {"A": BACK, "C": ()}


def test_after_a_replacement_its_own_route_counts():
    venue = exchange()
    desk, other = Desk(venue, "A"), Desk(venue, "B")
    desk.order("1", FUND)
    (replaced,) = desk.replace("2", "1", "115=SECOND")
    assert replaced.header == ((128, b"SECOND"),)
    assert ("A", "2", ((128, b"SECOND"),)) in routes(other.order("x", side=2))
    assert not venue._routes


def test_a_refused_replacement_leaves_the_orders_route():
    venue = exchange()
    desk, other = Desk(venue, "A"), Desk(venue, "B")
    desk.order("1", FUND)
    (refused,) = desk.replace("2", "unknown", "115=SECOND")
    assert (refused.msg_type, refused.header) == (b"9", ((128, b"SECOND"),))
    assert ("A", "2", BACK) in routes(other.order("x", side=2))


def test_a_cancel_is_answered_to_whom_it_came_from():
    venue = exchange()
    desk = Desk(venue, "A")
    desk.order("1", FUND)
    (canceled,) = desk.cancel("2", "1")
    assert routes([canceled]) == [("A", "4", ())]


def test_a_duplicate_does_not_take_the_route_away():
    venue = exchange()
    desk, other = Desk(venue, "A"), Desk(venue, "B")
    desk.order("1", FUND)
    (duplicate,) = desk.order("1", "115=SECOND")
    assert routes([duplicate]) == [("A", "8", ((128, b"SECOND"),))]
    assert ("A", "2", BACK) in routes(other.order("x", side=2))


def test_an_order_canceled_with_the_session_follows_its_route():
    venue = exchange(cancel_on_disconnect=True)
    desk = Desk(venue, "A")
    assert venue.logged_on(desk.client, NOW_NS) == []
    desk.order("1", FUND)
    assert routes(venue.logged_out(desk.client, NOW_NS)) == [("A", "4", BACK)]


def test_a_business_reject_goes_back_too():
    (reject,) = Desk(exchange(), "A").send(f"35=B|34=2|{FUND}|148=x|33=1|58=y")
    assert (reject.msg_type, reject.header) == (b"j", BACK)


def test_an_echo_goes_back_with_what_else_it_carries():
    desk = Desk(RoutedVenue(EchoVenue()), "A")
    (echo,) = desk.send("35=D|34=2|97=Y|115=FUND|11=1|55=ABC")
    assert echo == Reply("A", b"D", b"11=1\x0155=ABC\x01", ((97, b"Y"), (128, b"FUND")))


def test_open_routes_are_bounded(monkeypatch):
    monkeypatch.setattr(third_parties, "MAX_ROUTES", 2)
    venue = exchange()
    desk = Desk(venue, "A")
    for number in range(3):
        desk.order(str(number), FUND)
    assert list(venue._routes) == [("A", b"1"), ("A", b"2")]


@pytest.mark.parametrize(
    ("template", "client", "routed"),
    [(None, None, False), (Routing(), None, True), (None, Routing(), True)],
)
def test_routes_are_followed_where_third_parties_are_known(template, client, routed):
    plain = SessionSettings(SessionId("FIX.4.4", "V", "A"), Role.ACCEPTOR)
    settings = GatewaySettings(
        "v",
        (ListenSettings(Address("127.0.0.1", 0)),),
        replace(plain, routing=template),
        sessions=(VenueSession("A", replace(plain, routing=client)),),
    )
    venue = EchoVenue()
    assert (with_routes(venue, settings) is venue) is not routed
