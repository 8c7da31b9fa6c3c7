"""Test orders by the handful: each acknowledged, cancelled, and surely over."""

from __future__ import annotations

import re
from decimal import Decimal

from fixgate.dictionary.version import FixVersion
from fixgate.health.model import FillPrices, OrderPlan
from fixgate.latency.orders import Orders
from fixgate.net.clock import Clock
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from tests.fixtext import fix

PLAN = OrderPlan("ABC", "1", Decimal(2), Decimal("50.5"))
CLOCK = Clock(lambda: 1_795_336_200_000_000_000, lambda: 0)


class Line:
    """Numbers and keeps what is sent."""

    version = FixVersion.FIX44

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, bytes]] = []

    @property
    def numbers(self) -> tuple[int, int]:
        return 10 + len(self.sent), 1

    def send(self, msg_type: bytes, body: bytes) -> None:
        self.sent.append((msg_type, body))

    def of(self, number: int) -> tuple[str, dict[int, str]]:
        msg_type, body = self.sent[number]
        fields = re.findall(rb"(\d+)=([^\x01]*)\x01", body)
        return msg_type.decode(), {int(tag): value.decode() for tag, value in fields}


def message(body: str) -> Message:
    found = decode(fix(f"{body}|49=B|56=A"))
    assert isinstance(found, Message)
    return found


def report(status: str, cl_ord_id: str = "FGR1O1", more: str = "") -> Message:
    filled = "|14=2|151=0" if status == "2" else "|14=0|151=2"
    return message(f"35=8|34=5|37=V7|11={cl_ord_id}|17=E|150={status}|39={status}{filled}{more}")


def started() -> tuple[Orders, Line]:
    orders, line = Orders(PLAN, "R1", CLOCK), Line()
    assert orders.next_name() == "FGR1O1"
    orders.send(line)
    return orders, line


def test_an_order_is_cancelled_as_soon_as_it_is_acknowledged():
    orders, line = started()
    kind, fields = line.of(0)
    assert (kind, fields[11], fields[55], fields[54]) == ("D", "FGR1O1", "ABC", "1")
    assert (fields[38], fields[44], fields[40], fields[59]) == ("2", "50.5", "2", "0")
    assert not orders.idle
    assert orders.follow(line, report("0")) is False
    kind, fields = line.of(1)
    assert (kind, fields[11], fields[41], fields[37]) == ("F", "FGR1C1", "FGR1O1", "V7")
    assert orders.follow(line, report("0")) is False
    assert len(line.sent) == 2
    assert orders.follow(line, report("4", "FGR1C1", "|41=FGR1O1")) is True
    assert orders.idle
    assert orders.trouble is None


def test_orders_do_not_get_in_each_others_way():
    orders, line = started()
    orders.send(line)
    assert orders.next_name() == "FGR1O3"
    orders.follow(line, report("0", "FGR1O2"))
    assert line.of(2)[1][41] == "FGR1O2"
    orders.follow(line, report("4", "FGR1C2", "|41=FGR1O2"))
    assert [each.name for each in orders.left()] == ["FGR1O1"]


def test_what_is_not_ours_changes_nothing():
    orders, line = started()
    assert orders.follow(line, report("0", "SOMEBODY")) is False
    assert orders.follow(line, message("35=j|34=5|45=99|372=D|380=0")) is False
    assert orders.follow(line, message("35=j|34=5|372=D|380=0")) is False
    assert len(line.sent) == 1


def test_a_fill_ends_it_all():
    orders, line = started()
    orders.follow(line, report("2"))
    cause, text = orders.trouble or ("", "")
    assert cause == "order-filled"
    assert text == "THE TEST ORDER WAS FILLED: 2, ClOrdID(11) FGR1O1."


def test_a_rejected_order_is_over_and_says_why():
    orders, line = started()
    assert orders.follow(line, report("8", more="|58=price collar")) is True
    assert orders.trouble == (
        "order-rejected", 'The test order FGR1O1 did not get in: "price collar".',
    )  # fmt: skip
    assert orders.idle
    assert len(line.sent) == 1


