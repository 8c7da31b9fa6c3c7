"""One fact judged: how good it is, what was found, what good looks like, and how to get there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

__all__ = ["Grade", "Group", "Line", "Topic"]


class Grade(Enum):
    """How good a fact is, for whoever measures microseconds."""

    GOOD = "good"
    BETTER = "could be better"
    """It costs time now and then, or could."""
    BAD = "bad"
    """Something is lost, stands still, or a measurement cannot be trusted."""
    UNKNOWN = "not known"
    NOTED = "noted"
    """Neither good nor bad by itself; what explains the rest, and what may change."""


class Group(Enum):
    """What a fact is about."""

    PROCESSOR = "processor"
    INTERRUPTS = "interrupts"
    MEMORY = "memory"
    NETWORK = "network"
    CLOCK = "clock"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Line:
    """A fact, judged.

    Attributes:
        key: A stable name for programs, such as ``cpu.governor``.
        group: What it is about.
        label: What a person calls it.
        grade: How good it is.
        found: What was found; why it is not known.
        good: What good looks like.
        how: How to get there: a command or a setting; empty where there is nothing to do.
        subject: The interface, where there may be several.
        momentary: Another one at every look: not a setting that somebody has changed.
    """

    key: str
    group: Group
    label: str
    grade: Grade
    found: str
    good: str = ""
    how: str = ""
    subject: str = ""
    momentary: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    """What can be judged; `docs/host.md` has a row for each.

    Attributes:
        key: As in `Line`.
        group: As in `Line`.
        label: As in `Line`.
        wanted: What good looks like.
        momentary: As in `Line`.
    """

    key: str
    group: Group
    label: str
    wanted: str = ""
    momentary: bool = False

    def good(self, found: str) -> Line:
        """Return that nothing is to be done."""
        return self._line(Grade.GOOD, found)

    def better(self, found: str, how: str) -> Line:
        """Return that it could be better, and how."""
        return replace(self._line(Grade.BETTER, found), how=how)

    def bad(self, found: str, how: str) -> Line:
        """Return that it is bad, and what to do."""
        return replace(self._line(Grade.BAD, found), how=how)

    def noted(self, found: str) -> Line:
        """Return that it is so."""
        return self._line(Grade.NOTED, found)

    def unknown(self, reason: str) -> Line:
        """Return that it is not known, and why."""
        return self._line(Grade.UNKNOWN, reason)

    def _line(self, grade: Grade, found: str) -> Line:
        return Line(
            self.key, self.group, self.label, grade, found, self.wanted, momentary=self.momentary
        )
