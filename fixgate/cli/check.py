"""``fixgate check``: check sessions, all at once, and say who can trade."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from fixgate import __version__
from fixgate.cli.console import ConsoleHandler, console_for
from fixgate.cli.engine import engine_option, session_layer
from fixgate.cli.params import DURATION
from fixgate.cli.reports import REPORT_FILE, STDOUT, make_ready, write_report
from fixgate.cli.targets import Direct, address_options, adjusted, plans_of
from fixgate.errors import ConfigError, EngineUnavailable
from fixgate.health.model import CheckPlan, FleetReport, Level

if TYPE_CHECKING:
    from fixgate.health.progress import Progress
    from fixgate.host.account import Account

__all__ = ["check"]

_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class _Output:
    """Where the results go; each of the files may be ``-``."""

    json: str | None
    html: str | None
    junit: str | None
    nagios: bool
    plain: bool
    color: bool
    verbose: bool

    @property
    def stdout_is_taken(self) -> bool:
        """Whether a report, not the board, is what stdout holds."""
        return self.nagios or STDOUT in (self.json, self.html, self.junit)


class _CheckCommand(click.Command):
    """Tells a monitoring system of wrong usage in its own terms: UNKNOWN, exit status 3."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if "--nagios" not in given:
                raise
            _nagios_unknown(error.format_message())


@click.command(cls=_CheckCommand)
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--level", type=click.Choice([level.value for level in Level]), help="How deep.")
@click.option("--deadline", type=DURATION, help="For each session, such as 8s.")
@click.option("--json", "json_file", type=REPORT_FILE, metavar="FILE", help="Write JSON.")
@click.option("--html", "html_file", type=REPORT_FILE, metavar="FILE", help="Write a web page.")
@click.option("--junit", "junit_file", type=REPORT_FILE, metavar="FILE", help="Write JUnit XML.")
@click.option("--nagios", is_flag=True, help="One line and exit status for Nagios and its kin.")
@address_options
@click.option("--ignore-schedule", is_flag=True, help="Check sessions that are closed, too.")
@engine_option
@click.option("--concurrency", type=click.IntRange(1, 10_000), help="Sessions at once.")
@click.option("--plain", is_flag=True, help="No live display, no colours.")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.option("-v", "--verbose", is_flag=True, help="Warnings and whole transcripts, too.")
@click.pass_context
def check(
    ctx: click.Context,
    targets: tuple[str, ...],
    level: str | None,
    deadline: int | None,
    json_file: str | None,
    html_file: str | None,
    junit_file: str | None,
    nagios: bool,
    sender: str | None,
    target: str | None,
    begin_string: str,
    application_version: str | None,
    username: str | None,
    password_file: Path | None,
    tls: bool,
    ca: Path | None,
    ignore_schedule: bool,
    engine: str,
    concurrency: int | None,
    plain: bool,
    no_color: bool,
    verbose: bool,
) -> None:
    """Check the health of FIX sessions, all at once.

    TARGET is a session file, a folder of them, or HOST:PORT (then --sender and --target say who
    we are; without them the check ends with TCP and TLS).

    With --engine quickfix the sessions are QuickFIX's, and the judgement is the same: a second
    opinion.

    Nothing is ordered and no line is cut unless the file allows it, and sequence numbers are never
    reset unless the file says so. FILE may be - for standard output.

    A session that is closed by its schedule is left out: CLOSED, which is no failure.

    Exits 0 when all is well, 1 when a session failed, 2 on wrong usage or configuration, 3 when
    something could not be determined.
    """
    output = _Output(json_file, html_file, junit_file, nagios, plain, not no_color, verbose)
    try:
        make_ready((json_file, html_file, junit_file), others_on_stdout=int(nagios))
        direct = Direct(
            sender, target, begin_string, application_version, username, password_file, tls, ca
        )
        plans = [_adjusted(plan, level, engine) for plan in plans_of(targets, direct, engine)]
        plans = adjusted(plans, deadline_ns=deadline, at_any_time=ignore_schedule)
    except (ConfigError, click.UsageError) as error:
        if nagios:
            told = error.format_message() if isinstance(error, click.UsageError) else str(error)
            _nagios_unknown(told)
        raise
    try:
        fleet = _run(plans, output, concurrency, engine)
    except EngineUnavailable as error:
        if nagios:
            _nagios_unknown(str(error))
        raise click.UsageError(str(error)) from error
    ctx.exit(_deliver(fleet, output))


