"""When a session is open: times of day and days of the week on a wall clock somewhere.

Theory of operation
-------------------
A schedule is read on the wall clock of its time zone, with one difference to a real one: it is
never put back. Where daylight saving time begins, the clock jumps: a time that it skips happens at
the moment of the jump, so a period that lies wholly in the skipped hour does not take place.
Where daylight saving time ends, an hour comes twice: only its first coming counts. A later time on
the clock is therefore never an earlier instant, and from that follows that periods cannot
overlap. They last from their start, inclusive, to their end, exclusive.

A daily schedule has a period for each of its weekdays, by the day on which the period begins; an
end that is not after the start is on the next day, and equal times make 24 hours. A weekly one has
one period a week; an end that is not after the start makes it a whole week. On a holiday no
period begins: a daily one is left out, a weekly one begins on its next day that is no holiday, at
the same time. A period that is under way does not end for a holiday.

Nothing here steps through time: an instant's neighbourhood is a handful of dates, each tried once.

QuickFIX calls these StartTime, EndTime, StartDay, EndDay, Weekdays and TimeZone. It differs in two
points: its ends are inclusive, to the second, and its C++ engine makes a whole week of equal start
and end days even when the end time is later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum

__all__ = ["Period", "Schedule", "Weekday", "written"]

_SECOND_NS = 1_000_000_000
_DAY = timedelta(days=1)
_WEEK_DAYS = 7


class Weekday(Enum):
    """A day of the week, in the order of ISO 8601."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @classmethod
    def of(cls, day: date) -> Weekday:
        """Return the weekday of a date."""
        return _WEEK[day.weekday()]

    def days_until(self, later: Weekday) -> int:
        """Return how many days after this one ``later`` comes next, 0 to 6."""
        return (_WEEK.index(later) - _WEEK.index(self)) % _WEEK_DAYS


