"""What a running fleet tells whoever watches it."""

from __future__ import annotations

from typing import Protocol

from fixgate.health.model import CheckPlan, CheckReport, Phase

__all__ = ["NoProgress", "Progress"]


class Progress(Protocol):
    """Called from the run's own thread; must not block and must not raise."""

    def started(self, plan: CheckPlan) -> None:
        """The check of one session has begun."""

    def phase(self, plan: CheckPlan, phase: Phase) -> None:
        """The check of one session has reached a phase."""

    def ended(self, report: CheckReport) -> None:
        """The check of one session is over."""


class NoProgress:
    """Nobody watches."""

    def started(self, plan: CheckPlan) -> None:
        """Do nothing."""

    def phase(self, plan: CheckPlan, phase: Phase) -> None:
        """Do nothing."""

    def ended(self, report: CheckReport) -> None:
        """Do nothing."""
