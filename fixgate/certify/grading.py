"""Grading: from runs to what a certificate says of each case, as a pure function of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from fixgate.certify.pack import Case, Pack, name_of, version_of
from fixgate.scenario.model import Side
from fixgate.scenario.runner import Run
from fixgate.scenario.verdict import Result, Verdict

__all__ = ["Grade", "Graded", "certificate", "strictly"]


class Grade(Enum):
    """What a certificate says of a case."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    SKIPPED = "SKIPPED"
    NOT_TESTABLE = "NOT TESTABLE"


@dataclass(frozen=True, slots=True)
class Graded:
    """One line of a certificate: a requirement of a case, for one side.

    Attributes:
        case: Which.
        side: Who was under test; ``None`` where nobody can be.
        name: Of the scenario; empty where there is none.
        title: What is claimed.
        requirement: What the system under test has to do.
        level: ``MUST`` or ``SHOULD``, or empty where no scenario says.
        source: Where that stands.
        runs: One for each version that it was played in.
        why: Why it cannot be tested, or empty.
    """

    case: Case
    side: Side | None
    name: str
    title: str
    requirement: str
    level: str
    source: str
    runs: tuple[Run, ...] = ()
    why: str = ""

    @property
    def grades(self) -> dict[str, Grade]:
        """How it ended, by version."""
        return {version_of(run.scenario): Grade(run.verdict.result.value) for run in self.runs}

    @property
    def grade(self) -> Grade:
        """The worst of all versions."""
        if not self.runs:
            return Grade.NOT_TESTABLE
        return max(self.grades.values(), key=_GRAVITY.index)


_GRAVITY = (Grade.PASS, Grade.SKIPPED, Grade.INCONCLUSIVE, Grade.FAIL)


def strictly(run: Run) -> Run:
    """Return a run in which a SHOULD that was not met is a failure."""
    verdict = run.verdict
    if verdict.result is not Result.PASS or not verdict.deviations:
        return run
    return replace(run, verdict=Verdict(Result.FAIL, verdict.deviations))


def certificate(pack: Pack, runs: Sequence[Run]) -> tuple[Graded, ...]:
    """Return what runs say of each case of a pack.

    Args:
        pack: What was to be played.
        runs: What was; of a scenario that was played repeatedly the worst counts.

    Returns:
        In the order of the cases, the client first: a line for each scenario and side that was
        played, and for each case that cannot be tested.
    """
    by_id: dict[str, list[Run]] = {}
    for run in runs:
        by_id.setdefault(run.scenario.id, []).append(run)
    return tuple(line for case in pack.cases for line in _lines(case, by_id))


def _lines(case: Case, by_id: dict[str, list[Run]]) -> Iterable[Graded]:
    if case.not_testable:
        yield Graded(case, None, "", case.title, "", "", "", why=case.not_testable)
    played: dict[tuple[str, Side], list[Run]] = {}
    for scenario in case.scenarios:
        if found := by_id.get(scenario.id):
            worst = max(found, key=lambda run: _GRAVITY.index(Grade(run.verdict.result.value)))
            played.setdefault((name_of(scenario), scenario.under_test), []).append(worst)
    for (name, side), each in played.items():
        scenario = each[0].scenario
        yield Graded(
            case, side, name, scenario.title, scenario.reaction, scenario.requirement.value,
            scenario.spec, tuple(each),
        )  # fmt: skip
