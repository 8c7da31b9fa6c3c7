"""What is known of one sample in its context, worked out once for all rules. Values and arithmetic.

All shares are of the excess: how much longer the sample took than is usual, summed over the
stretches of its way. A stretch that took as long as usual has no share, however long that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from fixgate.host.stall import Stall, StallKind
from fixgate.net.tcp_info import TcpInfo
from fixgate.triage.baseline import ENOUGH, Baseline
from fixgate.triage.context import Connect, Context
from fixgate.triage.model import Exchange, Mark, Sample, StampSource
from fixgate.triage.spans import CHAIN, CHAIN_UNSTAMPED, Span, spans_of

__all__ = ["MOST", "SOME", "Facts", "Tcp", "stalled_ns"]

MOST = 0.5
"""Who has this share of the excess is answerable for the sample."""

SOME = 0.2
"""What has less of the excess does not disturb the judgement."""

_STAMPED = frozenset({StampSource.HARDWARE, StampSource.KERNEL, StampSource.CAPTURE})
_LEAST_RTO_NS = 200_000_000
"""Linux, TCP_RTO_MIN: no timeout of its own is shorter, and few other stacks' are."""

_MOMENT_NS = 50_000_000
_ENOUGH_CONNECTS = 5
_AGAIN = 2
_FINER = 4
"""A venue's stamps are to be finer than the excess by so many times."""


@dataclass(frozen=True, slots=True)
class Tcp:
    """By how much the counts of a connection grew between request and reply, and where it stood.

    Attributes:
        retrans: Segments of ours that were sent again.
        dsack: Segments of ours that the peer had twice.
        ooo: Segments of the peer's that came out of order.
        rwnd_limited_ns: How long its window kept us from sending.
        sndbuf_limited_ns: How long our own buffer did.
        before: The connection before the request.
        after: The same after the reply.
    """

    retrans: int
    dsack: int
    ooo: int
    rwnd_limited_ns: int
    sndbuf_limited_ns: int
    before: TcpInfo
    after: TcpInfo

    @classmethod
    def between(cls, before: TcpInfo | None, after: TcpInfo | None) -> Tcp | None:
        """Return the growth, ``None`` where either side was not read."""
        if before is None or after is None:
            return None
        return cls(
            max(after.total_retrans - before.total_retrans, 0),
            max(after.dsack_dups - before.dsack_dups, 0),
            max(after.rcv_ooopack - before.rcv_ooopack, 0),
            max(after.rwnd_limited_ns - before.rwnd_limited_ns, 0),
            max(after.sndbuf_limited_ns - before.sndbuf_limited_ns, 0),
            before,
            after,
        )


def stalled_ns(stalls: Iterable[Stall], begin_ns: int, end_ns: int) -> int:
    """Return how much of a stretch of time is covered by stalls, each instant counted once."""
    covered_ns, reached_ns = 0, begin_ns
    for stall in sorted(stalls, key=lambda each: each.begin_ns):
        first, last = max(stall.begin_ns, reached_ns), min(stall.end_ns, end_ns)
        if last > first:
            covered_ns += last - first
            reached_ns = last
    return covered_ns


