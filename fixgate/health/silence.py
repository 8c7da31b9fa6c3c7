"""What TCP's own account makes of a check that waited in vain: a layer, not only a cause.

The table of causes says where a silence lies most often. Where the runner noted how the connection
stood, `fixgate.triage.failed` tells more: whether the venue's machine had what we asked at all.
"""

from __future__ import annotations

from dataclasses import replace

from fixgate.health.case import Case, Charge
from fixgate.health.events import TcpNoted
from fixgate.health.model import Layer, Phase
from fixgate.net.tcp_info import TcpInfo
from fixgate.triage.failed import Awaited, Failure, judge_failure
from fixgate.triage.model import Confidence, Verdict
from fixgate.triage.model import Layer as Lost
from fixgate.wire.tags import MsgType, Tag

__all__ = ["sharpened"]

_AWAITED = {
    "tls-silent": Awaited.HANDSHAKE,
    "silent": Awaited.LOGON,
    "test-request-unanswered": Awaited.HEARTBEAT,
    "order-unacknowledged": Awaited.ORDER,
    "logout-unanswered": Awaited.LOGOUT,
}

_LAYERS = {
    Lost.HOST: Layer.HOST,
    Lost.STACK: Layer.HOST,
    Lost.PATH: Layer.NETWORK,
    Lost.TLS: Layer.TLS,
    Lost.GATEWAY: Layer.GATEWAY,
    Lost.MATCHING: Layer.MATCHING,
    Lost.PEER_READING: Layer.GATEWAY,
}

_LIKELY = (Confidence.HIGH, Confidence.MEDIUM)
_FIRST = frozenset({"order-unacknowledged"})
"""What is to be done about money comes before what is to be done about a layer."""


def sharpened(case: Case, charge: Charge) -> Charge:
    """Return a charge with the layer that TCP's account tells, where it tells one.

    Args:
        case: The check.
        charge: Of any cause; only those of silence are changed.
    """
    awaited = _AWAITED.get(charge.finding.cause)
    if awaited is None:
        return charge
    found = _failure(case, awaited, charge.finding.phase)
    if found is None:
        return charge
    place, failure = found
    verdict = judge_failure(failure)
    if verdict.confidence not in _LIKELY:
        return charge
    return _with(case, charge, verdict, place)


def _with(case: Case, charge: Charge, verdict: Verdict, place: int) -> Charge:
    finding, layer = charge.finding, _LAYERS[verdict.layer]
    step = finding.next_step
    if finding.cause in _FIRST:
        step = f"{step} {verdict.next_step}"
    elif layer is not finding.layer or verdict.layer is Lost.PEER_READING:
        step = verdict.next_step
    noted = case.scribe.write(case.reading.records[place])
    evidence = finding.evidence if noted is None else (*finding.evidence[1:], noted)
    return replace(
        charge,
        finding=replace(
            finding,
            layer=layer,
            summary=f"{finding.summary} {verdict.summary}",
            next_step=step,
            evidence=tuple(sorted(evidence, key=lambda each: each.at_ns)),
        ),
    )


def _failure(case: Case, awaited: Awaited, phase: Phase) -> tuple[int, Failure] | None:
    """Return what was waited for in a phase, and the place of TCP's account at its end."""
    reading = case.reading
    begin, noted = reading.started(phase), reading.tcp_at_end(phase)
    if begin is None or noted is None:
        return None
    place, info = noted
    before = [event.info for index, event in reading.every(TcpNoted) if index < begin]
    asked = _asked_at(case, awaited, begin, place)
    heard, answered = _heard(case, asked, place)
    return place, Failure(
        awaited,
        reading.at_ns(asked),
        reading.at_ns(place),
        before=before[-1] if before else _fresh(info),
        after=info,
        heard=heard,
        answered=answered,
    )


def _fresh(info: TcpInfo) -> TcpInfo:
    """Return the account of the same connection when nothing had gone wrong on it yet."""
    return replace(info, total_retrans=0, dsack_dups=0, rcv_ooopack=0, rwnd_limited_ns=0)


def _asked_at(case: Case, awaited: Awaited, begin: int, end: int) -> int:
    """Return the place of what was not answered: our last request of its kind in the phase."""
    wanted = {
        Awaited.LOGON: MsgType.Logon,
        Awaited.HEARTBEAT: MsgType.TestRequest,
        Awaited.ORDER: MsgType.NewOrderSingle,
        Awaited.LOGOUT: MsgType.Logout,
    }.get(awaited)
    sent = (s.index for s in case.reading.sent if s.message.msg_type == wanted)
    return max((index for index in sent if begin < index < end), default=begin)


def _heard(case: Case, begin: int, end: int) -> tuple[int, int]:
    """Return how many messages came between two places, and TestRequests answered by them."""
    heard = [s.message for s in case.reading.received if begin < s.index < end]
    asked = {
        s.message.get(Tag.TestReqID)
        for s in case.reading.sent
        if begin < s.index < end and s.message.msg_type == MsgType.TestRequest
    }
    answers = (m for m in heard if m.msg_type == MsgType.Heartbeat)
    return len(heard), sum(1 for m in answers if m.get(Tag.TestReqID) in asked - {None})
