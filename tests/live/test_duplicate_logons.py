"""Several connections for one identity, over real sockets."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fixgate.net import Address, EntrySettings
from fixgate.session.settings import Credentials
from tests.live.conftest import known, running, venue
from tests.live.peer import Peer


async def race(address: Address, count: int, number: int = 1) -> Peer:
    """Let many log on at once as one client; return the only one that was told anything."""
    peers = [await Peer.connect(address) for _ in range(count)]
    for peer in peers:
        peer.send("A", "98=0|108=30|", number=number)
    outcomes = await asyncio.gather(*(p.read() for p in peers), return_exceptions=True)
    (winner,) = [p for p, o in zip(peers, outcomes, strict=True) if isinstance(o, dict)]
    for peer, outcome in zip(peers, outcomes, strict=True):
        if peer is not winner:
            assert isinstance(outcome, EOFError | ConnectionError)
            assert peer.buffer == b""
            await peer.close()
    winner.next_out = number + 1
    winner.send("1", "112=unharmed|")
    assert (await winner.read())[112] == "unharmed"
    return winner


async def test_of_a_hundred_logons_at_once_one_wins_and_again_when_it_has_left():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        for number in (1, 4):
            winner = await race(gateway.addresses[0], 100, number)
            await winner.log_out()


async def test_who_was_refused_and_does_not_leave_keeps_nobody_out():
    """A stranger who knows the CompIDs and not the password, again and again."""
    sessions = known("CLIENT", credentials=Credentials("desk", "right"))
    async with running(venue(sessions=sessions)) as gateway:
        strangers = []
        for _ in range(3):
            stranger = await Peer.connect(gateway.addresses[0])
            stranger.send("A", "98=0|108=30|553=desk|554=wrong|")
            assert (await stranger.read())[35] == "5"
            strangers.append(stranger)
        peer = await Peer.connect(gateway.addresses[0])
        peer.send("A", "98=0|108=30|553=desk|554=right|")
        assert (await peer.read())[35] == "A"
        for stranger in strangers:
            assert await stranger.is_closed_silently()
            await stranger.close()
        peer.send("1", "112=unharmed|")
        assert (await peer.read())[112] == "unharmed"
        await peer.log_out()


async def test_a_client_may_come_back_before_its_old_connection_is_gone():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        peer.send("5")
        assert (await peer.read())[35] == "5"
        again = await Peer.connect(gateway.addresses[0])
        again.send("A", "98=0|108=30|", number=3)
        assert (await again.read())[35] == "A"
        again.next_out = 4
        await again.log_out()
        await peer.close()


async def test_one_that_does_not_answer_is_replaced_where_the_venue_says_so(caplog):
    caplog.set_level("INFO")
    keeps, replaces = known("KEEPS", "REPLACES")
    replaces = replace(replaces, entry=EntrySettings(replace_dead=True))
    async with running(venue(sessions=(keeps, replaces))) as gateway:
        dead = {}
        for name in ("KEEPS", "REPLACES"):
            dead[name] = peer = await Peer.connect(gateway.addresses[0], name)
            peer.send("A", "98=0|108=1|")
            assert (await peer.read())[35] == "A"
        # Alive still, for all that we know: both keep their place.
        for name in dead:
            newcomer = await Peer.connect(gateway.addresses[0], name)
            newcomer.send("A", "98=0|108=1|", number=2)
            assert await newcomer.is_closed_silently()
            await newcomer.close()
        for peer in dead.values():
            await peer.read_until("1")
        await asyncio.sleep(0.3)
        newcomers = {}
        for name in dead:
            newcomers[name] = peer = await Peer.connect(gateway.addresses[0], name)
            peer.send("A", "98=0|108=1|", number=2)
            peer.next_out = 3
        assert await newcomers["KEEPS"].is_closed_silently()
        assert (await newcomers["REPLACES"].read())[35] == "A"
        assert await dead["REPLACES"].is_closed_silently()
        newcomers["REPLACES"].send("1", "112=the one|")
        while (await newcomers["REPLACES"].read()).get(112) != "the one":
            pass
        dead["KEEPS"].next_out = 2
        await dead["KEEPS"].log_out()
        await newcomers["REPLACES"].log_out()
        await newcomers["KEEPS"].close()
        await dead["REPLACES"].close()
    assert "! replaces: replaced: not heard from, and logged on again" in caplog.text
