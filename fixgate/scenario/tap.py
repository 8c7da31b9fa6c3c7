"""Writes down what goes over a wire: between a transport and whoever has the connection.

To the protocol above it is the transport, to the transport below the protocol; it changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from fixgate.net.leaving import reset_connection
from fixgate.scenario.records import Closed, LoggedOn, News, Opened, Wire
from fixgate.session.conceal import concealed
from fixgate.wire.checksum import TRAILERS, checksum
from fixgate.wire.frame import TRAILER_BYTES
from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled
from fixgate.wire.mask import mask
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType

__all__ = ["Record", "Tap", "without_secrets"]

Record = Callable[[str, News], None]
"""Gets a glyph and what has happened, now."""


class Tap(asyncio.Protocol, asyncio.Transport):
    """One connection of an actor, listened to.

    Args:
        actor: Whose.
        above: Who has the connection.
        record: Gets everything that happens on it.
        made: Called with the tap when there is a connection.
        lost: Called with the tap when there is none any more.
    """

    def __init__(
        self,
        actor: str,
        above: asyncio.Protocol,
        record: Record,
        made: Callable[[Tap], None],
        lost: Callable[[Tap], None],
    ) -> None:
        super().__init__()
        self._actor = actor
        self._above = above
        self._record = record
        self._made = made
        self._lost = lost
        self._below: asyncio.Transport | None = None
        self._read, self._wrote = Framer(), Framer()
        self._logons: set[str] = set()
        self._told_end = self._forgotten = False

    @property
    def ended(self) -> bool:
        """Whether either side has ended it, though whoever has it may not know yet."""
        return self._told_end

    # Towards the transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # Every event loop here gives stream transports; the base class cannot say so.
        self._below = cast("asyncio.Transport", transport)
        self._record("~", Opened(self._actor))
        self._made(self)
        self._above.connection_made(self)

    def data_received(self, data: bytes) -> None:
        """Write down, and hand on, what has come."""
        self._write_down("<", self._read.feed(data))
        self._above.data_received(data)

    def eof_received(self) -> bool | None:
        """Write down that the peer sends no more."""
        self._ended(by_peer=True, reset=False)
        return self._above.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Write down the end."""
        self._ended(by_peer=exc is not None, reset=exc is not None)
        self._lost(self)
        self._below = None
        self._above.connection_lost(exc)

    def pause_writing(self) -> None:
        """Hand it on."""
        self._above.pause_writing()

    def resume_writing(self) -> None:
        """Hand it on."""
        self._above.resume_writing()

    # Towards whoever has the connection.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write down, and send."""
        if self._below is not None and not self._below.is_closing() and not self._forgotten:
            self._write_down(">", self._wrote.feed(bytes(data)))
            self._below.write(data)

    def write_eof(self) -> None:
        """Write down that we send no more."""
        self._ended(by_peer=False, reset=False)
        if self._below is not None:
            self._below.write_eof()

    def can_write_eof(self) -> bool:
        """Return that it is possible."""
        return True

    def close(self) -> None:
        """Write down that we end it in order."""
        self._ended(by_peer=False, reset=False)
        if self._below is not None:
            self._below.close()

    def abort(self) -> None:
        """Write down that we end it at once."""
        self._ended(by_peer=False, reset=False)
        if self._below is not None:
            self._below.abort()

    def reset(self) -> None:
        """Write down that we end it with an RST."""
        self._ended(by_peer=False, reset=True)
        if self._below is not None:
            reset_connection(self._below)

    def forget(self) -> None:
        """Write down that we are gone, without a word to the peer: its half stays open."""
        self._ended(by_peer=False, reset=False)
        if self._below is not None:
            self._below.pause_reading()
        above, self._above = self._above, asyncio.Protocol()
        self._forgotten = True
        above.connection_lost(None)

    def is_closing(self) -> bool:
        """Return whether the connection is at its end."""
        return self._below is None or self._forgotten or self._below.is_closing()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection over to somebody else above."""
        self._above = cast("asyncio.Protocol", protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return who has the connection."""
        return self._above

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - asyncio's
        """Return what the transport says."""
        return default if self._below is None else self._below.get_extra_info(name, default)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Hand it on."""
        if self._below is not None:
            self._below.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Return what the transport says."""
        return 0 if self._below is None else self._below.get_write_buffer_size()

    def pause_reading(self) -> None:
        """Hand it on."""
        if self._below is not None:
            self._below.pause_reading()

    def resume_reading(self) -> None:
        """Hand it on."""
        if self._below is not None:
            self._below.resume_reading()

    # Writing down.

    def _write_down(self, glyph: str, items: list[Message | Garbled]) -> None:
        for item in items:
            if isinstance(item, Garbled):
                self._record(glyph, Wire(self._actor, _hidden(item.data), item.text))
                continue
            self._record(glyph, Wire(self._actor, without_secrets(item)))
            if item.msg_type == MsgType.Logon and glyph not in self._logons:
                self._logons.add(glyph)
                if len(self._logons) == 2:
                    self._record("=", LoggedOn(self._actor))

    def _ended(self, *, by_peer: bool, reset: bool) -> None:
        if self._told_end:
            return
        self._told_end = True
        for glyph, framer in (("<", self._read), (">", self._wrote)):
            left = framer.end()
            if left is not None:
                self._record(glyph, Wire(self._actor, _hidden(left.data), left.text))
        self._record("~", Closed(self._actor, by_peer, reset))


def without_secrets(message: Message) -> bytes:
    """Return a message whose secrets are overwritten, with the CheckSum(10) that it has then."""
    data = concealed(message)
    if data is message.raw:
        return data
    return data[:-TRAILER_BYTES] + TRAILERS[checksum(data[:-TRAILER_BYTES])]


def _hidden(data: bytes) -> bytes:
    shown = mask(data)
    return shown.encode("latin-1", "replace") if "***" in shown else data
