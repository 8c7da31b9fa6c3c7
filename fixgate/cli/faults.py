"""``fixgate faults``: what can go wrong on purpose."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

import click

from fixgate.cli.console import console_for
from fixgate.faults import CATALOGUE, FaultSpec, Group
from fixgate.report.faults import catalogue_json, fault_example, fault_json, fault_parameters

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["faults"]


@click.group()
def faults() -> None:
    """List and explain what scenarios can let go wrong."""


@faults.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def list_faults(ctx: click.Context, *, as_json: bool) -> None:
    """List every fault, by chapters."""
    if as_json:
        click.echo(json.dumps(catalogue_json(CATALOGUE.values()), indent=2))
        return
    console = _console(ctx)
    from rich.table import Table

    width = max(map(len, CATALOGUE))
    for group in Group:
        console.print(group.value, style="bold")
        table = Table.grid(padding=(0, 2))
        table.add_column(style="cyan", min_width=width + 2, no_wrap=True)
        table.add_column()
        for spec in CATALOGUE.values():
            if spec.group is group:
                table.add_row(f"  {spec.name}", spec.summary)
        console.print(table)
        console.print()
    console.print("fixgate faults explain NAME tells more of one.")


@faults.command("explain")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def explain(ctx: click.Context, name: str, *, as_json: bool) -> None:
    """Say what one fault does, what can be said of it, and how a scenario has it."""
    spec = CATALOGUE.get(name.replace("-", "_"))
    if spec is None:
        near = difflib.get_close_matches(name, CATALOGUE, 1)
        hint = f"Did you mean '{near[0]}'?" if near else "'fixgate faults list' has them."
        raise click.BadParameter(f"there is no fault '{name}'. {hint}", param_hint="NAME")
    if as_json:
        click.echo(json.dumps(fault_json(spec), indent=2))
        return
    _explain(_console(ctx), spec)


def _explain(console: Console, spec: FaultSpec) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console.print(Text.assemble((spec.name, "bold cyan"), f"  {spec.summary}"))
    console.print()
    console.print(Padding(spec.story, (0, 2), expand=False))
    console.print(Padding(f"On the wire: {spec.wire}", (1, 2), expand=False))
    parameters = fault_parameters(spec)
    if parameters:
        table = Table("parameter", "accepted", "default", "", box=None, padding=(0, 2))
        for row in parameters:
            table.add_row(*row)
        console.print(table)
        console.print()
    console.print(Padding(fault_example(spec), (0, 2), expand=False), style="green")


def _console(ctx: click.Context) -> Console:
    import sys

    return console_for(sys.stdout, plain=False, color=ctx.color is not False)
