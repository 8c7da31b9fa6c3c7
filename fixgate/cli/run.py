"""``fixgate run``: play scenarios, in the virtual world or with somebody's engine."""

from __future__ import annotations

import asyncio
import io
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from fixgate import __version__
from fixgate.cli.chosen import chosen
from fixgate.cli.console import console_for
from fixgate.cli.driver import driver_of
from fixgate.cli.params import ADDRESS, DURATION
from fixgate.cli.reports import REPORT_FILE, STDOUT, make_ready, write_report
from fixgate.net.clock import Clock
from fixgate.net.loop import new_event_loop
from fixgate.net.settings import Address
from fixgate.report.files import write_atomically
from fixgate.report.runs.account import Report
from fixgate.report.runs.facts import RunFacts
from fixgate.report.runs.live import LiveRuns, PlainRuns
from fixgate.report.runs.tally import exit_code
from fixgate.scenario.archive import write_run
from fixgate.scenario.campaign import Campaign
from fixgate.scenario.live import Counterparty, play_live
from fixgate.scenario.model import Need, Scenario, Side
from fixgate.scenario.progress import Progress
from fixgate.scenario.runner import LIVE, VIRTUAL, Run, play_virtually

__all__ = ["run"]

_PATIENCE_NS = 60_000_000_000
_MAX_SEED = 2**32 - 1
_NEEDS = click.Choice([need.value for need in Need])


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


@dataclass(frozen=True, slots=True)
class _Live:
    """The engine under test, as options say; ``side`` ``None`` is the virtual world."""

    side: Side | None
    address: Address | None
    patience_ns: int
    reset: bool
    orders: bool
    driver: str | None
    lacks: tuple[str, ...]

    @property
    def world(self) -> str:
        """``virtual`` or ``live``."""
        return VIRTUAL if self.side is None else LIVE

    @property
    def capable(self) -> frozenset[Need]:
        """What scenarios may need."""
        lacking = {Need(word) for word in self.lacks}
        if self.side is not None:
            lacking.add(Need.TIME)
            if not self.orders:
                lacking.add(Need.ORDERS)
            if self.driver is None:
                lacking.add(Need.RESTART)
                if not sys.stdin.isatty():
                    lacking.add(Need.ASK)
        return frozenset(Need) - lacking


@click.command()
@click.argument("targets", nargs=-1, metavar="[SCENARIO...]")
@click.option("--live", is_flag=True, help="One side is your engine: say --listen or --venue.")
@click.option("--venue", type=ADDRESS, help="The venue under test.")
@click.option("--listen", type=ADDRESS, help="Where the client under test connects to.")
@click.option("--seed", type=click.IntRange(0, _MAX_SEED), help="Of everything left to chance.")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag.")
@click.option("--under-test", type=click.Choice([side.value for side in Side]))
@click.option("--shuffle", is_flag=True, help="In an order of the seed's.")
@click.option("--repeat", type=click.IntRange(1, 1_000_000), default=1, help="Play all so often.")
@click.option("--until-failure", is_flag=True, help="Stop after the first that fails.")
@click.option("--patience", type=DURATION, help="Live: how long people may take. [60s]")
@click.option("--reset", is_flag=True, help="Live: our client restarts the numbers at each Logon.")
@click.option("--orders", is_flag=True, help="Live: orders may be sent.")
@click.option("--driver", metavar="COMMAND", help="Live: makes the system under test act.")
@click.option("--without", "lacks", type=_NEEDS, multiple=True, help="What it is not capable of.")
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
    targets: tuple[str, ...],
    live: bool,
    venue: Address | None,
    listen: Address | None,
    seed: int | None,
    tags: tuple[str, ...],
    under_test: str | None,
    shuffle: bool,
    repeat: int,
    until_failure: bool,
    patience: int | None,
    reset: bool,
    orders: bool,
    driver: str | None,
    lacks: tuple[str, ...],
    json_file: str | None,
    html_file: str | None,
    junit_file: str | None,
    history: Path | None,
    plain: bool,
    no_color: bool,
    verbose: bool,
) -> None:
    """Play scenarios and judge them.

    SCENARIO is a file, a folder, or the name of one that comes with fixgate, such as
    heartbeats/test-request; without any, all that come with it are played. Behind a file,
    [ROW] and @client or @venue choose one of those that it makes.

    Both sides are simulated, in virtual time: the same seed gives the same history. With --live
    one side is your engine. As the venue, fixgate waits for your client at --listen; as the
    client, it connects to your venue at --venue. No order is sent there without --orders, and no
    sequence number is reset without --reset.

    COMMAND is run with "ask" or "restart" and what to do, in words, as its arguments; without
    one you are asked on the terminal.

    Exits 0 when all passed, 1 when one failed, 2 on wrong usage or files, 3 when something could
    not be determined.
    """
    output = _Output(json_file, html_file, junit_file, history, plain, not no_color, verbose)
    make_ready((json_file, html_file, junit_file))
    side, address = _side(live=live, venue=venue, listen=listen)
    patience_ns = _PATIENCE_NS if patience is None else patience
    against = _Live(side, address, patience_ns, reset, orders, driver, lacks)
    scenarios = chosen(targets, tags, Side(under_test) if under_test else side)
    seed = random.SystemRandom().randrange(_MAX_SEED + 1) if seed is None else seed
    campaign = Campaign(
        scenarios, seed, against.world, against.capable, shuffle, repeat, until_failure
    )
    ctx.exit(_run(campaign, against, output))


