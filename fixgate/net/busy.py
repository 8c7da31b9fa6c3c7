"""Polling for a moment before sleeping."""

from __future__ import annotations

import asyncio
import time

__all__ = ["BusyPoll"]


class BusyPoll:
    """Keeps an event loop awake for a while after the last message.

    An order that finds the loop asleep waits for a core to wake up and for its caches to fill,
    longer than the exchange takes to answer it. A loop that polls takes that order at once, and
    uses a core while it does: hence the while.

    Args:
        loop: The loop; it is neither started nor stopped.
        for_ns: How long to poll after a message, nanoseconds, above 0.
    """

    __slots__ = ("_extended", "_for_ns", "_loop", "_polling", "_until_ns")

    def __init__(self, loop: asyncio.AbstractEventLoop, for_ns: int) -> None:
        self._loop = loop
        self._for_ns = for_ns
        self._until_ns = 0
        self._extended = False
        self._polling = False

    def extend(self) -> None:
        """A message has come: poll for as long again, from the end of this turn on."""
        self._extended = True
        if not self._polling:
            self._polling = True
            self._loop.call_soon(self._poll)

    def _poll(self) -> None:
        # A callback that is due makes the loop look at its sockets and come back at once.
        now_ns = time.monotonic_ns()
        if self._extended:
            self._extended = False
            self._until_ns = now_ns + self._for_ns
        elif now_ns >= self._until_ns:
            self._polling = False
            return
        self._loop.call_soon(self._poll)
