"""The command ``fixgate``; each subcommand is loaded when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from fixgate import __version__

__all__ = ["main"]

_COMMANDS = {
    "serve": ("fixgate.cli.serve", "Run a simulated exchange until it is stopped."),
}
"""Module of each subcommand, and what ``fixgate --help`` says of it.

`fixgate --help` has 0.3 s; importing every command would take longer than that.
"""


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(_COMMANDS[cmd_name][0]), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{cmd_name} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_LazyGroup)
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """FIX order-entry gateway simulator and session health checker."""
