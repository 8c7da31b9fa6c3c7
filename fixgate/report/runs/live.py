"""What shows while scenarios are played: the step, the time left, and what a person is asked."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap

from rich.console import Console, ConsoleOptions, RenderResult
from rich.spinner import Spinner
from rich.text import Text

from fixgate.report.layout import Glyphs
from fixgate.report.redrawn import Redrawn
from fixgate.report.runs.terminal import STYLES
from fixgate.report.runs.timeline import format_offset
from fixgate.report.text import printable, shorten
from fixgate.scenario.model import Scenario
from fixgate.scenario.records import Asked, StepBegan, StepEnded
from fixgate.scenario.verdict import Result, Verdict

__all__ = ["LiveRuns", "PlainRuns"]

_FRAMES_PER_SECOND = 12
_WIDEST = 140
_SECOND_NS = 1_000_000_000
_SHOWN_FROM_NS = 500_000_000
"""A wait that is over sooner needs no countdown."""


class LiveRuns(Redrawn):
    """A `fixgate.scenario.progress.Progress` that redraws itself on a terminal.

    On anything but a terminal it draws nothing; then `PlainRuns` asks the questions.

    Args:
        total: Runs in all.
        console: Where to draw; best on stderr, so that stdout holds results only.
        now_ns: Returns the instant of the world's clock, to count down to the end of waits.
    """

    def __init__(self, total: int, console: Console, now_ns: Callable[[], int]) -> None:
        self._total = total
        self._now_ns = now_ns
        self._glyphs = Glyphs.for_encoding(console.encoding)
        self._spinner = Spinner(self._glyphs.spinner)
        self._results: list[Result] = []
        self._scenario: Scenario | None = None
        self._steps: dict[int, str] = {}
        self._until_ns: int | None = None
        self._question = ""
        self._asked_in = 0
        super().__init__(console, _FRAMES_PER_SECOND, draws=console.is_terminal)

    def scenario_began(self, scenario: Scenario) -> None:
        """Show it."""
        self._scenario = scenario
        self._forget()

    def step_began(self, step: StepBegan) -> None:
        """Show the step, those that go on beside it too."""
        self._steps[step.number] = step.text

    def waiting(self, until_ns: int | None) -> None:
        """Count down to that instant."""
        self._until_ns = until_ns

    def asked(self, asked: Asked) -> None:
        """Show the question until the step after it is over: so long the answer is awaited."""
        self._question = asked.text
        self._asked_in = max(self._steps, default=0)

    def step_ended(self, step: StepEnded) -> None:
        """Show it no longer."""
        self._steps.pop(step.number, None)
        if step.number > self._asked_in:
            self._question = ""

    def scenario_ended(self, scenario: Scenario, verdict: Verdict) -> None:
        """Count its verdict."""
        self._results.append(verdict.result)
        self._scenario = None
        self._forget()

    def _forget(self) -> None:
        self._steps.clear()
        self._until_ns, self._question, self._asked_in = None, "", 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, _WIDEST)
        yield self._summary(console.get_time(), width)
        if self._scenario is None:
            return
        if steps := dict(self._steps):  # a copy: this is drawn in a thread of its own
            # Of steps inside of steps, and of those side by side, the newest tells the most.
            yield self._step(*max(steps.items()), width)
        if self._question:
            yield from self._asks(width)

    def _summary(self, time_s: float, width: int) -> Text:
        frame = self._spinner.render(time_s)
        sign = frame.plain if isinstance(frame, Text) else self._glyphs.waiting
        text = Text(f"{sign} {len(self._results)} of {self._total} played", "bold", no_wrap=True)
        for result in Result:
            if count := self._results.count(result):
                text.append(f"   {count} {result.value}", STYLES[result])
        if self._scenario is not None:
            text.append(f"   {self._plain(self._scenario.id)}", "cyan")
        text.truncate(width, overflow="crop")
        return text

    def _step(self, number: int, step: str, width: int) -> Text:
        left = self._left()
        lead = f"  step {number}: "
        room = max(width - len(lead) - len(left) - 2, 10)
        text = Text(lead, "dim", no_wrap=True)
        text.append(shorten(self._plain(step), room, mark=self._glyphs.mark), "not dim")
        return text.append(f"  {left}" if left else "", "cyan")

    def _left(self) -> str:
        if self._until_ns is None:
            return ""
        left_ns = self._until_ns - self._now_ns()
        if left_ns < _SHOWN_FROM_NS:
            return ""
        seconds = -(-left_ns // _SECOND_NS)
        shown = f"{seconds} s" if seconds < 60 else _clock(seconds)
        return f"{shown} left"

    def _asks(self, width: int) -> list[Text]:
        lines = wrap(f"please: {self._plain(self._question)}", max(width - 4, 10))
        return [
            Text(f"  {'>' if index == 0 else ' '} {part}", "bold yellow", no_wrap=True)
            for index, part in enumerate(lines)
        ]

    def _plain(self, text: str) -> str:
        return printable(text, ascii_only=self._glyphs.ascii_only)


def _clock(seconds: int) -> str:
    return format_offset(seconds * _SECOND_NS).partition(".")[0]


class PlainRuns:
    """A `fixgate.scenario.progress.Progress` for logs: questions, and verdicts if wanted.

    Args:
        total: Runs in all.
        write: Takes one line without its end.
        verdicts: Write a line for each verdict; else only what a person is asked.
    """

    def __init__(self, total: int, write: Callable[[str], None], *, verdicts: bool = False) -> None:
        self._total = total
        self._ended = 0
        self._write = write
        self._verdicts = verdicts

    def scenario_began(self, scenario: Scenario) -> None:
        """Do nothing: only results are worth a line in a log."""

    def step_began(self, step: StepBegan) -> None:
        """Do nothing: only results are worth a line in a log."""

    def waiting(self, until_ns: int | None) -> None:
        """Do nothing: only results are worth a line in a log."""

    def asked(self, asked: Asked) -> None:
        """Write the question: without an answer the run goes nowhere."""
        self._write(f"> please: {printable(asked.text, ascii_only=True)}")

    def step_ended(self, step: StepEnded) -> None:
        """Do nothing: only results are worth a line in a log."""

    def scenario_ended(self, scenario: Scenario, verdict: Verdict) -> None:
        """Write the verdict, if wanted."""
        self._ended += 1
        if self._verdicts:
            name = printable(scenario.id, ascii_only=True)
            self._write(f"[{self._ended}/{self._total}] {verdict.result.value} {name}")
