"""How long the stages of a venue take, and when each message leaves them. Pure.

Theory of operation
-------------------
A message goes through a venue by stages::

    socket -> gateway -> session -> matching -> TransactTime(60) -> reports -> session
           -> SendingTime(52) -> reply -> socket

What a stage does to time is said by `StageSettings`, and worked out by a `Stage`: told that a
message came, it says when that message goes on. Three things take time, in this order:

- The stage *works* on one message after the other where it has a ``max_rate``: what comes faster
  than that waits in a queue.
- It *pauses* now and then, as for garbage collection: what comes meanwhile waits for the end. A
  pause that is due begins with the next message, since it takes work to make garbage. So the first
  message after it is due waits for all of it, however few messages there are.
- It takes its *delay* for each message, drawn from a distribution.

Messages of one *lane* keep their order: one that has been drawn a long delay holds up those behind
it. Lanes do not wait for one another. All instants are of one clock that never steps.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from fixgate.dice import Dice, Distribution, Fixed, draw_ns

__all__ = [
    "Partition",
    "Pause",
    "Reading",
    "RequestStamp",
    "Stage",
    "StageName",
    "StageSettings",
    "VenueStages",
]

_SECOND_NS = 1_000_000_000
_AT_ONCE = Fixed(0)


class StageName(Enum):
    """The stages, in a message's order; the value is their name in files."""

    READING = "reading"
    """The socket is read; a venue may stop doing that."""
    GATEWAY = "gateway"
    """What is in front of the session: it meets everything that comes, TestRequests and orders."""
    MATCHING = "matching"
    """Risk checks and the book: only messages of the application meet it."""
    REPORTS = "reports"
    """The way of reports from the matching engine back to the session."""
    REPLY = "reply"
    """What is behind the session: everything that is sent meets it."""


class Partition(Enum):
    """What is matched apart from what; the value is its word in files."""

    VENUE = "venue"
    """One matching engine, one queue."""
    INSTRUMENT = "instrument"
    """One for each instrument, which do not wait for one another."""


class RequestStamp(Enum):
    """Which instant RequestTime(5979) is; the value is its word in files."""

    BEHIND_GATEWAY = "behind_gateway"
    """The session took the request: what the gateway stage took is not in it."""
    BEFORE_GATEWAY = "before_gateway"
    """The request was read from its connection."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A stage stands still, again and again.

    Attributes:
        every_ns: From the beginning of one to the next at the earliest, above 0.
        lasting_ns: How long each is, above 0.
    """

    every_ns: int
    lasting_ns: int


@dataclass(frozen=True, slots=True)
class StageSettings:
    """What one stage does to time.

    Attributes:
        delay: For each message.
        pause: Now and then for all of them; ``None`` for never.
        max_rate: Messages a second, above 0; what comes faster waits. ``None`` for no limit.
    """

    delay: Distribution = _AT_ONCE
    pause: Pause | None = None
    max_rate: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A venue that stops reading a connection, again and again.

    Attributes:
        stop_after: So many messages of the connection, above 0.
        lasting_ns: How long it then reads nothing.
        receive_buffer: Bytes that the kernel takes meanwhile, roughly; ``None`` leaves it alone.
    """

    stop_after: int
    lasting_ns: int
    receive_buffer: int | None = None


@dataclass(frozen=True, slots=True)
class VenueStages:
    """The stages of a whole venue.

    Attributes:
        gateway: What this stage takes; ``None`` for no time, as for the others.
        matching: Likewise.
        reports: Likewise.
        reply: Likewise.
        partition: Which messages share a matching engine.
        reading: When it stops reading; ``None`` for never.
        stamps: Which RequestTime(5979) replies carry, and with it the finest TransactTime(60) and
            TrdRegTimestamps; ``None`` for none.
        seed: Of the dice, each stage's its own: the same seed gives the same delays.
    """

    gateway: StageSettings | None = None
    matching: StageSettings | None = None
    reports: StageSettings | None = None
    reply: StageSettings | None = None
    partition: Partition = Partition.VENUE
    reading: Reading | None = None
    stamps: RequestStamp | None = None
    seed: int = 1

    def __str__(self) -> str:
        named = [
            name.value for name in StageName if name is not StageName.READING and self.of(name)
        ]
        named += ["reading"] if self.reading is not None else []
        stamps = "" if self.stamps is None else f"; stamps {self.stamps.value}"
        return f"stages: {', '.join(named) or 'none takes time'}; seed {self.seed}{stamps}"

    def of(self, name: StageName) -> StageSettings | None:
        """Return what a stage takes; nothing can be said of `StageName.READING` here."""
        match name:
            case StageName.GATEWAY:
                return self.gateway
            case StageName.MATCHING:
                return self.matching
            case StageName.REPORTS:
                return self.reports
            case StageName.REPLY:
                return self.reply
            case StageName.READING:
                return None
            case _ as never:
                assert_never(never)


class Stage:
    """One stage at work.

    Args:
        settings: What it does to time.
        dice: Where its delays come from.
    """

    __slots__ = ("_dice", "_free_ns", "_last_ns", "_pause_due_ns", "_pause_end_ns", "_settings")

    def __init__(self, settings: StageSettings, dice: Dice) -> None:
        self._settings = settings
        self._dice = dice
        self._free_ns = 0
        self._pause_due_ns: int | None = None
        self._pause_end_ns = 0
        self._last_ns: dict[Hashable, int] = {}

    def admit(self, lane: Hashable, at_ns: int, not_before_ns: int = 0) -> int:
        """Take a message; return when it goes on, never before it came.

        Args:
            lane: Whose order it keeps.
            at_ns: When it came; not before the last one that the stage was told of.
            not_before_ns: It must not go on before this, and nothing of its lane overtakes it.
        """
        settings = self._settings
        begin_ns = self._after_pause(max(at_ns, self._free_ns))
        if settings.max_rate is not None:
            self._free_ns = begin_ns + _SECOND_NS // settings.max_rate
        ready_ns = begin_ns + draw_ns(settings.delay, self._dice)
        leaves_ns = max(ready_ns, self._last_ns.get(lane, 0), not_before_ns)
        self._last_ns[lane] = leaves_ns
        return leaves_ns

    def forget(self, lane: Hashable) -> None:
        """Nothing of a lane is in the stage any more, and nothing of it will come."""
        self._last_ns.pop(lane, None)

    def _after_pause(self, at_ns: int) -> int:
        pause = self._settings.pause
        if pause is None:
            return at_ns
        if self._pause_due_ns is None:
            self._pause_due_ns = at_ns + pause.every_ns
        elif at_ns >= self._pause_due_ns:
            self._pause_due_ns = at_ns + pause.every_ns
            self._pause_end_ns = at_ns + pause.lasting_ns
        return max(at_ns, self._pause_end_ns)
