"""What happened to a connection, as values for the history and for whoever judges it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fixgate.net.tls_outcome import TlsFailed

__all__ = ["ClockStepped", "CloseReason", "ConnectionClosed", "ConnectionOpened"]


class CloseReason(Enum):
    """How a connection ended."""

    OURS = "closed by us"
    PEER = "closed by the peer"
    RESET = "reset by the peer"
    LOST = "lost by the network"
    STALLED = "cut off: the peer does not read"
    REPLACED = "replaced: not heard from, and logged on again"
    STORE = "cut off: the store cannot be written"
    TLS = "TLS broke"
    FAULT = "cut off: a fault of fixgate"


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """Our clock was set; the records from here on are by the new one, those before by the old.

    Attributes:
        step_ns: How far, nanoseconds; above 0 where it was set forward.
    """

    step_ns: int


@dataclass(frozen=True, slots=True)
class ConnectionOpened:
    """A connection carries a session from now on.

    Attributes:
        local: Our address, ``host:port``.
        peer: Theirs.
    """

    local: str
    peer: str


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """A connection is gone.

    Attributes:
        reason: How.
        text: Details, such as the system's wording; may be empty.
        tls: What broke, when ``reason`` is ``TLS``.
    """

    reason: CloseReason
    text: str = ""
    tls: TlsFailed | None = None
