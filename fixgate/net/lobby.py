"""Where a new connection waits until it has said whose it is.

Nothing is sent before a whole Logon of a known session has come: a stranger, a port scanner or a
web browser learns nothing, and is closed without a word. One deadline covers the TLS handshake
and the Logon, one message's size the bytes.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Protocol, cast

from fixgate.net.tls import TlsChannel, TlsFailed
from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled
from fixgate.wire.limits import Limits
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType

__all__ = ["Host", "Lobby"]

_START = b"8=FIX"


class Host(Protocol):
    """Who admits what waits in the lobby."""

    def arrived(self, waiting: Lobby) -> bool:
        """Count a new connection; ``False`` when there is no room for it."""

    def left(self, waiting: Lobby) -> None:
        """A connection left the lobby, admitted or not."""

    def admit(self, waiting: Lobby, items: list[Message | Garbled]) -> bool:
        """Take over a connection whose first message is a Logon; ``False`` to turn it away."""


class Lobby(asyncio.Protocol):
    """One connection that has not logged on.

    Args:
        host: Who admits it.
        first_logon_ns: How long it may take for its whole Logon.
        framer: Reads its first bytes; goes on to the session that admits it.
        context: TLS of the port, or ``None`` for plain TCP.
        limits: Bounds on the first message.
    """

    __slots__ = ("_context", "_first_logon_ns", "_host", "_limits", "_seen", "_start", "_timer",
                 "framer", "tls", "transport")  # fmt: skip

    def __init__(
        self,
        host: Host,
        first_logon_ns: int,
        framer: Framer,
        context: ssl.SSLContext | None,
        limits: Limits,
    ) -> None:
        self._host = host
        self._first_logon_ns = first_logon_ns
        self._context = context
        self._limits = limits
        self._seen = 0
        self._start = b""
        self._timer: asyncio.TimerHandle | None = None
        self.framer = framer
        self.tls: TlsChannel | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the deadline."""
        # Both event loops give stream transports here; the base class cannot say so.
        self.transport = cast("asyncio.Transport", transport)
        if not self._host.arrived(self):
            self.transport.abort()
            return
        if self._context is not None:
            self.tls = TlsChannel(self._context, server_side=True)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._first_logon_ns / 1e9, self.turn_away)

    def data_received(self, data: bytes) -> None:
        """Look whether a whole Logon has come."""
        if self._timer is None:
            return
        if self.tls is not None:
            plain = self._through_tls(self.tls, data)
            if not plain:
                return
            data = plain
        self._seen += len(data)
        if len(self._start) < len(_START):
            self._start += data[: len(_START) - len(self._start)]
            if not _START.startswith(self._start):
                self.turn_away()
                return
        items = self.framer.feed(data)
        if not items:
            if self._seen > self._limits.max_message_bytes:
                self.turn_away()
            return
        first = items[0]
        if (
            isinstance(first, Garbled)
            or first.msg_type != MsgType.Logon
            or not self._host.admit(self, items)
        ):
            self.turn_away()
            return
        self._leave()

    def _through_tls(self, tls: TlsChannel, data: bytes) -> bytes | None:
        if tls.established:
            plain = tls.receive(data)
        else:
            failed = tls.handshake(data)
            plain = failed or (tls.receive(b"") if tls.established else b"")
        answer = tls.output()
        if answer and self.transport is not None:
            self.transport.write(answer)
        if isinstance(plain, TlsFailed) or tls.closed:
            self.turn_away()
            return None
        return plain

    def turn_away(self) -> None:
        """Close without a word."""
        self._leave()
        if self.transport is not None:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is gone."""
        self._leave()

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._host.left(self)
