"""Where the time of a sample went: its way in parts, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fixgate.triage.context import Context
from fixgate.triage.facts import Facts
from fixgate.triage.model import Confidence, Layer, Sample
from fixgate.triage.rules import judge
from fixgate.triage.spans import Span

__all__ = ["Part", "split"]


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a sample's way.

    Attributes:
        layer: Whose time it is; ``UNATTRIBUTED`` for what nobody can tell apart.
        label: Such as ``application to kernel``.
        duration_ns: At least 0.
    """

    layer: Layer
    label: str
    duration_ns: int


_BEFORE = (
    (Span.WAIT, Layer.HOST, "waiting to be sent"),
    (Span.OUT, Layer.HOST, "application to kernel"),
    (Span.QUEUE, Layer.STACK, "kernel queue"),
)
_STAGES = (
    (Span.GATEWAY, Layer.GATEWAY, "gateway"),
    (Span.MATCHING, Layer.MATCHING, "matching"),
    (Span.INSIDE, Layer.UNATTRIBUTED, "gateway and matching"),
    (Span.REPLY, Layer.GATEWAY, "reply"),
)
_REMOTE = (Layer.PATH, Layer.TLS, Layer.GATEWAY, Layer.MATCHING, Layer.PEER_READING)


def split(sample: Sample, context: Context) -> tuple[Part, ...]:
    """Return the parts of a sample's way, in order, for a stacked bar.

    They sum up to `Sample.response_ns`, and to what passed until ``done_ns`` where that is known;
    where the instants contradict each other, to what is left of them. Parts of no length are left
    out. What nobody can tell apart is one part: on the wire it belongs to the verdict's layer when
    that is at least likely.

    Args:
        sample: Any.
        context: What it is judged beside.
    """
    return tuple(part for part in _parts(Facts(sample, context)) if part.duration_ns > 0)


def _parts(facts: Facts) -> Iterator[Part]:
    sample, spans = facts.sample, facts.spans
    left_ns = spans[Span.RESPONSE]
    for span, layer, label in _BEFORE:
        if span in facts.chain:
            part_ns = min(spans[span], left_ns)
            left_ns -= part_ns
            yield Part(layer, label, part_ns)
    home_ns = min(spans.get(Span.IN, 0), left_ns) if facts.stamped else 0
    card_ns = min(spans.get(Span.CARD, 0), left_ns - home_ns) if facts.stamped else 0
    yield from _remote(facts, left_ns - home_ns - card_ns)
    yield Part(Layer.STACK, "network card to kernel", card_ns)
    yield Part(Layer.HOST, "kernel to application", home_ns)
    if sample.done_ns is not None:
        yield Part(Layer.HOST, "decoding", sample.done_ns - sample.app_received_ns)


def _remote(facts: Facts, left_ns: int) -> Iterator[Part]:
    """Yield what lies between our kernel's stamps: the network's floor, the venue's stages."""
    floor_ns = min(facts.floor_ns or 0, left_ns) if facts.stamped else 0
    yield Part(Layer.PATH, "path", floor_ns)
    left_ns -= floor_ns
    for span, layer, label in _STAGES:
        if span in facts.spans:
            part_ns = min(facts.spans[span], left_ns)
            left_ns -= part_ns
            yield Part(layer, label, part_ns)
    yield _rest(facts, left_ns)


def _rest(facts: Facts, left_ns: int) -> Part:
    label = "venue and path" if facts.stamped else "host, path and venue"
    verdict = judge(facts.sample, facts.context)
    likely = verdict.confidence in (Confidence.HIGH, Confidence.MEDIUM)
    if not likely or verdict.layer not in _REMOTE or verdict.rule in _SAID_BY_STAGES:
        return Part(Layer.UNATTRIBUTED, label, left_ns)
    return Part(verdict.layer, _LABELS.get(verdict.layer, verdict.layer.value), left_ns)


_SAID_BY_STAGES = ("venue-stages", "venue-inside")
"""What these rules blame has its part already; the rest is something else's."""

_LABELS = {Layer.PATH: "loss or congestion", Layer.MATCHING: "matching"}
