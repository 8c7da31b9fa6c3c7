"""A certificate as one HTML file: the table of cases, and under it every run as evidence."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.certify.grading import Grade
from fixgate.report.certificate.rows import Certificate, Mark, Row
from fixgate.report.document import render_document
from fixgate.report.runs.page import Page, page_of

__all__ = ["render_html"]

_TONES = {
    Grade.PASS: "go",
    Grade.FAIL: "no-go",
    Grade.INCONCLUSIVE: "unknown",
    Grade.SKIPPED: "closed",
    Grade.NOT_TESTABLE: "closed",
}


@dataclass(frozen=True, slots=True)
class MarkView:
    """How a case ended in one version; without a run it does not exist there."""

    text: str
    tone: str
    anchor: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One row of the certificate."""

    case: str
    title: str
    requirement: str
    level: str
    source: str
    side: str
    grade: str
    tone: str
    marks: tuple[MarkView, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """The whole page: the certificate, and the page of the runs."""

    name: str
    title: str
    source: str
    strict: bool
    versions: tuple[str, ...]
    counts: tuple[tuple[int, str, str], ...]
    cases: tuple[CaseView, ...]
    runs: Page

    @property
    def tone(self) -> str:
        """That of the runs."""
        return self.runs.tone


def render_html(certificate: Certificate) -> str:
    """Return the whole page."""
    page = CertificatePage(
        name=certificate.name,
        title=certificate.title,
        source=certificate.source,
        strict=certificate.strict,
        versions=certificate.versions,
        counts=tuple(
            (certificate.count(grade), grade.value, _TONES[grade]) for grade in Grade
        ),
        cases=tuple(_case(row, certificate.versions) for row in certificate.rows),
        runs=page_of(certificate.report),
    )  # fmt: skip
    return render_document(
        "certificate.html.j2", page, styles=("base.css", "run.css", "certificate.css"),
        script="run.js", tone=page.tone,
    )  # fmt: skip


def _case(row: Row, versions: tuple[str, ...]) -> CaseView:
    marks = {mark.version: mark for mark in row.marks}
    return CaseView(
        row.case, row.title, row.requirement, row.level, row.source, row.side, row.grade.value,
        _tone(row.grade, row.deviations), tuple(_mark(marks.get(each)) for each in versions),
        row.reason,
    )  # fmt: skip


def _mark(mark: Mark | None) -> MarkView:
    if mark is None:
        return MarkView("", "", "")
    return MarkView(mark.grade.value, _tone(mark.grade, mark.deviations), f"run-{mark.run}")


def _tone(grade: Grade, deviations: int) -> str:
    return "warn" if grade is Grade.PASS and deviations else _TONES[grade]
