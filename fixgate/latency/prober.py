"""Measures one session: TestRequests and, where they are allowed, test orders.

Theory of operation
-------------------
The session is opened, judged and closed as a check does it; between Logon and Logout the prober
sends. In an open loop every request has its instant, and goes out then, whatever became of those
before it; what holds one up is part of its figure. In a closed loop the next goes out when the one
before is answered. With orders, TestRequests and orders take turns, so that the session layer is
measured beside the matching engine at the same time; each order is cancelled as soon as it is
acknowledged, and the measurement ends only when none is left in the book, or time is up. Orders
that are to trade take their turn, too, where they are wanted, and leave no position behind.

What is sent and received is told by the session's history; `fixgate.sampling.assembler` makes
samples of it. The prober knows only how many requests are open.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from fixgate.health.dialing import TlsClients
from fixgate.health.evidence import traceback_of
from fixgate.health.line import Line, OwnEngine
from fixgate.health.model import CheckPlan, CheckReport, Level, Phase
from fixgate.health.runner import Check
from fixgate.latency.line_probe import LineProbe
from fixgate.latency.model import LatencyPlan
from fixgate.latency.orders import Orders
from fixgate.latency.pace import instants
from fixgate.latency.probe_history import ProbeHistory
from fixgate.latency.progress import Stage, Tick
from fixgate.net.clock import Clock
from fixgate.sampling.assembler import Assembler
from fixgate.session.events import AppMessage, Event, HeartbeatReceived, RejectReceived
from fixgate.triage.model import Sample

__all__ = ["PATIENCE_NS", "Prober"]

PATIENCE_NS = 5_000_000_000
"""How long the last replies are waited for, and in a closed loop each; at most the deadline."""


class Prober:
    """One session's measurement, to be run once.

    Args:
        plan: What to measure.
        clock: The process's clock.
        tls_clients: See `fixgate.health.dialing.TlsClients`.
    """

    def __init__(self, plan: LatencyPlan, clock: Clock, tls_clients: TlsClients) -> None:
        self.plan = plan
        self.assembler = Assembler(plan.check.name, tls=plan.check.tls is not None)
        self._run_id = secrets.token_hex(4).upper()
        self._mark = f"FG{self._run_id}"
        order = plan.check.order if plan.orders else None
        self.orders = Orders(order, self._run_id, clock) if order is not None else None
        self._progress = _Stages()
        self._check = Check(
            replace(plan.check, level=Level.LOGON, order=None),
            clock,
            self._progress,
            tls_clients,
            OwnEngine(stamped=plan.stamps),
            work=self._work,
            history=ProbeHistory(self.assembler, self._mark.encode("ascii"), self._flooded),
        )
        self._turns = 1 + plan.orders + (plan.orders and plan.fills)
        after_ns = plan.connects_after_ns
        self._line_probe = (
            LineProbe(plan.check.name, plan.check.address, after_ns, clock) if after_ns else None
        )
        self._patience_ns = min(PATIENCE_NS, plan.check.deadline_ns)
        self._open: set[str] = set()
        self._sent = self._answered = 0
        self._began_ns = 0
        self._moved = asyncio.Event()
        self._gone = self._enough = False

    @property
    def check(self) -> Check:
        """The check that opens and closes the session, and is judged for it."""
        return self._check

    def connects(self) -> Sequence[Sample]:
        """Return the connections that were opened while replies were overdue."""
        return () if self._line_probe is None else self._line_probe.samples

    def tick(self) -> Tick:
        """Return how far the measurement is; the figures are for others to fill in."""
        began_ns = self._began_ns
        return Tick(
            session=self.plan.check.name,
            stage=self._progress.stage,
            sent=self._sent,
            answered=self._answered,
            asked=self.plan.count,
            elapsed_ns=time.monotonic_ns() - began_ns if began_ns else 0,
            duration_ns=self.plan.duration_ns,
        )

    def stop(self) -> None:
        """Send no more; what is open is waited for, and the session ends in order."""
        self._enough = True
        self._moved.set()

    async def run(self) -> None:
        """Open, measure, close; what was found is the assembler's and the check's to tell."""
        self._progress.stage = Stage.CONNECTING
        await self._check.run()
        self._progress.stage = Stage.DONE if self._began_ns else Stage.FAILED

    def crashed(self, error: BaseException) -> str:
        """Record that the measurement itself failed; return the traceback without secrets."""
        self._check.crashed(error)
        self._progress.stage = Stage.FAILED
        return traceback_of(error, self.plan.check)

    def _flooded(self) -> None:
        self._check.flooded()

    # The work.

    async def _work(self, line: Line) -> None:
        self._progress.stage = Stage.MEASURING
        self._began_ns = time.monotonic_ns()
        reader = asyncio.create_task(self._read(line))
        try:
            if self.plan.rate is None:
                await self._closed_loop(line)
            else:
                await self._open_loop(line, self.plan.rate)
            await self._settle(line)
        finally:
            self._progress.stage = Stage.ENDING
            if self.orders is not None and line.talking:
                self.orders.cancel_all(line)
            if self._line_probe is not None:
                await self._line_probe.close()
            reader.cancel()
            await asyncio.wait([reader])

    async def _open_loop(self, line: Line, rate: float) -> None:
        plan = self.plan
        async for number, due_ns in instants(
            rate, plan.count, plan.duration_ns, stop=lambda: self._enough
        ):
            if not line.talking:
                return
            self._send(line, number, due_ns)

    async def _closed_loop(self, line: Line) -> None:
        number, end_ns = 0, self._end_ns()
        while self.plan.count is None or number < self.plan.count:
            if not line.talking or self._enough or time.monotonic_ns() >= end_ns:
                return
            self._send(line, number, None)
            number += 1
            await self._wait(self._idle, self._patience_ns)

    def _end_ns(self) -> int:
        duration_ns = self.plan.duration_ns
        return self._began_ns + duration_ns if duration_ns is not None else 1 << 62

    def _idle(self) -> bool:
        return not self._open and (self.orders is None or self.orders.idle)

    def _send(self, line: Line, number: int, due_ns: int | None) -> None:
        orders = self.orders
        turn = number % self._turns
        if orders is not None and orders.trouble is None and turn:
            name = orders.next_name()
            if due_ns is not None:
                self.assembler.due(name, due_ns)
            (orders.send if turn == 1 else orders.trade)(line)
            self._look_after(partial(orders.owed, name))
        else:
            name = f"{self._mark}-{number + 1}"
            if due_ns is not None:
                self.assembler.due(name, due_ns)
            self._open.add(name)
            line.test_request(name.encode("ascii"))
            self._look_after(lambda: name in self._open)
        self._sent += 1

    def _look_after(self, is_open: Callable[[], bool]) -> None:
        if self._line_probe is not None:
            self._line_probe.asked(is_open)

    async def _settle(self, line: Line) -> None:
        """Wait for what is still open; cancel what was not even acknowledged."""
        if not await self._wait(self._idle, self._patience_ns) and self.orders is not None:
            if line.talking:
                self.orders.cancel_all(line)
            await self._wait(self._idle_orders, self._patience_ns)
        orders = self.orders
        if orders is not None and orders.position and line.talking:
            orders.trade(line, abs(orders.position))
            await self._wait(self._idle_orders, self._patience_ns)

    def _idle_orders(self) -> bool:
        return self.orders is None or self.orders.idle

    async def _wait(self, done: Callable[[], bool], patience_ns: int) -> bool:
        try:
            async with asyncio.timeout(patience_ns / 1e9):
                while not done() and not self._gone:
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return False
        return done()

    # What comes.

    async def _read(self, line: Line) -> None:
        while (found := await line.next_event()) is not None:
            self._on_event(line, found[1])
        self._gone = True
        self._moved.set()

    def _on_event(self, line: Line, event: Event) -> None:
        match event:
            case HeartbeatReceived(test_req_id=bytes() as test_req_id):
                name = test_req_id.decode("latin-1")
                if name in self._open:
                    self._open.discard(name)
                    self._answered += 1
                    self._moved.set()
            case AppMessage(message=message) | RejectReceived(message=message):
                if self.orders is not None and self.orders.follow(line, message):
                    self._answered += 1
                    self._moved.set()
            case _:
                pass


class _Stages:
    """What the check is at, in the words of a measurement."""

    def __init__(self) -> None:
        self.stage = Stage.WAITING

    def started(self, plan: CheckPlan) -> None:
        """Do nothing."""

    def phase(self, plan: CheckPlan, phase: Phase) -> None:
        """Note what the check is at."""
        self.stage = Stage.ENDING if phase is Phase.LOGOUT else Stage.CONNECTING

    def ended(self, report: CheckReport) -> None:
        """Do nothing."""
