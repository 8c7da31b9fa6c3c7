"""What is known of the way between the two kernels while a sample was on it, and of the venue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from fixgate.net.tcp_info import TcpInfo
from fixgate.triage.context import Connect
from fixgate.triage.excess import MOST, SOME, Excess, came_ns, stalled_ns
from fixgate.triage.model import Mark, Sample
from fixgate.triage.spans import Span

__all__ = ["ROOM_BYTES", "NetworkFacts", "Tcp"]

ROOM_BYTES = 8_192
"""A peer whose window is smaller may drop what comes for want of room, or keep us waiting."""

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


class NetworkFacts(Excess):
    """One sample in its context: TCP's account, acknowledgements, connects, the venue's stamps."""

    @cached_property
    def tcp(self) -> Tcp | None:
        """What TCP counted meanwhile, ``None`` where nobody asked it."""
        return Tcp.between(self.sample.tcp_before, self.sample.tcp_after)

    @cached_property
    def retransmitted(self) -> int:
        """Segments of ours that were sent again meanwhile."""
        counted = self.tcp.retrans if self.tcp is not None else 0
        return max(counted, 1 if Mark.RETRANSMITTED in self.sample.marks else 0)

    @cached_property
    def lost(self) -> bool:
        """Whether any of them was needed, as far as one can tell.

        What the peer had twice was not: TCP probes after two round trips and a few ms, and a peer
        that has nothing to say yet puts its acknowledgement off for longer. After a timeout it is
        the acknowledgement that was lost, or the reply with it.
        """
        needless = self.tcp.dsack if self.tcp is not None else 0
        return self.retransmitted > needless or bool(self.retransmitted and self.rung)

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
            latest_ns = came_ns(sample) - MOST * self.excess_ns
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


def _early_ack_ns(sample: Sample) -> int | None:
    sent_ns, acked_ns, received_ns = sample.sent_ns, sample.acked_ns, sample.received_ns
    if sent_ns is None or acked_ns is None or received_ns is None or sample.wire_ns is None:
        return None
    took_ns, before_ns = acked_ns - sent_ns, received_ns - acked_ns
    clearly = before_ns >= max(sample.wire_ns // 4, 20_000)
    return took_ns if took_ns > 0 and clearly else None
