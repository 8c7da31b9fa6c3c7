"""What is wrong with a return, and how numbers are told in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Flaw", "Range", "count_of", "minus", "quoted", "runs", "size_of", "span", "spans"]

Range = tuple[int, int]
"""The first and the last of some numbers. A venue may claim any, so nobody counts them singly."""

_RUNS_AT_MOST = 8
_QUOTED = 200


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a return.

    Attributes:
        cause: One of `fixgate.health.persistence.causes.CAUSES`, or another cause of a check.
        word: The verdict in a few words, such as ``lost 12 to 14``.
        text: What was received and what was expected, as a sentence.
        index: The record that proves it.
    """

    cause: str
    word: str
    text: str
    index: int


def runs(numbers: Iterable[int]) -> list[Range]:
    """Return the ranges that numbers make, ascending."""
    found: list[Range] = []
    for each in sorted(set(numbers)):
        if found and each == found[-1][1] + 1:
            found[-1] = (found[-1][0], each)
        else:
            found.append((each, each))
    return found


def minus(whole: Range, parts: Iterable[Range]) -> list[Range]:
    """Return what is left of a range without the numbers of others, which may overlap."""
    left, begin = [], whole[0]
    for first, last in sorted(part for part in parts if part[0] <= whole[1]):
        if begin < first:
            left.append((begin, first - 1))
        begin = max(begin, last + 1)
    return [*left, (begin, whole[1])] if begin <= whole[1] else left


def size_of(ranges: Iterable[Range]) -> int:
    """Return how many numbers are in ranges that do not overlap."""
    return sum(last - first + 1 for first, last in ranges)


def span(numbers: Iterable[int]) -> str:
    """Return numbers in words, such as ``1 to 3, 7``; of very many the first ranges."""
    return spans(runs(numbers))


def spans(found: Sequence[Range]) -> str:
    """Return ranges in words; see `span`."""
    shown = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in found[:_RUNS_AT_MOST])
    rest = sum(b - a + 1 for a, b in found[_RUNS_AT_MOST:])
    return f"{shown} and {rest} more" if rest else shown


def quoted(text: str) -> str:
    """Return a venue's words in quotation marks, cut when they go on and on."""
    return f'"{text if len(text) <= _QUOTED else text[:_QUOTED] + "..."}"'


def count_of(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``1 message`` or ``2 messages``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
