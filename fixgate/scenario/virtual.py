"""The virtual world: an event loop whose time passes only while nobody has anything to do.

Nothing here is a socket: connections are pairs of queues in memory. Whoever listens and connects by
the loop's own means runs on it unchanged, and the same dice make the same run, since callbacks of
equal instants run in the order in which they were asked for.
"""

from __future__ import annotations

import asyncio
import errno
import os
import selectors
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from fixgate.net.clock import Clock

__all__ = ["LATENCY_NS", "Pipe", "VirtualLoop", "VirtualServer"]

LATENCY_NS = 500_000
"""How long bytes are on their way: half a millisecond, as in a metropolitan network."""

_TURNS_AT_ONCE = 100_000
"""Turns of the loop at one instant; a resend of thousands of messages takes some hundreds."""

_CREEP_NS = 10_000_000
"""Time that passes with every turn after that, so that whoever waits for the end sees it."""

_FIRST_PORT = 20_000
_CLIENT_PORT = 40_000
_HOST = "127.0.0.1"

Name: TypeAlias = tuple[str, int]
Factory: TypeAlias = Callable[[], asyncio.BaseProtocol]


class _Selector(selectors.SelectSelector):
    """Waits for nothing: what is not ready now, time has to bring."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        self.loop.turned()
        if not ready:
            if timeout is None:
                raise RuntimeError("everybody waits, and no timer is set")
            self.loop.now_ns += max(round(timeout * 1e9), 0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop and its network.

    Args:
        start_ns: The wall clock at the beginning, nanoseconds since the epoch, UTC.
        latency_ns: How long bytes are on their way, nanoseconds.

    Attributes:
        now_ns: The monotonic clock, nanoseconds; 0 at the beginning.
        ahead_ns: How far the wall clock is ahead of it.
        stuck: Called when time does not pass any more, because somebody is never done.
    """

    def __init__(self, start_ns: int, latency_ns: int = LATENCY_NS) -> None:
        selector = _Selector()
        selector.loop = self
        self.now_ns = 0
        self.ahead_ns = start_ns
        self._latency_ns = latency_ns
        self.stuck: Callable[[], None] = lambda: None
        self._turns, self._turned_at_ns = 0, 0
        self._listening: dict[int, VirtualServer] = {}
        self._ports = 0
        super().__init__(selector)

    def time(self) -> float:
        """Return the monotonic clock, seconds."""
        return self.now_ns / 1e9

    def turned(self) -> None:
        """Count a turn of the loop in which time did not pass; after too many it passes anyhow."""
        if self._turns < _TURNS_AT_ONCE:
            if self.now_ns != self._turned_at_ns:
                self._turns, self._turned_at_ns = 0, self.now_ns
            self._turns += 1
            if self._turns == _TURNS_AT_ONCE:
                self.stuck()
        else:
            self.now_ns += _CREEP_NS

    def clock(self) -> Clock:
        """Return a clock of this world."""
        return Clock(lambda: self.now_ns + self.ahead_ns, lambda: self.now_ns, steady=True)

    # What asyncio's own does with sockets. Its signatures have dozens of options that nobody here
    # uses.

    async def create_server(  # type: ignore[override]
        self, factory: Factory, host: str, port: int, *, backlog: int = 100
    ) -> VirtualServer:
        """Listen; port 0 becomes a free one.

        Raises:
            OSError: Somebody else listens there.
        """
        if port == 0:
            port = _FIRST_PORT
            while port in self._listening:
                port += 1
        if port in self._listening:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        server = VirtualServer(factory, (host, port), self._listening)
        self._listening[port] = server
        return server

    async def create_connection(  # type: ignore[override]
        self, factory: Factory, *, sock: Pipe
    ) -> tuple[Pipe, asyncio.BaseProtocol]:
        """Take an end of a connection for a socket."""
        protocol = factory()
        sock.attach(protocol)
        return sock, protocol

    async def dial(self, port: int) -> Pipe:
        """Connect to whoever listens, which takes a message there and one back.

        Raises:
            ConnectionRefusedError: Nobody does.
        """
        await asyncio.sleep(self._latency_ns / 1e9)
        server = self._listening.get(port)
        if server is None:
            await asyncio.sleep(self._latency_ns / 1e9)
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        self._ports += 1
        here = (_HOST, _CLIENT_PORT + self._ports % _FIRST_PORT)
        ours, theirs = Pipe(self, here, server.name), Pipe(self, server.name, here)
        ours.peer, theirs.peer = theirs, ours
        theirs.attach(server.factory())
        await asyncio.sleep(self._latency_ns / 1e9)
        return ours

    @property
    def latency_ns(self) -> int:
        """How long bytes are on their way, nanoseconds."""
        return self._latency_ns


