"""Limits on latencies as people write them: ``p99<2ms``, ``wire cancel p99.9<=5ms``.

::

    budget   = [figure] [exchange] quantile ("<" | "<=") duration
    figure   = "wire" | "app" | "response"
    exchange = "heartbeat" | "ack" | "fill" | "cancel" | "logon" | "tcp" | "tls"
    quantile = "p" NUMBER | "median" | "max"
    duration = NUMBER ("ns" | "us" | "ms" | "s")
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from fixgate.latency.model import Budget
from fixgate.latency.names import EXCHANGES, FIGURES

__all__ = ["parse_budget"]

_QUANTILES = {"median": 50.0, "max": 100.0}
_UNITS_NS = {"ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
_WORD = re.compile(r"[^\s<>=]+")
_SPACE = re.compile(r"\s*")
_PERCENTILE = re.compile(r"p(\d{1,3}(?:\.\d{1,9})?)", re.ASCII)
_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)\s*([^\W\d_]*)")
_LIKENESS = 0.6
_EXAMPLE = "a budget is written such as 'p99<2ms' or 'cancel p99.9<5ms'"

T = TypeVar("T", bound=Enum)


def parse_budget(text: str) -> Budget:
    """Return the budget that is written.

    Args:
        text: As above. ``<=`` allows one nanosecond more than ``<``.

    Raises:
        ValueError: It is none; the text says at which column, from 1, and what was expected. A
            suggestion, if any, is in its notes.
    """
    return _Reader(text).budget()


class _Reader:
    """Reads from the left; every error knows where it stands."""

    __slots__ = ("_at", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def budget(self) -> Budget:
        figure = self._one_of(FIGURES)
        kind = self._one_of(EXCHANGES)
        percentile = self._percentile()
        relation = self._relation()
        limit_ns = self._duration() + len(relation) - 1
        if self._rest():
            raise self._wrong("expected nothing after the duration")
        return Budget(percentile, limit_ns, kind, figure, " ".join(self._text.split()))

    def _one_of(self, known: Mapping[str, T]) -> T | None:
        """Take the next word where it is one of these."""
        found = _WORD.match(self._text, self._skip())
        value = known.get(found.group().casefold()) if found else None
        if found and value is not None:
            self._at = found.end()
        return value

    def _percentile(self) -> float:
        found = _WORD.match(self._text, self._skip())
        if found is None:
            raise self._wrong(f"expected a percentile such as p99, or max; {_EXAMPLE}")
        word = found.group().casefold()
        number = _PERCENTILE.fullmatch(word)
        value = _QUANTILES.get(word) if number is None else float(number.group(1))
        if value is None:
            raise self._unknown(word)
        if not 0 < value <= 100:
            raise self._wrong("expected a percentile above 0, at most 100")
        self._at = found.end()
        return value

    def _relation(self) -> str:
        self._skip()
        for relation in ("<=", "<"):
            if self._text.startswith(relation, self._at):
                self._at += len(relation)
                return relation
        raise self._wrong("expected < or <=")

    def _duration(self) -> int:
        found = _DURATION.match(self._text, self._skip())
        if found is None:
            raise self._wrong("expected a duration such as 2ms or 250us")
        number, unit = found.groups()
        if unit not in _UNITS_NS:
            self._at = found.start(2)
            trouble = "the unit is missing" if not unit else "unknown unit"
            near = unit.casefold() if unit.casefold() in _UNITS_NS else ""
            raise self._wrong(f"{trouble}: expected ns, us, ms or s", near)
        exact = Decimal(number) * _UNITS_NS[unit]
        if exact != int(exact) or not exact:
            raise self._wrong("expected a duration of whole nanoseconds, above 0")
        self._at = found.end()
        return int(exact)

    def _unknown(self, word: str) -> ValueError:
        """Say what a word might have been, by what may still come."""
        given = re.fullmatch(r"(\d+(?:\.\d+)?)(?:%|th)?|p(\d+(?:\.\d+)?)%", word)
        if given:
            return self._wrong("expected a percentile", f"p{given.group(1) or given.group(2)}")
        known = [*FIGURES, *EXCHANGES, *_QUANTILES]
        near = difflib.get_close_matches(word, known, 1, _LIKENESS)
        return self._wrong(
            f"expected a figure ({', '.join(FIGURES)}), an exchange ({', '.join(EXCHANGES)}) "
            "or a percentile (p99, median, max), in this order",
            near[0] if near and near[0] != word else "",
        )

    def _skip(self) -> int:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _rest(self) -> str:
        return self._text[self._skip() :]

    def _wrong(self, expected: str, suggestion: str = "") -> ValueError:
        received = f"'{self._rest()}'" if self._rest() else "its end"
        error = ValueError(f"column {self._at + 1}: {expected}; found {received}")
        if suggestion:
            error.add_note(f"did you mean '{suggestion}'?")
        return error
