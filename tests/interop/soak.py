"""Random but legal traffic between QuickFIX and us, and what both ends must agree on afterwards.

Every choice is drawn from one `random.Random`. What the two processes and the network make of it
differs from run to run; what must hold in the end does not.
"""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from fixgate.history import History
from fixgate.interop import (
    Disconnect,
    EventKind,
    LogOn,
    LogOut,
    PeerEvent,
    PeerSession,
    QuickFixPeer,
    Send,
)
from fixgate.interop.compose import body_fields
from fixgate.net import Address, Clock, Gateway, Opened, SessionConnection, connect_tcp, resolve
from fixgate.session.events import AppMessage
from fixgate.session.phase import Phase
from fixgate.session.session import Session
from fixgate.session.store import MemoryStore, Store
from fixgate.session.validation import validator_of
from fixgate.venue import Venue
from fixgate.wire.frame import decode
from fixgate.wire.tags import ADMIN_MSG_TYPES
from tests.interop.rig import SECOND, body, cancel, new_order, ours_of

Carried = tuple[int, str, str]
"""An application message: MsgSeqNum(34), MsgType(35), and what identifies it."""

AGREE_S = 30


def carried(get: Callable[[int], str | None]) -> Carried:
    msg_type = get(35) or ""
    return int(get(34) or 0), msg_type, get(17 if msg_type == "8" else 11) or ""


def of_message(message) -> Carried:
    return carried(lambda tag: None if (v := message.get(tag)) is None else v.decode("latin-1"))


class Theirs:
    """QuickFIX's end of a session, from its callbacks."""

    def __init__(self) -> None:
        self.up = False
        self.sent: list[Carried] = []
        self.received: list[Carried] = []

    def take(self, event: PeerEvent) -> None:
        match event.kind:
            case EventKind.LOGON:
                self.up = True
            case EventKind.LOGOUT:
                self.up = False
            case EventKind.TO_APP if event.field(43) != "Y":
                self.sent.append(carried(event.field))
            case EventKind.FROM_APP:
                self.received.append(carried(event.field))


class Recorder:
    """A venue that notes what reaches it."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.received: dict[str, list[Carried]] = {}

    def logged_on(self, client, now_ns):
        return self.venue.logged_on(client, now_ns)

    def logged_out(self, client, now_ns):
        return self.venue.logged_out(client, now_ns)

    def on_message(self, client, message, now_ns, *, poss_resend=False):
        self.received.setdefault(client.key, []).append(of_message(message))
        return self.venue.on_message(client, message, now_ns, poss_resend=poss_resend)


class End(ABC):
    """Our end of a session: how it is moved, and what it has seen."""

    received: list[Carried]

    @property
    @abstractmethod
    def store(self) -> Store: ...

    @abstractmethod
    def up(self) -> bool: ...

    @abstractmethod
    async def connect(self) -> None:
        """Open the connection, where that is ours to do."""

    @abstractmethod
    def test_request(self, name: bytes) -> None: ...

    @abstractmethod
    def logout(self) -> None: ...

    @abstractmethod
    def drop(self) -> None: ...

    def sent(self) -> Iterator[Carried]:
        for _, raw in self.store.messages(1, self.store.next_out - 1):
            message = decode(raw)
            if message.msg_type not in ADMIN_MSG_TYPES:
                yield of_message(message)


class AcceptorEnd(End):
    """A session of our gateway's."""

    def __init__(self, gateway: Gateway, recorder: Recorder, session: PeerSession) -> None:
        begin_string = session.version.begin_string
        (self.party,) = (
            party
            for party in gateway.roster
            if (party.session.settings.id.begin_string, party.session.settings.id.theirs)
            == (begin_string, session.ours)
        )
        self.recorder = recorder

    @property
    def received(self) -> list[Carried]:
        return self.recorder.received.get(self.party.client.key, [])

    @property
    def store(self) -> Store:
        return self.party.session.store

    def up(self) -> bool:
        return self.party.logged_on

    async def connect(self) -> None:
        """QuickFIX does."""

    def test_request(self, name: bytes) -> None:
        session = self.party.session
        if session.phase is Phase.ACTIVE and self.party.endpoint is not None:
            self.party.endpoint.turn(lambda now_ns: session.test_request(name, now_ns))

    def logout(self) -> None:
        if self.party.endpoint is not None:
            self.party.endpoint.logout("a pause", Clock().now_ns())

    def drop(self) -> None:
        if self.party.endpoint is not None:
            self.party.endpoint.abort()


