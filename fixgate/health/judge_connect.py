"""Judging what comes before FIX: the host's name, the TCP connection, the TLS handshake."""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.health.case import Case, Charge
from fixgate.health.events import (
    DeadlinePassed,
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

__all__ = ["connect_charges", "resolve_facts", "tcp_facts", "tls_charges", "tls_facts"]

_TCP_CAUSES = {
    TcpFailure.REFUSED: "refused",
    TcpFailure.UNREACHABLE: "unreachable",
    TcpFailure.TIMEOUT: "connect-timeout",
    TcpFailure.LOCAL: "local-socket",
}
_EXPIRES_SOON_DAYS = 30
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
        yield case.charge(f"tls-{what.reason.value}", Phase.TLS, _tls_text(case, what), index)
    elif established is not None:
        yield from _certificate(case, *established)
    elif late is not None and reading.started(Phase.TLS) is not None:
        text = "The venue accepted the TCP connection but did not complete the TLS handshake."
        yield case.charge("tls-silent", Phase.TLS, text, late[0])


def _certificate(case: Case, index: int, event: TlsEstablished) -> Iterator[Charge]:
    if event.problem:
        text = f"The venue's certificate was taken although {event.problem}: verify is off."
        yield case.charge("tls-unverified", Phase.TLS, text, index)
    if event.not_after_ns is None:
        return
    left = (event.not_after_ns - case.reading.at_ns(index)) // _DAY_NS
    if 0 <= left <= _EXPIRES_SOON_DAYS:
        when = f"on {day(event.not_after_ns)}, {_in_days(left)}"
        text = f"The venue's certificate {event.subject} expires {when}."
        yield case.charge("tls-expires-soon", Phase.TLS, text, index)


def _in_days(days: int) -> str:
    return "today" if days == 0 else f"in {days} day{'' if days == 1 else 's'}"


def _tls_text(case: Case, failed: TlsFailed) -> str:
    name = (case.plan.tls.server_name if case.plan.tls else None) or case.plan.address.host
    detail = failed.detail
    sentence = {
        TlsFailure.EXPIRED: f"The venue's certificate expired on {detail or 'an earlier day'}",
        TlsFailure.NOT_YET_VALID: f"The venue's certificate is valid only from {detail or 'later'}",
        TlsFailure.UNTRUSTED: "The venue's certificate is not signed by an authority we trust"
        + (f", but by {detail}" if detail else ""),
        TlsFailure.REVOKED: "The venue's certificate is revoked",
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
    if event.not_after_ns is not None:
        left = (event.not_after_ns - case.reading.at_ns(index)) // _DAY_NS
        facts.append(("expires", f"{day(event.not_after_ns)}, in {left} days"))
    return tuple(facts)
