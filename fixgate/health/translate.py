"""From the network room's outcomes to the events that are judged.

The network says what happened to a socket; a judge asks who did what to whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fixgate.health.events import (
    CheckCrashed,
    Closed,
    Expiry,
    OwnCertificates,
    ResolveFailed,
    StoreUnusable,
    TcpFailed,
    TcpFailure,
    TlsEstablished,
    TlsFailed,
    TlsFailure,
)
from fixgate.health.evidence import day
from fixgate.history import Record
from fixgate.net import tls_outcome as net_tls
from fixgate.net.certificate import CertificateFacts
from fixgate.net.events import ClockStepped, CloseReason, ConnectionClosed, ConnectionOpened
from fixgate.net.opening import OpenFailed, OpenReason
from fixgate.net.settings import Address
from fixgate.net.tls_outcome import TlsFacts, TlsReason

__all__ = [
    "not_opened",
    "not_resolved",
    "own_certificates",
    "tls_failed",
    "tls_stands",
    "translated",
]

_TCP = {
    OpenReason.REFUSED: TcpFailure.REFUSED,
    OpenReason.UNREACHABLE: TcpFailure.UNREACHABLE,
    OpenReason.TIMEOUT: TcpFailure.TIMEOUT,
    OpenReason.RESET: TcpFailure.REFUSED,
    OpenReason.DNS: TcpFailure.LOCAL,
    OpenReason.NO_ADDRESS: TcpFailure.LOCAL,
    OpenReason.OTHER: TcpFailure.LOCAL,
}

_TLS = {
    TlsReason.EXPIRED: TlsFailure.EXPIRED,
    TlsReason.NOT_YET_VALID: TlsFailure.NOT_YET_VALID,
    TlsReason.SELF_SIGNED: TlsFailure.UNTRUSTED,
    TlsReason.UNKNOWN_AUTHORITY: TlsFailure.UNTRUSTED,
    TlsReason.CERTIFICATE: TlsFailure.UNTRUSTED,
    TlsReason.REVOKED: TlsFailure.REVOKED,
    TlsReason.REVOCATION_UNKNOWN: TlsFailure.REVOCATION_UNKNOWN,
    TlsReason.PIN_MISMATCH: TlsFailure.PIN_MISMATCH,
    TlsReason.HOST_MISMATCH: TlsFailure.HOSTNAME,
    TlsReason.PROTOCOL_VERSION: TlsFailure.PROTOCOL,
    TlsReason.NO_COMMON_CIPHER: TlsFailure.PROTOCOL,
    TlsReason.CLIENT_CERTIFICATE_REQUIRED: TlsFailure.CLIENT_CERTIFICATE,
    TlsReason.CLIENT_CERTIFICATE_REFUSED: TlsFailure.CLIENT_CERTIFICATE,
    TlsReason.UNRECOGNIZED_NAME: TlsFailure.SERVER_NAME,
    TlsReason.NOT_TLS: TlsFailure.NOT_TLS,
    TlsReason.CLOSED: TlsFailure.CLOSED,
    TlsReason.RESET: TlsFailure.CLOSED,
    TlsReason.TIMEOUT: TlsFailure.TIMEOUT,
    TlsReason.OTHER: TlsFailure.OTHER,
}


def not_resolved(address: Address, failed: OpenFailed) -> ResolveFailed:
    """Return what a failed look-up means."""
    return ResolveFailed(address.host, failed.text)


def not_opened(failed: OpenFailed) -> TcpFailed:
    """Return what a failed connection means."""
    tried = [f"{a.address}: {a.text}" for a in failed.attempts]
    return TcpFailed(_TCP[failed.reason], "; ".join(tried) if len(tried) > 1 else failed.text)


def tls_stands(facts: TlsFacts) -> TlsEstablished:
    """Return what a complete handshake showed."""
    certificate = facts.certificate
    return TlsEstablished(
        facts.version,
        facts.cipher,
        certificate.subject if certificate is not None else "",
        certificate.not_after_ns if certificate is not None else None,
        ", ".join(problem.value for problem in facts.problems),
        certificate.pin if certificate is not None else "",
        _expiries(facts.issuers),
    )


def own_certificates(chain: Iterable[CertificateFacts]) -> OwnCertificates:
    """Return until when our own certificates are valid."""
    return OwnCertificates(_expiries(chain))


def _expiries(chain: Iterable[CertificateFacts]) -> tuple[Expiry, ...]:
    return tuple(Expiry(each.subject, each.not_after_ns) for each in chain)


def tls_failed(failed: net_tls.TlsFailed) -> TlsFailed:
    """Return what a failed handshake means."""
    reason, facts = _TLS[failed.reason], failed.certificate
    if facts is None:
        return TlsFailed(reason, failed.text)
    return TlsFailed(reason, failed.text, facts.subject, _detail(facts, reason))


def _detail(facts: CertificateFacts, reason: TlsFailure) -> str:
    match reason:
        case TlsFailure.EXPIRED:
            return day(facts.not_after_ns)
        case TlsFailure.NOT_YET_VALID:
            return day(facts.not_before_ns)
        case TlsFailure.UNTRUSTED:
            return facts.issuer
        case TlsFailure.HOSTNAME:
            return ", ".join(facts.names)
        case TlsFailure.PIN_MISMATCH:
            return facts.pin
        case _:
            return ""


def translated(history: Iterable[Record]) -> Iterator[Record]:
    """Yield the records of a history with the endpoint's own events in the judge's words.

    All instants are by the clock as it was in the end: where it was set on the way, what came
    before is told as if it had been right all along, so that every distance in time is true.
    """
    for record in _on_one_clock(tuple(history)):
        match record.what:
            case ConnectionOpened():
                pass
            case ConnectionClosed() as closed:
                for event in _closed(closed):
                    glyph = "#" if isinstance(event, StoreUnusable | CheckCrashed) else "~"
                    yield Record(record.at_ns, glyph, event)
            case _:
                yield record


def _on_one_clock(history: tuple[Record, ...]) -> Iterator[Record]:
    steps = (r.what.step_ns for r in history if isinstance(r.what, ClockStepped))
    ahead_ns = sum(steps)
    for record in history:
        if isinstance(record.what, ClockStepped):
            ahead_ns -= record.what.step_ns
        yield record._replace(at_ns=record.at_ns + ahead_ns) if ahead_ns else record


def _closed(closed: ConnectionClosed) -> Iterator[object]:
    match closed.reason:
        case CloseReason.OURS | CloseReason.REPLACED:
            yield Closed(by_peer=False)
        case CloseReason.PEER:
            yield Closed(by_peer=True)
        case CloseReason.RESET:
            yield Closed(by_peer=True, reset=True, text=closed.text)
        case CloseReason.LOST | CloseReason.STALLED:
            yield Closed(by_peer=True, text=f"{closed.reason.value}: {closed.text}")
        case CloseReason.STORE:
            yield StoreUnusable(closed.text)
        case CloseReason.FAULT:
            yield CheckCrashed(closed.text)
        case CloseReason.TLS:
            if closed.tls is not None:
                yield tls_failed(closed.tls)
            yield Closed(by_peer=True, text=closed.text)
