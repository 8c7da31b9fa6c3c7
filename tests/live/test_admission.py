"""Who comes in to a gateway, over real sockets: allow lists, room, strangers that stay."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from dataclasses import replace
from ipaddress import ip_network

import pytest

from fixgate.net import (
    Address,
    EntrySettings,
    ListenSettings,
    Networks,
    ServerTls,
    StoreSettings,
)
from tests.live.conftest import LOOPBACK, known, running, venue
from tests.live.peer import Peer, build, sending_time

LOOPBACK_6 = Address("::1", 0)
OTHER = ("127.0.0.2", 0)

elsewhere = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has more than one loopback address by itself"
)


def networks(*texts: str) -> Networks:
    return Networks(tuple(ip_network(text) for text in texts))


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


# --- allow lists ------------------------------------------------------------------------------


@elsewhere
async def test_a_port_lets_in_the_addresses_of_its_list_only(caplog):
    listen = (ListenSettings(LOOPBACK, allow=networks("127.0.0.2/32", "10.0.0.0/8")),)
    async with running(venue(sessions=known("CLIENT"), listen=listen)) as gateway:
        for _ in range(3):
            stranger = await Peer.connect(gateway.addresses[0])
            stranger.send("A", "98=0|108=30|")
            assert await stranger.is_closed_silently()
            await stranger.close()
        assert gateway.connections == 0
        peer = await Peer.log_on(gateway.addresses[0], local_addr=OTHER)
        await peer.log_out()
        port = gateway.addresses[0].port
    told = [r.getMessage() for r in caplog.records if r.name == "fixgate.gateway"]
    assert told == [f"x 127.0.0.1 turned away: its address may not connect here: 127.0.0.1:{port}"]


@elsewhere
async def test_a_client_logs_on_from_its_addresses_only(caplog):
    desk, other = known("DESK", "OTHER")
    desk = replace(desk, entry=EntrySettings(allow=networks("127.0.0.2")))
    async with running(venue(sessions=(desk, other))) as gateway:
        thief = await Peer.connect(gateway.addresses[0], "DESK")
        thief.send("A", "98=0|108=30|")
        assert await thief.is_closed_silently()
        await thief.close()
        neighbour = await Peer.log_on(gateway.addresses[0], "OTHER")
        peer = await Peer.log_on(gateway.addresses[0], "DESK", local_addr=OTHER)
        await peer.log_out()
        await neighbour.log_out()
    assert "x 127.0.0.1 turned away: not an address of this client: desk, allowed from" in (
        caplog.text
    )


@pytest.mark.skipif(not has_ipv6(), reason="this system has no IPv6")
@pytest.mark.parametrize(("allowed", "comes_in"), [("::1", True), ("fe80::/10", False)])
async def test_ipv6(allowed, comes_in):
    listen = (ListenSettings(LOOPBACK_6, allow=networks(allowed)),)
    async with running(venue(sessions=known("CLIENT"), listen=listen)) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        peer.send("A", "98=0|108=30|")
        if comes_in:
            assert (await peer.read())[35] == "A"
            await peer.log_out()
        else:
            assert await peer.is_closed_silently()
            await peer.close()


async def test_a_silent_port_has_a_list_too():
    listen = (ListenSettings(LOOPBACK, silent=True, allow=networks("192.0.2.7")),)
    async with running(venue(sessions=known("CLIENT"), listen=listen)) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        assert await peer.is_closed_silently()
        await peer.close()
        assert list(gateway.history) == []


# --- room -------------------------------------------------------------------------------------


async def test_who_waits_makes_room_and_who_is_logged_on_stays():
    settings = venue(sessions=known("CLIENT", "LATE"), max_connections=3)
    async with running(settings) as gateway:
        first = await Peer.log_on(gateway.addresses[0])
        idle = [await Peer.connect(gateway.addresses[0]) for _ in range(2)]
        late = await Peer.log_on(gateway.addresses[0], "LATE")
        assert await idle[0].is_closed_silently()
        assert gateway.connections == 3
        for peer in (first, late):
            peer.send("1", "112=alive|")
            assert (await peer.read())[112] == "alive"
            await peer.log_out()
        for peer in idle:
            await peer.close()


async def test_when_all_are_logged_on_there_is_no_room(caplog):
    settings = venue(sessions=known("A", "B", "C"), max_connections=2)
    async with running(settings) as gateway:
        peers = [await Peer.log_on(gateway.addresses[0], name) for name in "AB"]
        refused = await Peer.connect(gateway.addresses[0])
        assert await refused.is_closed_silently()
        await refused.close()
        await peers[0].log_out()
        async with asyncio.timeout(5):
            while gateway.connections == 2:  # noqa: ASYNC110 - nothing else tells
                await asyncio.sleep(0)
        late = await Peer.log_on(gateway.addresses[0], "C")
        await late.log_out()
        await peers[1].log_out()
    assert "turned away: no room: 2 of 2 connections are logged on" in caplog.text


@elsewhere
async def test_one_address_has_so_many_places():
    settings = venue(sessions=known("CLIENT"), max_per_address=2)
    async with running(settings) as gateway:
        idle = [await Peer.connect(gateway.addresses[0]) for _ in range(5)]
        for peer in idle[:3]:
            assert await peer.is_closed_silently()
        other = await Peer.log_on(gateway.addresses[0], local_addr=OTHER)
        assert gateway.connections == 3
        await other.log_out()
        for peer in idle:
            await peer.close()


@elsewhere
async def test_a_flood_from_one_address_does_not_push_out_another():
    settings = venue(sessions=known("CLIENT"), max_connections=4)
    async with running(settings) as gateway:
        slow = await Peer.connect(gateway.addresses[0], local_addr=OTHER)
        logon = slow.message("A", "98=0|108=30|")
        slow.writer.write(logon[:20])
        flood = [await Peer.connect(gateway.addresses[0]) for _ in range(40)]
        slow.writer.write(logon[20:])
        assert (await slow.read())[35] == "A"
        await slow.log_out()
        for peer in flood:
            await peer.close()


async def test_connections_to_a_silent_port_make_room_too():
    listen = (ListenSettings(LOOPBACK), ListenSettings(LOOPBACK, silent=True))
    settings = venue(sessions=known("CLIENT"), listen=listen, max_connections=2)
    async with running(settings) as gateway:
        mute = [await Peer.connect(gateway.addresses[1]) for _ in range(2)]
        peer = await Peer.log_on(gateway.addresses[0])
        assert await mute[0].is_closed_silently()
        await peer.log_out()
        for each in mute:
            await each.close()


# --- what a stranger can send -----------------------------------------------------------------


async def test_many_drip_and_wait_while_a_client_logs_on():
    settings = venue(sessions=known("CLIENT"), first_logon_ns=400_000_000)
    async with running(settings) as gateway:
        idle = [await Peer.connect(gateway.addresses[0]) for _ in range(50)]
        dripping = [await Peer.connect(gateway.addresses[0]) for _ in range(100)]
        begun = asyncio.get_running_loop().time()
        closed = asyncio.gather(*(peer.is_closed_silently() for peer in idle + dripping))
        other = await Peer.log_on(gateway.addresses[0])
        for byte in dripping[0].message("A", "98=0|108=30|" + "58=x|" * 400):
            for peer in dripping:
                peer.writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
            if closed.done():
                break
        assert all(await closed)
        assert asyncio.get_running_loop().time() - begun < 1.4  # the deadline and a second
        assert gateway.connections == 1
        await other.log_out()
        for peer in idle + dripping:
            await peer.close()


@pytest.mark.parametrize(
    "first",
    [
        b"8=FIX.4.4\x019=60000\x0135=A\x01",
        b"8=FIX.4.4\x019=0\x0135=",
        b"8=FIX.4.4\x019=\x0135=A\x01",
        b"8=FIX.4.4\x019=+70\x0135=A\x01",
        b"8=FIX.4.4\x019=2147483648\x0135=A\x01",
        b"8=FIX.4.4\x019=9223372036854775808\x01",
        b"8=FIX.4.4\x0135=A\x019=70\x01",
        b"9=70\x018=FIX.4.4\x0135=A\x01",
        b"8=FIX" + b"4" * 40,
        build("FIX.4.4", f"35=5|34=1|49=CLIENT|52={sending_time()}|56=VENUE|"),
        build("FIX.4.4", f"35=A|34=1|49=CLIENT|52={sending_time()}|56=VENUE|")[:-4] + b"999\x01",
    ],
    ids=lambda first: first[:24].decode("latin-1"),
)
async def test_what_cannot_become_a_logon_is_closed_at_once(first):
    """Long before the deadline: whatever would follow is not waited for."""
    async with running(venue(sessions=known("CLIENT"), first_logon_ns=60 * 10**9)) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        peer.writer.write(first)
        assert await peer.is_closed_silently()
        await peer.close()


@pytest.mark.parametrize(
    ("first", "why"),
    [
        (b"8=FIX.4.4\x019=70\x0135=A\x01554=hunter2\x01", "what came first is not TLS"),
        (b"GET / HTTP/1.1\r\nHost: venue\r\n\r\n", "what came first is not TLS"),
        (b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n\x16\x03\x01", "what came first is not TLS"),
        (b"\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a", "what came first is not TLS"),
        (b"\x15\x03\x01\x00\x02\x02\x28", "what came first is not TLS"),
        (b"\x16\x03\x01\xff\xff", "its first record has 65540 bytes"),
        (b"\x16\x03\x01\x00\x04\x01\x00\x00\x00", ""),
    ],
    ids=["FIX", "HTTP", "PROXY v1", "PROXY v2", "an alert", "a huge record", "an empty hello"],
)
async def test_what_is_no_handshake_is_closed_at_once_on_a_port_behind_tls(
    first, why, tls_files, caplog
):
    tls = ServerTls(tls_files / "venue.pem", tls_files / "venue.pem")
    listen = (ListenSettings(LOOPBACK, tls),)
    settings = venue(sessions=known("CLIENT"), listen=listen, first_logon_ns=60 * 10**9)
    async with running(settings) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        peer.writer.write(first)
        said = await peer.reader.read()
        assert said[:1] in (b"", b"\x15")  # nothing, or the alert that says why
        await peer.close()
        context = ssl.create_default_context(cafile=str(tls_files / "ca.pem"))
        client = await Peer.log_on(gateway.addresses[0], ssl=context)
        await client.log_out()
    assert f"x 127.0.0.1 turned away: TLS failed: {why}" in caplog.text
    assert "hunter2" not in caplog.text


async def test_who_shakes_hands_and_then_says_nothing_whole_is_closed_in_time(tls_files):
    tls = ServerTls(tls_files / "venue.pem", tls_files / "venue.pem")
    listen = (ListenSettings(LOOPBACK, tls),)
    settings = venue(sessions=known("CLIENT"), listen=listen, first_logon_ns=500_000_000)
    context = ssl.create_default_context(cafile=str(tls_files / "ca.pem"))
    async with running(settings) as gateway:
        for first in (b"", b"8=FIX.4.4\x019=70\x0135=A\x01"):
            peer = await Peer.connect(gateway.addresses[0], ssl=context)
            peer.writer.write(first)
            assert await peer.is_closed_silently()
            await peer.close()


async def test_the_log_says_whose_logon_was_turned_away(caplog):
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        for sender in ("STRANGER", "CLIENT\x1b[2J" * 500):
            peer = await Peer.connect(gateway.addresses[0], sender)
            peer.send("A", "98=0|108=30|554=hunter2|")
            assert await peer.is_closed_silently()
            await peer.close()
    (line,) = [r.getMessage() for r in caplog.records if r.name == "fixgate.gateway"]
    assert line == (
        "x 127.0.0.1 turned away: no session of this venue: BeginString(8) 'FIX.4.4', "
        "SenderCompID(49) 'STRANGER', TargetCompID(56) 'VENUE'"
    )


@pytest.mark.parametrize("first", [b"", b"8=FIX.4.4\x019=70\x0135=A\x01"])
async def test_who_leaves_before_its_logon_is_whole_leaves_nothing_behind(first, caplog):
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        peer.writer.write(first)
        peer.writer.write_eof()
        assert await peer.is_closed_silently()
        await peer.close()
        async with asyncio.timeout(5):
            while gateway.connections:  # noqa: ASYNC110 - nothing else tells
                await asyncio.sleep(0)
    assert "turned away" not in caplog.text


@pytest.mark.parametrize(
    "sender",
    [
        *("../../x", "/etc/passwd", "..", " ", "a|b", "\x1b[2J", "=cmd()", "CON", "x" * 100),
        *("nul\x00byte", "line\nend", "\xf0\x9f\x92\xa5"),
    ],
)
async def test_a_comp_id_of_any_kind_stays_in_the_folder_of_the_store(sender, tmp_path):
    store = StoreSettings(tmp_path / "store")
    async with running(venue(accept_any=True, store=store)) as gateway:
        peer = await Peer.connect(gateway.addresses[0], "placeholder")
        head = f"35=A\x0134=1\x0149={sender}\x0152={sending_time()}\x0156=VENUE\x01"
        peer.writer.write(whole(head + "98=0\x01108=30\x01"))
        answer = await peer.read()
        assert (answer[35], answer[56]) == ("A", sender)
        await peer.close()
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
    (folder,) = (tmp_path / "store").iterdir()
    assert folder.is_dir()


def whole(content: str) -> bytes:
    """A message of any bytes: ``|`` is one of them here."""
    body = content.encode("latin-1")
    head = b"8=FIX.4.4\x019=%d\x01" % len(body) + body
    return head + b"10=%03d\x01" % (sum(head) % 256)


@pytest.mark.parametrize("sender", ["", "x" * 101, "x" * 5000, "\xff\xfe", "\xf0\x9f\x92"])
async def test_a_comp_id_that_nobody_would_have_is_turned_away(sender, tmp_path):
    store = StoreSettings(tmp_path / "store")
    async with running(venue(accept_any=True, store=store)) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        head = f"35=A\x0134=1\x0149={sender}\x0152={sending_time()}\x0156=VENUE\x01"
        peer.writer.write(whole(head + "98=0\x01108=30\x01"))
        assert await peer.is_closed_silently()
        await peer.close()
        assert list(gateway.roster) == []


async def test_so_many_clients_that_nobody_listed_and_no_more(caplog):
    async with running(venue(accept_any=True, max_on_demand=1)) as gateway:
        first = await Peer.log_on(gateway.addresses[0], "FIRST")
        second = await Peer.connect(gateway.addresses[0], "SECOND")
        second.send("A", "98=0|108=30|")
        assert await second.is_closed_silently()
        await second.close()
        await first.log_out()
        again = await Peer.connect(gateway.addresses[0], "FIRST")
        again.send("A", "98=0|108=30|", number=3)
        assert (await again.read())[35] == "A"
        again.next_out = 4
        await again.log_out()
    assert "TargetCompID(56) 'VENUE', and no more that nobody listed" in caplog.text


@pytest.mark.parametrize("size", [16_000, 17_000])
async def test_a_logon_may_have_sixteen_kib(size):
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        padding = size - len(peer.message("A", "98=0|108=30|95=10000|96=|", number=1))
        peer.send("A", f"98=0|108=30|95={padding}|96={'x' * padding}|")
        if size < 16 * 1024:
            assert (await peer.read())[35] == "A"
            # What follows it is bounded by the size of a message.
            peer.send("1", "112=" + "y" * 60_000 + "|")
            assert len((await peer.read())[112]) == 60_000
            await peer.log_out()
        else:
            assert await peer.is_closed_silently()
            await peer.close()


async def test_a_large_message_may_come_with_the_logon():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        burst = peer.message("A", "98=0|108=30|") + peer.message("1", "112=" + "y" * 60_000 + "|")
        peer.writer.write(burst + peer.message("1", "112=after|"))
        assert (await peer.read())[35] == "A"
        assert len((await peer.read())[112]) == 60_000
        assert (await peer.read())[112] == "after"
        await peer.log_out()
