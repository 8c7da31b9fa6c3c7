"""What one side misses and how it must ask for it, for the oracle.

Nothing of fixgate is imported here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tests.session.tap import SECOND

PATIENCE = 30 * SECOND
TRIES = 3


class Turn(Enum):
    """What a side must do when it has waited long enough."""

    WAIT = "wait on"
    ASK = "ask again"
    END = "end the session"


@dataclass
class Missing:
    """The numbers that one side misses: from what it expects up to ``end``, 0 for none."""

    chunk: int = 0
    end_of_range: bytes = b"0"  # empty for the last number that is missing
    end: int = 0
    asked_from: int = 0
    asked_to: int = 0
    tries: int = 0
    due: int | None = None

    def clear(self) -> None:
        self.end = self.asked_to = self.tries = 0
        self.due = None

    def opened(self, end: int) -> None:
        self.clear()
        self.end = end

    def wait(self, expected: int, now: int) -> None:
        self.asked_from, self.due = expected, now + PATIENCE

    def request(self, expected: int, now: int) -> dict[int, bytes]:
        """The fields of the next ResendRequest."""
        self.wait(expected, now)
        last = expected + self.chunk - 1
        if self.chunk and last < self.end:
            self.asked_to = last
            return {7: b"%d" % expected, 16: b"%d" % last}
        self.asked_to = 0
        return {7: b"%d" % expected, 16: self.end_of_range or b"%d" % self.end}

    def chunk_came(self, expected: int) -> bool:
        """Whether the next chunk must be asked for."""
        if not self.end or not self.asked_to or expected <= self.asked_to:
            return False
        self.tries = 0
        return True

    def passed_over(self, expected: int) -> None:
        """A habit of QuickFIX/J and Go: a GapFill up to the last of a chunk ends it."""
        if self.asked_to == expected:
            self.asked_to -= 1

    def woke(self, expected: int, now: int) -> Turn | None:
        """What is due now; ``None`` when it is not time."""
        if self.due is None or now < self.due:
            return None
        if expected != self.asked_from:
            self.tries = 0
            self.wait(expected, now)
            return Turn.WAIT
        if self.tries < TRIES:
            self.tries += 1
            return Turn.ASK
        self.due = None
        return Turn.END