# What to check.


def _adjusted(plan: CheckPlan, level: str | None, engine: str) -> CheckPlan:
    if level is None:
        return plan
    wanted = Level(level)
    if wanted not in (Level.TCP, Level.TLS) and not plan.session.id.ours:
        raise click.UsageError(f"{plan.name}: --level {level} needs --sender and --target.")
    if wanted is Level.TLS and plan.tls is None:
        raise click.UsageError(f"{plan.name}: --level tls needs TLS: --tls, or tls in the file.")
    if wanted is Level.PERSISTENCE and plan.persistence is None:
        wanted = Level.SESSION if plan.order is None else Level.ORDER
        _not_allowed(plan, "the line may not be cut", wanted)
    elif wanted is Level.ORDER and plan.order is None:
        wanted = Level.SESSION
        _not_allowed(plan, "no orders allowed", wanted)
    return replace(plan, level=wanted)


def _not_allowed(plan: CheckPlan, why: str, instead: Level) -> None:
    place = f"{plan.source}: " if plan.source else ""
    click.echo(f"warning: {place}{plan.name}: {why}, checked to level {instead.value}", err=True)


# The run.


def _run(
    plans: list[CheckPlan], output: _Output, concurrency: int | None, engine: str
) -> FleetReport:
    import asyncio
    import time

    from fixgate.net.loop import new_event_loop
    from fixgate.report.live import LiveBoard, PlainProgress

    console = console_for(sys.stderr, plain=output.plain, color=output.color)
    level = logging.INFO if output.verbose else logging.ERROR
    logging.basicConfig(handlers=[ConsoleHandler(console)], level=level)
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            if console.is_terminal and not (output.plain or output.nagios):
                with LiveBoard(plans, console, time.monotonic_ns) as board:
                    return runner.run(_checked(plans, board, concurrency, engine))
            quiet = not output.verbose or output.nagios
            write = (lambda _: None) if quiet else (lambda line: click.echo(line, err=True))
            progress = PlainProgress(len(plans), write)
            return runner.run(_checked(plans, progress, concurrency, engine))
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo(
            "interrupted: live sessions were sent a Logout, test orders a cancel",
            err=True,
        )
        raise SystemExit(_INTERRUPTED) from None


async def _checked(
    plans: list[CheckPlan], progress: Progress, concurrency: int | None, engine: str
) -> FleetReport:
    import asyncio
    import socket

    from fixgate.cli.signals import stop_at_signals
    from fixgate.health.accounted import accounted
    from fixgate.health.fleet import CONCURRENCY, QUICKFIX_CONCURRENCY, run_fleet
    from fixgate.net.clock import Clock

    task = asyncio.current_task()
    if task is not None:
        stop_at_signals(task.cancel)
    async with session_layer(plans, engine) as layer:

        async def run(_: Account) -> FleetReport:
            return await run_fleet(
                plans,
                clock=Clock(),
                host=socket.gethostname(),
                version=__version__,
                progress=progress,
                concurrency=concurrency or (CONCURRENCY if layer is None else QUICKFIX_CONCURRENCY),
                engine=layer,
            )

        fleet, account = await accounted(plans, run)
        return replace(fleet, host_account=account)


# The results.


def _deliver(fleet: FleetReport, output: _Output) -> int:
    from fixgate.report.html import render_html
    from fixgate.report.json import render_json
    from fixgate.report.junit import render_junit
    from fixgate.report.nagios import nagios_exit_code, render_nagios
    from fixgate.report.terminal import print_board
    from fixgate.report.verdict import exit_code

    if not output.stdout_is_taken:
        console = console_for(sys.stdout, plain=output.plain, color=output.color)
        print_board(fleet, console, verbose=output.verbose)
    for file, render in (
        (output.json, render_json),
        (output.html, render_html),
        (output.junit, render_junit),
    ):
        if file is not None:
            write_report(file, render(fleet))
    if output.nagios:
        click.echo(render_nagios(fleet))
        return nagios_exit_code(fleet)
    return exit_code(fleet)


def _nagios_unknown(reason: str) -> NoReturn:
    from fixgate.report.nagios import render_nagios_unknown

    click.echo(render_nagios_unknown(reason))
    raise SystemExit(3)
