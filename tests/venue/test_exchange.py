from __future__ import annotations

import pytest

from fixgate.dictionary.version import FixVersion
from fixgate.venue import Client, Exchange, Instrument, VenueSettings
from fixgate.venue.exchange import MAX_OPEN_ORDERS, MAX_RETIRED_IDS
from tests.venue.support import NOW_NS, Desk, fields_of, open_venue, shown


def kinds(replies) -> list[str]:
    """Write reports as ``ALICE A 0/0``: client, ClOrdID, OrdStatus, LeavesQty."""
    made = []
    for reply in replies:
        fields = fields_of(reply)
        made.append(f"{reply.client_key} {fields[11]} {fields[39]}/{fields.get(151, '-')}")
    return made


def text_of(replies) -> tuple[str, str]:
    """Return reason and text of the only reply."""
    (reply,) = replies
    fields = fields_of(reply)
    return fields.get(103) or fields.get(102) or "-", fields[58]


@pytest.fixture
def venue() -> Exchange:
    return open_venue()


@pytest.fixture
def alice(venue) -> Desk:
    return Desk(venue, "ALICE")


@pytest.fixture
def bob(venue) -> Desk:
    return Desk(venue, "BOB", FixVersion.FIX42)


# ---- time in force and order type


def test_an_order_for_the_day_rests_what_is_not_executed(alice, bob):
    bob.new("B", "2", "40", "100")
    assert kinds(alice.new("A", "1", "100", "100", time_in_force="0")) == [
        "ALICE A 0/100",
        "ALICE A 1/60",
        "BOB B 2/0",
    ]
    assert kinds(bob.new("B2", "2", "100", "99.99")) == [
        "BOB B2 0/100",
        "BOB B2 1/40",
        "ALICE A 2/0",
    ]


@pytest.mark.parametrize("time_in_force", ["3", "4"])
def test_what_must_be_filled_at_once_and_meets_nobody_is_canceled(alice, time_in_force):
    ack, canceled = alice.new("A", "1", "100", "100", time_in_force=time_in_force)
    assert kinds([ack, canceled]) == ["ALICE A 0/100", "ALICE A 4/0"]
    assert 41 not in fields_of(canceled)
    assert fields_of(canceled)[58] in ("No liquidity left", "Not enough liquidity to fill it")


def test_immediate_or_cancel_takes_what_there_is(alice, bob):
    bob.new("B", "2", "40", "100")
    replies = alice.new("A", "1", "100", "100", time_in_force="3")
    assert kinds(replies) == ["ALICE A 0/100", "ALICE A 1/60", "BOB B 2/0", "ALICE A 4/0"]
    assert fields_of(replies[-1])[14] == "40"


def test_fill_or_kill_takes_all_or_nothing(alice, bob):
    bob.new("B1", "2", "40", "100")
    bob.new("B2", "2", "60", "100.01")
    assert kinds(alice.new("A1", "1", "100", "100", time_in_force="4")) == [
        "ALICE A1 0/100",
        "ALICE A1 4/0",
    ]
    assert kinds(alice.new("A2", "1", "100", "100.01", time_in_force="4")) == [
        "ALICE A2 0/100",
        "ALICE A2 1/60",
        "BOB B1 2/0",
        "ALICE A2 2/0",
        "BOB B2 2/0",
    ]


def test_a_market_order_takes_what_there_is_and_never_rests(alice, bob):
    bob.new("B", "1", "40", "1")
    replies = alice.new("A", "2", "100", None)
    assert kinds(replies) == ["ALICE A 0/100", "ALICE A 1/60", "BOB B 2/0", "ALICE A 4/0"]
    assert fields_of(replies[-1])[58] == "No liquidity left"
    assert 44 not in fields_of(replies[0])


def test_a_market_order_that_must_be_filled_wholly(alice, bob):
    bob.new("B", "1", "40", "1")
    assert kinds(alice.new("A", "2", "41", None, time_in_force="4")) == [
        "ALICE A 0/41",
        "ALICE A 4/0",
    ]


def test_executions_are_at_the_price_of_the_order_that_rests(alice, bob):
    bob.new("B", "2", "10", "99.50")
    trade = fields_of(alice.new("A", "1", "10", "100")[1])
    assert (trade[31], trade[6], trade[44]) == ("99.50", "99.50", "100.00")


def test_a_client_may_trade_with_itself(alice):
    alice.new("A1", "1", "10", "100")
    assert kinds(alice.new("A2", "2", "10", "100")) == [
        "ALICE A2 0/10",
        "ALICE A2 2/0",
        "ALICE A1 2/0",
    ]


