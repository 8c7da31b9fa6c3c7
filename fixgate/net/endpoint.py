"""Introduces a session to a socket.

Theory of operation
-------------------
Everything that happens to a connection is one *turn* of the event loop: bytes came, a timer is
due, the owner sent something, or the socket has drained. A turn ends in `pump`: take the
session's output, flush its store, write the output with one write, and re-arm the one timer.
Store before send: `fixgate.net.outgoing` holds what the store has yet to take. When the store
fails, nothing of the turn is sent. If the owner can make room for it, the session ends with a
Logout; otherwise the connection is cut, since a Logout that is not stored would burn its number.

*Bounds.* While more than `SOFT_LIMIT_BYTES` wait for the peer to read, nothing is read from it
and no resend goes on, so that neither direction grows. A peer that leaves the connection blocked
for `STALL_NS`, or has more than ``max_write_buffer`` unread, is cut off; what it missed is in the
store. While it is blocked the session's own clockwork rests: its heartbeats could not get out,
and the peer's lie unread.

*Fairness.* uvloop goes on reading a socket that has more, 8 MiB in a row: seconds of work. After a
read of `SOFT_LIMIT_BYTES` nothing more is read until every other socket has had its turn.

*Closing.* After our last byte only our half is closed, and what still comes is read and thrown
away until the peer closes too: closing a socket with unread input would reset the connection and
take our Logout with it. A deadline ends the wait.

*The clock* may step (`fixgate.net.clock`): what is pending moves along, here and in the session. A
second's delay until that is noticed would be enough to lose a session, so the clock is looked at
before we speak on a timer, and before a SendingTime(52) is held against the peer.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from typing import cast

from fixgate.errors import StoreError
from fixgate.history import History, Record
from fixgate.net.clock import Clock
from fixgate.net.events import CloseReason, ConnectionClosed, ConnectionOpened
from fixgate.net.leaving import Deaf, reset_connection
from fixgate.net.networks import show_address
from fixgate.net.outgoing import Outgoing
from fixgate.net.timer import NEVER_NS, LazyTimer
from fixgate.net.tls import TlsChannel
from fixgate.net.tls_outcome import TlsFailed
from fixgate.session.events import AppMessage, Event
from fixgate.session.session import Session
from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled
from fixgate.wire.message import Message

__all__ = ["NOT_STORED", "SOFT_LIMIT_BYTES", "STALL_NS", "Endpoint"]

SOFT_LIMIT_BYTES = 64 * 1024
"""Unread output at which the other direction stops; asyncio's default. Also a large read."""

STALL_NS = 10_000_000_000
"""How long a peer may leave its side unread before it is cut off."""

GRACE_NS = 1_000_000_000
"""After a blockade: how long the peer's unread messages get to arrive before it counts as mute."""

LINGER_NS = 2_000_000_000
"""How long the peer may take to close after we have. Spec: cases 2.c, 2.i, 12.a."""

NOT_STORED = "messages cannot be stored: no space left"
"""Text(58) of the Logout that ends a session whose store is full."""

_log = logging.getLogger("fixgate.session")

OnEvents = Callable[[list[Event], int], None]
OnClosed = Callable[[ConnectionClosed, int], None]
Relieve = Callable[[StoreError], bool]