class InitiatorEnd(End):
    """A session that we open."""

    def __init__(self, peer: QuickFixPeer, session: PeerSession) -> None:
        self.peer = peer
        self.settings = ours_of(session)
        self.clock = Clock()
        self.received = []
        self._store = MemoryStore()
        self.session = Session(self.settings, self._store, validator_of(self.settings), History())
        self.connection: SessionConnection | None = None
        self.reader: asyncio.Task[None] | None = None

    @property
    def store(self) -> Store:
        return self._store

    def up(self) -> bool:
        return self.connection is not None and self.connection.active

    async def connect(self) -> None:
        if self.reader is not None:
            await self.reader
        history = History()
        self.session = Session(self.settings, self._store, validator_of(self.settings), history)
        self.connection = SessionConnection(self.session, self.clock, history)
        addresses = await resolve(Address("127.0.0.1", self.peer.port))
        opened = await connect_tcp(addresses, timeout_ns=SECOND, clock=self.clock)
        assert isinstance(opened, Opened), opened
        await self.connection.start(opened)
        self.reader = asyncio.create_task(self._read(self.connection))

    async def _read(self, connection: SessionConnection) -> None:
        while (found := await connection.next_event()) is not None:
            if isinstance(found[1], AppMessage):
                self.received.append(of_message(found[1].message))

    def send(self, msg_type: bytes, fields: bytes) -> None:
        if self.connection is not None:
            self.connection.send(msg_type, fields)
        else:
            self.session.send(msg_type, fields, self.clock.now_ns())

    def test_request(self, name: bytes) -> None:
        if self.connection is not None and self.session.phase is Phase.ACTIVE:
            self.connection.test_request(name)

    def logout(self) -> None:
        if self.connection is not None:
            self.connection.logout("a pause")

    def drop(self) -> None:
        if self.connection is not None:
            self.connection.abort()


