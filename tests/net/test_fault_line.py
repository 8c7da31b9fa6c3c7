"""Faults on connections in memory, in virtual time; whole venues behind them."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest

from fixgate.dice import Fixed
from fixgate.faults import ANY, Trigger, Way
from fixgate.faults.injector import Injector
from fixgate.faults.model import Ending
from fixgate.net import Address, Gateway, GatewaySettings, ListenSettings, VenueSession
from fixgate.net.fault_line import FaultLines
from fixgate.scenario.virtual import Pipe, VirtualLoop
from fixgate.session.settings import Role, SessionId, SessionSettings
from tests.faults.rig import SECOND, armed
from tests.fixtext import fix

START = 1_735_725_600 * SECOND  # 2025-01-01 10:00:00 UTC


class Heard(asyncio.Protocol):
    """Writes down what it is told, and when."""

    def __init__(self, *, keep_open: bool = False):
        self.heard: list[object] = []
        self.keep_open = keep_open
        self.loop = asyncio.get_running_loop()
        self.transport: asyncio.Transport
        self.inside = False

    def note(self, what: object):
        assert not self.inside, "told in the middle of a call of its own"
        self.heard.append((round(self.loop.time(), 3), what))

    def connection_made(self, transport):
        self.transport = transport

    def write(self, data: bytes):
        self.inside = True
        self.transport.write(data)
        self.inside = False

    def data_received(self, data):
        self.note(data)

    def eof_received(self):
        self.note("FIN")
        return self.keep_open

    def connection_lost(self, exc):
        self.note(type(exc).__name__ if exc else "gone")

    def pause_writing(self):
        self.heard.append("pause")

    def resume_writing(self):
        self.heard.append("go on")

    @property
    def whats(self) -> list[object]:
        return [what if isinstance(what, str) else what[1] for what in self.heard]


class World:
    """Ours behind faults, and theirs, on a connection in memory."""

    def __init__(self, loop: VirtualLoop, faults):
        self.loop = loop
        self.records = []
        clock = loop.clock()
        self.lines = FaultLines(Injector(random.Random(7)), clock, self.records.append)
        for fault in faults:
            self.lines.arm(fault)

    async def connect(self, ours: Heard, theirs: Heard, pipe: type[Pipe] = Pipe):
        here, there = ("127.0.0.1", 1), ("127.0.0.1", 2)
        one, other = pipe(self.loop, here, there), Pipe(self.loop, there, here)
        one.peer, other.peer = other, one
        other.attach(theirs)
        self.line = self.lines.wrap(ours)
        one.attach(self.line)
        await asyncio.sleep(0)


def play(test, *faults, pipe: type[Pipe] = Pipe):
    """Run a test in virtual time, with a connection and faults."""
    loop = VirtualLoop(START)

    async def main():
        world = World(loop, faults)
        ours, theirs = Heard(), Heard()
        await world.connect(ours, theirs, pipe)
        await test(world, ours, theirs)
        world.lines.close()
        await asyncio.sleep(1)
        assert world.lines.lines == frozenset()

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())


def test_without_faults_nothing_is_between():
    async def test(world, ours, theirs):
        ours.write(b"hello")
        theirs.write(b"world")
        await asyncio.sleep(1)
        assert theirs.whats == [b"hello"]
        assert ours.whats == [b"world"]
        ours.transport.close()
        assert ours.transport.is_closing()
        await asyncio.sleep(1)
        assert ours.whats == [b"world", "gone"]
        assert theirs.whats == [b"hello", "FIN", "gone"]

    play(test)


def test_delayed_both_ways_and_cleared():
    message = fix("35=0|34=2")

    async def test(world, ours, theirs):
        world.lines.arm(armed("delay", by=Fixed(2 * SECOND)))
        world.lines.arm(armed("delay", Way.IN, as_="in", by=Fixed(5 * SECOND)))
        ours.write(message)
        theirs.write(message)
        await asyncio.sleep(60)
        assert theirs.heard == [(pytest.approx(2.0, abs=0.01), message)]
        assert ours.heard == [(pytest.approx(5.0, abs=0.01), message)]
        ours.write(message)
        world.lines.clear()
        await asyncio.sleep(1)
        assert theirs.heard[-1][0] == pytest.approx(60, abs=0.01)
        assert [record.name for record in world.records] == ["delay", "in", "delay"]

    play(test)


def test_what_a_fault_answers_is_not_given_inside_of_a_call():
    async def test(world, ours, theirs):
        # Our own request comes back to us: the way in has an act of its own while we write.
        ours.write(fix("35=0|34=9|49=V|56=C|52=20250101-10:00:00"))
        theirs.write(fix("35=2|34=2|49=C|56=V|52=20250101-10:00:00|7=3|16=0"))
        await asyncio.sleep(1)
        assert [b"35=0" in each for each in ours.whats] == [True]
        assert b"\x0135=4\x0134=3\x0143=Y\x0149=V\x0156=C\x0152=20250101-10:00:0" in theirs.whats[1]
        assert theirs.whats[1].count(b"\x0136=10\x01") == 1

    play(test, armed("gap_fill_resend"))


def test_paused_reading_holds_what_is_due():
    async def test(world, ours, theirs):
        theirs.write(fix("35=0|34=2"))
        await asyncio.sleep(0.5)
        ours.transport.pause_reading()
        assert not ours.transport.is_reading()
        await asyncio.sleep(5)
        assert ours.whats == []
        ours.transport.resume_reading()
        await asyncio.sleep(0.1)
        assert len(ours.whats) == 1

    play(test, armed("delay", Way.IN, by=Fixed(SECOND)))


def test_fin_closes_our_half_only():
    async def test(world, ours, theirs):
        theirs.keep_open = True
        world.lines.arm(armed("fin"))
        await asyncio.sleep(1)
        assert theirs.whats == ["FIN"]
        assert ours.whats == []
        ours.write(b"lost")
        theirs.write(b"heard")
        await asyncio.sleep(1)
        assert ours.whats == [b"heard"]
        theirs.transport.close()
        await asyncio.sleep(1)
        assert ours.whats[-1] == "gone"
        assert theirs.whats == ["FIN", "gone"]

    play(test)


def test_rst_behind_a_message():
    async def test(world, ours, theirs):
        ours.write(fix("35=0|34=1"))
        await asyncio.sleep(1)
        ours.write(fix("35=D|34=2"))
        await asyncio.sleep(1)
        assert ours.whats == ["ConnectionResetError"]
        assert theirs.whats[0] == fix("35=0|34=1")
        assert theirs.whats[-1] == "ConnectionResetError"

    play(test, armed("rst", trigger=Trigger(frozenset({b"D"}))))


def test_half_open_tells_us_and_not_the_peer():
    async def test(world, ours, theirs):
        await asyncio.sleep(4)
        assert ours.whats == []
        await asyncio.sleep(2)
        assert ours.whats == ["TimeoutError"]
        theirs.write(b"anybody there?")
        await asyncio.sleep(3600)
        assert theirs.whats == []
        assert len(world.lines.lines) == 1
        theirs.transport.close()
        await asyncio.sleep(1)
        assert theirs.whats == ["gone"]
        assert ours.whats == ["TimeoutError"]

    play(test, armed("half_open", trigger=replace(ANY, after_ns=5 * SECOND)))


def test_forgotten_connections_go_with_their_owner():
    async def test(world, ours, theirs):
        await asyncio.sleep(1)
        assert ours.whats == ["TimeoutError"]
        ours.transport.abort()
        await asyncio.sleep(1)
        assert theirs.whats == []
        world.lines.close()
        await asyncio.sleep(1)
        assert theirs.whats == ["FIN", "gone"]

    play(test, armed("half_open"))


def test_blackhole_swallows_both_ways_and_the_end():
    async def test(world, ours, theirs):
        theirs.keep_open = True
        ours.write(b"1")
        theirs.write(b"2")
        await asyncio.sleep(1)
        theirs.transport.write_eof()
        await asyncio.sleep(1)
        assert ours.whats == theirs.whats == []
        world.lines.clear()
        await asyncio.sleep(0.001)
        assert ours.whats[0] == "FIN"

    play(test, armed("blackhole"))


def test_our_end_in_a_blackhole_is_not_seen():
    async def test(world, ours, theirs):
        ours.transport.abort()
        await asyncio.sleep(60)
        assert ours.whats == ["gone"]
        assert theirs.whats == []

    play(test, armed("blackhole"))


def test_slow_close_outlives_our_side():
    async def test(world, ours, theirs):
        theirs.keep_open = True
        ours.transport.write_eof()
        await asyncio.sleep(2)
        ours.transport.abort()
        await asyncio.sleep(1)
        assert ours.whats == ["gone"]
        assert theirs.whats == []
        await asyncio.sleep(8)
        assert theirs.heard[0] == (10.001, "FIN")

    play(test, armed("slow_close", by=10 * SECOND))


def test_what_is_on_its_way_outlives_our_side():
    async def test(world, ours, theirs):
        ours.write(b"late")
        ours.transport.abort()
        await asyncio.sleep(1)
        assert ours.whats == ["gone"]
        assert theirs.whats == []
        await asyncio.sleep(5)
        assert theirs.whats == [b"late", "FIN", "gone"]

    play(test, armed("delay", by=Fixed(5 * SECOND)))


def test_a_full_line_lets_our_side_pause():
    async def test(world, ours, theirs):
        ours.transport.set_write_buffer_limits(high=1000, low=100)
        ours.write(bytes(2000))
        assert ours.whats == ["pause"]
        assert ours.transport.get_write_buffer_size() == 1900
        await asyncio.sleep(1.5)
        assert ours.whats == ["pause"]
        await asyncio.sleep(1)
        assert ours.whats == ["pause", "go on"]
        await asyncio.sleep(1)
        assert b"".join(theirs.whats) == bytes(2000)

    play(test, armed("throttle", bytes_per_s=1000))


@pytest.mark.parametrize(
    ("how", "expected"),
    [(Ending.FIN, ["FIN", "gone"]), (Ending.RST, ["ConnectionResetError"]), (Ending.SILENT, [])],
)
def test_refused_connections(how: Ending, expected: list):
    async def test(world, ours, theirs):
        await asyncio.sleep(1)
        assert ours.whats == []
        assert not hasattr(ours, "transport")
        assert theirs.whats == expected
        assert [str(record) for record in world.records] == [
            "refuse_connections: a connection is refused"
        ]
        again = Heard()
        await world.connect(again, Heard())
        again.write(b"let in")

    play(test, armed("refuse_connections", how=how, trigger=Trigger(times=1)))


def test_it_is_a_transport():
    async def test(world, ours, theirs):
        line = ours.transport
        assert line.get_extra_info("peername") == ("127.0.0.1", 2)
        assert line.get_extra_info("nothing", 5) == 5
        assert line.can_write_eof()
        assert line.get_protocol() is ours
        other = Heard()
        line.set_protocol(other)
        theirs.write(b"for the other")
        await asyncio.sleep(1)
        assert (ours.whats, other.whats) == ([], [b"for the other"])
        line.close()
        line.close()
        line.write(b"too late")
        line.write_eof()
        await asyncio.sleep(1)
        line.abort()
        assert line.is_closing()
        assert line.get_write_buffer_size() == 0
        assert line.get_extra_info("peername") is None
        assert other.whats == [b"for the other", "gone"]
        assert theirs.whats == ["FIN", "gone"]

    play(test)


def test_a_peer_that_does_not_read_lets_our_side_pause():
    async def test(world, ours, theirs):
        world.line.pause_writing()
        assert ours.whats == ["pause"]
        world.line.resume_writing()
        world.line.pause_writing()
        world.line.resume_writing()
        await asyncio.sleep(1)
        assert ours.whats[0] == "pause"
        assert ours.whats[-1] == "go on"
        assert set(ours.whats) == {"pause", "go on"}

    play(test)


def test_our_half_cannot_be_closed_where_there_is_no_connection_any_more():
    class Broken(Pipe):
        def write_eof(self):
            raise OSError("not connected")

    async def test(world, ours, theirs):
        ours.transport.write_eof()
        await asyncio.sleep(1)
        assert ours.whats == ["gone"]

    play(test, pipe=Broken)


def test_our_side_closes_after_a_fin_of_a_fault():
    async def test(world, ours, theirs):
        theirs.keep_open = True
        world.lines.arm(armed("fin"))
        await asyncio.sleep(1)
        ours.transport.close()
        await asyncio.sleep(1)
        assert ours.whats == ["gone"]

    play(test)


def test_end_of_the_peer_waits_for_a_side_that_does_not_read():
    async def test(world, ours, theirs):
        world.lines.arm(armed("delay", Way.IN, by=Fixed(SECOND)))
        theirs.write(fix("35=0|34=2"))
        theirs.transport.write_eof()
        await asyncio.sleep(0.5)
        ours.transport.pause_reading()
        await asyncio.sleep(5)
        assert ours.whats == []
        ours.transport.resume_reading()
        await asyncio.sleep(0.1)
        assert ours.whats == [fix("35=0|34=2"), "FIN", "gone"]

    play(test)


# A whole venue.


def venue() -> GatewaySettings:
    def acceptor(theirs: str) -> SessionSettings:
        return SessionSettings(SessionId("FIX.4.4", "V", theirs), Role.ACCEPTOR)

    return GatewaySettings(
        "venue",
        listen=(ListenSettings(Address("127.0.0.1", 0)),),
        sessions=(VenueSession("c", acceptor("C")),),
        template=acceptor("ANYONE"),
    )


def with_venue(test, *faults):
    loop = VirtualLoop(START)

    async def main():
        world = World(loop, faults)
        gateway = Gateway(venue(), clock=loop.clock(), line=world.lines.wrap)
        await gateway.start()
        client = Heard()
        pipe = await loop.dial(gateway.addresses[0].port)
        pipe.attach(client)
        await test(world, gateway, client)
        await gateway.stop()
        world.lines.close()
        await asyncio.sleep(1)
        assert world.lines.lines == frozenset()

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())


LOGON = "35=A|34=1|49=C|56=V|52=20250101-10:00:00|98=0|108=30"


def types(heard: Heard) -> list[str]:
    found = []
    for what in heard.whats:
        if isinstance(what, str):
            found.append(what)
            continue
        for piece in what.split(b"8=FIX")[1:]:
            fields = dict(f.partition(b"=")[::2] for f in piece.split(b"\x01"))
            found.append(f"{fields[b'35'].decode()}{fields[b'34'].decode()}")
    return found


def test_a_venue_whose_heartbeats_are_muted():
    async def test(world, gateway, client):
        client.write(fix(LOGON))
        await asyncio.sleep(20)
        client.write(fix("35=1|34=2|49=C|56=V|52=20250101-10:00:20|112=X"))
        await asyncio.sleep(25)
        assert types(client) == ["A1"]
        world.lines.clear()
        client.write(fix("35=1|34=3|49=C|56=V|52=20250101-10:00:45|112=Y"))
        await asyncio.sleep(1)
        # Number 2 was the answer that was muted; it can be asked for.
        assert types(client) == ["A1", "03"]

    with_venue(test, armed("mute_heartbeats"))


def test_a_venue_that_refuses_a_logon():
    async def test(world, gateway, client):
        client.keep_open = True
        client.write(fix(LOGON))
        await asyncio.sleep(100)
        assert types(client) == ["51", "FIN"]
        assert b"\x0158=closed today\x01" in client.whats[0]

    with_venue(test, armed("refuse_logon_by_logout", text="closed today"))


def test_a_venue_that_ignores_a_logon():
    async def test(world, gateway, client):
        client.write(fix(LOGON))
        await asyncio.sleep(10)
        assert types(client) == []

    with_venue(test, armed("ignore_logon"))


def test_a_logon_that_drips_in():
    async def test(world, gateway, client):
        client.write(fix(LOGON))
        await asyncio.sleep(10)
        assert types(client) == ["A1"]

    with_venue(test, armed("drip", Way.IN, size=10, pause=SECOND // 10))