def _side(
    *, live: bool, venue: Address | None, listen: Address | None
) -> tuple[Side | None, Address | None]:
    """Return who is under test, and where; nobody in the virtual world.

    Raises:
        click.UsageError: The options do not fit together.
    """
    if venue is not None and listen is not None:
        raise click.UsageError("Either --venue or --listen: one side is under test.")
    if live and venue is None and listen is None:
        raise click.UsageError("--live needs --venue or --listen HOST:PORT.")
    if venue is not None:
        return Side.VENUE, venue
    return (None, None) if listen is None else (Side.CLIENT, listen)


def _run(campaign: Campaign, against: _Live, output: _Output) -> int:
    """Play, report, and return the exit code."""
    began_ns, started = time.time_ns(), time.monotonic_ns()
    runs: list[Run] = []
    clock = Clock()
    with (
        _shown(campaign, output, clock) as progress,
        asyncio.Runner(loop_factory=new_event_loop) as loop,
    ):
        play = _player(against, loop, clock, progress)
        try:
            for run in campaign.runs(play):
                runs.append(run)
                if output.history is not None:
                    _keep(run, output.history, len(runs))
        except KeyboardInterrupt:
            click.echo("interrupted: what was played until then is reported", err=True)
    facts = RunFacts(
        __version__, campaign.seed, campaign.world, began_ns, time.monotonic_ns() - started,
        options=_options(against), address=str(against.address or ""),
    )  # fmt: skip
    _deliver(Report.of(runs, facts), output)
    return exit_code(runs)


@contextmanager
def _shown(campaign: Campaign, output: _Output, clock: Clock) -> Iterator[Progress]:
    """Show on a terminal what is being played; elsewhere only what people are asked to do."""
    console = console_for(sys.stderr, plain=output.plain, color=output.color)
    total = len(campaign.scenarios) * campaign.repeat
    if console.is_terminal and not output.plain:
        with LiveRuns(total, console, clock.now_ns) as live:
            yield live
    else:
        yield PlainRuns(total, lambda line: click.echo(line, err=True))


def _player(
    against: _Live, loop: asyncio.Runner, clock: Clock, progress: Progress
) -> Callable[[Scenario, int], Run]:
    if against.side is None or against.address is None:
        return lambda scenario, seed: play_virtually(scenario, seed, progress)
    counterparty = Counterparty(
        against.side, against.address, reset=against.reset, driver=driver_of(against.driver)
    )
    return lambda scenario, seed: loop.run(
        play_live(
            scenario, seed, counterparty, clock,
            patience_ns=against.patience_ns, progress=progress,
        )
    )  # fmt: skip


def _options(against: _Live) -> tuple[str, ...]:
    """Return the words that repeat what concerns the system under test."""
    if against.side is None:
        return ()
    words = ["--venue" if against.side is Side.VENUE else "--listen", str(against.address)]
    words += ["--reset"] if against.reset else []
    words += ["--orders"] if against.orders else []
    words += ["--driver", against.driver] if against.driver is not None else []
    return tuple(words)


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
