"""Cuts the line and comes back, once for each cut of the plan, and leaves nothing at the venue.

Theory of operation
-------------------
A round begins on a session that is up: TestRequests, whose answers prove which of our numbers the
venue has taken, and where orders are allowed one that rests. Then the line is cut. For every cut
but the Logout another order goes out right before, and its report comes into a line that nobody
reads any more: so there is something to be missed. What is overheard meanwhile is recorded, and is
never taken.

After the time away the same session, with the same store, logs on again. A TestRequest behind our
Logon is the barrier: when it is answered, what the venue had to send again has come. A gap that is
open still gets half of the time that is left. At last the orders are asked for, and cancelled.

Nothing here decides what that means; `fixgate.health.persistence.verdict` does. Numbers are the
session's and the store's affair, and are never reset.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from operator import eq

from fixgate.health.dialing import Again, OutOfTimeError, Proceedings
from fixgate.health.events import SequenceNoted
from fixgate.health.model import CheckPlan
from fixgate.health.order_step import OrderStep
from fixgate.health.persistence.events import LineCut, Returning, Settled, Unread, Withheld
from fixgate.health.persistence.orders import is_status
from fixgate.health.persistence.plan import Cut, PersistencePlan
from fixgate.net.initiator import SessionConnection
from fixgate.net.opening import Opened, TlsEstablished
from fixgate.session.events import (
    AppMessage,
    Event,
    GapClosed,
    GapOpened,
    HeartbeatReceived,
    LoggedOn,
    RejectReceived,
)
from fixgate.wire.frame import decode
from fixgate.wire.framer import Framer
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["Dial", "Rounds", "Until"]

Dial = Callable[[Proceedings], Awaitable[tuple[Opened, TlsEstablished | None] | None]]
"""Opens another connection; ``None`` when that failed, and the records say why."""

Until = Callable[[SessionConnection, Callable[[Event], bool], int], Awaitable[bool]]
"""Waits for an event of a line until an instant, by the clock that never steps."""

_SETTLE_S = 0.2
"""How long the venue's answers to what went out last may come before an RST: they are the proof of
what was sent in vain."""

_CLOSE_S = 1.0
_TRIES, _TRY_NS = 3, 1_000_000_000
_LOGOUT_SHARE = 5
_LOGOUT_RESERVE_NS = 2_000_000_000
_LOOK_NS = 50_000_000
_OVERHEARD_AT_MOST = 1000
_RESCUE_NS = 5_000_000_000


class Rounds:
    """The rounds of one check.

    Args:
        plan: The check; it has a `PersistencePlan`.
        run_id: Part of every TestReqID(112) and ClOrdID(11).
        run: Where everything is recorded, and how much time there is.
        dial: Opens the connections of the returns.
        until: Waits for events.

    Attributes:
        line: The connection as it is now.
        fit: Whether the session is well enough to go on.
    """

    def __init__(
        self, plan: CheckPlan, run_id: str, run: Proceedings, dial: Dial, until: Until
    ) -> None:
        self._plan = plan
        self._how = plan.persistence or PersistencePlan()
        self._run_id = run_id
        self._run = run
        self._dial = dial
        self._until = until
        self._orders: list[OrderStep] = []
        self._asked: set[bytes] = set()
        self._gap = False
        self._began_ns = 0
        self._count = 0
        self._overheard = 0
        self._refused = False
        self._silent = False
        self.line: SessionConnection | None = None
        self.fit = True

    # What the runner tells.

    def watch(self, event: Event) -> None:
        """Take an event of the session."""
        match event:
            case LoggedOn():
                self._gap = False
            case GapOpened():
                self._gap = True
            case GapClosed():
                self._gap = False
            case AppMessage(message=message) | RejectReceived(message=message):
                self._follow(message)
            case _:
                pass

    def _follow(self, message: Message) -> None:
        if message.msg_type == MsgType.ExecutionReport and is_status(message):
            # Who is told that an order is unknown cancels it all the same.
            self._asked.discard(message.get(Tag.ClOrdID) or b"")
            return
        if message.msg_type in (MsgType.Reject, MsgType.BusinessMessageReject):
            self._asked.clear()
        for order in self._orders:
            order.follow(message, self._run.history)

    # One round.

    async def run(self, cut: Cut, line: SessionConnection) -> None:
        """Play one round on a session that is up.

        Args:
            cut: How to leave the line.
            line: The session.

        Raises:
            OutOfTimeError: The deadline passed.
            StoreError: The store cannot be used.
            OSError: The new connection broke before the session had it.
        """
        self.line, self._orders, self.fit = line, [], False
        self._began_ns = self._run.clock.now_ns()
        self._run.start()
        if not await self._traffic(line) or not await self._rest(line):
            await self._cancel(line, self._work_end_ns)
            return
        self._note_numbers(line)
        await self._leave(cut, line)
        self._note_numbers(line)
        await asyncio.sleep(self._how.away_ns / 1e9)
        self._run.start()
        if await self._come_back(line):
            self.fit = await self._settle()
            await self._reckon()

    @property
    def _work_end_ns(self) -> int:
        return self._run.end_ns - min(self._plan.deadline_ns // _LOGOUT_SHARE, _LOGOUT_RESERVE_NS)

    def _note_numbers(self, line: SessionConnection) -> None:
        self._run.note("#", SequenceNoted(*line.numbers))

    async def _traffic(self, line: SessionConnection) -> bool:
        for _ in range(self._how.messages):
            if not line.talking or not await self._ask(line, self._work_end_ns):
                return False
        return True

    async def _ask(self, line: SessionConnection, end_ns: int) -> bool:
        """Send a TestRequest; return whether its Heartbeat came, be it behind a gap."""
        self._count += 1
        test_req_id = f"FG{self._run_id}-P{self._count}".encode("ascii")
        line.test_request(test_req_id)
        wanted = b"\x01112=%b\x01" % test_req_id

        def came() -> bool:
            received = (raw for _, raw in self._run.history.received())
            return any(wanted in raw and b"\x0135=0\x01" in raw for raw in received)

        return await self._wait(line, partial(eq, HeartbeatReceived(test_req_id)), came, end_ns)

    async def _wait(
        self,
        line: SessionConnection,
        wanted: Callable[[Event], bool],
        came: Callable[[], bool],
        end_ns: int,
    ) -> bool:
        """Wait for an event, or for what it is about: a session tells nothing from behind a gap."""
        while not line.closed.done() and self._run.clock.steady_ns() < end_ns:
            look_ns = self._run.clock.steady_ns() + _LOOK_NS
            if await self._until(line, wanted, min(end_ns, look_ns)) or came():
                return True
        return False

    def _catch_up(self) -> None:
        """Look at everything that came in this round, also behind a gap."""
        for at_ns, raw in self._run.history.received():
            message = decode(raw) if at_ns >= self._began_ns else None
            if isinstance(message, Message):
                self._follow(message)

    async def _rest(self, line: SessionConnection) -> bool:
        """Have an order rest; return whether the round may go on."""
        if not self._how.orders or self._plan.order is None:
            return True
        step = self._order(line)
        if step is None:
            return True
        await self._until(line, lambda _: step.trail.answered, self._half_ns())
        return step.trail.answered

    def _order(self, line: SessionConnection) -> OrderStep | None:
        """Send one more order, unless the one before was turned down."""
        if self._plan.order is None or any(each.trail.rejected for each in self._orders):
            return None
        self._count += 1
        step = OrderStep(
            self._plan.order,
            f"{self._run_id}{self._count}",
            self._run.clock,
            lambda what: self._run.note("#", what),
        )
        self._orders.append(step)
        step.send(line)
        return step

    def _half_ns(self) -> int:
        now_ns = self._run.clock.steady_ns()
        return now_ns + max(self._work_end_ns - now_ns, 0) // 2

    # The cut.

    async def _leave(self, cut: Cut, line: SessionConnection) -> None:
        if cut is Cut.LOGOUT:
            line.logout()
            await _gone(line, max(self._run.left_ns() / 1e9 / 2, _CLOSE_S))
            self._run.note("#", LineCut(cut))
            return
        if self._how.orders:
            self._order(line)
        self._run.note("#", LineCut(cut))
        framer, self._silent = Framer(), True
        line.fall_silent(lambda data: self._overhear(framer, data))
        match cut:
            case Cut.FIN:
                line.finish()
                await _gone(line, _CLOSE_S)
            case Cut.RST:
                await asyncio.sleep(_SETTLE_S)
                line.reset()
                await _gone(line, _CLOSE_S)
            case Cut.SILENCE:
                heartbeat_s = self._plan.session.heartbeat_s
                await _gone(line, self._how.silence_for_ns(heartbeat_s) / 1e9)

    def _overhear(self, framer: Framer, data: bytes) -> None:
        for item in framer.feed(data):
            if isinstance(item, Message) and self._overheard < _OVERHEARD_AT_MOST:
                self._overheard += 1
                self._run.note("~", Unread(item.raw))

    # The return.

    async def _come_back(self, left: SessionConnection) -> bool:
        for _ in range(self._how.withhold):
            self._run.note("#", Withheld(left.withhold(MsgType.Heartbeat, b"")))
        self._run.note("#", Returning())
        opened = await self._dial(Again(self._run, self._run.end_ns))
        if opened is None:
            self._refused = True
            return False
        line = self.line = left.again()
        self._silent = False
        await line.start(*opened)
        is_up = await self._until(line, lambda event: isinstance(event, LoggedOn), self._run.end_ns)
        self._refused = not is_up
        return is_up

    async def _settle(self) -> bool:
        """Wait until what was missed has come; return whether the session is whole again."""
        line = self.line
        if line is None or not line.talking:
            return False
        heard = await self._answers(line)
        if heard and self._gap:
            await self._until(line, lambda event: isinstance(event, GapClosed), self._half_ns())
            heard = await self._answers(line)
        if heard:
            self._run.note("#", Settled())
        return heard and not self._gap

    async def _answers(self, line: SessionConnection) -> bool:
        """Whether the venue answers a TestRequest.

        Where it asks for what it missed, our answer passes over the TestRequests that are behind
        it already, as over all that is administrative: so another one may be needed.
        """
        for tries_left in reversed(range(_TRIES)):
            soon_ns = self._run.clock.steady_ns() + _TRY_NS
            end_ns = min(soon_ns, self._half_ns()) if tries_left else self._half_ns()
            if line.talking and await self._ask(line, end_ns):
                return True
        return False

    async def _reckon(self) -> None:
        """Ask for the orders of the round, and cancel them."""
        line = self.line
        if line is None or not line.talking or not self._orders:
            return
        for order in self._orders:
            self._asked.add(order.cl_ord_id)
            order.ask(line)
        await self._wait(line, lambda _: not self._asked, self._all_told, self._half_ns())
        done = await self._cancel(line, self._work_end_ns)
        self.fit = self.fit and done

    async def _cancel(self, line: SessionConnection, end_ns: int) -> bool:
        """Cancel the orders of the round; return whether they are surely gone."""
        if not line.talking:
            return False
        for order in self._orders:
            order.cancel(line)
        return self._all_over() or await self._wait(
            line, lambda _: self._over, self._all_over, end_ns
        )

    @property
    def _over(self) -> bool:
        return all(order.trail.over for order in self._orders)

    def _all_told(self) -> bool:
        self._catch_up()
        return not self._asked

    def _all_over(self) -> bool:
        self._catch_up()
        return self._over

    # The end.

    async def clean_up(self) -> None:
        """Cancel what may be in the book, also when the line is down; the Logout is the caller's.

        Nothing is tried where the venue has just refused to let us in.
        """
        if self._all_over() or self._refused or self.line is None:
            return
        end_ns = self._run.clock.steady_ns() + _RESCUE_NS
        self._run.end_ns = end_ns + _RESCUE_NS  # whoever waits until `end_ns` is not out of time
        up = self.line.talking and not self._silent
        if not up and not await self._rescue(self.line, end_ns):
            return
        await self._cancel(self.line, end_ns)

    async def _rescue(self, left: SessionConnection, end_ns: int) -> bool:
        """Log on once more: orders rest at the venue and nobody is there."""
        left.abort()
        await asyncio.wait([left.closed], timeout=_CLOSE_S)
        self._run.note("#", Returning(rescue=True))
        try:
            opened = await self._dial(Again(self._run, end_ns))
            if opened is None:
                return False
            line = self.line = left.again()
            await line.start(*opened)
            return await self._until(line, lambda event: isinstance(event, LoggedOn), end_ns)
        except (OutOfTimeError, OSError):
            return False


async def _gone(line: SessionConnection, wait_s: float) -> None:
    """Wait until a connection is gone; see to it when that takes too long."""
    await asyncio.wait([line.closed], timeout=wait_s)
    if not line.closed.done():
        line.abort()
        await asyncio.wait([line.closed], timeout=_CLOSE_S)