_WEEK = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class Period:
    """One time of being open, from ``start_ns`` up to but not including ``end_ns``.

    Both are nanoseconds since the epoch, UTC.
    """

    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """Periods that come again every day or every week.

    Attributes:
        start: When a period begins, on the wall clock of ``zone``; whole seconds.
        end: When it ends.
        zone: An IANA time zone, or UTC.
        weekdays: Daily: the days on which periods begin; all when empty.
        start_day: Weekly: the day on which the period begins; ``None`` for a daily schedule.
        end_day: Weekly: the day on which it ends.
        holidays: Dates, local to ``zone``, on which no period begins.

    Raises:
        ValueError: Only one of ``start_day`` and ``end_day`` is given, or ``weekdays`` too.
    """

    start: time
    end: time
    zone: tzinfo = UTC
    weekdays: tuple[Weekday, ...] = ()
    start_day: Weekday | None = None
    end_day: Weekday | None = None
    holidays: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if (self.start_day is None) is not (self.end_day is None):
            raise ValueError("a weekly schedule has a start_day and an end_day")
        if self.start_day is not None and self.weekdays:
            raise ValueError("a weekly schedule has no weekdays")

    def is_open(self, now_ns: int) -> bool:
        """Return whether a period contains ``now_ns``."""
        return self.period_at(now_ns) is not None

    def period_at(self, now_ns: int) -> Period | None:
        """Return the period that contains ``now_ns``, or ``None`` when closed."""
        latest = self.latest_period(now_ns)
        return latest if now_ns < latest.end_ns else None

    def latest_period(self, now_ns: int) -> Period:
        """Return the last period that began at ``now_ns`` or before; it may have ended."""
        # On a clock that was put back around midnight, tomorrow may have begun already.
        periods = self._periods(self._day_at(now_ns) + _DAY, -_DAY)
        return next(period for period in periods if period.start_ns <= now_ns)

    def next_period(self, now_ns: int) -> Period:
        """Return the first period that begins after ``now_ns``."""
        # A weekly period that a holiday delays begins up to six days after its proper day.
        periods = self._periods(self._day_at(now_ns) - _DAY * _WEEK_DAYS, _DAY)
        return next(period for period in periods if period.start_ns > now_ns)

    def next_open_ns(self, now_ns: int) -> int:
        """Return when a period next begins, after ``now_ns``."""
        return self.next_period(now_ns).start_ns

    def next_close_ns(self, now_ns: int) -> int:
        """Return when the period that contains ``now_ns`` ends, or else the next one."""
        return (self.period_at(now_ns) or self.next_period(now_ns)).end_ns

    def __str__(self) -> str:
        start, end = _clock(self.start), _clock(self.end)
        if self.start_day is not None and self.end_day is not None:
            return f"{self.start_day.value} {start} to {self.end_day.value} {end} {self.zone}"
        days = ", ".join(day.value for day in self.weekdays) or "every day"
        return f"{days} {start} to {end} {self.zone}"

    def _day_at(self, now_ns: int) -> date:
        return datetime.fromtimestamp(now_ns // _SECOND_NS, self.zone).date()

    def _periods(self, first: date, step: timedelta) -> Iterator[Period]:
        """Yield the periods of ``first`` and of the days after or before it, without end.

        The next one is never far: a holiday takes away at most one week's period, and a jump of
        the clock another.
        """
        day = first
        while True:
            period = self._period_of(day)
            if period is not None:
                yield period
            day += step

    def _period_of(self, day: date) -> Period | None:
        """Return the period whose proper first day is ``day``, or ``None``."""
        weekday = Weekday.of(day)
        if self.start_day is None or self.end_day is None:
            if self.weekdays and weekday not in self.weekdays:
                return None
            begins: date | None = None if day in self.holidays else day
            days = 0
        else:
            if weekday is not self.start_day:
                return None
            days = self.start_day.days_until(self.end_day)
            begins = self._delayed(day)
        if begins is None:
            return None
        if days == 0 and self.end <= self.start:
            days = 1 if self.start_day is None else _WEEK_DAYS
        start_ns = _instant_ns(begins, self.start, self.zone)
        end_ns = _instant_ns(day + _DAY * days, self.end, self.zone)
        return Period(start_ns, end_ns) if start_ns < end_ns else None

    def _delayed(self, day: date) -> date | None:
        """Return the first day of a week's period that is no holiday."""
        week = (day + _DAY * later for later in range(_WEEK_DAYS))
        return next((day for day in week if day not in self.holidays), None)


def written(at_ns: int, zone: tzinfo) -> str:
    """Return an instant as people at a place write it, such as ``Mon 2026-11-23 08:00 UTC``."""
    local = datetime.fromtimestamp(at_ns // _SECOND_NS, zone)
    return f"{Weekday.of(local).value[:3].title()} {local.date()} {_clock(local.time())} {zone}"


def _clock(at: time) -> str:
    return at.strftime("%H:%M:%S" if at.second else "%H:%M")


def _instant_ns(day: date, at: time, zone: tzinfo) -> int:
    """Return when the clock of ``zone`` first shows ``at`` on ``day``, or jumps past it."""
    local = datetime.combine(day, at, tzinfo=zone)
    instant = local.astimezone(UTC)
    # Of a time that comes twice, astimezone() takes the first; of one that never comes it makes
    # another time on the clock.
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        instant = _jump(local, zone)
    return int(instant.timestamp()) * _SECOND_NS


def _jump(skipped: datetime, zone: tzinfo) -> datetime:
    """Return the moment at which the clock jumped past ``skipped``, by bisection.

    The offsets before and after a jump are those of its two folds (PEP 495).
    """
    low = skipped.replace(fold=1).astimezone(UTC)
    high = skipped.replace(fold=0).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    seconds = int((high - low).total_seconds())
    first, last = 0, seconds
    while first < last:
        middle = (first + last) // 2
        if (low + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before:
            first = middle + 1
        else:
            last = middle
    return low + timedelta(seconds=first)
