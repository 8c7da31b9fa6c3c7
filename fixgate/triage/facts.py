"""All that the rules look at, worked out once for a sample: its excess, the way, its neighbours."""

from __future__ import annotations

from functools import cached_property

from fixgate.triage.baseline import ENOUGH, Baseline
from fixgate.triage.excess import MOST, SOME, came_ns, left_ns
from fixgate.triage.model import Exchange, Sample
from fixgate.triage.network import NetworkFacts
from fixgate.triage.spans import Span, spans_of

__all__ = ["Facts"]


class Facts(NetworkFacts):
    """One sample in its context: beside all else, the requests of its session near in time."""

    @cached_property
    def heartbeats(self) -> tuple[Sample, ...]:
        """Heartbeats near in time, of the same session."""
        return tuple(s for s in self.context.near if s.kind is Exchange.HEARTBEAT)

    @cached_property
    def heartbeats_enough(self) -> bool:
        """Whether there are enough Heartbeats to know what is usual for them."""
        return self._heartbeat_baseline.count >= ENOUGH

    @property
    def _heartbeat_baseline(self) -> Baseline:
        context = self.context
        if self.sample.kind is Exchange.HEARTBEAT:
            return context.baseline
        return context.others.get(Exchange.HEARTBEAT, Baseline())

    @cached_property
    def overtaken(self) -> tuple[Sample, ...]:
        """Heartbeats asked for after this request, answered in usual time before it, as they came.

        None unless the first came when most of the excess was yet to come: what they met together
        is behind the request then. It was in the venue still when the last of them left it.
        """
        sample = self.sample
        found = sorted(
            (
                each
                for each in self.heartbeats
                if left_ns(each) > left_ns(sample)
                and came_ns(each) < came_ns(sample)
                and self._is_clean(each)
            ),
            key=came_ns,
        )
        early = found and came_ns(found[0]) <= came_ns(sample) - MOST * self.excess_ns
        return tuple(found) if early else ()

    @cached_property
    def overtaken_for_ns(self) -> int:
        """How long Heartbeats overtook this request: neither gateway nor line held it that long."""
        found = self.overtaken
        return came_ns(found[-1]) - came_ns(found[0]) if found else 0

    @cached_property
    def slow_heartbeats(self) -> tuple[Sample, ...]:
        """Heartbeats that were waited for at the same time, and late by as much."""
        sample = self.sample
        return tuple(
            each
            for each in self.heartbeats
            if left_ns(each) < came_ns(sample)
            and left_ns(sample) < came_ns(each)
            and self._heartbeat_excess_ns(each) >= MOST * self.excess_ns
        )

    @cached_property
    def clean_heartbeats(self) -> tuple[Sample, ...]:
        """The Heartbeats next before and after this request, where both came in usual time."""
        sample = self.sample
        before = [each for each in self.heartbeats if left_ns(each) <= left_ns(sample)]
        after = [each for each in self.heartbeats if left_ns(each) > left_ns(sample)]
        around = (*before[-1:], *after[:1])
        clean = len(around) > 1 and all(map(self._is_clean, around))
        return around if clean else ()

    def _is_clean(self, heartbeat: Sample) -> bool:
        return self._heartbeat_excess_ns(heartbeat) < SOME * self.excess_ns

    def _heartbeat_excess_ns(self, heartbeat: Sample) -> int:
        spans = spans_of(heartbeat)
        span = Span.WIRE if self.stamped and Span.WIRE in spans else Span.APP
        return self._heartbeat_baseline.excess_ns(span, spans[span])

    @cached_property
    def behind_order(self) -> Sample | None:
        """A request to the matching engine that was open when this one was sent, or ``None``."""
        sample = self.sample
        return next(
            (
                each
                for each in self.context.near
                if each.kind.of_application and left_ns(each) <= left_ns(sample) < came_ns(each)
            ),
            None,
        )

    @cached_property
    def ahead(self) -> Sample | None:
        """The first request of ours, sent before this one, whose reply this one had to wait for.

        It was open through most of this one's excess, and answered no later.
        """
        sample = self.sample
        for each in self.context.near:
            waited_ns = came_ns(each) - left_ns(sample)
            earlier = left_ns(each) < left_ns(sample) and came_ns(each) <= came_ns(sample)
            if earlier and waited_ns > 0 and waited_ns >= MOST * self.excess_ns:
                return each
        return None
