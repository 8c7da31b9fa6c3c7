"""Judging what comes before FIX: the host's name, the TCP connection, the TLS handshake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fixgate.health.case import Case, Charge
from fixgate.health.causes import CAUSES
from fixgate.health.events import (
    DeadlinePassed,
    Expiry,
    OwnCertificates,
    Resolved,
    ResolveFailed,
    TcpConnected,
    TcpFailed,
    TcpFailure,
    TlsEstablished,
    TlsFailed,
    TlsFailure,
)
from fixgate.health.evidence import day, seconds
from fixgate.health.model import Phase
from fixgate.net.settings import ClientTls

__all__ = ["connect_charges", "resolve_facts", "tcp_facts", "tls_charges", "tls_facts"]

_TCP_CAUSES = {
    TcpFailure.REFUSED: "refused",
    TcpFailure.UNREACHABLE: "unreachable",
    TcpFailure.TIMEOUT: "connect-timeout",
    TcpFailure.LOCAL: "local-socket",
}
_DAY_NS = 86_400_000_000_000


def connect_charges(case: Case) -> Iterator[Charge]:
    """Judge the phases resolve and tcp."""
    reading, plan = case.reading, case.plan
    unresolved, failed = reading.first(ResolveFailed), reading.first(TcpFailed)
    late = reading.first(DeadlinePassed)
    if unresolved is not None:
        index, event = unresolved
        text = f"The name {event.host} could not be resolved: {event.text}."
        yield case.charge("dns", Phase.RESOLVE, text, index)
    elif failed is not None:
        index, what = failed
        yield case.charge(_TCP_CAUSES[what.reason], Phase.TCP, _tcp_text(case, what), index)
    elif late is not None and reading.first(Resolved) is None:
        text = f"The resolver gave no answer for {plan.address.host} before time was up."
        yield case.charge("dns", Phase.RESOLVE, text, late[0])
    elif late is not None and reading.first(TcpConnected) is None:
        text = f"No answer from {plan.address} before time was up."
        yield case.charge("connect-timeout", Phase.TCP, text, late[0])


def _tcp_text(case: Case, failed: TcpFailed) -> str:
    address, why = case.plan.address, f": {failed.text}" if failed.text else ""
    match failed.reason:
        case TcpFailure.REFUSED:
            return f"{address} refused the TCP connection: the host answers, the port is closed."
        case TcpFailure.UNREACHABLE:
            return f"{address} cannot be reached from this host{why}."
        case TcpFailure.TIMEOUT:
            waited = case.reading.span_ns(Phase.TCP)
            within = f" within {seconds(waited)}" if waited else ""
            return f"{address} gave no answer to the TCP connection{within}."
        case TcpFailure.LOCAL:
            return f"This host could not open a connection to {address}{why}."


def tls_charges(case: Case) -> Iterator[Charge]:
    """Judge the phase tls."""
    reading = case.reading
    failed, late = reading.first(TlsFailed), reading.first(DeadlinePassed)
    established = reading.first(TlsEstablished)
    if failed is not None:
        index, what = failed
        cause = f"tls-{what.reason.value}"
        seen = f"The key that was seen: {what.detail}."
        pinned = what.reason is TlsFailure.PIN_MISMATCH and what.detail
        step = f"{CAUSES[cause].next_step} {seen}" if pinned else None
        yield case.charge(cause, Phase.TLS, _tls_text(case, what), index, next_step=step)
    elif established is not None:
        yield from _certificate(case, *established)
    elif late is not None and reading.started(Phase.TLS) is not None:
        text = "The venue accepted the TCP connection but did not complete the TLS handshake."
        yield case.charge("tls-silent", Phase.TLS, text, late[0])
    yield from _own_certificates(case)


def _certificate(case: Case, index: int, event: TlsEstablished) -> Iterator[Charge]:
    if event.problem:
        text = f"The venue's certificate was taken although {event.problem}: verify is off."
        yield case.charge("tls-unverified", Phase.TLS, text, index)
    if event.not_after_ns is None:
        return
    own = Expiry(event.subject, event.not_after_ns)
    first = _first_to_expire(case, index, (own, *event.issuers))
    if first is not None and first.not_after_ns >= case.reading.at_ns(index):
        whose = "venue" if first is own else "authority"
        text = f"The {whose}'s certificate {first.subject} {_when(case, index, first)}."
        yield case.charge("tls-expires-soon", Phase.TLS, text, index)


def _own_certificates(case: Case) -> Iterator[Charge]:
    found = case.reading.first(OwnCertificates)
    if found is None:
        return
    index, event = found
    first = _first_to_expire(case, index, event.chain)
    if first is not None:
        text = f"Our own certificate {first.subject} {_when(case, index, first)}."
        yield case.charge("tls-own-expires-soon", Phase.TLS, text, index)


def _first_to_expire(case: Case, index: int, chain: Iterable[Expiry]) -> Expiry | None:
    """Return the certificate that expires first, when that is soon or was before."""
    first = min(chain, key=lambda each: each.not_after_ns, default=None)
    days = (case.plan.tls or ClientTls()).warn_days
    return first if first is not None and _days_left(case, index, first) <= days else None


def _days_left(case: Case, index: int, expiry: Expiry) -> int:
    return (expiry.not_after_ns - case.reading.at_ns(index)) // _DAY_NS


def _when(case: Case, index: int, expiry: Expiry) -> str:
    left = _days_left(case, index, expiry)
    if left < 0:
        return f"expired on {day(expiry.not_after_ns)}"
    in_days = "today" if left == 0 else f"in {left} day{'' if left == 1 else 's'}"
    return f"expires on {day(expiry.not_after_ns)}, {in_days}"


def _tls_text(case: Case, failed: TlsFailed) -> str:
    name = (case.plan.tls.server_name if case.plan.tls else None) or case.plan.address.host
    detail = failed.detail
    sentence = {
        TlsFailure.EXPIRED: f"The venue's certificate expired on {detail or 'an earlier day'}",
        TlsFailure.NOT_YET_VALID: f"The venue's certificate is valid only from {detail or 'later'}",
        TlsFailure.UNTRUSTED: "The venue's certificate is not signed by an authority we trust"
        + (f", but by {detail}" if detail else ""),
        TlsFailure.REVOKED: "The venue's certificate is revoked",
        TlsFailure.REVOCATION_UNKNOWN: "Whether the venue's certificate is revoked cannot be told",
        TlsFailure.PIN_MISMATCH: "The venue shows a key that is none of those in tls.pins",
        TlsFailure.HOSTNAME: f"The venue's certificate is not for {name}"
        + (f", but for {detail}" if detail else ""),
        TlsFailure.SERVER_NAME: f"The venue knows no server called {name}",
        TlsFailure.PROTOCOL: "The venue and fixgate share no TLS version or cipher suite",
        TlsFailure.CLIENT_CERTIFICATE: "The venue demands a client certificate that it accepts",
        TlsFailure.NOT_TLS: "What the port answers is not TLS",
        TlsFailure.CLOSED: "The venue closed the connection during the TLS handshake",
        TlsFailure.TIMEOUT: "The venue did not answer the TLS handshake in time",
        TlsFailure.LOCAL: "Our own TLS files cannot be used",
        TlsFailure.OTHER: "The TLS handshake failed",
    }[failed.reason]
    known = "; ".join(filter(None, (failed.certificate, failed.text)))
    return f"{sentence} ({known})." if known else f"{sentence}."


def resolve_facts(case: Case) -> tuple[tuple[str, str], ...]:
    """Return the addresses."""
    found = case.reading.first(Resolved)
    return (("address", ", ".join(found[1].addresses)),) if found else ()


def tcp_facts(case: Case) -> tuple[tuple[str, str], ...]:
    """Return both ends of the connection."""
    found = case.reading.first(TcpConnected)
    if found is None:
        return ()
    event = found[1]
    return (("peer", event.peer), *((("local", event.local),) if event.local else ()))


def tls_facts(case: Case) -> tuple[tuple[str, str], ...]:
    """Return protocol, cipher and certificate."""
    found = case.reading.first(TlsEstablished)
    if found is None:
        failed = case.reading.first(TlsFailed)
        whose = failed[1].certificate if failed is not None else ""
        return (("certificate", whose),) if whose else ()
    index, event = found
    facts = [("protocol", event.protocol), ("cipher", event.cipher)]
    if event.subject:
        facts.append(("certificate", event.subject))
    if event.key:
        facts.append(("key", event.key))
    if event.not_after_ns is not None:
        left = (event.not_after_ns - case.reading.at_ns(index)) // _DAY_NS
        facts.append(("expires", f"{day(event.not_after_ns)}, in {left} days"))
    return tuple(facts)
