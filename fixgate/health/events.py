"""What happens to a check beside its messages: the network (``~``) and its own steps (``#``).

The runner appends these to the history; `fixgate.health.judge` reads them. Frozen values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fixgate.health.model import Phase
from fixgate.net.tcp_info import TcpInfo

__all__ = [
    "CancelSent",
    "CheckCrashed",
    "Closed",
    "DeadlinePassed",
    "EngineEnded",
    "EngineSaid",
    "Expiry",
    "Flooded",
    "MessagesPassed",
    "OrderSent",
    "OutOfHours",
    "OwnCertificates",
    "PhaseEnded",
    "PhaseStarted",
    "ResolveFailed",
    "Resolved",
    "SequenceNoted",
    "StoreUnusable",
    "TcpConnected",
    "TcpFailed",
    "TcpFailure",
    "TcpNoted",
    "TlsEstablished",
    "TlsFailed",
    "TlsFailure",
]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The host's name led to these addresses."""

    host: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResolveFailed:
    """The host's name led nowhere; ``text`` is the resolver's own."""

    host: str
    text: str


@dataclass(frozen=True, slots=True)
class TcpConnected:
    """The TCP connection stands, from ``local`` to ``peer``, each ``host:port``."""

    peer: str
    local: str = ""


class TcpFailure(Enum):
    """Why a TCP connection could not be opened."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    LOCAL = "local"
    """This host could not even try: no descriptor, no address, no permission."""


@dataclass(frozen=True, slots=True)
class TcpFailed:
    """The TCP connection could not be opened; ``text`` is the system's own."""

    reason: TcpFailure
    text: str = ""


@dataclass(frozen=True, slots=True)
class TcpNoted:
    """How the connection stood, by our own kernel's account."""

    info: TcpInfo


@dataclass(frozen=True, slots=True)
class Expiry:
    """Until when a certificate is valid.

    Attributes:
        subject: Whose it is.
        not_after_ns: When it expires, nanoseconds since the epoch.
    """

    subject: str
    not_after_ns: int


@dataclass(frozen=True, slots=True)
class OwnCertificates:
    """What we can show the venue, the certificate of the session first."""

    chain: tuple[Expiry, ...]


@dataclass(frozen=True, slots=True)
class TlsEstablished:
    """The TLS handshake is complete.

    Attributes:
        protocol: Such as ``TLSv1.3``.
        cipher: The cipher suite's name.
        subject: Of the venue's certificate; empty when it was not verified.
        not_after_ns: When the certificate expires, nanoseconds since the epoch, or ``None``.
        problem: What verification would have refused, when it is switched off; else empty.
        key: The pin of the certificate's public key, ``sha256/BASE64=``, or empty.
        issuers: The certificates above the venue's, as far as they were verified.
    """

    protocol: str
    cipher: str
    subject: str = ""
    not_after_ns: int | None = None
    problem: str = ""
    key: str = ""
    issuers: tuple[Expiry, ...] = ()


class TlsFailure(Enum):
    """Why a TLS handshake failed; the value is the cause's name after ``tls-``."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    UNTRUSTED = "untrusted"
    REVOKED = "revoked"
    REVOCATION_UNKNOWN = "revocation-unknown"
    PIN_MISMATCH = "pin-mismatch"
    HOSTNAME = "hostname"
    SERVER_NAME = "server-name"
    PROTOCOL = "protocol"
    CLIENT_CERTIFICATE = "client-certificate"
    NOT_TLS = "not-tls"
    CLOSED = "closed"
    TIMEOUT = "silent"
    LOCAL = "local"
    """Our own certificate, key or authorities cannot be used."""
    OTHER = "failed"


@dataclass(frozen=True, slots=True)
class TlsFailed:
    """The TLS handshake failed.

    Attributes:
        reason: Why.
        text: The library's own words.
        certificate: Whose the venue's certificate is, as far as it is known, or empty.
        detail: What is wrong with it: the day of expiry, the issuer, the names, the key; or empty.
    """

    reason: TlsFailure
    text: str = ""
    certificate: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is gone.

    Attributes:
        by_peer: The venue closed it.
        reset: It was reset (RST), not closed in order (FIN).
        text: More about it, or empty.
    """

    by_peer: bool
    reset: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """The check has reached a phase."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class PhaseEnded:
    """The check is done with a phase, well or not."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The time for the whole check, ``deadline_ns``, is up."""

    deadline_ns: int


@dataclass(frozen=True, slots=True)
class SequenceNoted:
    """The store's numbers: MsgSeqNum(34) that we send next and expect next."""

    next_out: int
    next_in: int


@dataclass(frozen=True, slots=True)
class StoreUnusable:
    """The session's store is damaged, foreign or in use; nothing was sent."""

    text: str


@dataclass(frozen=True, slots=True)
class OutOfHours:
    """The session's schedule leaves no time for the check now; nothing was done.

    Attributes:
        opens_ns: When a check can take place again, nanoseconds since the epoch, UTC.
        text: Why, and when, for people.
    """

    opens_ns: int
    text: str


@dataclass(frozen=True, slots=True)
class Flooded:
    """The venue sent more than is kept; the connection was cut.

    Attributes:
        limit_bytes: How much is kept, in memory.
    """

    limit_bytes: int


@dataclass(frozen=True, slots=True)
class MessagesPassed:
    """Messages of the venue came in order, and are not in the history.

    Attributes:
        first: MsgSeqNum(34) of the first of them.
        end: One more than that of the last.
    """

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class OrderSent:
    """The test order went out."""

    cl_ord_id: bytes


@dataclass(frozen=True, slots=True)
class CancelSent:
    """The cancel of the test order went out."""

    cl_ord_id: bytes
    orig_cl_ord_id: bytes


@dataclass(frozen=True, slots=True)
class CheckCrashed:
    """fixgate itself failed; the session's health could not be determined."""

    text: str


@dataclass(frozen=True, slots=True)
class EngineSaid:
    """What another engine, whose session layer is used, says in its own log."""

    text: str


@dataclass(frozen=True, slots=True)
class EngineEnded:
    """Another engine closed the connection unasked; ``text`` is the last that it said."""

    text: str
