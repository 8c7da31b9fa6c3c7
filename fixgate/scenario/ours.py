"""The actors that fixgate plays: a client or a whole venue, with conformant sessions.

What they do wrong is done by faults on their connections, or by steps that write beside the
session. Both kinds take the same commands; they differ in who connects to whom.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from fixgate.errors import FixgateError
from fixgate.faults import ArmedFault, Dice
from fixgate.history import History
from fixgate.net.clock import Clock
from fixgate.net.endpoint import Endpoint
from fixgate.net.gateway import Gateway
from fixgate.net.settings import Address, GatewaySettings, ListenSettings, VenueSession
from fixgate.scenario.connections import Connections
from fixgate.scenario.crafted import Fields, beside, filled
from fixgate.scenario.memory import ActorStores
from fixgate.scenario.steps import HowClosed, StoreFate
from fixgate.scenario.tap import Record
from fixgate.scenario.unmet import NotPossibleError
from fixgate.session.session import Session
from fixgate.session.settings import SessionSettings
from fixgate.session.store import Store
from fixgate.session.validation import validator_of
from fixgate.wire.tags import Tag

__all__ = ["Dial", "OurClient", "OurVenue", "Ours"]

_PATIENCE_NS = 3_600_000_000_000
"""The scenario's deadlines rule, not those of our own session."""

_MAX_WRITE_BUFFER = 4 * 1024 * 1024
_FAREWELL_S = 1.0

Dial = Callable[[Callable[[], asyncio.Protocol]], Awaitable[object]]
"""Opens a connection for a protocol; raises `OSError` when that fails."""


class Ours(Protocol):
    """An actor that fixgate plays."""

    async def connect(self, *, logon: bool) -> None:
        """Connect, or let clients connect from now on.

        Raises:
            NotPossibleError: It fails.
        """

    def disconnect(self, how: HowClosed) -> None:
        """End the connection without a Logout."""

    def logout(self, text: str) -> None:
        """Send a Logout."""

    def send(self, msg_type: bytes, fields: Fields) -> bytes:
        """Send a message, beside the session if it has MsgSeqNum(34); return it.

        Raises:
            NotPossibleError: There is no connection to write to, or no session.
        """

    def send_raw(self, data: bytes) -> bytes:
        """Write bytes beside the session; return them.

        Raises:
            NotPossibleError: There is no connection.
        """

    def set_numbers(self, next_out: int | None, next_in: int | None) -> None:
        """Set the session's numbers."""

    def arm(self, armed: ArmedFault) -> None:
        """Let something go wrong on its connections, now and from now on.

        Raises:
            NotPossibleError: A fault of that name is armed.
        """

    def clear(self, name: str) -> None:
        """Let a fault, or with an empty name all of them, go wrong no more."""

    async def restart(self, fate: StoreFate, lost: int, down_ns: int) -> None:
        """End as a killed process does, and start again; a venue listens again.

        Raises:
            NotPossibleError: It fails.
        """

    async def end(self) -> None:
        """Log out what is up, and let go of everything."""


def _patient(settings: SessionSettings) -> SessionSettings:
    return replace(
        settings, observe=True, logon_timeout_ns=_PATIENCE_NS, logout_timeout_ns=_PATIENCE_NS
    )


