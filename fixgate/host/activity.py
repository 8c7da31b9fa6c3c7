"""What a machine did for a while: counts that grew, interrupts, and how late a canary was."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fixgate.host.lateness import Lateness
from fixgate.host.model import Interrupts
from fixgate.host.window import Window

__all__ = ["Activity", "interrupts_between"]


@dataclass(frozen=True, slots=True)
class Activity:
    """A while, watched.

    Attributes:
        window: What was counted in it.
        interrupts: Those in it, where they were looked at.
        lateness: Of a canary, where there was one.
    """

    window: Window
    interrupts: Interrupts = field(default_factory=Interrupts)
    lateness: Lateness | None = None


def interrupts_between(before: Interrupts, after: Interrupts) -> Interrupts:
    """Return the interrupts from one reading to the next; lines that are in one alone left out."""
    lines = {line.name: line for line in before.lines}
    soft = {line.name: line for line in before.softirqs}
    return Interrupts(
        tuple(
            replace(
                line,
                ours=max(line.ours - lines[line.name].ours, 0),
                others=max(line.others - lines[line.name].others, 0),
            )
            for line in after.lines
            if line.name in lines
        ),
        tuple(
            replace(
                line,
                ours=max(line.ours - soft[line.name].ours, 0),
                others=max(line.others - soft[line.name].others, 0),
            )
            for line in after.softirqs
            if line.name in soft
        ),
    )
