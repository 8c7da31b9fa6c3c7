"""One slow sample as the page shows it: its bar, and its whole context when it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import zip_longest

from fixgate.host.stall import Stall
from fixgate.latency.model import Figure, SlowSample
from fixgate.net.tcp_info import TcpInfo
from fixgate.report.fields import Field, names_for
from fixgate.report.latency.figures import format_latency, short, took
from fixgate.report.latency.stack import segments_of
from fixgate.report.text import format_time_of_day, printable
from fixgate.triage.model import Confidence, Layer, Sample, StampSource, Verdict
from fixgate.triage.split import Part

__all__ = ["BarView", "MessageView", "SlowView", "TcpRow", "layer_look", "slow_view"]

BAR_WIDTH = 360.0
_GLYPHS = {">": "tx", "<": "rx"}
_ALWAYS = ("rtt_ns", "min_rtt_ns", "total_retrans")
"""Of TCP_INFO, what is shown though it did not change."""

_INSTANTS = (
    ("due_ns", "was due"),
    ("app_sent_ns", "written by the application"),
    ("scheduled_ns", "entered the kernel's queue (SCHED)"),
    ("sent_ns", "left towards the wire (SND)"),
    ("acked_ns", "acknowledged by the peer's kernel (ACK)"),
    ("received_ns", "reply came from the wire (RX)"),
    ("app_received_ns", "read by the application"),
    ("done_ns", "decoded and taken"),
)
_VENUE = (
    ("request_ns", "RequestTime(5979)"),
    ("entered_ns", "TrdRegTimestamp(769), Time In"),
    ("transact_ns", "TransactTime(60)"),
    ("sending_ns", "SendingTime(52)"),
)


@dataclass(frozen=True, slots=True)
class BarView:
    """One part of the bar; ``label`` shows on hovering."""

    x: float
    width: float
    look: str
    label: str


@dataclass(frozen=True, slots=True)
class TcpRow:
    """One figure of TCP_INFO, before the request and after the reply."""

    name: str
    before: str
    after: str
    changed: bool


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message; ``fields`` is empty for what is none."""

    glyph: str
    kind: str
    name: str
    text: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class VerdictView:
    """What triage says; ``look`` is the layer's colour."""

    layer: str
    look: str
    confidence: str
    rule: str
    summary: str
    next_step: str
    evidence: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SlowView:
    """One slow sample."""

    anchor: str
    at: str
    session: str
    exchange: str
    name: str
    wire: str
    app: str
    response: str
    marks: tuple[str, ...]
    verdict: VerdictView
    others: tuple[VerdictView, ...]
    bar: tuple[BarView, ...]
    parts: tuple[tuple[str, str, str], ...]
    instants: tuple[tuple[str, str], ...]
    stalls: tuple[tuple[str, str], ...]
    venue: tuple[tuple[str, str], ...]
    tcp: tuple[TcpRow, ...]
    facts: tuple[tuple[str, str], ...]
    messages: tuple[MessageView, ...]


def layer_look(layer: Layer) -> str:
    """Return the name of a layer's colour."""
    return layer.name.lower().replace("_", "-")


def slow_view(slow: SlowSample, number: int, precision_ns: int = 1) -> SlowView:
    """Return a sample as it is shown."""
    sample = slow.sample
    begin_ns = sample.app_sent_ns if sample.due_ns is None else sample.due_ns

    def figure(which: Figure) -> str:
        return format_latency(took(sample, which), precision_ns, micro="µs", nothing="")

    return SlowView(
        anchor=f"slow-{number}",
        at=format_time_of_day(begin_ns),
        session=printable(sample.session),
        exchange=short(sample.kind),
        name=printable(sample.name),
        wire=figure(Figure.WIRE),
        app="" if sample.source is StampSource.CAPTURE else figure(Figure.APP),
        response=figure(Figure.RESPONSE),
        marks=tuple(sorted(mark.value for mark in sample.marks)),
        verdict=_verdict(slow.verdict),
        others=tuple(_verdict(other) for other in slow.verdict.others),
        bar=_bar(slow.parts, precision_ns),
        parts=tuple(
            (layer_look(part.layer), printable(part.label), _took(part.duration_ns, precision_ns))
            for part in slow.parts
        ),
        instants=_instants(sample, begin_ns, precision_ns),
        stalls=_stalls(sample.stalls, begin_ns),
        venue=_venue(sample),
        tcp=tuple(_tcp_rows(sample.tcp_before, sample.tcp_after)),
        facts=tuple((printable(label), printable(value)) for label, value in slow.facts),
        messages=tuple(
            _message(text, glyph)
            for text, glyph in zip_longest(slow.messages, "><")
            if text is not None
        ),
    )


