"""``fixgate run``: play scenarios, in the virtual world or with somebody's engine."""

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
from typing import Any

import click

from fixgate import __version__
from fixgate.cli.chosen import chosen
from fixgate.cli.console import ConsoleHandler, console_for
from fixgate.cli.counterparty import Against, against, live_options
from fixgate.cli.reports import REPORT_FILE, STDOUT, make_ready, write_report
from fixgate.net.clock import Clock
from fixgate.net.loop import new_event_loop
from fixgate.report.files import write_atomically
from fixgate.report.runs.account import Report
from fixgate.report.runs.facts import RunFacts
from fixgate.report.runs.live import LiveRuns, PlainRuns
from fixgate.report.runs.tally import exit_code
from fixgate.scenario.archive import write_run
from fixgate.scenario.campaign import Campaign
from fixgate.scenario.live import play_live
from fixgate.scenario.model import Scenario, Side
from fixgate.scenario.progress import Progress
from fixgate.scenario.runner import LIVE, Run, play_virtually

__all__ = ["run"]

_MAX_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class _Output:
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


@click.command()
@click.argument("targets", nargs=-1, metavar="[SCENARIO...]")
@live_options
@click.option("--seed", type=click.IntRange(0, _MAX_SEED), help="Of everything left to chance.")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag.")
@click.option("--under-test", type=click.Choice([side.value for side in Side]))
@click.option("--shuffle", is_flag=True, help="In an order of the seed's.")
@click.option("--repeat", type=click.IntRange(1, 1_000_000), default=1, help="Play all so often.")
@click.option("--until-failure", is_flag=True, help="Stop after the first that fails.")
@click.option("--json", "json_file", type=REPORT_FILE, metavar="FILE", help="Write JSON.")
@click.option("--html", "html_file", type=REPORT_FILE, metavar="FILE", help="Write a web page.")
@click.option("--junit", "junit_file", type=REPORT_FILE, metavar="FILE", help="Write JUnit XML.")
@click.option(
    "--history",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Keep what happened, a file a run, to judge again.",
)
@click.option("--plain", is_flag=True, help="No live display, no colours.")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.option("-v", "--verbose", is_flag=True, help="Every step and message, of all runs.")
@click.pass_context
def run(
    ctx: click.Context,
    /,
    targets: tuple[str, ...],
    seed: int | None,
    tags: tuple[str, ...],
    under_test: str | None,
    shuffle: bool,
    repeat: int,
    until_failure: bool,
    json_file: str | None,
    html_file: str | None,
    junit_file: str | None,
    history: Path | None,
    plain: bool,
    no_color: bool,
    verbose: bool,
    **options: Any,  # noqa: ANN401 - those of `live_options`, typed where they are taken
) -> None:
    """Play scenarios and judge them.

    SCENARIO is a file, a folder, or the name of one that comes with fixgate, such as
    heartbeats/test-request; without any, all that come with it are played. Behind a file,
    [ROW] and @client or @venue choose one of those that it makes.

    Both sides are simulated, in virtual time: the same seed gives the same history. With --venue,
    --listen or --session one side is your engine: as the client, fixgate connects to your venue,
    or to that of a session file; as the venue, it waits for your client. No order is sent there
    unless --orders or the session file allows it, and no sequence number is reset without --reset.

    COMMAND is run with "ask" or "restart" and what to do, in words, as its arguments; without
    one you are asked on the terminal.

    Exits 0 when all passed, 1 when one failed, 2 on wrong usage or files, 3 when something could
    not be determined.
    """
    output = _Output(json_file, html_file, junit_file, history, plain, not no_color, verbose)
    make_ready((json_file, html_file, junit_file))
    whom = against(**options)
    side = whom.counterparty.side if whom.counterparty is not None else None
    scenarios = chosen(targets, tags, Side(under_test) if under_test else side, whom.identity)
    campaign = Campaign(
        scenarios,
        random.SystemRandom().randrange(_MAX_SEED + 1) if seed is None else seed,
        seed_given=seed is not None,
        world=whom.world,
        capable=whom.capable,
        shuffle=shuffle,
        repeat=repeat,
        until_failure=until_failure,
    )
    ctx.exit(_run(campaign, whom, output))


def _run(campaign: Campaign, whom: Against, output: _Output) -> int:
    """Play, report, and return the exit code."""
    began_ns, started = time.time_ns(), time.monotonic_ns()
    runs: list[Run] = []
    clock = Clock()
    with (
        _shown(campaign, output, clock) as progress,
        asyncio.Runner(loop_factory=new_event_loop) as loop,
    ):
        play = _player(whom, loop, clock, progress)
        try:
            for run in campaign.runs(play):
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
        options=whom.words, address=address,
    )  # fmt: skip
    _deliver(Report.of(runs, facts), output)
    return exit_code(runs)


@contextmanager
def _shown(campaign: Campaign, output: _Output, clock: Clock) -> Iterator[Progress]:
    """Show on a terminal what is being played; elsewhere only what people are asked to do."""
    console = console_for(sys.stderr, plain=output.plain, color=output.color)
    # In the virtual world everything that an engine logs is on purpose, and in the history.
    live = campaign.world == LIVE
    level = logging.ERROR if not live else logging.INFO if output.verbose else logging.WARNING
    logging.basicConfig(handlers=[ConsoleHandler(console)], level=level)
    total = len(campaign.scenarios) * campaign.repeat
    if console.is_terminal and not output.plain:
        with LiveRuns(total, console, clock.now_ns) as shown:
            yield shown
    else:
        yield PlainRuns(total, lambda line: click.echo(line, err=True))


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
    name = re.sub(r"[^\w@-]+", "-", run.scenario.id)
    file = folder / f"{number:04d}-{name}.jsonl"
    text = io.StringIO()
    write_run(
        text, run.scenario, run.history, seed=run.seed, patience_ns=run.patience_ns, world=run.world
    )
    try:
        write_atomically(file, text.getvalue())
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from error


def _deliver(report: Report, output: _Output) -> None:
    if not output.stdout_is_taken:
        from fixgate.report.runs.terminal import render_terminal

        console = console_for(sys.stdout, plain=output.plain, color=output.color)
        render_terminal(report, console, verbose=output.verbose)
    if output.json is not None:
        from fixgate.report.runs.json import render_json

        write_report(output.json, render_json(report))
    if output.html is not None:
        from fixgate.report.runs.html import render_html

        write_report(output.html, render_html(report))
    if output.junit is not None:
        from fixgate.report.runs.junit import render_junit

        write_report(output.junit, render_junit(report))