class OurClient:
    """A client of a venue under test.

    Args:
        name: The actor's.
        settings: Its session's.
        clock: The world's.
        dial: Connects to the venue.
        record: Gets what happens.
        stores: Its store, which may be older than this run.
        dice: Of its faults.
    """

    def __init__(
        self,
        name: str,
        settings: SessionSettings,
        clock: Clock,
        dial: Dial,
        record: Record,
        stores: ActorStores,
        dice: Dice,
    ) -> None:
        self._settings = _patient(settings)
        self._clock = clock
        self._dial = dial
        self._stores = stores
        self._connections = Connections(name, clock, record, dice)
        self._endpoint: Endpoint | None = None
        self._gone = asyncio.Event()
        self._gone.set()
        self._session = self._new_session()

    def _new_session(self) -> Session:
        settings = self._settings
        store = self._stores.open(settings.id, self._clock.now_ns())
        return Session(settings, store, validator_of(settings), History(limit=0))

    async def connect(self, *, logon: bool) -> None:
        """Connect; the session logs on by itself unless ``logon`` is ``False``."""
        if self._connections.ended:
            await self._gone.wait()
        if self._endpoint is not None:
            raise NotPossibleError("it is connected already")
        above = self._with_session() if logon else asyncio.Protocol()
        try:
            await self._dial(lambda: self._connections.wrap(above))
        except OSError as error:
            self._endpoint = None
            self._gone.set()
            why = os.strerror(error.errno) if error.errno else str(error)
            raise NotPossibleError(f"no connection: {why}") from error

    def _with_session(self) -> Endpoint:
        self._endpoint = Endpoint(
            self._session,
            self._clock,
            on_events=lambda events, now_ns: None,
            on_closed=lambda closed, now_ns: self._on_closed(),
            history=History(limit=0),
            max_write_buffer=_MAX_WRITE_BUFFER,
        )
        self._gone.clear()
        return self._endpoint

    def _on_closed(self) -> None:
        self._endpoint = None
        self._gone.set()

    def disconnect(self, how: HowClosed) -> None:
        """End the connection."""
        self._connections.disconnect(how)

    def logout(self, text: str) -> None:
        """Send a Logout."""
        if self._endpoint is None:
            raise NotPossibleError("there is no session to log out of")
        self._endpoint.logout(text, self._clock.now_ns())

    def send(self, msg_type: bytes, fields: Fields) -> bytes:
        """Send a message."""
        now_ns, store = self._clock.now_ns(), self._session.store
        if any(tag == Tag.MsgSeqNum for tag, _ in fields):
            number = store.next_out
            return self.send_raw(beside(self._settings.id, msg_type, fields, number, now_ns))
        if self._endpoint is None:
            # A connection without a session: the number is taken, and nobody keeps the message.
            number = store.next_out
            numbered = (*fields, (Tag.MsgSeqNum, b"%d" % number))
            sent = self.send_raw(beside(self._settings.id, msg_type, numbered, number, now_ns))
            store.set_next_out(number + 1, now_ns)
            return sent
        return self._connections.send(self._session, self._endpoint, now_ns, msg_type, fields)

    def send_raw(self, data: bytes) -> bytes:
        """Write bytes."""
        store = self._session.store
        data = filled(data, self._settings.id, store.next_out, self._clock.now_ns())
        self._connections.write(data)
        return data

    def set_numbers(self, next_out: int | None, next_in: int | None) -> None:
        """Set the session's numbers."""
        _set_numbers(self._session.store, next_out, next_in)

    def arm(self, armed: ArmedFault) -> None:
        """Let something go wrong."""
        self._connections.arm(armed)

    def clear(self, name: str) -> None:
        """Let it go wrong no more."""
        self._connections.faults.clear(name)

    async def restart(self, fate: StoreFate, lost: int, down_ns: int) -> None:
        """End as a killed process does; the next `connect` is the new one's."""
        self._stores.crash(fate, lost)
        self._connections.close()
        await self._gone.wait()
        await asyncio.sleep(down_ns / 1e9)
        self._session = self._new_session()

    async def end(self) -> None:
        """Log out, and let go; nothing goes wrong any more."""
        self._connections.faults.clear()
        if self._endpoint is not None:
            self._endpoint.logout("", self._clock.now_ns())
            await _within(self._gone.wait(), _FAREWELL_S)
        self._connections.abort()
        await _within(self._gone.wait(), _FAREWELL_S)


