"""A history with an end: a venue that sends without pause must not fill a checker's memory."""

from __future__ import annotations

from collections.abc import Callable

from fixgate.history import History

__all__ = ["MAX_RECEIVED", "FloodedHistory"]

MAX_RECEIVED = 50_000
"""Messages and events of one check, some 50 MB. A check exchanges a dozen; a morning's resend,
where the numbers ask for one, has a few thousand."""


class FloodedHistory(History):
    """A history of which only so much comes from the venue; the rest is not kept.

    Args:
        limit: How many messages of the venue, and events about them, are kept.
        on_flood: Called once, when there is one more. It must not raise.
    """

    __slots__ = ("_left", "_on_flood")

    def __init__(self, limit: int, on_flood: Callable[[], None]) -> None:
        super().__init__()
        keep, self._left, self._on_flood = self.add, limit, on_flood

        def add(record: tuple[int, str, object]) -> None:
            if record[1] not in "<=":
                keep(record)
            elif self._left > 0:
                self._left -= 1
                keep(record)
            elif self._left == 0:
                self._left = -1
                self._on_flood()

        self.add = add
