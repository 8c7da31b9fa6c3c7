"""The history of a run: every byte, event and step with its instant.

Every judgement in fixgate is a pure function of a history, so that a verdict can be replayed,
tested from a file, and applied to a log from production.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["History", "Record"]


class Record(NamedTuple):
    """One thing that happened.

    Attributes:
        at_ns: Nanoseconds since the epoch, UTC, from the run's one clock.
        glyph: ``>`` sent, ``<`` received, ``=`` session event, ``~`` network event,
            ``!`` fault applied, ``#`` step of the check or scenario.
        what: The message's bytes for ``>`` and ``<``; otherwise a frozen dataclass, an event.
    """

    at_ns: int
    glyph: str
    what: object


class History:
    """An append-only list of records, optionally keeping only the newest.

    Args:
        limit: The most records kept; ``None`` keeps all.
    """

    __slots__ = ("_records", "add")

    def __init__(self, *, limit: int | None = None) -> None:
        self._records: deque[tuple[int, str, object]] = deque(maxlen=limit)
        self.add = self._records.append
        """Append the three parts of a `Record`, as a plain tuple: the order path does it twice a
        message, and a tuple costs a fifth of a named one."""

    def __iter__(self) -> Iterator[Record]:
        return map(Record._make, tuple(self._records))

    def __len__(self) -> int:
        return len(self._records)

    def since(self, begins: Callable[[object], bool]) -> tuple[Record, ...]:
        """Return the records from the newest one on whose ``what`` begins something; or all.

        Args:
            begins: Told the ``what`` of records, the newest first.
        """
        found: list[Record] = []
        for record in reversed(self._records):
            found.append(Record._make(record))
            if begins(record[2]):
                break
        return tuple(reversed(found))

    def received(self) -> Iterator[tuple[int, bytes]]:
        """Yield ``(at_ns, message)`` for each message received."""
        for record in self:
            if record.glyph == "<" and isinstance(record.what, bytes):
                yield record.at_ns, record.what

    def sent(self) -> Iterator[tuple[int, bytes]]:
        """Yield ``(at_ns, message)`` for each message sent."""
        for record in self:
            if record.glyph == ">" and isinstance(record.what, bytes):
                yield record.at_ns, record.what
