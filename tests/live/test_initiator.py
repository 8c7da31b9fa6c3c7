"""Opening connections step by step, and a session of ours on them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time

import pytest

from fixgate.dictionary import validator_for
from fixgate.history import History
from fixgate.net import (
    Address,
    ClientTls,
    Clock,
    CloseReason,
    ListenSettings,
    Opened,
    OpenFailed,
    OpenReason,
    ServerTls,
    SessionConnection,
    SocketAddress,
    TlsEstablished,
    TlsFailed,
    TlsReason,
    client_tls,
    connect_tcp,
    resolve,
    start_tls,
)
from fixgate.net.events import ConnectionClosed, ConnectionOpened
from fixgate.net.wire_events import BytesRead, BytesStamped, BytesWritten, StampsAbsent
from fixgate.session.events import AppMessage, HeartbeatReceived, LoggedOn, LoggedOut
from fixgate.session.session import Session
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.store import MemoryStore
from tests.live.conftest import LOOPBACK, known, running, venue
from tests.live.peer import Peer

SECOND = 1_000_000_000
CLOCK = Clock()
WIRE = (BytesRead, BytesStamped, BytesWritten, StampsAbsent)


def at(address: Address) -> tuple[SocketAddress, ...]:
    sockaddr = (address.host, address.port)
    return (SocketAddress(socket.AF_INET, address.host, address.port, sockaddr),)


async def open_to(address: Address) -> Opened:
    opened = await connect_tcp(at(address), timeout_ns=SECOND, clock=CLOCK)
    assert isinstance(opened, Opened)
    return opened


@contextlib.asynccontextmanager
async def listening(on_connect):
    """A raw server whose connections are gone, too, in the end."""
    handlers: set[asyncio.Task] = set()

    async def handle(reader, writer):
        handlers.add(asyncio.current_task())
        try:
            await on_connect(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        async with asyncio.timeout(10):
            yield Address(*server.sockets[0].getsockname()[:2])
    finally:
        server.close()
        for handler in handlers:
            handler.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


def open_sockets() -> int:
    import gc
    import os

    gc.collect()
    return sum(
        1
        for fd in os.listdir("/proc/self/fd")
        if os.path.exists(f"/proc/self/fd/{fd}")
        and os.readlink(f"/proc/self/fd/{fd}").startswith("socket:")
    )


# --- names and TCP ------------------------------------------------------------------------


async def test_an_address_stands_for_itself():
    assert await resolve(Address("127.0.0.1", 5001)) == at(Address("127.0.0.1", 5001))
    (six,) = await resolve(Address("::1", 5001))
    assert (six.family, str(six)) == (socket.AF_INET6, "[::1]:5001")


@pytest.mark.parametrize("host", ["", "\x00", "a" * 300, "..", "\udcff"])
async def test_a_name_that_is_none(host):
    result = await resolve(Address(host, 1))
    assert isinstance(result, OpenFailed) or host == ""


async def test_families_take_turns(monkeypatch):
    def look_up(*_args, **_kwargs):
        six = [(socket.AF_INET6, 1, 6, "", (f"::{n}", 1, 0, 0)) for n in (1, 2, 3)]
        return [*six, (socket.AF_INET, 1, 6, "", ("10.0.0.1", 1))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    found = await resolve(Address("venue.example", 1))
    assert not isinstance(found, OpenFailed)
    assert [a.host for a in found] == ["::1", "10.0.0.1", "::2", "::3"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), OpenReason.NO_ADDRESS),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), OpenReason.DNS),
    ],
)
async def test_failures_of_the_resolver(monkeypatch, error, reason):
    def look_up(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    result = await resolve(Address("venue.example", 1))
    assert isinstance(result, OpenFailed)
    assert (result.reason, result.text) == (reason, error.strerror)


async def test_a_resolver_that_hangs_holds_up_nobody(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: over.wait() and [])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await resolve(Address("venue.example", 1))
    over.set()


async def test_refused_names_the_address():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        address = Address("127.0.0.1", sock.getsockname()[1])
        result = await connect_tcp(at(address), timeout_ns=SECOND, clock=CLOCK)
    assert isinstance(result, OpenFailed)
    assert (result.reason, result.text) == (OpenReason.REFUSED, "Connection refused")
    (attempt,) = result.attempts
    assert str(attempt.address) == str(address)
    assert 0 < attempt.duration_ns < SECOND


async def test_the_second_address_is_tried_when_the_first_is_dead():
    async with running(venue(sessions=known("CLIENT"))) as gateway:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            dead = at(Address("127.0.0.1", sock.getsockname()[1]))
            both = dead + at(gateway.addresses[0])
            opened = await connect_tcp(both, timeout_ns=SECOND, clock=CLOCK)
        assert isinstance(opened, Opened)
        assert [a.reason for a in opened.attempts] == [OpenReason.REFUSED, None]
        opened.close()


async def test_a_connect_that_hangs_times_out_and_may_be_cancelled():
    before = open_sockets()
    with socket.socket() as sock:
        # A listener with a full backlog leaves further connects without an answer.
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        address = Address("127.0.0.1", sock.getsockname()[1])
        fill = [await open_to(address)]
        result = await connect_tcp(at(address), timeout_ns=SECOND // 20, clock=CLOCK)
        while isinstance(result, Opened):
            fill.append(result)
            result = await connect_tcp(at(address), timeout_ns=SECOND // 20, clock=CLOCK)
        assert result.reason is OpenReason.TIMEOUT
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await connect_tcp(at(address), timeout_ns=9 * SECOND, clock=CLOCK)
        for opened in fill:
            opened.close()
    assert open_sockets() == before


# --- TLS ----------------------------------------------------------------------------------


async def tls_to(address: Address, tls: ClientTls, host="127.0.0.1", timeout_ns=SECOND):
    opened = await open_to(address)
    result = await start_tls(opened, client_tls(tls), host, timeout_ns=timeout_ns, clock=CLOCK)
    if isinstance(result, TlsFailed):
        assert opened.sock.fileno() == -1
    return opened, result


async def test_tls_facts(tls_files):
    tls = ServerTls(tls_files / "venue.pem", tls_files / "venue.pem")
    async with running(venue(listen=(ListenSettings(LOOPBACK, tls),))) as gateway:
        opened, result = await tls_to(gateway.addresses[0], ClientTls(tls_files / "ca.pem"))
        assert isinstance(result, TlsEstablished)
        assert result.facts.version == "TLSv1.3"
        assert result.facts.certificate is not None
        assert result.facts.certificate.is_for("localhost")
        opened.close()
        _, failed = await tls_to(gateway.addresses[0], ClientTls(tls_files / "venue.pem"))
        assert isinstance(failed, TlsFailed)
        assert failed.reason is TlsReason.UNKNOWN_AUTHORITY
        assert failed.certificate == result.facts.certificate


async def test_peers_that_do_not_finish_the_handshake(tls_files):
    async def close(reader, writer):
        writer.close()

    async def reset(reader, writer):
        await reader.read(1)
        writer.transport.abort()

    async def hang(reader, writer):
        await reader.read()
        writer.close()

    async def speak_fix(reader, writer):
        writer.write(b"8=FIX.4.4\x019=5\x01")
        await reader.read()
        writer.close()

    for behave, reasons in (
        (close, (TlsReason.CLOSED, TlsReason.RESET)),
        (reset, (TlsReason.RESET, TlsReason.CLOSED)),
        (hang, (TlsReason.TIMEOUT,)),
        (speak_fix, (TlsReason.NOT_TLS,)),
    ):
        async with listening(behave) as address:
            _, failed = await tls_to(
                address, ClientTls(tls_files / "ca.pem"), timeout_ns=SECOND // 20
            )
            assert isinstance(failed, TlsFailed)
            assert failed.reason in reasons


async def test_a_handshake_may_be_cancelled(tls_files):
    async def hang(reader, writer):
        await reader.read()
        writer.close()

    async with listening(hang) as address:
        opened = await open_to(address)
        client = client_tls(ClientTls(tls_files / "ca.pem"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await start_tls(opened, client, "x", timeout_ns=9 * SECOND, clock=CLOCK)
        assert opened.sock.fileno() == -1


# --- the session --------------------------------------------------------------------------


class Stamped:
    wanted = False


@pytest.fixture(params=[False, True], ids=["plain", "stamped"])
def stamped(request, monkeypatch):
    """Every session on both transports: they must not differ but in what they note."""
    monkeypatch.setattr(Stamped, "wanted", request.param)


def connection(**kwargs) -> tuple[SessionConnection, History]:
    settings = SessionSettings(
        SessionId("FIX.4.4", "CLIENT", "VENUE"), Role.INITIATOR, observe=True, **kwargs
    )
    history = History()
    session = Session(settings, MemoryStore(), validator_for("FIX.4.4"), history)
    return SessionConnection(session, CLOCK, history, stamped=Stamped.wanted), history


async def next_of(conn: SessionConnection, kind: type):
    async with asyncio.timeout(5):
        while (item := await conn.next_event()) is not None:
            if isinstance(item[1], kind):
                return item
    raise AssertionError(f"no {kind.__name__} before the end")


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.usefixtures("stamped")
async def test_a_whole_check_of_a_session(tls_files, secure):
    tls = ServerTls(tls_files / "venue.pem", tls_files / "venue.pem", tls_files / "ca.pem")
    listen = (ListenSettings(LOOPBACK, tls if secure else None),)
    before = open_sockets()
    async with running(venue(sessions=known("CLIENT"), listen=listen)) as gateway:
        opened, established = await open_to(gateway.addresses[0]), None
        if secure:
            ours = ClientTls(tls_files / "ca.pem", certificate=tls_files / "client.pem")
            established = await start_tls(
                opened, client_tls(ours), "localhost", timeout_ns=SECOND, clock=CLOCK
            )
            assert isinstance(established, TlsEstablished)
            assert established.facts.client_certificate_asked
        conn, history = connection()
        await conn.start(opened, established)
        _, logged_on = await next_of(conn, LoggedOn)
        assert logged_on.heartbeat_s == 30
        sent_ns = conn.test_request(b"ping")
        at_ns, heartbeat = await next_of(conn, HeartbeatReceived)
        assert heartbeat.test_req_id == b"ping"
        assert 0 < at_ns - sent_ns < SECOND
        order = b"11=a\x0155=ABC\x0154=1\x0160=20260101-00:00:00\x0138=1\x0140=2\x0144=90\x01"
        number, _ = conn.send(b"D", order)
        assert number == 3
        _, report = await next_of(conn, AppMessage)
        assert report.message.get(11) == b"a"
        conn.logout()
        _, ended = await next_of(conn, LoggedOut)
        assert ended.clean
        async with asyncio.timeout(1):
            closed = await conn.closed
        assert closed.reason in (CloseReason.OURS, CloseReason.PEER)
        assert await conn.next_event() is None
        noted = [type(r.what) for r in history if r.glyph == "~"]
        opened_closed = [each for each in noted if each not in WIRE]
        assert opened_closed == [ConnectionOpened, ConnectionClosed]
        assert any(each in WIRE for each in noted) is Stamped.wanted
    assert open_sockets() == before


@pytest.mark.usefixtures("stamped")
async def test_a_refused_client_certificate_shows_after_the_handshake(tls_files):
    tls = ServerTls(tls_files / "venue.pem", tls_files / "venue.pem", tls_files / "ca.pem")
    listen = (ListenSettings(LOOPBACK, tls),)
    async with running(venue(sessions=known("CLIENT"), listen=listen)) as gateway:
        opened, established = await tls_to(gateway.addresses[0], ClientTls(tls_files / "ca.pem"))
        assert isinstance(established, TlsEstablished)
        assert established.facts.client_certificate_asked
        conn, _ = connection()
        await conn.start(opened, established)
        closed = await conn.closed
        assert closed.reason is CloseReason.TLS
        assert closed.tls is not None
        assert closed.tls.reason is TlsReason.CLIENT_CERTIFICATE_REQUIRED


@pytest.mark.usefixtures("stamped")
async def test_how_the_connection_ended_is_told():
    async def close(reader, writer):
        await reader.read(1)
        writer.write_eof()
        await reader.read()
        writer.close()

    async def reset(reader, writer):
        await reader.readuntil(b"10=")
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        writer.transport.abort()

    for behave, reason in ((close, CloseReason.PEER), (reset, CloseReason.RESET)):
        async with listening(behave) as address:
            conn, _ = connection()
            await conn.start(await open_to(address))
            assert (await conn.closed).reason is reason
            assert await conn.close() == await conn.closed


@pytest.mark.usefixtures("stamped")
async def test_closing_waits_for_the_peer_but_not_for_long():
    async def hang(reader, writer):
        await asyncio.Event().wait()

    async with listening(hang) as address:
        conn, _ = connection()
        await conn.start(await open_to(address))
        began = time.monotonic()
        closed = await conn.close()
        assert closed is not None
        assert closed.reason is CloseReason.OURS
        assert time.monotonic() - began < 1


@pytest.mark.usefixtures("stamped")
async def test_a_peer_that_is_only_a_raw_socket_sees_our_logon():
    async def answer(reader, writer):
        peer = Peer(reader, writer, "VENUE", "CLIENT", "FIX.4.4")
        logon = await peer.read()
        assert (logon[35], logon[34], logon[98], logon[108]) == ("A", "1", "0", "30")
        peer.send("A", "98=0|108=20|")
        assert (await peer.read())[35] == "5"
        peer.send("5", "58=bye|")
        assert await peer.is_closed_silently()
        await peer.close()

    async with listening(answer) as address:
        conn, _ = connection()
        await conn.start(await open_to(address))
        _, logged_on = await next_of(conn, LoggedOn)
        assert (logged_on.heartbeat_s, logged_on.asked_heartbeat_s) == (20, 30)
        conn.logout("done")
        _, ended = await next_of(conn, LoggedOut)
        assert (ended.clean, ended.text) == (True, "bye")
        await conn.closed