class Endpoint(asyncio.Protocol):
    """One session on one connection.

    Args:
        session: The session; it has no connection yet.
        clock: The process's clock.
        on_events: Gets the session's events of each message before the next one is looked at,
            and before the turn's output is written.
        on_closed: Gets told once that the connection is gone.
        history: Gets network events; messages and session events are the session's own.
        max_write_buffer: Bytes a peer may leave unread before it is cut off.
        linger_ns: How long the peer may take to close after we have.
        relieve: Is asked for room when the store cannot be written; says whether there is some.
        tls: The connection's TLS, its handshake complete; ``None`` for plain TCP.
    """

    __slots__ = (
        "_blocked_ns", "_clock", "_closed_as", "_closing_ns", "_eof", "_finishing",
        "_history", "_linger_ns", "_loop", "_max_write_buffer", "_not_before_ns", "_on_closed",
        "_on_events", "_outgoing", "_relieve", "_resend_scheduled", "_timer", "_tls", "_transport",
        "session",
    )  # fmt: skip

    def __init__(
        self,
        session: Session,
        clock: Clock,
        *,
        on_events: OnEvents,
        on_closed: OnClosed,
        history: History,
        max_write_buffer: int,
        linger_ns: int = LINGER_NS,
        relieve: Relieve | None = None,
        tls: TlsChannel | None = None,
    ) -> None:
        self.session = session
        self._clock = clock
        self._on_events = on_events
        self._on_closed = on_closed
        self._history = history
        self._max_write_buffer = max_write_buffer
        self._linger_ns = linger_ns
        self._relieve = relieve
        self._tls = tls
        self._outgoing = Outgoing(
            session, write=self._write, go_on=self._go_on, failed=self._store_failed
        )
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._timer = LazyTimer(clock, due=self._due_ns, fire=self._on_timer)
        self._blocked_ns: int | None = None
        self._closing_ns: int | None = None
        self._not_before_ns = 0
        self._closed_as: ConnectionClosed | None = None
        self._eof = False
        self._finishing = False
        self._resend_scheduled = False
        session.doubt(self._look_again)

    # The beginning.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection that we opened; the session sends its Logon."""
        self._attach(transport)
        self._clock.follow()
        self.turn(lambda now_ns: self.session.connected(now_ns))

    def adopt(
        self, transport: asyncio.Transport, items: list[Message | Garbled], framer: Framer
    ) -> None:
        """Take over a connection whose first bytes have been read already.

        Args:
            transport: The connection.
            items: What those bytes held, the Logon first.
            framer: What read them; it may hold the beginning of the next message.
        """
        transport.set_protocol(self)
        self._attach(transport)

        def begin(now_ns: int) -> None:
            self.session.connected(now_ns, framer)
            self._arrived(items, now_ns)

        self.turn(begin)

    def _attach(self, base: asyncio.BaseTransport) -> None:
        # Both event loops give stream transports here; the base class cannot say so.
        transport = cast("asyncio.Transport", base)
        self._transport = transport
        transport.set_write_buffer_limits(high=SOFT_LIMIT_BYTES, low=SOFT_LIMIT_BYTES // 4)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened = ConnectionOpened(
            show_address(transport.get_extra_info("sockname")),
            show_address(transport.get_extra_info("peername")),
        )
        self._history.add(Record(self._clock.now_ns(), "~", opened))
        self._clock.subscribe(self._clock_stepped)

    # Turns.

    def data_received(self, data: bytes) -> None:
        """Take bytes from the connection."""
        if self._closing_ns is not None or self._closed_as is not None:
            return
        if len(data) >= SOFT_LIMIT_BYTES:
            self._let_others_read()
        now_ns = self._clock.now_ns()
        try:
            if self._tls is not None:
                plain = self._decrypt(data)
                if plain is None:
                    return
                data = plain
            session = self.session
            quiet = True
            items = session.frame(data)
            for item in items:
                events = session.take(item, now_ns)
                if events:
                    self._on_events(events, now_ns)
                quiet = quiet and len(events) == 1 and type(events[0]) is AppMessage
            self.pump(now_ns, quiet=quiet)
        except _ClockMovedError:
            left = items[next(n for n, each in enumerate(items) if each is item) :]
            self.turn(lambda at_ns: self._take(left, at_ns))
        except Exception as error:
            self._cut_for(error)

    def _arrived(self, items: Sequence[Message | Garbled], now_ns: int) -> None:
        self._take(items, now_ns)

    def _take(self, items: Sequence[Message | Garbled], now_ns: int) -> None:
        """Hand over items, an item again when the clock was found to have stepped before it."""
        for number, item in enumerate(items):
            try:
                events = self.session.take(item, now_ns)
            except _ClockMovedError:
                self._take(items[number:], self._clock.now_ns())
                return
            self._tell(events, now_ns)

    def _let_others_read(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()
            self._loop.call_soon(self._read_on)

    def _read_on(self) -> None:
        if self._transport is not None and self._may_go_on() and self._closed_as is None:
            self._transport.resume_reading()

    def _may_go_on(self) -> bool:
        """Whether neither the peer nor the store has too much of ours to take."""
        return self._blocked_ns is None and self._outgoing.held_bytes <= SOFT_LIMIT_BYTES

    def _go_on(self) -> None:
        self._read_on()
        self.turn(_nothing)

    def turn(self, act: Callable[[int], None]) -> None:
        """Run a turn: let ``act`` do something to the session now, then `pump`."""
        try:
            act(self._clock.now_ns())
            self.pump(self._clock.now_ns())  # which may have stepped meanwhile
        except Exception as error:
            self._cut_for(error)

    def _tell(self, events: list[Event], now_ns: int) -> None:
        if events:
            self._on_events(events, now_ns)

    def pump(self, now_ns: int, *, quiet: bool = False) -> None:
        """End a turn: store, write, close when it is time, and set the timer.

        Whoever sends through the session from outside of its own turns calls this afterwards.

        Args:
            now_ns: Now.
            quiet: Nothing but application messages came: they end nothing, and move a deadline
                only to later, for which the lazy timer needs nobody.
        """
        session, outgoing = self.session, self._outgoing
        try:
            outgoing.push()
        except StoreError as error:
            self._store_failed(error)
            return
        if outgoing.held_bytes > SOFT_LIMIT_BYTES and self._transport is not None:
            self._transport.pause_reading()
        if quiet:
            return
        if session.wants_close or self._finishing:
            if not outgoing.held_bytes:
                self._begin_close(now_ns)
        elif session.resending and not self._resend_scheduled and self._may_go_on():
            self._resend_scheduled = True
            self._loop.call_soon(self._continue_resend)
        self._timer.update(now_ns)

    def _write(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or self._closing_ns is not None or self._closed_as is not None:
            return
        if self._tls is not None:
            data = self._tls.send(data)
        transport.write(data)
        if self._blocked_ns is not None:
            unread = transport.get_write_buffer_size()
            if unread > self._max_write_buffer:
                self._cut(CloseReason.STALLED, f"{unread} bytes unread")

    def _decrypt(self, data: bytes) -> bytes | None:
        tls, transport = self._tls, self._transport
        if tls is None or transport is None:
            return None
        plain = tls.receive(data)
        answer = tls.output()
        if answer:
            transport.write(answer)
        if isinstance(plain, TlsFailed):
            self._cut(CloseReason.TLS, plain.text, plain)
            return None
        if tls.closed:
            self._peer_ended()
        return plain

    def _continue_resend(self) -> None:
        self._resend_scheduled = False
        if self._transport is not None and self._may_go_on() and self._closing_ns is None:
            self.turn(self.session.continue_resend)

    # The one timer.

    def _due_ns(self) -> int:
        if self._transport is None or self._closed_as is not None:
            return NEVER_NS
        if self._closing_ns is not None:
            return self._closing_ns + self._linger_ns
        if self._blocked_ns is not None:
            return self._blocked_ns + STALL_NS
        deadline_ns = self.session.deadline_ns
        if deadline_ns is None:
            return NEVER_NS
        return max(deadline_ns, self._not_before_ns)

    def _on_timer(self) -> None:
        if self._closing_ns is not None:
            self._abort()
        elif self._blocked_ns is not None:
            self._cut(CloseReason.STALLED, f"nothing read for {STALL_NS // 1_000_000_000} s")
        else:
            self.turn(lambda at_ns: self._tell(self.session.wake(at_ns), at_ns))

    # The clock.

    def _look_again(self) -> None:
        if self._clock.follow():
            raise _ClockMovedError

    def _clock_stepped(self, step_ns: int) -> None:
        """Keep what is pending as far from now as it was."""
        self._timer.clock_stepped(step_ns)
        if self._blocked_ns is not None:
            self._blocked_ns += step_ns
        if self._closing_ns is not None:
            self._closing_ns += step_ns
        self._not_before_ns += step_ns
        self.session.clock_stepped(step_ns)
        # Hours may have ended with the step; not now: this may be in the middle of a turn.
        self._loop.call_soon(self._after_step)

    def _after_step(self) -> None:
        if self._transport is not None:
            self.turn(_nothing)

    # The socket's pace.

    def pause_writing(self) -> None:
        """Too much waits for the peer to read: stop reading from it, too."""
        now_ns = self._clock.now_ns()
        self._blocked_ns = now_ns
        if self._transport is not None and self._closing_ns is None:
            self._transport.pause_reading()
        self._timer.update(now_ns)

    def resume_writing(self) -> None:
        """The peer has read: go on."""
        self._blocked_ns = None
        self._not_before_ns = self._clock.now_ns() + GRACE_NS
        if self._transport is None or self._closing_ns is not None or self._closed_as is not None:
            return
        self._go_on()

    # The end.

    def logout(self, text: str, now_ns: int) -> None:
        """Begin an orderly end of the session.

        Args:
            text: Text(58) of our Logout.
            now_ns: Now.
        """
        self.session.logout(text, now_ns)
        self.turn(_nothing)

    def close(self) -> None:
        """Close in order without a Logout: what has been written goes out first."""
        self._finishing = True
        self.turn(_nothing)

    def abort(self) -> None:
        """Drop the connection now."""
        self._closed_as = self._closed_as or ConnectionClosed(CloseReason.OURS)
        self._abort()

    def fall_silent(self, overheard: Callable[[bytes], None]) -> None:
        """Leave the peer without a word: from now on nothing is answered, and nothing is sent.

        The connection stays until the peer gives it up, or `finish`, `reset` or `abort`.

        Args:
            overheard: Gets what the peer sends all the same, as plain bytes; must not raise.
        """
        transport = self._transport
        if transport is None or self._closed_as is not None:
            return
        self._closed_as = ConnectionClosed(CloseReason.OURS)
        self._timer.stop()
        self._clock.unsubscribe(self._clock_stepped)
        transport.set_protocol(Deaf(self._tls, overheard, self._left))
        transport.resume_reading()

    def _left(self, eof: bool, exc: Exception | None) -> None:
        if eof and self._closing_ns is None:
            self._closed_as = ConnectionClosed(CloseReason.PEER)
        elif exc is not None and self._closing_ns is None:
            self._closed_as = self._how_closed(exc)
        self.connection_lost(exc)

    def finish(self) -> None:
        """Close our half of a connection that has been left, with a FIN and without a Logout."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self._closing_ns = self._clock.now_ns()
        if self._tls is not None:
            transport.write(self._tls.close())
        try:
            transport.write_eof()
        except OSError:  # the peer has reset the connection, and the loop has yet to notice
            transport.abort()

    def reset(self) -> None:
        """Drop a connection that has been left, with an RST."""
        if self._transport is not None:
            self._closing_ns = self._clock.now_ns()
            reset_connection(self._transport)

    @property
    def over(self) -> bool:
        """Whether the session is over, and only the connection has yet to go."""
        return self._cut_off or self.session.over

    def unanswered(self, now_ns: int) -> bool:
        """Return whether the peer does not answer, though we would hear it."""
        heard = self._blocked_ns is None and now_ns >= self._not_before_ns
        return heard and self.session.unanswered(now_ns)

    def make_way(self, reason: CloseReason) -> None:
        """Drop the connection and be done with it: the session gets another one at once.

        Args:
            reason: How it ends, unless that has been decided already.
        """
        self._closed_as = self._closed_as or ConnectionClosed(reason)
        self._abort()
        self.connection_lost(None)

    def _begin_close(self, now_ns: int) -> None:
        transport = self._transport
        if transport is None or self._closing_ns is not None or self._closed_as is not None:
            return
        self._closing_ns = now_ns
        if self._tls is not None:
            transport.write(self._tls.close())
        if self._blocked_ns is not None:
            transport.resume_reading()
        if self._eof or transport.is_closing():
            transport.close()
            return
        try:
            transport.write_eof()
        except OSError:  # the peer has reset the connection, and the loop has yet to notice
            transport.abort()

    def eof_received(self) -> bool | None:
        """Note that the peer has closed; the transport then closes our side, too."""
        self._eof = True
        return None

    def _peer_ended(self) -> None:
        """The peer has said that it sends no more, and our side closes, too."""
        self._eof = True
        if self._transport is not None:
            self._transport.close()

    @property
    def _cut_off(self) -> bool:
        """Whether what comes counts no more."""
        return self._closing_ns is not None or self._closed_as is not None

    def _store_failed(self, error: BaseException) -> None:
        """Log out if there is room for that; what cannot be stored is not sent."""
        relieve, self._relieve = self._relieve, None
        if isinstance(error, StoreError) and relieve is not None and relieve(error):
            self.logout(NOT_STORED, self._clock.now_ns())
        else:
            self._cut(CloseReason.STORE, str(error))

    def _cut_for(self, error: Exception) -> None:
        if isinstance(error, StoreError):
            self._cut(CloseReason.STORE, str(error))
            return
        _log.error("! %s: cut off by a fault of fixgate", self.session.settings.id, exc_info=error)
        self._cut(CloseReason.FAULT, f"{type(error).__name__}: {error}")

    def _cut(self, reason: CloseReason, text: str, tls: TlsFailed | None = None) -> None:
        self._closed_as = self._closed_as or ConnectionClosed(reason, text, tls)
        self._abort()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the session and the owner that the connection is gone."""
        if self._transport is None:
            return
        now_ns = self._clock.now_ns()
        self._clock.unsubscribe(self._clock_stepped)
        self._transport = None
        self._outgoing.close()
        self._timer.stop()
        closed = self._closed_as or self._how_closed(exc)
        self._history.add(Record(now_ns, "~", closed))
        try:
            self._tell(self.session.disconnected(now_ns), now_ns)
            self.session.store.flush()
        except Exception as error:
            _log.error("! %s: %s", self.session.settings.id, error, exc_info=error)
        self._on_closed(closed, now_ns)

    def _how_closed(self, exc: Exception | None) -> ConnectionClosed:
        if self._closing_ns is not None:
            return ConnectionClosed(CloseReason.OURS)
        if exc is None:
            return ConnectionClosed(CloseReason.PEER)
        lost = not isinstance(exc, ConnectionError)
        return ConnectionClosed(CloseReason.LOST if lost else CloseReason.RESET, str(exc))


class _ClockMovedError(Exception):
    """The clock has stepped while a message was being taken, which has to be taken again."""


def _nothing(_: int) -> None:
    """A turn without an act of its own."""
