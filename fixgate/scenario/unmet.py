"""How a step ends that does not end well, on its way to the verdict."""

from __future__ import annotations

from fixgate.scenario.verdict import Finding, Result

__all__ = ["FailedError", "NotPossibleError", "UndeterminedError", "UnmetError"]


class UnmetError(Exception):
    """An expectation was not met.

    Attributes:
        wanted: What was allowed.
        came: What came instead.
    """

    def __init__(self, wanted: str, came: str) -> None:
        super().__init__(wanted, came)
        self.wanted = wanted
        self.came = came


class UndeterminedError(UnmetError):
    """It cannot be said whether an expectation is met: something around it failed."""


class NotPossibleError(Exception):
    """A command of the player's cannot be carried out; its text says why."""


class FailedError(Exception):
    """The scenario has ended.

    Attributes:
        result: How.
        finding: Why.
    """

    def __init__(self, result: Result, finding: Finding) -> None:
        super().__init__(result, finding)
        self.result = result
        self.finding = finding
