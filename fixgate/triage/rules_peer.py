"""Rules about what lies behind the peer's kernel: its gateway, and the matching engine."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.triage.excess import MOST, SOME
from fixgate.triage.facts import Facts
from fixgate.triage.model import Confidence, Exchange, Layer
from fixgate.triage.rule import Found, Rule
from fixgate.triage.spans import Span
from fixgate.triage.wording import shown

__all__ = ["PEER_RULES"]

_TAIL_PROBE_NS = 12_000_000
_STAGES = (
    (Span.MATCHING, Layer.MATCHING, "the matching engine"),
    (Span.GATEWAY, Layer.GATEWAY, "its gateway, before the matching engine,"),
    (Span.REPLY, Layer.GATEWAY, "its gateway, with the reply,"),
)


def _stages(facts: Facts) -> Found | None:
    for span, layer, whose in _STAGES:
        if facts.told(span) and facts.share(span) >= MOST:
            excess_ns = facts.excess_of(span)
            text = (
                f"By the venue's own clock {whose} took {shown(excess_ns)} longer than usual, of "
                f"an excess of {shown(facts.excess_ns)}."
            )
            return Found(Confidence.HIGH, text, _stage_evidence(facts), layer)
    return None


def _inside(facts: Facts) -> Found | None:
    if not facts.told(Span.INSIDE) or facts.share(Span.INSIDE) < MOST:
        return None
    text = (
        f"By the venue's own clock {shown(facts.excess_of(Span.INSIDE))} of the excess lie between "
        "its gateway and the end of matching"
    )
    evidence = _stage_evidence(facts)
    if facts.overtaken:
        text += "; a TestRequest sent later was answered sooner."
        return Found(Confidence.HIGH, text, evidence, Layer.MATCHING)
    if facts.slow_heartbeats:
        return Found(Confidence.MEDIUM, f"{text}; TestRequests waited as well.", evidence)
    if len(facts.clean_heartbeats) > 1:
        text += "; TestRequests around it did not wait."
        return Found(Confidence.MEDIUM, text, evidence, Layer.MATCHING)
    return Found(Confidence.LOW, f"{text}; there is no TestRequest to tell them apart.", evidence)


def _stage_evidence(facts: Facts) -> tuple[tuple[str, str], ...]:
    spans = (Span.GATEWAY, Span.MATCHING, Span.INSIDE, Span.REPLY)
    return tuple((span.value, shown(facts.spans[span])) for span in spans if span in facts.spans)


def _overtaken(facts: Facts) -> Found | None:
    if not facts.sample.kind.of_application or not facts.is_remote or not facts.overtaken:
        return None
    if facts.came_back_late:
        return None
    first = facts.overtaken[0]
    text = (
        f"{len(facts.overtaken)} TestRequest(s) sent after this request were answered before it, "
        f"in {shown(first.best_ns)}: line and session layer were well."
    )
    held = facts.part(facts.overtaken_for_ns) >= MOST or facts.came_back_at_once
    sure = facts.wire_is_sound and facts.heartbeats_enough and held
    evidence = (
        ("Heartbeat for", first.name),
        ("its round trip", shown(first.best_ns)),
        ("overtaken for", shown(facts.overtaken_for_ns)),
    )
    return Found(Confidence.HIGH if sure else Confidence.MEDIUM, text, evidence)


@dataclass(frozen=True, slots=True)
class _Way:
    """Why the network is out of the question.

    Attributes:
        text: For people.
        strict: Both ways are proven: by the request's own acknowledgement, and by how its reply
            came back, or by others that were acknowledged and late likewise.
        likely: What proves it was there through the whole of the excess, as far as one can tell.
    """

    text: str
    strict: bool
    likely: bool = True

    @property
    def confidence(self) -> Confidence:
        """How sure what rests upon it can be, the request's own proof apart."""
        return Confidence.MEDIUM if self.likely else Confidence.LOW


