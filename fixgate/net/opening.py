"""Opens connections step by step, each step timed by its caller, each failure a value.

A checker wants to know which step failed and how long each took. So name resolution, TCP and TLS
are separate calls; the FIX session of `fixgate.net.initiator` comes after them. All may be
cancelled at any time (``asyncio.timeout``) and leave no socket behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from fixgate.net.clock import Clock
from fixgate.net.settings import Address
from fixgate.net.tls import TlsChannel, TlsClient
from fixgate.net.tls_outcome import TlsFacts, TlsFailed, TlsReason

__all__ = [
    "Attempt",
    "OpenFailed",
    "OpenReason",
    "Opened",
    "SocketAddress",
    "TlsEstablished",
    "connect_tcp",
    "resolve",
    "start_tls",
]

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
    sockaddr: tuple[object, ...]

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
        # When nobody waits any more the loop may be closed.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result)

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
    found: list[SocketAddress] = []
    for family, _, _, _, sockaddr in entries:
        if family in (socket.AF_INET, socket.AF_INET6):
            place = SocketAddress(family, str(sockaddr[0]), int(sockaddr[1]), sockaddr)
            if place not in found:
                found.append(place)
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
    end_ns = clock.steady_ns() + timeout_ns
    attempts: list[Attempt] = []
    for number, address in enumerate(addresses):
        began_ns = clock.steady_ns()
        share_ns = max(end_ns - began_ns, 0) // (len(addresses) - number)
        result = await _connect(address, share_ns)
        took_ns = clock.steady_ns() - began_ns
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
        # The event loop words its errors in its own way; the system's words are the ones to know.
        return _open_reason(error), os.strerror(error.errno) if error.errno else str(error)
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
    opened: Opened,
    client: TlsClient,
    host: str,
    *,
    timeout_ns: int,
    clock: Clock,
    failing: Callable[[], None] | None = None,
) -> TlsEstablished | TlsFailed:
    """Shake hands; on failure, and when cancelled, the connection is closed.

    Args:
        opened: The connection.
        client: See `fixgate.net.tls.client_tls`.
        host: Whom we mean to reach, unless the settings name somebody else.
        timeout_ns: For the handshake.
        clock: The process's clock.
        failing: Called when it has failed, while the connection is there still.
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
    if failing is not None:
        failing()
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
