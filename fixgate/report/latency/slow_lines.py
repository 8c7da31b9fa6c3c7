"""The slowest samples on a terminal: where the time of each went, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from rich.text import Text

from fixgate.latency.model import Figure, LatencyReport, SlowSample
from fixgate.report.block import labelled
from fixgate.report.latency.figures import (
    LETTERS,
    format_latency,
    short,
    took,
)
from fixgate.report.latency.incidents import Incident, incidents, primary_of
from fixgate.report.latency.stack import cells_of
from fixgate.report.layout import Cell, Column, Glyphs, fit, line
from fixgate.report.text import format_time_of_day, printable
from fixgate.triage.model import Confidence, Layer, StampSource

__all__ = ["slow_lines"]

_COLOURS = {
    Layer.HOST: "yellow",
    Layer.STACK: "cyan",
    Layer.PATH: "blue",
    Layer.TLS: "bright_cyan",
    Layer.GATEWAY: "green",
    Layer.MATCHING: "red",
    Layer.PEER_READING: "magenta",
    Layer.UNATTRIBUTED: "white",
}
_COLUMNS = (
    Column("at"),
    Column("exchange", rank=2),
    Column("session", least=9, rank=1),
    Column("wire", right=True),
    Column("app", right=True),
    Column("response", rank=5, right=True),
    Column("lost in", least=24),
    Column("marks", least=12, rank=4),
)
_BAR, _NARROW_BAR = 28, 16
_WIDE_ENOUGH = 100
_SUMMARY_LINES = 3


def slow_lines(
    report: LatencyReport, width: int, glyphs: Glyphs, *, limit: int, verbose: bool
) -> Iterator[Text]:
    """Yield the slowest samples, the tally of their layers, and what to do first.

    Args:
        report: What was found.
        width: Cells of a line.
        glyphs: What the terminal can show.
        limit: How many are shown.
        verbose: Show the evidence of each.
    """
    shown = incidents(report, limit)
    if not shown:
        return
    yield Text("")
    yield _title(report, shown)
    rows = [_row(each.slow, glyphs, report.precision_ns) for each in shown]
    widths = fit(_COLUMNS, rows, width - 2)
    titles = [Cell(column.title, "dim") for column in _COLUMNS]
    yield Text("  ") + line(_COLUMNS, titles, widths, mark=glyphs.mark)
    for each, row in zip(shown, rows, strict=True):
        yield Text("  ") + line(_COLUMNS, row, widths, mark=glyphs.mark)
        yield from _why(each, width, glyphs)
        for label, value in each.slow.verdict.evidence if verbose else ():
            yield from labelled("", f"{label}: {value}", width, glyphs, style="dim")
    yield Text("")
    yield from _tally(report, [each.slow for each in shown], width)
    first = primary_of(report)
    if first is not None and first.next_step:
        yield from labelled("next step", first.next_step, width, glyphs, style="bold not dim")


def _title(report: LatencyReport, shown: Sequence[Incident]) -> Text:
    title = Text.assemble(("slowest", "bold"))
    told = sum(1 + each.meanwhile for each in shown)
    if (whole := len(report.slow)) > told:
        title.append(f"  {told} of the {whole} that are kept whole", "dim")
    return title


def _row(slow: SlowSample, glyphs: Glyphs, precision_ns: int) -> list[Cell]:
    """When, which exchange, how long by each figure, and whose time it was."""
    sample, verdict = slow.sample, slow.verdict
    at_ns = sample.app_sent_ns if sample.due_ns is None else sample.due_ns
    layer = "nothing unusual" if verdict.usual else verdict.layer.value
    if verdict.confidence is not Confidence.NONE:
        layer += f" ({verdict.confidence.value})"

    def cell(figure: Figure, style: str = "") -> Cell:
        value_ns = took(sample, figure)
        return Cell("" if value_ns is None else format_latency(value_ns, precision_ns), style)

    return [
        Cell(format_time_of_day(at_ns, digits=3), "dim"),
        Cell(short(sample.kind)),
        Cell(printable(sample.session, ascii_only=glyphs.ascii_only), "bold"),
        cell(Figure.WIRE, "bold"),
        Cell("") if sample.source is StampSource.CAPTURE else cell(Figure.APP, "blue"),
        cell(Figure.RESPONSE, "magenta"),
        Cell(layer, f"bold {_COLOURS[verdict.layer]}"),
        Cell(", ".join(sorted(mark.value for mark in sample.marks)), "yellow"),
    ]


def _why(incident: Incident, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """The bar of its parts, and beside it what triage says."""
    bar = _BAR if width >= _WIDE_ENOUGH else _NARROW_BAR
    slow = incident.slow
    cells = cells_of(slow.parts, bar)
    summary = printable(slow.verdict.summary, ascii_only=glyphs.ascii_only)
    if incident.meanwhile:
        summary += f" And {incident.meanwhile} more at the same time."
    folded = wrap(summary, max(width - bar - 6, 20), break_on_hyphens=False) or [""]
    if len(folded) > _SUMMARY_LINES:
        folded = [*folded[: _SUMMARY_LINES - 1], glyphs.mark]
    for index, part in enumerate(folded):
        text = Text("    ", no_wrap=True)
        for layer in cells if index == 0 else ():
            text.append(LETTERS[layer], f"black on {_COLOURS[layer]}")
        yield text + Text(" " * (4 + bar + 2 - text.cell_len) + part)


def _tally(report: LatencyReport, shown: Sequence[SlowSample], width: int) -> Iterator[Text]:
    """Yield each layer with the number of slow samples that it is blamed for, most first.

    It is the bars' legend, too: whatever has a part in one is there.
    """
    blamed = dict(report.layers)
    in_bars = {part.layer for slow in shown for part in slow.parts if part.duration_ns > 0}
    text = Text("  ", no_wrap=True)
    for layer in sorted(Layer, key=lambda each: -blamed.get(each, 0)):
        count = blamed.get(layer, 0)
        if layer not in in_bars and not count:
            continue
        one = Text.assemble(
            (LETTERS[layer], f"black on {_COLOURS[layer]}"),
            (f" {layer.value} {count}   ", "bold" if count else "dim"),
        )
        if text.cell_len + one.cell_len > width:
            yield text
            text = Text("  ", no_wrap=True)
        text.append_text(one)
    yield text
