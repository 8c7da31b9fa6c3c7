"""From samples, one at a time and for hours, to what a report says of them. Pure.

What is kept does not grow with the run: distributions (`fixgate.latency.distribution`), slices of
time (`moments`), and the slowest samples themselves (`slowest`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from fixgate.latency.model import Budget, LatencyReport, SlowSample
from fixgate.latency.moments import Sizes
from fixgate.latency.series import Measured
from fixgate.latency.slowest import Context, Kept
from fixgate.triage.model import Exchange, Mark, Sample, Verdict
from fixgate.triage.split import Part

__all__ = ["KEPT_RAW", "Context", "SoFar", "Summary"]

KEPT_RAW = 100_000
"""Latencies of each figure of a series that are kept as they are, 0.8 MB, before a histogram is
made of them: with dozens of sessions and a handful of figures, a million each would be gigabytes.
"""

_STEPPED = "{} not used: the wall clock was set while {} under way."


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is known of a session's requests while it is measured.

    Attributes:
        answered: How many replies came.
        median_ns: About the median of the best figure; 0 without any.
        max_ns: Its maximum.
        unanswered: How many no reply came to.
    """

    answered: int
    median_ns: int
    max_ns: int
    unanswered: int


class Summary:
    """Takes samples, and tells what was found.

    Args:
        budgets: Limits.
        worst: How many of the slowest of each exchange and session are kept whole.
        raw_limit: How many latencies of a figure are kept as they are.
    """

    __slots__ = ("_budgets", "_measured", "_raw_limit", "_worst")

    def __init__(
        self, *, budgets: Sequence[Budget] = (), worst: int = 10, raw_limit: int = KEPT_RAW
    ) -> None:
        self._budgets = tuple(budgets)
        self._worst = worst
        self._raw_limit = raw_limit
        self._measured: dict[tuple[str, Exchange], Measured] = {}

    def take(self, sample: Sample, context: Callable[[], Context] | None = None) -> None:
        """Take a sample.

        Args:
            sample: It.
            context: Tells its messages and facts; called at once, and only if it is kept whole.
        """
        self._of(sample.session, sample.kind).take(sample, context)

    def unanswered(self, kind: Exchange, session: str, count: int = 1) -> None:
        """Take requests that no reply came to."""
        self._of(session, kind).unanswered += count

    def so_far(self, session: str) -> SoFar:
        """Return what is known of a session; takes some tens of microseconds."""
        sizes, unanswered = Sizes(), 0
        for (of, kind), measured in self._measured.items():
            if of == session and kind.of_request:
                sizes.merge(measured.sizes)
                unanswered += measured.unanswered
        return SoFar(sizes.count, sizes.median_ns(), sizes.max_ns, unanswered)

    def report(
        self,
        frame: LatencyReport,
        *,
        judge: Callable[[Sample], Verdict],
        split: Callable[[Sample], Sequence[Part]],
    ) -> LatencyReport:
        """Return the whole report.

        Args:
            frame: All that the samples do not say: mode, targets, times, plans, floor. Its series,
                slow samples, layers and budgets are replaced, and remarks are added to its own.
            judge: Tells the layer that a slow sample's time was lost in.
            split: Tells where it went.
        """
        slow = tuple(_slow(kept, judge, split) for kept in self._kept())
        layers = Counter(each.verdict.layer for each in slow if not each.verdict.usual)
        return replace(
            frame,
            series=tuple(m.series(self._budgets) for m in self._measured.values()),
            slow=slow,
            layers=dict(layers.most_common()),
            budgets=self._budgets,
            remarks=(*frame.remarks, *self._remarks()),
        )

    def _of(self, session: str, kind: Exchange) -> Measured:
        measured = self._measured.get((session, kind))
        if measured is None:
            measured = Measured(kind, session, worst=self._worst, raw_limit=self._raw_limit)
            self._measured[session, kind] = measured
        return measured

    def _kept(self) -> list[Kept]:
        """Return the slowest of every series, the slowest first."""
        kept = [each for measured in self._measured.values() for each in measured.kept()]
        return sorted(kept, key=lambda each: (-each.sample.response_ns, each.sample.app_sent_ns))

    def _remarks(self) -> Iterable[str]:
        stepped = sum(m.marks[Mark.CLOCK_STEPPED] for m in self._measured.values())
        if stepped:
            samples, they = ("1 sample is", "it was")
            if stepped > 1:
                samples, they = (f"{stepped} samples are", "they were")
            yield _STEPPED.format(samples, they)


def _slow(
    kept: Kept, judge: Callable[[Sample], Verdict], split: Callable[[Sample], Sequence[Part]]
) -> SlowSample:
    return SlowSample(
        sample=kept.sample,
        verdict=judge(kept.sample),
        parts=tuple(split(kept.sample)),
        messages=kept.context.messages,
        facts=kept.context.facts,
    )
