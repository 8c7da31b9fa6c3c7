"""What commands share that play scenarios: where results go, the seed, the playing itself."""

from __future__ import annotations

import asyncio
import io
import logging
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from fixgate import __version__
from fixgate.cli.console import ConsoleHandler, console_for
from fixgate.cli.counterparty import Against
from fixgate.cli.reports import REPORT_FILE, STDOUT, make_ready
from fixgate.net.clock import Clock
from fixgate.net.loop import new_event_loop
from fixgate.report.files import write_atomically
from fixgate.report.runs.facts import RunFacts
from fixgate.report.runs.live import LiveRuns, PlainRuns
from fixgate.scenario.archive import write_run
from fixgate.scenario.campaign import Campaign
from fixgate.scenario.live import play_live
from fixgate.scenario.model import Scenario, Side
from fixgate.scenario.progress import NoProgress, Progress
from fixgate.scenario.runner import LIVE, Run, play_virtually

__all__ = ["Output", "output_options", "output_to", "play", "some_seed"]

_MAX_SEED = 2**32 - 1

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--seed", type=click.IntRange(0, _MAX_SEED), help="Of everything left to chance."),
    click.option("--json", "json_file", type=REPORT_FILE, metavar="FILE", help="Write JSON."),
    click.option("--html", "html_file", type=REPORT_FILE, metavar="FILE", help="Write a web page."),
    click.option("--junit", "junit_file", type=REPORT_FILE, metavar="FILE",
                 help="Write JUnit XML."),
    click.option(
        "--history", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
        help="Keep what happened, a file a run, to judge again.",
    ),
    click.option("--plain", is_flag=True, help="No live display, no colours."),
    click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same."),
    click.option("-v", "--verbose", is_flag=True, help="Every step and message, of all runs."),
)  # fmt: skip


def output_options(command: _Command) -> _Command:
    """Give a command ``--seed``, and the options that `output_to` takes out of ``**options``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Output:
    """Where results go; each of the files may be ``-``."""

    json: str | None
    html: str | None
    junit: str | None
    history: Path | None
    plain: bool
    color: bool
    verbose: bool

    @property
    def stdout_is_taken(self) -> bool:
        """Whether a report, not the board, is what stdout holds."""
        return STDOUT in (self.json, self.html, self.junit)


def output_to(options: dict[str, Any]) -> Output:
    """Take what `output_options` gave out of a command's options, and look whether it can be.

    Raises:
        click.UsageError: It cannot.
    """
    json, html, junit = (options.pop(f"{name}_file") for name in ("json", "html", "junit"))
    make_ready((json, html, junit))
    history, plain = options.pop("history"), options.pop("plain")
    color, verbose = not options.pop("no_color"), options.pop("verbose")
    return Output(json, html, junit, history, plain, color, verbose)


def some_seed(given: int | None) -> int:
    """Return the seed that was given, or one by chance."""
    return random.SystemRandom().randrange(_MAX_SEED + 1) if given is None else given


def play(
    campaign: Campaign,
    whom: Against,
    output: Output,
    command: tuple[str, ...] = ("fixgate", "run"),
    *,
    by_id: bool = False,
) -> tuple[list[Run], RunFacts]:
    """Play a campaign; return what was played until its end, or until an interrupt.

    Args:
        campaign: What.
        whom: Who is under test.
        output: Where progress is shown, and where histories go.
        command: The words that repeat a run.
        by_id: Whether they are followed by ``--only ID``, not by a file.
    """
    began_ns, started = time.time_ns(), time.monotonic_ns()
    runs: list[Run] = []
    clock = Clock()
    _say_where(campaign, whom)
    with (
        _shown(campaign, output, clock) as progress,
        asyncio.Runner(loop_factory=new_event_loop) as loop,
    ):
        player = _player(whom, loop, clock, progress)
        try:
            for run in campaign.runs(player):
                runs.append(run)
                if output.history is not None:
                    _keep(run, output.history, len(runs))
        except KeyboardInterrupt:
            click.echo("interrupted: what was played until then is reported", err=True)
        finally:
            if whom.counterparty is not None and whom.counterparty.on_disk is not None:
                whom.counterparty.on_disk.end()
    address = str(whom.counterparty.address) if whom.counterparty is not None else ""
    facts = RunFacts(
        __version__, campaign.seed, campaign.world, began_ns, time.monotonic_ns() - started,
        command=command, options=whom.words, address=address, by_id=by_id,
    )  # fmt: skip
    return runs, facts


def _say_where(campaign: Campaign, whom: Against) -> None:
    """Say where a client under test is awaited, and as whom, before anybody waits for it."""
    counterparty = whom.counterparty
    if counterparty is None or counterparty.side is not Side.CLIENT:
        return
    sessions = (each.session for story in campaign.scenarios for each in story.actors)
    session = next((each.id for each in sessions if each is not None), None)
    if session is not None:
        who = f"{session.begin_string}, {session.ours} to {session.theirs}"
        click.echo(f"your client is awaited at {counterparty.address}: {who}", err=True)


@contextmanager
def _shown(campaign: Campaign, output: Output, clock: Clock) -> Iterator[Progress]:
    """Show on a terminal what is being played; elsewhere only what people are asked to do."""
    console = console_for(sys.stderr, plain=output.plain, color=output.color)
    # In the virtual world everything that an engine logs is on purpose, and in the history.
    live = campaign.world == LIVE
    level = logging.ERROR if not live else logging.INFO if output.verbose else logging.WARNING
    logging.basicConfig(handlers=[ConsoleHandler(console)], level=level)
    total = len(campaign.scenarios) * campaign.repeat
    if not live and not console.is_terminal:
        yield NoProgress()  # nobody watches, and nobody is asked to do anything
    elif console.is_terminal and not output.plain:
        with LiveRuns(total, console, clock.now_ns) as shown:
            yield shown
    else:
        # A run that is cut short must have said something.
        yield PlainRuns(total, lambda line: click.echo(line, err=True), verdicts=live)


def _player(
    whom: Against, loop: asyncio.Runner, clock: Clock, progress: Progress
) -> Callable[[Scenario, int], Run]:
    counterparty = whom.counterparty
    if counterparty is None:
        return lambda scenario, seed: play_virtually(scenario, seed, progress)
    return lambda scenario, seed: loop.run(
        play_live(
            scenario, seed, counterparty, clock,
            patience_ns=whom.patience_ns, progress=progress,
        )
    )  # fmt: skip


def _keep(run: Run, folder: Path, number: int) -> None:
    """Write what happened in a run.

    Raises:
        click.UsageError: It cannot be written.
    """
    name = re.sub(r"[^\w@.-]+", "-", run.scenario.id)
    file = folder / f"{number:04d}-{name}.jsonl"
    text = io.StringIO()
    write_run(
        text, run.scenario, run.history, seed=run.seed, patience_ns=run.patience_ns, world=run.world
    )
    try:
        write_atomically(file, text.getvalue())
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from error
