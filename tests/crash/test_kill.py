"""kill -9 of the exchange in mid-traffic, again and again, seen by a peer that forgets nothing."""

from __future__ import annotations

import asyncio
import os
import random

import pytest

from tests.crash.server import Server
from tests.crash.witness import VENUE, Witness

KILLS = int(os.environ.get("FIXGATE_KILLS", "50"))


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
    seed = int(os.environ.get("FIXGATE_SEED", random.randrange(1 << 32)))
    print(f"FIXGATE_KILLS={KILLS} FIXGATE_SEED={seed}")
    rng = random.Random(seed)
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