class Facts:
    """One sample in its context.

    Args:
        sample: What is judged.
        context: What it is judged beside.
    """

    def __init__(self, sample: Sample, context: Context) -> None:
        self.sample = sample
        self.context = context
        self.spans: Mapping[Span, int] = spans_of(sample)
        self.tcp = Tcp.between(sample.tcp_before, sample.tcp_after)
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
            # A canary and a loop notice the same a little apart.
            if stall.end_ns >= reached_ns - _MOMENT_NS // 50:
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

    # TCP.

    @cached_property
    def retransmitted(self) -> int:
        """Segments of ours that were sent again meanwhile."""
        counted = self.tcp.retrans if self.tcp is not None else 0
        return max(counted, 1 if Mark.RETRANSMITTED in self.sample.marks else 0)

    @cached_property
    def rto_ns(self) -> int:
        """The retransmission timeout that the request met."""
        before = self.sample.tcp_before
        return max(before.rto_ns if before is not None else 0, _LEAST_RTO_NS)

    @cached_property
    def rung(self) -> int | None:
        """How many timeouts in a row the excess is as long as, each twice the one before.

        A probe for a lost tail takes one more at the beginning.
        """
        excess_ns = self.excess_of(self.remote)
        for count, length in ((1, 1), (2, 2), (2, 3), (3, 4), (3, 7), (4, 8), (4, 15), (5, 31)):
            low, high = 0.9 * length * _LEAST_RTO_NS, 1.1 * length * self.rto_ns + 30_000_000
            if low <= excess_ns <= high:
                return count
        return None

    # The network's own round trip.

    @cached_property
    def early_ack_ns(self) -> int | None:
        """How long the peer's kernel took to acknowledge, when it clearly did so before the reply.

        An acknowledgement that came with the reply says nothing, for it waited for it.
        """
        return _early_ack_ns(self.sample)

    @cached_property
    def floor_ns(self) -> int | None:
        """The network's round trip as far as anything tells it apart from the venue's."""
        infos = (self.sample.tcp_before, self.sample.tcp_after)
        known = [each.rtt_ns for each in self._connects]
        known += [info.min_rtt_ns for info in infos if info is not None and info.min_rtt_ns]
        known += [ack for ack in map(_early_ack_ns, (self.sample, *self.context.near)) if ack]
        usual = self.context.baseline.get(Span.WIRE)
        if usual is not None and usual.least_ns > 0:
            known.append(usual.least_ns)
        return min(known, default=None)

    @cached_property
    def _connects(self) -> tuple[Connect, ...]:
        """Connections whose round trip can be told: by the kernel, or undisturbed."""
        return tuple(
            each
            for each in self.context.connects
            if each.by_kernel or not stalled_ns(self.stalls, each.begin_ns, each.end_ns)
        )

    @cached_property
    def near_connects(self) -> tuple[Connect, ...]:
        """Connections that were opened while the sample was on its way; else right before or after.

        Of a fault that came and went, what happened meanwhile says more than what came after.
        """
        sample = self.sample
        meanwhile = self._connects_within(sample.app_sent_ns, sample.app_received_ns)
        if meanwhile:
            return meanwhile
        margin_ns = min(max(2 * self.excess_ns, _MOMENT_NS), 5 * _MOMENT_NS)
        return self._connects_within(
            sample.app_sent_ns - margin_ns, sample.app_received_ns + margin_ns
        )

    @cached_property
    def connects_tell(self) -> bool:
        """Whether the connects near in time speak of the time in which the excess was made.

        One that stood while most of the excess was yet to come does. One that overlaps the wait
        otherwise does not: the line may have been blocked before, or after. Where none was made
        meanwhile, one before and one after it have to do.
        """
        sample = self.sample
        begin_ns, end_ns = sample.app_sent_ns, sample.app_received_ns
        if self._connects_within(begin_ns, end_ns):
            latest_ns = _came(sample) - MOST * self.excess_ns
            return any(begin_ns <= c.begin_ns and c.end_ns <= latest_ns for c in self.near_connects)
        before = any(each.end_ns < begin_ns for each in self.near_connects)
        return before and any(each.begin_ns > end_ns for each in self.near_connects)

    def _connects_within(self, begin_ns: int, end_ns: int) -> tuple[Connect, ...]:
        return tuple(
            each for each in self._connects if each.begin_ns <= end_ns and begin_ns <= each.end_ns
        )

    @cached_property
    def usual_path_ns(self) -> int | None:
        """What the two kernels usually take, at the most.

        Never more than a usual round trip: where every connect of today is slow, a baseline of
        another day tells.
        """
        ordered = sorted(each.rtt_ns for each in self._connects)
        known = [ordered[len(ordered) // 4]] if ordered else []
        usual = self.context.baseline.get(Span.WIRE)
        if usual is not None:
            known.append(usual.median_ns)
        return min(known, default=None)

    @cached_property
    def connect_excess_ns(self) -> int | None:
        """By how much even the fastest connect near in time exceeds the usual, or ``None``."""
        usual_ns = self.usual_path_ns
        if usual_ns is None or not self.near_connects:
            return None
        return max(min(each.rtt_ns for each in self.near_connects) - usual_ns, 0)

    @cached_property
    def min_rtt_excess_ns(self) -> int | None:
        """By how much the least round trip that TCP has seen for minutes exceeds the usual."""
        after, usual_ns = self.sample.tcp_after, self.usual_path_ns
        if after is None or not after.min_rtt_ns or usual_ns is None:
            return None
        return max(after.min_rtt_ns - usual_ns, 0)

    @cached_property
    def connect_noise_ns(self) -> int:
        """By how much connects vary: from their lower quartile to their upper."""
        ordered = sorted(each.rtt_ns for each in self._connects)
        count = len(ordered)
        return ordered[3 * count // 4] - ordered[count // 4] if count else 0

    @cached_property
    def connects_enough(self) -> bool:
        """Whether there are enough connects to know what they vary by."""
        return len(self._connects) >= _ENOUGH_CONNECTS

    # What the venue says.

    def told(self, span: Span) -> bool:
        """Whether the venue's stamps tell a stretch, beside what is usual, and finely enough."""
        venue = self.sample.venue
        if venue is None or span not in self.spans or self.context.baseline.get(span) is None:
            return False
        return _FINER * venue.precision_ns <= self.excess_ns

    @cached_property
    def came_back_at_once(self) -> bool:
        """Whether the reply is known to have lost no time on its way back to us."""
        if self.told(Span.FROM_VENUE):
            return self.share(Span.FROM_VENUE) < SOME
        connect_ns = self.connect_excess_ns
        return connect_ns is not None and self.connects_tell and self.part(connect_ns) < SOME

    @cached_property
    def came_back_late(self) -> bool:
        """Whether most of the excess lies behind the venue's SendingTime(52).

        Of two clocks, so the usual distance counts; and finer than the excess by far.
        """
        return self.told(Span.FROM_VENUE) and self.share(Span.FROM_VENUE) >= MOST

    @cached_property
    def acked_at_once(self) -> bool:
        """Whether the peer's kernel acknowledged the request at once, clearly before the reply."""
        early_ns, floor_ns = self.early_ack_ns, self.floor_ns
        if early_ns is None or floor_ns is None:
            return False
        return self.part(early_ns - floor_ns) < SOME

    @cached_property
    def acked_again_and_again(self) -> bool:
        """Whether that goes for others near in time as well, which were late by as much.

        Each acknowledgement found the way back free, and each reply was late.
        """
        likewise = (
            each
            for each in self.context.near
            if each.wire_ns is not None
            and (ack_ns := _early_ack_ns(each)) is not None
            and each.wire_ns - ack_ns >= MOST * self.excess_ns
        )
        return self.acked_at_once and sum(1 for _ in likewise) >= _AGAIN

    # Heartbeats, and orders on the same session.

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
                if _left(each) > _left(sample)
                and _came(each) < _came(sample)
                and self._is_clean(each)
            ),
            key=_came,
        )
        early = found and _came(found[0]) <= _came(sample) - MOST * self.excess_ns
        return tuple(found) if early else ()

    @cached_property
    def overtaken_for_ns(self) -> int:
        """How long Heartbeats overtook this request: neither gateway nor line held it that long."""
        found = self.overtaken
        return _came(found[-1]) - _came(found[0]) if found else 0

    @cached_property
    def slow_heartbeats(self) -> tuple[Sample, ...]:
        """Heartbeats that were waited for at the same time, and late by as much."""
        sample = self.sample
        return tuple(
            each
            for each in self.heartbeats
            if _left(each) < _came(sample)
            and _left(sample) < _came(each)
            and self._heartbeat_excess_ns(each) >= MOST * self.excess_ns
        )

    @cached_property
    def clean_heartbeats(self) -> tuple[Sample, ...]:
        """The Heartbeats next before and after this request, where both came in usual time."""
        sample = self.sample
        before = [each for each in self.heartbeats if _left(each) <= _left(sample)]
        after = [each for each in self.heartbeats if _left(each) > _left(sample)]
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
                if each.kind.of_application and _left(each) <= _left(sample) < _came(each)
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
            waited_ns = _came(each) - _left(sample)
            earlier = _left(each) < _left(sample) and _came(each) <= _came(sample)
            if earlier and waited_ns > 0 and waited_ns >= MOST * self.excess_ns:
                return each
        return None


def _early_ack_ns(sample: Sample) -> int | None:
    sent_ns, acked_ns, received_ns = sample.sent_ns, sample.acked_ns, sample.received_ns
    if sent_ns is None or acked_ns is None or received_ns is None or sample.wire_ns is None:
        return None
    took_ns, before_ns = acked_ns - sent_ns, received_ns - acked_ns
    clearly = before_ns >= max(sample.wire_ns // 4, 20_000)
    return took_ns if took_ns > 0 and clearly else None


def _left(sample: Sample) -> int:
    return sample.app_sent_ns if sample.sent_ns is None else sample.sent_ns


def _came(sample: Sample) -> int:
    return sample.app_received_ns if sample.received_ns is None else sample.received_ns
