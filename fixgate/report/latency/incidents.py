"""Which of the slow samples are shown first, and what they say is to be done. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from fixgate.latency.model import LatencyReport, SlowSample
from fixgate.triage.model import Confidence, Layer, Sample, Verdict

__all__ = ["Incident", "incidents", "primary_of", "shown_slow"]


@dataclass(frozen=True, slots=True)
class Incident:
    """A slow sample, and how many more of the slow ones were under way on its session then.

    Attributes:
        slow: The slowest of them.
        meanwhile: Others that lie with the same layer.
    """

    slow: SlowSample
    meanwhile: int = 0


def shown_slow(report: LatencyReport, limit: int) -> list[SlowSample]:
    """Return the slowest that are worth showing first, the slowest of them first.

    Half of them by the wire and half by what a caller waited, so that a stalled host does not hide
    a slow venue; those that are slower than usual before the others, and requests before what is
    done but once.
    """
    return sorted(islice(_by_turns(report), limit), key=_waited)


def incidents(report: LatencyReport, limit: int) -> list[Incident]:
    """Return the slowest as `shown_slow` does, what one session had under way at a time as one.

    Whatever stands still for a moment delays all that meets it: that is one thing to look at. What
    is done but once and took no longer than usual is none.
    """
    found: list[Incident] = []
    for slow in _by_turns(report):
        if slow.verdict.usual and not slow.sample.kind.of_request:
            continue
        at = next((i for i, each in enumerate(found) if _together(each.slow, slow)), None)
        if at is not None:
            found[at] = replace(found[at], meanwhile=found[at].meanwhile + 1)
        elif len(found) < limit:
            found.append(Incident(slow))
    return sorted(found, key=lambda incident: _waited(incident.slow))


def _by_turns(report: LatencyReport) -> Iterator[SlowSample]:
    """Yield each once: the slowest by the wire, the slowest by what a caller waited, and so on."""
    by_wire = sorted(report.slow, key=lambda slow: (*_rank(slow), -slow.sample.best_ns))
    by_response = sorted(report.slow, key=_waited)
    seen: set[int] = set()
    for pair in zip(by_wire, by_response, strict=True):
        for slow in pair:
            if id(slow) not in seen:
                seen.add(id(slow))
                yield slow


def _rank(slow: SlowSample) -> tuple[bool, bool]:
    return slow.verdict.usual, not slow.sample.kind.of_request


def _waited(slow: SlowSample) -> tuple[bool, bool, int]:
    return *_rank(slow), -slow.sample.response_ns


def _together(one: SlowSample, other: SlowSample) -> bool:
    """Whether two samples of a session were under way at the same time, for the same reason."""
    (a, b), (c, d) = _stretch(one.sample), _stretch(other.sample)
    return (
        one.sample.session == other.sample.session
        and one.verdict.layer is other.verdict.layer
        and a < d
        and c < b
    )


def _stretch(sample: Sample) -> tuple[int, int]:
    begin_ns = sample.app_sent_ns if sample.due_ns is None else sample.due_ns
    return begin_ns, sample.app_received_ns


def primary_of(report: LatencyReport) -> Verdict | None:
    """Return the verdict to act on first: of the layer that is blamed most, the surest.

    ``None`` where no layer is blamed.
    """
    certain = list(Confidence)
    blaming = [s.verdict for s in report.slow if s.verdict.layer is not Layer.UNATTRIBUTED]
    return min(
        blaming,
        key=lambda v: (-report.layers.get(v.layer, 0), certain.index(v.confidence)),
        default=None,
    )
