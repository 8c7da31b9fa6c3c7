"""What becomes of sessions that are kept up: a line for each change, and a board of all of them.

The lines in JSON are described in docs/watching.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from textwrap import wrap

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from fixgate.health.model import CheckPlan
from fixgate.health.standing import Standing, State
from fixgate.report.layout import Cell, Column, Glyphs, fit, line
from fixgate.report.text import format_instant, format_time_of_day, printable, shorten
from fixgate.report.verdict import version_of

__all__ = ["SCHEMA_VERSION", "WatchBoard", "change_line", "render_change"]

SCHEMA_VERSION = 1

_STYLES = {
    State.CONNECTING: "cyan",
    State.UP: "bold green",
    State.WAITING: "bold yellow",
    State.CLOSED: "blue",
    State.STOPPED: "bold red",
    State.ENDED: "dim",
}
_STATE_WIDTH = max(len(state.value) for state in State)
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_SECOND_NS = 1_000_000_000

_COLUMNS = (
    Column(""),
    Column("session", least=12),
    Column("version", rank=3),
    Column("address", least=14, rank=2),
    Column("for", right=True),
    Column("next try", right=True),
    Column("why", least=10, rank=1),
)
_FRAMES_PER_SECOND = 4
_LINES_BESIDE_ROWS = 4
_WIDEST = 150


def render_change(standing: Standing) -> str:
    """Return a change as one line of JSON in plain ASCII, without its end."""
    next_ns = standing.next_ns
    return json.dumps(
        {
            "schema": "fixgate-watch",
            "schema_version": SCHEMA_VERSION,
            "at": format_instant(standing.at_ns),
            "at_ns": standing.at_ns,
            "session": printable(standing.plan.name),
            "group": printable(standing.plan.group),
            "state": standing.state.value,
            "reason": standing.reason,
            "cause": standing.cause,
            "text": printable(standing.text),
            "next_step": printable(standing.next_step),
            "next": None if next_ns is None else format_instant(next_ns),
            "next_ns": next_ns,
            "tries": standing.tries,
            "next_out": standing.next_out,
            "next_in": standing.next_in,
            "in_order": standing.in_order,
        }
    )


def change_line(standing: Standing, name_width: int) -> str:
    """Return a change as a line of a log, without its end.

    Args:
        standing: Where the session stands now.
        name_width: Of the longest name, so that the columns stand below each other.
    """
    name = printable(standing.plan.name, ascii_only=True).ljust(name_width)
    state = standing.state.value.ljust(_STATE_WIDTH)
    words = " ".join(_words(standing))
    at = format_instant(standing.at_ns, digits=3)
    return f"{at}  {name}  {state}  {printable(words, ascii_only=True)}".rstrip()


def _words(standing: Standing) -> Iterator[str]:
    if standing.reason not in ("", standing.state.value):
        yield f"{standing.reason}:"
    if standing.text:
        yield standing.text
    if standing.next_ns is not None:
        yield f"Next try {format_instant(standing.next_ns, digits=0)}."
    if standing.state is State.STOPPED:
        yield f"Not tried again. {standing.next_step}"


def _sign(state: State, glyphs: Glyphs) -> str:
    return {
        State.CONNECTING: glyphs.waiting,
        State.UP: glyphs.good,
        State.WAITING: glyphs.warned,
        State.CLOSED: glyphs.closed,
        State.STOPPED: glyphs.bad,
        State.ENDED: glyphs.waiting,
    }[state]


class WatchBoard:
    """Every session with its state, redrawn at the foot of a terminal.

    Args:
        plans: All of them.
        console: Where to draw.
        now_ns: The process's clock: nanoseconds since the epoch, UTC.
    """

    def __init__(
        self, plans: Iterable[CheckPlan], console: Console, now_ns: Callable[[], int]
    ) -> None:
        self._now_ns = now_ns
        self._standings = {p.name: Standing(p, now_ns(), State.CONNECTING) for p in plans}
        self._since_ns = {name: standing.at_ns for name, standing in self._standings.items()}
        self._told: dict[str, tuple[str, str]] = {}
        self._name_width = max((cell_len(name) for name in self._standings), default=0)
        self._glyphs = Glyphs.for_encoding(console.encoding)
        self._spinner = Spinner(self._glyphs.spinner)
        self.live = Live(
            self,
            console=console,
            refresh_per_second=_FRAMES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        """Shows the board for as long as it is entered."""

    def take(self, standing: Standing, width: int) -> Iterator[Text]:
        """Take a change, and yield the lines that tell of it above the board.

        Where it is told for the first time in a row, with what has happened and what to do.

        Args:
            standing: Where the session stands now.
            width: Cells available.
        """
        name, state = standing.plan.name, standing.state
        # Trying and waiting are one: down, since it was last anything else.
        if _kind(state) is not _kind(self._standings[name].state):
            self._since_ns[name] = standing.at_ns
        self._standings[name] = standing
        yield self._headline(standing, width)
        told = (standing.reason, standing.text)
        explain = state in (State.UP, State.WAITING, State.STOPPED) and standing.reason
        if explain and told != self._told.get(name):
            yield from self._explanation(standing, width)
        if state is not State.CONNECTING:
            self._told[name] = told

    def _headline(self, standing: Standing, width: int) -> Text:
        state, glyphs = standing.state, self._glyphs
        room = min(self._name_width, max(width // 4, 12))
        name = printable(standing.plan.name, ascii_only=glyphs.ascii_only)
        name = shorten(name, room, mark=glyphs.mark)
        text = Text(no_wrap=True, overflow="crop")
        text.append(f"{format_time_of_day(standing.at_ns, digits=0)}  ", "dim")
        text.append(f"{_sign(state, glyphs)} {state.value:{_STATE_WIDTH + 2}}", _STYLES[state])
        text.append(f"{name}{' ' * (room - cell_len(name) + 2)}", "bold")
        reason = "" if standing.reason == state.value else standing.reason
        text.append(", ".join(part for part in (reason, _when(standing)) if part))
        if state in (State.UP, State.ENDED) and not reason:
            text.append(printable(standing.text, ascii_only=glyphs.ascii_only))
        text.truncate(width)
        return text

    def _explanation(self, standing: Standing, width: int) -> Iterator[Text]:
        lead = f"{' ' * 10}{self._glyphs.branch} "
        for sentence, style in ((standing.text, "not dim"), (standing.next_step, "italic")):
            visible = printable(sentence, ascii_only=self._glyphs.ascii_only)
            for part in wrap(visible, max(width - len(lead), 20), break_on_hyphens=False):
                yield Text.assemble((lead, "dim"), (part, style), no_wrap=True)
                lead = " " * len(lead)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        standings = list(self._standings.values())
        shown = _most_telling(standings, max(options.size.height - _LINES_BESIDE_ROWS, 1))
        rows = [self._cells(standing, console.get_time()) for standing in shown]
        width = min(options.max_width, _WIDEST)
        widths = fit(_COLUMNS, rows, width)
        yield Text(self._glyphs.rule * width, "dim")
        yield _summary(standings)
        yield line(_COLUMNS, [Cell(c.title, "dim") for c in _COLUMNS], widths, mark="")
        for row in rows:
            yield line(_COLUMNS, row, widths, mark=self._glyphs.mark)
        if hidden := len(standings) - len(shown):
            yield Text(f"and {hidden} more", "dim")

    def _cells(self, standing: Standing, time_s: float) -> list[Cell]:
        plan, state, now_ns = standing.plan, standing.state, self._now_ns()
        ascii_only = self._glyphs.ascii_only
        sign = _sign(state, self._glyphs)
        if state is State.CONNECTING:
            frame = self._spinner.render(time_s)
            sign = frame.plain if isinstance(frame, Text) else sign
        left_ns = None if standing.next_ns is None else max(standing.next_ns - now_ns, 0)
        return [
            Cell(f"{sign} {state.value}", _STYLES[state]),
            Cell(printable(plan.name, ascii_only=ascii_only), "bold"),
            Cell(printable(version_of(plan), ascii_only=True), "dim"),
            Cell(printable(str(plan.address), ascii_only=ascii_only), "dim"),
            Cell(_span(now_ns - self._since_ns[plan.name])),
            Cell("" if left_ns is None else f"in {_span(left_ns)}"),
            Cell(standing.cause, "" if standing.in_order else _STYLES[state]),
        ]


def _when(standing: Standing) -> str:
    """Return when the next try is, with its day where that is another one."""
    if standing.next_ns is None:
        return ""
    now, then = (format_instant(at, digits=0) for at in (standing.at_ns, standing.next_ns))
    time = then[11:-1] if then[:10] == now[:10] else f"{then[:10]} {then[11:-1]}"
    return f"opens {time}" if standing.state is State.CLOSED else f"next try {time}"


def _kind(state: State) -> State:
    return State.WAITING if state is State.CONNECTING else state


def _summary(standings: list[Standing]) -> Text:
    states = [_kind(standing.state) for standing in standings]
    text = Text(f"{len(states)} session{'' if len(states) == 1 else 's'}", "bold")
    for state in (State.UP, State.CLOSED, State.WAITING, State.STOPPED, State.ENDED):
        if count := states.count(state):
            text.append(f"   {count} {'down' if state is State.WAITING else state.value}",
                        _STYLES[state])  # fmt: skip
    return text


def _span(span_ns: int) -> str:
    """Return a time as people count it: ``42 s``, ``7 m 03 s``, ``2 h 07 m``, ``3 d 04 h``."""
    seconds = max(span_ns, 0) // _SECOND_NS
    if seconds < _MINUTE_S:
        return f"{seconds} s"
    if seconds < _HOUR_S:
        return f"{seconds // _MINUTE_S} m {seconds % _MINUTE_S:02d} s"
    if seconds < _DAY_S:
        return f"{seconds // _HOUR_S} h {seconds % _HOUR_S // _MINUTE_S:02d} m"
    return f"{seconds // _DAY_S} d {seconds % _DAY_S // _HOUR_S:02d} h"


def _most_telling(standings: list[Standing], room: int) -> list[Standing]:
    """Return at most ``room`` of them, in order, those longest that are not as they should be."""
    if len(standings) <= room:
        return standings
    by_need = sorted(standings, key=lambda standing: standing.in_order)
    kept = {standing.plan.name for standing in by_need[: max(room - 1, 1)]}
    return [standing for standing in standings if standing.plan.name in kept]