def test_a_reject_names_the_order_by_its_number():
    for msg_type in "3j":
        orders, line = started()
        assert orders.follow(line, message(f"35={msg_type}|34=5|45=10|58=no such tag")) is True
        assert orders.trouble is not None
        assert orders.idle


def test_a_refused_cancel_leaves_an_order_that_may_be_in_the_book():
    orders, line = started()
    orders.follow(line, report("0"))
    refused = message("35=9|34=6|37=V7|11=FGR1C1|41=FGR1O1|39=0|434=1|102=0|58=too late")
    assert orders.follow(line, refused) is True
    assert orders.trouble == (
        "cancel-unconfirmed",
        "THE TEST ORDER MAY STILL BE IN THE BOOK: ClOrdID(11) FGR1O1 was not confirmed "
        'cancelled; the venue refused the cancel: "too late".',
    )


def test_a_reject_of_the_cancel_is_one_too():
    orders, line = started()
    orders.follow(line, report("0"))
    assert orders.follow(line, message("35=3|34=6|45=11|58=what is that")) is True
    assert orders.trouble is not None
    assert orders.trouble[0] == "cancel-unconfirmed"


def test_in_the_end_what_was_never_acknowledged_is_cancelled_too():
    orders, line = started()
    orders.send(line)
    orders.follow(line, report("0"))
    orders.cancel_all(line)
    orders.cancel_all(line)
    assert [line.of(n)[0] for n in range(4)] == ["D", "D", "F", "F"]
    assert line.of(3)[1][41] == "FGR1O2"
    assert len(line.sent) == 4


TRADES = OrderPlan(
    "ABC", "1", Decimal(2), Decimal("50.5"), fills=FillPrices(Decimal(101), Decimal(99))
)


def filled(name: str, quantity: int) -> Message:
    status = "2" if quantity == 2 else "1"
    more = f"|14={quantity}|151={2 - quantity}"
    return message(f"35=8|34=5|37=V7|11={name}|17=E|150=F|39={status}{more}")


def test_orders_that_trade_are_immediate_and_go_to_and_fro():
    orders, line = Orders(TRADES, "R1", CLOCK), Line()
    orders.trade(line)
    fields = line.of(0)[1]
    assert (fields[54], fields[44], fields[59], fields[38]) == ("1", "101", "3", "2")
    assert orders.follow(line, report("0")) is False
    assert orders.follow(line, filled("FGR1O1", 1)) is False
    assert orders.follow(line, filled("FGR1O1", 2)) is True
    assert (orders.position, orders.trouble, orders.idle) == (2, None, True)
    orders.trade(line)
    fields = line.of(1)[1]
    assert (fields[54], fields[44]) == ("2", "99")
    orders.follow(line, filled("FGR1O2", 2))
    assert orders.position == 0
    assert [line.of(n)[0] for n in range(2)] == ["D", "D"]


def test_what_is_left_of_a_position_is_traded_back():
    orders, line = Orders(TRADES, "R1", CLOCK), Line()
    orders.trade(line)
    orders.follow(line, filled("FGR1O1", 1))
    gone = message("35=8|34=6|37=V7|11=FGR1O1|17=E|150=4|39=4|14=1|151=0")
    assert orders.follow(line, gone) is True
    assert (orders.position, orders.trouble) == (1, None)
    orders.trade(line, abs(orders.position))
    fields = line.of(1)[1]
    assert (fields[54], fields[38]) == ("2", "1")


def test_an_order_that_finds_nobody_to_trade_with_is_the_last():
    orders, line = Orders(TRADES, "R1", CLOCK), Line()
    orders.trade(line)
    assert orders.follow(line, report("4")) is True
    assert orders.trouble == (
        "order-rejected", "The test order FGR1O1 that was to trade was cancelled unfilled.",
    )  # fmt: skip
    assert orders.position == 0


def test_without_prices_nothing_trades():
    orders, line = Orders(PLAN, "R1", CLOCK), Line()
    orders.trade(line)
    assert line.sent == []
