"""Weeks in seconds: an event loop whose time passes only while nobody has anything to do.

Nothing here is a socket: connections are pipes in memory, which take their time, break, or swallow
what is written, as a test wants it. The same dice make the same run.
"""

from __future__ import annotations

import asyncio
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["SECOND", "Pipe", "VirtualLoop", "run_virtual"]

SECOND = 1_000_000_000
_T = TypeVar("_T")


class _Selector(selectors.SelectSelector):
    """Waits for nothing: what is not ready now, time has to bring."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None):
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everybody waits, and no timer is set")
            self.loop.now_ns += max(round(timeout * 1e9), 0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop; ``now_ns`` is its monotonic clock.

    Attributes:
        ahead_ns: How far the wall clock is ahead of it; a test moves it.
    """

    def __init__(self, start_ns: int) -> None:
        selector = _Selector()
        selector.loop = self
        self.now_ns = 0
        self.ahead_ns = start_ns
        super().__init__(selector)

    def time(self) -> float:
        return self.now_ns / 1e9

    def wall(self) -> int:
        """The wall clock, nanoseconds since the epoch, UTC."""
        return self.now_ns + self.ahead_ns

    def monotonic(self) -> int:
        """The monotonic clock, nanoseconds."""
        return self.now_ns

    async def create_connection(self, factory, *, sock: Pipe):
        """Take an end of a pipe for a socket."""
        protocol = factory()
        sock.attach(protocol)
        return sock, protocol


class Pipe(asyncio.Transport):
    """One end of a connection in memory.

    Attributes:
        dead: What is written goes nowhere, and neither end knows.
    """

    def __init__(self, loop: VirtualLoop, latency_s: float) -> None:
        super().__init__()
        self._loop = loop
        self._latency_s = latency_s
        self._peer: Pipe = self
        self._protocol: Any = None
        self._on_the_way: deque[bytes | None] = deque()
        self._unread: deque[bytes | None] = deque()
        self._reading = True
        self._closing = self._lost = False
        self.dead = False

    @classmethod
    def pair(cls, loop: VirtualLoop, latency_s: float = 0.001) -> tuple[Pipe, Pipe]:
        one, other = cls(loop, latency_s), cls(loop, latency_s)
        one._peer, other._peer = other, one
        return one, other

    def attach(self, protocol: Any) -> None:
        self._protocol = protocol
        protocol.connection_made(self)

    def break_off(self) -> None:
        """The line breaks: what is on the way is lost, and both ends notice."""
        for end in (self, self._peer):
            end._on_the_way.clear()
            end._end(ConnectionResetError(104, "Connection reset by peer"))

    def _send(self, data: bytes | None) -> None:
        if not self.dead:
            self._peer._on_the_way.append(data)
            self._loop.call_later(self._latency_s, self._peer._arrived)

    def _arrived(self) -> None:
        if self._on_the_way:
            self._unread.append(self._on_the_way.popleft())
            self._deliver()

    def _deliver(self) -> None:
        while self._unread and self._reading and not self._lost and self._protocol is not None:
            data = self._unread.popleft()
            if data is not None:
                self._protocol.data_received(data)
            elif not self._protocol.eof_received():
                self.close()

    def _end(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = self._closing = True
            if self._protocol is not None:
                self._loop.call_soon(self._protocol.connection_lost, error)

    # What a protocol asks of its transport.

    def set_protocol(self, protocol):
        self._protocol = protocol

    def get_extra_info(self, name, default=None):
        return ("192.0.2.1", 9876) if name in ("peername", "sockname") else default

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def get_write_buffer_size(self):
        return 0

    def write(self, data):
        if not self._closing:
            self._send(bytes(data))

    def write_eof(self):
        self._send(None)

    def can_write_eof(self):
        return True

    def pause_reading(self):
        self._reading = False

    def resume_reading(self):
        self._reading = True
        self._loop.call_soon(self._deliver)

    def is_closing(self):
        return self._closing

    def close(self):
        if not self._closing:
            self._closing = True
            self._send(None)
            self._end(None)

    def abort(self):
        if not self._lost:
            self._send(None)
            self._end(None)


def run_virtual(start_ns: int, main: Callable[[VirtualLoop], Coroutine[Any, Any, _T]]) -> _T:
    """Run a coroutine to its end, beginning at ``start_ns``."""
    loop = VirtualLoop(start_ns)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))
