"""When a session that is kept up tries again: pure arithmetic over the table of endings.

Theory of operation
-------------------
However a try ends, and however a session that was up ends, that ending has a name, and the table
(`fixgate.health.endings`) says what follows. A broken line is mended at once; a venue that cannot
be reached is tried more and more rarely; a venue that refused a Logon is left in peace for a minute
at least, and longer each time. Where the next Logon would fare no better, it is not sent: an
account must not be locked by us, and a disagreement about sequence numbers is for people to settle.
Where both sides restart their numbers by agreement, that settles it, too.

`Tries` is all that is remembered. Whatever happened in between, no Logon follows a refused one
within a minute. The failures in a row count on until a session has been up for a minute, so that a
venue that lets us in only to drop us is not mistaken for one that works.

A few seconds either side of an opening, an end or a restart of numbers, the clocks of both sides
may disagree about which side of it they are on. No try begins there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from fixgate.health.endings import ENDINGS, Ending, Next
from fixgate.session.settings import SessionSettings

__all__ = [
    "EDGE_NS",
    "REFUSAL_NS",
    "SETTLED_NS",
    "Dice",
    "Move",
    "Tries",
    "first_move",
    "move_after_step",
    "next_move",
]

_SECOND_NS = 1_000_000_000

SOON_NS = (100_000_000, _SECOND_NS)
"""After a line that broke: at once, but not all sessions of a line in the same millisecond."""

BACK_OFF_NS = (_SECOND_NS, 60 * _SECOND_NS)
"""The first and the longest wait for a venue that cannot be reached, doubled each time and spread
by a fifth to either side. gRPC waits 1 s to 120 s, spread likewise; QuickFIX 30 s each time. A
minute, because nobody wants to wait two for a venue that is back at the open."""

REFUSAL_NS = 60 * _SECOND_NS
"""The least time between a Logon that was refused and the next one."""

LONGEST_REFUSAL_NS = 300 * _SECOND_NS
"""The longest, before it is spread: doubled each time from a minute on, spread by up to a quarter,
only ever to longer. Venues lock accounts, or ban addresses, for Logons by the dozen."""

SETTLED_NS = 60 * _SECOND_NS
"""How long a session has to be up for the failures before it to be forgotten."""

EDGE_NS = 5 * _SECOND_NS
"""How far both sides' clocks may be apart at an opening, an end, or a restart of the numbers. None
begins in the last 5 s before one or in the first 5 s after it, all within the next 5 s: a venue
that takes our first number and restarts a second later would have us disagree until tomorrow."""

RESTART_GRACE_NS = 300 * _SECOND_NS
"""How long after our own restart of the numbers a venue may be late with its own."""

_SPREAD, _LATER = 0.2, 0.25
_AFTER_EDGE_NS = (EDGE_NS, 2 * EDGE_NS)
_MOST_DOUBLINGS = 16
_EDGES_IN_A_ROW = 10
"""A schedule may consist of periods of some seconds: no search for longer ones goes on for ever."""


class Dice(Protocol):
    """What of a `random.Random` is used."""

    def uniform(self, a: float, b: float) -> float:
        """Return a number between ``a`` and ``b``."""


_PEACE = frozenset({Next.REFUSAL, Next.RESTART, Next.NEVER})
"""After these a Logon has been refused, or might as well have been."""


@dataclass(frozen=True, slots=True)
class Tries:
    """What has to be remembered of the tries so far.

    Attributes:
        failures: Lines that broke and venues out of reach, in a row.
        refusals: Logons refused, in a row.
        not_before_ns: No Logon before, because one was refused.
    """

    failures: int = 0
    refusals: int = 0
    not_before_ns: int = 0

    def after_step(self, step_ns: int) -> Tries:
        """Return the same by a clock that has stepped."""
        return replace(self, not_before_ns=self.not_before_ns + step_ns)


@dataclass(frozen=True, slots=True)
class Move:
    """What is done next.

    Attributes:
        at_ns: When to try, nanoseconds since the epoch, UTC; ``None`` for never.
        ending: Why not now; ``None`` for no reason.
        by_clock: That is a time of day, not so long from now: it stays when the clock steps.
        closed: Until then the session is closed by its schedule.
    """

    at_ns: int | None
    ending: Ending | None = None
    by_clock: bool = False
    closed: bool = False


def first_move(
    settings: SessionSettings, now_ns: int, dice: Dice, tries: Tries | None = None
) -> Move:
    """Return when to try for the first time, or anew: now, or when the session opens."""
    at_ns = now_ns if tries is None else max(now_ns, tries.not_before_ns)
    return _within_hours(settings, Move(at_ns), dice)


def move_after_step(
    move: Move, tries: Tries, settings: SessionSettings, now_ns: int, step_ns: int, dice: Dice
) -> Move:
    """Return what to do instead, now that the clock has stepped.

    Args:
        move: What was to be done by the clock as it was.
        tries: What is remembered, by the new clock.
        settings: The session's settings.
        now_ns: Now, by the new clock.
        step_ns: How far it has stepped, nanoseconds.
        dice: As for `next_move`.
    """
    if move.at_ns is None:
        return move
    if not move.by_clock:
        moved = replace(move, at_ns=move.at_ns + step_ns)
        return _within_hours(settings, moved, dice)
    if move.at_ns <= now_ns:
        return move
    ending = move.ending or Ending.CLOSED
    if ENDINGS[ending].next is Next.RESTART:
        return _within_hours(settings, _move(ending, Next.RESTART, tries, settings, now_ns, dice),
                             dice)  # fmt: skip
    return _within_hours(settings, Move(max(now_ns, tries.not_before_ns), ending), dice)


def next_move(
    ending: Ending,
    tries: Tries,
    settings: SessionSettings,
    now_ns: int,
    dice: Dice,
    *,
    up_ns: int = 0,
) -> tuple[Move, Tries]:
    """Return when to try again, and what to remember.

    Args:
        ending: How the last try ended, or the session that it brought up.
        tries: What was remembered before.
        settings: The session's settings.
        now_ns: When it ended.
        dice: Spreads the tries of many sessions and hosts.
        up_ns: How long the session had been up, 0 when it never was.
    """
    if ending is Ending.NUMBERS and _just_restarted(settings, now_ns):
        ending = Ending.RESTART_AWAITED
    if up_ns >= SETTLED_NS:
        tries = replace(tries, failures=0, refusals=0)
    then = ENDINGS[ending].next
    move = _move(ending, then, tries, settings, now_ns, dice)
    if then in _PEACE:
        refused = max(tries.not_before_ns, now_ns + REFUSAL_NS)
        tries = replace(tries, refusals=tries.refusals + 1, not_before_ns=refused)
    elif then is not Next.OPENING:
        tries = replace(tries, failures=tries.failures + 1)
    if move.at_ns is not None and move.at_ns < tries.not_before_ns:
        move = Move(tries.not_before_ns, ending)
    return _within_hours(settings, move, dice), tries


def _move(
    ending: Ending, then: Next, tries: Tries, settings: SessionSettings, now_ns: int, dice: Dice
) -> Move:
    match then:
        case Next.SOON if tries.failures == 0:
            return Move(now_ns + _between(SOON_NS, dice), ending)
        case Next.SOON | Next.BACK_OFF:
            wait_ns = _doubled(BACK_OFF_NS, tries.failures)
            return Move(now_ns + int(wait_ns * dice.uniform(1 - _SPREAD, 1 + _SPREAD)), ending)
        case Next.REFUSAL:
            wait_ns = _doubled((REFUSAL_NS, LONGEST_REFUSAL_NS), tries.refusals)
            return Move(now_ns + int(wait_ns * dice.uniform(1, 1 + _LATER)), ending)
        case Next.OPENING:
            return Move(now_ns + _between(_AFTER_EDGE_NS, dice), ending, by_clock=True)
        case Next.RESTART:
            due = settings.reset_schedule
            if due is None:
                return Move(None, ending)
            at_ns = due.next_open_ns(now_ns) + _between(_AFTER_EDGE_NS, dice)
            return Move(at_ns, ending, by_clock=True)
        case Next.NEVER:
            return Move(None, ending)


def _doubled(bounds: tuple[int, int], times: int) -> int:
    first, longest = bounds
    return min(first << min(times, _MOST_DOUBLINGS), longest)


def _between(bounds: tuple[int, int], dice: Dice) -> int:
    return int(dice.uniform(*bounds))


def _just_restarted(settings: SessionSettings, now_ns: int) -> bool:
    due = settings.reset_schedule
    return due is not None and now_ns - due.latest_period(now_ns).start_ns < RESTART_GRACE_NS


def _within_hours(settings: SessionSettings, move: Move, dice: Dice) -> Move:
    """Return a move that is as it should be, or put off until the session is open."""
    if move.at_ns is None:
        return move
    opens_ns = _opening_ns(settings, move.at_ns)
    if opens_ns == move.at_ns:
        return move
    hours = settings.schedule
    closed = hours is not None and not hours.is_open(opens_ns - 1)
    ending = move.ending or (Ending.CLOSED if closed else Ending.RESTART)
    at_ns = opens_ns + _between(_AFTER_EDGE_NS, dice)
    return Move(at_ns, ending, by_clock=True, closed=closed)


def _opening_ns(settings: SessionSettings, at_ns: int) -> int:
    """Return the first instant from ``at_ns`` on that is well within the session's hours."""
    hours, resets = settings.schedule, settings.reset_schedule
    for _ in range(_EDGES_IN_A_ROW):
        before_ns = at_ns
        if hours is not None:
            period = hours.period_at(at_ns)
            if period is None:
                at_ns = hours.next_open_ns(at_ns)
            elif period.end_ns <= at_ns + EDGE_NS:
                at_ns = hours.next_open_ns(period.end_ns - 1)
        if resets is not None and (due_ns := resets.next_open_ns(at_ns)) <= at_ns + EDGE_NS:
            at_ns = due_ns
        if at_ns == before_ns:
            break
    return at_ns
