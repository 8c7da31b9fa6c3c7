"""``fixgate run``: play scenarios, in the virtual world or with somebody's engine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from fixgate.cli.chosen import chosen
from fixgate.cli.console import console_for
from fixgate.cli.counterparty import against, live_options
from fixgate.cli.judging import judged_from
from fixgate.cli.playing import Output, output_options, output_to, play, some_seed
from fixgate.cli.reports import write_report
from fixgate.report.runs.account import Report
from fixgate.report.runs.tally import exit_code
from fixgate.scenario.campaign import Campaign
from fixgate.scenario.model import Side

__all__ = ["run"]


@click.command()
@click.argument("targets", nargs=-1, metavar="[SCENARIO...]")
@live_options
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag.")
@click.option("--under-test", type=click.Choice([side.value for side in Side]))
@click.option("--shuffle", is_flag=True, help="In an order of the seed's.")
@click.option("--repeat", type=click.IntRange(1, 1_000_000), default=1, help="Play all so often.")
@click.option("--until-failure", is_flag=True, help="Stop after the first that fails.")
@click.option(
    "--judge",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Play nothing: judge again what --history has kept, with the same options.",
)
@output_options
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
    judge: Path | None,
    **options: Any,  # noqa: ANN401 - typed where `output_to` and `against` take them
) -> None:
    """Play scenarios and judge them.

    SCENARIO is a file, a folder, or the name of one that comes with fixgate, such as
    heartbeats/test-request; without any, all of these are played. Behind a file,
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
    output = output_to(options)
    whom = against(**options)
    side = whom.counterparty.side if whom.counterparty is not None else None
    scenarios = chosen(targets, tags, Side(under_test) if under_test else side, whom.identity)
    if judge is not None:
        runs, facts = judged_from(judge, scenarios)
    else:
        campaign = Campaign(
            scenarios,
            some_seed(seed),
            seed_given=seed is not None,
            world=whom.world,
            capable=whom.capable,
            shuffle=shuffle,
            repeat=repeat,
            until_failure=until_failure,
        )
        runs, facts = play(campaign, whom, output)
    _deliver(Report.of(runs, facts), output)
    ctx.exit(exit_code(runs))


def _deliver(report: Report, output: Output) -> None:
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
