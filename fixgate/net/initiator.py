"""Opens connections step by step, each step timed by its caller, each failure a value.

A checker wants to know which step failed and how long each took. So name resolution, TCP, TLS and
the FIX session are separate calls: `resolve`, `connect_tcp`, `start_tls`, `SessionConnection`.
All may be cancelled at any time (``asyncio.timeout``) and leave no socket behind.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections import deque
from dataclasses import dataclass
from enum import Enum

from fixgate.history import History
from fixgate.net.clock import Clock
from fixgate.net.endpoint import Endpoint
from fixgate.net.events import ConnectionClosed
from fixgate.net.settings import Address
from fixgate.net.tls import TlsChannel, TlsClient, TlsFacts, TlsFailed, TlsReason
from fixgate.session.events import Event
from fixgate.session.session import Session

__all__ = [
    "Attempt",
    "OpenFailed",
    "OpenReason",
    "Opened",
    "SessionConnection",
    "SocketAddress",
    "TlsEstablished",
    "connect_tcp",
    "resolve",
    "start_tls",
]

LINGER_NS = 250_000_000
"""A checker has seen the Logout by then; it does not wait long for the peer to close."""

_MAX_WRITE_BUFFER = 4 * 1024 * 1024
_READ_BYTES = 1 << 16


class OpenReason(Enum):
    """Why a connection could not be opened."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    RESET = "reset"
    DNS = "dns"
    NO_ADDRESS = "no-address"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SocketAddress:
    """One address that a name stands for."""

    family: int
    host: str
    port: int
    sockaddr: tuple[str, int] | tuple[str, int, int, int]

    def __str__(self) -> str:
        return str(Address(self.host, self.port))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One address that was tried.

    Attributes:
        address: Which.
        duration_ns: How long it took.
        reason: Why it failed, or ``None``.
        text: The system's wording, or empty.
    """

    address: SocketAddress
    duration_ns: int
    reason: OpenReason | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class OpenFailed:
    """No connection.

    Attributes:
        reason: Why; of several attempts the last.
        text: The system's wording.
        attempts: Every address that was tried, in order.
    """

    reason: OpenReason
    text: str
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A TCP connection stands; whoever holds this closes it, or hands it on.

    Attributes:
        sock: The socket, non-blocking.
        address: Where to.
        attempts: Every address that was tried; the last is this one.
    """

    sock: socket.socket
    address: SocketAddress
    attempts: tuple[Attempt, ...] = ()

    def close(self) -> None:
        """Close the connection."""
        self.sock.close()


@dataclass(frozen=True, slots=True)
class TlsEstablished:
    """TLS stands on a connection.

    Attributes:
        channel: The layer, for `SessionConnection`.
        facts: What the handshake showed.
        early: Plain bytes that came along with the handshake's last.
    """

    channel: TlsChannel
    facts: TlsFacts
    early: bytes = b""


