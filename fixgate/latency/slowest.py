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


class Slowest:
    """Keeps the slowest by the best figure, and the slowest by what a caller waited.

    The first are the venue's and the path's, the second may be this machine's: neither hides the
    other.

    Args:
        limit: How many of each.
    """

    __slots__ = ("_by_best", "_by_response", "_limit", "_number")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._number = 0
        self._by_best: list[_Entry] = []
        self._by_response: list[_Entry] = []

    def offer(self, sample: Sample, context: Callable[[], Context] | None = None) -> None:
        """Keep a sample if it is one of them so far.

        Args:
            sample: It.
            context: Called only when it is.
        """
        self._number += 1
        ways = ((self._by_best, sample.best_ns), (self._by_response, sample.response_ns))
        wanted = [(heap, took_ns) for heap, took_ns in ways if self._among(heap, took_ns)]
        if not wanted:
            return
        kept = Kept(sample, Context() if context is None else context())
        for heap, took_ns in wanted:
            entry = (took_ns, -self._number, kept)
            if len(heap) < self._limit:
                heapq.heappush(heap, entry)
            else:
                heapq.heapreplace(heap, entry)

    def kept(self) -> Iterable[Kept]:
        """Return all that are kept, each once, in no order that means anything."""
        numbered = {number: kept for _, number, kept in (*self._by_best, *self._by_response)}
        return numbered.values()

    def _among(self, heap: list[_Entry], took_ns: int) -> bool:
        return self._limit > 0 and (len(heap) < self._limit or took_ns > heap[0][0])
