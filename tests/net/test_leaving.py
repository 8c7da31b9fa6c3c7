"""A connection that is left without a word: nothing goes out, and what comes is overheard."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from fixgate.dictionary import validator_for
from fixgate.history import History
from fixgate.net import Clock
from fixgate.net.events import CloseReason, ConnectionClosed
from fixgate.net.initiator import SessionConnection
from fixgate.net.opening import Opened, SocketAddress
from fixgate.scenario.virtual import VirtualLoop
from fixgate.session.events import LoggedOn
from fixgate.session.session import Session
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.store import MemoryStore
from tests.fixtext import fix

START = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()) * 10**9
PORT = 5001


class Peer(asyncio.Protocol):
    """Answers the Logon, keeps what it reads, and writes what a test wants."""

    def __init__(self) -> None:
        self.read = b""
        self.ended: object = "not yet"
        self.eof = False

    def connection_made(self, transport) -> None:
        self.pipe = transport

    def data_received(self, data: bytes) -> None:
        self.read += data
        if b"\x0135=A\x01" in data:
            self.say("35=A|34=1|98=0|108=2")

    def say(self, body: str) -> None:
        kind, number, *rest = body.split("|")
        at = "52=20260302-09:00:00.000"
        self.pipe.write(fix("|".join((kind, number, "49=VENUE", "56=DESK", at, *rest))))

    def eof_received(self) -> bool:
        self.eof = True
        return True

    def connection_lost(self, exc) -> None:
        self.ended = exc


class Stage:
    """Our session, up, and its peer."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.peer = Peer()
        self.history = History()
        self.clock: Clock = loop.clock()
        self.store = MemoryStore()
        settings = SessionSettings(
            SessionId("FIX.4.4", "DESK", "VENUE"), Role.INITIATOR, heartbeat_s=2, observe=True,
            sending_time_tolerance_ns=10**18,
        )  # fmt: skip
        session = Session(settings, self.store, validator_for("FIX.4.4", None), self.history)
        self.line = SessionConnection(session, self.clock, self.history)
        self.heard = b""

    async def up(self) -> Stage:
        await self.loop.create_server(lambda: self.peer, "127.0.0.1", PORT)
        await self.connect(self.line)
        return self

    async def connect(self, line: SessionConnection) -> None:
        pipe = await self.loop.dial(PORT)
        address = SocketAddress(0, "127.0.0.1", PORT, ())
        await line.start(Opened(pipe, address))  # type: ignore[arg-type]
        while (found := await line.next_event()) is not None:
            if isinstance(found[1], LoggedOn):
                return
        raise AssertionError("not let in")

    def hear(self, data: bytes) -> None:
        self.heard += data


def staged(test) -> None:
    loop = VirtualLoop(START)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:

        async def main() -> None:
            await test(await Stage(loop).up())

        runner.run(main())


def test_nothing_goes_out_and_what_comes_is_overheard():
    async def test(stage: Stage) -> None:
        stage.line.fall_silent(stage.hear)
        before, numbers = stage.peer.read, stage.line.numbers
        stage.peer.say("35=1|34=2|112=there?")
        stage.line.send(b"D", b"11=never\x01")
        await asyncio.sleep(60)  # thirty heartbeats
        assert stage.peer.read == before
        assert b"112=there?" in stage.heard
        assert stage.line.numbers == (numbers[0] + 1, numbers[1])  # only what was sent by name
        assert not any(b"there?" in raw for _, raw in stage.history.received())
        assert not stage.line.closed.done()

    staged(test)


def test_a_clock_that_steps_wakes_nobody():
    async def test(stage: Stage) -> None:
        stage.line.fall_silent(stage.hear)
        numbers = stage.line.numbers
        stage.loop.ahead_ns += 3_600 * 10**9
        stage.clock.follow()
        await asyncio.sleep(30)
        assert stage.line.numbers == numbers

    staged(test)


@pytest.mark.parametrize(
    ("leave", "reason", "ended"),
    [
        ("finish", CloseReason.OURS, "not yet"),
        ("reset", CloseReason.OURS, ConnectionResetError),
        ("abort", CloseReason.OURS, "not yet"),
    ],
)
def test_how_it_is_left(leave, reason, ended):
    async def test(stage: Stage) -> None:
        stage.line.fall_silent(stage.hear)
        getattr(stage.line, leave)()
        await asyncio.sleep(1)
        assert stage.peer.eof or isinstance(stage.peer.ended, ConnectionResetError)
        if ended != "not yet":
            assert isinstance(stage.peer.ended, ended)
        elif leave == "finish":
            stage.peer.say("35=5|34=2")
            await asyncio.sleep(1)
            assert b"35=5" in stage.heard, "our half is closed, theirs is not"
            stage.peer.pipe.close()
        assert (await stage.line.closed).reason is reason
        assert not stage.line.talking

    staged(test)


@pytest.mark.parametrize(
    ("act", "reason"),
    [(lambda pipe: pipe.close(), CloseReason.PEER), (lambda pipe: pipe.reset(), CloseReason.RESET)],
)
def test_the_peer_gives_up_first(act, reason):
    async def test(stage: Stage) -> None:
        stage.line.fall_silent(stage.hear)
        act(stage.peer.pipe)
        closed = await stage.line.closed
        assert closed.reason is reason
        ends = [r.what for r in stage.history if isinstance(r.what, ConnectionClosed)]
        assert ends == [closed]

    staged(test)


def test_the_same_session_on_another_connection():
    async def test(stage: Stage) -> None:
        stage.line.fall_silent(stage.hear)
        stage.line.reset()
        await stage.line.closed
        assert stage.line.withhold(b"0", b"") == 2
        stage.peer.read, stage.peer = b"", Peer()
        again = stage.line.again()
        pipe = await stage.loop.dial(PORT)
        await again.start(Opened(pipe, SocketAddress(0, "127.0.0.1", PORT, ())))  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        assert b"\x0135=A\x0134=3\x01" in stage.peer.read  # 2 was used, and never sent
        assert b"35=0" not in stage.peer.read
        assert again.session is stage.line.session

    staged(test)


def test_to_leave_twice_or_before_anything_is_harmless():
    async def test(stage: Stage) -> None:
        stage.line.fall_silent(stage.hear)
        stage.line.fall_silent(stage.hear)
        stage.line.finish()
        stage.line.finish()
        stage.line.reset()
        await stage.line.closed
        stage.line.reset()
        stage.line.finish()
        fresh = stage.line.again()
        fresh.fall_silent(stage.hear)
        fresh.finish()
        fresh.reset()
        assert not fresh.closed.done()

    staged(test)