def _network_is_well(facts: Facts) -> _Way | None:
    connect_ns, early_ns = facts.connect_excess_ns, facts.early_ack_ns
    if facts.acked_at_once and early_ns is not None:
        back = facts.came_back_at_once or facts.acked_again_and_again
        text = f"its kernel acknowledged the request within {shown(early_ns)}"
        return _Way(text, strict=back, likely=not facts.came_back_late)
    slow = facts.min_rtt_excess_ns
    if facts.lost or (slow is not None and facts.part(slow) >= SOME):
        return None
    if connect_ns is not None and facts.part(connect_ns) < SOME:
        fastest_ns = min(each.rtt_ns for each in facts.near_connects)
        text = f"a TCP connect then took {shown(fastest_ns)}"
        return _Way(text, strict=False, likely=facts.connects_tell)
    return None


def _session_layer(facts: Facts) -> Found | None:
    if not facts.is_remote or facts.sample.kind in (Exchange.TCP, Exchange.TLS):
        return None
    way = _network_is_well(facts)
    if facts.sample.kind.of_application:
        return _slow_for_all(facts, way)
    return _slow_heartbeat(facts, way)


def _slow_heartbeat(facts: Facts, way: _Way | None) -> Found | None:
    """Judge what only the session layer answers."""
    took = f"The peer took {shown(facts.excess_of(facts.remote))} longer than usual"
    if way is None:
        if facts.lost or facts.connect_excess_ns is not None:
            return None
        text = f"{took}; nothing tells whether the network had a part in it."
        return Found(Confidence.LOW, text)
    text = f"{took}, while {way.text}."
    sure = way.strict and facts.wire_is_sound and facts.behind_order is None
    confidence = Confidence.HIGH if sure and not _may_be_lost(facts) else way.confidence
    return Found(confidence, text, (("network", way.text),))


def _may_be_lost(facts: Facts) -> bool:
    """Whether the reply may have been lost on its way, and sent again.

    Behind a timeout, or after a probe for a lost tail: Linux waits two round trips and some ms.
    """
    tcp = facts.tcp
    if tcp is None or tcp.ooo or facts.rung is not None:
        return True
    return facts.excess_of(facts.remote) <= 3 * tcp.before.rtt_ns + _TAIL_PROBE_NS


def _slow_for_all(facts: Facts, way: _Way | None) -> Found | None:
    if not facts.slow_heartbeats:
        return None
    count = len(facts.slow_heartbeats)
    text = f"{count} TestRequest(s) waited at the same time as long"
    if way is None:
        if facts.lost or facts.connect_excess_ns is not None:
            return None
        text += "; nothing tells whether the network had a part in it."
        return Found(Confidence.LOW, text)
    text += f", while {way.text}."
    return Found(way.confidence, text, (("network", way.text),))


def _matching(facts: Facts) -> Found | None:
    """Judge an order that waited where TestRequests around it did not."""
    if not facts.sample.kind.of_application or not facts.is_remote:
        return None
    clean = facts.clean_heartbeats
    if facts.slow_heartbeats or len(clean) < 2 or facts.lost or facts.came_back_late:
        return None
    text = f"{len(clean)} TestRequests around it were answered as usual"
    way = _network_is_well(facts)
    if way is not None:
        text += f", and {way.text}"
    elif facts.connect_excess_ns is not None:
        return None
    return Found(way.confidence if way else Confidence.LOW, f"{text}.")


def _beyond(facts: Facts) -> Found | None:
    """Judge an order of which no TestRequest tells how far it came."""
    if not facts.sample.kind.of_application or not facts.is_remote:
        return None
    way = _network_is_well(facts)
    if way is None or facts.slow_heartbeats or len(facts.clean_heartbeats) > 1:
        return None
    text = f"The peer took long, while {way.text}; no TestRequest tells gateway from matching."
    return Found(Confidence.LOW, text, (("network", way.text),))


def _before_sending(facts: Facts) -> Found | None:
    """Judge a reply that took no longer than usual once it was stamped."""
    if not facts.is_remote or not facts.told(Span.FROM_VENUE) or facts.lost:
        return None
    if facts.sample.kind.of_application or facts.connect_excess_ns is not None:
        return None
    if facts.share(Span.FROM_VENUE) >= SOME:
        return None
    text = "The reply came as fast as usual from its SendingTime(52) on: the time was lost before."
    return Found(Confidence.LOW, text)


