"""The board on a terminal: who can trade, who cannot, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from fixgate.health.model import CheckReport, Evidence, FleetReport, Level, Phase, Severity, Status
from fixgate.report.block import LABEL_WIDTH, fold, labelled
from fixgate.report.layout import Cell, Column, Glyphs, fit, line
from fixgate.report.persistence import return_lines
from fixgate.report.text import (
    format_duration,
    format_instant,
    format_time_of_day,
    printable,
    shorten,
)
from fixgate.report.verdict import (
    Tally,
    Verdict,
    grouped,
    is_good,
    note_of,
    phase_of,
    primary,
    spread_of,
    tally,
    verdict_of,
    version_of,
)

__all__ = ["board_lines", "failure_lines", "print_board"]

_VERDICT_STYLES = {
    Verdict.GO: "bold green",
    Verdict.NO_GO: "bold red",
    Verdict.UNKNOWN: "magenta",
    Verdict.CLOSED: "blue",
}
_COLUMNS = (
    Column(""),
    Column("session", least=12),
    Column("version", rank=2),
    Column("address", least=14, rank=1),
    Column("only", rank=0),
    Column("tcp", rank=5, right=True),
    Column("tls", rank=6, right=True),
    Column("logon", rank=4, right=True),
    Column("rtt min", rank=7, right=True),
    Column("rtt med", rank=3, right=True),
    Column("order", rank=8, right=True),
)
_SHALLOW = (Level.TCP, Level.TLS, Level.LOGON)
"""Levels at which GO promises less than it seems to: the board says so."""

_WIDEST = 160
_EVIDENCE_LINES = 6


def print_board(fleet: FleetReport, console: Console, *, verbose: bool = False) -> None:
    """Print a block for each session that is not well, then the board, which so stays in sight.

    Args:
        fleet: What was found.
        console: Where to; its width, encoding and colours decide the looks.
        verbose: Show warnings as blocks too, and the whole transcript of each block.
    """
    glyphs = Glyphs.for_encoding(console.encoding)
    width = min(console.width, _WIDEST)
    blocks = list(failure_lines(fleet, width, glyphs, verbose))
    for text in [*blocks, *board_lines(fleet, width, glyphs), *_closing(fleet, width, glyphs)]:
        text.rstrip()
        console.print(text, no_wrap=True, overflow="ignore", crop=False)


def board_lines(fleet: FleetReport, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """Yield the header and one row for each session, under the headings of their groups."""
    yield from _header(fleet, width, glyphs)
    rows = {id(check): _row(check, glyphs) for check in fleet.checks}
    widths = fit(_COLUMNS, list(rows.values()), width - 2)
    titles = [Cell(c.title, "dim") for c in _COLUMNS]
    yield Text("")
    yield _indented(line(_COLUMNS, titles, widths, mark=glyphs.mark))
    for group, checks in grouped(fleet.checks):
        if group:
            yield Text(shorten(printable(group, ascii_only=glyphs.ascii_only), width), "bold")
        for check in checks:
            yield _indented(line(_COLUMNS, rows[id(check)], widths, mark=glyphs.mark))
            yield from _why(check, width, glyphs)
            yield from return_lines(check, width, glyphs)


def _header(fleet: FleetReport, width: int, glyphs: Glyphs) -> Iterator[Text]:
    title = Text("fixgate check", "bold")
    title.append("   ")
    title.append_text(_counts(tally(fleet)))
    facts = (
        format_instant(fleet.started_ns, digits=0).replace("T", " ").replace("Z", " UTC"),
        printable(fleet.host, ascii_only=glyphs.ascii_only),
        f"fixgate {printable(fleet.version, ascii_only=glyphs.ascii_only)}",
    )
    about = f" {glyphs.dot} ".join(facts)
    if title.cell_len + 3 + len(about) <= width:
        yield title + Text(" " * (width - title.cell_len - len(about)) + about, "dim")
    else:
        yield title
        yield Text(shorten(about, width, mark=glyphs.mark), "dim")
    yield Text(glyphs.rule * width, "dim")


def _counts(counted: Tally) -> Text:
    text = Text()
    text.append(f"{counted.go} GO", "bold green" if counted.go else "dim")
    text.append(", ")
    text.append(f"{counted.no_go} NO-GO", "bold red" if counted.no_go else "dim")
    if counted.unknown:
        text.append(", ")
        text.append(f"{counted.unknown} UNKNOWN", "bold magenta")
    if counted.closed:
        text.append(", ")
        text.append(f"{counted.closed} CLOSED", "blue")
    if counted.warned:
        noun = "warning" if counted.warned == 1 else "warnings"
        text.append(f" ({counted.warned} with {noun})", "yellow")
    return text


def status_cell(check: CheckReport, glyphs: Glyphs) -> Cell:
    """Return the sign and the word of a check's verdict."""
    verdict = verdict_of(check)
    if check.status is Status.WARN:
        return Cell(f"{glyphs.warned} {verdict.value}", "bold yellow")
    sign = {
        Verdict.GO: glyphs.good,
        Verdict.NO_GO: glyphs.bad,
        Verdict.UNKNOWN: glyphs.unknown,
        Verdict.CLOSED: glyphs.closed,
    }[verdict]
    return Cell(f"{sign} {verdict.value}", _VERDICT_STYLES[verdict])


