"""A venue in a process of its own, and more strangers than it can have files open."""

from __future__ import annotations

import asyncio
import resource
import socket
import sys
from contextlib import suppress

import pytest

from tests.crash.server import Server
from tests.live.peer import Peer

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has more than one loopback address by itself"
)


def stranger(address) -> socket.socket:
    """A connection that is under way, and says nothing."""
    sock = socket.socket()
    sock.setblocking(False)
    sock.bind(("127.0.0.2", 0))
    with suppress(BlockingIOError):
        sock.connect((address.host, address.port))
    return sock


@pytest.fixture
def strangers():
    socks: list[socket.socket] = []
    yield socks
    for sock in socks:
        sock.close()


async def test_a_flood_beyond_the_descriptors_costs_no_session_and_keeps_nobody_out(strangers):
    async with Server("--port", "0", limit="-n 256") as server:
        address = await server.ready()
        assert server.lines[0] == (
            "warning: the system lets 256 files be open (ulimit -n): "
            "191 connections at once instead of 2000\n"
        )
        peer = await Peer.log_on(address)
        for number in range(30):
            strangers += [stranger(address) for _ in range(100)]
            peer.send("1", f"112=T{number}|")
            assert (await peer.read())[112] == f"T{number}"
            if len(strangers) > 1500:
                for sock in strangers[:100]:
                    sock.close()
                del strangers[:100]
        # They are all still there, and say nothing.
        other = await Peer.log_on(address, "OTHER")
        await other.log_out()
        for sock in strangers:
            sock.close()
        late = await Peer.log_on(address, "LATE")
        await late.log_out()
        await peer.log_out()
        assert await server.terminate() == 0
        said = await server.rest()
    assert "127.0.0.2 turned away: it made room for another connection" in said
    assert "Traceback" not in said
    assert said.count("turned away") < 10


async def test_a_low_soft_limit_is_raised():
    async with Server("--port", "0", limit="-S -n 256") as server:
        await server.ready()
        assert server.lines == [line for line in server.lines if line.startswith("ready")]
        soft, _ = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        assert soft == 2065
        assert await server.terminate() == 0


async def test_dripping_strangers_are_gone_at_the_deadline(tmp_path, strangers):
    venue = tmp_path / "venue.yaml"
    venue.write_text("venue: {accept_any: true, listen: '127.0.0.1:0', first_logon: 1s}\n")
    async with Server(str(venue)) as server:
        address = await server.ready()
        strangers += [stranger(address) for _ in range(300)]
        begun = asyncio.get_running_loop().time()
        gone: set[socket.socket] = set()
        for byte in b"8=FIX.4.4\x019=400\x0135=A\x0134=1\x0149=" + b"S" * 300:
            for sock in set(strangers) - gone:
                try:
                    sock.send(bytes([byte]))
                except OSError:
                    gone.add(sock)
            if len(gone) == len(strangers):
                break
            await asyncio.sleep(0.05)
        took = asyncio.get_running_loop().time() - begun
        assert len(gone) == len(strangers)
        assert 0.9 < took < 2.2  # a second after the deadline; noticed with the next byte but one
        peer = await Peer.log_on(address)
        await peer.log_out()
        assert await server.terminate() == 0
