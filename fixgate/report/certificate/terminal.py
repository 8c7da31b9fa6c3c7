"""A certificate on a terminal: what went wrong, then a line for each case and side."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from fixgate.certify.grading import Grade
from fixgate.report.certificate.rows import Certificate, Mark, Row
from fixgate.report.layout import Cell, Column, Glyphs, fit, line
from fixgate.report.runs.tally import MEANINGS
from fixgate.report.runs.terminal import render_blocks
from fixgate.report.text import format_duration, format_instant, printable, shorten

__all__ = ["render_terminal"]

_STYLES = {
    Grade.PASS: "bold green",
    Grade.FAIL: "bold red",
    Grade.INCONCLUSIVE: "bold magenta",
    Grade.SKIPPED: "blue",
    Grade.NOT_TESTABLE: "dim",
}
_WIDEST = 160


def render_terminal(certificate: Certificate, console: Console, *, verbose: bool = False) -> None:
    """Print what went wrong, then the certificate, which so stays in sight.

    Args:
        certificate: What was found.
        console: Where to; its width, encoding and colours decide the looks.
        verbose: Show everything that happened in each block.
    """
    render_blocks(certificate.report, console, verbose=verbose)
    glyphs = Glyphs.for_encoding(console.encoding)
    width = min(console.width, _WIDEST)
    for text in _Writer(certificate, glyphs, width).lines():
        text.rstrip()
        console.print(text, no_wrap=True, overflow="ignore", crop=False)


class _Writer:
    """Writes one certificate for one terminal."""

    def __init__(self, certificate: Certificate, glyphs: Glyphs, width: int) -> None:
        self._certificate = certificate
        self._glyphs = glyphs
        self._width = width
        self._columns = (
            Column(""),
            Column("case"),
            Column("what is required", least=48),
            Column("side"),
            Column("level", rank=3),
            *(Column(version, rank=2) for version in certificate.versions),
            Column("evidence", rank=4),
        )

    def lines(self) -> Iterator[Text]:
        """Yield the header, a line for each row, and the totals."""
        yield from self._header()
        rows = [self._row(row) for row in self._certificate.rows]
        widths = fit(self._columns, rows, self._width - 2)
        yield Text("")
        yield self._line([Cell(column.title, "dim") for column in self._columns], widths)
        for row, cells in zip(self._certificate.rows, rows, strict=True):
            yield self._line(cells, widths)
            if row.reason:
                lead = Text(f"  {self._glyphs.branch} ", "dim")
                text = shorten(
                    self._plain(row.reason), self._width - lead.cell_len, mark=self._glyphs.mark
                )
                yield lead.append(text, _STYLES[row.grade].removeprefix("bold "))
        yield Text("")
        yield from self._closing()

    def _line(self, cells: list[Cell], widths: dict[int, int]) -> Text:
        return Text("  ") + line(self._columns, cells, widths, mark=self._glyphs.mark)

    def _row(self, row: Row) -> list[Cell]:
        marks = {mark.version: mark for mark in row.marks}
        evidence = " ".join(f"#{mark.run}" for mark in row.marks)
        return [
            self._grade(row.grade, row.deviations),
            Cell(self._plain(row.case), "bold"),
            Cell(self._plain(row.title)),
            Cell(row.side),
            Cell(row.level),
            *(self._mark(marks.get(version)) for version in self._certificate.versions),
            Cell(evidence, "dim"),
        ]

    def _grade(self, grade: Grade, deviations: int) -> Cell:
        if grade is Grade.PASS and deviations:
            return Cell(f"{self._glyphs.warned} {grade.value}", "bold yellow")
        return Cell(f"{self._sign(grade)} {grade.value}", _STYLES[grade])

    def _mark(self, mark: Mark | None) -> Cell:
        if mark is None:
            return Cell("")
        if mark.grade is Grade.PASS and mark.deviations:
            return Cell(self._glyphs.warned, "bold yellow")
        return Cell(self._sign(mark.grade), _STYLES[mark.grade])

    def _sign(self, grade: Grade) -> str:
        return {
            Grade.PASS: self._glyphs.good,
            Grade.FAIL: self._glyphs.bad,
            Grade.INCONCLUSIVE: self._glyphs.unknown,
            Grade.SKIPPED: self._glyphs.closed,
            Grade.NOT_TESTABLE: self._glyphs.waiting,
        }[grade]

    def _header(self) -> Iterator[Text]:
        certificate, facts = self._certificate, self._certificate.report.facts
        yield Text(f"fixgate certify {certificate.name}", "bold") + Text(
            f"   {certificate.title}", "not bold"
        )
        where = f"{facts.world} world" if not facts.address else f"{facts.world} {facts.address}"
        told = (
            where,
            "strict" if certificate.strict else "",
            f"seed {facts.seed}",
            format_instant(facts.began_ns, digits=0).replace("T", " ").replace("Z", " UTC"),
            f"fixgate {facts.version}",
        )
        about = self._plain(f" {self._glyphs.dot} ".join(filter(None, told)))
        yield Text(shorten(about, self._width, mark=self._glyphs.mark), "dim")
        yield Text(self._glyphs.rule * self._width, "dim")

    def _closing(self) -> Iterator[Text]:
        certificate = self._certificate
        counted = certificate.report.tally
        text = Text()
        for grade in Grade:
            count = certificate.count(grade)
            if count or grade in (Grade.PASS, Grade.FAIL):
                text.append(", " if text.plain else "")
                text.append(f"{count} {grade.value}", _STYLES[grade] if count else "dim")
        if counted.deviations:
            noun = "deviation" if counted.deviations == 1 else "deviations"
            text.append(f" ({counted.deviations} {noun})", "yellow")
        code = counted.exit_code
        took_ns = certificate.report.facts.duration_ns
        took = f"in {format_duration(took_ns)}" if took_ns else "judged again"
        parts = [
            text,
            Text(f"{counted.total} runs {took}"),
            Text(f"exit {code}: {MEANINGS[code]}", "" if code == 0 else "bold"),
        ]
        whole = Text(f" {self._glyphs.dot} ", "dim").join(parts)
        yield from (whole,) if whole.cell_len <= self._width else parts

    def _plain(self, text: str) -> str:
        return printable(text, ascii_only=self._glyphs.ascii_only)
