"""What a rule is: a row of the table. Values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fixgate.triage.facts import Facts
from fixgate.triage.model import Confidence, Layer

__all__ = ["Finds", "Found", "Rule"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule makes of a sample that it fires for.

    Attributes:
        confidence: How sure it is.
        summary: One sentence with the figures.
        evidence: Label and value of what it looked at.
        layer: Instead of the rule's own.
    """

    confidence: Confidence
    summary: str
    evidence: tuple[tuple[str, str], ...] = ()
    layer: Layer | None = None


Finds = Callable[[Facts], Found | None]
"""Looks at a sample; ``None`` when the rule does not fire."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table.

    Attributes:
        name: Stable, for programs.
        layer: Where it says that the time was lost.
        looks_at: What it looks at, for people.
        fires: When it fires, for people.
        sure: When its confidence is high, for people; empty when it never is.
        next_step: What to do, in the imperative.
        finds: The test.
        final: When it fires, no rule behind it is asked.
    """

    name: str
    layer: Layer
    looks_at: str
    fires: str
    sure: str
    next_step: str
    finds: Finds
    final: bool = False
