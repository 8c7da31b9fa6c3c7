"""kill -9 in mid-traffic, again and again, seen by a peer that forgets nothing."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from pathlib import Path

import pytest

from tests.crash.exchange import Exchange
from tests.crash.server import ROOT, Server
from tests.crash.witness import VENUE, Witness

KILLS = int(os.environ.get("FIXGATE_KILLS", "50"))


def seeded() -> random.Random:
    seed = int(os.environ.get("FIXGATE_SEED", random.randrange(1 << 32)))
    print(f"FIXGATE_KILLS={KILLS} FIXGATE_SEED={seed}")
    return random.Random(seed)


async def trade_until_killed(
    witness: Witness, server: Server, rng: random.Random, *, full: bool
) -> None:
    """Send orders as fast as they are taken; kill after so many reports."""
    peer = await witness.log_on(await server.ready(), ask_from=int(full))
    reports = rng.randrange(1, 400)
    for _ in range(reports + 300):
        witness.order(peer)
    for _ in range(reports):
        witness.note(await peer.read_raw())
    await asyncio.sleep(rng.random() * 0.002)  # not always between two writes of the venue
    await server.kill()
    await witness.drain(peer)


@pytest.mark.timeout(60 + 6 * KILLS)
async def test_nothing_sent_is_lost_and_no_number_is_used_twice(tmp_path):
    venue = tmp_path / "venue.yaml"
    rng = seeded()
    witness = Witness()
    for kill in range(KILLS):
        venue.write_text(VENUE % ("store", rng.choice(["os", "os", "group", "each"])))
        async with Server(str(venue)) as server:
            await trade_until_killed(witness, server, rng, full=kill == KILLS // 2)
    async with Server(str(venue)) as server:
        # Once more all that was ever sent.
        peer = await witness.log_on(await server.ready(), ask_from=1)
        last = witness.order(peer)
        while witness.note(await peer.read_raw()).get(11) != last:
            pass
        await peer.close()
        assert await server.terminate() == 0
    assert not witness.missing(witness.used)
    assert len(witness.seen) > KILLS
    print(f"{KILLS} kills, {witness.used} numbers, {len(witness.seen)} messages compared")


async def test_the_store_of_a_running_exchange_is_refused_to_another(tmp_path):
    venue = tmp_path / "venue.yaml"
    venue.write_text(VENUE % ("store", "os"))
    async with Server(str(venue)) as first:
        await first.ready()
        async with Server(str(venue)) as second:
            assert await asyncio.wait_for(second.process.wait(), 15) == 1
            assert f"in use by process {first.process.pid} on" in await second.rest()


class Trader:
    """A session of ours in a process of its own."""

    def __init__(self, port: int, store: Path, durability: str, orders: int = 0) -> None:
        self.command = [
            sys.executable, "-m", "tests.crash.initiator", str(port), str(store), durability,
            str(orders),
        ]  # fmt: skip

    async def __aenter__(self) -> Trader:
        self.process = await asyncio.create_subprocess_exec(*self.command, cwd=ROOT)
        return self

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            await self.kill()


@pytest.mark.timeout(60 + 6 * KILLS)
async def test_the_same_of_a_session_that_we_open(tmp_path):
    rng = seeded()
    kinds = ["os", "os", "group", "each"]
    async with Exchange(rng) as exchange:
        for kill in range(KILLS):
            async with Trader(exchange.port, tmp_path / "store", rng.choice(kinds)) as trader:
                peer = await exchange.log_on(ask_from=int(kill == KILLS // 2))
                for _ in range(rng.randrange(1, 400)):
                    await exchange.take(peer)
                await asyncio.sleep(rng.random() * 0.002)
                await trader.kill()
                await exchange.drain(peer)
        async with Trader(exchange.port, tmp_path / "store", "os", 100) as trader:
            peer = await exchange.log_on(ask_from=1)
            while (await exchange.take(peer))[35] != "5":
                pass
            exchange.send(peer, "5", "")
            await exchange.drain(peer)
            async with asyncio.timeout(10):
                assert await trader.process.wait() == 0
        assert exchange.orders >= 100
    assert not exchange.missing(exchange.used)
    print(f"{KILLS} kills, {exchange.used} numbers, {len(exchange.seen)} messages compared")