class _Listening:
    """As much of a listening socket as is asked for its name."""

    def __init__(self, name: Name) -> None:
        self._name = name

    def getsockname(self) -> Name:
        return self._name


class VirtualServer:
    """Somebody who listens: as much of an `asyncio.Server` as anybody asks for."""

    def __init__(self, factory: Factory, name: Name, listening: dict[int, VirtualServer]) -> None:
        self.factory = factory
        self.name = name
        self.sockets = (_Listening(name),)
        self._listening = listening

    def close(self) -> None:
        """Listen no more; what has been accepted stays."""
        if self._listening.get(self.name[1]) is self:
            del self._listening[self.name[1]]


class Pipe(asyncio.Transport):
    """One end of a connection in memory: a transport, and the socket that it would be made of.

    Args:
        loop: The world.
        here: Our address.
        there: The peer's.
    """

    peer: Pipe

    def __init__(self, loop: VirtualLoop, here: Name, there: Name) -> None:
        super().__init__({"sockname": here, "peername": there})
        self._loop = loop
        self._protocol: asyncio.BaseProtocol | None = None
        self._on_the_way: deque[bytes | None] = deque()
        self._unread: deque[bytes | None] = deque()
        self._reading = True
        self._closing = self._lost = self._finished = self._ended = False

    def attach(self, protocol: asyncio.BaseProtocol) -> None:
        """Begin: a protocol takes the connection."""
        self._protocol = protocol
        protocol.connection_made(self)
        self._loop.call_soon(self._deliver)

    def reset(self) -> None:
        """End with an RST: what is on the way to us is lost, and the peer sees a reset."""
        self._on_the_way.clear()
        self._unread.clear()
        if not self._lost and self.peer._protocol is not None:
            self._loop.call_later(self._latency_s, self.peer._was_reset)
        self._end(None)

    def _was_reset(self) -> None:
        self._unread.clear()
        self._end(ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)))

    @property
    def _latency_s(self) -> float:
        return self._loop.latency_ns / 1e9

    def _send(self, data: bytes | None) -> None:
        self.peer._on_the_way.append(data)
        self._loop.call_later(self._latency_s, self.peer._arrived)

    def _arrived(self) -> None:
        if self._on_the_way:
            data = self._on_the_way.popleft()
            if self._lost and data:
                # Nobody is there any more: the kernel answers with a reset.
                self._loop.call_later(self._latency_s, self.peer._was_reset)
                return
            self._unread.append(data)
            self._deliver()

    def _deliver(self) -> None:
        while self._unread and self._reading and not self._lost:
            protocol = self._protocol
            if not isinstance(protocol, asyncio.Protocol):
                return
            data = self._unread.popleft()
            if data is not None:
                protocol.data_received(data)
                continue
            self._ended = True
            if self._finished or not protocol.eof_received():
                self.close()
                self._end(None)

    def _end(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = self._closing = True
            if self._protocol is not None:
                self._loop.call_soon(self._protocol.connection_lost, error)

    # What a protocol asks of its transport.

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return who has the connection."""
        assert self._protocol is not None
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection over."""
        self._protocol = protocol

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: what is written is on its way at once."""

    def get_write_buffer_size(self) -> int:
        """Return 0; see `set_write_buffer_limits`."""
        return 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send."""
        if not self._closing and not self._finished and data:
            self._send(bytes(data))

    def can_write_eof(self) -> bool:
        """Return that it is possible."""
        return True

    def write_eof(self) -> None:
        """Send no more; what comes is still read."""
        if not self._closing and not self._finished:
            self._finished = True
            self._send(None)
            if self._ended:
                self._end(None)

    def pause_reading(self) -> None:
        """Leave unread what comes."""
        self._reading = False

    def resume_reading(self) -> None:
        """Read again."""
        self._reading = True
        self._loop.call_soon(self._deliver)

    def is_reading(self) -> bool:
        """Return whether what comes is read."""
        return self._reading

    def is_closing(self) -> bool:
        """Return whether the connection is at its end."""
        return self._closing

    def close(self) -> None:
        """End in order."""
        if not self._closing:
            self._closing = True
            if not self._finished:
                self._finished = True
                self._send(None)
            self._end(None)

    def abort(self) -> None:
        """End at once: with an RST if there is anything unread, as a kernel does."""
        if self._lost:
            return
        if self._unread:
            self.reset()
        else:
            self.close()

    # What the owner of a socket asks of it.

    def getpeername(self) -> Name:
        """Return the peer's address."""
        name: Name = self.get_extra_info("peername")
        return name

    def fileno(self) -> int:
        """Return that there is none."""
        return -1
