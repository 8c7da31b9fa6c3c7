"""What a rule is: a row of the table. Values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from fixgate.triage.model import Confidence, Layer

__all__ = ["Found", "Rule"]

Judged = TypeVar("Judged")


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule makes of what it fires for.

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


@dataclass(frozen=True, slots=True)
class Rule(Generic[Judged]):
    """A row of a table: of `fixgate.triage.facts.Facts`, or of a failure.

    Attributes:
        name: Stable, for programs.
        layer: Where it says that the time was lost.
        looks_at: What it looks at, for people.
        fires: When it fires, for people.
        sure: When its confidence is high, for people; empty when it never is.
        next_step: What to do, in the imperative.
        finds: The test; ``None`` when the rule does not fire.
        final: When it fires, no rule behind it is asked.
    """

    name: str
    layer: Layer
    looks_at: str
    fires: str
    sure: str
    next_step: str
    finds: Callable[[Judged], Found | None]
    final: bool = False
