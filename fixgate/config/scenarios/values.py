"""Single values of scenario files: read from nodes, described to editors by a schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from typing import TypeVar

from fixgate.config import units
from fixgate.config.fields import JsonSchema, closest
from fixgate.config.scenarios.node import Node

__all__ = [
    "DURATION",
    "MAX_DURATION_NS",
    "NAME",
    "count",
    "duration",
    "flag",
    "name",
    "one_of",
    "option",
    "probability",
    "time_of_day",
    "words",
]

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

MAX_DURATION_NS = 31 * 86_400 * 1_000_000_000
"""A month: what is longer is a typing error, or a test of patience."""

DURATION: JsonSchema = {"type": "string", "pattern": r"^(\d+(\.\d+)?(ns|us|ms|s|m|h)|\$.*)$"}
NAME: JsonSchema = {"type": "string", "pattern": r"^([A-Za-z_]\w{0,63}|\$.*)$"}

_NAME = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_SECOND_NS = 1_000_000_000


def duration(node: Node, *, lowest_ns: int = 1) -> int:
    """Return nanoseconds, at least so many, at most a month."""

    def read(text: str) -> int:
        if text.startswith("-") and units.parse_duration(text[1:]):
            raise ValueError("expected a duration that is not negative")
        found = units.parse_duration(text)
        if found < lowest_ns:
            least = (
                "above 0" if lowest_ns == 1 else f"of at least {units.format_duration(lowest_ns)}"
            )
            raise ValueError(f"expected a duration {least}")
        if found > MAX_DURATION_NS:
            raise ValueError("expected a duration of at most 744h, a month")
        return found

    return node.read(read)


def count(node: Node, lowest: int, highest: int) -> int:
    """Return a whole number within bounds, both included."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?\d{1,20}", text, re.ASCII) or not lowest <= int(text) <= highest:
            raise ValueError(f"expected a whole number from {lowest} to {highest}")
        return int(text)

    return node.read(read)


def probability(node: Node) -> float:
    """Return a float in (0, 1]."""

    def read(text: str) -> float:
        try:
            exact = Fraction(units.parse_decimal(text))
        except ValueError:
            exact = Fraction(0)
        if not 0 < exact <= 1:
            raise ValueError("expected a probability above 0 and at most 1, such as 0.25")
        return float(exact)

    return node.read(read)


def flag(node: Node) -> bool:
    """Return ``true`` or ``false``."""
    return node.read(units.parse_bool)


def name(node: Node) -> str:
    """Return a name that expressions can refer to."""

    def read(text: str) -> str:
        if not _NAME.fullmatch(text):
            raise ValueError("expected a name of letters, digits and '_', such as first_order")
        if text == "now":
            raise ValueError("expected another name: expressions know 'now' already")
        return text

    return node.read(read)


def one_of(node: Node, options: type[E]) -> E:
    """Return the member of an enum whose value is written."""
    return option(node, {str(each.value): each for each in options})


def option(node: Node, options: dict[str, T]) -> T:
    """Return what one of several words stands for."""

    def read(text: str) -> T:
        if text not in options:
            *others, last = options
            expected = f"{', '.join(others)} or {last}" if others else last
            error = ValueError(f"expected {expected}")
            if hint := closest(text, options):
                error.add_note(hint)
            raise error
        return options[text]

    return node.read(read)


def time_of_day(node: Node) -> int:
    """Return nanoseconds since midnight for ``21:00`` or ``21:00:30``."""

    def read(text: str) -> int:
        found = _TIME.fullmatch(text)
        if found is None:
            raise ValueError("expected a time of day in UTC such as 21:00 or 21:00:30")
        hour, minute, second = (int(part) for part in found.groups(default="0"))
        return (hour * 3600 + minute * 60 + second) * _SECOND_NS

    return node.read(read)


def words(node: Node, read: Callable[[Node], T]) -> list[T]:
    """Return the items of a list, or of a single one that stands without it."""
    from fixgate.config.scenarios.node import read_all

    return read_all(node.items() if isinstance(node.value, list) else [node], read)
