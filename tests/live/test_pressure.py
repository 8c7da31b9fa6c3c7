"""Clients that do not read, or ask without end, and what the others notice of it."""

from __future__ import annotations

import asyncio
import socket

from fixgate.net import StoreSettings
from tests.live.conftest import known, running, venue
from tests.live.peer import Peer, sending_time


async def deaf_peer(address, name: str) -> Peer:
    """A client whose system takes a KiB for it and no more."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, (address.host, address.port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=512)
    return Peer(reader, writer, name, "VENUE", "FIX.4.4")


async def test_who_does_not_read_is_cut_off_while_others_trade_and_misses_nothing(tmp_path):
    settings = venue(
        sessions=known("DEAF", "TRADER", "OTHER"),
        store=StoreSettings(tmp_path),
        max_write_buffer=128 * 1024,
    )
    async with running(settings) as gateway:
        address = gateway.addresses[0]
        deaf = await deaf_peer(address, "DEAF")
        deaf.send("A", "98=0|108=30|")
        assert (await deaf.read())[35] == "A"
        deaf.order("big", side=1, price="100", quantity=1_000_000)
        assert (await deaf.read())[39] == "0"
        other = await Peer.log_on(address, "OTHER")
        trader = await Peer.log_on(address, "TRADER")
        party = gateway.roster.get("deaf")
        assert party is not None
        sold = 0
        while party.endpoint is not None:
            rest = f"55=ABC|54=2|60={sending_time()}|38=1|40=2|44=100|"
            trader.writer.write(
                b"".join(trader.message("D", f"11=s{sold + n}|{rest}") for n in range(500))
            )
            for number in range(500):
                for status in "02":
                    report = await trader.read()
                    assert (report[11], report[39]) == (f"s{sold + number}", status)
            sold += 500
            other.send("1", f"112=T{sold}|")
            assert (await other.read())[112] == f"T{sold}"
        deaf.writer.transport.abort()
        again = await Peer.connect(address, "DEAF")
        again.send("A", "98=0|108=30|", number=3)
        again.next_out = 4
        logon = await again.read()
        assert int(logon[34]) == sold + 3  # Logon, the order's own report, every fill
        again.send("2", "7=3|16=0|")
        for number in range(sold):
            fill = await again.read()
            assert (fill[34], fill[43], fill[32]) == (str(number + 3), "Y", "1")
        await again.read_until("4")  # its second Logon is no message to send again
        for peer in (again, trader, other):
            await peer.log_out()


async def test_a_flood_that_is_not_read_back_stops_being_read():
    settings = venue(sessions=known("CLIENT", "OTHER"))
    async with running(settings) as gateway:
        flood = await Peer.log_on(gateway.addresses[0])
        flood.reader._transport.pause_reading()
        other = await Peer.log_on(gateway.addresses[0], "OTHER")
        text = "112=" + "y" * 5000 + "|"
        sent = 0
        while sent < 4000:
            flood.send("1", text)
            sent += 1
            if flood.writer.transport.get_write_buffer_size() > 1_000_000:
                break
            await asyncio.sleep(0)
        assert sent < 4000
        other.send("1", "112=undisturbed|")
        assert (await other.read())[112] == "undisturbed"
        party = gateway.roster.get("client")
        assert party is not None
        assert party.endpoint is not None
        # When it reads again, everything it asked is answered.
        flood.reader._transport.resume_reading()
        for _ in range(sent):
            assert (await flood.read())[35] == "0"
        await flood.log_out()
        await other.log_out()


async def test_others_have_their_turn_in_a_flood_of_test_requests():
    """Two seconds' worth at 10,000 a second, all at once."""
    async with running(venue(sessions=known("CLIENT", "OTHER"))) as gateway:
        flood = await Peer.log_on(gateway.addresses[0])
        other = await Peer.log_on(gateway.addresses[0], "OTHER")
        count = 20_000
        flood.writer.write(b"".join(flood.message("1", f"112=F{n}|") for n in range(count)))
        party = gateway.roster.get("client")
        assert party is not None
        asked = 0
        while party.session.store.next_in < count:
            asked += 1
            other.send("1", f"112=T{asked}|")
            assert (await other.read())[112] == f"T{asked}"
        assert asked >= 3  # a read at a time: a turn each
        for number in range(count):
            answer = await flood.read()
            assert answer[112] == f"F{number}"
        await flood.log_out()
        await other.log_out()
