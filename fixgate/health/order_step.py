"""The test order on a live session: sent once, watched, and cancelled whatever happens."""

from __future__ import annotations

from collections.abc import Callable

from fixgate.health.events import CancelSent, OrderSent
from fixgate.health.line import Line
from fixgate.health.model import OrderPlan
from fixgate.health.order_body import cancel_body, order_body, status_body
from fixgate.health.order_trail import OrderTrail
from fixgate.health.persistence.events import StatusAsked
from fixgate.history import History
from fixgate.net.clock import Clock
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType

__all__ = ["OrderStep"]


class OrderStep:
    """One test order.

    Args:
        plan: What to order.
        run_id: Part of both ClOrdID(11); never used before with this venue today.
        clock: The process's clock.
        note: Records a step of the check.

    Attributes:
        cl_ord_id: ClOrdID(11) of the order.
    """

    def __init__(
        self, plan: OrderPlan, run_id: str, clock: Clock, note: Callable[[object], None]
    ) -> None:
        self._plan = plan
        self._clock = clock
        self._note = note
        self.cl_ord_id = f"FG{run_id}O".encode("ascii")
        self._cancel_id = f"FG{run_id}C".encode("ascii")
        self._cancel_sent = False
        self.trail = OrderTrail(self.cl_ord_id, self._cancel_id)
        """What the venue has said so far."""

    def send(self, connection: Line) -> None:
        """Send the order."""
        version, now_ns = connection.version, self._clock.now_ns()
        body = order_body(self._plan, version, self.cl_ord_id, now_ns)
        self._note(OrderSent(self.cl_ord_id))
        connection.send(MsgType.NewOrderSingle, body)

    def ask(self, connection: Line) -> None:
        """Ask where the order is."""
        self._note(StatusAsked(self.cl_ord_id))
        body = status_body(self._plan, self.cl_ord_id, self.trail.order_id)
        connection.send(MsgType.OrderStatusRequest, body)

    def cancel(self, connection: Line) -> None:
        """Send the cancel, once, unless there is surely nothing to cancel.

        An order that was not acknowledged may be in the book all the same.
        """
        if self._cancel_sent or self.trail.over:
            return
        self._cancel_sent = True
        version, now_ns = connection.version, self._clock.now_ns()
        body = cancel_body(
            self._plan,
            version,
            self._cancel_id,
            self.cl_ord_id,
            now_ns,
            order_id=self.trail.order_id,
        )
        self._note(CancelSent(self._cancel_id, self.cl_ord_id))
        connection.send(MsgType.OrderCancelRequest, body)

    def follow(self, message: Message, history: History) -> None:
        """Take a message of the venue's.

        Args:
            message: What came.
            history: Shows the numbers of what we sent, which a rejection refers to.
        """
        if message.msg_type in (MsgType.Reject, MsgType.BusinessMessageReject):
            for _, raw in history.sent():
                ours = decode(raw)
                if isinstance(ours, Message):
                    self.trail.sent(ours)
        self.trail.received(message)
