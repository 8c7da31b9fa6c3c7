"""The samples of a run that slow ones are judged beside, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fixgate.host.judging.place import place_of
from fixgate.host.model import Snapshot
from fixgate.host.stall import Stall
from fixgate.host.window import Window
from fixgate.triage.context import NEAR_NS, Placement, Surroundings
from fixgate.triage.model import Sample, Verdict
from fixgate.triage.rules import judge
from fixgate.triage.split import Part, split

__all__ = ["KEPT", "Kept", "Triage", "placement_of"]

KEPT = 40_000
"""Samples that are kept, of some two kilobytes each."""


class Kept:
    """Keeps samples; of too many every second goes, but for those near in time to the slowest.

    Args:
        limit: How many are kept before that.
    """

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._samples: list[Sample] = []

    def take(self, sample: Sample) -> None:
        """Take a sample."""
        self._samples.append(sample)
        if len(self._samples) >= self._limit:
            self._thin_out()

    def samples(self) -> Sequence[Sample]:
        """Return those that are kept, as they came."""
        return self._samples

    def _thin_out(self) -> None:
        slowest = sorted(self._samples, key=lambda each: -each.response_ns)[: self._limit // 200]
        near = _near(slowest)
        kept = [
            s for at, s in enumerate(self._samples) if at % 2 or s.app_sent_ns // NEAR_NS in near
        ]
        # Where nearly everything is near to something slow, half of it has to do.
        self._samples = kept if len(kept) <= self._limit * 3 // 4 else self._samples[1::2]


def _near(samples: Iterable[Sample]) -> set[int]:
    """Return the seconds in which samples were on their way, with those before and after."""
    found: set[int] = set()
    for each in samples:
        first, last = each.app_sent_ns // NEAR_NS, each.app_received_ns // NEAR_NS
        found.update(range(first - 1, last + 2))
    return found


def placement_of(snapshot: Snapshot) -> Placement:
    """Return where on a machine this process runs."""
    place = place_of(snapshot)
    if place is None:
        return Placement()
    return Placement(pinned=place.pinned, isolated=place.on_isolated)


class Triage:
    """Says of the slow samples of a run which layer their time was lost in.

    Args:
        kept: The samples of the run.
        stalls: When this process was held up.
        windows: What this machine counted meanwhile.
        placement: Where on this machine the measuring ran.
    """

    def __init__(
        self,
        kept: Kept,
        *,
        stalls: Iterable[Stall] = (),
        windows: Iterable[Window] = (),
        placement: Placement | None = None,
    ) -> None:
        self._surroundings = Surroundings(
            kept.samples(), stalls=stalls, windows=windows, placement=placement
        )

    def judge(self, sample: Sample) -> Verdict:
        """Return which layer a sample's time was lost in."""
        return judge(sample, self._surroundings.context(sample))

    def split(self, sample: Sample) -> tuple[Part, ...]:
        """Return where a sample's time went."""
        return split(sample, self._surroundings.context(sample))