async def resolve(address: Address) -> tuple[SocketAddress, ...] | OpenFailed:
    """Return every address that the host stands for, the families taking turns.

    Spec: RFC 8305, section 4, for the order.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[SocketAddress] | OpenFailed] = loop.create_future()

    def settle(result: list[SocketAddress] | OpenFailed) -> None:
        if not found.done():
            found.set_result(result)

    def work() -> None:
        result = _look_up(address)
        try:
            loop.call_soon_threadsafe(settle, result)
        except RuntimeError:
            pass  # nobody waits any more: the loop is closed

    # A daemon thread, not the loop's executor: a name server that never answers must not hold up
    # the end of the program, and there is no way to call the system's resolver off.
    threading.Thread(target=work, name=f"resolve {address.host}", daemon=True).start()
    result = await found
    return result if isinstance(result, OpenFailed) else tuple(_take_turns(result))


def _look_up(address: Address) -> list[SocketAddress] | OpenFailed:
    try:
        entries = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        missing = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        reason = OpenReason.NO_ADDRESS if error.errno in missing else OpenReason.DNS
        return OpenFailed(reason, error.strerror or str(error))
    except (OSError, UnicodeError) as error:
        return OpenFailed(OpenReason.DNS, str(error))
    found = []
    for family, _, _, _, sockaddr in entries:
        match sockaddr:
            case (str(host), int(port), *_) if family in (socket.AF_INET, socket.AF_INET6):
                place = SocketAddress(family, host, port, sockaddr)
                if place not in found:
                    found.append(place)
            case _:
                pass
    return found or OpenFailed(OpenReason.NO_ADDRESS, "no address of this system's families")


def _take_turns(found: list[SocketAddress]) -> list[SocketAddress]:
    first = [a for a in found if a.family == found[0].family]
    other = [a for a in found if a.family != found[0].family]
    ordered = []
    while first or other:
        ordered += first[:1] + other[:1]
        first, other = first[1:], other[1:]
    return ordered


async def connect_tcp(
    addresses: tuple[SocketAddress, ...], *, timeout_ns: int, clock: Clock
) -> Opened | OpenFailed:
    """Connect to the first address that answers; each gets its share of the time left.

    Args:
        addresses: At least one.
        timeout_ns: For all of them together.
        clock: The process's clock.
    """
    end_ns = clock.now_ns() + timeout_ns
    attempts: list[Attempt] = []
    for number, address in enumerate(addresses):
        began_ns = clock.now_ns()
        share_ns = max(end_ns - began_ns, 0) // (len(addresses) - number)
        result = await _connect(address, share_ns)
        took_ns = clock.now_ns() - began_ns
        if isinstance(result, socket.socket):
            attempts.append(Attempt(address, took_ns))
            return Opened(result, address, tuple(attempts))
        reason, text = result
        attempts.append(Attempt(address, took_ns, reason, text))
    if not attempts:
        return OpenFailed(OpenReason.NO_ADDRESS, "no address to connect to")
    last = attempts[-1]
    return OpenFailed(last.reason or OpenReason.OTHER, last.text, tuple(attempts))


async def _connect(
    address: SocketAddress, timeout_ns: int
) -> socket.socket | tuple[OpenReason, str]:
    try:
        sock = socket.socket(address.family, socket.SOCK_STREAM)
    except OSError as error:
        return OpenReason.OTHER, error.strerror or str(error)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        async with asyncio.timeout(timeout_ns / 1e9):
            await asyncio.get_running_loop().sock_connect(sock, address.sockaddr)
    except TimeoutError:
        sock.close()
        return OpenReason.TIMEOUT, f"no answer within {timeout_ns / 1e9:.1f} s"
    except OSError as error:
        sock.close()
        return _open_reason(error), error.strerror or str(error)
    except BaseException:
        sock.close()
        raise
    return sock


_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)


def _open_reason(error: OSError) -> OpenReason:
    if isinstance(error, ConnectionRefusedError):
        return OpenReason.REFUSED
    if isinstance(error, ConnectionError):
        return OpenReason.RESET
    if error.errno == errno.ETIMEDOUT:
        return OpenReason.TIMEOUT
    return OpenReason.UNREACHABLE if error.errno in _UNREACHABLE else OpenReason.OTHER


async def start_tls(
    opened: Opened, client: TlsClient, host: str, *, timeout_ns: int, clock: Clock
) -> TlsEstablished | TlsFailed:
    """Shake hands; on failure, and when cancelled, the connection is closed.

    Args:
        opened: The connection.
        client: See `fixgate.net.tls.client_tls`.
        host: Whom we mean to reach, unless the settings name somebody else.
        timeout_ns: For the handshake.
        clock: The process's clock.
    """
    channel = client.channel(host)
    try:
        async with asyncio.timeout(timeout_ns / 1e9):
            failed = await _shake_hands(opened.sock, channel)
        if failed is None:
            plain = channel.receive(b"")
            if isinstance(plain, bytes):
                return TlsEstablished(channel, channel.facts(clock.now_ns()), plain)
            failed = plain
    except TimeoutError:
        failed = TlsFailed(TlsReason.TIMEOUT, f"no end within {timeout_ns / 1e9:.1f} s")
    except OSError as error:
        failed = channel.failed(error)
    except BaseException:
        opened.close()
        raise
    opened.close()
    return failed


async def _shake_hands(sock: socket.socket, channel: TlsChannel) -> TlsFailed | None:
    loop = asyncio.get_running_loop()
    failed = channel.handshake()
    while True:
        answer = channel.output()
        if answer:
            await loop.sock_sendall(sock, answer)
        if failed is not None or channel.established:
            return failed
        data = await loop.sock_recv(sock, _READ_BYTES)
        if not data:
            return TlsFailed(TlsReason.CLOSED, "the peer closed during the handshake")
        failed = channel.handshake(data)


class SessionConnection:
    """A FIX session of ours on an open connection.

    Args:
        session: The session, role initiator; its store stays the caller's to close.
        clock: The process's clock.
        history: Gets network events; give the session the same one.
    """

    def __init__(self, session: Session, clock: Clock, history: History) -> None:
        self.session = session
        self._clock = clock
        self._history = history
        self._endpoint: Endpoint | None = None
        self._events: deque[tuple[int, Event]] = deque()
        self._news = asyncio.Event()
        self.closed: asyncio.Future[ConnectionClosed] = asyncio.get_running_loop().create_future()
        """Done when the connection is gone."""

    async def start(self, opened: Opened, tls: TlsEstablished | None = None) -> None:
        """Take the connection over and send the Logon.

        Args:
            opened: The connection; closed when this fails.
            tls: Its TLS, if any.

        Raises:
            StoreError: The store cannot be used.
            OSError: The connection cannot be used.
        """
        endpoint = Endpoint(
            self.session,
            self._clock,
            on_events=self._on_events,
            on_closed=self._on_closed,
            history=self._history,
            max_write_buffer=_MAX_WRITE_BUFFER,
            linger_ns=LINGER_NS,
            tls=tls.channel if tls else None,
        )
        try:
            await asyncio.get_running_loop().create_connection(lambda: endpoint, sock=opened.sock)
        except BaseException:
            endpoint.abort()
            opened.close()
            raise
        self._endpoint = endpoint
        if tls is not None and tls.early:
            early = tls.early
            endpoint.turn(lambda at_ns: self._on_events(self.session.receive(early, at_ns), at_ns))

    def _on_events(self, events: list[Event], now_ns: int) -> None:
        self._events.extend((now_ns, event) for event in events)
        self._news.set()

    def _on_closed(self, closed: ConnectionClosed, now_ns: int) -> None:
        if not self.closed.done():
            self.closed.set_result(closed)
        self._news.set()

    async def next_event(self) -> tuple[int, Event] | None:
        """Return the next event and its instant; ``None`` when the connection is gone."""
        while not self._events:
            if self.closed.done():
                return None
            self._news.clear()
            await self._news.wait()
        return self._events.popleft()

    def send(self, msg_type: bytes, body: bytes) -> tuple[int, int]:
        """Send an application message; return its MsgSeqNum(34) and the instant."""
        now_ns = self._clock.now_ns()
        seq_num = self.session.send(msg_type, body, now_ns)
        self._pump(now_ns)
        return seq_num, now_ns

    def test_request(self, test_req_id: bytes) -> int:
        """Send a TestRequest; return the instant.

        Raises:
            LocalProtocolError: The session is not active.
        """
        now_ns = self._clock.now_ns()
        self.session.test_request(test_req_id, now_ns)
        self._pump(now_ns)
        return now_ns

    def logout(self, text: str = "") -> int:
        """Begin an orderly end with a Logout; return the instant."""
        now_ns = self._clock.now_ns()
        self.session.logout(text, now_ns)
        self._pump(now_ns)
        return now_ns

    def _pump(self, now_ns: int) -> None:
        if self._endpoint is not None:
            self._endpoint.pump(now_ns)

    def abort(self) -> None:
        """Drop the connection now; `closed` follows."""
        if self._endpoint is not None:
            self._endpoint.abort()

    async def close(self) -> ConnectionClosed | None:
        """Close without a Logout and wait until the connection is gone.

        Returns:
            How it ended, or ``None`` when it was never started.
        """
        if self._endpoint is None:
            return None
        self._endpoint.close()
        try:
            return await asyncio.shield(self.closed)
        except asyncio.CancelledError:
            self._endpoint.abort()
            raise
