"""What is usual on a session, and when something is slow beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fixgate.triage.model import Exchange, Mark, Sample
from fixgate.triage.spans import Span, spans_of

__all__ = ["ENOUGH", "Baseline", "Spread", "baselines_of"]

ENOUGH = 20
"""Samples from which on a 99th percentile means something; below, no verdict about the wire is
sure."""

_DEVIATIONS = 3
_OUTLIER = 10
"""Beyond so many deviations a value is not usual: what is to be judged must not move what it is
judged by."""

_DISTURBED = frozenset(
    {Mark.CLOCK_STEPPED, Mark.COALESCED, Mark.RETRANSMITTED, Mark.STALLED, Mark.LATE}
)


@dataclass(frozen=True, slots=True)
class Spread:
    """How the durations of one stretch are spread, nanoseconds.

    Attributes:
        count: Of how many.
        least_ns: The least.
        median_ns: The median.
        p99_ns: What 99 of 100 usual ones do not exceed.
        mad_ns: The median absolute deviation from the median.
    """

    count: int
    least_ns: int
    median_ns: int
    p99_ns: int
    mad_ns: int

    @classmethod
    def of(cls, values: Iterable[int]) -> Spread | None:
        """Return the spread of some durations; ``None`` without any."""
        ordered = sorted(values)
        if not ordered:
            return None
        median = ordered[len(ordered) // 2]
        mad = sorted(abs(value - median) for value in ordered)[len(ordered) // 2]
        # Where most are the same there is no deviation to speak of: a microsecond stands for it.
        limit = median + _OUTLIER * max(mad, 1_000)
        usual = [value for value in ordered if value <= limit]
        return cls(len(ordered), ordered[0], median, usual[(99 * len(usual) - 1) // 100], mad)

    def excess_ns(self, value_ns: int) -> int:
        """Return by how much a duration exceeds the median; 0 when it does not."""
        return max(value_ns - self.median_ns, 0)

    def is_slow(self, value_ns: int) -> bool:
        """Whether a duration is above the 99th percentile and above three deviations."""
        far_ns = self.median_ns + _DEVIATIONS * self.mad_ns
        return value_ns > self.p99_ns and value_ns > far_ns


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for one exchange on one session.

    Attributes:
        spreads: Of every stretch that was seen.
    """

    spreads: Mapping[Span, Spread] = field(default_factory=dict)

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> Baseline:
        """Return what is usual in some samples of one exchange and session.

        Samples with a mark are left out, unless most have one.
        """
        every = list(samples)
        sound = [each for each in every if not each.marks & _DISTURBED]
        chosen = sound if 2 * len(sound) >= len(every) else every
        values: dict[Span, list[int]] = {}
        for sample in chosen:
            for span, duration_ns in spans_of(sample).items():
                values.setdefault(span, []).append(duration_ns)
        spreads = ((span, Spread.of(each)) for span, each in values.items())
        return cls({span: spread for span, spread in spreads if spread is not None})

    def get(self, span: Span) -> Spread | None:
        """Return the spread of a stretch, ``None`` where it was never seen."""
        return self.spreads.get(span)

    @property
    def count(self) -> int:
        """Of how many samples."""
        spread = self.spreads.get(Span.APP)
        return spread.count if spread is not None else 0

    def excess_ns(self, span: Span, value_ns: int) -> int:
        """Return how much longer than usual a stretch took; all of it, where nothing is usual."""
        spread = self.spreads.get(span)
        return max(value_ns, 0) if spread is None else spread.excess_ns(value_ns)

    def is_slow(self, span: Span, value_ns: int) -> bool:
        """Whether a stretch was slow; nothing is, where nothing is known to be usual."""
        spread = self.spreads.get(span)
        return spread is not None and spread.is_slow(value_ns)


def baselines_of(samples: Iterable[Sample]) -> Mapping[tuple[str, Exchange], Baseline]:
    """Return what is usual for every session and exchange, by both."""
    groups: dict[tuple[str, Exchange], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.session, sample.kind), []).append(sample)
    return {key: Baseline.of(group) for key, group in groups.items()}
