"""The test orders of a measurement: each acknowledged, then cancelled, and none left behind.

Orders that are to trade are of another kind: immediate or cancel, a buy and a sell in turns, so
that the position comes back to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from fixgate.health.line import Line
from fixgate.health.model import OrderPlan
from fixgate.health.order_body import cancel_body, order_body
from fixgate.health.order_trail import OrderTrail, text_of
from fixgate.health.reading import integer
from fixgate.net.clock import Clock
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["OpenOrder", "Orders"]

_BUY, _SELL = "1", "2"
_REJECTS = frozenset({MsgType.Reject, MsgType.BusinessMessageReject})


@dataclass(slots=True)
class OpenOrder:
    """One order that is not surely over.

    Attributes:
        name: ClOrdID(11).
        plan: What was ordered.
        trades: It is meant to be filled at once.
        trail: What the venue has said of it.
        numbers: MsgSeqNum(34) of the order, and of its cancel.
        cancelled: Its cancel has been sent.
    """

    name: str
    plan: OrderPlan
    trail: OrderTrail
    numbers: tuple[int, ...]
    trades: bool = False
    cancelled: bool = False


class Orders:
    """Sends test orders, and the cancel of each as soon as it is acknowledged.

    Once an order was filled or turned down no more are sent: the file's price or quantity is not
    what it should be.

    Args:
        plan: What to order.
        run_id: Part of every ClOrdID(11); never used before with this venue today.
        clock: The process's clock.

    Attributes:
        trouble: Why no more orders are sent: the cause's name as a check has it, and a sentence;
            ``None`` while all is well.
        position: What was bought and not sold again; below 0, the other way around.
    """

    def __init__(self, plan: OrderPlan, run_id: str, clock: Clock) -> None:
        self._plan = plan
        self._run_id = run_id
        self._clock = clock
        self._count = 0
        self._by_id: dict[bytes, OpenOrder] = {}
        self._by_number: dict[int, OpenOrder] = {}
        self.trouble: tuple[str, str] | None = None
        self.position = Decimal(0)

    @property
    def idle(self) -> bool:
        """Whether every order is surely over."""
        return not self._by_id

    def owed(self, name: str) -> bool:
        """Return whether an order has not been answered yet."""
        order = self._by_id.get(name.encode("ascii"))
        return order is not None and not order.trail.answered

    def next_name(self) -> str:
        """Return ClOrdID(11) of the next order."""
        return f"FG{self._run_id}O{self._count + 1}"

    def send(self, line: Line) -> None:
        """Send an order that is to rest until it is cancelled."""
        self._send(line, self._plan, trades=False)

    def trade(self, line: Line, quantity: Decimal | None = None) -> None:
        """Send an order that is to trade, towards a position of nothing.

        Args:
            line: The session.
            quantity: How much; as the plan says when ``None``.
        """
        fills = self._plan.fills
        if fills is None:
            return
        side, price = (_SELL, fills.sell) if self.position > 0 else (_BUY, fills.buy)
        wanted = self._plan.quantity if quantity is None else quantity
        plan = replace(self._plan, side=side, price=price, quantity=wanted)
        self._send(line, plan, trades=True)

    def _send(self, line: Line, plan: OrderPlan, *, trades: bool) -> None:
        name = self.next_name()
        self._count += 1
        cl_ord_id, number = name.encode("ascii"), line.numbers[0]
        trail = OrderTrail(cl_ord_id, self._cancel_id(cl_ord_id))
        order = OpenOrder(name, plan, trail, (number,), trades)
        self._by_id[cl_ord_id] = self._by_number[number] = order
        now_ns = self._clock.now_ns()
        body = order_body(plan, line.version, cl_ord_id, now_ns, at_once=trades)
        line.send(MsgType.NewOrderSingle, body)

    def follow(self, line: Line, message: Message) -> bool:
        """Take a message of the venue's.

        Returns:
            Whether an order is over with it.
        """
        order = self._of(message)
        if order is None:
            return False
        if message.msg_type in _REJECTS:
            self._refused(order, message)
        else:
            order.trail.received(message)
        self._look(order)
        if order.trail.over or (order.trades and order.trail.quantity >= order.plan.quantity):
            self._forget(order)
            return True
        if order.trail.answered and not order.cancelled and not order.trades:
            self._cancel(line, order)
        return False

    def cancel_all(self, line: Line) -> None:
        """Send the cancel of every order that has none yet, acknowledged or not."""
        for order in list(self.left()):
            if not order.cancelled:
                self._cancel(line, order)

    def left(self) -> Iterator[OpenOrder]:
        """Yield the orders that may be in the venue's book."""
        yield from self._by_id.values()

    def _of(self, message: Message) -> OpenOrder | None:
        if message.msg_type in _REJECTS:
            return self._by_number.get(integer(message, Tag.RefSeqNum) or 0)
        for tag in (Tag.OrigClOrdID, Tag.ClOrdID):
            order = self._by_id.get(message.get(tag) or b"")
            if order is not None:
                return order
        return None

    def _cancel_id(self, cl_ord_id: bytes) -> bytes:
        return cl_ord_id.replace(b"O", b"C", 1)

    def _cancel(self, line: Line, order: OpenOrder) -> None:
        order.cancelled = True
        cl_ord_id, number = order.name.encode("ascii"), line.numbers[0]
        order.numbers += (number,)
        self._by_number[number] = order
        body = cancel_body(
            order.plan,
            line.version,
            self._cancel_id(cl_ord_id),
            cl_ord_id,
            self._clock.now_ns(),
            order_id=order.trail.order_id,
        )
        line.send(MsgType.OrderCancelRequest, body)

    def _refused(self, order: OpenOrder, message: Message) -> None:
        refused = integer(message, Tag.RefSeqNum)
        if refused == order.numbers[0]:
            order.trail.rejected = message
        else:
            order.trail.cancel_refused = message

    def _look(self, order: OpenOrder) -> None:
        trail = order.trail
        if trail.rejected is not None:
            text = f'The test order {order.name} did not get in: "{text_of(trail.rejected)}".'
            self.trouble = self.trouble or ("order-rejected", text)
        elif order.trades:
            if trail.gone is not None and not trail.quantity:
                text = f"The test order {order.name} that was to trade was cancelled unfilled."
                self.trouble = self.trouble or ("order-rejected", text)
        elif trail.filled is not None:
            text = f"THE TEST ORDER WAS FILLED: {trail.quantity}, ClOrdID(11) {order.name}."
            self.trouble = ("order-filled", text)
        elif trail.cancel_refused is not None and trail.gone is None:
            said = text_of(trail.cancel_refused)
            text = (
                f"THE TEST ORDER MAY STILL BE IN THE BOOK: ClOrdID(11) {order.name} was not "
                f'confirmed cancelled; the venue refused the cancel: "{said}".'
            )
            self.trouble = ("cancel-unconfirmed", text)

    def _forget(self, order: OpenOrder) -> None:
        if order.trades:
            sign = 1 if order.plan.side == _BUY else -1
            self.position += sign * order.trail.quantity
        self._by_id.pop(order.name.encode("ascii"), None)
        for number in order.numbers:
            self._by_number.pop(number, None)
