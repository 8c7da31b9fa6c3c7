"""By how much a sample took longer than usual, where, and what makes that doubtful.

All shares are of the excess: how much longer the sample took than is usual, summed over the
stretches of its way. A stretch that took as long as usual has no share, however long that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from fixgate.host.stall import Stall, StallKind
from fixgate.triage.baseline import ENOUGH
from fixgate.triage.context import Context
from fixgate.triage.model import Mark, Sample, StampSource
from fixgate.triage.spans import CHAIN, CHAIN_UNSTAMPED, Span, spans_of

__all__ = ["MOST", "SOME", "Excess", "came_ns", "left_ns", "stalled_ns"]

MOST = 0.5
"""Who has this share of the excess is answerable for the sample."""

SOME = 0.2
"""What has less of the excess does not disturb the judgement."""

_STAMPED = frozenset({StampSource.HARDWARE, StampSource.KERNEL, StampSource.CAPTURE})
_APART_NS = 1_000_000
"""A canary and a loop notice the same stall so far apart."""


def stalled_ns(stalls: Iterable[Stall], begin_ns: int, end_ns: int) -> int:
    """Return how much of a stretch of time is covered by stalls, each instant counted once."""
    covered_ns, reached_ns = 0, begin_ns
    for stall in sorted(stalls, key=lambda each: each.begin_ns):
        first, last = max(stall.begin_ns, reached_ns), min(stall.end_ns, end_ns)
        if last > first:
            covered_ns += last - first
            reached_ns = last
    return covered_ns


def left_ns(sample: Sample) -> int:
    """Return when a request left, as well as that is known."""
    return sample.app_sent_ns if sample.sent_ns is None else sample.sent_ns


def came_ns(sample: Sample) -> int:
    """Return when its reply came, likewise."""
    return sample.app_received_ns if sample.received_ns is None else sample.received_ns


class Excess:
    """One sample in its context, stretch by stretch.

    Args:
        sample: What is judged.
        context: What it is judged beside.
    """

    def __init__(self, sample: Sample, context: Context) -> None:
        self.sample = sample
        self.context = context
        self.spans: Mapping[Span, int] = spans_of(sample)
        begin_ns = sample.app_received_ns - self.spans[Span.RESPONSE]
        self.stalls = tuple(
            stall
            for stall in dict.fromkeys((*sample.stalls, *context.stalls))
            if stall.overlaps(begin_ns, sample.app_received_ns)
        )

    # The excess.

    @cached_property
    def stamped(self) -> bool:
        """Whether the wire's round trip is known apart from ours."""
        return Span.WIRE in self.spans and self.sample.source in _STAMPED

    @property
    def chain(self) -> tuple[Span, ...]:
        """The stretches that its way is made of."""
        return CHAIN if self.stamped else CHAIN_UNSTAMPED

    def excess_of(self, span: Span) -> int:
        """Return how much longer than usual a stretch took, nanoseconds; 0 for an unknown one."""
        duration_ns = self.spans.get(span)
        return 0 if duration_ns is None else self.context.baseline.excess_ns(span, duration_ns)

    @cached_property
    def excess_ns(self) -> int:
        """How much longer than usual it took, all stretches together."""
        return sum(self.excess_of(span) for span in self.chain)

    def share(self, *spans: Span) -> float:
        """Return what part of the excess some stretches have, 0 to 1."""
        total_ns = self.excess_ns
        return min(sum(map(self.excess_of, spans)) / total_ns, 1.0) if total_ns else 0.0

    def part(self, duration_ns: int) -> float:
        """Return what part of the excess a duration is; above 1 when it is longer."""
        return duration_ns / self.excess_ns if self.excess_ns else 0.0

    @cached_property
    def remote(self) -> Span:
        """The stretch that the venue and the path have a part in."""
        return Span.WIRE if self.stamped else Span.APP

    @cached_property
    def is_remote(self) -> bool:
        """Whether most of the excess lies, or may lie, beyond this host."""
        return self.share(self.remote) >= MOST

    @cached_property
    def is_slow(self) -> bool:
        """Whether it is slow at all, on the wire or as its caller saw it."""
        looked_at = (Span.WIRE, Span.APP, Span.RESPONSE)
        baseline, spans = self.context.baseline, self.spans
        return any(baseline.is_slow(span, spans[span]) for span in looked_at if span in spans)

    # What makes it doubtful.

    @cached_property
    def enough(self) -> bool:
        """Whether there is enough to compare it with."""
        return self.context.baseline.count >= ENOUGH

    @cached_property
    def wire_is_sound(self) -> bool:
        """Whether the wire's figure may be relied upon.

        Replies that came together share a stamp, and a process that was held up is a sign of a
        machine that may have taken packets late as well.
        """
        sample = self.sample
        if not self.stamped or Mark.COALESCED in sample.marks or not self.enough:
            return False
        return self.part(self.stalled_on_wire_ns) < SOME

    @cached_property
    def stalled_on_wire_ns(self) -> int:
        """How long this process was held up while the request was on the wire."""
        sent_ns, received_ns = self.sample.sent_ns, self.sample.received_ns
        if sent_ns is None or received_ns is None:
            return self.stalled_ns
        return stalled_ns(self.stalls, sent_ns, received_ns)

    @cached_property
    def stalled_ns(self) -> int:
        """How long this process was held up, from when the request was due to the reply."""
        sample = self.sample
        begin_ns = sample.app_received_ns - self.spans[Span.RESPONSE]
        return stalled_ns(self.stalls, begin_ns, sample.app_received_ns)

    @cached_property
    def stalled_at_home_ns(self) -> int:
        """How long it was held up before the request and after the reply were on the wire."""
        sample = self.sample
        if not self.stamped or sample.sent_ns is None or sample.received_ns is None:
            return 0
        begin_ns = sample.app_received_ns - self.spans[Span.RESPONSE]
        return stalled_ns(self.stalls, begin_ns, sample.sent_ns) + stalled_ns(
            self.stalls, sample.received_ns, sample.app_received_ns
        )

    @cached_property
    def hidden_ns(self) -> int:
        """How long this process may have been held up with the reply there, by a shared stamp.

        Replies that pile up have the stamp of the last. The first may have come as early as the
        process stopped reading, and no earlier.
        """
        sample = self.sample
        received_ns, reached_ns = sample.received_ns, sample.received_ns
        if received_ns is None or reached_ns is None or Mark.COALESCED not in sample.marks:
            return 0
        for stall in sorted(self.stalls, key=lambda each: each.begin_ns, reverse=True):
            if stall.end_ns >= reached_ns - _APART_NS:
                reached_ns = min(reached_ns, stall.begin_ns)
        began_ns = max(reached_ns, sample.app_sent_ns)
        return max(received_ns - began_ns, 0)

    @cached_property
    def stall_kind(self) -> StallKind | None:
        """What held it up the longest; the collector is named before what it makes late."""
        sample = self.sample
        begin_ns = sample.app_received_ns - self.spans[Span.RESPONSE]
        by_kind = {
            kind: stalled_ns(
                (s for s in self.stalls if s.kind is kind), begin_ns, sample.app_received_ns
            )
            for kind in (StallKind.GC, StallKind.LOOP, StallKind.SCHEDULING)
        }
        most_ns = max(by_kind.values())
        # A collection makes the canary and the loop late, and so does a loop the canary's lock.
        likely = (kind for kind, held_ns in by_kind.items() if 2 * held_ns >= most_ns > 0)
        return next(likely, None)
