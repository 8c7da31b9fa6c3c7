"""Runs on a terminal: a block for each that did not simply pass, then the board and the totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from fixgate.report.block import LABEL_WIDTH, fold, labelled
from fixgate.report.layout import Cell, Column, Glyphs, fit, line
from fixgate.report.runs.account import Account, Report, Trouble
from fixgate.report.runs.tally import MEANINGS, Tally
from fixgate.report.runs.timeline import Entry, Kind, format_offset
from fixgate.report.text import format_duration, format_instant, printable, shorten
from fixgate.scenario.verdict import Result

__all__ = ["STYLES", "render_blocks", "render_terminal", "result_cell"]

STYLES = {
    Result.PASS: "bold green",
    Result.FAIL: "bold red",
    Result.INCONCLUSIVE: "bold magenta",
    Result.SKIPPED: "blue",
}
"""How each verdict is coloured."""

_DEVIATION_STYLE = "yellow"
_COLUMNS = (
    Column(""),
    Column("scenario", least=30),
    Column("title", least=20, rank=4),
    Column("under test", rank=3),
    Column("time", rank=1, right=True),
    Column("deviations", rank=2, right=True),
)
_WIDEST = 160
_LONGEST_ACTOR = 16
_MINUTE_NS = 60_000_000_000
_LINES_OF_AN_ENTRY = 3
_LINES_OF_THE_DECISIVE = 12
_GLYPH_STYLES = {">": "cyan", "<": "blue", "!": "yellow"}


def render_terminal(report: Report, console: Console, *, verbose: bool = False) -> None:
    """Print what went wrong, then the board, which so stays in sight.

    Args:
        report: What was found.
        console: Where to; its width, encoding and colours decide the looks.
        verbose: Show everything that happened in each block, and every field of each message.
    """
    writer = _writer(console, verbose=verbose)
    _print([*writer.blocks(report), *writer.board(report), *writer.closing(report)], console)


def render_blocks(report: Report, console: Console, *, verbose: bool = False) -> None:
    """Print what went wrong, as `render_terminal` does, and no board."""
    _print(_writer(console, verbose=verbose).blocks(report), console)


def _writer(console: Console, *, verbose: bool) -> _Writer:
    glyphs = Glyphs.for_encoding(console.encoding)
    return _Writer(min(console.width, _WIDEST), glyphs, verbose=verbose)


def _print(lines: Iterable[Text], console: Console) -> None:
    for text in lines:
        text.rstrip()
        console.print(text, no_wrap=True, overflow="ignore", crop=False)


def result_cell(account: Account, glyphs: Glyphs) -> Cell:
    """Return the sign and the word of a verdict; PASS with deviations has a sign of its own."""
    result = account.result
    if result is Result.PASS and account.deviation_count:
        return Cell(f"{glyphs.warned} {result.value}", f"bold {_DEVIATION_STYLE}")
    sign = {
        Result.PASS: glyphs.good,
        Result.FAIL: glyphs.bad,
        Result.INCONCLUSIVE: glyphs.unknown,
        Result.SKIPPED: glyphs.closed,
    }[result]
    return Cell(f"{sign} {result.value}", STYLES[result])


class _Writer:
    """Writes for one terminal."""

    def __init__(self, width: int, glyphs: Glyphs, *, verbose: bool) -> None:
        self._width = width
        self._glyphs = glyphs
        self._verbose = verbose

    # Blocks.

    def blocks(self, report: Report) -> Iterator[Text]:
        """Yield the blocks, those of deviations first: what is worse stays nearer to the board."""
        pairs = list(zip(report.names, report.accounts, strict=True))
        for name, account in pairs:
            for trouble in account.deviations:
                yield from self._deviation(name, account, trouble)
            if (more := account.deviation_count - len(account.deviations)) > 0:
                yield Text(f"  and {more} more deviations of {self._plain(name)}", "dim")
                yield Text("")
        for result in (Result.INCONCLUSIVE, Result.FAIL):
            for name, account in pairs:
                for trouble in account.findings if account.result is result else ():
                    yield from self._failure(name, account, trouble)

    def _failure(self, name: str, account: Account, trouble: Trouble) -> Iterator[Text]:
        cell = result_cell(account, self._glyphs)
        yield self._title(cell, name, account)
        undetermined = account.result is Result.INCONCLUSIVE
        yield from self._labelled("where", self._where(trouble))
        yield from self._labelled("requirement", self._requirement(account, trouble))
        yield from self._wanted("missing" if undetermined else "wanted", trouble)
        yield from self._came(trouble, cell.style)
        for index, text in enumerate(() if undetermined else account.reaction):
            yield from self._labelled("" if index else "correct is", text)
        yield from self._evidence(account, trouble, cell.style)
        yield from self._repeat(account)
        yield Text("")

    def _deviation(self, name: str, account: Account, trouble: Trouble) -> Iterator[Text]:
        cell = Cell(f"{self._glyphs.warned} DEVIATION", f"bold {_DEVIATION_STYLE}")
        yield self._title(cell, name, account)
        yield from self._labelled("where", self._where(trouble))
        yield from self._wanted(trouble.requirement, trouble)
        yield from self._came(trouble, _DEVIATION_STYLE)
        yield from self._evidence(account, trouble, _DEVIATION_STYLE)
        yield from self._repeat(account)
        yield Text("")

    def _title(self, cell: Cell, name: str, account: Account) -> Text:
        rule = self._glyphs.rule
        text = Text(rule * 2 + " ", "dim")
        text.append(cell.text, cell.style)
        text.append(f"  {self._plain(name)}", "bold")
        text.append(f"  {self._plain(account.title)} ", "not dim")
        text.truncate(self._width, overflow="crop")
        text.append(rule * max(self._width - text.cell_len, 0), "dim")
        return text

    def _where(self, trouble: Trouble) -> str:
        step = f", step {trouble.step}" if trouble.step else ""
        at = f" {self._glyphs.dot} at {_moment(trouble.at_ns)}"
        text = trouble.text
        told = f": {text}" if text and text not in trouble.wanted else ""
        return f"{trouble.where}{step}{told}{at}"

    def _requirement(self, account: Account, trouble: Trouble) -> str:
        return f" {self._glyphs.dot} ".join(filter(None, (trouble.requirement, account.spec)))

    def _wanted(self, label: str, trouble: Trouble) -> Iterator[Text]:
        if not trouble.allowed:
            yield from self._labelled(label, trouble.wanted, "bold")
            return
        for index, text in enumerate(trouble.allowed):
            lead = "or " if index else "either "
            yield from self._labelled("" if index else label, lead + text, "bold")

    def _came(self, trouble: Trouble, style: str) -> Iterator[Text]:
        yield from self._labelled("came", trouble.came, style)
        for text in trouble.detail:
            yield from self._labelled("", text)

    def _repeat(self, account: Account) -> Iterator[Text]:
        # One line however long it is, so that it can be copied.
        row = Text("  " + "repeat".ljust(LABEL_WIDTH), "dim")
        yield row.append(self._plain(account.repeat), "not dim bold")

    def _labelled(self, label: str, text: str, style: str = "") -> Iterator[Text]:
        return labelled(label, text, self._width, self._glyphs, style=style)

    # The wire.

    def _evidence(self, account: Account, trouble: Trouble, style: str) -> Iterator[Text]:
        shown = trouble.evidence
        if self._verbose:
            decisive = {e.record for e in shown if e.decisive}
            marked = [e for e in shown if e.decisive]
            shown = tuple(marked[0] if e.record in decisive else e for e in account.entries)
        stamps = max((len(format_offset(e.at_ns)) for e in shown), default=0)
        actors = max((len(self._actor(e)) for e in shown), default=0)
        for index, entry in enumerate(shown):
            label = "wire" if index == 0 else ""
            yield from self._entry(entry, label, stamps, actors, style)

    def _entry(
        self, entry: Entry, label: str, stamps: int, actors: int, style: str
    ) -> Iterator[Text]:
        glyphs = self._glyphs
        here = glyphs.here if entry.decisive else " "
        stamp = format_offset(entry.at_ns) if entry.kind is not Kind.FOLD else ""
        row = Text("  " + label.ljust(LABEL_WIDTH - 2), "dim")
        row.append(f"{here} ", style)
        row.append(f"{stamp.rjust(stamps)} ")
        ink = style if entry.decisive else _GLYPH_STYLES.get(entry.glyph, "")
        row.append(f"{entry.glyph or ' '} {self._actor(entry).ljust(actors)} ", ink)
        if entry.decisive and "bold" not in style:
            ink = f"bold {style}"
        ink = ink or ("not dim" if entry.kind is Kind.STEP else "")
        room = max(self._width - row.cell_len, 20)
        most = _LINES_OF_THE_DECISIVE if entry.decisive else _LINES_OF_AN_ENTRY
        parts = fold(self._plain(self._told(entry)), room, between=", ")
        if len(parts) > most and not self._verbose:
            parts = [*parts[: most - 1], glyphs.mark]
        for number, part in enumerate(parts):
            start = row if number == 0 else Text(" " * row.cell_len, "dim")
            yield start.copy().append(part, ink)

    def _actor(self, entry: Entry) -> str:
        return shorten(self._plain(entry.actor), _LONGEST_ACTOR, mark=self._glyphs.mark)

    def _told(self, entry: Entry) -> str:
        if entry.flaw:
            return f"{entry.title}, garbled: {entry.flaw}: {entry.text}"
        whole = entry.decisive or self._verbose
        text = ", ".join(map(str, entry.fields)) if whole and entry.fields else entry.text
        if entry.kind is Kind.OUTCOME and not (entry.decisive or self._verbose):
            text = text.partition(": ")[0]  # the block has said why
        return f"{entry.title}  {text}".strip()

    # The board.

    def board(self, report: Report) -> Iterator[Text]:
        """Yield the header, and a row for each run."""
        yield from self._header(report)
        rows = [
            self._row(name, account)
            for name, account in zip(report.names, report.accounts, strict=True)
        ]
        widths = fit(_COLUMNS, rows, self._width - 2)
        yield Text("")
        yield self._line([Cell(c.title, "dim") for c in _COLUMNS], widths)
        for account, row in zip(report.accounts, rows, strict=True):
            yield self._line(row, widths)
            if account.reason:
                style = "" if account.result is Result.SKIPPED else STYLES[account.result]
                lead = Text(f"  {self._glyphs.branch} ", "dim")
                room = self._width - lead.cell_len
                reason = self._plain(account.reason)
                text = shorten(reason, room, mark=self._glyphs.mark)
                yield lead.append(text, style.removeprefix("bold ") or "not dim")

    def _line(self, cells: Sequence[Cell], widths: dict[int, int]) -> Text:
        return Text("  ") + line(_COLUMNS, cells, widths, mark=self._glyphs.mark)

    def _row(self, name: str, account: Account) -> list[Cell]:
        count = account.deviation_count
        return [
            result_cell(account, self._glyphs),
            Cell(self._plain(name), "bold"),
            Cell(self._plain(account.title)),
            Cell(account.under_test),
            Cell("-" if account.began_ns is None else _clock(account.took_ns)),
            Cell(str(count) if count else "", _DEVIATION_STYLE),
        ]

    def _header(self, report: Report) -> Iterator[Text]:
        facts = report.facts
        title = Text("fixgate run", "bold")
        title.append("   ")
        title.append_text(_counts(report.tally))
        told = (
            f"{facts.world} world" if not facts.address else f"{facts.world} {facts.address}",
            f"seed {facts.seed}",
            format_instant(facts.began_ns, digits=0).replace("T", " ").replace("Z", " UTC"),
            f"fixgate {facts.version}",
        )
        about = self._plain(f" {self._glyphs.dot} ".join(told))
        if title.cell_len + 3 + len(about) <= self._width:
            yield title + Text(" " * (self._width - title.cell_len - len(about)) + about, "dim")
        else:
            yield title if title.cell_len <= self._width else _counts(report.tally)
            yield Text(shorten(about, self._width, mark=self._glyphs.mark), "dim")
        yield Text(self._glyphs.rule * self._width, "dim")

    # The end.

    def closing(self, report: Report) -> Iterator[Text]:
        """Yield the totals, and what the exit status means."""
        counted, code = report.tally, report.tally.exit_code
        noun = "scenario" if counted.total == 1 else "scenarios"
        took = f"{counted.total} {noun} in {format_duration(report.facts.duration_ns)}"
        played_ns = sum(account.took_ns for account in report.accounts)
        if report.facts.world == "virtual" and played_ns:
            took += f" ({_clock(played_ns)} of virtual time)"
        style = "" if code == 0 else "bold"
        meaning = MEANINGS[code] if counted.inconclusive or code != 3 else "nothing was played"
        parts = [_counts(counted), Text(took), Text(f"exit {code}: {meaning}", style)]
        dot = Text(f" {self._glyphs.dot} ", "dim")
        yield Text("")
        whole = dot.join(parts)
        yield from (whole,) if whole.cell_len <= self._width else parts

    def _plain(self, text: str) -> str:
        return printable(text, ascii_only=self._glyphs.ascii_only)


def _moment(offset_ns: int) -> str:
    text = format_offset(offset_ns)
    return text if ":" in text else f"{text} s"


def _clock(duration_ns: int) -> str:
    """Return a long time as ``4:00:36``, a short one as ``1.24 s``."""
    if duration_ns < _MINUTE_NS:
        return format_duration(duration_ns) if duration_ns else "0 s"
    return format_offset(duration_ns).partition(".")[0]


def _counts(counted: Tally) -> Text:
    text = Text()
    text.append(f"{counted.passed} PASS", STYLES[Result.PASS] if counted.passed else "dim")
    text.append(", ")
    text.append(f"{counted.failed} FAIL", STYLES[Result.FAIL] if counted.failed else "dim")
    if counted.inconclusive:
        text.append(", ")
        text.append(f"{counted.inconclusive} INCONCLUSIVE", STYLES[Result.INCONCLUSIVE])
    if counted.skipped:
        text.append(", ")
        text.append(f"{counted.skipped} SKIPPED", STYLES[Result.SKIPPED])
    if counted.deviations:
        noun = "deviation" if counted.deviations == 1 else "deviations"
        text.append(f" ({counted.deviations} {noun})", _DEVIATION_STYLE)
    return text