# ---- refusals of new orders


@pytest.mark.parametrize(
    ("fields", "reason", "text"),
    [
        ("54=1|55=NOPE|38=1|40=1", "1", "Symbol(55) unknown: received NOPE"),
        ("54=1|38=1|40=1", "1", "Symbol(55) unknown: received nothing"),
        (
            "54=Z|55=ABC|38=1|40=1",
            "11",
            "Side(54) not supported: received Z, expected 1, 2, 5 or 6",
        ),
        (
            "54=1|55=ABC|38=1|40=3",
            "11",
            "OrdType(40) not supported: received 3, expected 1 (Market) or 2 (Limit)",
        ),
        (
            "54=1|55=ABC|38=1",
            "11",
            "OrdType(40) not supported: received nothing, expected 1 (Market) or 2 (Limit)",
        ),
        (
            "54=1|55=ABC|38=1|40=1|59=6",
            "11",
            "TimeInForce(59) not supported: received 6, expected 0, 1, 3 or 4",
        ),
        (
            "54=1|55=ABC|38=1|40=1|110=5",
            "11",
            "MinQty(110) not supported: received 5, expected no such field",
        ),
        (
            "54=1|55=ABC|38=1|40=1|111=5",
            "11",
            "MaxFloor(111) not supported: received 5, expected no such field",
        ),
        (
            "54=1|55=ABC|38=0|40=1",
            "13",
            "OrderQty(38) not above 0: received 0, expected a multiple of 1",
        ),
        (
            "54=1|55=ABC|38=1.5|40=1",
            "13",
            "OrderQty(38) off lot: received 1.5, expected a multiple of 1",
        ),
        (
            "54=1|55=LOTS|38=15|40=1",
            "13",
            "OrderQty(38) off lot: received 15, expected a multiple of 10",
        ),
        (
            "54=1|55=ABC|38=1000000000000000000|40=1",
            "3",
            "OrderQty(38) too large: received 1000000000000000000, expected at most 1000000000000",
        ),
        (
            "54=1|55=ABC|38=1|40=2|44=NaN",
            "99",
            "Price(44) not a number: received NaN, expected a multiple of 0.01",
        ),
        (
            "54=1|55=ABC|38=1|40=2|44=-5",
            "99",
            "Price(44) not above 0: received -5, expected a multiple of 0.01",
        ),
        (
            "54=1|55=LOTS|38=10|40=2|44=100.1",
            "99",
            "Price(44) off tick: received 100.1, expected a multiple of 0.25",
        ),
    ],
)
def test_an_order_that_cannot_be_taken_is_rejected(alice, fields, reason, text):
    replies = alice.send(f"35=D|34=2|11=A|{fields}")
    assert text_of(replies) == (reason, text)
    rejected = fields_of(replies[0])
    assert (rejected[39], rejected[150], rejected[151], rejected[14], rejected[6]) == (
        "8",
        "8",
        "0",
        "0",
        "0",
    )
    (status,) = alice.send("35=H|34=3|11=A|54=1|55=ABC")
    assert (fields_of(status)[39], fields_of(status)[37]) == ("8", rejected[37])


def test_long_values_are_refused_and_not_remembered(alice):
    long = "x" * 65
    assert text_of(alice.send(f"35=D|34=2|11={long}|54=1|55=ABC|38=1|40=1")) == (
        "99",
        "ClOrdID(11) too long: received 65 bytes, expected at most 64",
    )
    (status,) = alice.send(f"35=H|34=3|11={long}|54=1|55=ABC")
    assert fields_of(status)[58] == "Unknown order"
    assert text_of(alice.send(f"35=D|34=4|1={long}|11=A|54=1|55=ABC|38=1|40=1"))[1] == (
        "Account(1) too long: received 65 bytes, expected at most 64"
    )
    (rejected,) = alice.send(f"35=D|34=5|11=B|54=1|55={'S' * 5000}|38={'9' * 5000}|40=1")
    assert (fields_of(rejected)[55], fields_of(rejected)[38]) == ("S" * 64, "0")


