"""What is always true of one cause."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.health.model import Layer, Severity

__all__ = ["Cause"]


@dataclass(frozen=True, slots=True)
class Cause:
    """What is always true of one cause.

    Attributes:
        layer: Where the fault lies.
        severity: Whether it stops trading.
        next_step: What to do, in the imperative.
    """

    layer: Layer
    severity: Severity
    next_step: str
