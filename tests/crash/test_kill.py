"""kill -9 of the exchange in mid-traffic, again and again, seen by a peer that forgets nothing."""

from __future__ import annotations

import asyncio
import os
import random

import pytest

from tests.crash.server import Server
from tests.live.peer import Peer, build, fields, sending_time

KILLS = int(os.environ.get("FIXGATE_KILLS", "5"))
VOLATILE = (b"9=", b"10=", b"43=", b"52=", b"122=")


def kept(message: bytes) -> tuple[bytes, ...]:
    """What of a message must never change however often it is sent."""
    return tuple(f for f in message.split(b"\x01") if f and not f.startswith(VOLATILE))


class Witness:
    """The client: remembers every number that it saw, and what it stood for."""

    def __init__(self) -> None:
        self.seen: dict[int, tuple[bytes, ...]] = {}
        self.administrative: set[int] = set()
        self.next_out = 1
        self.orders = 0

    def note(self, message: bytes) -> dict[int, str]:
        values = fields(message)
        number = int(values[34])
        if values[35] == "4":
            for passed in range(number, int(values[36])):
                assert passed not in self.seen, f"{passed} was a message and is passed over"
                self.administrative.add(passed)
        elif values[35] in "0123A5":
            assert number not in self.seen, f"{number} used twice"
            self.administrative.add(number)
        else:
            assert number not in self.administrative, f"{number} used twice"
            before = self.seen.setdefault(number, kept(message))
            assert before == kept(message), f"{number} has changed"
        return values

    async def log_on(self, address) -> Peer:
        used = max([*self.seen, *self.administrative], default=0)
        peer = await Peer.connect(address, "WITNESS")
        peer.next_out = self.next_out
        peer.send("A", "98=0|108=0|")
        logon = self.note(await peer.read_raw())
        assert logon[35] == "A", logon
        assert int(logon[34]) > used, f"{logon[34]} after {used} was used"
        await self.catch_up(peer, int(logon[34]))
        return peer

    async def catch_up(self, peer: Peer, logon_number: int) -> None:
        """Ask for everything that was ever sent; pass over what the venue missed, up to Logon."""
        peer.send("2", "7=1|16=0|")
        peer.send("1", "112=caught up|")
        while True:
            raw = await peer.read_raw()
            values = self.note(raw)
            if values[35] == "2":
                begin = int(values[7])
                fill = (
                    f"35=4|34={begin}|43=Y|49=WITNESS|52={sending_time()}|56=VENUE|"
                    f"122={sending_time()}|36={self.next_out + 1}|123=Y|"
                )
                peer.writer.write(build("FIX.4.4", fill))
            elif values.get(112) == "caught up":
                break
        # Live and old come interleaved: read until nothing below the Logon is missing.
        while not set(range(1, logon_number)) <= self.seen.keys() | self.administrative:
            self.note(await peer.read_raw())

    async def trade_until_killed(self, peer: Peer, server: Server, reports: int) -> None:
        """Send orders as fast as they are taken; kill after so many reports."""
        for _ in range(reports + 300):
            self.orders += 1
            peer.order(f"order-{self.orders}")
        self.next_out = peer.next_out
        for _ in range(reports):
            self.note(await peer.read_raw())
        await server.kill()
        try:
            while True:
                self.note(await peer.read_raw())
        except (EOFError, ConnectionError):
            await peer.close()


@pytest.mark.timeout(60 + 6 * KILLS)
async def test_nothing_sent_is_lost_and_no_number_is_used_twice(tmp_path):
    venue = tmp_path / "venue.yaml"
    venue.write_text(
        "venue:\n"
        "  listen: 127.0.0.1:0\n"
        "  comp_id: VENUE\n"
        "  store: {path: store}\n"
        "  sessions:\n"
        "    - {begin_string: FIX.4.4, theirs: WITNESS}\n"
    )
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    witness = Witness()
    for _ in range(KILLS):
        async with Server(str(venue)) as server:
            peer = await witness.log_on(await server.ready())
            await witness.trade_until_killed(peer, server, rng.randrange(1, 400))
    async with Server(str(venue)) as server, asyncio.timeout(10):
        peer = await witness.log_on(await server.ready())
        peer.order("the last")
        while witness.note(await peer.read_raw()).get(11) != "the last":
            pass
        await peer.close()
        assert await server.terminate() == 0
    numbers = witness.seen.keys() | witness.administrative
    assert numbers == set(range(1, max(numbers) + 1))
    assert len(witness.seen) > KILLS


async def test_the_store_of_a_running_exchange_is_refused_to_another(tmp_path):
    venue = tmp_path / "venue.yaml"
    venue.write_text(
        "venue:\n"
        "  listen: 127.0.0.1:0\n"
        "  comp_id: VENUE\n"
        "  store: {path: store}\n"
        "  sessions:\n"
        "    - {begin_string: FIX.4.4, theirs: WITNESS}\n"
    )
    async with Server(str(venue)) as first:
        await first.ready()
        async with Server(str(venue)) as second:
            assert await asyncio.wait_for(second.process.wait(), 15) == 1
            assert f"in use by process {first.process.pid} on" in await second.rest()
