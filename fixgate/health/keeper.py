"""Keeps one session up: connects, logs on, stays, and comes back as the table of endings says.

Theory of operation
-------------------
A keeper is one task. It waits until its next move is due, makes one try, and lets
`fixgate.health.reconnect` say what comes next from how that ended. Heartbeats, gaps, hours and
restarts of the numbers are the session's own affair; the keeper only looks at events to know where
the session stands, and tells whoever watches.

One session object serves every connection, so that a password that was changed stays changed. Its
store is opened once and held: nobody else may number messages meanwhile. It sends no application
message, and moves no number but by the schedule of the file.

Cancelling the task ends it: a session that is up is logged out first.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from fixgate.errors import StoreError
from fixgate.health.dialing import Dialing, OutOfTimeError, Proceedings, TlsClients
from fixgate.health.ended import Ended, begins_try, ending_of
from fixgate.health.endings import ENDINGS, Ending, Next
from fixgate.health.events import Closed, SequenceNoted, StoreUnusable
from fixgate.health.evidence import Scribe, traceback_of
from fixgate.health.line import store_of
from fixgate.health.model import CheckPlan, Phase
from fixgate.health.progress import NoProgress
from fixgate.health.reconnect import Dice, Move, Tries, first_move, move_after_step, next_move
from fixgate.health.standing import Standing, State
from fixgate.health.translate import translated
from fixgate.history import History
from fixgate.net.clock import Clock
from fixgate.net.events import ClockStepped
from fixgate.net.initiator import SessionConnection
from fixgate.net.opening import Opened, TlsEstablished
from fixgate.net.settings import StoreSettings
from fixgate.session.events import Event, LoggedOn, LoggedOut, Violation
from fixgate.session.session import Session
from fixgate.session.settings import SessionSettings
from fixgate.session.store import Store
from fixgate.session.validation import validator_of

__all__ = ["Dial", "Keeper", "OpenStore", "dial_by"]

_KEPT_RECORDS = 1000
"""Of a session's history: what went before its end, not its day."""

_FAREWELL_S = 2.0
"""How long a keeper that is told to stop waits for its Logout to be answered, as a venue does."""

_ABORT_S = 1.0

_log = logging.getLogger("fixgate.watch")

OpenStore = Callable[[StoreSettings, SessionSettings, int], Store]
"""Opens the store of a session; see `fixgate.health.line.store_of`."""

Dial = Callable[[Proceedings], Awaitable[tuple[Opened, TlsEstablished | None] | None]]
"""Opens a connection and records how; ``None`` when that failed."""


def dial_by(tls_clients: TlsClients) -> Dial:
    """Return what opens connections on the network.

    Args:
        tls_clients: See `fixgate.health.dialing.TlsClients`.
    """
    return lambda proceedings: Dialing(proceedings, tls_clients).open_all()


