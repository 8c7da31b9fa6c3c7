"""Schedules: on a wall clock that jumps in spring and is never put back in autumn."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.session.schedule import Period, Schedule, Weekday, written

SECOND = 1_000_000_000
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = Weekday
WORKDAYS = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)
NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
CHICAGO, HAVANA = ZoneInfo("America/Chicago"), ZoneInfo("America/Havana")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # puts its clock on by half an hour
APIA = ZoneInfo("Pacific/Apia")  # left out the whole of 2011-12-30


def ns(text: str) -> int:
    """Nanoseconds of ``2026-03-08 06:59`` or ``...:59.5``, UTC."""
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(at.timestamp()) * SECOND + at.microsecond * 1000


def utc(at_ns: int) -> str:
    return f"{datetime.fromtimestamp(at_ns // SECOND, UTC):%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def told(period: Period | None) -> tuple[str, str] | None:
    return None if period is None else (utc(period.start_ns), utc(period.end_ns))


def daily(start: str, end: str, zone=UTC, **more) -> Schedule:
    return Schedule(time.fromisoformat(start), time.fromisoformat(end), zone, **more)


def weekly(start_day, start: str, end_day, end: str, zone=UTC, **more) -> Schedule:
    return daily(start, end, zone, start_day=start_day, end_day=end_day, **more)


def periods(schedule: Schedule, first: str, last: str) -> list[tuple[str, str]]:
    """The periods that begin from ``first`` on and before ``last``."""
    found, at_ns = [], ns(first) - 1
    while (period := schedule.next_period(at_ns)).start_ns < ns(last):
        found.append((utc(period.start_ns), utc(period.end_ns)))
        at_ns = period.start_ns
    return found


class TestDaily:
    OFFICE = daily("08:00", "17:00:30", LONDON, weekdays=WORKDAYS)

    def test_its_ends(self):
        # 2026-11-20 is a Friday; London is on UTC.
        assert not self.OFFICE.is_open(ns("2026-11-20 08:00") - 1)
        assert self.OFFICE.is_open(ns("2026-11-20 08:00"))
        assert self.OFFICE.is_open(ns("2026-11-20 17:00:30") - 1)
        assert not self.OFFICE.is_open(ns("2026-11-20 17:00:30"))

    def test_over_the_weekend_the_next_opening_is_on_monday(self):
        for at in ("2026-11-20 17:00:30", "2026-11-21 12:00", "2026-11-23 07:59:59.999"):
            assert utc(self.OFFICE.next_open_ns(ns(at))) == "2026-11-23 08:00"
            assert utc(self.OFFICE.next_close_ns(ns(at))) == "2026-11-23 17:00:30"

    def test_while_open_the_next_opening_is_another_one(self):
        at = ns("2026-11-20 08:00")
        assert utc(self.OFFICE.next_open_ns(at)) == "2026-11-23 08:00"
        assert utc(self.OFFICE.next_close_ns(at)) == "2026-11-20 17:00:30"

    def test_the_latest_period_stays_when_it_has_ended(self):
        latest = self.OFFICE.latest_period(ns("2026-11-22 12:00"))
        assert told(latest) == ("2026-11-20 08:00", "2026-11-20 17:00:30")
        assert self.OFFICE.period_at(ns("2026-11-22 12:00")) is None

    def test_summer_time_moves_it(self):
        assert told(self.OFFICE.period_at(ns("2026-07-01 12:00"))) == (
            "2026-07-01 07:00",
            "2026-07-01 16:00:30",
        )

    def test_before_1970(self):
        assert told(self.OFFICE.period_at(ns("1969-12-31 12:00"))) == (
            "1969-12-31 07:00",  # Britain kept summer time all year
            "1969-12-31 16:00:30",
        )


class TestOverMidnight:
    # A futures exchange: from 17:00 to 16:00 the next day, Sunday evening to Friday afternoon.
    FUTURES = daily(
        "17:00", "16:00", CHICAGO, weekdays=(SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY)
    )

    def test_the_day_is_that_of_the_start(self):
        assert periods(self.FUTURES, "2026-11-19 00:00", "2026-11-25 00:00") == [
            ("2026-11-19 23:00", "2026-11-20 22:00"),
            ("2026-11-22 23:00", "2026-11-23 22:00"),
            ("2026-11-23 23:00", "2026-11-24 22:00"),
            ("2026-11-24 23:00", "2026-11-25 22:00"),
        ]

    def test_after_midnight_it_is_still_yesterdays(self):
        assert told(self.FUTURES.period_at(ns("2026-11-20 12:00"))) == (
            "2026-11-19 23:00",
            "2026-11-20 22:00",
        )

    def test_twenty_four_hours(self):
        around = daily("17:00", "17:00", NEW_YORK)
        assert around.is_open(ns("2026-11-20 21:59:59.999"))
        assert periods(around, "2026-11-20 00:00", "2026-11-22 00:00") == [
            ("2026-11-20 22:00", "2026-11-21 22:00"),
            ("2026-11-21 22:00", "2026-11-22 22:00"),
        ]

    def test_a_day_of_25_and_one_of_23_hours(self):
        around = daily("00:00", "00:00", NEW_YORK)
        lengths = {
            day: (around.period_at(ns(f"{day} 12:00")) or Period(0, 0)) for day in
            ("2026-03-08", "2026-11-01", "2026-11-02")
        }  # fmt: skip
        hours = [(p.end_ns - p.start_ns) // SECOND // 3600 for p in lengths.values()]
        assert hours == [23, 25, 24]


class TestWeekly:
    def test_sunday_to_friday(self):
        week = weekly(SUNDAY, "17:00", FRIDAY, "16:00", NEW_YORK)
        assert periods(week, "2026-11-01 00:00", "2026-11-12 00:00") == [
            ("2026-11-01 22:00", "2026-11-06 21:00"),
            ("2026-11-08 22:00", "2026-11-13 21:00"),
        ]
        assert not week.is_open(ns("2026-11-07 12:00"))
        assert week.is_open(ns("2026-11-04 12:00"))

    def test_friday_to_tuesday_goes_over_the_end_of_the_week(self):
        week = weekly(FRIDAY, "08:00", TUESDAY, "18:00")
        assert periods(week, "2026-11-16 00:00", "2026-11-23 00:00") == [
            ("2026-11-20 08:00", "2026-11-24 18:00")
        ]

    @pytest.mark.parametrize("end", ["08:00", "07:00"])
    def test_the_same_day_and_no_later_time_makes_a_week(self, end):
        week = weekly(MONDAY, "08:00", MONDAY, end)
        assert periods(week, "2026-11-16 00:00", "2026-11-30 00:00") == [
            ("2026-11-16 08:00", f"2026-11-23 {end}"),
            ("2026-11-23 08:00", f"2026-11-30 {end}"),
        ]

    def test_the_same_day_and_a_later_time_makes_hours(self):
        test = weekly(SATURDAY, "10:00", SATURDAY, "12:00")
        assert periods(test, "2026-11-16 00:00", "2026-11-30 00:00") == [
            ("2026-11-21 10:00", "2026-11-21 12:00"),
            ("2026-11-28 10:00", "2026-11-28 12:00"),
        ]

    @pytest.mark.parametrize("days", [{"start_day": MONDAY}, {"end_day": MONDAY},
                                      {"start_day": MONDAY, "end_day": FRIDAY,
                                       "weekdays": WORKDAYS}])  # fmt: skip
    def test_what_cannot_be(self, days):
        with pytest.raises(ValueError, match="weekly"):
            daily("08:00", "17:00", **days)


class TestHolidays:
    def test_a_daily_period_that_would_begin_on_one_is_left_out(self):
        office = daily("08:00", "17:00", weekdays=WORKDAYS, holidays=(date(2026, 12, 25),))
        assert told(office.period_at(ns("2026-12-24 12:00"))) is not None
        assert office.period_at(ns("2026-12-25 12:00")) is None
        assert utc(office.next_open_ns(ns("2026-12-24 18:00"))) == "2026-12-28 08:00"

    def test_over_midnight_the_evening_before_still_takes_place(self):
        holidays = (date(2026, 12, 25),)
        futures = daily("17:00", "16:00", CHICAGO, holidays=holidays)
        assert periods(futures, "2026-12-24 00:00", "2026-12-28 00:00") == [
            ("2026-12-24 23:00", "2026-12-25 22:00"),
            ("2026-12-26 23:00", "2026-12-27 22:00"),
            ("2026-12-27 23:00", "2026-12-28 22:00"),
        ]

    def test_the_date_is_the_zones(self):
        # 2026-12-25 in Sydney has begun when it is still the 24th in UTC.
        sydney = daily(
            "08:00", "10:00", ZoneInfo("Australia/Sydney"), holidays=(date(2026, 12, 25),)
        )
        assert not sydney.is_open(ns("2026-12-24 22:00"))
        assert sydney.is_open(ns("2026-12-25 22:00"))

    def test_a_week_begins_on_its_next_day(self):
        week = weekly(MONDAY, "08:00", FRIDAY, "18:00", holidays=(date(2026, 12, 28),))
        assert periods(week, "2026-12-26 00:00", "2027-01-05 00:00") == [
            ("2026-12-29 08:00", "2027-01-01 18:00"),
            ("2027-01-04 08:00", "2027-01-08 18:00"),
        ]
        for at in ("2026-12-28 12:00", "2026-12-29 07:59"):
            assert utc(week.next_open_ns(ns(at))) == "2026-12-29 08:00"
        assert utc(week.latest_period(ns("2026-12-28 12:00")).start_ns) == "2026-12-21 08:00"

    def test_a_holiday_within_a_week_changes_nothing(self):
        week = weekly(MONDAY, "08:00", FRIDAY, "18:00", holidays=(date(2026, 12, 25),))
        assert week.is_open(ns("2026-12-25 12:00"))

    def test_a_week_of_holidays(self):
        holidays = tuple(date(2026, 12, day) for day in range(21, 28))
        week = weekly(MONDAY, "08:00", FRIDAY, "18:00", holidays=holidays)
        assert utc(week.next_open_ns(ns("2026-12-19 00:00"))) == "2026-12-28 08:00"
        # Begun on Saturday, it would have ended the day before.
        week = weekly(MONDAY, "08:00", FRIDAY, "18:00", holidays=holidays[:5])
        assert utc(week.next_open_ns(ns("2026-12-19 00:00"))) == "2026-12-28 08:00"
        week = weekly(MONDAY, "08:00", MONDAY, "08:00", holidays=holidays)
        assert periods(week, "2026-12-15 00:00", "2026-12-29 00:00") == [
            ("2026-12-28 08:00", "2027-01-04 08:00")
        ]

    def test_years_of_holidays_are_searched_at_once(self):
        first = date(2026, 1, 1)
        many = tuple(first + timedelta(days=day) for day in range(3000))
        office = daily("08:00", "17:00", holidays=many)
        assert utc(office.next_open_ns(ns("2026-01-01 12:00"))) == "2034-03-20 08:00"
        assert utc(office.latest_period(ns("2034-03-19 12:00")).start_ns) == "2025-12-31 08:00"


class TestTheClockChanges:
    """New York: 2026-03-08 02:00 becomes 03:00 (07:00 UTC), 2026-11-01 02:00 becomes 01:00."""

    def test_a_start_that_is_skipped_is_at_the_jump(self):
        assert periods(
            daily("02:30", "08:00", NEW_YORK), "2026-03-08 00:00", "2026-03-10 00:00"
        ) == [
            ("2026-03-08 07:00", "2026-03-08 12:00"),
            ("2026-03-09 06:30", "2026-03-09 12:00"),
        ]

    def test_an_end_that_is_skipped_is_at_the_jump(self):
        assert periods(
            daily("00:30", "02:30", NEW_YORK), "2026-03-08 00:00", "2026-03-10 00:00"
        ) == [
            ("2026-03-08 05:30", "2026-03-08 07:00"),
            ("2026-03-09 04:30", "2026-03-09 06:30"),
        ]

    def test_a_period_in_the_skipped_hour_does_not_take_place(self):
        short = daily("02:10", "02:50", NEW_YORK)
        assert periods(short, "2026-03-07 00:00", "2026-03-10 00:00") == [
            ("2026-03-07 07:10", "2026-03-07 07:50"),
            ("2026-03-09 06:10", "2026-03-09 06:50"),
        ]
        assert utc(short.latest_period(ns("2026-03-08 12:00")).start_ns) == "2026-03-07 07:10"

    def test_a_whole_day_can_be_skipped(self):
        office = daily("08:00", "17:00", APIA)
        assert periods(office, "2011-12-29 12:00", "2012-01-01 12:00") == [
            ("2011-12-29 18:00", "2011-12-30 03:00"),
            ("2011-12-30 18:00", "2011-12-31 03:00"),
            ("2011-12-31 18:00", "2012-01-01 03:00"),
        ]
        around = daily("08:00", "08:00", APIA)
        assert periods(around, "2011-12-29 12:00", "2011-12-31 12:00") == [
            ("2011-12-29 18:00", "2011-12-30 10:00"),
            ("2011-12-30 10:00", "2011-12-30 18:00"),
            ("2011-12-30 18:00", "2011-12-31 18:00"),
        ]

    def test_a_start_that_comes_twice_is_the_first(self):
        assert periods(
            daily("01:30", "08:00", NEW_YORK), "2026-11-01 00:00", "2026-11-02 00:00"
        ) == [("2026-11-01 05:30", "2026-11-01 13:00")]

    def test_an_end_that_comes_twice_is_the_first(self):
        evening = daily("22:00", "01:30", NEW_YORK)
        assert told(evening.period_at(ns("2026-11-01 05:00"))) == (
            "2026-11-01 02:00",
            "2026-11-01 05:30",
        )
        assert not evening.is_open(ns("2026-11-01 06:15"))  # 01:15 for the second time

    def test_both_in_the_repeated_hour(self):
        assert periods(
            daily("01:10", "01:50", NEW_YORK), "2026-11-01 00:00", "2026-11-02 00:00"
        ) == [("2026-11-01 05:10", "2026-11-01 05:50")]

    def test_a_clock_that_is_put_back_at_midnight(self):
        # Havana, 2026-11-01: 01:00 becomes 00:00.
        assert periods(daily("00:30", "00:15", HAVANA), "2026-10-31 00:00", "2026-11-03 00:00") == [
            ("2026-10-31 04:30", "2026-11-01 04:15"),
            ("2026-11-01 04:30", "2026-11-02 05:15"),
            ("2026-11-02 05:30", "2026-11-03 05:15"),
        ]

    def test_a_clock_that_was_put_back_over_midnight(self):
        # Newfoundland, 2010-11-07: 00:01 became 23:01 of the day before, 02:31 UTC.
        zone = ZoneInfo("America/St_Johns")
        midnight = daily("00:00", "00:00", zone)
        assert periods(midnight, "2010-11-06 00:00", "2010-11-09 00:00") == [
            ("2010-11-06 02:30", "2010-11-07 02:30"),
            ("2010-11-07 02:30", "2010-11-08 03:30"),
            ("2010-11-08 03:30", "2010-11-09 03:30"),
        ]
        assert told(midnight.period_at(ns("2010-11-07 03:00"))) == (
            "2010-11-07 02:30",
            "2010-11-08 03:30",
        )

    def test_half_an_hour(self):
        # Lord Howe, 2026-10-04: 02:00 becomes 02:30, 15:30 UTC of the day before.
        assert periods(
            daily("02:10", "03:00", LORD_HOWE), "2026-10-03 00:00", "2026-10-04 00:00"
        ) == [("2026-10-03 15:30", "2026-10-03 16:00")]


# The oracle: a year of minutes, on a clock made of whole minutes that is never put back.

MINUTES = range(ns("2026-01-01 00:00") // SECOND // 60, ns("2027-01-01 00:00") // SECOND // 60)


@cache
def readings(zone: ZoneInfo) -> list[int]:
    """What the clock shows at each minute of the year, in minutes since 1970-01-01 00:00."""
    shown, found = 0, []
    for minute in MINUTES:
        offset = datetime.fromtimestamp(minute * 60, zone).utcoffset() or timedelta()
        shown = max(shown, minute + int(offset.total_seconds()) // 60)
        found.append(shown)
    return found


def minutes_of(at: time) -> int:
    return at.hour * 60 + at.minute


def times_on_the_clock(schedule: Schedule) -> list[tuple[int, int]]:
    """Begin and end of each period, as readings of the clock, in order."""
    found, start, end = [], minutes_of(schedule.start), minutes_of(schedule.end)
    off = {(day - date(1970, 1, 1)).days for day in schedule.holidays}
    days = range(MINUTES.start // 1440 - 9, MINUTES.stop // 1440 + 9)
    for day in days:
        name = (date(1970, 1, 1) + timedelta(days=day)).strftime("%A").lower()
        if schedule.start_day is None:
            wanted = [weekday.value for weekday in schedule.weekdays]
            if day not in off and (not wanted or name in wanted):
                found.append((day * 1440 + start, (day + (end <= start)) * 1440 + end))
        elif name == schedule.start_day.value:
            last = day * 1440 + end
            while last <= day * 1440 + start or (
                (date(1970, 1, 1) + timedelta(days=last // 1440)).strftime("%A").lower()
                != schedule.end_day.value
            ):
                last += 1440
            first = day
            while first in off:
                first += 1
            if first * 1440 + start < last:
                found.append((first * 1440 + start, last))
    return found


def opens_and_closes(schedule: Schedule, zone: ZoneInfo) -> list[tuple[int, int]]:
    """The periods wholly within the year, by looking at every minute of it."""
    waiting = iter(times_on_the_clock(schedule))
    begin, end = next(waiting)
    since: int | None = None
    found = []
    for minute, shown in zip(MINUTES, readings(zone), strict=True):
        while end <= shown:
            if since is not None:
                found.append((since, minute))
                since = None
            begin, end = next(waiting)
        if begin <= shown and since is None:
            since = minute
    return [each for each in found if each[0] > MINUTES.start + 1440 * 8]


HOLIDAYS = (date(2026, 1, 1), date(2026, 5, 25), date(2026, 11, 1), date(2026, 12, 25))
SCHEDULES = {
    "office": daily("08:00", "17:00", weekdays=WORKDAYS, holidays=HOLIDAYS),
    "over midnight": daily("17:00", "16:00", holidays=HOLIDAYS),
    "around": daily("02:30", "02:30"),
    "in the odd hour": daily("01:30", "02:45"),
    "short": daily("02:05", "02:25"),
    "weekly": weekly(SUNDAY, "01:45", FRIDAY, "16:00", holidays=HOLIDAYS),
    "whole week": weekly(SUNDAY, "02:15", SUNDAY, "02:15", holidays=HOLIDAYS),
}


@pytest.mark.parametrize("zone", [NEW_YORK, LORD_HOWE, HAVANA], ids=str)
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_year_of_minutes_agrees(name, zone):
    schedule = replace(SCHEDULES[name], zone=zone)
    expected = opens_and_closes(schedule, zone)
    assert len(expected) > 45
    found, at_ns = [], expected[0][0] * 60 * SECOND - 1
    for _ in expected:
        period = schedule.next_period(at_ns)
        found.append((period.start_ns // SECOND // 60, period.end_ns // SECOND // 60))
        at_ns = period.start_ns
    assert found == expected


zones = st.sampled_from([UTC, NEW_YORK, LONDON, LORD_HOWE, HAVANA, APIA])
clocks = st.times().map(lambda at: at.replace(microsecond=0)) | st.sampled_from(
    [time(0), time(1, 30), time(2), time(2, 30), time(23, 59, 59)]
)
some_holidays = st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=8).map(tuple)
schedules = st.one_of(
    st.builds(
        Schedule, clocks, clocks, zones,
        st.lists(st.sampled_from(Weekday), unique=True).map(tuple), holidays=some_holidays,
    ),
    st.builds(
        Schedule, clocks, clocks, zones, start_day=st.sampled_from(Weekday),
        end_day=st.sampled_from(Weekday), holidays=some_holidays,
    ),
)  # fmt: skip
YEAR = (ns("2026-01-01 00:00"), ns("2027-01-01 00:00"))
instants = st.integers(*YEAR) | st.sampled_from(
    [ns("2026-03-08 07:00"), ns("2026-11-01 05:30"), ns("2026-11-01 06:30"), ns("2011-12-30 10:00")]
)


@given(schedules, instants)
def test_opening_and_closing_agree_with_being_open(schedule: Schedule, at_ns: int):
    opens, closes = schedule.next_open_ns(at_ns), schedule.next_close_ns(at_ns)
    assert min(opens, closes) > at_ns
    assert schedule.is_open(opens)
    assert schedule.latest_period(opens).start_ns == opens
    period = schedule.period_at(at_ns)
    assert schedule.is_open(at_ns) == (period is not None)
    if period is None:
        assert opens < closes
        assert not schedule.is_open(opens - 1)
        assert schedule.latest_period(at_ns).end_ns <= at_ns
    else:
        assert period.start_ns <= at_ns < period.end_ns == closes <= opens
        assert schedule.is_open(closes - 1)
        assert schedule.is_open(closes) == (closes == opens)
        assert schedule.period_at(period.start_ns) == period
        assert schedule.period_at(period.end_ns - 1) == period


@given(schedules, instants)
def test_periods_follow_each_other_and_never_overlap(schedule: Schedule, at_ns: int):
    row = [schedule.latest_period(at_ns)]
    for _ in range(12):
        row.append(schedule.next_period(row[-1].start_ns))
        assert schedule.latest_period(row[-1].start_ns - 1) == row[-2]
    assert row[1] == schedule.next_period(at_ns)
    for before, after in pairwise(row):
        assert before.start_ns < before.end_ns <= after.start_ns


def test_it_is_a_value():
    schedule = daily("08:00", "17:00", LONDON, weekdays=WORKDAYS, holidays=HOLIDAYS)
    assert pickle.loads(pickle.dumps(schedule)) == schedule
    assert hash(schedule) == hash(
        daily("08:00", "17:00", LONDON, weekdays=WORKDAYS, holidays=HOLIDAYS)
    )


@pytest.mark.parametrize(("schedule", "text"), [
    (daily("08:00", "17:00:30"), "every day 08:00 to 17:00:30 UTC"),
    (daily("08:00", "17:00", LONDON, weekdays=(MONDAY, FRIDAY)),
     "monday, friday 08:00 to 17:00 Europe/London"),
    (weekly(SUNDAY, "17:00", FRIDAY, "16:00", NEW_YORK),
     "sunday 17:00 to friday 16:00 America/New_York"),
])  # fmt: skip
def test_it_reads_well(schedule, text):
    assert str(schedule) == text


def test_an_instant_reads_well():
    assert written(ns("2026-11-23 08:00"), UTC) == "Mon 2026-11-23 08:00 UTC"
    assert written(ns("2026-07-01 06:00:05"), LONDON) == "Wed 2026-07-01 07:00:05 Europe/London"
