"""Log lines as they go to a terminal or a file."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from types import TracebackType

from fixgate.report.text import printable
from fixgate.wire.mask import Blotter

__all__ = ["PrintableFormatter"]

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PrintableFormatter(logging.Formatter):
    """Leaves nothing in a line that a terminal could act upon: CompIDs hold any character.

    A record is one line; what a traceback adds is indented, so that no line of it can pass for a
    record.
    """

    def __init__(self) -> None:
        super().__init__()
        self._blotter = Blotter(())

    def hide(self, secrets: Iterable[str]) -> None:
        """From now on show none of these, wherever a peer or a traceback may have put it."""
        self._blotter = Blotter(secrets)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line of a record."""
        return printable(self._blotter.blot(super().formatMessage(record)))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - logging's name
        """Return the lines of a traceback."""
        lines = self._blotter.blot(super().formatException(ei)).split("\n")
        return "\n".join(f"    {printable(line)}" for line in lines)
