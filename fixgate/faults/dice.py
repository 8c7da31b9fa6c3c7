"""Chance: how long something takes, drawn with the dice of the run.

The dice are passed in: the same dice make the same run.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, log, pi, sqrt
from typing import Protocol, TypeAlias, assert_never

__all__ = [
    "Dice",
    "Distribution",
    "Exponential",
    "Fixed",
    "Normal",
    "Spike",
    "Uniform",
    "draw_ns",
    "pick",
]


class Dice(Protocol):
    """Where chance comes from; a `random.Random` is one."""

    def random(self) -> float:
        """Return the next number in [0, 1)."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same."""

    ns: int


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything from low to high, all equally likely."""

    low_ns: int
    high_ns: int


@dataclass(frozen=True, slots=True)
class Normal:
    """Around a mean, cut off at 0: jitter."""

    mean_ns: int
    deviation_ns: int


@dataclass(frozen=True, slots=True)
class Exponential:
    """Mostly short, sometimes very long: a queue."""

    mean_ns: int


@dataclass(frozen=True, slots=True)
class Spike:
    """Usually this, now and then that: a pause for garbage collection.

    Attributes:
        usual_ns: Most of the time.
        rare_ns: With the chance.
        chance: In (0, 1).
    """

    usual_ns: int
    rare_ns: int
    chance: float


Distribution: TypeAlias = Fixed | Uniform | Normal | Exponential | Spike


def draw_ns(distribution: Distribution, dice: Dice) -> int:
    """Return a duration, nanoseconds, never below 0."""
    match distribution:
        case Fixed(ns):
            return max(ns, 0)
        case Uniform(low_ns, high_ns):
            return max(low_ns + int(dice.random() * (high_ns - low_ns + 1)), 0)
        case Normal(mean_ns, deviation_ns):
            # Box and Muller; 1 - random() is never 0.
            radius = sqrt(-2 * log(1 - dice.random()))
            return max(round(mean_ns + deviation_ns * radius * cos(2 * pi * dice.random())), 0)
        case Exponential(mean_ns):
            return max(round(-mean_ns * log(1 - dice.random())), 0)
        case Spike(usual_ns, rare_ns, chance):
            return max(rare_ns if dice.random() < chance else usual_ns, 0)
        case _ as never:
            assert_never(never)


def pick(count: int, dice: Dice) -> int:
    """Return a number from 0 to ``count`` - 1, all equally likely."""
    return min(int(dice.random() * count), count - 1)
