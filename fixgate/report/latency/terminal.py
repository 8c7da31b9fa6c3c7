"""A measurement on a terminal: what was measured, the figures, where the slow ones lost time."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from fixgate.health.model import FleetReport
from fixgate.latency.model import Figure, LatencyReport, Series
from fixgate.report.block import labelled
from fixgate.report.host.terminal import summary_lines
from fixgate.report.latency.about import about
from fixgate.report.latency.figures import format_count, format_latency, many, short, value_of
from fixgate.report.latency.slow_lines import slow_lines
from fixgate.report.latency.spectrum import spectrum_lines
from fixgate.report.latency.verdict import marked, totals, troubled, unmeasured
from fixgate.report.layout import Cell, Column, Glyphs, fit, line
from fixgate.report.terminal import failure_lines
from fixgate.report.text import format_duration, format_instant, printable, shorten
from fixgate.triage.model import Exchange, StampSource

__all__ = ["print_latency"]

_WIDEST = 160
_CLOCKS = {
    StampSource.HARDWARE: "nic",
    StampSource.KERNEL: "kernel",
    StampSource.CAPTURE: "capture",
    StampSource.USER: "user",
    StampSource.LOG: "log",
}
_WITH_MARKS = 20
"""Sessions of an exchange up to which marks have a line of their own."""

_ONCE_ALL, _ONCE_SHOWN = 5, 3
"""What is done once a session, such as to log on, has a row for each of so many sessions; of more
there are only the slowest."""

_PERCENTILES = ((50.0, 0), (90.0, 4), (99.0, 0), (99.9, 3))
"""Columns of the best figure, each with its rank: the higher, the sooner it goes."""

_COLUMNS = (
    Column(""),
    Column("session", least=9),
    Column("clock", rank=7),
    Column("count", right=True),
    Column("lost", rank=1, right=True),
    Column("marked", rank=9, right=True),
    Column("min", rank=6, right=True),
    *(Column(f"p{p:g}", rank=rank, right=True) for p, rank in _PERCENTILES),
    Column("max", right=True),
    Column("app p50", rank=5, right=True),
    Column("app p99", rank=1, right=True),
    Column("resp p99", rank=2, right=True),
    Column("resp max", rank=8, right=True),
)


def print_latency(
    report: LatencyReport, console: Console, *, verbose: bool = False, slowest: int = 10
) -> None:
    """Print the sessions that did not come up, the figures, and the slowest samples.

    Args:
        report: What was found.
        console: Where to; its width, encoding and colours decide the looks.
        verbose: Show the spectrum of every series, and the evidence of each slow sample.
        slowest: How many of the slowest are shown.
    """
    glyphs = Glyphs.for_encoding(console.encoding)
    writer = _Writer(report, min(console.width, _WIDEST), glyphs, verbose=verbose)
    for text in writer.lines(slowest):
        text.rstrip()
        console.print(text, no_wrap=True, overflow="ignore", crop=False)


class _Writer:
    """Writes one report for one terminal."""

    def __init__(self, report: LatencyReport, width: int, glyphs: Glyphs, *, verbose: bool) -> None:
        self._report = report
        self._width = width
        self._glyphs = glyphs
        self._verbose = verbose

    def lines(self, slowest: int) -> Iterator[Text]:
        yield from self._failures()
        yield from self._header()
        yield from self._table()
        yield from self._spectra()
        yield from slow_lines(
            self._report, self._width, self._glyphs, limit=slowest, verbose=self._verbose
        )
        yield from self._remarks()
        if self._report.host_account is not None:
            yield from summary_lines(self._report.host_account, self._width, self._glyphs)
        yield from self._closing()

    def _failures(self) -> Iterator[Text]:
        report = self._report
        sick = tuple(troubled(report))
        fleet = FleetReport(
            report.started_ns, report.duration_ns, sick, report.host, report.version
        )
        yield from failure_lines(fleet, self._width, self._glyphs, self._verbose)

    def _header(self) -> Iterator[Text]:
        report = self._report
        title = Text.assemble(("fixgate latency   ", "bold"), Text(", ").join(self._verdict()))
        if title.cell_len > self._width:
            yield Text("fixgate latency", "bold")
            *before, title = _flow(self._verdict(), ", ", self._width)
            yield from before
        facts = (
            format_instant(report.started_ns, digits=0).replace("T", " ").replace("Z", " UTC"),
            self._plain(report.host),
            f"fixgate {self._plain(report.version)}",
        )
        told = f" {self._glyphs.dot} ".join(facts)
        if title.cell_len + 3 + len(told) <= self._width:
            title.append(" " * (self._width - title.cell_len - len(told)) + told, "dim")
            yield title
        else:
            yield title
            yield Text(shorten(told, self._width, mark=self._glyphs.mark), "dim")
        yield Text(self._glyphs.rule * self._width, "dim")
        for label, text in about(report):
            yield from labelled(label, text, self._width, self._glyphs)

    def _verdict(self) -> list[Text]:
        counted = totals(self._report)
        parts = []
        if counted.missed:
            parts.append(Text(f"{many(counted.missed, 'budget')} missed", "bold red"))
        if counted.kept:
            parts.append(Text(f"{many(counted.kept, 'budget')} kept", "bold green"))
        if counted.open:
            parts.append(Text(f"{many(counted.open, 'budget')} not measured", "bold magenta"))
        if counted.failed:
            parts.append(Text(f"{many(counted.failed, 'session')} failed", "bold red"))
        if counted.unknown:
            parts.append(Text(f"{many(counted.unknown, 'session')} unknown", "bold magenta"))
        if not parts:
            style = "bold green" if counted.measured else "bold magenta"
            parts.append(Text(f"{many(counted.measured, 'session')} measured", style))
        return parts

    # The table.

    def _table(self) -> Iterator[Text]:
        """Yield a row for each series, under the headings of their exchanges."""
        rows = {id(series): self._row(series) for series in self._report.series}
        if not rows:
            return
        titles = [Cell(column.title, "dim") for column in _COLUMNS]
        widths = fit(_COLUMNS, list(rows.values()), self._width - 2)
        yield Text("")
        yield Text("  ") + line(_COLUMNS, titles, widths, mark=self._glyphs.mark)
        for kind in Exchange:
            of_kind = [series for series in self._report.series if series.kind is kind]
            if of_kind:
                yield Text(kind.value, "bold")
            shown = of_kind if kind.of_request else _slowest_of(of_kind)
            for series in shown:
                cells = rows[id(series)]
                yield Text("  ") + line(_COLUMNS, cells, widths, mark=self._glyphs.mark)
                yield from self._missed(series)
                if len(of_kind) <= _WITH_MARKS or self._verbose:
                    yield from self._marks(series)
            if (left := len(of_kind) - len(shown)) > 0:
                yield Text(f"     and {left} more, none of them slower", "dim")

    def _row(self, series: Series) -> list[Cell]:
        best = series.figures.get(series.best)
        missed = any(not outcome.kept for outcome in series.budgets)
        sign = Cell(self._glyphs.good, "bold green") if series.budgets else Cell("")
        if missed or best is None:
            sign = Cell(self._glyphs.bad, "bold red")
        app = series.figures.get(Figure.APP) if series.best is Figure.WIRE else None
        response = series.figures.get(Figure.RESPONSE)
        marked_count = marked(series)
        return [
            sign,
            Cell(self._plain(series.session), "bold"),
            Cell(_CLOCKS[self._clock(series)] if best else "", "dim"),
            Cell(format_count(best.count) if best else "0"),
            Cell(format_count(series.unanswered) if series.unanswered else "", "bold red"),
            Cell(format_count(marked_count) if marked_count else "", "yellow"),
            self._cell(best.min_ns if best else None, "dim"),
            *(self._cell(value_of(best, p)) for p, _ in _PERCENTILES),
            self._cell(best.max_ns if best else None, "bold"),
            self._cell(value_of(app, 50), "blue"),
            self._cell(value_of(app, 99), "blue"),
            self._cell(value_of(response, 99), "magenta"),
            self._cell(response.max_ns if response else None, "magenta"),
        ]

    def _clock(self, series: Series) -> StampSource:
        """Return whose clock the best figure is from."""
        by_log = self._report.mode.value == "log"
        return StampSource.LOG if by_log else series.source

    def _cell(self, value_ns: int | None, style: str = "") -> Cell:
        if value_ns is None:
            return Cell("")
        return Cell(format_latency(value_ns, self._report.precision_ns), style)

    def _missed(self, series: Series) -> Iterator[Text]:
        """Yield which budgets the row misses."""
        told = [
            f"{self._plain(outcome.budget.text)}: "
            + (
                "too many requests were not answered"
                if outcome.actual_ns is None
                else format_latency(outcome.actual_ns, self._report.precision_ns)
            )
            for outcome in series.budgets
            if not outcome.kept
        ]
        if told:
            yield self._branch(f"missed {', '.join(told)}", "red")

    def _marks(self, series: Series) -> Iterator[Text]:
        """Yield what is to be known of the row before it is believed."""
        if not series.marks:
            return
        text = ", ".join(f"{count} {mark.value}" for mark, count in series.marks.items())
        if (clean := series.unmarked) is not None:
            p99 = value_of(clean, 99)
            figures = [] if p99 is None else [f"p99 {self._cell(p99).text}"]
            figures.append(f"max {self._cell(clean.max_ns).text}")
            text += f"; without these {', '.join(figures)}"
        yield self._branch(text, "yellow")

    def _branch(self, text: str, style: str) -> Text:
        lead = f"    {self._glyphs.branch} "
        room = max(self._width - len(lead), 10)
        return Text.assemble((lead, "dim"), (shorten(text, room, mark=self._glyphs.mark), style))

    # The spectrum.

    def _spectra(self) -> Iterator[Text]:
        """Yield the spectrum of each exchange: of the session that is worst at it."""
        requests = [s for s in self._report.series if s.kind.of_request and s.figures]
        for kind in Exchange:
            of_kind = [series for series in requests if series.kind is kind]
            if not of_kind:
                continue
            worst = sorted(of_kind, key=_badness, reverse=True)
            for series in worst if self._verbose else worst[:1]:
                yield Text("")
                yield self._spectrum_title(series, among=len(of_kind))
                yield from spectrum_lines(
                    series, min(self._width, 110), self._glyphs, self._report.precision_ns
                )

    def _spectrum_title(self, series: Series, *, among: int) -> Text:
        text = Text.assemble((short(series.kind), "bold"), f"  {self._plain(series.session)}")
        if among > 1 and not self._verbose:
            text.append(f", the slowest of {among} at the 99th percentile", "dim")
        text.truncate(self._width, overflow="crop")
        return text

    # The end.

    def _remarks(self) -> Iterator[Text]:
        closed = ((check.plan.name, check.closure) for check in self._report.checks)
        remarks = [
            *self._report.remarks,
            *(f"{name} was left out: {closure.text}" for name, closure in closed if closure),
            *(f"Nothing was measured of {budget.text}" for budget in unmeasured(self._report)),
        ]
        if remarks:
            yield Text("")
        for remark in remarks:
            yield from labelled("remark", remark, self._width, self._glyphs, style="yellow not dim")

    def _closing(self) -> Iterator[Text]:
        counted = totals(self._report)
        requests = counted.answered + counted.unanswered
        parts = [*self._verdict(), Text(many(requests, "request"))]
        if counted.unanswered:
            parts.append(Text(f"{format_count(counted.unanswered)} not answered", "red"))
        if counted.marked:
            parts.append(Text(f"{format_count(counted.marked)} marked", "yellow"))
        parts.append(Text(format_duration(self._report.duration_ns)))
        yield Text("")
        yield from _flow(parts, f" {self._glyphs.dot} ", self._width)

    def _plain(self, text: str) -> str:
        return printable(text, ascii_only=self._glyphs.ascii_only)


def _slowest_of(of_kind: list[Series]) -> list[Series]:
    """Return all of a few series, of many the slowest, slowest first."""
    if len(of_kind) <= _ONCE_ALL:
        return of_kind
    measured = [series for series in of_kind if series.figures]
    return sorted(measured, key=_badness, reverse=True)[:_ONCE_SHOWN]


def _badness(series: Series) -> int:
    best = series.figures[series.best]
    p99 = value_of(best, 99)
    return best.max_ns if p99 is None else p99


def _flow(parts: list[Text], between: str, width: int) -> Iterator[Text]:
    """Yield parts on as few lines as they fit on; at least one part."""
    text, *rest = parts
    for part in rest:
        if text.cell_len + len(between) + part.cell_len > width:
            yield text
            text = part
        else:
            text = Text.assemble(text, (between, "dim"), part)
    yield text
