"""Where faults act: between a connection and whoever has it.

Theory of operation
-------------------
A `FaultLine` is the protocol of the connection below, and the transport of whoever is above: an
`Endpoint`, a `Lobby`, a `SessionConnection` do not notice it. What comes from either side goes into
the `Passage` of the connection, and whatever that gives out is done: at once, or when the one timer
says that something is due. The faults themselves are pure (`fixgate.faults`).

What our side is given is never given from inside of a call of its own: it may be in the middle of
a turn. What it must not be given yet, because it has paused reading, waits here.

A connection that was *forgotten* stays open below, and what comes on it is read and thrown away,
until its owner closes the lines.

Faults see what goes over the connection. Where TLS is done above, as by `Endpoint` and `Lobby`,
that is ciphertext, which holds no messages: faults of bytes and of the connection act, those of
messages find none.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections import deque
from collections.abc import Callable
from typing import Any, assert_never, cast

from fixgate.faults.acts import Act, End, Feed, Finish, Forget, Reset, Write
from fixgate.faults.armed import ArmedFault
from fixgate.faults.injector import Injector
from fixgate.faults.model import Ending
from fixgate.faults.passage import Passage
from fixgate.faults.record import FaultApplied
from fixgate.net.clock import Clock
from fixgate.net.leaving import reset_connection

__all__ = ["FaultLine", "FaultLines"]

_SOFT_LIMIT_BYTES = 64 * 1024  # asyncio's own


class FaultLines:
    """The connections of one actor, with its faults.

    Args:
        injector: The faults.
        clock: The process's clock.
        record: Gets what faults have done.
    """

    def __init__(
        self, injector: Injector, clock: Clock, record: Callable[[FaultApplied], None]
    ) -> None:
        self._injector = injector
        self._clock = clock
        self._record = record
        self._lines: set[FaultLine] = set()

    @property
    def lines(self) -> frozenset[FaultLine]:
        """The connections that are open below, forgotten ones included."""
        return frozenset(self._lines)

    def wrap(self, above: asyncio.Protocol) -> FaultLine:
        """Return what a new connection has for its protocol, with ``above`` behind the faults."""
        return FaultLine(above, self)

    def arm(self, armed: ArmedFault) -> None:
        """Let something go wrong from now on.

        Raises:
            ValueError: One of that name is armed.
        """
        self._injector.arm(armed, self.now_ns())

    def clear(self, name: str = "") -> bool:
        """Let a fault, or all of them, go wrong no more; return whether there was one."""
        return self._injector.clear(name, self.now_ns())

    def close(self) -> None:
        """Drop every connection, forgotten ones included."""
        for line in tuple(self._lines):
            line.drop()

    # What a line asks for.

    def now_ns(self) -> int:
        """Return the instant by which faults go: it never steps."""
        return self._clock.steady_ns()

    def connected(self, line: FaultLine) -> Passage:
        """Return the way of a new connection through the faults."""
        self._lines.add(line)
        return self._injector.connect(self.now_ns(), line.changed)

    def refusal(self) -> Ending | None:
        """Return how a connection that comes in is to end at once."""
        refusal = self._injector.refusal(self.now_ns())
        self.note(self._injector.records())
        return None if refusal is None else refusal.how

    def refused(self, line: FaultLine) -> None:
        """Keep a connection that is refused by silence."""
        self._lines.add(line)

    def gone(self, line: FaultLine) -> None:
        """A connection is gone below."""
        self._lines.discard(line)

    def note(self, records: tuple[FaultApplied, ...]) -> None:
        """Hand records on."""
        for record in records:
            self._record(record)


class FaultLine(asyncio.Transport, asyncio.Protocol):
    """One connection with faults.

    Args:
        above: Who has it.
        lines: Whose it is.
    """

    def __init__(self, above: asyncio.Protocol, lines: FaultLines) -> None:
        super().__init__()
        self._above = above
        self._lines = lines
        self._loop = asyncio.get_running_loop()
        self._below: asyncio.Transport | None = None
        self._passage: Passage | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unread: deque[bytes | None] = deque()
        self._reading = True
        self._delivering = False
        self._closing = False
        self._forgotten = False  # our side is to believe that the connection is gone
        self._detached = False  # our side has been told so
        self._lost_as: Exception | None = None
        self._high = _SOFT_LIMIT_BYTES
        self._low = _SOFT_LIMIT_BYTES // 4
        self._blocked_below = self._blocked = False

    # Towards the connection.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless the connection is to be refused."""
        # Every event loop here gives stream transports; the base class cannot say so.
        below = cast("asyncio.Transport", transport)
        self._below = below
        refusal = self._lines.refusal()
        if refusal is not None:
            self._refuse(below, refusal)
            return
        self._passage = self._lines.connected(self)
        self._above.connection_made(self)
        self._pump()

    def _refuse(self, below: asyncio.Transport, how: Ending) -> None:
        self._detached = True
        match how:
            case Ending.FIN:
                below.close()
            case Ending.RST:
                reset_connection(below)
            case Ending.SILENT:
                self._lines.refused(self)
            case _ as never:
                assert_never(never)

    def data_received(self, data: bytes) -> None:
        """Take what the peer has sent."""
        if self._passage is not None and not self._detached and not self._closing:
            self._passage.inbound(data, self._lines.now_ns())
            self._pump(direct=True)

    def eof_received(self) -> bool:
        """Take that the peer sends no more; the connection stays until our side closes, too."""
        if self._passage is not None and not self._detached:
            self._passage.ended(self._lines.now_ns())
            self._pump(direct=True)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell our side, if it has not been told something else already."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._passage is not None:
            self._passage.closed(self._lines.now_ns())
            self._lines.note(self._passage.records())
        self._below = None
        self._lines.gone(self)
        self._detach(self._lost_as or exc)

    def pause_writing(self) -> None:
        """The peer does not read."""
        self._blocked_below = True
        self._tell_pace()

    def resume_writing(self) -> None:
        """The peer reads again."""
        self._blocked_below = False
        self._tell_pace()

    # What is due.

    def changed(self) -> None:
        """Something may be due that was not: faults have been armed or cleared."""
        self._pump()

    def _on_timer(self) -> None:
        self._timer = None
        self._pump(direct=True)

    def _pump(self, *, direct: bool = False) -> None:
        """Do what is due, and set the timer for what is not.

        Args:
            direct: Our side is not in the middle of anything: it may be given something now.
        """
        passage = self._passage
        if passage is None:
            return
        now_ns = self._lines.now_ns()
        acts = passage.take(now_ns)
        self._lines.note(passage.records())  # what was done comes before what comes of it
        for act in acts:
            self._do(act)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_ns = passage.deadline_ns
        if due_ns is not None and self._below is not None:
            self._timer = self._loop.call_later(max(due_ns - now_ns, 0) / 1e9, self._on_timer)
        if self._unread:
            if direct:
                self._deliver()
            else:
                self._loop.call_soon(self._deliver)
        self._tell_pace()

    def _do(self, act: Act) -> None:
        below = self._below
        if below is None:
            return
        match act:
            case Write(data):
                below.write(data)
            case Feed(data):
                self._unread.append(data)
            case End():
                self._unread.append(None)
            case Finish():
                self._finish(below)
            case Reset():
                self._lost_as = ConnectionResetError(errno.ECONNRESET, "reset by a fault")
                reset_connection(below)
            case Forget():
                self._forget()
            case _ as never:
                assert_never(never)

    def _finish(self, below: asyncio.Transport) -> None:
        if self._closing:
            below.close()
            return
        try:
            below.write_eof()
        except OSError:  # the peer has reset the connection, and the loop has yet to notice
            below.abort()

    def _forget(self) -> None:
        """Be gone for our side; the connection below stays as it is."""
        lost = (
            None if self._closing else TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        )
        self._unread.clear()
        self._closing = self._forgotten = True
        self._loop.call_soon(self._detach, lost)

    def _detach(self, exc: Exception | None) -> None:
        if self._detached:
            return
        # What has come before the end is for our side to see, paused or not.
        self._reading = True
        if not self._closing:
            self._deliver()
        self._detached = True
        self._above.connection_lost(exc)

    def _deliver(self) -> None:
        """Give our side what has come, as long as it reads."""
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._unread and self._reading and not self._closing and not self._detached:
                data = self._unread.popleft()
                if data is not None:
                    self._above.data_received(data)
                elif not self._above.eof_received():
                    self.close()
        finally:
            self._delivering = False

    # Towards whoever is above.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, as far as the faults let it."""
        if self._passage is not None and not self._closing and not self._detached:
            self._passage.outbound(bytes(data), self._lines.now_ns())
            self._pump()

    def write_eof(self) -> None:
        """Send no more, once what was sent before has gone."""
        if self._passage is not None and not self._closing:
            self._passage.finish(self._lines.now_ns())
            self._pump()

    def can_write_eof(self) -> bool:
        """Return that it is possible."""
        return True

    def close(self) -> None:
        """End in order, once what was sent before has gone."""
        if self._closing or self._passage is None or self._below is None:
            return
        self._closing = True
        if self._passage.finished:
            self._below.close()
            return
        self._passage.finish(self._lines.now_ns())
        self._pump()

    def abort(self) -> None:
        """End at once for our side; what is on its way goes on, as in a network."""
        passage, below = self._passage, self._below
        if passage is None or below is None or self._forgotten:
            return
        self._closing = True
        if passage.dark(self._lines.now_ns()):
            self._forget()
        elif passage.unsent:
            self._forgotten = True
            self._loop.call_soon(self._detach, None)
            passage.finish(self._lines.now_ns())
            self._pump()
        else:
            below.abort()

    def drop(self) -> None:
        """End the connection below, forgotten or not."""
        if self._below is not None:
            self._closing = True
            self._below.abort()

    def is_closing(self) -> bool:
        """Return whether the connection is at its end for our side."""
        below = self._below
        return self._closing or self._detached or below is None or below.is_closing()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection over to somebody else above."""
        self._above = cast("asyncio.Protocol", protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return who has the connection."""
        return self._above

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - asyncio's
        """Return what the connection below says."""
        return default if self._below is None else self._below.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Give nothing more until `resume_reading`."""
        self._reading = False
        if self._below is not None:
            self._below.pause_reading()

    def resume_reading(self) -> None:
        """Go on giving what comes."""
        self._reading = True
        if self._below is not None and not self._detached:
            self._below.resume_reading()
        if self._unread:
            self._loop.call_soon(self._deliver)

    def is_reading(self) -> bool:
        """Return whether what comes is given."""
        return self._reading

    # How much waits.

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Say how much may wait, for the peer or for a fault, before our side has to pause.

        Args:
            high: Bytes.
            low: Bytes from which on it goes on; a quarter of ``high`` by default.
        """
        self._high = _SOFT_LIMIT_BYTES if high is None else high
        self._low = self._high // 4 if low is None else low
        if self._below is not None:
            self._below.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Return how many bytes of ours wait, for the peer or for a fault."""
        below = 0 if self._below is None else self._below.get_write_buffer_size()
        held = 0 if self._passage is None else self._passage.held_bytes
        return below + held

    def _tell_pace(self) -> None:
        """Let our side pause and go on."""
        held = 0 if self._passage is None else self._passage.held_bytes
        full = held > (self._low if self._blocked else self._high)
        blocked = self._blocked_below or full
        if blocked != self._blocked and not self._detached:
            self._blocked = blocked
            if blocked:
                self._above.pause_writing()
            else:
                self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self._blocked and not self._detached:
            self._above.resume_writing()