class OurVenue:
    """A venue for a client under test.

    Args:
        name: The actor's.
        settings: The venue's.
        address: Where it listens.
        clock: The world's.
        record: Gets what happens.
        stores: Its stores.
        dice: Of its faults.
    """

    def __init__(
        self,
        name: str,
        settings: GatewaySettings,
        address: Address,
        clock: Clock,
        record: Record,
        stores: ActorStores,
        dice: Dice,
    ) -> None:
        listen = tuple(replace(each, address=address) for each in settings.listen[:1])
        self._settings = replace(
            settings,
            listen=listen or (ListenSettings(address),),
            sessions=tuple(map(_observing, settings.sessions)),
            template=_patient(settings.template),
            busy_poll_ns=0,
        )
        self._clock = clock
        self._stores = stores
        self._connections = Connections(name, clock, record, dice)
        self._gateway: Gateway | None = None

    async def connect(self, *, logon: bool) -> None:
        """Listen from now on."""
        if self._gateway is not None:
            return
        gateway = Gateway(
            self._settings, clock=self._clock, line=self._connections.wrap, stores=self._stores
        )
        try:
            await gateway.start()
        except FixgateError as error:
            raise NotPossibleError(str(error)) from error
        self._gateway = gateway

    def disconnect(self, how: HowClosed) -> None:
        """End the connection."""
        self._connections.disconnect(how)

    def logout(self, text: str) -> None:
        """Send a Logout."""
        endpoint = self._endpoint()
        if endpoint is None:
            raise NotPossibleError("nobody is logged on")
        endpoint.logout(text, self._clock.now_ns())

    def _session(self) -> Session:
        parties = tuple(self._gateway.roster) if self._gateway is not None else ()
        for party in (*(each for each in parties if each.endpoint is not None), *parties):
            return party.session
        raise NotPossibleError("the venue does not run, or knows nobody")

    def _endpoint(self) -> Endpoint | None:
        parties = self._gateway.roster if self._gateway is not None else ()
        return next((each.endpoint for each in parties if each.endpoint is not None), None)

    def send(self, msg_type: bytes, fields: Fields) -> bytes:
        """Send a message."""
        now_ns, session = self._clock.now_ns(), self._session()
        if any(tag == Tag.MsgSeqNum for tag, _ in fields):
            next_out = session.store.next_out
            return self.send_raw(beside(session.settings.id, msg_type, fields, next_out, now_ns))
        return self._connections.send(session, self._endpoint(), now_ns, msg_type, fields)

    def send_raw(self, data: bytes) -> bytes:
        """Write bytes."""
        session = self._session()
        data = filled(data, session.settings.id, session.store.next_out, self._clock.now_ns())
        self._connections.write(data)
        return data

    def set_numbers(self, next_out: int | None, next_in: int | None) -> None:
        """Set the session's numbers; of all that it knows, before it runs."""
        if self._gateway is not None:
            _set_numbers(self._session().store, next_out, next_in)
            return
        for known in self._settings.sessions:
            store = self._stores.open(known.session.id, self._clock.now_ns())
            _set_numbers(store, next_out, next_in)

    def arm(self, armed: ArmedFault) -> None:
        """Let something go wrong."""
        self._connections.arm(armed)

    def clear(self, name: str) -> None:
        """Let it go wrong no more."""
        self._connections.faults.clear(name)

    async def restart(self, fate: StoreFate, lost: int, down_ns: int) -> None:
        """End as a killed process does, and listen again."""
        self._stores.crash(fate, lost)
        if self._gateway is not None:
            self._gateway.kill()
            self._gateway = None
        await asyncio.sleep(down_ns / 1e9)
        await self.connect(logon=True)

    async def end(self) -> None:
        """Log everybody out, and let go; nothing goes wrong any more."""
        self._connections.faults.clear()
        if self._gateway is not None:
            await self._gateway.stop("the scenario has ended", wait_ns=int(_FAREWELL_S * 1e9))
            self._gateway = None
        self._connections.abort()


def _observing(known: VenueSession) -> VenueSession:
    return replace(known, session=_patient(known.session))


def _set_numbers(store: Store, next_out: int | None, next_in: int | None) -> None:
    out = store.next_out if next_out is None else next_out
    in_ = store.next_in if next_in is None else next_in
    if out < store.next_out:
        # Back: what was sent under those numbers belongs to another history.
        store.reset(store.since_ns)
    store.set_next_out(out, 0)
    store.set_next_in(in_, 0)


async def _within(wait: Awaitable[object], seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wait
