"""A venue and sessions that are kept up with it, in virtual time: one process, no socket."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from fixgate.health.events import TcpConnected, TcpFailed, TcpFailure
from fixgate.health.keeper import Keeper
from fixgate.health.model import CheckPlan, Phase
from fixgate.health.standing import Standing, State
from fixgate.net import Address, Clock, Gateway, Opened, SocketAddress, StoreSettings
from fixgate.net.clock_watch import ClockWatch
from fixgate.net.settings import GatewaySettings, ListenSettings, VenueSession
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.wire.framer import Framer
from fixgate.wire.limits import Limits
from tests.live.peer import build, fields
from tests.virtual import SECOND, Pipe, VirtualLoop

NOWHERE = Address("venue.example", 9876)
MONDAY = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()) * SECOND


def instant(*when: int) -> int:
    """An instant in UTC."""
    return int(datetime(*when, tzinfo=UTC).timestamp()) * SECOND


class Place:
    """Where the keepers connect to: a venue, something else, or nothing.

    Attributes:
        accept: Gets the server's end of a new connection; ``None`` refuses it.
        dialled: When each connection was asked for.
        pipes: The client's end of the connections, the newest last.
    """

    def __init__(self, loop: VirtualLoop, accept: Callable[[Pipe], object] | None = None) -> None:
        self.loop = loop
        self.accept = accept
        self.dialled: list[int] = []
        self.pipes: list[Pipe] = []

    async def dial(self, run) -> tuple[Opened, None] | None:
        self.dialled.append(self.loop.now_ns)
        run.begin(Phase.RESOLVE)
        run.done(Phase.RESOLVE)
        run.begin(Phase.TCP)
        await asyncio.sleep(0.001)
        if self.accept is None:
            run.note("~", TcpFailed(TcpFailure.REFUSED, "Connection refused"))
            run.done(Phase.TCP)
            return None
        ours, theirs = Pipe.pair(self.loop)
        run.note("~", TcpConnected(str(NOWHERE)))
        run.done(Phase.TCP)
        self.pipes.append(ours)
        self.loop.call_soon(self.accept, theirs)
        return Opened(ours, SocketAddress(0, NOWHERE.host, NOWHERE.port, ())), None


def client(**changes: object) -> SessionSettings:
    return replace(
        SessionSettings(
            SessionId("FIX.4.4", "DESK", "VENUE"), Role.INITIATOR, observe=True,
            resend_application=False,
        ),
        **changes,
    )  # fmt: skip


def plan(store: Path | None = None, **changes: object) -> CheckPlan:
    return CheckPlan("desk", NOWHERE, client(**changes), store=StoreSettings(store))


@contextlib.asynccontextmanager
async def venue(
    loop: VirtualLoop, clock: Clock, store: Path | None = None, **changes: object
) -> AsyncIterator[tuple[Gateway, Callable[[Pipe], None]]]:
    """A venue that knows DESK, and what takes its connections."""
    settings = SessionSettings(SessionId("FIX.4.4", "VENUE", "DESK"), Role.ACCEPTOR, **changes)
    gateway = Gateway(
        GatewaySettings(
            "venue", (), settings, sessions=(VenueSession("desk", settings),),
            store=StoreSettings(store),
        ),
        clock=clock,
    )  # fmt: skip
    await gateway.start()

    def accept(pipe: Pipe) -> None:
        pipe.attach(gateway._factory(ListenSettings(NOWHERE), None)())

    try:
        yield gateway, accept
    finally:
        await gateway.stop()


class Scripted(asyncio.Protocol):
    """One connection of a `ScriptedVenue`."""

    def __init__(self, venue: ScriptedVenue) -> None:
        self._venue = venue
        self._pipe: Pipe | None = None
        self._framer = Framer(Limits())
        self.got: list[dict[int, str]] = []

    def connection_made(self, transport):
        self._pipe = transport

    def data_received(self, data):
        for message in self._framer.feed(data):
            got = fields(message.raw)
            self.got.append(got)
            for body in self._venue.answers(got):
                self.say(body)

    def say(self, body: str) -> None:
        assert self._pipe is not None
        if not body:
            self._pipe.close()
            return
        kind, number, *rest = body.split("|")
        if number == "34=*":
            number = f"34={next(self._venue.numbers)}"
        at = datetime.fromtimestamp(self._venue.loop.wall() / 1e9, UTC)
        at = at.strftime("%Y%m%d-%H:%M:%S")
        head = f"{kind}|{number}|49=VENUE|52={at}|56=DESK|"
        self._pipe.write(build("FIX.4.4", head + "".join(f"{each}|" for each in rest if each)))


class ScriptedVenue:
    """A venue that answers as a test says; messages built by hand.

    Args:
        loop: Whose clock its SendingTime is by.
        answer: Gets each message's fields; returns bodies such as ``35=A|34=*|98=0|108=30``, ``*``
            for the next number, and an empty one to close the connection.

    Attributes:
        connections: All of them.
        logons: When each Logon came, by the monotonic clock.
    """

    def __init__(
        self, loop: VirtualLoop, answer: Callable[[dict[int, str]], Iterable[str]]
    ) -> None:
        self.loop = loop
        self.answer = answer
        self.connections: list[Scripted] = []
        self.logons: list[int] = []
        self.numbers = itertools.count(1)

    def accept(self, pipe: Pipe) -> None:
        self.connections.append(Scripted(self))
        pipe.attach(self.connections[-1])

    def answers(self, got: dict[int, str]) -> Iterable[str]:
        if got[35] == "A":
            self.logons.append(self.loop.now_ns)
        return self.answer(got)


PATIENCE_S = 10 * 86_400


class Desk:
    """Runs one keeper and remembers what it told."""

    def __init__(
        self, loop: VirtualLoop, place: Place, made: CheckPlan, clock: Clock | None = None,
        seed: int = 1,
    ) -> None:  # fmt: skip
        self.clock = clock or Clock(loop.wall, loop.monotonic)
        self.told: list[Standing] = []
        self.at: list[int] = []
        """When each was told, by the monotonic clock."""
        self._loop = loop
        self._waiters: list[tuple[State, str | None, asyncio.Future[Standing]]] = []
        self.keeper = Keeper(made, self.clock, random.Random(seed), place.dial, self._take)
        self._watch = ClockWatch(self.clock)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Desk:
        self._watch.start()
        self._task = asyncio.create_task(self.keeper.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watch.stop()
        if self._task is not None:
            self._task.cancel()
            await self._task

    @property
    def now(self) -> Standing:
        return self.keeper.standing

    @property
    def states(self) -> list[str]:
        """What was told, as ``state reason``, without the connecting."""
        return [
            f"{each.state.value} {each.reason}".strip()
            for each in self.told
            if each.state is not State.CONNECTING
        ]

    def _take(self, standing: Standing) -> None:
        self.told.append(standing)
        self.at.append(self._loop.now_ns)
        for state, reason, found in self._waiters:
            if _is(standing, state, reason) and not found.done():
                found.set_result(standing)

    async def until(self, state: State, reason: str | None = None) -> Standing:
        """Return where the session stands once it stands there."""
        if _is(self.now, state, reason):
            return self.now
        waiter = (state, reason, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await waiter[2]
        except TimeoutError:
            raise AssertionError(f"never {state.value} {reason}: {self.states[-20:]}") from None
        finally:
            self._waiters.remove(waiter)


def _is(standing: Standing, state: State, reason: str | None) -> bool:
    return standing.state is state and reason in (None, standing.reason)
