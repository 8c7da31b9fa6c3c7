"""``fixgate certify``: play a pack of cases, and hand over what came of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from fixgate.certify import NothingChosenError, Pack, only, strictly
from fixgate.cli.console import console_for
from fixgate.cli.counterparty import Against, against, live_options
from fixgate.cli.judging import judged_from
from fixgate.cli.playing import Output, output_options, output_to, play, some_seed
from fixgate.cli.reports import write_report
from fixgate.config.packs import LIST, load_pack
from fixgate.config.shipped import shipped_folder
from fixgate.report.certificate.rows import Certificate, certificate_of
from fixgate.report.runs.facts import RunFacts
from fixgate.report.runs.tally import exit_code
from fixgate.scenario.campaign import Campaign
from fixgate.scenario.model import Side
from fixgate.scenario.runner import LIVE, Run

__all__ = ["certify"]

_DEFAULT_VERSION = "FIX.4.4"
_SIDES = click.Choice([side.value for side in Side])


@click.command()
@click.argument("pack", metavar="PACK")
@live_options
@click.option("--only", "patterns", metavar="CASES", help="Only these, such as 2b,10.*")
@click.option("--under-test", type=_SIDES, help="Only cases of this side.")
@click.option("--strict", is_flag=True, help="A SHOULD that is not met is a failure.")
@click.option("--list", "listing", is_flag=True, help="Show the cases, and play none.")
@click.option(
    "--judge",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Play nothing: judge again what --history has kept.",
)
@output_options
@click.pass_context
def certify(
    ctx: click.Context,
    /,
    pack: str,
    patterns: str | None,
    under_test: str | None,
    strict: bool,
    listing: bool,
    judge: Path | None,
    seed: int | None,
    **options: Any,  # noqa: ANN401 - typed where `output_to` and `against` take them
) -> None:
    """Rehearse a certification: play a pack of cases and grade each.

    PACK is a folder with a pack.yaml, or the name of one that comes with fixgate: iso3531, the
    test cases of the FIX session layer.

    Both sides are simulated, in every version of the pack, unless --venue, --listen or --session
    says where your engine is; then the cases of its side are played in one version, FIX.4.4 or
    that of --version. What your engine must be made to do, such as to log out, is done by the
    --driver, or by you on the terminal. No order is sent to it without --orders.

    Exits 0 when all cases that could be played passed, 1 when one failed, 2 on wrong usage or
    files, 3 when something could not be determined.
    """
    output = output_to(options)
    version: str | None = options["version"]
    whom = against(**options)
    chosen = _chosen(pack, whom, version, patterns, under_test)
    if listing:
        _list(chosen)
        return
    command = ("fixgate", "certify", pack)
    if judge is not None:
        runs, facts = judged_from(judge, chosen.scenarios, command, by_id=True)
    else:
        campaign = Campaign(
            chosen.scenarios, some_seed(seed), seed_given=seed is not None, world=whom.world,
            capable=whom.capable,
        )  # fmt: skip
        runs, facts = play(campaign, whom, output, command, by_id=True)
    ctx.exit(_deliver(chosen, runs, facts, output, strict=strict))


def _chosen(
    word: str, whom: Against, version: str | None, patterns: str | None, under_test: str | None
) -> Pack:
    """Return what of a pack is to be played.

    Raises:
        click.UsageError: There is no such pack, or no such case.
        ConfigError: Every mistake in the pack.
    """
    said = version or (whom.identity.version.value if whom.identity.version else None)
    if said is None and whom.world == LIVE:
        said = _DEFAULT_VERSION
    pack = load_pack(_folder(word), identity=whom.identity, versions=(said,) if said else None)
    side = Side(under_test) if under_test else None
    if whom.counterparty is not None:
        if side not in (None, whom.counterparty.side):
            raise click.UsageError(f"The {whom.counterparty.side.value} is under test, not both.")
        side = whom.counterparty.side
    wanted = tuple(filter(None, (each.strip() for each in (patterns or "").split(","))))
    try:
        left = only(pack, wanted, side)
    except NothingChosenError as error:
        hint = f"; {error.hint}" if error.hint else ""
        text = f"--only: no case fits {error.pattern!r}{hint}. --list shows all."
        raise click.UsageError(text) from error
    if not left.cases:
        raise click.UsageError("No case is left of those that were chosen.")
    return left


def _folder(word: str) -> Path:
    shipped = shipped_folder("scenarios") / "packs"
    for folder in (Path(word), shipped / word):
        if (folder / LIST).is_file():
            return folder
    there = ", ".join(sorted(each.parent.name for each in shipped.glob(f"*/{LIST}")))
    raise click.UsageError(f"There is no pack {word!r}, no folder with a {LIST}; shipped: {there}.")


def _list(pack: Pack) -> None:
    """Print the cases: address, sides, requirement, versions, title."""
    click.echo(f"{pack.title}\n{pack.description}\n")
    for case in pack.cases:
        if case.not_testable:
            click.echo(f"{case.id:6} {'not testable':16} {case.title}")
        names: dict[tuple[str, str], list[str]] = {}
        for scenario in case.scenarios:
            version, _, name = scenario.id.partition("/")
            label = f"{scenario.under_test.value:6} {scenario.requirement.value}"
            names.setdefault((label, f"{name.partition('@')[0]}: {scenario.title}"), []).append(
                version
            )
        for (label, title), versions in names.items():
            all_of_them = len(versions) == len(pack.versions)
            where = "" if all_of_them else f" ({', '.join(versions)})"
            click.echo(f"{case.id:6} {label:16} {title}{where}")


def _deliver(
    pack: Pack, runs: Sequence[Run], facts: RunFacts, output: Output, *, strict: bool
) -> int:
    """Report, and return the exit code."""
    judged = [strictly(run) for run in runs] if strict else list(runs)
    certificate = certificate_of(pack, judged, facts, strict=strict)
    if not output.stdout_is_taken:
        from fixgate.report.certificate.terminal import render_terminal

        console = console_for(sys.stdout, plain=output.plain, color=output.color)
        render_terminal(certificate, console, verbose=output.verbose)
    _write(certificate, output)
    return exit_code(judged)


def _write(certificate: Certificate, output: Output) -> None:
    if output.json is not None:
        from fixgate.report.certificate.json import render_json

        write_report(output.json, render_json(certificate))
    if output.html is not None:
        from fixgate.report.certificate.html import render_html

        write_report(output.html, render_html(certificate))
    if output.junit is not None:
        from fixgate.report.runs.junit import render_junit

        untested = [(f"{row.case} {row.title}", row.why) for row in certificate.untested]
        write_report(output.junit, render_junit(certificate.report, untested))
