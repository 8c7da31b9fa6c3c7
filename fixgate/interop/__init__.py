"""QuickFIX in its own process."""

# .application
from fixgate.interop.application import VenueApplication

# .dictionaries
from fixgate.interop.dictionaries import write_dictionaries

# .distribution
from fixgate.interop.distribution import INSTALL, Distribution, find_distribution

# .gateway
from fixgate.interop.gateway import QuickFixGateway

# .process
from fixgate.interop.process import PeerError, QuickFixPeer

# .protocol
from fixgate.interop.protocol import (
    AskNumbers,
    Disconnect,
    EventKind,
    LogOn,
    LogOut,
    PeerEvent,
    Send,
    SendOrders,
    SetNumbers,
)

# .settings
from fixgate.interop.settings import PeerRole, PeerSession, PeerSettings

__all__ = [
    "INSTALL",
    "AskNumbers",
    "Disconnect",
    "Distribution",
    "EventKind",
    "LogOn",
    "LogOut",
    "PeerError",
    "PeerEvent",
    "PeerRole",
    "PeerSession",
    "PeerSettings",
    "QuickFixGateway",
    "QuickFixPeer",
    "Send",
    "SendOrders",
    "SetNumbers",
    "VenueApplication",
    "find_distribution",
    "write_dictionaries",
]
