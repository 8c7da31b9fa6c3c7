"""The systems under test of the virtual world: fixgate's own venue, and a client of a desk.

They are what a user's engine should be. Nothing here knows that it is being judged.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from fixgate.dictionary.version import FixVersion
from fixgate.history import History
from fixgate.net.clock import Clock
from fixgate.net.endpoint import Endpoint
from fixgate.net.gateway import Gateway
from fixgate.net.settings import Address, GatewaySettings
from fixgate.scenario.crafted import Fields, of_body, of_header
from fixgate.scenario.memory import KeptStores
from fixgate.scenario.ours import Dial
from fixgate.scenario.steps import Ask, Connect, Disconnect, Logout, Send, StoreFate
from fixgate.scenario.unmet import NotPossibleError
from fixgate.session.events import AppMessage, Event, LoggedOn
from fixgate.session.session import Session
from fixgate.session.settings import SessionSettings
from fixgate.session.validation import validator_of
from fixgate.venue.rejects import unsupported_message
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType

__all__ = ["RETRY_S", "SimulatedClient", "SimulatedVenue", "UnderTest"]

RETRY_S = 2.0
"""How long a desk's client waits before it connects again. QuickFIX waits 30 s unless told."""

_PATIENT_TRIES = 5
"""So many tries in vain follow each other as quickly; then each wait is twice the one before."""

_LONGEST_S = 60.0

_TAKEN = frozenset(
    {MsgType.ExecutionReport, MsgType.OrderCancelReject, MsgType.BusinessMessageReject,
     MsgType.News, MsgType.SecurityDefinition, MsgType.XMLnonFIX, b"BF", b"f", b"h"}
)  # fmt: skip
"""What a desk's client acts on: what a venue tells those who trade, and the state of its market."""

_MAX_WRITE_BUFFER = 4 * 1024 * 1024


class UnderTest(Protocol):
    """Whoever is judged, as far as a scenario can move it."""

    async def start(self) -> None:
        """Begin to run."""

    async def ask(self, ask: Ask, fields: Fields) -> None:
        """Have it do something.

        Raises:
            NotPossibleError: It cannot.
        """

    async def restart(self, fate: StoreFate, lost: int, down_ns: int) -> None:
        """End as a killed process does, and start again.

        Raises:
            NotPossibleError: It cannot.
        """

    async def end(self) -> None:
        """Run no longer."""


class SimulatedVenue:
    """fixgate's venue.

    Args:
        settings: The venue's.
        address: Where it listens.
        clock: The world's.
    """

    def __init__(self, settings: GatewaySettings, address: Address, clock: Clock) -> None:
        listen = tuple(replace(each, address=address) for each in settings.listen[:1])
        self._settings = replace(settings, listen=listen, busy_poll_ns=0)
        self._clock = clock
        self._stores = KeptStores()
        self._gateway: Gateway | None = None

    async def start(self) -> None:
        """Listen."""
        self._gateway = Gateway(self._settings, clock=self._clock, stores=self._stores)
        await self._gateway.start()

    async def ask(self, ask: Ask, fields: Fields) -> None:
        """Have it send or log out."""
        if ask.does is None:
            return
        parties = tuple(self._gateway.roster) if self._gateway is not None else ()
        party = next((each for each in parties if each.endpoint is not None), None)
        party = party or next(iter(parties), None)
        if party is None:
            raise NotPossibleError("the venue does not run")
        now_ns = self._clock.now_ns()
        match ask.does:
            case Send(msg_type=msg_type):
                party.session.send(msg_type, of_body(fields), now_ns, of_header(fields))
                if party.endpoint is not None:
                    party.endpoint.pump(now_ns)
            case Logout(text=text) if party.endpoint is not None:
                party.endpoint.logout(text, now_ns)
            case Disconnect() if party.endpoint is not None:
                party.endpoint.abort()
            case _:
                raise NotPossibleError("nobody is logged on")

    async def restart(self, fate: StoreFate, lost: int, down_ns: int) -> None:
        """Die, and start again."""
        self._stores.crash(fate, lost)
        if self._gateway is not None:
            self._gateway.kill()
        await asyncio.sleep(down_ns / 1e9)
        await self.start()

    async def end(self) -> None:
        """Stop in order."""
        if self._gateway is not None:
            await self._gateway.stop()


