"""Carries a connection to an engine in another process, and keeps the record of it.

Theory of operation
-------------------
The venue's side is the connection that `fixgate.net.opening` has opened, TLS and all. The engine's
side is a port on the loopback that takes one connection. Bytes go through as they are; a framer
beside each direction says what they hold, so that the history shows what was on the wire, to the
byte and at its instant, whatever the engine makes of it. What the engine sends is shown to the
owner before it goes out: a store that cannot be written stops it.

When one side closes, the other is closed in order, and may still say what it has to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from fixgate.errors import StoreError
from fixgate.history import History, Record
from fixgate.net.clock import Clock
from fixgate.net.events import CloseReason, ConnectionClosed
from fixgate.net.opening import Opened, TlsEstablished
from fixgate.net.tls import TlsChannel
from fixgate.net.tls_outcome import TlsFailed
from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled
from fixgate.wire.message import Message

__all__ = ["OnItem", "Relay"]

LINGER_S = 0.25
"""How long a side may take to close after the other has."""

_LOOPBACK = "127.0.0.1"

OnItem = Callable[[str, Message | Garbled, int], None]
"""Called with ``>`` (to the venue) or ``<``, what came, and when; a message is in the history."""


class _Side(asyncio.Protocol):
    """One end of the relay."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.transport: asyncio.Transport | None = None
        self.eof = False
        """It has closed."""

    @property
    def other(self) -> _Side:
        relay = self.relay
        return relay.engine if self is relay.venue else relay.venue

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Both event loops give stream transports here; the base class cannot say so.
        self.transport = cast("asyncio.Transport", transport)
        self.relay.joined(self)

    def data_received(self, data: bytes) -> None:
        self.relay.received(self, data)

    def eof_received(self) -> bool:
        self.eof = True
        self.relay.ended(self)
        return True  # kept open: the other side's last words still go out

    def pause_writing(self) -> None:
        if self.other.transport is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other.transport is not None:
            self.other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self.relay.lost(self, exc)

    def finish(self) -> None:
        """Close our half; all of it when the other half is closed already."""
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if self.eof:
            transport.close()
            return
        try:
            transport.write_eof()
        except OSError:  # it has been reset meanwhile
            transport.abort()
            return
        asyncio.get_running_loop().call_later(LINGER_S, self.abort)

    def abort(self) -> None:
        """Drop it now."""
        if self.transport is not None:
            self.transport.abort()


