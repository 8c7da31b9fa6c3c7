"""Both ends of an interoperability test: QuickFIX in its process, and ours in this one."""

from __future__ import annotations

import asyncio
import contextlib
import datetime

from fixgate.dictionary import FixVersion, validator_for
from fixgate.history import History
from fixgate.interop import EventKind, PeerRole, PeerSession, PeerSettings, QuickFixPeer
from fixgate.net import (
    Address,
    Clock,
    ConnectionClosed,
    Gateway,
    GatewaySettings,
    ListenSettings,
    Opened,
    SessionConnection,
    StoreSettings,
    connect_tcp,
    resolve,
)
from fixgate.session.session import Session
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.store import MemoryStore
from fixgate.venue import VenueSettings

SECOND = 1_000_000_000
LOOPBACK = Address("127.0.0.1", 0)
ADMIN_COMPLAINTS = ("3", "j")


def utc(digits: int = 0) -> str:
    now = datetime.datetime.now(datetime.UTC)
    return now.strftime("%Y%m%d-%H:%M:%S") + (f".{now.microsecond // 1000:03}" if digits else "")


def body(text: str) -> bytes:
    """``11=a|55=ABC|`` as bytes."""
    return text.replace("|", "\x01").encode("ascii")


def complaints(peer: QuickFixPeer) -> list[bytes]:
    """Every Reject and BusinessMessageReject that went either way."""
    return [event.message for event in peer.events if event.msg_type in ADMIN_COMPLAINTS]


def seen(peer: QuickFixPeer, kind: EventKind, msg_type: str) -> list:
    return [e for e in peer.events if e.kind is kind and e.msg_type == msg_type]


# QuickFIX connects to our gateway.


@contextlib.asynccontextmanager
async def venue(folder=None, **kwargs):
    """A gateway that takes anybody, without liquidity of its own; stopped in the end."""
    template = SessionSettings(SessionId("FIX.4.4", "VENUE", "ANYONE"), Role.ACCEPTOR)
    kwargs.setdefault("accept_any", True)
    settings = GatewaySettings(
        "test venue",
        listen=(ListenSettings(LOOPBACK),),
        template=template,
        store=StoreSettings(folder),
        venue=VenueSettings(liquidity_levels=0),
        **kwargs,
    )
    gateway = Gateway(settings)
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


@contextlib.asynccontextmanager
async def client(gateway: Gateway, folder, *sessions: PeerSession, **kwargs):
    """QuickFIX as an initiator of the gateway's."""
    settings = PeerSettings(
        PeerRole.INITIATOR, sessions, folder, port=gateway.addresses[0].port, **kwargs
    )
    async with await QuickFixPeer.start(settings) as peer:
        yield peer


def party(gateway: Gateway, session: PeerSession):
    """The gateway's side of a session of QuickFIX's."""
    begin_string = session.version.begin_string
    for each in gateway.roster:
        if each.session.settings.id == SessionId(begin_string, session.theirs, session.ours):
            return each
    raise AssertionError(f"the gateway does not know {session}")


async def agree(peer: QuickFixPeer, session: PeerSession, ours: Session) -> tuple[int, int]:
    """Both ends have the same numbers; return QuickFIX's next out and next in."""
    numbers = await peer.numbers(str(session))
    assert numbers == (ours.store.next_in, ours.store.next_out), session
    return numbers


# We connect to QuickFIX.


@contextlib.asynccontextmanager
async def acceptor(folder, *sessions: PeerSession, **kwargs):
    """QuickFIX as an acceptor."""
    async with await QuickFixPeer.start(
        PeerSettings(PeerRole.ACCEPTOR, sessions, folder, **kwargs)
    ) as peer:
        yield peer


class Ours:
    """Our initiator's session with QuickFIX, and everything that it told."""

    def __init__(self, connection: SessionConnection) -> None:
        self.connection = connection
        self.events: list = []

    @property
    def session(self) -> Session:
        return self.connection.session

    async def until(self, kind: type, **fields):
        """Wait for an event of a kind with these values."""
        async with asyncio.timeout(5):
            while found := await self.connection.next_event():
                event = found[1]
                self.events.append(event)
                if isinstance(event, kind) and all(
                    getattr(event, name) == value for name, value in fields.items()
                ):
                    return event
        raise AssertionError(f"closed before {kind.__name__} {fields}: {self.events}")

    async def closed(self) -> ConnectionClosed:
        """Wait for the connection's end and take what was told until then."""
        async with asyncio.timeout(5):
            while found := await self.connection.next_event():
                self.events.append(found[1])
            return await self.connection.closed

    def told(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]


def ours_of(session: PeerSession, **kwargs) -> SessionSettings:
    """Our settings for a session of QuickFIX's."""
    version = session.version
    identity = SessionId(version.begin_string, session.theirs, session.ours)
    return SessionSettings(
        identity, Role.INITIATOR, default_appl_ver_id=version.appl_ver_id, **kwargs
    )


@contextlib.asynccontextmanager
async def connected(peer: QuickFixPeer, session: PeerSession, *, store=None, **kwargs):
    """Our initiator on a new connection to QuickFIX, its Logon sent; cut off in the end."""
    settings, clock, history = ours_of(session, **kwargs), Clock(), History()
    identity = settings.id
    validator = validator_for(identity.begin_string, settings.default_appl_ver_id)
    store = MemoryStore() if store is None else store
    ours = Session(settings, store, validator, history)
    connection = SessionConnection(ours, clock, history)
    addresses = await resolve(Address("127.0.0.1", peer.port))
    opened = await connect_tcp(addresses, timeout_ns=SECOND, clock=clock)
    assert isinstance(opened, Opened)
    await connection.start(opened)
    try:
        yield Ours(connection)
    finally:
        connection.abort()
        async with asyncio.timeout(2):
            await connection.closed


def new_order(version: FixVersion, cl_ord_id: str) -> bytes:
    """A NewOrderSingle(D) as the version wants it, written by hand."""
    handl_inst = "21=1|" if version.order <= FixVersion.FIX43.order else ""
    transact_time = "" if version.order <= FixVersion.FIX41.order else f"60={utc()}|"
    return body(f"11={cl_ord_id}|{handl_inst}55=ABC|54=1|{transact_time}38=10|40=2|44=90|")


def cancel(version: FixVersion, cl_ord_id: str, orig: str) -> bytes:
    """An OrderCancelRequest(F) as the version wants it, written by hand."""
    cancel_type = "125=F|" if version is FixVersion.FIX40 else ""
    transact_time = "" if version.order <= FixVersion.FIX41.order else f"60={utc()}|"
    return body(f"41={orig}|11={cl_ord_id}|{cancel_type}55=ABC|54=1|{transact_time}38=10|")
