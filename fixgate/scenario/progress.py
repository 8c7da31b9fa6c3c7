"""What scenarios that are played tell whoever watches them."""

from __future__ import annotations

from typing import Protocol

from fixgate.history import History
from fixgate.scenario.model import Scenario
from fixgate.scenario.records import Asked, StepBegan, StepEnded
from fixgate.scenario.verdict import Verdict

__all__ = ["NoProgress", "Progress", "watch"]


class Progress(Protocol):
    """Called from the thread that plays; must not block and must not raise."""

    def scenario_began(self, scenario: Scenario) -> None:
        """A scenario is played from now on."""

    def step_began(self, step: StepBegan) -> None:
        """The player has come to a step."""

    def waiting(self, until_ns: int | None) -> None:
        """Nothing is done until that instant of the world's clock, unless something comes."""

    def asked(self, asked: Asked) -> None:
        """Somebody has to make the system under test do something."""

    def step_ended(self, step: StepEnded) -> None:
        """A step is over."""

    def scenario_ended(self, scenario: Scenario, verdict: Verdict) -> None:
        """A scenario is over, or was skipped without having begun."""


class NoProgress:
    """Nobody watches."""

    def scenario_began(self, scenario: Scenario) -> None:
        """Do nothing."""

    def step_began(self, step: StepBegan) -> None:
        """Do nothing."""

    def waiting(self, until_ns: int | None) -> None:
        """Do nothing."""

    def asked(self, asked: Asked) -> None:
        """Do nothing."""

    def step_ended(self, step: StepEnded) -> None:
        """Do nothing."""

    def scenario_ended(self, scenario: Scenario, verdict: Verdict) -> None:
        """Do nothing."""


def watch(history: History, progress: Progress) -> None:
    """Tell a watcher of every step, and of every question, that a history gets from now on."""
    append = history.add

    def add(record: tuple[int, str, object]) -> None:
        append(record)
        match record[2]:
            case StepBegan() as step:
                progress.step_began(step)
            case StepEnded() as step:
                progress.step_ended(step)
            case Asked() as asked:
                progress.asked(asked)
            case _:
                pass

    history.add = add
