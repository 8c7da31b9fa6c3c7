"""Runs one check on the network: phase after phase under one deadline, all of it recorded.

Theory of operation
-------------------
The runner decides nothing about health. It opens, sends, waits, and appends to the history; what
it means is for `fixgate.health.judge`. It looks at the session's events only to know when to go
on. Time is one budget: a part at its end is kept for the Logout, and while a test order may be in
the book, half of what is left is kept for its cancel. Whatever happens, also a crash or Ctrl-C,
an order that was sent is cancelled and the session logged out as far as the connection allows.

Sequence numbers are the store's and the session's affair: nothing here moves or resets them.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from operator import eq

from fixgate.errors import StoreError
from fixgate.health.dialing import Dialing, OutOfTimeError, Proceedings, TlsClients
from fixgate.health.events import CheckCrashed, Closed, Flooded, SequenceNoted, StoreUnusable
from fixgate.health.flood import MAX_BYTES, FloodedHistory
from fixgate.health.hours import out_of_hours
from fixgate.health.judge import phases_of
from fixgate.health.line import Engine, Line
from fixgate.health.model import CheckPlan, Phase
from fixgate.health.order_step import OrderStep
from fixgate.health.persistence.judge import cut_of
from fixgate.health.persistence.rounds import Rounds
from fixgate.health.progress import Progress
from fixgate.health.translate import translated
from fixgate.history import History, Record
from fixgate.net.clock import Clock
from fixgate.net.events import ClockStepped
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

__all__ = ["Check", "Work"]

_LOGOUT_SHARE = 5
"""One part in five of the deadline is kept for the Logout, at most `_LOGOUT_RESERVE_NS`."""

_LOGOUT_RESERVE_NS = 2_000_000_000
_FAREWELL_S = 1.0
"""How long a check that is called off waits for its Logout to be answered."""


Work = Callable[[Line], Awaitable[None]]
"""Works on a session that is up. What it leaves unread of its events is lost."""


class Check:
    """One check, to be run once.

    Args:
        plan: What to check.
        clock: The process's clock.
        progress: Told about each phase.
        tls_clients: See `fixgate.health.dialing.TlsClients`.
        engine: Whose session layer does the session.
        work: What is done once the session is up, in place of what the level asks for.
        history: Gets every record; by default one that a flood of the venue's cannot fill.
        dialing: Opens the connections of a run.
    """

    def __init__(
        self,
        plan: CheckPlan,
        clock: Clock,
        progress: Progress,
        tls_clients: TlsClients,
        engine: Engine,
        *,
        work: Work | None = None,
        history: History | None = None,
        dialing: Callable[[Proceedings, TlsClients], Dialing] = Dialing,
    ) -> None:
        self.plan = plan
        self._clock = clock
        self._engine = engine
        self._work = work
        self._history = FloodedHistory(MAX_BYTES, self.flooded) if history is None else history
        self._proceedings = Proceedings(plan, clock, self._history, progress)
        self._dialing = dialing(self._proceedings, tls_clients)
        self._opened: Opened | None = None
        """Ours to close; ``None`` once a session has taken it over."""
        self._connection: Line | None = None
        self._order_step: OrderStep | None = None
        self._rounds: Rounds | None = None
        self._again = lambda run: dialing(run, tls_clients).open_all()
        self._gaps = 0
        self._fit = True
        """Whether the session is well enough for an order to be sent."""
        self._run_id = secrets.token_hex(4).upper()

    @property
    def history(self) -> list[Record]:
        """What has happened, in the judge's words."""
        return list(translated(self._history))

    def crashed(self, error: BaseException) -> None:
        """Record that the check itself failed."""
        self._proceedings.note("#", CheckCrashed(f"{type(error).__name__}: {error}"))

    async def run(self) -> None:
        """Run the phases; what they find is in the history. Out of hours, run none."""
        closed = out_of_hours(self.plan, self._clock.now_ns())
        if closed is not None:
            self._proceedings.note("#", closed)
            return
        self._clock.subscribe(self._clock_stepped)
        try:
            await self._within_deadline(phases_of(self.plan))
        finally:
            self._clock.unsubscribe(self._clock_stepped)

    async def _within_deadline(self, wanted: tuple[Phase, ...]) -> None:
        # Before the clock runs, and in all checks of a fleet before the first of them waits for the
        # network: reading the store's files in between would be timed as their venues' slowness.
        line = None
        if Phase.LOGON in wanted:
            line = self._engine.line(self.plan, self._clock, self._history)
        self._proceedings.start()
        try:
            await self._run(line, wanted)
        except OutOfTimeError:
            return
        finally:
            if self._opened is not None:
                self._opened.close()
            if line is not None and not isinstance(line, StoreError):
                line.release()

    async def _run(self, line: Line | StoreError | None, wanted: tuple[Phase, ...]) -> None:
        opened = self._opened = await self._dialing.open()
        if opened is None:
            return
        tls = None
        if Phase.TLS in wanted:
            tls = await self._dialing.start_tls(opened)
            if tls is None:
                return
        if line is not None:
            self._proceedings.begin(Phase.LOGON)
            await self._session(line, opened, tls, wanted)

    def flooded(self) -> None:
        """Stop a venue that sends without pause. Whoever tells us is in the middle of a turn."""
        self._proceedings.note("#", Flooded(MAX_BYTES))
        if self._connection is not None:
            asyncio.get_running_loop().call_soon(self._connection.abort)

    def _clock_stepped(self, step_ns: int) -> None:
        self._proceedings.note("~", ClockStepped(step_ns))

    # The session.

    async def _session(
        self,
        line: Line | StoreError,
        opened: Opened,
        tls: TlsEstablished | None,
        wanted: tuple[Phase, ...],
    ) -> None:
        if isinstance(line, StoreError):
            self._proceedings.note("#", StoreUnusable(str(line)))
            self._proceedings.done(Phase.LOGON)
            return
        self._note_numbers(line)
        try:
            self._opened = None
            await line.start(opened, tls)
            self._connection = line
            await self._phases(line, wanted)
        except StoreError as error:
            self._proceedings.note("#", StoreUnusable(str(error)))
        except OSError as error:
            # The peer had reset the connection before the session could take it over.
            self._proceedings.note("~", Closed(by_peer=True, reset=True, text=str(error)))
        finally:
            await self._farewell(self._connection or line)
            await line.settle()
            self._note_numbers(line)

    def _note_numbers(self, line: Line) -> None:
        self._proceedings.note("#", SequenceNoted(*line.numbers))

    async def _phases(self, connection: Line, wanted: tuple[Phase, ...]) -> None:
        if not await self._until(
            connection, lambda event: isinstance(event, LoggedOn), self._proceedings.end_ns
        ):
            return
        self._proceedings.done(Phase.LOGON)
        if self._work is not None:
            await self._work(connection)
            self._proceedings.start()  # the deadline is for coming up, and anew for the end
            if not connection.closed.done():
                await self._logout(connection)
            return
        reserve_ns = min(self.plan.deadline_ns // _LOGOUT_SHARE, _LOGOUT_RESERVE_NS)
        work_end_ns = self._proceedings.end_ns - reserve_ns
        steps = {
            Phase.TEST_REQUEST: self._test_requests,
            Phase.SEQUENCE: self._sequence,
            Phase.ORDER: self._order,
        }
        for phase, step in steps.items():
            if phase not in wanted or not connection.talking:
                continue
            if phase is Phase.ORDER and not self._fit:
                continue
            self._proceedings.begin(phase)
            await step(connection, work_end_ns)
            self._proceedings.done(phase)
        connection = await self._persistence(connection, wanted)
        if not connection.closed.done():
            await self._logout(connection)

    async def _persistence(self, line: Line, wanted: tuple[Phase, ...]) -> Line:
        """Play the rounds of level persistence; return the line that is up in the end."""
        if not isinstance(line, SessionConnection):
            return line
        for phase in wanted:
            cut = cut_of(phase)
            if cut is None or not self._fit or not line.talking:
                continue
            if self._rounds is None:
                self._note_numbers(line)
                self._rounds = Rounds(
                    self.plan, self._run_id, self._proceedings, self._again, self._until
                )
            self._proceedings.begin(phase)
            try:
                await self._rounds.run(cut, line)
            finally:
                line = self._connection = self._rounds.line or line
            self._fit = self._rounds.fit
            self._proceedings.done(phase)
        return line

    async def _until(self, connection: Line, wanted: Callable[[Event], bool], end_ns: int) -> bool:
        """Wait for an event; ``False`` when the connection is gone, or time is up.

        Only the end of the whole deadline is recorded: a step that used up its own share is
        judged by what did not come.
        """
        try:
            async with asyncio.timeout(max(end_ns - self._clock.steady_ns(), 0) / 1e9):
                while (found := await connection.next_event()) is not None:
                    event = found[1]
                    self._watch(event)
                    if wanted(event):
                        return True
        except TimeoutError:
            # Not by the clock: a loop's timer may fire a millisecond early.
            if end_ns >= self._proceedings.end_ns:
                raise self._proceedings.out_of_time() from None
        return False

    def _watch(self, event: Event) -> None:
        if self._rounds is not None:
            self._rounds.watch(event)
        match event:
            case GapOpened():
                self._gaps += 1
            case GapClosed():
                self._gaps = 0
            case AppMessage(message=message) | RejectReceived(message=message):
                if self._order_step is not None:
                    self._order_step.follow(message, self._history)
            case _:
                pass

    async def _test_requests(self, connection: Line, end_ns: int) -> None:
        for number in range(1, self.plan.test_requests + 1):
            if not connection.talking:
                self._fit = False
                return
            test_req_id = f"FG{self._run_id}-{number}".encode("ascii")
            connection.test_request(test_req_id)
            if not await self._until(
                connection, partial(eq, HeartbeatReceived(test_req_id)), end_ns
            ):
                self._fit = False
                return

    async def _sequence(self, connection: Line, end_ns: int) -> None:
        """Give the venue the time to fill a gap that its Logon showed."""
        while self._gaps and not connection.closed.done():
            if not await self._until(
                connection, lambda event: isinstance(event, GapClosed), end_ns
            ):
                self._fit = False
                return

    async def _logout(self, connection: Line) -> None:
        self._proceedings.begin(Phase.LOGOUT)
        connection.logout()
        await asyncio.wait([connection.closed], timeout=self._proceedings.left_ns() / 1e9)
        self._proceedings.done(Phase.LOGOUT)

    async def _order(self, connection: Line, end_ns: int) -> None:
        if self.plan.order is None:
            return
        step = self._order_step = OrderStep(
            self.plan.order,
            self._run_id,
            self._clock,
            lambda what: self._proceedings.note("#", what),
        )
        step.send(connection)
        now_ns = self._clock.steady_ns()
        half_ns = now_ns + max(end_ns - now_ns, 0) // 2
        await self._until(connection, lambda _: step.trail.answered, half_ns)
        if step.trail.rejected is None and not connection.closed.done():
            step.cancel(connection)
            await self._until(connection, lambda _: step.trail.over, end_ns)

    # The end.

    async def _farewell(self, connection: Line) -> None:
        """Leave nothing behind, however the check ended."""
        if self._rounds is not None:
            await self._rounds.clean_up()
            connection = self._rounds.line or connection
        if connection.closed.done():
            return
        if self._order_step is not None:
            self._order_step.cancel(connection)
        active = connection.active
        connection.logout()
        if active:
            await asyncio.wait([connection.closed], timeout=_FAREWELL_S)
        connection.abort()
        await asyncio.wait([connection.closed], timeout=_FAREWELL_S)
