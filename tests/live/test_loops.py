"""Clients in a loop: they cost the venue no more than strangers do, and no flood of lines."""

from __future__ import annotations

import logging
import sys

import pytest

from fixgate.net import StoreSettings
from fixgate.net.lines import LINES_A_MINUTE
from fixgate.net.patience import ALLOWANCE, Patience
from fixgate.session.settings import Credentials
from tests.live.conftest import known, running, venue
from tests.live.peer import Peer

elsewhere = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has more than one loopback address by itself"
)


async def failing(address, **connect) -> bool:
    """Log on with a wrong password; say whether the venue gave an answer."""
    peer = await Peer.connect(address, **connect)
    peer.send("A", "98=0|108=30|553=me|554=wrong|")
    try:
        answer = await peer.read()
    except (EOFError, ConnectionError):
        return False
    finally:
        await peer.close()
    assert answer[58] == "Username(553) or Password(554) not accepted"
    return True


async def test_logons_that_are_refused_again_and_again(tmp_path, caplog):
    caplog.set_level(logging.INFO, "fixgate")
    login = Credentials("me", "right")
    settings = venue(
        sessions=(*known("CLIENT", credentials=login), *known("OTHER")),
        store=StoreSettings(tmp_path),
    )
    async with running(settings) as gateway:
        address = gateway.addresses[0]
        answered = [await failing(address) for _ in range(3 * ALLOWANCE)]
        assert all(answered[:ALLOWANCE])
        assert ALLOWANCE <= sum(answered) <= ALLOWANCE + 5
        client, other = gateway.roster
        store = client.session.store
        assert store.next_out == sum(answered) + 1
        # Nobody else notices.
        peer = await Peer.log_on(address, "OTHER")
        await peer.log_out()
        assert other.session.store.next_in == 3
        # Its allowance comes back while it is away; what was wrong is mended.
        client.patience = Patience()
        peer = await Peer.connect(address)
        peer.send("A", "98=0|108=30|553=me|554=right|")
        assert (await peer.read())[35] == "A"
        await peer.log_out()
    lines = [record.getMessage() for record in caplog.records if "client" in record.getMessage()]
    (turned_away,) = [line for line in lines if line.startswith("x 127.0.0.1 turned away")]
    assert turned_away.endswith("one a second is heard: client")
    lines.remove(turned_away)
    assert len(lines) == LINES_A_MINUTE + 1
    left_out = sum(answered) + 2 - LINES_A_MINUTE
    assert lines[-1] == f"! client: left out {left_out} more lines within a minute"


async def test_logons_that_are_taken_and_dropped_again_and_again(caplog):
    caplog.set_level(logging.INFO, "fixgate")
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        for _ in range(100):
            peer = await Peer.connect(gateway.addresses[0])
            peer.next_out = next(iter(gateway.roster)).session.store.next_in
            peer.send("A", "98=0|108=30|")
            assert (await peer.read())[35] == "A"
            peer.writer.write_eof()
            assert await peer.is_closed_silently()
            await peer.close()
    lines = [record.getMessage() for record in caplog.records if "client" in record.getMessage()]
    assert len(lines) == LINES_A_MINUTE + 1
    assert lines[-1] == f"! client: left out {200 - LINES_A_MINUTE} more lines within a minute"


@elsewhere
async def test_wrong_logons_from_elsewhere_do_not_keep_a_client_out(tmp_path, caplog):
    """Who has the CompIDs and not the password uses up its own allowance only."""
    settings = venue(
        sessions=known("CLIENT", credentials=Credentials("me", "right")),
        store=StoreSettings(tmp_path),
    )
    async with running(settings) as gateway:
        address = gateway.addresses[0]
        answered = [
            await failing(address, local_addr=("127.0.0.2", 0)) for _ in range(2 * ALLOWANCE)
        ]
        assert not any(answered[-10:])
        peer = await Peer.connect(address)
        peer.send("A", "98=0|108=30|553=me|554=right|")
        assert (await peer.read())[35] == "A"
        await peer.log_out()
    assert "x 127.0.0.2 turned away: too many of its Logons were refused" in caplog.text
