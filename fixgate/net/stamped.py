"""A transport whose bytes are stamped by the kernel, on their way out and on their way in.

Theory of operation
-------------------
The transports of asyncio and uvloop read by themselves, and what the kernel says beside the data
is lost. So this one has the socket to itself. Stamps of what was sent wait in the socket's error
queue, and a socket with something there counts as one with an error: uvloop would stop listening
to it. Hence an epoll of our own around the socket, which the loop watches like any descriptor.

Stamps are read right after each write, when those of this machine are there already, and whenever
the socket says so; never between a write and its stamp, so that nothing of it is measured.

Like its models it calls its protocol from the event loop only, and never after ``connection_lost``.
"""

from __future__ import annotations

import asyncio
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from fixgate.net.stamps import enable_stamps, read_tx_stamps, rx_stamp
from fixgate.net.tcp_info import tcp_info_bytes
from fixgate.net.tls_records import TlsRecords
from fixgate.net.wire_events import BytesRead, BytesStamped, BytesWritten, StampsAbsent

__all__ = ["StampedTransport", "can_stamp"]

_READ_BYTES = 64 * 1024
_ANCILLARY_BYTES = 512
_WRAP = 1 << 32
_HIGH_BYTES = 64 * 1024


def can_stamp() -> bool:
    """Whether this system has what the transport is made of."""
    return hasattr(select, "epoll") and hasattr(socket, "MSG_ERRQUEUE")


