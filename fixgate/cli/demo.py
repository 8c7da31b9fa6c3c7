"""``fixgate demo``: an exchange and a fleet, five of it sick on purpose, on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import click

__all__ = ["demo"]


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="demo-output",
    show_default=True,
    help="Where certificates, stores and reports go; an earlier demonstration is replaced.",
)
@click.pass_context
def demo(ctx: click.Context, folder: Path) -> None:
    """Start a simulated exchange, check a fleet against it, and write the reports.

    Five of the seventeen sessions are sick on purpose. Exits 0 when exactly those are found
    sick, each for the right reason; 1 when anything else is found.
    """
    from fixgate.cli.check import check
    from fixgate.config import shipped_folder
    from fixgate.demo import exchange, set_stage
    from fixgate.net.clock import Clock

    set_stage(folder, shipped_folder("scenarios") / "demo", Clock().now_ns())
    html, json = folder / "report.html", folder / "report.json"
    code = 0
    with exchange(folder) as ports:
        os.environ.update(ports)
        try:
            ctx.invoke(
                check,
                targets=(str(folder / "fleet.yaml"),),
                html_file=str(html),
                json_file=str(json),
            )
        except click.exceptions.Exit as ended:
            code = ended.exit_code
    click.echo(f"HTML report: {html}\nJSON report: {json}")
    if code:
        click.echo("the demonstration did not find what it was meant to find", err=True)
    ctx.exit(code)
