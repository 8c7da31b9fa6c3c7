"""Leaving a connection otherwise than in order, as a broken line or a dead process does.

A peer that is left without a word still sends: what was under way, heartbeats, at last a Logout. It
is not let into the session any more, since a process that is gone would not have it either; but
whoever wants to know what the peer has sent in vain can listen.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

from fixgate.net.tls import TlsChannel
from fixgate.net.tls_outcome import TlsFailed

__all__ = ["Deaf", "reset_connection"]

_NO_LINGER = struct.pack("ii", 1, 0)


def reset_connection(transport: asyncio.Transport) -> None:
    """End a connection with an RST, whatever it is made of."""
    reset = getattr(transport, "reset", None)  # connections in memory have one
    if callable(reset):
        reset()
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


class Deaf(asyncio.Protocol):
    """Has a connection that its session has left; answers nothing.

    Args:
        tls: The connection's TLS, ``None`` for plain TCP.
        overheard: Gets the plain bytes that come all the same; must not raise.
        gone: Is told once that the connection is gone: whether the peer had closed it, and the
            error, if any.
    """

    def __init__(
        self,
        tls: TlsChannel | None,
        overheard: Callable[[bytes], None],
        gone: Callable[[bool, Exception | None], None],
    ) -> None:
        self._tls = tls
        self._overheard = overheard
        self._gone = gone
        self._eof = False

    def data_received(self, data: bytes) -> None:
        """Pass on what could still be read."""
        plain = data if self._tls is None else self._tls.receive(data)
        if not isinstance(plain, TlsFailed) and plain:
            self._overheard(plain)

    def eof_received(self) -> None:
        """Note that the peer has given up; the transport then closes our side, too."""
        self._eof = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that it is over."""
        self._gone(self._eof, exc)
