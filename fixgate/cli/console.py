"""Consoles to draw on, and log lines that do no harm there."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["ConsoleHandler", "console_for"]

_PIPE_WIDTH = 120


def console_for(stream: TextIO, *, plain: bool, color: bool) -> Console:
    """Return a console that draws on standard output or standard error.

    Args:
        stream: One of the two.
        plain: No colours, nothing live.
        color: Whether colours are wanted where the terminal has them.
    """
    from rich.console import Console

    piped = not stream.isatty() and "COLUMNS" not in os.environ
    return Console(
        stderr=stream is sys.stderr,
        no_color=True if plain or not color else None,
        color_system=None if plain else "auto",
        highlight=False,
        markup=False,
        emoji=False,
        width=_PIPE_WIDTH if piped else None,
    )


class ConsoleHandler(logging.Handler):
    """Writes log lines above what is drawn live, nothing in them a terminal could act upon."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        from rich.text import Text

        from fixgate.report.text import printable

        for line in self.format(record).split("\n"):
            self._console.print(Text(printable(line)), soft_wrap=True)
