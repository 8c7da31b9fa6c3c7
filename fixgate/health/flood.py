"""A history with an end: a venue that sends without pause must not fill a checker's memory."""

from __future__ import annotations

from collections.abc import Callable

from fixgate.history import History
from fixgate.wire.message import Message

__all__ = ["MAX_BYTES", "RECORD_BYTES", "FloodedHistory"]

MAX_BYTES = 64 * 1024 * 1024
"""Of memory, for what the venue sends in one check: 50,000 Heartbeats. A check exchanges a dozen
messages; a morning's resend, where the numbers ask for one, has a few thousand."""

RECORD_BYTES = 1024
"""What a record takes beside what it holds, with all that is made of it for a report."""

_FIELD_BYTES = 100  # of a message that has been read: of short fields, a dozen times what they are


class FloodedHistory(History):
    """A history of which only so much comes from the venue; the rest is not kept.

    Args:
        limit_bytes: How much of the venue's messages, and of events about them, is kept.
        on_flood: Called once, when there is more. It must not raise.
    """

    __slots__ = ("_left", "_on_flood")

    def __init__(self, limit_bytes: int, on_flood: Callable[[], None]) -> None:
        super().__init__()
        keep, self._left, self._on_flood = self.add, limit_bytes, on_flood

        def add(record: tuple[int, str, object]) -> None:
            if record[1] not in "<=":
                keep(record)
            elif self._left >= 0:
                self._left -= _size(record[2])
                if self._left >= 0:
                    keep(record)
                else:
                    self._on_flood()

        self.add = add


def _size(what: object) -> int:
    """Return what a record takes of memory; events hold the message that they are about, read."""
    if isinstance(what, bytes):
        return RECORD_BYTES + len(what)
    message = getattr(what, "message", None)
    return RECORD_BYTES + (_FIELD_BYTES * len(message) if isinstance(message, Message) else 0)
