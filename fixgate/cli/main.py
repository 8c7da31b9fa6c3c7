"""The ``fixgate`` command: a table of subcommands, each imported when it is asked for.

Exit codes: 0 all good, 1 a check or case failed, 2 usage or configuration, 3 could not determine.
"""

from __future__ import annotations

import difflib
import importlib
import os
from typing import IO, Any, NamedTuple

import click

from fixgate import __version__
from fixgate.errors import (
    ArchiveError,
    ConfigError,
    DictionaryError,
    EngineUnavailable,
    FixgateError,
    RecordingError,
    SnapshotError,
)

__all__ = ["EXIT_CONFIG", "EXIT_FAILED", "EXIT_OK", "EXIT_UNKNOWN", "main"]

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_CONFIG = 2
EXIT_UNKNOWN = 3


class _Entry(NamedTuple):
    target: str
    help: str


# Importing every subcommand would take longer than most of them need to run.
_COMMANDS = {
    "serve": _Entry("fixgate.cli.serve:serve", "Run a simulated exchange."),
    "check": _Entry("fixgate.cli.check:check", "Check the health of FIX sessions, all at once."),
    "latency": _Entry("fixgate.cli.latency:latency", "Measure how long a venue takes."),
    "watch": _Entry("fixgate.cli.watch:watch", "Keep sessions up, and say what becomes of them."),
    "run": _Entry("fixgate.cli.run:run", "Play scenarios: failure on demand, judged."),
    "scenario": _Entry("fixgate.cli.scenario:scenario", "Check, list, explain, write scenarios."),
    "certify": _Entry(
        "fixgate.cli.certify:certify", "Rehearse a certification: play a pack of cases, graded."
    ),
    "view": _Entry("fixgate.cli.view:view", "Show a FIX log with names and enum texts."),
    "host": _Entry("fixgate.cli.host:host", "Say what this machine costs you, and compare it."),
    "store": _Entry("fixgate.cli.store:store", "Show, verify, export and mend message stores."),
    "faults": _Entry("fixgate.cli.faults:faults", "List and explain what can go wrong on purpose."),
    "config": _Entry("fixgate.cli.config:config", "Check, explain and write configuration files."),
    "demo": _Entry("fixgate.cli.demo:demo", "Check a fleet with sick sessions, on this machine."),
}


_UNUSABLE = (ArchiveError, DictionaryError, EngineUnavailable, RecordingError, SnapshotError)


class _Mistaken(click.ClickException):
    """The user's files are wrong: every mistake, as it is."""

    exit_code = EXIT_CONFIG

    def __init__(self, error: ConfigError) -> None:
        count = len(error.mistakes)
        super().__init__(f"{error}\n{count} mistakes" if count > 1 else str(error))

    def show(self, file: IO[Any] | None = None) -> None:
        """Print on stderr, without a prefix: each mistake begins with its place."""
        click.echo(self.message, file=file, err=True)


class _Unusable(click.ClickException):
    """A file that the user named cannot be used, or something optional is not installed."""

    exit_code = EXIT_CONFIG


class _Undetermined(click.ClickException):
    """What was asked for could not be done."""

    exit_code = EXIT_UNKNOWN


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = _COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, name = entry.target.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command), entry.target
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        near = difflib.get_close_matches(args[0], _COMMANDS, 1) if args else []
        if near and args[0] not in _COMMANDS:
            raise click.UsageError(f"No such command '{args[0]}'. Did you mean '{near[0]}'?", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            raise _Mistaken(error) from error
        except _UNUSABLE as error:
            raise _Unusable(str(error)) from error
        except FixgateError as error:
            raise _Undetermined(str(error)) from error


@click.group(
    cls=_LazyGroup,
    context_settings={"auto_envvar_prefix": "FIXGATE", "help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="fixgate")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Simulate a FIX order-entry gateway, and check the health of FIX sessions.

    Results go to stdout, messages to stderr. Exit codes: 0 all good, 1 a check failed, 2 usage or
    configuration, 3 could not determine.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False
