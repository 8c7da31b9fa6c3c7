"""The board while the checks run: a row for each session with its phase and its time so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.spinner import Spinner
from rich.text import Text

from fixgate.health.model import CheckPlan, CheckReport, Phase
from fixgate.report.layout import Cell, Column, Glyphs, fit, line
from fixgate.report.redrawn import Redrawn
from fixgate.report.terminal import status_cell
from fixgate.report.text import format_duration, printable
from fixgate.report.verdict import Verdict, is_good, note_of, primary, verdict_of, version_of

__all__ = ["LiveBoard", "PlainProgress"]

_COLUMNS = (
    Column(""),
    Column("session", least=12),
    Column("version", rank=2),
    Column("address", least=14, rank=1),
    Column("now", least=14),
    Column("elapsed", right=True),
)
_FRAMES_PER_SECOND = 12
_LINES_BESIDE_ROWS = 3


@dataclass(slots=True)
class _Row:
    """What is known of one session so far."""

    plan: CheckPlan
    started_ns: int | None = None
    phase: Phase | None = None
    report: CheckReport | None = None


class LiveBoard(Redrawn):
    """A `fixgate.health.progress.Progress` that redraws itself on a terminal.

    Args:
        plans: Every session of the run.
        console: Where to draw; best on stderr, so that stdout holds results only.
        now_ns: Returns nanoseconds that never step back.
    """

    def __init__(
        self, plans: Iterable[CheckPlan], console: Console, now_ns: Callable[[], int]
    ) -> None:
        self._rows = {plan.name: _Row(plan) for plan in plans}
        self._console = console
        self._now_ns = now_ns
        self._glyphs = Glyphs.for_encoding(console.encoding)
        self._spinner = Spinner(self._glyphs.spinner)
        super().__init__(console, _FRAMES_PER_SECOND)

    def started(self, plan: CheckPlan) -> None:
        """Start the row's clock."""
        self._rows[plan.name].started_ns = self._now_ns()

    def phase(self, plan: CheckPlan, phase: Phase) -> None:
        """Show the phase in the row."""
        self._rows[plan.name].phase = phase

    def ended(self, report: CheckReport) -> None:
        """Show the verdict in the row."""
        self._rows[report.plan.name].report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows = list(self._rows.values())
        room = max(options.size.height - _LINES_BESIDE_ROWS, 1)
        shown = _most_telling(rows, room)
        cells = {id(row): self._cells(row, console.get_time()) for row in shown}
        widths = fit(_COLUMNS, list(cells.values()), min(options.max_width, 140))
        yield self._summary(rows)
        for row in shown:
            yield line(_COLUMNS, cells[id(row)], widths, mark=self._glyphs.mark)
        if hidden := len(rows) - len(shown):
            yield Text(f"and {hidden} more", "dim")

    def _summary(self, rows: list[_Row]) -> Text:
        ended = [row.report for row in rows if row.report is not None]
        verdicts = [verdict_of(report) for report in ended]
        go, closed = verdicts.count(Verdict.GO), verdicts.count(Verdict.CLOSED)
        bad = len(ended) - go - closed
        text = Text(f"{len(ended)} of {len(rows)} sessions checked", "bold")
        text.append(f"   {go} GO", "bold green")
        text.append(f"   {bad} not" if bad else "", "bold red")
        text.append(f"   {closed} CLOSED" if closed else "", "blue")
        return text

    def _cells(self, row: _Row, time_s: float) -> list[Cell]:
        status, now, elapsed = self._state(row, time_s)
        ascii_only = self._glyphs.ascii_only
        return [
            status,
            Cell(printable(row.plan.name, ascii_only=ascii_only), "bold"),
            Cell(printable(version_of(row.plan), ascii_only=True), "dim"),
            Cell(printable(str(row.plan.address), ascii_only=ascii_only), "dim"),
            now,
            Cell(elapsed, "dim"),
        ]

    def _state(self, row: _Row, time_s: float) -> tuple[Cell, Cell, str]:
        if row.report is not None:
            finding = primary(row.report)
            what = f"{finding.layer.value}: {finding.cause}" if finding else ""
            note = note_of(row.report)
            text = ", ".join(part for part in (what, note) if part)
            style = "" if is_good(row.report) else "red"
            took = format_duration(row.report.duration_ns)
            return status_cell(row.report, self._glyphs), Cell(text, style), took
        if row.started_ns is None:
            return Cell(f"{self._glyphs.waiting} waiting", "dim"), Cell(""), ""
        frame = self._spinner.render(time_s)
        sign = frame.plain if isinstance(frame, Text) else self._glyphs.waiting
        elapsed_s = (self._now_ns() - row.started_ns) / 1_000_000_000
        phase = row.phase.value if row.phase is not None else "start"
        return Cell(f"{sign} running", "cyan"), Cell(phase, "cyan"), f"{elapsed_s:.1f} s"


def _most_telling(rows: list[_Row], room: int) -> list[_Row]:
    """Return at most ``room`` rows, in order, keeping the running and the sick ones longest."""
    if len(rows) <= room:
        return rows

    def weight(row: _Row) -> int:
        if row.report is None:
            return 0 if row.started_ns is not None else 2
        return 1 if not is_good(row.report) else 3

    kept = {id(row) for row in sorted(rows, key=weight)[: max(room - 1, 1)]}
    return [row for row in rows if id(row) in kept]


class PlainProgress:
    """A `fixgate.health.progress.Progress` that writes one line for each finished session.

    Args:
        total: Sessions in the run.
        write: Takes one line without its end.
    """

    def __init__(self, total: int, write: Callable[[str], None]) -> None:
        self._total = total
        self._ended = 0
        self._write = write

    def started(self, plan: CheckPlan) -> None:
        """Do nothing: only results are worth a line in a log."""

    def phase(self, plan: CheckPlan, phase: Phase) -> None:
        """Do nothing: only results are worth a line in a log."""

    def ended(self, report: CheckReport) -> None:
        """Write the session's verdict."""
        self._ended += 1
        self._write(" ".join(self._parts(report)))

    def _parts(self, report: CheckReport) -> Iterator[str]:
        yield f"[{self._ended}/{self._total}]"
        yield verdict_of(report).value
        yield printable(report.plan.name, ascii_only=True)
        finding = primary(report)
        if finding is not None:
            yield f"({finding.cause})"
