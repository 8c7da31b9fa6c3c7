"""The gateway over real sockets, seen by peers that share no code with it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import replace

import pytest

from fixgate.errors import ListenError, StoreError
from fixgate.faults import Silence
from fixgate.net import Address, Gateway, ListenSettings, ServerTls, StoreSettings, VenueSession
from fixgate.session.policies import NumberingPolicy
from fixgate.session.routing import Routing
from tests.live.conftest import LOOPBACK, acceptor, known, running, venue
from tests.live.peer import Peer, build, sending_time


async def test_a_logon_is_answered_and_an_order_acknowledged():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        peer.send("A", "98=0|108=30|")
        answer = await peer.read()
        assert answer | {9: "", 10: "", 52: ""} == {
            8: "FIX.4.4", 9: "", 35: "A", 34: "1", 49: "VENUE", 52: "", 56: "CLIENT",
            98: "0", 108: "30", 10: "",
        }  # fmt: skip
        peer.order("one")
        report = await peer.read()
        assert (report[35], report[11], report[39], report[34]) == ("8", "one", "0", "2")
        await peer.log_out()


async def test_bytes_may_drip_in_one_by_one():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        for byte in peer.message("A", "98=0|108=30|") + peer.message("1", "112=drip|"):
            peer.writer.write(bytes([byte]))
            await peer.writer.drain()
        assert (await peer.read())[35] == "A"
        assert (await peer.read())[112] == "drip"
        await peer.log_out()


async def test_many_messages_in_one_segment_are_answered_in_order():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        burst = peer.message("A", "98=0|108=30|")
        burst += b"".join(peer.message("1", f"112=T{i}|") for i in range(300))
        peer.writer.write(burst)
        assert (await peer.read())[35] == "A"
        for number in range(300):
            answer = await peer.read()
            assert (answer[112], answer[34]) == (f"T{number}", str(number + 2))
        await peer.log_out()


async def test_orders_and_session_messages_of_one_segment_are_answered_in_order():
    """Nothing overtakes an ExecutionReport, and a Logout does not swallow one."""
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        rest = f"55=ABC|54=1|60={sending_time()}|38=1|40=2|44=90|"
        peer.writer.write(
            peer.message("D", f"11=one|{rest}")
            + peer.message("1", "112=between|")
            + peer.message("D", f"11=two|{rest}")
            + peer.message("5")
        )
        answers = [await peer.read() for _ in range(4)]
        assert [(answer[34], answer[35]) for answer in answers] == [
            ("2", "8"),
            ("3", "0"),
            ("4", "8"),
            ("5", "5"),
        ]
        await peer.close()


async def test_two_clients_meet_in_the_book():
    async with running(venue(sessions=known("BUYER", "SELLER"))) as gateway:
        buyer = await Peer.log_on(gateway.addresses[0], "BUYER")
        seller = await Peer.log_on(gateway.addresses[0], "SELLER")
        buyer.order("b1", side=1, price="100", quantity=5)
        assert (await buyer.read())[39] == "0"
        seller.order("s1", side=2, price="100", quantity=5)
        assert [(await seller.read())[39] for _ in range(2)] == ["0", "2"]
        fill = await buyer.read()
        assert (fill[11], fill[39], fill[32]) == ("b1", "2", "5")
        await buyer.log_out()
        await seller.log_out()


async def test_a_client_that_was_away_gets_its_fill_when_it_asks():
    async with running(venue(sessions=known("BUYER", "SELLER"))) as gateway:
        buyer = await Peer.log_on(gateway.addresses[0], "BUYER")
        buyer.order("b1", side=1, price="100", quantity=5)
        assert (await buyer.read())[39] == "0"
        await buyer.log_out()
        seller = await Peer.log_on(gateway.addresses[0], "SELLER")
        seller.order("s1", side=2, price="100", quantity=5)
        assert [(await seller.read())[39] for _ in range(2)] == ["0", "2"]
        again = await Peer.connect(gateway.addresses[0], "BUYER")
        again.next_out = buyer.next_out
        again.send("A", "98=0|108=30|")
        logon = await again.read()
        assert (logon[35], logon[34]) == ("A", "5")
        again.send("2", "7=4|16=0|")
        fill = await again.read()
        assert (fill[35], fill[34], fill[43], fill[39]) == ("8", "4", "Y", "2")
        await seller.log_out()
        await again.log_out()


async def until(condition) -> None:
    """Let the loop turn until something has happened that no call waits for."""
    while not condition():  # noqa: ASYNC110 - that is what this is
        await asyncio.sleep(0)


# --- who may come in ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "first",
    [
        b"GET / HTTP/1.1\r\nHost: venue\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n",
        b"\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a",
        b"\x00" * 100,
        b"8=FIX.9.9\x019=5\x0135=A\x0110=000\x01",
        build("FIX.4.4", "35=0|34=1|49=CLIENT|52=20260101-00:00:00|56=VENUE|"),
        build("FIX.4.4", "35=D|34=1|49=CLIENT|52=20260101-00:00:00|56=VENUE|"),
        build("FIX.4.4", f"35=A|34=1|49=STRANGER|52={sending_time()}|56=VENUE|98=0|108=30|"),
        build("FIX.4.2", f"35=A|34=1|49=CLIENT|52={sending_time()}|56=VENUE|98=0|108=30|"),
        build("FIX.4.4", f"35=A|34=1|49=VENUE|52={sending_time()}|56=CLIENT|98=0|108=30|"),
        build("FIX.4.4", f"35=A|34=1|52={sending_time()}|98=0|108=30|"),
        b"8=FIX.4.4\x019=99999999999999999999999999999999999999999\x01",
        b"8=FIX.4.4\x019=-5\x0135=A\x01",
    ],
)
async def test_what_is_no_logon_of_a_known_session_is_closed_without_a_word(first):
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        peer.writer.write(first)
        assert await peer.is_closed_silently()
        await peer.close()
        assert len(list(gateway.roster)) == 1


async def test_a_first_message_without_an_end_is_cut_at_the_size_of_one():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        peer.writer.write(b"8=FIX.4.4\x019=60000\x0135=A\x01" + b"58=x\x01" * 13_200)
        assert await peer.is_closed_silently()
        await peer.close()


@pytest.mark.parametrize("first", [b"", b"8", b"8=FIX.4.4\x019=70\x0135=A\x01"])
async def test_who_says_nothing_whole_in_time_is_closed(first):
    settings = venue(sessions=known("CLIENT"), first_logon_ns=50_000_000)
    async with running(settings) as gateway:
        idle = [await Peer.connect(gateway.addresses[0]) for _ in range(20)]
        for peer in idle:
            peer.writer.write(first)
        other = await Peer.log_on(gateway.addresses[0])
        for peer in idle:
            assert await peer.is_closed_silently()
            await peer.close()
        assert gateway.connections == 1
        await other.log_out()


async def test_an_identity_is_free_again_after_its_connection():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        for turn in range(3):
            peer = await Peer.connect(gateway.addresses[0])
            peer.next_out = 1 + 2 * turn
            peer.send("A", "98=0|108=30|")
            assert (await peer.read())[34] == str(1 + 2 * turn)
            await peer.log_out()


@pytest.mark.parametrize(
    ("begin_string", "extra"),
    [(f"FIX.4.{minor}", "") for minor in range(5)]
    + [("FIXT.1.1", f"1137={code}|") for code in "789"],
)
async def test_anyone_of_any_version_is_let_in_where_the_venue_says_so(begin_string, extra):
    async with running(venue(accept_any=True)) as gateway:
        peer = await Peer.connect(gateway.addresses[0], "Anyone at all", "Whoever", begin_string)
        peer.send("A", "98=0|108=30|" + extra)
        answer = await peer.read()
        assert (answer[35], answer[49], answer[56]) == ("A", "Whoever", "Anyone at all")
        await peer.log_out()


@pytest.mark.parametrize(
    ("sender", "target", "begin_string"),
    [
        ("x" * 101, "VENUE", "FIX.4.4"),
        ("CLIENT", "SOMEBODY", "FIX.4.4"),
        ("\xff\xfe", "VENUE", "FIX.4.4"),
        ("CLIENT", "VENUE", "FIX.9.9"),
    ],
)
async def test_even_then_not_everybody(sender, target, begin_string):
    async with running(venue(accept_any=True, comp_id="VENUE")) as gateway:
        peer = await Peer.connect(gateway.addresses[0], sender, target, begin_string)
        peer.send("A", "98=0|108=30|")
        assert await peer.is_closed_silently()
        await peer.close()


# --- peers that misbehave ---------------------------------------------------------------------


async def test_a_long_resend_lets_live_messages_through():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        party = gateway.roster.get("client")
        assert party is not None
        body = b"148=headline\x0133=1\x0158=" + b"x" * 1000 + b"\x01"
        for _ in range(1000):
            party.session.send(b"B", body, gateway.clock.now_ns())
        party.session.output()
        peer.send("2", "7=1|16=0|")
        peer.send("1", "112=in between|")
        order = []
        for _ in range(1002):
            message = await peer.read()
            order.append(message.get(112) or message.get(43))
        assert order.count("Y") == 1001  # one gap fill for the Logon, and a thousand again
        assert 0 < order.index("in between") < 1000
        await peer.log_out()


async def test_garbled_messages_are_skipped_and_the_session_lives():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        good = peer.message("1", "112=fine|")
        bad = peer.message("1", "112=bad|", number=2)[:-4] + b"999\x01"
        peer.writer.write(bad + b"rubbish\x00\xff" + good)
        assert (await peer.read())[112] == "fine"
        await peer.log_out()


async def test_a_reset_connection_frees_the_identity():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        sock = peer.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        peer.writer.transport.abort()
        party = gateway.roster.get("client")
        assert party is not None
        async with asyncio.timeout(5):
            await until(lambda: party.endpoint is None)
        again = await Peer.connect(gateway.addresses[0])
        again.next_out = 2
        again.send("A", "98=0|108=30|")
        assert (await again.read())[35] == "A"
        await again.log_out()


async def test_a_heartbeat_comes_without_being_asked():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        peer.send("A", "98=0|108=1|")
        assert (await peer.read())[35] == "A"
        assert (await peer.read())[35] in ("0", "1")
        await peer.log_out()


# --- ports ------------------------------------------------------------------------------------


async def test_a_silent_port_takes_connections_and_never_says_a_word():
    listen = (ListenSettings(LOOPBACK), ListenSettings(LOOPBACK, silent=True))
    async with running(venue(sessions=known("CLIENT"), listen=listen)) as gateway:
        peer = await Peer.connect(gateway.addresses[1])
        peer.send("A", "98=0|108=30|")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await peer.reader.read(1)
        assert [r.what for r in gateway.history] == [Silence()]
        other = await Peer.log_on(gateway.addresses[0])
        await other.log_out()
        await gateway.stop()
        assert await peer.is_closed_silently()
        await peer.close()


async def test_a_port_in_use_is_named():
    async with running(venue()) as gateway:
        taken = gateway.addresses[0]
        other = Gateway(venue(listen=(ListenSettings(taken),)))
        with pytest.raises(ListenError, match=f"cannot listen on {taken}: .*ddress already in use"):
            await other.start()


async def test_an_address_that_is_not_ours_is_named():
    other = Gateway(venue(listen=(ListenSettings(Address("192.0.2.1", 0)),)))
    with pytest.raises(ListenError, match=r"cannot listen on 192\.0\.2\.1:0: "):
        await other.start()


async def test_tls_with_a_client_certificate(tls_files):
    tls = ServerTls(tls_files / "venue.pem", tls_files / "venue.pem", tls_files / "ca.pem")
    listen = (ListenSettings(LOOPBACK, tls),)
    async with running(venue(sessions=known("CLIENT"), listen=listen)) as gateway:
        context = ssl.create_default_context(cafile=str(tls_files / "ca.pem"))
        context.load_cert_chain(str(tls_files / "client.pem"))
        peer = await Peer.log_on(gateway.addresses[0], ssl=context)
        peer.send("1", "112=" + "z" * 50_000 + "|")
        assert len((await peer.read())[112]) == 50_000
        await peer.log_out()

        bare = ssl.create_default_context(cafile=str(tls_files / "ca.pem"))
        stranger = await Peer.connect(gateway.addresses[0], ssl=bare)
        stranger.send("A", "98=0|108=30|")
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            await stranger.read()
        await stranger.close()


async def test_half_a_tls_handshake_ends_at_the_deadline(tls_files):
    tls = ServerTls(tls_files / "venue.pem", tls_files / "venue.pem")
    listen = (ListenSettings(LOOPBACK, tls),)
    settings = venue(sessions=known("CLIENT"), listen=listen, first_logon_ns=50_000_000)
    async with running(settings) as gateway:
        for hello in (b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"):
            peer = await Peer.connect(gateway.addresses[0])
            peer.writer.write(hello)
            assert await peer.is_closed_silently()
            await peer.close()


# --- the end ----------------------------------------------------------------------------------


async def test_stopping_logs_everyone_out():
    gateway = Gateway(venue(sessions=known("POLITE", "RUDE")))
    await gateway.start()
    polite = await Peer.log_on(gateway.addresses[0], "POLITE")
    rude = await Peer.log_on(gateway.addresses[0], "RUDE")
    waiting = await Peer.connect(gateway.addresses[0])
    stop = asyncio.create_task(gateway.stop(wait_ns=200_000_000))
    for peer in (polite, rude):
        logout = await peer.read()
        assert (logout[35], logout[58]) == ("5", "the venue is closing")
    polite.send("5")
    assert await polite.is_closed_silently()
    await polite.close()
    assert await waiting.is_closed_silently()
    await waiting.close()
    assert not stop.done()
    await stop
    assert await rude.is_closed_silently()
    await rude.close()
    assert gateway.connections == 0


async def test_a_store_that_is_held_stops_the_start(tmp_path):
    settings = venue(sessions=known("CLIENT"), store=StoreSettings(tmp_path))
    async with running(settings):
        with pytest.raises(StoreError, match="in use by process"):
            await Gateway(settings).start()


async def test_a_store_that_cannot_be_written_sends_nothing_and_recovers(tmp_path, monkeypatch):
    settings = venue(sessions=known("CLIENT"), store=StoreSettings(tmp_path))
    async with running(settings) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        party = gateway.roster.get("client")
        assert party is not None
        broken = StoreError("disk", "No space left on device")
        flush = type(party.session.store).flush

        def full(store):
            raise broken

        monkeypatch.setattr(type(party.session.store), "flush", full)
        peer.order("lost?")
        assert await peer.is_closed_silently()
        await peer.close()
        refused = await Peer.connect(gateway.addresses[0])
        refused.next_out = 3
        refused.send("A", "98=0|108=30|")
        assert await refused.is_closed_silently()
        await refused.close()
        monkeypatch.setattr(type(party.session.store), "flush", flush)
        again = await Peer.connect(gateway.addresses[0])
        again.next_out = 3
        again.send("A", "98=0|108=30|")
        assert (await again.read())[34] == "3"
        again.send("2", "7=2|16=2|")
        report = await again.read()
        assert (report[34], report[11], report[43]) == ("2", "lost?", "Y")
        await again.log_out()


async def test_a_fault_of_ours_cuts_one_connection_only(caplog):
    class Broken:
        def logged_on(self, client, now_ns):
            return []

        def logged_out(self, client, now_ns):
            return []

        def on_message(self, client, message, now_ns, *, poss_resend=False):
            raise RuntimeError("the venue is broken")

    gateway = Gateway(venue(sessions=known("CLIENT", "OTHER")), venue=Broken())
    await gateway.start()
    peer = await Peer.log_on(gateway.addresses[0])
    other = await Peer.log_on(gateway.addresses[0], "OTHER")
    peer.order("x")
    assert await peer.is_closed_silently()
    other.send("1", "112=undisturbed|")
    assert (await other.read())[112] == "undisturbed"
    await peer.close()
    await other.log_out()
    await gateway.stop()
    assert "the venue is broken" in caplog.text


async def test_desks_with_equal_compids_each_have_their_session_and_their_executions():
    desks = tuple(
        VenueSession(
            name, replace(acceptor("CLIENT"), id=replace(acceptor("CLIENT").id, their_sub_id=name))
        )
        for name in ("D1", "D2")
    )
    template = replace(acceptor("ANYONE"), routing=Routing())
    async with running(venue(sessions=desks, template=template)) as gateway:
        first = await Peer.connect(gateway.addresses[0])
        first.send("A", "50=D1|98=0|108=30|")
        second = await Peer.connect(gateway.addresses[0])
        second.send("A", "50=D2|98=0|108=30|")
        assert [(await peer.read())[57] for peer in (first, second)] == ["D1", "D2"]
        rest = f"55=ABC|60={sending_time()}|38=10|40=2|44=97|"
        first.send("D", f"50=D1|115=FUND|11=one|54=1|{rest}")
        assert (await first.read())[128] == "FUND"
        second.send("D", f"50=D2|11=two|54=2|{rest}")
        answers = [await second.read() for _ in range(2)]
        assert all(128 not in answer and answer[57] == "D2" for answer in answers)
        await first.close()
        await second.close()


async def test_a_client_hears_when_the_numbers_run_low_and_is_logged_out_with_the_last(caplog):
    policy = NumberingPolicy(highest=10_000)
    async with running(venue(sessions=known("CLIENT", numbering=policy))) as gateway:
        party = gateway.roster.get("client")
        assert party is not None
        party.session.store.set_next_out(8_998, 0)
        peer = await Peer.connect(gateway.addresses[0])
        peer.send("A", "98=0|108=30|")
        assert (await peer.read())[34] == "8998"
        peer.send("1", "112=a|")
        peer.send("1", "112=b|")
        peer.send("1", "112=c|")
        answers = [await peer.read() for _ in range(4)]
        assert [(answer[35], answer[34]) for answer in answers] == [
            ("0", "8999"), ("0", "9000"), ("B", "9001"), ("0", "9002"),
        ]  # fmt: skip
        assert answers[2][58] == "1000 sequence numbers are left, up to 10000"
        assert answers[2][58] in caplog.text
        for _ in range(997):
            peer.send("1", "112=x|")
        last = await peer.read_until("5")
        assert last[34] == "10000"
        assert "10000 is the last" in last[58]
        await peer.close()