def test_a_request_without_an_id_is_a_business_matter(alice, bob):
    for msg_type in ("D", "F", "G", "H"):
        assert alice.says(f"35={msg_type}|34=9|54=1|55=ABC") == [
            f"ALICE j 45=9|58=ClOrdID(11) missing|372={msg_type}|380=5"
        ]
    old = Desk(alice.venue, "OLD", FixVersion.FIX41)
    assert old.says("35=D|34=9|54=1|55=ABC") == ["OLD 3 45=9|58=ClOrdID(11) missing"]


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ("38=1|40=2", "Price(44) missing: received nothing, expected a multiple of 0.01"),
        ("40=1", "OrderQty(38) missing: received nothing, expected a multiple of 1"),
    ],
)
def test_a_field_that_other_fields_make_necessary(alice, terms, text):
    """Spec: case 14.m."""
    answer = f"ALICE j 45=9|58={text}|372=D|380=5"
    assert alice.says(f"35=D|34=9|11=A|54=1|55=ABC|{terms}") == [answer]
    assert len(alice.says("35=D|34=10|11=A|54=1|55=ABC|38=1|40=2|44=90")) == 1
    answer = f"ALICE j 45=11|58={text}|372=G|380=5"
    assert alice.says(f"35=G|34=11|11=B|41=A|54=1|55=ABC|{terms}") == [answer]
    (status,) = alice.says("35=H|34=12|11=A|54=1|55=ABC")
    assert "|39=0|" in status


def test_a_client_can_only_have_so_many_open_orders():
    venue = Exchange(
        VenueSettings(instruments=(Instrument("ABC"),), liquidity_levels=0), max_open_orders=1
    )
    desk = Desk(venue, "ALICE")
    desk.new("A", "1", "1", "100")
    assert text_of(desk.new("B", "1", "1", "100")) == ("3", "Too many open orders: at most 1")
    desk.send("35=F|34=3|11=C|41=A|54=1|55=ABC")
    assert kinds(desk.new("D", "1", "1", "100")) == ["ALICE D 0/1"]
    assert MAX_OPEN_ORDERS == 1_000_000


# ---- ClOrdIDs


def test_an_id_serves_once_whatever_it_was_used_for(alice):
    alice.new("A", "1", "10", "99")
    alice.send("35=G|34=3|11=B|41=A|38=5|40=2|44=99|54=1|55=ABC")
    alice.send("35=F|34=4|11=C|41=NOPE|54=1|55=ABC")
    alice.new("D", "1", "10", "99.005")
    for used in "ABCD":
        assert text_of(alice.new(used, "1", "10", "99"))[0] == "6"
        (refused,) = alice.send(f"35=F|34=5|11={used}|41=B|54=1|55=ABC")
        assert (fields_of(refused)[102], fields_of(refused)[39]) == ("6", "0")
    assert kinds(alice.send("35=F|34=6|11=E|41=B|54=1|55=ABC")) == ["ALICE E 4/0"]


def test_ids_are_the_clients_own(alice, bob):
    assert kinds(alice.new("A", "1", "10", "99")) == ["ALICE A 0/10"]
    assert kinds(bob.new("A", "1", "10", "99")) == ["BOB A 0/10"]
    (refused,) = bob.send("35=F|34=3|11=C|41=ALICES|54=1|55=ABC")
    assert fields_of(refused)[37] == "NONE"


def test_a_resent_message_is_dropped_when_its_id_is_known(alice):
    order = "35=D|34=2|11=A|38=10|40=2|44=99|54=1|55=ABC"
    replace = "35=G|34=3|11=B|41=A|38=5|40=2|44=99|54=1|55=ABC"
    cancel = "35=F|34=4|11=C|41=B|54=1|55=ABC"
    for request, status in ((order, "0"), (replace, "0"), (cancel, "4")):
        (done,) = alice.send(request, poss_resend=True)
        assert fields_of(done)[39] == status
        assert alice.send(request, poss_resend=True) == []
    assert len(alice.send("35=H|34=5|11=C|54=1|55=ABC", poss_resend=True)) == 1


def test_finished_ids_are_remembered_up_to_a_limit():
    settings = VenueSettings(instruments=(Instrument("ABC"),), liquidity_levels=0)
    desk = Desk(Exchange(settings, max_retired_ids=2), "ALICE")
    desk.new("OPEN", "1", "1", "99")
    for cl_ord_id in ("A", "B", "C"):
        desk.new(cl_ord_id, "1", "1", "100", time_in_force="3")
    assert [
        fields_of(desk.send(f"35=H|34=9|11={cl_ord_id}|54=1|55=ABC")[0])[39]
        for cl_ord_id in ("OPEN", "A", "B", "C")
    ] == ["0", "8", "4", "4"]
    assert MAX_RETIRED_IDS == 100_000


# ---- cancels


