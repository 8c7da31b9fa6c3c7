"""The relay between a venue and an engine, both played by plain sockets."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager

import pytest

from fixgate.errors import StoreError
from fixgate.history import History
from fixgate.net import Address, Clock, CloseReason, Opened, connect_tcp, resolve
from fixgate.net.relay import Relay
from fixgate.wire.garbled import Garbled
from tests.live.peer import build

pytestmark = pytest.mark.live

HELLO = build("FIX.4.4", "35=0|34=1|49=A|52=20260101-00:00:00|56=B|")
ANSWER = build("FIX.4.4", "35=0|34=1|49=B|52=20260101-00:00:00|56=A|")


class Ends:
    """A relay, and whoever is at its two ends."""

    def __init__(self, relay: Relay, history: History, items: list) -> None:
        self.relay = relay
        self.history = history
        self.items = items

    @property
    def wire(self) -> list:
        return [(r.glyph, r.what) for r in self.history if r.glyph in "<>"]


@asynccontextmanager
async def relayed(*, unwritable: bool = False):
    arrived: asyncio.Queue = asyncio.Queue()
    server = await asyncio.start_server(lambda r, w: arrived.put_nowait((r, w)), "127.0.0.1", 0)
    address = Address("127.0.0.1", server.sockets[0].getsockname()[1])
    history, items = History(), []

    def on_item(glyph, item, now_ns):
        items.append((glyph, item))
        if unwritable and glyph == ">":
            raise StoreError("store", "is full")

    clock = Clock()
    opened = await connect_tcp(await resolve(address), timeout_ns=10**9, clock=clock)
    assert isinstance(opened, Opened)
    relay = Relay(clock, history, on_item)
    port = await relay.start(opened, None)
    ends = Ends(relay, history, items)
    ends.port = port
    ends.venue_in, ends.venue_out = await arrived.get()
    ends.venue_out.write(HELLO)  # before the engine is there
    ends.engine_in, ends.engine_out = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(10):
            yield ends
    finally:
        relay.abort()
        server.close()
        for writer in (ends.venue_out, ends.engine_out):
            writer.transport.abort()
        await asyncio.wait([relay.gone], timeout=2)


async def test_bytes_go_through_as_they_are_and_stand_in_the_history():
    async with relayed() as ends:
        assert await ends.engine_in.readexactly(len(HELLO)) == HELLO
        ends.engine_out.write(ANSWER)
        assert await ends.venue_in.readexactly(len(ANSWER)) == ANSWER
        ends.venue_out.write(b"8=FIX.4.4|garbage" + HELLO)
        await ends.engine_in.readexactly(17 + len(HELLO))
        assert ends.wire == [("<", HELLO), (">", ANSWER), ("<", HELLO)]
        assert [type(item) is Garbled for _, item in ends.items] == [False, False, True, False]


async def test_when_the_venue_closes_the_engine_may_still_speak():
    async with relayed() as ends:
        ends.venue_out.write_eof()
        await ends.engine_in.read()
        ends.engine_out.write(ANSWER)
        ends.engine_out.close()
        assert await ends.venue_in.read() == ANSWER
        assert (await ends.relay.closed).reason is CloseReason.PEER
        assert not ends.relay.engine_left


async def test_when_the_engine_closes_the_venue_is_closed_in_order():
    async with relayed() as ends:
        ends.engine_out.write(ANSWER)
        ends.engine_out.close()
        assert await ends.venue_in.read() == ANSWER
        ends.venue_out.close()
        assert (await ends.relay.closed).reason is CloseReason.OURS
        await ends.relay.gone
        assert ends.relay.engine_left


async def test_what_cannot_be_stored_does_not_go_out():
    async with relayed(unwritable=True) as ends:
        ends.engine_out.write(ANSWER)
        assert (await ends.relay.closed).reason is CloseReason.STORE
        with contextlib.suppress(ConnectionError):
            assert await ends.venue_in.read() == b""


async def test_one_engine_only():
    async with relayed() as ends:
        await ends.engine_in.readexactly(len(HELLO))
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", ends.port)
