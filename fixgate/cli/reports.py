"""Options of commands that write reports, and the writing of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

__all__ = ["REPORT_FILE", "STDOUT", "make_ready", "write_report"]

STDOUT = "-"

REPORT_FILE = click.Path(dir_okay=False, allow_dash=True)
"""A file for a report; ``-`` is standard output."""


def make_ready(files: Iterable[str | None], *, others_on_stdout: int = 0) -> None:
    """Find out before the work whether all reports can be written.

    Args:
        files: As given; ``None`` where none was asked for.
        others_on_stdout: How much else goes to standard output instead of the board.

    Raises:
        click.UsageError: One cannot, or there are two for standard output.
    """
    wanted = [file for file in files if file is not None]
    if wanted.count(STDOUT) + others_on_stdout > 1:
        raise click.UsageError("Only one report can go to standard output.")
    for file in wanted:
        if file != STDOUT:
            _prepare(file)


def _prepare(file: str) -> None:
    from fixgate.report.files import prepare

    try:
        prepare(Path(file))
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from error


def write_report(file: str, text: str) -> None:
    """Write a report.

    Raises:
        click.UsageError: It cannot be written.
    """
    from fixgate.report.files import write_atomically

    if file == STDOUT:
        click.echo(text, nl=False)
        return
    try:
        write_atomically(Path(file), text)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from error
    click.echo(f"wrote {file}", err=True)