class Keeper:
    """Keeps one session up until it is cancelled.

    Args:
        plan: Whose session; its level and order are not looked at.
        clock: The process's clock; somebody makes it follow the wall clock.
        dice: Spreads tries in time.
        dial: Opens connections.
        tell: Gets every new standing; must not raise.
        open_store: Opens the plan's store; may raise `StoreError`.
    """

    def __init__(
        self,
        plan: CheckPlan,
        clock: Clock,
        dice: Dice,
        dial: Dial,
        tell: Callable[[Standing], None],
        open_store: OpenStore = store_of,
    ) -> None:
        self.plan = plan
        self._settings = replace(plan.session, logon_timeout_ns=plan.deadline_ns)
        self._clock = clock
        self._dice = dice
        self._dial = dial
        self._tell = tell
        self._open_store = open_store
        self._history = History(limit=_KEPT_RECORDS)
        self._session: Session | None = None
        self._tries = Tries()
        self._ended: Ended | None = None
        self._count = 0
        self._up_ns = 0
        """Since when the session is up, by the clock that never steps; 0 when it is not."""
        self._alarm = asyncio.Event()
        self._stepped_ns = 0
        self._try_now = False
        self._clean = True
        self.standing = Standing(plan, clock.now_ns(), State.CONNECTING)
        """Where the session stands."""

    def retry(self) -> None:
        """Try again, though another try was put off for good: whatever was wrong is mended.

        Not sooner after a refusal than ever, and nothing where a try has its time anyhow.
        """
        self._try_now = True
        self._alarm.set()

    async def run(self) -> None:
        """Keep the session up. Cancelling logs it out, and then returns."""
        self._clock.subscribe(self._clock_stepped)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await self._keep()
        finally:
            self._clock.unsubscribe(self._clock_stepped)
            self._say_ended()
            self._release()

    async def _keep(self) -> None:
        move = first_move(self._settings, self._clock.now_ns(), self._dice)
        while True:
            await self._until(move)
            self._ended, up_ns = await self._guarded_try()
            now_ns = self._clock.now_ns()
            move, self._tries = next_move(
                self._ended.ending, self._tries, self._settings, now_ns, self._dice, up_ns=up_ns
            )

    # Waiting.

    async def _until(self, move: Move) -> None:
        """Return when it is time for a move; one that is never due may be made due by `retry`."""
        self._stepped_ns, self._try_now = 0, False
        told: Move | None = None
        while (left_ns := self._left_ns(move)) is None or left_ns > 0:
            if move != told:
                self._say_waiting(move)
                told = move
            self._alarm.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if left_ns is None else left_ns / 1e9):
                    await self._alarm.wait()
            move = self._disturbed(move)

    def _left_ns(self, move: Move) -> int | None:
        return None if move.at_ns is None else move.at_ns - self._clock.now_ns()

    def _disturbed(self, move: Move) -> Move:
        now_ns, stepped_ns = self._clock.now_ns(), self._stepped_ns
        self._stepped_ns = 0
        if stepped_ns:
            move = move_after_step(
                move, self._tries, self._settings, now_ns, stepped_ns, self._dice
            )
        again, self._try_now = self._try_now, False
        stuck = move.ending is not None and ENDINGS[move.ending].next in (Next.NEVER, Next.RESTART)
        if again and stuck:
            return first_move(self._settings, now_ns, self._dice, self._tries)
        return move

    def _clock_stepped(self, step_ns: int) -> None:
        self._history.add((self._clock.now_ns(), "~", ClockStepped(step_ns)))
        self._tries = self._tries.after_step(step_ns)
        self._stepped_ns += step_ns
        self._alarm.set()

    # One try, and the session that it brings up.

    async def _guarded_try(self) -> tuple[Ended, int]:
        """Make a try; whatever of ours fails in it is an ending like any other."""
        self._count += 1
        self._up_ns = 0
        try:
            ended = await self._try()
        except Exception as error:
            _log.error("! %s: fixgate failed\n%s", self.plan.name, traceback_of(error, self.plan))
            ended = Ended.plainly(Ending.FAULT)
        up_ns = self._clock.steady_ns() - self._up_ns if self._up_ns else 0
        self._up_ns = 0
        return ended, up_ns

    async def _try(self) -> Ended:
        try:
            session = self._session or self._open()
        except StoreError as error:
            text = f"The session's store cannot be used: {error}."
            return Ended.plainly(Ending.STORE, text)
        self._say(State.CONNECTING)
        run = Proceedings(self.plan, self._clock, self._history, NoProgress())
        run.start()
        with contextlib.suppress(OutOfTimeError):
            connected = await self._dial(run)
            if connected is not None:
                await self._hold(run, session, *connected)
        return ending_of(self.plan, tuple(translated(self._history.since(begins_try))))

    def _open(self) -> Session:
        settings, now_ns = self._settings, self._clock.now_ns()
        validator = validator_of(settings)
        store = self._open_store(self.plan.store, settings, now_ns)
        self._session = Session(settings, store, validator, self._history)
        return self._session

    async def _hold(
        self, run: Proceedings, session: Session, opened: Opened, tls: TlsEstablished | None
    ) -> None:
        """Log on, and stay until the connection is gone."""
        run.begin(Phase.LOGON)
        run.note("#", SequenceNoted(session.store.next_out, session.store.next_in))
        connection = SessionConnection(session, self._clock, self._history)
        try:
            await connection.start(opened, tls)
            await self._attend(connection)
        except StoreError as error:
            run.note("#", StoreUnusable(str(error)))
        except OSError as error:
            # The peer had reset the connection before the session could take it over.
            run.note("~", Closed(by_peer=True, reset=True, text=str(error)))
        finally:
            await self._farewell(connection)

    async def _attend(self, connection: SessionConnection) -> None:
        remarks: set[str] = set()
        before_up: list[Violation] = []
        while (found := await connection.next_event()) is not None:
            match found[1]:
                case LoggedOn(heartbeat_s=heartbeat_s):
                    self._up_ns = self._clock.steady_ns()
                    self._count = 0
                    self._say(State.UP, text=f"Logged on, HeartBtInt(108) {heartbeat_s} s.")
                    for violation in before_up:
                        self._remark(violation, remarks)
                case Violation() as violation if self._up_ns:
                    self._remark(violation, remarks)
                case Violation() as violation:
                    before_up.append(violation)
                case _:
                    pass

    def _remark(self, violation: Violation, remarks: set[str]) -> None:
        """Tell of a rule that the venue broke, once a connection."""
        if violation.rule in remarks:
            return
        remarks.add(violation.rule)
        text = f"The venue broke the rule {violation.rule}: {violation.text}."
        self._say(State.UP, reason=violation.rule, text=Scribe(self.plan).clean(text))

    async def _farewell(self, connection: SessionConnection) -> None:
        """Log out of a session that is up, since we are told to stop."""
        if connection.closed.done():
            return
        self._clean = not connection.active
        connection.logout()
        if connection.active:
            await asyncio.wait([connection.closed], timeout=_FAREWELL_S)
        connection.abort()
        await asyncio.wait([connection.closed], timeout=_ABORT_S)
        while connection.closed.done() and (found := await connection.next_event()) is not None:
            self._clean = self._clean or _answered(found[1])

    def _release(self) -> None:
        if self._session is not None:
            try:
                self._session.store.close()
            except StoreError as error:
                _log.error("! %s: %s", self.plan.name, error)

    # Telling.

    def _say_waiting(self, move: Move) -> None:
        if move.at_ns is None:
            state = State.STOPPED
        else:
            state = State.CLOSED if move.closed else State.WAITING
        ended = self._ended or Ended.plainly(Ending.CLOSED)
        if move.ending not in (None, ended.ending):
            ended = Ended.plainly(move.ending)
        self._say(
            state, reason=ended.ending.value, cause=ended.cause, text=ended.text,
            next_step=ended.next_step, next_ns=move.at_ns,
        )  # fmt: skip

    def _say_ended(self) -> None:
        before = self.standing
        if before.state is State.UP:
            text = "Logged out." if self._clean else "Logged out; the venue did not answer."
            self._say(State.ENDED, text=text, in_order=True)
        else:
            self._say(
                State.ENDED, reason=before.reason, cause=before.cause, text=before.text,
                next_step=before.next_step, in_order=before.in_order,
            )  # fmt: skip

    def _say(
        self,
        state: State,
        *,
        reason: str = "",
        cause: str = "",
        text: str = "",
        next_step: str = "",
        next_ns: int | None = None,
        in_order: bool | None = None,
    ) -> None:
        store = self._session.store if self._session is not None else None
        self.standing = Standing(
            self.plan, self._clock.now_ns(), state, reason, cause or reason, text, next_step,
            next_ns, self._count,
            next_out=store.next_out if store is not None else 0,
            next_in=store.next_in if store is not None else 0,
            in_order=state in (State.UP, State.CLOSED) if in_order is None else in_order,
        )  # fmt: skip
        self._tell(self.standing)


def _answered(event: Event) -> bool:
    return isinstance(event, LoggedOut) and event.clean