class SimulatedClient:
    """A desk's client: keeps its session up, and trades when it is asked to.

    Args:
        settings: Its session's.
        clock: The world's.
        dials: Connect to the venue, and to its backups: each is tried in its turn.
        retry_s: How long it waits before it connects again.
    """

    def __init__(
        self,
        settings: SessionSettings,
        clock: Clock,
        dials: Sequence[Dial],
        *,
        retry_s: float = RETRY_S,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._dials = dials
        self._retry_s = retry_s
        self._stores = KeptStores()
        self._session = self._new_session()
        self._endpoint: Endpoint | None = None
        self._gone = asyncio.Event()
        self._wanted = asyncio.Event()
        self._up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def _new_session(self) -> Session:
        settings = self._settings
        store = self._stores.open(settings.id, self._clock.now_ns())
        return Session(settings, store, validator_of(settings), History(limit=0))

    async def start(self) -> None:
        """Connect, and again whenever the connection is gone."""
        self._wanted.set()
        self._task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        in_vain = 0
        for dial in itertools.cycle(self._dials):
            await self._wanted.wait()
            await self._open()
            self._gone.clear()
            endpoint = Endpoint(
                self._session,
                self._clock,
                on_events=self._on_events,
                on_closed=lambda closed, now_ns: self._gone.set(),
                history=History(limit=0),
                max_write_buffer=_MAX_WRITE_BUFFER,
            )
            try:
                await dial(_giving(endpoint))
            except OSError:
                pass
            else:
                self._endpoint = endpoint
                await self._gone.wait()
                self._endpoint = None
            # Whoever lets us in only to refuse us is left in peace for longer and longer.
            in_vain = 0 if self._up.is_set() else in_vain + 1
            self._up.clear()
            doublings = max(in_vain - _PATIENT_TRIES, 0)
            await asyncio.sleep(min(self._retry_s * 2**doublings, _LONGEST_S))

    async def _open(self) -> None:
        """Wait for the session's hours: who knocks all night fills the venue's logs."""
        schedule = self._settings.schedule
        if schedule is not None and not schedule.is_open(now_ns := self._clock.now_ns()):
            await asyncio.sleep((schedule.next_open_ns(now_ns) - now_ns) / 1e9)

    def _on_events(self, events: list[Event], now_ns: int) -> None:
        for event in events:
            match event:
                case LoggedOn():
                    self._up.set()
                case AppMessage(message=message) if message.msg_type not in _TAKEN:
                    self._refuse(message, now_ns)
                case _:
                    pass

    def _refuse(self, message: Message, now_ns: int) -> None:
        """Say that nobody acts on a message. Spec: case 2.r."""
        settings = self._settings
        version = FixVersion.of_session(settings.id.begin_string, settings.default_appl_ver_id)
        reply = unsupported_message("", version or FixVersion.FIX44, message)
        self._session.send(reply.msg_type, reply.body, now_ns)

    async def ask(self, ask: Ask, fields: Fields) -> None:
        """Have it send, log out, stay away or come back."""
        if ask.does is None:
            return
        if self._endpoint is not None and not isinstance(ask.does, Disconnect):
            # Whoever is asked to trade does so when the session is up.
            await _soon(self._up.wait())
        now_ns, endpoint = self._clock.now_ns(), self._endpoint
        match ask.does:
            case Send(msg_type=msg_type):
                self._session.send(msg_type, of_body(fields), now_ns, of_header(fields))
                if endpoint is not None:
                    endpoint.pump(now_ns)
            case Logout(text=text):
                self._wanted.clear()
                if endpoint is not None:
                    endpoint.logout(text, now_ns)
            case Disconnect():
                self._wanted.clear()
                if endpoint is not None:
                    endpoint.abort()
            case Connect():
                self._wanted.set()

    async def restart(self, fate: StoreFate, lost: int, down_ns: int) -> None:
        """Die, and start again."""
        self._stores.crash(fate, lost)
        await self._die()
        await asyncio.sleep(down_ns / 1e9)
        self._session = self._new_session()
        await self.start()

    async def _die(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        if self._endpoint is not None:
            self._endpoint.abort()
            await self._gone.wait()
            self._endpoint = None

    async def end(self) -> None:
        """Run no longer."""
        await self._die()


async def _soon(wait: Awaitable[object]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(RETRY_S):
            await wait


def _giving(endpoint: Endpoint) -> Callable[[], asyncio.Protocol]:
    return lambda: endpoint
