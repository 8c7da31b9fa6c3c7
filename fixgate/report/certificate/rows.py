"""What a certificate says, as plain values that every rendering only places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixgate.certify.grading import Grade, Graded, certificate
from fixgate.certify.pack import Pack, version_of
from fixgate.report.runs.account import Report
from fixgate.report.runs.facts import RunFacts
from fixgate.report.text import printable
from fixgate.scenario.runner import Run

__all__ = ["Certificate", "Mark", "Row", "certificate_of"]


@dataclass(frozen=True, slots=True)
class Mark:
    """How one line of a certificate ended in one version.

    Attributes:
        version: Of FIX.
        grade: How.
        deviations: SHOULDs that were not met.
        run: Number of the run that shows it, from 1, as reports and files of histories count.
        id: Of the scenario that was played.
        reason: Why it is not PASS, in one line, or empty.
    """

    version: str
    grade: Grade
    deviations: int
    run: int
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a certificate.

    Attributes:
        case: Its address in the specification.
        title: What is claimed.
        requirement: What the system under test has to do.
        level: ``MUST`` or ``SHOULD``, or empty.
        source: Where that stands.
        side: ``client`` or ``venue``, or empty where nobody can be under test.
        grade: The worst of all versions.
        marks: By version.
        why: Why it cannot be tested, or empty.
    """

    case: str
    title: str
    requirement: str
    level: str
    source: str
    side: str
    grade: Grade
    marks: tuple[Mark, ...]
    why: str

    @property
    def deviations(self) -> int:
        """SHOULDs that were not met, in all versions."""
        return sum(mark.deviations for mark in self.marks)

    @property
    def reason(self) -> str:
        """Why it is not PASS: of the first version that is not; or why it cannot be tested."""
        return next((mark.reason for mark in self.marks if mark.reason), self.why)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The whole of it.

    Attributes:
        name: Of the pack.
        title: Its one line.
        source: The documents that its cases are from.
        versions: That were played.
        strict: Whether a SHOULD that was not met counts as a failure.
        rows: In the order of the cases.
        report: On the runs.
    """

    name: str
    title: str
    source: str
    versions: tuple[str, ...]
    strict: bool
    rows: tuple[Row, ...]
    report: Report

    def count(self, grade: Grade) -> int:
        """Return how many lines have a grade."""
        return sum(row.grade is grade for row in self.rows)

    @property
    def untested(self) -> tuple[Row, ...]:
        """The lines of cases that cannot be tested."""
        return tuple(row for row in self.rows if row.grade is Grade.NOT_TESTABLE)


def certificate_of(
    pack: Pack, runs: Sequence[Run], facts: RunFacts, *, strict: bool = False
) -> Certificate:
    """Return what there is to say of a pack that was played.

    Args:
        pack: What was to be played.
        runs: What was, in its order; with ``strict`` already judged so.
        facts: About the call.
        strict: Whether they are judged strictly.
    """
    numbers = {id(run): number for number, run in enumerate(runs, 1)}
    rows = tuple(_row(line, numbers) for line in certificate(pack, runs))
    return Certificate(
        printable(pack.name), _line(pack.title), _line(pack.source), pack.versions, strict, rows,
        Report.of(runs, facts),
    )  # fmt: skip


def _row(line: Graded, numbers: dict[int, int]) -> Row:
    return Row(
        printable(line.case.id), _line(line.title), _line(line.requirement), line.level,
        _line(line.source), line.side.value if line.side else "", line.grade,
        tuple(_mark(run, numbers[id(run)]) for run in line.runs), _line(line.why),
    )  # fmt: skip


def _mark(run: Run, number: int) -> Mark:
    verdict = run.verdict
    reason = verdict.findings[0].came if verdict.findings else verdict.why
    return Mark(
        version_of(run.scenario), Grade(verdict.result.value), len(verdict.deviations), number,
        printable(run.scenario.id), _line(reason),
    )  # fmt: skip


def _line(text: str) -> str:
    return printable(" ".join(text.split()))