@pytest.mark.parametrize(
    ("fields", "reason", "status", "text"),
    [
        ("41=NOPE|54=1|55=ABC", "1", "8", "OrigClOrdID(41) unknown: received NOPE"),
        ("54=1|55=ABC", "1", "8", "OrigClOrdID(41) unknown: received nothing"),
        ("37=X-9|54=1|55=ABC", "1", "8", "OrderID(37) unknown: received X-9"),
        (
            "41=OLD|54=1|55=ABC",
            "0",
            "0",
            "Too late: OrigClOrdID(41) has been replaced: received OLD, expected NEW",
        ),
        ("41=FILLED|54=2|55=ABC", "0", "2", "Too late: the order is filled"),
        ("41=GONE|54=1|55=ABC", "0", "4", "Too late: the order is canceled"),
        ("41=BAD|54=1|55=ABC", "0", "8", "Too late: the order is rejected"),
        ("41=NEW|54=2|55=ABC", "99", "0", "Side(54) is not the order's: received 2, expected 1"),
        (
            "41=NEW|54=1|55=XYZ",
            "99",
            "0",
            "Symbol(55) is not the order's: received XYZ, expected ABC",
        ),
    ],
)
@pytest.mark.parametrize(("msg_type", "response_to"), [("F", "1"), ("G", "2")])
def test_a_request_that_cannot_be_done_is_refused(
    alice, fields, reason, status, text, msg_type, response_to
):
    alice.new("MAKER", "1", "1", "100")
    alice.new("FILLED", "2", "1", "100")
    alice.new("GONE", "1", "1", "90", time_in_force="3")
    alice.new("BAD", "1", "1", "90.001")
    alice.new("OLD", "1", "10", "90")
    alice.send("35=G|34=3|11=NEW|41=OLD|38=20|40=2|44=90|54=1|55=ABC")

    (refused,) = alice.send(f"35={msg_type}|34=4|11=R|{fields}|38=20|40=2|44=90")
    found = fields_of(refused)
    assert refused.msg_type == b"9"
    assert (found[102], found[39], found[58]) == (reason, status, text)
    assert (found[11], found[434]) == ("R", response_to)
    assert (found[37] == "NONE") == (reason == "1")


def test_a_cancel_of_a_part_is_refused(venue):
    desk = Desk(venue, "ALICE", FixVersion.FIX40)
    desk.new("A", "1", "10", "99")
    assert desk.says("35=F|34=3|11=C|41=A|54=1|55=ABC|38=5|125=P") == [
        "ALICE 9 11=C|37=#-1|58=CxlType(125) not supported: received P, expected F; replace it "
        "instead"
    ]
    assert kinds(desk.send("35=F|34=4|11=D|41=A|54=1|55=ABC|38=10|125=F")) == ["ALICE D 4/-"]


def test_an_id_that_is_too_long_cancels_nothing(alice):
    alice.new("A", "1", "10", "99")
    (refused,) = alice.send(f"35=F|34=3|11={'x' * 65}|41=A|54=1|55=ABC")
    assert fields_of(refused)[58] == "ClOrdID(11) too long: received 65 bytes, expected at most 64"


def test_an_order_can_be_addressed_by_the_venues_id(venue):
    desk = Desk(venue, "ALICE", FixVersion.FIX50SP2)
    order_id = fields_of(desk.new("A", "1", "10", "99")[0])[37]
    assert fields_of(desk.send(f"35=H|34=3|37={order_id}|54=1|55=ABC")[0])[11] == "A"
    (canceled,) = desk.send(f"35=F|34=4|11=B|37={order_id}|54=1|55=ABC")
    assert (fields_of(canceled)[39], fields_of(canceled)[41]) == ("4", "A")
    assert fields_of(desk.send(f"35=H|34=3|37={order_id}|54=1|55=ABC")[0])[11] == "NONE"


def test_a_cancel_before_its_order_is_refused_and_the_order_taken(alice):
    (refused,) = alice.send("35=F|34=2|11=C|41=A|54=1|55=ABC")
    assert fields_of(refused)[102] == "1"
    assert kinds(alice.new("A", "1", "10", "99")) == ["ALICE A 0/10"]


# ---- replaces


def queue_at(venue, price: int) -> list[bytes]:
    listing = next(iter(venue.listings))
    return [order.cl_ord_id for order in listing.book.bids.levels[price]]


