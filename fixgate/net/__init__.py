"""The only home of sockets, clocks, files and threads."""

# .certificate
from fixgate.net.certificate import CertificateFacts, read_certificate

# .clock
from fixgate.net.clock import Clock

# .clock_watch
from fixgate.net.clock_watch import ClockWatch

# .events
from fixgate.net.events import ClockStepped, CloseReason, ConnectionClosed, ConnectionOpened

# .gateway
from fixgate.net.gateway import Gateway

# .initiator
from fixgate.net.initiator import SessionConnection

# .networks
from fixgate.net.networks import Networks

# .opening
from fixgate.net.opening import (
    Attempt,
    Opened,
    OpenFailed,
    OpenReason,
    SocketAddress,
    TlsEstablished,
    connect_tcp,
    resolve,
    start_tls,
)

# .roster
from fixgate.net.roster import Counterparty, Roster

# .settings
from fixgate.net.settings import (
    Address,
    ClientTls,
    Durability,
    EntrySettings,
    GatewaySettings,
    ListenSettings,
    ServerTls,
    StoreSettings,
    VenueSession,
)

# .stores
from fixgate.net.stores import open_store

# .tls
from fixgate.net.tls import TlsClient, client_tls

# .tls_outcome
from fixgate.net.tls_outcome import TlsFacts, TlsFailed, TlsReason

__all__ = [
    "Address",
    "Attempt",
    "CertificateFacts",
    "ClientTls",
    "Clock",
    "ClockStepped",
    "ClockWatch",
    "CloseReason",
    "ConnectionClosed",
    "ConnectionOpened",
    "Counterparty",
    "Durability",
    "EntrySettings",
    "Gateway",
    "GatewaySettings",
    "ListenSettings",
    "Networks",
    "OpenFailed",
    "OpenReason",
    "Opened",
    "Roster",
    "ServerTls",
    "SessionConnection",
    "SocketAddress",
    "StoreSettings",
    "TlsClient",
    "TlsEstablished",
    "TlsFacts",
    "TlsFailed",
    "TlsReason",
    "VenueSession",
    "client_tls",
    "connect_tcp",
    "open_store",
    "read_certificate",
    "resolve",
    "start_tls",
]
