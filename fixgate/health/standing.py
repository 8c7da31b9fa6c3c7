"""Where a session that is kept up stands. Plain values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fixgate.health.model import CheckPlan

__all__ = ["Standing", "State"]


class State(Enum):
    """What is being done about a session; the value is its stable name."""

    CONNECTING = "connecting"
    """A try is under way."""
    UP = "up"
    """Logged on."""
    WAITING = "waiting"
    """Down; the next try has its time."""
    CLOSED = "closed"
    """Down, as it should be: by its schedule the session is closed."""
    STOPPED = "stopped"
    """Down for good: another try would do no good, or harm."""
    ENDED = "ended"
    """Not kept up any more: we were told to stop."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One session at one instant.

    Attributes:
        plan: Whose session.
        at_ns: Since when, nanoseconds since the epoch, UTC.
        state: What is being done about it.
        reason: Why: the name of a `fixgate.health.endings.Ending`, or of a rule that the venue
            broke while up; else empty.
        cause: More exactly, one of `fixgate.health.causes.CAUSES`, or the reason once more.
        text: A sentence for people; secrets masked.
        next_step: What to do, in the imperative, or empty.
        next_ns: When the next try is, or ``None``.
        tries: Since the session was last up.
        next_out: MsgSeqNum(34) that we send next; 0 where the store could not be opened.
        next_in: MsgSeqNum(34) that we expect next; likewise.
        in_order: Whether that is how it should be: up, or closed by the schedule. Of one that
            has ended: whether it was so until then.
    """

    plan: CheckPlan
    at_ns: int
    state: State
    reason: str = ""
    cause: str = ""
    text: str = ""
    next_step: str = ""
    next_ns: int | None = None
    tries: int = 0
    next_out: int = 0
    next_in: int = 0
    in_order: bool = False
