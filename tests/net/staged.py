"""A venue with stages in virtual time, and a desk that speaks in literals."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from fixgate.net import Address, Gateway, GatewaySettings, ListenSettings, VenueSession
from fixgate.net.stages import StagePassed
from fixgate.scenario.memory import KeptStores
from fixgate.scenario.virtual import Pipe, VirtualLoop
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.venue import Instrument, VenueSettings
from fixgate.venue.stages import VenueStages
from tests.fixtext import fix

MS = 1_000_000
SECOND = 1000 * MS
START = 1_767_607_200 * SECOND  # 2026-01-05 10:00:00 UTC
PORT = 5001

ABC, XYZ = Instrument("ABC"), Instrument("XYZ")


def session(theirs: str, begin: str = "FIX.4.4") -> VenueSession:
    settings = SessionSettings(
        SessionId(begin, "VENUE", theirs),
        Role.ACCEPTOR,
        default_appl_ver_id="9" if begin == "FIXT.1.1" else None,
        timestamp_digits=6,
    )
    return VenueSession(theirs, settings)


def settings(stages: VenueStages | None, **venue: object) -> GatewaySettings:
    """A venue without liquidity, whose sessions are DESK, OTHER and MODERN (FIX 5.0 SP2)."""
    sessions = (session("DESK"), session("OTHER"), session("MODERN", "FIXT.1.1"))
    return GatewaySettings(
        name="slow",
        listen=(ListenSettings(Address("127.0.0.1", PORT)),),
        template=sessions[0].session,
        sessions=sessions,
        venue=VenueSettings(instruments=(ABC, XYZ), liquidity_levels=0, **venue),
        busy_poll_ns=0,
        stages=stages,
    )


class Desk(asyncio.Protocol):
    """Sends literals, and writes down what comes: the millisecond, MsgType(35) and a name."""

    def __init__(self, loop: VirtualLoop, name: str, begin: str = "FIX.4.4"):
        self.loop, self.name, self.begin = loop, name, begin
        self.number = 0
        self.messages: list[bytes] = []
        self.heard: list[tuple[float, str]] = []
        self.ended: str | None = None
        self.pipe: Pipe

    async def connect(self, *, number: int = 0, extra: str = ""):
        self.number = number
        self.pipe = await self.loop.dial(PORT)
        self.pipe.attach(self)
        version = "|1137=9" if self.begin == "FIXT.1.1" else ""
        self.say(f"35=A|98=0|108=30{version}{extra}")
        return self

    def write(self, *bodies: str) -> bytes:
        data = b""
        for body in bodies:
            self.number += 1
            at = datetime.fromtimestamp(0, UTC) + timedelta(
                microseconds=(START + self.loop.now_ns) // 1000
            )
            kind, _, rest = body.partition("|")
            stamp = at.strftime("%Y%m%d-%H:%M:%S.%f")
            head = f"{kind}|34={self.number}|49={self.name}|52={stamp}|56=VENUE|"
            data += fix(head + rest, self.begin)
        return data

    def say(self, *bodies: str):
        self.pipe.write(self.write(*bodies))

    def order(self, name: str, symbol: str = "ABC", side: int = 1):
        self.say(order(name, symbol, side))

    def data_received(self, data: bytes):
        for part in data.split(b"8=FIX")[1:]:
            message = b"8=FIX" + part
            self.messages.append(message)
            fields = dict(each.split(b"=", 1) for each in message.split(b"\x01")[:-1])
            name = fields.get(b"11") or fields.get(b"112") or b""
            status = fields.get(b"39", b"") if fields[b"35"] == b"8" else b""
            shown = b" ".join(each for each in (fields[b"35"], name, status) if each).decode()
            self.heard.append((self.loop.now_ns / MS, shown))

    def eof_received(self):
        self.ended = "FIN"
        return True

    def connection_lost(self, exc):
        self.ended = self.ended or ("closed" if exc is None else type(exc).__name__)

    def taken(self) -> list[tuple[float, str]]:
        """What has been heard since this was asked last."""
        found, self.heard = self.heard, []
        return found

    def field(self, tag: int, message: int = -1) -> str | None:
        start = b"\x01%d=" % tag
        _, found, rest = self.messages[message].partition(start)
        return rest.split(b"\x01")[0].decode() if found else None


def order(name: str, symbol: str = "ABC", side: int = 1, price: int = 100) -> str:
    return (
        f"35=D|11={name}|21=1|38=5|40=2|44={price}|54={side}|55={symbol}|60=20260105-10:00:00.000|"
    )


def cancel(name: str, orig: str, symbol: str = "ABC") -> str:
    return f"35=F|11={name}|38=5|41={orig}|54=1|55={symbol}|60=20260105-10:00:00.000|"


class World:
    """The venue, its network without latency, and the truth about its stages."""

    def __init__(self, loop: VirtualLoop, stages: VenueStages | None, **venue: object):
        self.loop = loop
        self.truth: list[StagePassed] = []
        self.stores = KeptStores()
        self.settings = settings(stages, **venue)
        self.gateway = self.new_gateway()

    def new_gateway(self) -> Gateway:
        clock = self.loop.clock()
        return Gateway(self.settings, clock=clock, stores=self.stores, truth=self.truth.append)

    async def desk(self, name: str = "DESK", begin: str = "FIX.4.4") -> Desk:
        """Somebody who is logged on, and has heard nothing yet."""
        desk = await Desk(self.loop, name, begin).connect()
        await asyncio.sleep(10)
        assert [what for _, what in desk.taken()] == ["A"]
        return desk

    def passed(self, *fields: str) -> list[tuple[object, ...]]:
        """The truth since this was asked last; instants in milliseconds of the world."""
        found = [
            tuple(_shown(field, getattr(each, field)) for field in fields) for each in self.truth
        ]
        self.truth.clear()
        return found


def _shown(field: str, value: object) -> object:
    if field == "stage":
        return value.value
    return (value - START) / MS if field.endswith("_ns") and value is not None else value


def play(
    test: Callable[[World], Awaitable[None]], stages: VenueStages | None, **venue: object
) -> World:
    """Run a test in virtual time against a venue with stages; it ends in order."""
    loop = VirtualLoop(START, latency_ns=0)

    async def main() -> World:
        world = World(loop, stages, **venue)
        await world.gateway.start()
        try:
            await test(world)
        finally:
            await world.gateway.stop()
        return world

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main())