def _tls(facts: Facts) -> Found | None:
    if facts.sample.kind is not Exchange.TLS or facts.part(facts.stalled_ns) >= SOME:
        return None
    way = _network_is_well(facts)
    text = f"The handshake took {shown(facts.sample.app_ns)}"
    if way is None:
        return Found(Confidence.LOW, f"{text}.")
    return Found(way.confidence, f"{text}, while {way.text}.")


def _venue_wide(facts: Facts) -> Found | None:
    if not facts.is_remote:
        return None
    others = [
        each
        for each in facts.context.elsewhere
        if each.same_venue and each.same_path is False and 2 * each.slow > each.count
    ]
    if not others:
        return None
    names = ", ".join(each.session for each in others)
    text = f"Sessions with the same venue by other lines were slow at the same time: {names}."
    return Found(Confidence.MEDIUM, text)


PEER_RULES: tuple[Rule[Facts], ...] = (
    Rule(
        "venue-stages",
        Layer.GATEWAY,
        "RequestTime(5979), Time In, TransactTime(60), SendingTime(52): the venue's own clock",
        "one stage took longer than usual by half of the excess or more, and the stamps are finer "
        "than that by four times",
        "always: nobody's clock is compared with another's",
        "Send the venue this message's stamps, field by field, and ask what its stage did then.",
        _stages,
    ),
    Rule(
        "venue-inside",
        Layer.GATEWAY,
        "RequestTime(5979) to TransactTime(60), where matching's Time In is not told",
        "it took longer than usual by half of the excess or more; TestRequests then tell matching "
        "from gateway",
        "a TestRequest sent after the order was answered before it",
        "Send the venue this message's stamps, and ask when its matching engine had the order.",
        _inside,
    ),
    Rule(
        "overtaken",
        Layer.MATCHING,
        "TestRequests sent after the order and answered before it",
        "there is one, and it took no longer than usual",
        "stamps of the wire prove it, undisturbed, and others overtook it through half of the "
        "excess, or its reply is known to have come back at once",
        "Send the venue the ClOrdID(11) and both round trips: what only orders meet was slow, "
        "risk checks or the book.",
        _overtaken,
    ),
    Rule(
        "session-layer",
        Layer.GATEWAY,
        "TestRequest to Heartbeat, beside an early acknowledgement or a TCP connect",
        "TestRequests were slow as well, and the network was not",
        "a TestRequest was acknowledged at once by the peer's kernel and answered late, no order "
        "was open before it, and its reply came back at once, or the same was seen again and again",
        "Ask the venue what its gateway did then; send it the TestReqID(112), our stamps and the "
        "acknowledgement's.",
        _session_layer,
    ),
    Rule(
        "matching",
        Layer.MATCHING,
        "TestRequests before and after the order",
        "they were answered as usual, and the order was not",
        "",
        "Send the venue the ClOrdID(11); have it compare its order path with its session layer. "
        "Send TestRequests more often, so that one can overtake a slow order.",
        _matching,
    ),
    Rule(
        "peer",
        Layer.GATEWAY,
        "an early acknowledgement or a TCP connect, without TestRequests",
        "the network was not slow, the order was",
        "",
        "Send TestRequests along with the orders: they tell the gateway from the matching engine.",
        _beyond,
    ),
    Rule(
        "before-sending",
        Layer.GATEWAY,
        "how far SendingTime(52) lies before our wire, beside what is usual",
        "it is as far as usual, so the time was lost before the venue stamped its reply",
        "",
        "Let TCP connects be made along with the requests: they tell the gateway from the path.",
        _before_sending,
    ),
    Rule(
        "tls-handshake",
        Layer.TLS,
        "a TLS handshake, beside a TCP connect",
        "it was slow, and this process was not held up",
        "",
        "Ask the venue about its TLS front end; compare with a handshake that resumes a session.",
        _tls,
    ),
    Rule(
        "venue-wide",
        Layer.GATEWAY,
        "sessions with the same venue by other lines",
        "most of their samples were slow on the wire as well",
        "",
        "Ask the venue what happened to all of its sessions then.",
        _venue_wide,
    ),
)
