"""Small measurements by hand, for tests that look at one thing."""

from __future__ import annotations

from dataclasses import replace

from fixgate.health.model import CheckReport
from fixgate.latency.budget import parse_budget
from fixgate.latency.model import LatencyReport, Mode
from fixgate.latency.summary import Summary
from fixgate.triage.model import Confidence, Exchange, Layer, Mark, Sample, Verdict
from fixgate.triage.split import Part
from tests.latency.samples import START_NS, S, sample

US, MS = 1_000, 1_000_000
FRAME = LatencyReport(Mode.CLOSED, ("xlon",), START_NS, 10 * S, (), host="desk", version="0.1.0")


def verdict(
    layer: Layer = Layer.GATEWAY,
    confidence: Confidence = Confidence.HIGH,
    rule: str = "gateway",
    next_step: str = "Ask the venue.",
) -> Verdict:
    return Verdict(layer, confidence, rule, f"It was the {layer.value}.", (), next_step)


def report(
    *samples: Sample,
    budgets: tuple[str, ...] = (),
    unanswered: int = 0,
    frame: LatencyReport = FRAME,
    checks: tuple[CheckReport, ...] = (),
    verdicts: dict[str, Verdict] | None = None,
    worst: int = 10,
) -> LatencyReport:
    """Make a report of samples; ``verdicts`` by their names."""
    summary = Summary(budgets=[parse_budget(text) for text in budgets], worst=worst)
    for each in samples:
        summary.take(each)
    if unanswered:
        summary.unanswered(Exchange.HEARTBEAT, "xlon", unanswered)
    return summary.report(
        replace(frame, checks=checks),
        judge=lambda each: (verdicts or {}).get(each.name, verdict()),
        split=lambda each: (Part(Layer.UNATTRIBUTED, "all of it", each.response_ns),),
    )


__all__ = ["FRAME", "MS", "START_NS", "US", "Mark", "report", "sample", "verdict"]
