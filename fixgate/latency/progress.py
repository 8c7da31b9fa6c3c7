"""What whoever watches a measurement is told while it runs. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Stage", "Tick"]


class Stage(Enum):
    """What becomes of a session; the value is what people read."""

    WAITING = "waiting"
    CONNECTING = "connecting"
    MEASURING = "measuring"
    ENDING = "logging out"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Tick:
    """How far the measurement of one session is.

    Attributes:
        session: Its name.
        stage: What it is at.
        sent: Requests sent.
        answered: Requests answered.
        asked: Requests to send in all; ``None`` where time ends it.
        elapsed_ns: Since its first request; 0 before.
        duration_ns: How long it is to send; ``None`` where a count ends it.
        median_ns: About the median of the best figure so far; 0 without any.
        max_ns: Its maximum so far; 0 without any.
        errors: Requests that can no longer be answered, and rejects.
        note: Why it failed, or what it waits for.
    """

    session: str
    stage: Stage
    sent: int = 0
    answered: int = 0
    asked: int | None = None
    elapsed_ns: int = 0
    duration_ns: int | None = None
    median_ns: int = 0
    max_ns: int = 0
    errors: int = 0
    note: str = ""