@pytest.mark.parametrize(
    ("quantity", "price", "queue"),
    [
        ("5", "99", [b"R", b"B"]),
        ("10", "99", [b"R", b"B"]),
        ("11", "99", [b"B", b"R"]),
    ],
)
def test_priority_is_kept_unless_the_order_grows(venue, alice, bob, quantity, price, queue):
    alice.new("A", "1", "10", "99")
    bob.new("B", "1", "10", "99")
    (replaced,) = alice.send(f"35=G|34=3|11=R|41=A|38={quantity}|40=2|44={price}|54=1|55=ABC")
    assert kinds([replaced]) == [f"ALICE R 0/{quantity}"]
    assert queue_at(venue, 9900) == queue


def test_priority_is_lost_by_leaving_and_coming_back(venue, alice, bob):
    alice.new("A", "1", "10", "99")
    bob.new("B", "1", "10", "99")
    alice.send("35=G|34=3|11=R|41=A|38=10|40=2|44=98|54=1|55=ABC")
    alice.send("35=G|34=4|11=S|41=R|38=10|40=2|44=99|54=1|55=ABC")
    assert queue_at(venue, 9900) == [b"B", b"S"]


def test_a_replace_that_meets_the_other_side_is_executed(alice, bob):
    bob.new("B", "2", "10", "100")
    alice.new("A", "1", "15", "99")
    replies = alice.send("35=G|34=3|11=R|41=A|38=20|40=2|44=100|54=1|55=ABC|59=1")
    assert kinds(replies) == ["ALICE R 0/20", "ALICE R 1/10", "BOB B 2/0"]
    assert (fields_of(replies[0])[150], fields_of(replies[0])[41], fields_of(replies[0])[59]) == (
        "5",
        "A",
        "1",
    )


@pytest.mark.parametrize("quantity", ["40", "10"])
def test_a_replace_down_to_what_is_executed_ends_the_order(alice, bob, quantity):
    alice.new("A", "1", "100", "99")
    bob.new("B", "2", "40", "99")
    (replaced,) = alice.send(f"35=G|34=3|11=R|41=A|38={quantity}|40=2|44=99|54=1|55=ABC")
    found = fields_of(replaced)
    assert (found[150], found[39], found[38], found[14], found[151]) == ("5", "2", "40", "40", "0")
    (late,) = alice.send("35=F|34=4|11=C|41=R|54=1|55=ABC")
    assert fields_of(late)[102] == "0"
    assert kinds(bob.new("B2", "2", "1", "99")) == ["BOB B2 0/1"]


@pytest.mark.parametrize(
    ("terms", "reason", "text"),
    [
        ("38=1.5|40=2|44=99", "99", "OrderQty(38) off lot: received 1.5, expected a multiple of 1"),
        (
            "38=1|40=2|44=99.001",
            "99",
            "Price(44) off tick: received 99.001, expected a multiple of 0.01",
        ),
        ("38=1|40=1", "99", "OrdType(40) not supported in a replace: received 1, expected 2"),
        (
            "38=1|40=2|44=99|59=4",
            "99",
            "TimeInForce(59) not supported in a replace: received 4, expected 0 or 1",
        ),
    ],
)
def test_a_replace_to_impossible_terms_leaves_the_order_alone(venue, alice, terms, reason, text):
    alice.new("A", "1", "10", "99")
    assert text_of(alice.send(f"35=G|34=3|11=R|41=A|{terms}|54=1|55=ABC")) == (reason, text)
    assert queue_at(venue, 9900) == [b"A"]
    assert kinds(alice.send("35=F|34=4|11=C|41=A|54=1|55=ABC")) == ["ALICE C 4/0"]


def test_a_long_chain_is_followed(alice):
    alice.new("0", "1", "100", "99")
    for number in range(1, 50):
        (replaced,) = alice.send(
            f"35=G|34=3|11={number}|41={number - 1}|38={100 + number}|40=2|44=99|54=1|55=ABC"
        )
        assert kinds([replaced]) == [f"ALICE {number} 0/{100 + number}"]
    (refused,) = alice.send("35=F|34=4|11=X|41=30|54=1|55=ABC")
    assert fields_of(refused)[58].endswith("received 30, expected 49")


# ---- status


def test_a_status_repeats_the_id_of_its_request_where_the_version_has_it(venue):
    for version, present in (("FIX.4.3", False), ("FIX.4.4", True), ("FIX.5.0SP2", True)):
        desk = Desk(venue, version, FixVersion(version))
        desk.new("A", "1", "10", "1")
        (status,) = desk.send("35=H|34=3|11=A|54=1|55=ABC|790=Q7")
        assert ("790" in status.body.decode().split("\x01")[-2]) is present
        assert (fields_of(status).get(790) == "Q7") is present


