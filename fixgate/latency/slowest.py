"""The slowest of any number of samples, kept whole."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from fixgate.triage.model import Sample

__all__ = ["Context", "Kept", "Slowest"]


@dataclass(frozen=True, slots=True)
class Context:
    """What is told of a sample beside its instants.

    Attributes:
        messages: Request and reply as people read them, secrets masked.
        facts: Label and value, such as the processor that it ran on.
    """

    messages: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A sample and its context."""

    sample: Sample
    context: Context


_Entry: TypeAlias = tuple[int, int, Kept]
"""How long it took; minus its number, so that of equals the first stays; it."""

_MOMENT_NS = 200_000_000
"""A standstill is seldom longer: what it delayed is one thing to look at."""


class Slowest:
    """Keeps the slowest by the best figure, and of the slowest moments by what a caller waited.

    The first are the venue's and the path's, the second may be this machine's: neither hides the
    other. Of each moment there is one, so that a single standstill does not hide all others.

    Args:
        limit: How many of each.
    """

    __slots__ = ("_by_best", "_by_moment", "_limit", "_number")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._number = 0
        self._by_best: list[_Entry] = []
        self._by_moment: dict[int, _Entry] = {}

    def offer(self, sample: Sample, context: Callable[[], Context] | None = None) -> None:
        """Keep a sample if it is one of them so far.

        Args:
            sample: It.
            context: Called only when it is.
        """
        self._number += 1
        begin_ns = sample.app_sent_ns if sample.due_ns is None else sample.due_ns
        moment = begin_ns // _MOMENT_NS
        best_ns, waited_ns = sample.best_ns, sample.response_ns
        among, of_moment = self._among(best_ns), self._of_moment(moment, waited_ns)
        if not (among or of_moment):
            return
        kept = Kept(sample, Context() if context is None else context())
        if among:
            heapq.heappush(self._by_best, (best_ns, -self._number, kept))
            if len(self._by_best) > self._limit:
                heapq.heappop(self._by_best)
        if of_moment:
            self._by_moment[moment] = (waited_ns, -self._number, kept)
            if len(self._by_moment) > self._limit:
                del self._by_moment[min(self._by_moment, key=lambda m: self._by_moment[m][:2])]

    def kept(self) -> Iterable[Kept]:
        """Return all that are kept, each once, in no order that means anything."""
        entries = (*self._by_best, *self._by_moment.values())
        return {number: kept for _, number, kept in entries}.values()

    def _among(self, took_ns: int) -> bool:
        if len(self._by_best) < self._limit:
            return True
        return self._limit > 0 and took_ns > self._by_best[0][0]

    def _of_moment(self, moment: int, waited_ns: int) -> bool:
        """Whether it is the slowest of its moment, which is one of the slowest itself."""
        known = self._by_moment.get(moment)
        if known is not None:
            return waited_ns > known[0]
        if len(self._by_moment) < self._limit:
            return True
        return self._limit > 0 and waited_ns > min(each[0] for each in self._by_moment.values())
