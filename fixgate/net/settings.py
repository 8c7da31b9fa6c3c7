"""What the network side is configured to be. Plain values; `fixgate.config` fills them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from fixgate.net.binding import CertificateRule
from fixgate.net.networks import Networks
from fixgate.session.settings import SessionSettings
from fixgate.venue.model import VenueSettings
from fixgate.venue.stages import VenueStages

__all__ = [
    "Address",
    "ClientTls",
    "Durability",
    "EntrySettings",
    "GatewaySettings",
    "ListenSettings",
    "ServerTls",
    "StoreSettings",
    "VenueSession",
]


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a TCP port; port 0 lets the system choose when listening."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Durability(Enum):
    """What a stored message survives by the time it is sent; see docs/adr/0006."""

    OS = "os"
    """kill -9 of the process."""
    GROUP = "group"
    """A power cut too: messages wait until the disk has them, many at a time."""
    EACH = "each"
    """The same, and the process waits too: each turn's messages are on disk before it goes on."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where messages are kept; ``path`` ``None`` keeps them in memory."""

    path: Path | None = None
    durability: Durability = Durability.OS


@dataclass(frozen=True, slots=True)
class ClientTls:
    """TLS of a connection that we open; at least TLS 1.2.

    Attributes:
        ca: PEM file of the authorities to trust; ``None`` for the system's.
        server_name: Name the certificate must carry and SNI; ``None`` for the host.
        certificate: PEM file of our own certificate chain, when the venue demands one.
        key: PEM file of its private key.
        verify: Check the venue's certificate; ``False`` only records what is wrong with it.
        crl: PEM file of the certificates that its authority has revoked; ``None`` to look up none.
        pins: Public keys, ``sha256/BASE64=``, of which one must be in the venue's chain; empty for
            any.
        warn_days: A certificate that has so many days left, or fewer, is a warning.
    """

    ca: Path | None = None
    server_name: str | None = None
    certificate: Path | None = None
    key: Path | None = None
    verify: bool = True
    crl: Path | None = None
    pins: tuple[str, ...] = ()
    warn_days: int = 30


@dataclass(frozen=True, slots=True)
class ServerTls:
    """TLS of connections that we accept; at least TLS 1.2.

    Attributes:
        certificate: PEM file of our certificate chain.
        key: PEM file of its private key.
        client_ca: PEM file of the authorities whose client certificates are demanded.
        crl: PEM file of the certificates that these have revoked; ``None`` to look up none.
        warn_days: A certificate that has so many days left, or fewer, is a warning.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None
    crl: Path | None = None
    warn_days: int = 30


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """One listening port.

    Attributes:
        address: Where to listen; loopback unless the user says otherwise.
        tls: ``None`` for plain TCP.
        silent: Accept TCP connections and never say a word (a fault, on purpose).
        allow: Where connections may come from; ``None`` for anywhere.
    """

    address: Address
    tls: ServerTls | None = None
    silent: bool = False
    allow: Networks | None = None


@dataclass(frozen=True, slots=True)
class EntrySettings:
    """What a connection must be for a client of a venue to log on with it.

    Attributes:
        allow: Where it may come from; ``None`` for anywhere.
        certificate: What its TLS client certificate must be; ``None`` for any that the port takes.
        replace_dead: Take it in the place of one that does not answer our TestRequest; else
            the first one stays until it is gone.
    """

    allow: Networks | None = None
    certificate: CertificateRule | None = None
    replace_dead: bool = False


@dataclass(frozen=True, slots=True)
class VenueSession:
    """One client session that a venue knows.

    Attributes:
        name: What the venue calls it.
        session: Its session settings.
        entry: What its connection must be.
    """

    name: str
    session: SessionSettings
    entry: EntrySettings = field(default_factory=EntrySettings)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """A whole venue: listeners, sessions, store and matching.

    Attributes:
        name: Shown in messages.
        listen: At least one port.
        comp_id: Our SenderCompID(49) towards clients that ``accept_any`` lets in; ``None``
            takes whatever name the client calls us by.
        sessions: The sessions that are known.
        accept_any: Let in any CompIDs and any version, each with a session of its own.
        template: The settings of sessions let in by ``accept_any``; its ``id`` is replaced.
        store: Where messages are kept.
        venue: The exchange behind the gateway.
        first_logon_ns: How long a new connection may take to send its whole Logon.
        max_connections: Connections at once, over all ports.
        max_per_address: Of these, those that come from one address.
        max_on_demand: Sessions made for clients that ``accept_any`` let in, while it runs.
        max_write_buffer: Bytes a peer may leave unread before it is cut off.
        history_limit: Records kept in memory per session.
        busy_poll_ns: How long to poll for the next message before sleeping; 0 sleeps at once.
        stages: Where it takes its time; ``None`` for nowhere, which costs nothing.
    """

    name: str
    listen: tuple[ListenSettings, ...]
    template: SessionSettings
    comp_id: str | None = None
    sessions: tuple[VenueSession, ...] = ()
    accept_any: bool = False
    store: StoreSettings = field(default_factory=StoreSettings)
    venue: VenueSettings = field(default_factory=VenueSettings)
    first_logon_ns: int = 5_000_000_000
    max_connections: int = 2000
    max_per_address: int = 1000
    max_on_demand: int = 10_000
    max_write_buffer: int = 4 * 1024 * 1024
    history_limit: int = 1000
    busy_poll_ns: int = 50_000
    stages: VenueStages | None = None
