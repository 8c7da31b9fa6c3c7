"""Where a new connection waits until it has said whose it is.

Nothing is sent before a whole Logon of a known session has come: a stranger, a port scanner or a
web browser learns nothing, and is closed without a word. One deadline covers the TLS handshake
and the Logon. What a stranger can make us keep is bounded: of the Logon its bytes, nothing more,
and OpenSSL's buffers only once a whole ClientHello is there.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Protocol

from fixgate.net.arrival import Arrival, Host
from fixgate.net.refusals import Refusal
from fixgate.net.settings import ListenSettings
from fixgate.net.tls import TlsChannel
from fixgate.net.tls_outcome import TlsFailed
from fixgate.wire.frame import START, TRAILER_BYTES, read_header
from fixgate.wire.garbled import Flaw
from fixgate.wire.limits import Limits

__all__ = ["MAX_HANDSHAKE_BYTES", "MAX_LOGON_BYTES", "Lobby", "LobbyHost"]

MAX_LOGON_BYTES = 16 * 1024
"""The whole Logon. In practice it has a few hundred bytes, a few thousand where it is signed."""

MAX_HANDSHAKE_BYTES = 32 * 1024
"""What a client sends until TLS stands: some 2 KiB, and its certificates, 1 to 2 KiB each."""

_HANDSHAKE = 0x16
_RECORD_HEADER_BYTES = 5
_HEADER_BYTES = 64
"""BeginString(8), BodyLength(9) and the beginning of MsgType(35) fit in it."""

_ALERT_S = 1.0
"""How long a peer may take to read the alert that says why TLS failed."""

_LIMITS = Limits(max_message_bytes=MAX_LOGON_BYTES)


class LobbyHost(Host, Protocol):
    """Who decides about what waits in the lobby."""

    def admit(self, waiting: Lobby, first: bytes) -> bool:
        """Take over a connection whose first message is whole; ``False`` after turning it away.

        Args:
            waiting: The connection.
            first: The message, and what came along with it.
        """


class Lobby(Arrival):
    """One connection that has not logged on.

    Args:
        host: Who admits it.
        listen: The port that it came to.
        context: TLS of the port, or ``None`` for plain TCP.
        first_logon_ns: How long it may take for its whole Logon.
    """

    __slots__ = ("_context", "_first_logon_ns", "_need", "_opening", "_seen", "_timer", "tls")

    _host: LobbyHost

    def __init__(
        self,
        host: LobbyHost,
        listen: ListenSettings,
        context: ssl.SSLContext | None,
        first_logon_ns: int,
    ) -> None:
        super().__init__(host, listen)
        self._first_logon_ns = first_logon_ns
        self._context = context
        self._opening = bytearray()  # of the ClientHello, then of the Logon
        self._need = 0  # no verdict before so many bytes of the Logon are there
        self._seen = 0  # bytes of the TLS handshake
        self._timer: asyncio.TimerHandle | None = None
        self.tls: TlsChannel | None = None

    def entered(self) -> None:
        """Start the deadline."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._first_logon_ns / 1e9, self._too_late)

    def data_received(self, data: bytes) -> None:
        """Look whether a whole Logon has come."""
        if self._timer is None:
            return
        if self._context is not None:
            data = self._through_tls(self._context, data)
            if not data:
                return
        self._opening += data
        if len(self._opening) < self._need:
            return
        refused = self._look()
        if refused is not None:
            self.turn_away(Refusal.NO_LOGON, refused)
        elif self._need <= len(self._opening):
            first, self._opening = bytes(self._opening), bytearray()
            if self._host.admit(self, first):
                self._leave()

    def _look(self) -> str | None:
        """Find out how many bytes the first message has; return why it cannot be a Logon."""
        self._need = len(self._opening) + 1
        start = bytes(self._opening[:_HEADER_BYTES])
        if not start.startswith(START[: len(start)]):
            return "what came first is not FIX"
        if len(start) < len(START):
            return None
        header = read_header(start, 0, _LIMITS)
        if isinstance(header, Flaw):
            return header.text
        if header is not None:
            body, length = header
            self._need = body + length + TRAILER_BYTES
        return None

    def _through_tls(self, context: ssl.SSLContext, data: bytes) -> bytes:
        """Return what is in the ciphertext; empty when there is nothing yet, or no TLS any more."""
        if self.tls is None:
            hello = self._whole_record(data)
            if hello is None:
                return b""
            self.tls = TlsChannel(context, server_side=True)
            data = hello
        tls = self.tls
        if tls.established:
            plain = tls.receive(data)
        else:
            self._seen += len(data)
            failed = tls.handshake(data)
            plain = failed or (tls.receive(b"") if tls.established else b"")
        answer = tls.output()
        if answer and self.transport is not None:
            self.transport.write(answer)
        if isinstance(plain, TlsFailed):
            self.turn_away(Refusal.TLS, plain.text)
        elif tls.closed:
            self.close()
        elif not tls.established and self._seen > MAX_HANDSHAKE_BYTES:
            self.turn_away(Refusal.TLS, f"a handshake of more than {MAX_HANDSHAKE_BYTES} bytes")
        else:
            return plain
        return b""

    def _whole_record(self, data: bytes) -> bytes | None:
        """Collect the first TLS record; ``None`` until it is whole, and when it is none."""
        self._opening += data
        record = self._opening
        if record[0] != _HANDSHAKE:
            self.turn_away(Refusal.TLS, "what came first is not TLS")
        elif len(record) >= _RECORD_HEADER_BYTES:
            size = _RECORD_HEADER_BYTES + int.from_bytes(record[3:5], "big")
            if size > MAX_HANDSHAKE_BYTES:
                self.turn_away(Refusal.TLS, f"its first record has {size} bytes")
            elif len(record) >= size:
                self._opening = bytearray()
                return bytes(record)
        return None

    def _too_late(self) -> None:
        self.turn_away(Refusal.TOO_LATE)

    def close(self) -> None:
        """Close without a word, unasked."""
        self._leave()
        super().close()
        if self.tls is not None and self.transport is not None:
            # It waits for the alert to be read.
            asyncio.get_running_loop().call_later(_ALERT_S, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is gone."""
        if self._timer is not None:
            self._leave()
            super().connection_lost(exc)

    def _leave(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._opening = bytearray()
