"""From verdicts to what a build server decides on: the counts and the exit code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fixgate.scenario.runner import Run
from fixgate.scenario.verdict import Result

__all__ = ["MEANINGS", "Tally", "exit_code", "tally"]

MEANINGS = {
    0: "all that was played passed",
    1: "a scenario failed",
    3: "something could not be determined",
}
"""What the exit codes say, in words."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many scenarios ended how.

    Attributes:
        total: All of them.
        passed: PASS, those with deviations included.
        failed: FAIL.
        inconclusive: INCONCLUSIVE.
        skipped: SKIPPED.
        deviations: SHOULDs that were not met, in all of them.
        deviating: PASS with at least one deviation.
    """

    total: int
    passed: int
    failed: int
    inconclusive: int
    skipped: int
    deviations: int
    deviating: int

    @property
    def exit_code(self) -> int:
        """0, 1 or 3; see `MEANINGS`. Where nothing passed or failed, nothing was determined."""
        if self.failed:
            return 1
        return 3 if self.inconclusive or not self.passed else 0

    def __str__(self) -> str:
        parts = [f"{self.passed} PASS", f"{self.failed} FAIL"]
        if self.inconclusive:
            parts.append(f"{self.inconclusive} INCONCLUSIVE")
        if self.skipped:
            parts.append(f"{self.skipped} SKIPPED")
        return ", ".join(parts)


def tally(runs: Iterable[Run]) -> Tally:
    """Count the verdicts."""
    verdicts = [run.verdict for run in runs]
    results = [verdict.result for verdict in verdicts]
    return Tally(
        total=len(results),
        passed=results.count(Result.PASS),
        failed=results.count(Result.FAIL),
        inconclusive=results.count(Result.INCONCLUSIVE),
        skipped=results.count(Result.SKIPPED),
        deviations=sum(len(verdict.deviations) for verdict in verdicts),
        deviating=sum(1 for v in verdicts if v.result is Result.PASS and v.deviations),
    )


def exit_code(runs: Iterable[Run]) -> int:
    """Return the exit status of a run of scenarios.

    Returns:
        0 when all passed or were skipped, and at least one passed; 1 when one failed; 3 when one
        is INCONCLUSIVE, or nothing was determined because all were skipped, or there were none.
    """
    return tally(runs).exit_code
