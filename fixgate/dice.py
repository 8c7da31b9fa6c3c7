"""Chance: how long something takes, drawn with the dice of the run.

The dice are passed in: the same dice make the same run.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, exp, log, pi, sqrt
from typing import Protocol, TypeAlias, assert_never

__all__ = [
    "Dice",
    "Distribution",
    "Exponential",
    "Fixed",
    "LogNormal",
    "Normal",
    "Spike",
    "Uniform",
    "draw_ns",
    "pick",
]


_Z_99 = 2.3263478740408408
"""How many standard deviations above the mean 99 of 100 of a normal distribution lie."""


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
class LogNormal:
    """Mostly near the median, with a long tail: a gateway or a matching engine, as measured.

    Attributes:
        median_ns: Half of them take no longer.
        p99_ns: 99 of 100 take no longer; at least the median.
    """

    median_ns: int
    p99_ns: int


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


Distribution: TypeAlias = Fixed | Uniform | Normal | LogNormal | Exponential | Spike


def draw_ns(distribution: Distribution, dice: Dice) -> int:
    """Return a duration, nanoseconds, never below 0."""
    match distribution:
        case Fixed(ns):
            return max(ns, 0)
        case Uniform(low_ns, high_ns):
            return max(low_ns + int(dice.random() * (high_ns - low_ns + 1)), 0)
        case Normal(mean_ns, deviation_ns):
            return max(round(mean_ns + deviation_ns * _deviate(dice)), 0)
        case LogNormal(median_ns, p99_ns):
            if median_ns <= 0:
                return 0
            sigma = log(max(p99_ns, median_ns) / median_ns) / _Z_99
            return round(median_ns * exp(sigma * _deviate(dice)))
        case Exponential(mean_ns):
            return max(round(-mean_ns * log(1 - dice.random())), 0)
        case Spike(usual_ns, rare_ns, chance):
            return max(rare_ns if dice.random() < chance else usual_ns, 0)
        case _ as never:
            assert_never(never)


def _deviate(dice: Dice) -> float:
    """Return how many standard deviations from its mean a normal distribution comes out."""
    # Box and Muller; 1 - random() is never 0.
    radius = sqrt(-2 * log(1 - dice.random()))
    return radius * cos(2 * pi * dice.random())


def pick(count: int, dice: Dice) -> int:
    """Return a number from 0 to ``count`` - 1, all equally likely."""
    return min(int(dice.random() * count), count - 1)