def _row(check: CheckReport, glyphs: Glyphs) -> list[Cell]:
    plan, trips = check.plan, spread_of(check.round_trips_ns)
    orders = spread_of(check.order_round_trips_ns)

    def took(phase: Phase) -> Cell:
        result = phase_of(check, phase)
        if result is None:
            return Cell("")
        style = "red" if result.status is Status.FAIL else ""
        return Cell(format_duration(result.duration_ns), style or _dim(result.duration_ns))

    def trip(value_ns: int | None) -> Cell:
        asked = phase_of(check, Phase.TEST_REQUEST) is not None
        return Cell(format_duration(value_ns) if asked else "", _dim(value_ns))

    return [
        status_cell(check, glyphs),
        Cell(printable(plan.name, ascii_only=glyphs.ascii_only), "bold"),
        Cell(printable(version_of(plan), ascii_only=True)),
        Cell(printable(str(plan.address), ascii_only=glyphs.ascii_only)),
        Cell(plan.level.value if plan.level in _SHALLOW else "", "yellow"),
        took(Phase.TCP),
        took(Phase.TLS),
        took(Phase.LOGON),
        trip(trips.min_ns if trips else None),
        trip(trips.median_ns if trips else None),
        Cell(format_duration(orders.median_ns) if orders else ""),
    ]


def _dim(value: object) -> str:
    return "dim" if value is None else ""


def _why(check: CheckReport, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """One line under the row of a session that is not plainly well."""
    finding, note = primary(check), note_of(check)
    if finding is None and not note and is_good(check):
        return
    lead = f"  {glyphs.branch} "
    text = Text(lead, "dim", no_wrap=True)
    if note:
        text.append(f"{note}: " if finding else note, "cyan" if is_good(check) else "bold red")
    if finding is not None:
        style = "yellow" if finding.severity is Severity.WARNING else "red"
        text.append(f"{finding.layer.value}: ", "bold")
        text.append(printable(finding.summary, ascii_only=glyphs.ascii_only), style)
    text.truncate(width, overflow="crop")
    if text.cell_len == width:
        text.right_crop(len(glyphs.mark))
        text.append(glyphs.mark)
    yield text


def _indented(text: Text) -> Text:
    return Text("  ") + text


def failure_lines(
    fleet: FleetReport, width: int, glyphs: Glyphs, verbose: bool = False
) -> Iterator[Text]:
    """Yield a block for each session with a failure; ``verbose``: for those with warnings too."""
    for check in fleet.checks:
        finding = primary(check)
        if finding is None and is_good(check):
            continue
        if check.status in (Status.PASS, Status.WARN) and is_good(check) and not verbose:
            continue
        yield _block_title(check, width, glyphs)
        yield from _block(check, width, glyphs, verbose)
        yield Text("")


def _block_title(check: CheckReport, width: int, glyphs: Glyphs) -> Text:
    status = status_cell(check, glyphs)
    text = Text(glyphs.rule * 2 + " ", "dim")
    text.append(status.text, status.style)
    text.append("  " + printable(check.plan.name, ascii_only=glyphs.ascii_only), "bold")
    text.append(f"  {printable(str(check.plan.address), ascii_only=glyphs.ascii_only)} ", "dim")
    text.truncate(width, overflow="crop")
    text.append(glyphs.rule * max(width - text.cell_len, 0), "dim")
    return text


def _block(check: CheckReport, width: int, glyphs: Glyphs, verbose: bool) -> Iterator[Text]:
    note = note_of(check)
    dot = f" {glyphs.dot} "
    if note:
        yield from labelled("rehearsal", note, width, glyphs)
    for finding in check.findings:
        cause = dot.join((finding.cause, finding.layer.value, f"phase {finding.phase.value}"))
        yield from labelled("cause", cause, width, glyphs, style="bold")
        yield from labelled("what", finding.summary, width, glyphs)
        yield from labelled("next step", finding.next_step, width, glyphs, style="bold")
        if not verbose:
            yield from _evidence(finding.evidence, width, glyphs)
    if verbose:
        yield from _evidence(check.transcript, width, glyphs)
    about = dot.join(filter(None, (str(check.plan.session.id), check.plan.source)))
    yield from labelled("session", about, width, glyphs, style="dim")


def _evidence(records: tuple[Evidence, ...], width: int, glyphs: Glyphs) -> Iterator[Text]:
    styles = {">": "cyan", "<": "blue", "!": "red"}
    for index, record in enumerate(records):
        lead = "  " + ("evidence" if index == 0 else "").ljust(LABEL_WIDTH)
        visible = printable(record.text, ascii_only=glyphs.ascii_only)
        stamp = format_time_of_day(record.at_ns)
        room = max(width - len(lead) - len(stamp) - 3, 20)
        parts = fold(visible, room)
        if len(parts) > _EVIDENCE_LINES:
            parts = [*parts[: _EVIDENCE_LINES - 1], glyphs.mark]
        for number, part in enumerate(parts):
            row = Text(lead if number == 0 else " " * len(lead), "dim")
            row.append(f"{stamp if number == 0 else ' ' * len(stamp)} ", "dim")
            row.append(f"{record.glyph if number == 0 else ' '} ", styles.get(record.glyph, ""))
            row.append(part, styles.get(record.glyph, "not dim"))
            yield row


def _closing(fleet: FleetReport, width: int, glyphs: Glyphs) -> Iterator[Text]:
    counted = tally(fleet)
    noun = "session" if counted.total == 1 else "sessions"
    parts = [
        _counts(counted),
        Text(f"{counted.total} {noun} in {format_duration(fleet.duration_ns)}"),
    ]
    if counted.unexpected:
        parts.append(Text(f"{counted.unexpected} NOT found as expected", "bold red"))
    elif counted.sick_as_expected:
        parts.append(Text(f"{counted.sick_as_expected} sick as expected", "cyan"))
    dot = Text(f" {glyphs.dot} ", "dim")
    yield Text("")
    whole = dot.join(parts)
    yield from (whole,) if whole.cell_len <= width else parts