# ---- sessions coming and going


def test_orders_stay_when_their_session_ends_and_are_reported_all_the_same(venue, alice, bob):
    alice.new("A", "1", "10", "99")
    assert venue.logged_out(alice.client, NOW_NS) == []
    assert kinds(bob.new("B", "2", "10", "99")) == ["BOB B 0/10", "BOB B 2/0", "ALICE A 2/0"]
    assert venue.logged_on(alice.client, NOW_NS) == []
    assert kinds(alice.send("35=H|34=2|11=A|54=1|55=ABC")) == ["ALICE A 2/0"]


def test_orders_for_the_day_are_canceled_on_disconnect_when_asked_for():
    venue = open_venue(cancel_on_disconnect=True)
    alice, bob = Desk(venue, "ALICE"), Desk(venue, "BOB")
    alice.new("DAY", "1", "10", "99")
    alice.new("GTC", "1", "10", "99", time_in_force="1")
    bob.new("DAY", "1", "10", "99", time_in_force="0")
    replies = venue.logged_out(alice.client, NOW_NS)
    assert kinds(replies) == ["ALICE DAY 4/0"]
    assert fields_of(replies[0])[58] == "Canceled because the session ended"
    assert 41 not in fields_of(replies[0])
    assert venue.logged_out(alice.client, NOW_NS) == []
    assert kinds(bob.new("B", "2", "20", "99"))[1:] == [
        "BOB B 1/10",
        "ALICE GTC 2/0",
        "BOB B 2/0",
        "BOB DAY 2/0",
    ]


def test_a_client_nobody_has_heard_of_may_leave():
    venue = open_venue(cancel_on_disconnect=True)
    assert venue.logged_out(Client("NOBODY", FixVersion.FIX44), NOW_NS) == []


def test_reports_follow_the_version_of_the_latest_session(venue):
    old = Desk(venue, "ALICE", FixVersion.FIX42)
    old.new("A", "1", "10", "99")
    new = Desk(venue, "ALICE", FixVersion.FIX44)
    (status,) = new.send("35=H|34=2|11=A|54=1|55=ABC")
    assert (fields_of(status)[150], fields_of(status).get(20)) == ("I", None)


# ---- the rest


def test_other_types_are_refused(alice):
    assert alice.says("35=E|34=5|66=L") == ["ALICE j 45=5|58=Unsupported Message Type|372=E|380=3"]


def test_the_dialect_names_the_version_of_a_business_reject():
    venue = open_venue(dialect_business_reject_version=True)
    desk = Desk(venue, "ALICE", FixVersion.FIX50SP2)
    assert desk.says("35=8|34=2|37=id") == [
        "ALICE j 45=2|58=Unsupported Message Type|372=8|380=3|1137=9"
    ]


def test_identifiers_are_unique_and_differ_between_runs():
    runs = []
    for now_ns in (NOW_NS, NOW_NS + 1_000_000):
        desk = Desk(open_venue(), "ALICE")
        replies = [
            reply
            for number in range(20)
            for reply in desk.send(
                f"35=D|34=2|11=A{number}|38=1|40=2|44=99|54={number % 2 + 1}|55=ABC", now_ns=now_ns
            )
        ]
        runs.append({fields_of(reply)[17] for reply in replies})
        assert len(runs[-1]) == len(replies)
        assert len({fields_of(reply)[37] for reply in replies}) == 20
    assert not runs[0] & runs[1]


def test_the_same_input_gives_the_same_output():
    outputs = []
    for _ in range(2):
        desk = Desk(open_venue(levels=3, quantity=10), "ALICE")
        outputs.append([desk.new(f"A{n}", str(n % 2 + 1), "25", "100.02") for n in range(10)])
    assert outputs[0] == outputs[1]


def test_lots_and_ticks_of_any_size_are_written_as_decimals(alice, bob):
    bob.new("B", "2", "30", "10.75", symbol="LOTS")
    replies = alice.new("A", "1", "50", "11", symbol="LOTS")
    assert [line.partition("|150=")[0] for line in shown(replies)[1:2]] == [
        "ALICE 8 6=10.75|11=A|14=30|17=#-E3|31=10.75|32=30|37=#-2|38=50|39=1|40=2|44=11.00"
        "|54=1|55=LOTS|60=20260105-10:00:00.123"
    ]
    assert fields_of(replies[1])[151] == "20"
