"""How a scenario ended: a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fixgate.scenario.steps import Place

__all__ = ["Finding", "Result", "Verdict"]


class Result(Enum):
    """The four ways in which a scenario can end; there is no silent pass."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Finding:
    """An expectation that was not met.

    Attributes:
        place: The step.
        step: Its number in the history; 0 for what belongs to none.
        wanted: What was allowed.
        came: What came instead.
        at_ns: When that was known.
    """

    place: Place
    step: int
    wanted: str
    came: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a scenario ended.

    Attributes:
        result: In one word.
        findings: What went wrong; of a FAIL or INCONCLUSIVE the first is the reason.
        deviations: SHOULDs that were not met.
        why: Why it was skipped, or empty.
    """

    result: Result
    findings: tuple[Finding, ...] = ()
    deviations: tuple[Finding, ...] = ()
    why: str = ""