class Soak:
    """One session under random traffic.

    Args:
        choose: Where every choice comes from.
        peer: QuickFIX.
        session: The session, from QuickFIX's side.
        ours: Our end; the initiator's end trades.
        theirs: QuickFIX's end, fed by the peer's events.
    """

    def __init__(
        self,
        choose: random.Random,
        peer: QuickFixPeer,
        session: PeerSession,
        ours: End,
        theirs: Theirs,
    ) -> None:
        self.choose = choose
        self.peer = peer
        self.session = session
        self.ours = ours
        self.theirs = theirs
        self.orders: list[str] = []
        self.count = 0
        self.drops = 0

    async def step(self) -> None:
        """Do one random thing."""
        if not (self.ours.up() and self.theirs.up) and self.choose.random() < 0.4:
            await self.log_on()
            return
        acts = {
            self.trade: 60,
            self.question: 12,
            self.resend_request: 6,
            self.catch_up: 8,
            self.drop: 4,
            self.log_out: 3,
        }
        (act,) = self.choose.choices(list(acts), list(acts.values()))
        await act()
        if self.choose.random() < 0.3:
            await asyncio.sleep(0)

    # What may happen.

    async def trade(self) -> None:
        """A burst of orders, cancels and replaces, also while nobody is there."""
        for _ in range(self.choose.randint(1, 8)):
            self.count += 1
            name = f"{self.session.ours}{self.session.theirs}{self.count}"
            kind = self.choose.choice("DDDFG")
            if kind == "D" or not self.orders:
                self.orders.append(name)
                self._send("D", self._order(name))
            elif kind == "F":
                orig = self.choose.choice(self.orders)
                self._send("F", cancel(self.session.version, name, orig))
            else:
                orig = self.choose.choice(self.orders)
                self._send("G", self._order(name) + body(f"41={orig}|"))

    def _order(self, name: str) -> bytes:
        side, price = self.choose.choice("12"), self.choose.randint(80, 120)
        text = new_order(self.session.version, name).decode("ascii").replace("\x01", "|")
        return body(text.replace("|54=1|", f"|54={side}|").replace("|44=90|", f"|44={price}|"))

    def _send(self, msg_type: str, fields: bytes) -> None:
        if isinstance(self.ours, InitiatorEnd):
            self.ours.send(msg_type.encode("ascii"), fields)
        else:
            self.peer.tell(Send(str(self.session), msg_type, body_fields(fields)))

    async def question(self) -> None:
        """A TestRequest from either end."""
        self.count += 1
        if self.choose.random() < 0.5:
            self.ours.test_request(b"ours-%d" % self.count)
        elif self.theirs.up:
            self.peer.tell(Send(str(self.session), "1", ((112, f"theirs-{self.count}"),)))

    async def resend_request(self) -> None:
        """QuickFIX asks again for what it has had."""
        if self.theirs.up:
            begin = self.choose.randint(1, max(self.ours.store.next_out - 1, 1))
            end = self.choose.choice((0, begin, begin + 3))
            if end < self.ours.store.next_out:
                self.peer.tell(Send(str(self.session), "2", ((7, str(begin)), (16, str(end)))))

    async def catch_up(self) -> None:
        """Wait until QuickFIX has obeyed so far."""
        await self._numbers()

    async def drop(self) -> None:
        """The connection breaks, at either end."""
        self.drops += 1
        if self.choose.random() < 0.5:
            self.ours.drop()
        else:
            self.peer.tell(Disconnect(str(self.session)))

    async def log_out(self) -> None:
        """Either end, or both at once, log out."""
        who = self.choose.choice(("ours", "theirs", "both"))
        if who != "theirs":
            self.ours.logout()
        if who != "ours":
            self.peer.tell(LogOut(str(self.session), "a pause"))

    # Coming back.

    async def log_on(self) -> None:
        """Connect again, wherever the last connection is in coming to its end."""
        async with asyncio.timeout(AGREE_S):
            while not (self.ours.up() and self.theirs.up):
                self.ours.drop()
                self.peer.tell(Disconnect(str(self.session)))
                await self._until(lambda: not (self.ours.up() or self.theirs.up))
                self.peer.tell(LogOn(str(self.session)))
                await self.ours.connect()
                await self._until(lambda: self.ours.up() and self.theirs.up, patience=200)

    async def _until(self, wanted: Callable[[], bool], patience: int = 5000) -> None:
        """Let both ends get on, a round trip of the pipe at a time, until it is so."""
        for _ in range(patience):
            if wanted():
                return
            await self.peer.numbers(str(self.session))

    # The end.

    async def agree(self) -> None:
        """Both ends have the same view in the end, a TestRequest each way after the last Logon.

        QuickFIX takes a Logon that was ahead from its queue, and then ignores the GapFill that
        begins with it: what else the fill covers it asks for when the next message comes.
        """
        try:
            async with asyncio.timeout(AGREE_S):
                while self._differences(await self._numbers()):
                    await self.log_on()
                    self.count += 1
                    self.ours.test_request(b"ours-%d" % self.count)
                    self.peer.tell(Send(str(self.session), "1", ((112, f"theirs-{self.count}"),)))
                    await self._until(lambda: False, patience=20)
        except TimeoutError:
            raise AssertionError("\n".join(self._differences(await self._numbers()))) from None

    async def _numbers(self) -> tuple[int, int]:
        return await self.peer.numbers(str(self.session))

    def _differences(self, numbers: tuple[int, int]) -> list[str]:
        store = self.ours.store
        found = []
        if numbers != (store.next_in, store.next_out):
            found.append(f"theirs {numbers}, ours {(store.next_in, store.next_out)}")
        views = (
            ("QuickFIX to us", self.theirs.sent, self.ours.received),
            ("us to QuickFIX", list(self.ours.sent()), self.theirs.received),
        )
        for way, sent, received in views:
            if sent != received:
                at = next(
                    (i for i, (a, b) in enumerate(zip(sent, received)) if a != b),  # noqa: B905
                    min(len(sent), len(received)),
                )
                found.append(
                    f"{way}, {len(sent)} sent and {len(received)} received, differ at {at}: "
                    f"sent {sent[at : at + 3]}, received {received[at : at + 3]}"
                )
        return found