def _verdict(verdict: Verdict) -> VerdictView:
    confidence = "" if verdict.confidence is Confidence.NONE else verdict.confidence.value
    return VerdictView(
        "nothing unusual" if verdict.usual else verdict.layer.value,
        layer_look(verdict.layer),
        confidence,
        printable(verdict.rule),
        printable(verdict.summary),
        printable(verdict.next_step),
        tuple((printable(label), printable(value)) for label, value in verdict.evidence),
    )


def _instants(sample: Sample, begin_ns: int, precision_ns: int) -> tuple[tuple[str, str], ...]:
    """Return what happened when, since it was due or sent, in the order in which it did."""
    known = [
        (at_ns, label) for name, label in _INSTANTS if (at_ns := getattr(sample, name)) is not None
    ]
    known.sort(key=lambda each: each[0])
    return tuple((label, _offset(at_ns, begin_ns, precision_ns)) for at_ns, label in known)


def _bar(parts: Sequence[Part], precision_ns: int) -> tuple[BarView, ...]:
    views = []
    for segment in segments_of(parts, BAR_WIDTH):
        part = segment.part
        text = _took(part.duration_ns, precision_ns)
        label = f"{printable(part.label)}: {text}, {part.layer.value}"
        views.append(BarView(segment.x, segment.width, layer_look(part.layer), label))
    return tuple(views)


def _stalls(stalls: Sequence[Stall], begin_ns: int) -> tuple[tuple[str, str], ...]:
    return tuple(
        (each.kind.value, f"{_took(each.duration_ns)} from {_offset(each.begin_ns, begin_ns)}")
        for each in stalls
    )


def _venue(sample: Sample) -> tuple[tuple[str, str], ...]:
    """Return what the venue says of its stages: differences by its own clock."""
    venue = sample.venue
    if venue is None:
        return ()
    known = [
        (at_ns, label) for name, label in _VENUE if (at_ns := getattr(venue, name)) is not None
    ]
    if not known:
        return ()
    first_ns = known[0][0]
    rows = [(label, _offset(at_ns, first_ns, venue.precision_ns)) for at_ns, label in known]
    return (*rows, ("each of them to", _took(venue.precision_ns)))


def _tcp_rows(before: TcpInfo | None, after: TcpInfo | None) -> list[TcpRow]:
    """Return what changed, and the few that are looked at even if they did not."""
    if before is None and after is None:
        return []
    rows = []
    for each in fields(TcpInfo):
        old = None if before is None else getattr(before, each.name)
        new = None if after is None else getattr(after, each.name)
        changed = old is not None and new is not None and old != new
        if changed or each.name in _ALWAYS or before is None or after is None:
            rows.append(
                TcpRow(
                    each.name.removesuffix("_ns"),
                    _shown(each.name, old),
                    _shown(each.name, new),
                    changed,
                )
            )
    return rows


def _shown(name: str, value: int | None) -> str:
    if value is None:
        return ""
    return _took(value) if name.endswith("_ns") else f"{value:,}"


def _message(text: str, glyph: str | None) -> MessageView:
    """Return a message taken apart; the first is the request, the second the reply."""
    body = printable(text)
    if glyph is None or not body.startswith("8="):
        return MessageView("", "ev", "", body, ())
    version = body[2:].partition("|")[0]
    names = names_for(version, version)
    return MessageView(glyph, _GLYPHS[glyph], names.message_name(body), body, names.fields_of(body))


def _offset(at_ns: int, begin_ns: int, precision_ns: int = 1) -> str:
    gone_ns = at_ns - begin_ns
    if gone_ns == 0:
        return "0"
    sign = "+" if gone_ns > 0 else "-"
    return f"{sign}{format_latency(abs(gone_ns), precision_ns, micro='µs')}"


def _took(duration_ns: int, precision_ns: int = 1) -> str:
    return format_latency(duration_ns, precision_ns, micro="µs") if duration_ns else "0"
