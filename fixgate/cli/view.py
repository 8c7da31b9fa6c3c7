"""``fixgate view``: a FIX log for people."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from fixgate.dictionary import BUILT_IN, Dictionary, read_quickfix_xml
from fixgate.net.logfile import LogEntry, Unreadable, read_log
from fixgate.net.unpacked import open_unpacked
from fixgate.report.view import (
    Condition,
    Glossary,
    Ink,
    Viewer,
    find_tag,
    parse_where,
    type_condition,
)

__all__ = ["view"]

_COLOURS = {
    Ink.TIME: "bright_black",
    Ink.RECEIVED: "cyan",
    Ink.SENT: "green",
    Ink.TYPE: "bright_white",
    Ink.NAME: "blue",
    Ink.MEANING: "yellow",
    Ink.FLAW: "red",
}


def _paint(text: str, ink: Ink) -> str:
    return click.style(text, fg=_COLOURS[ink], bold=ink is Ink.TYPE)


@click.command()
@click.argument("log", type=click.Path(allow_dash=True))
@click.option(
    "--where", multiple=True, metavar="EXPR",
    help="Show messages that this holds for: 35=8, Symbol=ABC, 54=Buy, Side!=2, Text~refused, "
    "'Text present'; join with 'and' or repeat.",
)  # fmt: skip
@click.option(
    "--type", "types", multiple=True, metavar="T", help="Show this type: D, NewOrderSingle."
)
@click.option("--skip", default="", metavar="TAGS", help="Leave out these fields: 8,9,CheckSum.")
@click.option("--only", default="", metavar="TAGS", help="Show these fields only.")
@click.option(
    "--version", "version", type=click.Choice([n for n in BUILT_IN if n != "FIXT.1.1"]),
    help="Read by this version, whatever the messages say.",
)  # fmt: skip
@click.option(
    "--dictionary", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A QuickFIX XML dictionary for the names of a venue's own fields.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each message.")
@click.option("--color/--no-color", default=None, help="Colours; by default on a terminal.")
@click.option("--show-secrets", is_flag=True, help="Show passwords; on a terminal only.")
@click.pass_context
def view(
    ctx: click.Context, log: str, *, where: tuple[str, ...], types: tuple[str, ...], skip: str,
    only: str, version: str | None, dictionary: Path | None, as_json: bool, color: bool | None,
    show_secrets: bool,
) -> None:  # fmt: skip
    r"""Show a FIX log with names and enum texts, passwords masked.

    LOG is a file, plain or gzip, or - for standard input. Fields may be separated by SOH, |, ^A,
    ^, \x01 or <SOH>, with anything a logger writes round the messages.

    Exits 0 when anything could be read, 1 when nothing could.
    """
    if show_secrets and not sys.stdout.isatty():
        raise click.UsageError("--show-secrets is for a terminal, not for a file or a pipe")
    if color is not None:
        ctx.color = color
    extra = None if dictionary is None else read_quickfix_xml(dictionary)
    viewer = Viewer(
        Glossary(version, extra=extra),
        skip=_tags(skip, extra, "--skip"),
        only=_tags(only, extra, "--only"),
        show_secrets=show_secrets,
        paint=_paint,
    )
    conditions = _conditions(where, types, extra)
    try:
        read, shown = _show(log, viewer, conditions, as_json=as_json)
    except BrokenPipeError:
        # The reader, such as head, has seen enough; the flush at exit must not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    except OSError as error:
        raise click.UsageError(f"{log}: cannot be read: {error.strerror}") from error
    if not read:
        click.echo(f"{log}: no FIX message could be read", err=True)
        ctx.exit(1)
    if not shown:
        click.echo(f"{log}: none of {read} messages is like that", err=True)


def _show(
    log: str, viewer: Viewer, conditions: list[tuple[Condition, ...]], *, as_json: bool
) -> tuple[int, int]:
    """Print the messages that meet the conditions; return how many were read, and printed."""
    read = shown = 0
    with open_unpacked(log) as stream:
        for entry in read_log(stream):
            match entry:
                case Unreadable(line, reason):
                    click.echo(f"{log}:{line}: skipped: {reason}", err=True)
                case LogEntry():
                    read += 1
                    dictionaries = viewer.glossary.dictionaries(entry)
                    held = (any(c.holds(entry, dictionaries) for c in each) for each in conditions)
                    if all(held):
                        rendered = (
                            json.dumps(viewer.json(entry, dictionaries)) + "\n"
                            if as_json
                            else viewer.text(entry, dictionaries)
                        )
                        click.echo(rendered, nl=False)
                        shown += 1
    return read, shown


def _conditions(
    where: tuple[str, ...], types: tuple[str, ...], extra: Dictionary | None
) -> list[tuple[Condition, ...]]:
    """Return conditions of which each must hold by one of its alternatives."""
    try:
        found: list[tuple[Condition, ...]] = [
            (condition,) for text in where for condition in parse_where(text, extra=extra)
        ]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--where") from error
    try:
        alternatives = tuple(type_condition(text, extra=extra) for text in types)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--type") from error
    return [*found, alternatives] if alternatives else found


def _tags(text: str, extra: Dictionary | None, option: str) -> frozenset[int]:
    try:
        return frozenset(find_tag(name.strip(), extra=extra) for name in text.split(",") if name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error