class StampedTransport(asyncio.Transport):
    """One connection, its protocol on top.

    Args:
        sock: Connected, non-blocking; nothing that was sent on it is under way. It is closed with
            the transport.
        protocol: Gets what comes.
        note: Is told the events of `fixgate.net.wire_events`.
        tls: The protocol puts TLS on it.
    """

    def __init__(
        self,
        sock: socket.socket,
        protocol: asyncio.Protocol,
        note: Callable[[object], None],
        *,
        tls: bool = False,
    ) -> None:
        names = {"sockname": sock.getsockname(), "peername": sock.getpeername()}
        super().__init__({"socket": sock, **names})
        self._sock = sock
        self._protocol = protocol
        self._note = note
        self._loop = asyncio.get_running_loop()
        self._records = TlsRecords() if tls else None
        self._buffer = bytearray()
        self._queued = self._stamped = 0
        self._high, self._low = _HIGH_BYTES, _HIGH_BYTES // 4
        self._writing_paused = self._reading_paused = False
        self._eof_wanted = self._eof_seen = False
        self._closing = self._lost = False
        absent = enable_stamps(sock)
        if absent:
            note(StampsAbsent(absent))
        self._epoll = select.epoll()
        self._mask = select.EPOLLIN
        self._epoll.register(sock.fileno(), self._mask)
        self._loop.add_reader(self._epoll.fileno(), self._ready)
        protocol.connection_made(self)

    # What the socket says.

    def _ready(self) -> None:
        for _, said in self._epoll.poll(0):
            if said & select.EPOLLERR:
                self._read_stamps()
            if said & select.EPOLLOUT and not self._lost:
                self._flush()
            readable = said & (select.EPOLLIN | select.EPOLLHUP)
            if readable and not self._lost and self._mask & select.EPOLLIN:
                self._read()
            elif said & select.EPOLLHUP and not self._lost:
                self._hung_up()

    def _read(self) -> None:
        try:
            data, ancillary, _, _ = self._sock.recvmsg(_READ_BYTES, _ANCILLARY_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._fail(error)
            return
        at_ns, monotonic_ns = time.time_ns(), time.monotonic_ns()
        if not data:
            self._end_of_input()
            return
        software_ns, hardware_ns = rx_stamp(ancillary) or (0, 0)
        whole = self._records is None or self._records.ends_with(data)
        tcp = tcp_info_bytes(self._sock)
        self._read_stamps()
        self._note(BytesRead(len(data), at_ns, monotonic_ns, software_ns, hardware_ns, whole, tcp))
        self._protocol.data_received(data)

    def _read_stamps(self) -> None:
        for end, kind, (software_ns, hardware_ns) in read_tx_stamps(self._sock):
            # Nothing is stamped before it was written, nor 4 GiB later.
            behind = (self._queued - end) % _WRAP
            self._note(BytesStamped(self._queued - behind, kind, software_ns, hardware_ns))

    def _end_of_input(self) -> None:
        self._eof_seen = True
        self._listen()
        if not self._protocol.eof_received():
            self.close()

    def _hung_up(self) -> None:
        """Both halves are closed, and nobody may read yet: do not ask again until then."""
        self._epoll.modify(self._sock.fileno(), select.EPOLLET)

    # Reading.

    def _listen(self) -> None:
        """Wait for what is wanted now."""
        if self._lost:
            return
        mask = select.EPOLLOUT if self._buffer else 0
        if not (self._reading_paused or self._eof_seen or self._closing):
            mask |= select.EPOLLIN
        self._mask = mask
        self._epoll.modify(self._sock.fileno(), mask)

    def pause_reading(self) -> None:
        """Read nothing for now."""
        self._reading_paused = True
        self._listen()

    def resume_reading(self) -> None:
        """Read again."""
        self._reading_paused = False
        self._listen()

    def is_reading(self) -> bool:
        """Whether what comes is read."""
        return bool(self._mask & select.EPOLLIN)

    # Writing.

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send, or keep for when the socket can take it."""
        if not data or self._closing or self._eof_wanted or self._lost:
            return
        tcp = tcp_info_bytes(self._sock)
        at_ns, monotonic_ns = time.time_ns(), time.monotonic_ns()
        sent = 0
        if not self._buffer:
            try:
                sent = self._sock.send(data)
            except (BlockingIOError, InterruptedError):
                pass
            except OSError as error:
                self._fail(error)
                return
        self._queued += len(data)
        self._note(BytesWritten(self._queued, at_ns, monotonic_ns, tcp))
        self._read_stamps()
        if sent < len(data):
            self._buffer += memoryview(data)[sent:]
            self._listen()
            if len(self._buffer) > self._high and not self._writing_paused:
                self._writing_paused = True
                self._protocol.pause_writing()

    def _flush(self) -> None:
        try:
            sent = self._sock.send(self._buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._fail(error)
            return
        del self._buffer[:sent]
        if self._writing_paused and len(self._buffer) <= self._low:
            self._writing_paused = False
            self._protocol.resume_writing()
        if not self._buffer:
            self._listen()
            if self._closing:
                self._lose(None)
            elif self._eof_wanted:
                self._shut()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set at how many kept bytes the protocol is asked to stop, and to go on."""
        self._high = _HIGH_BYTES if high is None else high
        self._low = self._high // 4 if low is None else low

    def get_write_buffer_size(self) -> int:
        """Return how many bytes are kept."""
        return len(self._buffer)

    def can_write_eof(self) -> bool:
        """Whether one half can be closed: yes."""
        return True

    def write_eof(self) -> None:
        """Close our half once all is sent."""
        if self._eof_wanted or self._closing:
            return
        self._eof_wanted = True
        if not self._buffer:
            self._shut()

    def _shut(self) -> None:
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._fail(error)

    # The end.

    def is_closing(self) -> bool:
        """Whether the transport is closed, or will be once all is sent."""
        return self._closing

    def close(self) -> None:
        """Close once all is sent."""
        if self._closing:
            return
        self._closing = True
        self._listen()
        if not self._buffer:
            self._lose(None)

    def abort(self) -> None:
        """Close now."""
        self._fail(None)

    def _fail(self, error: OSError | None) -> None:
        self._closing = True
        self._buffer.clear()
        self._lose(error)

    def _lose(self, error: OSError | None) -> None:
        if self._lost:
            return
        self._read_stamps()
        self._lost = True
        self._mask = 0
        self._loop.remove_reader(self._epoll.fileno())
        self._loop.call_soon(self._tell_lost, error)

    def _tell_lost(self, error: OSError | None) -> None:
        try:
            self._protocol.connection_lost(error)
        finally:
            self._epoll.close()
            self._sock.close()

    # The protocol.

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection to another protocol."""
        if not isinstance(protocol, asyncio.Protocol):
            raise TypeError(f"expected asyncio.Protocol, received {type(protocol).__name__}")
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol."""
        return self._protocol