class Relay:
    """One connection, carried.

    Args:
        clock: The process's clock.
        history: Gets every message, and the end.
        on_item: See `OnItem`; a `StoreError` of its cuts the connection.
    """

    def __init__(self, clock: Clock, history: History, on_item: OnItem) -> None:
        loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[ConnectionClosed] = loop.create_future()
        """Done when the venue's connection is gone."""
        self.gone: asyncio.Future[None] = loop.create_future()
        """Done when the engine's is gone as well."""
        self.engine_left = False
        """The engine closed first."""
        self.venue, self.engine = _Side(self), _Side(self)
        self._clock = clock
        self._history = history
        self._on_item = on_item
        self._framers = {self.venue: Framer(), self.engine: Framer()}
        self._tls: TlsChannel | None = None
        self._server: asyncio.Server | None = None
        self._early = b""
        """For the engine, which is not there yet."""
        self._closed_as: ConnectionClosed | None = None

    async def start(self, opened: Opened, tls: TlsEstablished | None) -> int:
        """Take the connection over; return the port that waits for the engine.

        Args:
            opened: The connection; closed when this fails.
            tls: Its TLS, if any.

        Raises:
            OSError: A connection cannot be used.
        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._admit, _LOOPBACK, 0)
            if tls is not None:
                self._tls = tls.channel
            await loop.create_connection(lambda: self.venue, sock=opened.sock)
            if tls is not None and tls.early:
                self._pass_on(self.venue, tls.early)
        except BaseException:
            self.abort()
            opened.close()
            raise
        return int(self._server.sockets[0].getsockname()[1])

    def _admit(self) -> asyncio.Protocol:
        """Return the engine's side; whoever comes after it is closed."""
        return self.engine if self.engine.transport is None else _Stranger()

    # What the sides tell.

    def joined(self, side: _Side) -> None:
        """A side has its connection; the engine gets what the venue has said meanwhile."""
        if side is self.venue:
            return
        if self._server is not None:
            self._server.close()
        if side.transport is not None:
            side.transport.write(self._early)
        self._early = b""
        if self.venue.transport is None or self.venue.eof:
            side.finish()

    def received(self, side: _Side, data: bytes) -> None:
        """Bytes came from a side."""
        if side is self.venue and self._tls is not None:
            plain = self._tls.receive(data)
            self._write_raw(self._tls.output())
            if isinstance(plain, TlsFailed):
                self._cut(ConnectionClosed(CloseReason.TLS, plain.text, plain))
                return
            data = plain
        if data:
            self._pass_on(side, data)
        if side is self.venue and self._tls is not None and self._tls.closed:
            side.eof_received()

    def _pass_on(self, side: _Side, data: bytes) -> None:
        now_ns = self._clock.now_ns()
        glyph = "<" if side is self.venue else ">"
        try:
            for item in self._framers[side].feed(data):
                self._tell(glyph, item, now_ns)
        except StoreError as error:
            self._cut(ConnectionClosed(CloseReason.STORE, str(error)))
            return
        if side is self.engine:
            self._write_raw(self._tls.send(data) if self._tls is not None else data)
        elif self.engine.transport is not None:
            self.engine.transport.write(data)
        else:
            self._early += data

    def _tell(self, glyph: str, item: Message | Garbled, now_ns: int) -> None:
        if isinstance(item, Message):
            self._history.add((now_ns, glyph, item.raw))
        self._on_item(glyph, item, now_ns)

    def _write_raw(self, data: bytes) -> None:
        transport = self.venue.transport
        if data and transport is not None and not transport.is_closing():
            transport.write(data)

    def ended(self, side: _Side) -> None:
        """A side has closed: so does the other."""
        if side is self.engine:
            self.engine_left = self.engine_left or not self.venue.eof
            if self._tls is not None:
                self._write_raw(self._tls.close())
        side.other.finish()
        if side.other.eof or side.other.transport is None:
            side.finish()

    def lost(self, side: _Side, exc: Exception | None) -> None:
        """A side's connection is gone."""
        if side is self.engine:
            self.engine_left = self.engine_left or not (self.venue.eof or self.closed.done())
            side.eof = True
            self.venue.finish()
        else:
            self._venue_lost(exc)
            self.engine.finish()
        if self.venue.transport is None and self.engine.transport is None:
            self._settle()

    def _venue_lost(self, exc: Exception | None) -> None:
        now_ns = self._clock.now_ns()
        left = self._framers[self.venue].end()
        if left is not None:
            self._tell("<", left, now_ns)
        closed = self._closed_as or self._how_closed(exc)
        self._history.add(Record(now_ns, "~", closed))
        if not self.closed.done():
            self.closed.set_result(closed)

    def _how_closed(self, exc: Exception | None) -> ConnectionClosed:
        if self.engine_left:
            return ConnectionClosed(CloseReason.OURS)
        if exc is None:
            return ConnectionClosed(CloseReason.PEER)
        lost = not isinstance(exc, ConnectionError)
        return ConnectionClosed(CloseReason.LOST if lost else CloseReason.RESET, str(exc))

    def _settle(self) -> None:
        if self._server is not None:
            self._server.close()
        if not self.gone.done():
            self.gone.set_result(None)

    # The end.

    def abort(self, why: ConnectionClosed | None = None) -> None:
        """Drop both connections now; `closed` and `gone` follow.

        Args:
            why: What it counts as; closed by us when ``None``.
        """
        self._cut(why or ConnectionClosed(CloseReason.OURS))
        if self.venue.transport is None and self.engine.transport is None:
            if not self.closed.done():
                self.closed.set_result(ConnectionClosed(CloseReason.OURS))
            self._settle()

    def _cut(self, closed: ConnectionClosed) -> None:
        self._closed_as = self._closed_as or closed
        if self._server is not None:
            self._server.close()
        self.venue.abort()
        self.engine.abort()


class _Stranger(asyncio.Protocol):
    """A connection that nobody waits for."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
