"""What the measuring itself costs, found before anything is measured.

A message as long as a Heartbeat goes to a thread of this process and back, over loopback, by the
same transport that carries sessions. Nothing faster than that can be seen from here.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time

from fixgate.latency.distribution import Recorder
from fixgate.latency.model import Floor
from fixgate.net.stamped import StampedTransport, can_stamp
from fixgate.net.stamps import StampKind
from fixgate.net.wire_events import BytesRead, BytesStamped, BytesWritten

__all__ = ["clock_step_ns", "measure_floor"]

_MESSAGE = b"8=FIX.4.4\x019=" + b"x" * 91
_WARM_UP = 20
_CLOCK_READINGS = 10_000


async def measure_floor(count: int = 200, *, clock: str = "") -> Floor | None:
    """Return what a round trip costs without any venue.

    Args:
        count: Round trips that count; some more come before, for the caches.
        clock: The name of the system's clock source, for the report.

    Returns:
        ``None`` where the system has no such transport, or no loopback.
    """
    if not can_stamp():
        return None
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(1)
            near = socket.create_connection(server.getsockname(), timeout=1)
            far, _ = server.accept()
    except OSError:
        return None
    for sock in (near, far):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    far.settimeout(None)
    near.setblocking(False)
    echo = threading.Thread(target=_echo, args=(far,), name="fixgate floor", daemon=True)
    echo.start()
    pinger = _Pinger(count + _WARM_UP)
    transport = StampedTransport(near, pinger, pinger.note)
    try:
        async with asyncio.timeout(5):
            await pinger.done
    except TimeoutError:
        return None
    finally:
        transport.abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        echo.join(1)
    app, wire = pinger.figures(_WARM_UP)
    found = app.distribution()
    return None if found is None else Floor(found, wire.distribution(), clock_step_ns(), clock)


def clock_step_ns() -> int:
    """Return the least step by which the wall clock is seen to move, nanoseconds."""
    last, least = time.time_ns(), 1 << 62
    for _ in range(_CLOCK_READINGS):
        now = time.time_ns()
        if 0 < now - last < least:
            least = now - last
        last = now
    return least


def _echo(sock: socket.socket) -> None:
    with sock:
        try:
            while data := sock.recv(4096):
                sock.sendall(data)
        except OSError:
            return  # whoever pinged has gone


class _Pinger(asyncio.Protocol):
    """Sends a message whenever the one before has come back."""

    def __init__(self, count: int) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._left = count
        self._transport: asyncio.WriteTransport | None = None
        self._got = 0
        self._written: list[BytesWritten] = []
        self._read: list[BytesRead] = []
        self._sent: dict[int, int] = {}

    def note(self, what: object) -> None:
        """Take what the transport tells."""
        match what:
            case BytesWritten():
                self._written.append(what)
            case BytesStamped(end, StampKind.SENT, at_ns):
                self._sent.setdefault(end, at_ns)
            case BytesRead():
                self._read.append(what)
            case _:
                pass

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport
            # Not now: the loop is not watching the socket yet.
            asyncio.get_running_loop().call_soon(self._ping)

    def _ping(self) -> None:
        if self._transport is not None and not self.done.done():
            self._left -= 1
            self._transport.write(_MESSAGE)

    def data_received(self, data: bytes) -> None:
        """Go on when the whole message is back."""
        self._got += len(data)
        if self._got % len(_MESSAGE):
            self._read.pop()  # half of it: the rest will tell
        elif self._left:
            self._ping()
        elif not self.done.done():
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, whether all is done or not."""
        if not self.done.done():
            self.done.cancel()

    def figures(self, warm_up: int) -> tuple[Recorder, Recorder]:
        """Return the round trips by our own clock, and by the kernel's stamps."""
        app, wire = Recorder(), Recorder()
        for written, read in list(zip(self._written, self._read, strict=False))[warm_up:]:
            app.record(read.at_ns - written.at_ns)
            sent_ns = self._sent.get(written.end)
            if sent_ns and read.software_ns:
                wire.record(read.software_ns - sent_ns)
        return app, wire
