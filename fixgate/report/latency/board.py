"""A measurement while it runs: a row for each session, with its figures so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.spinner import Spinner
from rich.text import Text

from fixgate.latency.progress import Stage, Tick
from fixgate.report.latency.figures import format_count, format_latency
from fixgate.report.layout import Cell, Column, Glyphs, fit, line
from fixgate.report.redrawn import Redrawn
from fixgate.report.text import format_duration, printable

__all__ = ["LatencyBoard", "PlainLatency"]

_COLUMNS = (
    Column(""),
    Column("session", least=9),
    Column("", rank=5),
    Column("sent", right=True, rank=3),
    Column("answered", right=True),
    Column("p50", right=True, rank=1),
    Column("max", right=True),
    Column("errors", right=True, rank=2),
    Column("elapsed", right=True, rank=4),
    Column("", least=10, rank=6),
)
_STYLES = {
    Stage.WAITING: "dim",
    Stage.CONNECTING: "cyan",
    Stage.MEASURING: "cyan",
    Stage.ENDING: "cyan",
    Stage.DONE: "bold green",
    Stage.FAILED: "bold red",
}
_FRAMES_PER_SECOND = 4
"""The board is drawn by a thread of the process that measures: each frame may hold it up."""

_LINES_BESIDE_ROWS = 4
_WIDEST = 140
_BAR = 16


class LatencyBoard(Redrawn):
    """Redraws itself on a terminal.

    Args:
        sessions: The names of all of them.
        console: Where to draw; best on stderr, so that stdout holds results only.
    """

    def __init__(self, sessions: Iterable[str], console: Console) -> None:
        self._ticks = {name: Tick(name, Stage.WAITING) for name in sessions}
        self._glyphs = Glyphs.for_encoding(console.encoding)
        self._spinner = Spinner(self._glyphs.spinner)
        super().__init__(console, _FRAMES_PER_SECOND)

    def update(self, ticks: Sequence[Tick]) -> None:
        """Show how far sessions are, from the next frame on."""
        self._ticks.update((tick.session, tick) for tick in ticks)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        ticks = list(self._ticks.values())
        shown = _most_telling(ticks, max(options.size.height - _LINES_BESIDE_ROWS, 1))
        rows = [self._row(tick, console.get_time()) for tick in shown]
        widths = fit(_COLUMNS, rows, min(options.max_width, _WIDEST))
        yield self._summary(ticks)
        titles = [Cell(column.title, "dim") for column in _COLUMNS]
        yield line(_COLUMNS, titles, widths, mark=self._glyphs.mark)
        for row in rows:
            yield line(_COLUMNS, row, widths, mark=self._glyphs.mark)
        if hidden := len(ticks) - len(shown):
            yield Text(f"and {hidden} more", "dim")

    def _summary(self, ticks: list[Tick]) -> Text:
        stages = [tick.stage for tick in ticks]
        answered = sum(tick.answered for tick in ticks)
        text = Text.assemble((f"{format_count(answered)} answered", "bold"))
        for stage in (Stage.MEASURING, Stage.DONE, Stage.FAILED):
            if count := stages.count(stage):
                text.append(f"   {count} {stage.value}", _STYLES[stage])
        return text

    def _row(self, tick: Tick, time_s: float) -> list[Cell]:
        ascii_only, style = self._glyphs.ascii_only, _STYLES[tick.stage]
        measured = tick.max_ns > 0
        return [
            Cell(f"{self._sign(tick.stage, time_s)} {tick.stage.value}", style),
            Cell(printable(tick.session, ascii_only=ascii_only), "bold"),
            Cell(self._bar(tick), "cyan"),
            Cell(format_count(tick.sent) if tick.sent else ""),
            Cell(format_count(tick.answered) if tick.sent else ""),
            Cell(format_latency(tick.median_ns) if measured else ""),
            Cell(format_latency(tick.max_ns) if measured else "", "bold"),
            Cell(format_count(tick.errors) if tick.errors else "", "bold red"),
            Cell(f"{tick.elapsed_ns / 1e9:.0f} s" if tick.elapsed_ns else "", "dim"),
            Cell(printable(tick.note, ascii_only=ascii_only), "red" if style == "bold red" else ""),
        ]

    def _sign(self, stage: Stage, time_s: float) -> str:
        match stage:
            case Stage.WAITING:
                return self._glyphs.waiting
            case Stage.DONE:
                return self._glyphs.good
            case Stage.FAILED:
                return self._glyphs.bad
        frame = self._spinner.render(time_s)
        return frame.plain if isinstance(frame, Text) else self._glyphs.waiting

    def _bar(self, tick: Tick) -> str:
        """Draw how much of it is done; empty where nobody knows."""
        share = _share(tick)
        if share is None or tick.stage not in (Stage.MEASURING, Stage.ENDING, Stage.DONE):
            return ""
        full = round(_BAR * share)
        done, left = ("#", ".") if self._glyphs.ascii_only else ("━", "╌")
        return done * full + left * (_BAR - full)


def _share(tick: Tick) -> float | None:
    if tick.asked:
        return min(tick.sent / tick.asked, 1.0)
    if tick.duration_ns:
        return min(tick.elapsed_ns / tick.duration_ns, 1.0)
    return None


def _most_telling(ticks: list[Tick], room: int) -> list[Tick]:
    """Return at most ``room`` of them, in order, those that failed or run before the others."""
    if len(ticks) <= room:
        return ticks
    order = (
        Stage.FAILED, Stage.MEASURING, Stage.CONNECTING, Stage.ENDING, Stage.WAITING, Stage.DONE,
    )  # fmt: skip
    chosen = sorted(ticks, key=lambda tick: (order.index(tick.stage), -tick.max_ns))
    kept = {tick.session for tick in chosen[: max(room - 1, 1)]}
    return [tick for tick in ticks if tick.session in kept]


class PlainLatency:
    """Writes a line when a session begins to be measured, and when it ends.

    Args:
        write: Takes one line without its end.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._stages: dict[str, Stage] = {}

    def update(self, ticks: Sequence[Tick]) -> None:
        """Write a line for each session whose stage is another, and worth one."""
        for tick in ticks:
            self._update(tick)

    def _update(self, tick: Tick) -> None:
        if self._stages.get(tick.session) is tick.stage:
            return
        self._stages[tick.session] = tick.stage
        if tick.stage not in (Stage.MEASURING, Stage.DONE, Stage.FAILED):
            return
        parts = [printable(tick.session, ascii_only=True), tick.stage.value]
        if tick.stage is not Stage.MEASURING and tick.sent:
            parts.append(f"{tick.answered} of {tick.sent} answered")
        if tick.stage is not Stage.MEASURING and tick.max_ns:
            parts.append(f"p50 {format_latency(tick.median_ns)}")
            parts.append(f"max {format_latency(tick.max_ns)}")
        if tick.errors:
            parts.append(f"{tick.errors} errors")
        if tick.elapsed_ns and tick.stage is Stage.DONE:
            parts.append(format_duration(tick.elapsed_ns))
        if tick.note:
            parts.append(printable(tick.note, ascii_only=True))
        self._write(", ".join(parts))
