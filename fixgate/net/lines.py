"""Log lines about one client: so many a minute, and a count of those left out."""

from __future__ import annotations

import asyncio
import logging

__all__ = ["LINES_A_MINUTE", "Lines"]

LINES_A_MINUTE = 30
"""A client that comes and goes ten times a minute is told of in full; one in a loop is not."""

_MINUTE_S = 60.0


class Lines:
    """Writes what there is to say about one client.

    The count of what was left out comes a minute after the first line of that minute, whether the
    client is still there or not.

    Args:
        log: Where to.
        name: The client's.
    """

    __slots__ = ("_left_out", "_log", "_minute", "_name", "_told")

    def __init__(self, log: logging.Logger, name: str) -> None:
        self._log = log
        self._name = name
        self._told = 0
        self._left_out = 0
        self._minute: asyncio.TimerHandle | None = None

    def tell(self, level: int, glyph: str, text: str) -> None:
        """Write a line, unless there have been too many within a minute.

        Args:
            level: As `logging` has it.
            glyph: What kind of line it is.
            text: The line, without the client's name.
        """
        if self._minute is None:
            self._minute = asyncio.get_running_loop().call_later(_MINUTE_S, self.settle)
        self._told += 1
        if self._told <= LINES_A_MINUTE:
            self._log.log(level, "%s %s: %s", glyph, self._name, text)
        else:
            self._left_out += 1

    def settle(self) -> None:
        """End the minute: say how many lines were left out in it."""
        if self._left_out:
            text = "! %s: left out %d more lines within a minute"
            self._log.warning(text, self._name, self._left_out)
        if self._minute is not None:
            self._minute.cancel()
            self._minute = None
        self._told = self._left_out = 0
