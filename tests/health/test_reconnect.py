"""When a session that is kept up tries again: literal answers, and what holds of all of them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.health.endings import ENDINGS, Course, Ending, Next
from fixgate.health.reconnect import (
    EDGE_NS,
    REFUSAL_NS,
    SETTLED_NS,
    Move,
    Tries,
    first_move,
    move_after_step,
    next_move,
)
from fixgate.session.schedule import Schedule, Weekday
from fixgate.session.settings import Role, SessionId, SessionSettings

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 3600 * SECOND
DAY = 24 * HOUR
NOW = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()) * SECOND  # a Monday
OFFICE = Schedule(time(8), time(17))
AROUND = Schedule(time(22), time(22))
ALWAYS_OPEN = SessionSettings(SessionId("FIX.4.4", "DESK", "VENUE"), Role.INITIATOR)
REFUSALS = [ending for ending, course in ENDINGS.items() if course.next is Next.REFUSAL]
STOPS = [ending for ending, course in ENDINGS.items() if course.next is Next.NEVER]
BACK_OFFS = [ending for ending, course in ENDINGS.items() if course.next is Next.BACK_OFF]
SOONS = [ending for ending, course in ENDINGS.items() if course.next is Next.SOON]


class Loaded:
    """Dice that always show the same share of what they could."""

    def __init__(self, share: float) -> None:
        self.share = share

    def uniform(self, a: float, b: float) -> float:
        return a + (b - a) * self.share


LOW, MIDDLE, HIGH = Loaded(0), Loaded(0.5), Loaded(1)


def waits(ending: Ending, dice: Loaded, times: int = 9, **kept: object) -> list[float]:
    """How long is waited after an ending, in seconds, time after time."""
    made = replace(ALWAYS_OPEN, **kept)
    tries, now, found = Tries(), NOW, []
    for _ in range(times):
        move, tries = next_move(ending, tries, made, now, dice)
        assert move.at_ns is not None
        assert move.ending is ending
        found.append((move.at_ns - now) / SECOND)
        now = move.at_ns
    return found


class TestTheTable:
    def test_every_ending_is_in_it(self):
        assert set(ENDINGS) == set(Ending)

    def test_its_texts_are_sentences(self):
        for course in ENDINGS.values():
            assert isinstance(course, Course)
            for text in (course.text, course.next_step):
                assert text[0].isupper() or text.startswith("fixgate")
                assert text.endswith(".")

    @pytest.mark.parametrize(
        ("what", "then"),
        [
            ({Ending.LOST, Ending.MUTE}, Next.SOON),
            ({Ending.UNREACHABLE, Ending.TLS_FAILED}, Next.BACK_OFF),
            ({Ending.CREDENTIALS, Ending.LOCKED, Ending.EXPIRED, Ending.SETTINGS}, Next.NEVER),
            ({Ending.NUMBERS}, Next.RESTART),
            ({Ending.CLOSED, Ending.RESTART}, Next.OPENING),
        ],
    )
    def test_what_follows(self, what: set[Ending], then: Next):
        assert {ending for ending, course in ENDINGS.items() if course.next is then} == what


class TestWaiting:
    @pytest.mark.parametrize("ending", BACK_OFFS)
    def test_for_a_venue_out_of_reach_up_to_a_minute(self, ending: Ending):
        assert waits(ending, MIDDLE) == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        assert waits(ending, LOW)[0] == 0.8
        assert waits(ending, HIGH)[-1] == 72

    @pytest.mark.parametrize("ending", REFUSALS)
    def test_a_minute_and_more_after_a_refusal(self, ending: Ending):
        assert waits(ending, LOW, 5) == [60, 120, 240, 300, 300]
        assert waits(ending, HIGH, 5) == [75, 150, 300, 375, 375]

    @pytest.mark.parametrize("ending", SOONS)
    def test_a_moment_after_a_line_that_broke_and_longer_when_it_breaks_again(self, ending):
        assert waits(ending, LOW, 3) == [0.1, 1.6, 3.2]
        assert waits(ending, HIGH, 3) == [1.0, 2.4, 4.8]

    @pytest.mark.parametrize("ending", STOPS)
    def test_for_ever_where_another_try_does_harm(self, ending: Ending):
        move, _ = next_move(ending, Tries(), ALWAYS_OPEN, NOW, MIDDLE)
        assert move == Move(None, ending)

    def test_thousands_of_failures_are_no_matter(self):
        tries = Tries(failures=100_000, refusals=100_000)
        move, _ = next_move(Ending.UNREACHABLE, tries, ALWAYS_OPEN, NOW, MIDDLE)
        assert move.at_ns == NOW + MINUTE
        move, _ = next_move(Ending.REFUSED, tries, ALWAYS_OPEN, NOW, LOW)
        assert move.at_ns == NOW + 5 * MINUTE


class TestMemory:
    def test_a_session_that_was_up_for_a_minute_wipes_the_slate(self):
        tries = Tries(failures=7, refusals=7)
        move, after = next_move(
            Ending.LOST, tries, ALWAYS_OPEN, NOW, MIDDLE, up_ns=SETTLED_NS
        )  # fmt: skip
        assert move.at_ns == NOW + 550_000_000
        assert (after.failures, after.refusals) == (1, 0)

    def test_one_that_was_up_for_less_does_not(self):
        move, after = next_move(
            Ending.LOST, Tries(failures=3), ALWAYS_OPEN, NOW, MIDDLE, up_ns=SETTLED_NS - 1
        )
        assert move.at_ns == NOW + 8 * SECOND
        assert after.failures == 4

    def test_a_venue_that_was_out_of_reach_for_long_is_not_held_to_it_when_it_refuses(self):
        move, _ = next_move(Ending.REFUSED, Tries(failures=50), ALWAYS_OPEN, NOW, LOW)
        assert move.at_ns == NOW + MINUTE

    @pytest.mark.parametrize("between", [Ending.UNREACHABLE, Ending.LOST, Ending.MUTE])
    def test_no_logon_within_a_minute_of_a_refused_one_whatever_comes_between(self, between):
        _, tries = next_move(Ending.REFUSED, Tries(), ALWAYS_OPEN, NOW, LOW)
        move, _ = next_move(between, tries, ALWAYS_OPEN, NOW + 10 * SECOND, LOW)
        assert move == Move(NOW + MINUTE, between)


class TestASteppedClock:
    def after(self, move: Move, step_ns: int, made=ALWAYS_OPEN, tries=None, dice=LOW) -> Move:
        tries = tries or Tries()
        return move_after_step(move, tries, made, NOW + step_ns, step_ns, dice)

    @pytest.mark.parametrize("step_ns", [HOUR, -HOUR, SECOND])
    def test_what_is_so_long_from_now_still_is(self, step_ns):
        assert Tries(1, 2, NOW).after_step(step_ns) == Tries(1, 2, NOW + step_ns)
        waiting = Move(NOW + MINUTE, Ending.REFUSED)
        assert self.after(waiting, step_ns) == Move(NOW + step_ns + MINUTE, Ending.REFUSED)

    def test_never_stays_never(self):
        assert self.after(Move(None, Ending.LOCKED), HOUR) == Move(None, Ending.LOCKED)

    def test_a_wait_that_now_ends_after_hours_is_the_next_opening(self):
        made = replace(ALWAYS_OPEN, schedule=OFFICE)
        found = self.after(Move(NOW + MINUTE, Ending.REFUSED), 9 * HOUR, made)
        assert found == Move(opening(8, 3), Ending.REFUSED, by_clock=True, closed=True)

    def test_an_opening_that_has_passed_is_due(self):
        made = replace(ALWAYS_OPEN, schedule=OFFICE)
        closed = Move(NOW + HOUR, Ending.CLOSED, by_clock=True, closed=True)
        assert self.after(closed, 2 * HOUR, made) is closed

    def test_an_opening_that_is_ahead_is_looked_up_anew(self):
        made = replace(ALWAYS_OPEN, schedule=OFFICE)
        closed = Move(opening(8, 4), Ending.CLOSED, by_clock=True, closed=True)
        assert self.after(closed, -3 * HOUR, made).at_ns == opening(8, 2)
        assert self.after(closed, HOUR, made) == Move(NOW + HOUR, Ending.CLOSED)

    def test_but_not_before_the_minute_is_over(self):
        tries = Tries(not_before_ns=NOW + HOUR + 40 * SECOND)
        closed = Move(opening(8, 4), Ending.REFUSED, by_clock=True, closed=True)
        found = self.after(closed, HOUR, tries=tries)
        assert found == Move(NOW + HOUR + 40 * SECOND, Ending.REFUSED)

    def test_so_is_a_restart_of_the_numbers(self):
        made = replace(ALWAYS_OPEN, reset_schedule=AROUND)
        waiting = Move(opening(22, 3), Ending.NUMBERS, by_clock=True)
        assert self.after(waiting, -3 * HOUR, made).at_ns == opening(22, 2)
        assert self.after(waiting, 3 * 24 * HOUR, made) is waiting


def opening(hour: int, day: int = 2, second: float = 5) -> int:
    """An opening, with the least of what a session begins after it."""
    at = datetime(2026, 3, day, hour, tzinfo=UTC)
    return int((at.timestamp() + second) * SECOND)


class TestHours:
    def test_open_now_is_now(self):
        made = replace(ALWAYS_OPEN, schedule=OFFICE, reset_schedule=OFFICE)
        assert first_move(made, NOW, LOW) == Move(NOW)
        assert first_move(ALWAYS_OPEN, NOW, LOW) == Move(NOW)

    def test_closed_now_is_a_few_seconds_after_the_opening(self):
        made = replace(ALWAYS_OPEN, schedule=OFFICE)
        for dice, seconds in ((LOW, 5), (HIGH, 10)):
            assert first_move(made, NOW + 9 * HOUR, dice) == Move(
                opening(8, 3, seconds), Ending.CLOSED, by_clock=True, closed=True
            )

    def test_the_end_of_the_hours(self):
        made = replace(ALWAYS_OPEN, schedule=OFFICE)
        move, tries = next_move(Ending.CLOSED, Tries(2, 2), made, NOW + 8 * HOUR, LOW)
        assert move == Move(opening(8, 3), Ending.CLOSED, by_clock=True, closed=True)
        assert tries == Tries(2, 2)

    def test_none_begins_right_before_the_end(self):
        made = replace(ALWAYS_OPEN, schedule=OFFICE)
        late = NOW + 8 * HOUR - EDGE_NS
        assert first_move(made, late - 1, LOW) == Move(late - 1)
        assert first_move(made, late, LOW).at_ns == opening(8, 3)

    def test_a_line_that_breaks_right_before_the_end_is_mended_after_the_opening(self):
        made = replace(ALWAYS_OPEN, schedule=OFFICE)
        move, _ = next_move(Ending.LOST, Tries(), made, NOW + 8 * HOUR - SECOND, LOW)
        assert move == Move(opening(8, 3), Ending.LOST, by_clock=True, closed=True)

    def test_a_back_off_that_ends_after_hours_is_the_next_opening(self):
        made = replace(ALWAYS_OPEN, schedule=OFFICE)
        move, _ = next_move(Ending.REFUSED, Tries(), made, NOW + 8 * HOUR - 30 * SECOND, LOW)
        assert move == Move(opening(8, 3), Ending.REFUSED, by_clock=True, closed=True)

    def test_periods_without_a_pause_are_never_closed(self):
        made = replace(ALWAYS_OPEN, schedule=AROUND, reset_schedule=AROUND)
        move, _ = next_move(Ending.CLOSED, Tries(), made, NOW + 13 * HOUR, LOW)
        assert move == Move(opening(22), Ending.CLOSED, by_clock=True)
        late = NOW + 13 * HOUR - 3 * SECOND
        assert first_move(made, late, LOW) == Move(opening(22), Ending.RESTART, by_clock=True)

    def test_a_restart_of_the_numbers_is_not_run_into(self):
        made = replace(ALWAYS_OPEN, reset_schedule=AROUND)
        late = NOW + 13 * HOUR - 3 * SECOND
        move, _ = next_move(Ending.LOST, Tries(), made, late, LOW)
        assert move == Move(opening(22), Ending.LOST, by_clock=True)
        move, _ = next_move(Ending.RESTART, Tries(), made, NOW + 13 * HOUR, LOW)
        assert move == Move(opening(22), Ending.RESTART, by_clock=True)

    def test_a_restart_at_the_opening_is_one_wait(self):
        made = replace(ALWAYS_OPEN, schedule=OFFICE, reset_schedule=Schedule(time(8), time(8)))
        assert first_move(made, NOW - 2 * HOUR, LOW).at_ns == opening(8)

    def test_over_a_weekend_with_a_holiday(self):
        week = Schedule(
            time(17), time(16), ZoneInfo("America/New_York"),
            start_day=Weekday.SUNDAY, end_day=Weekday.FRIDAY, holidays=(date(2026, 3, 8),),
        )  # fmt: skip
        made = replace(ALWAYS_OPEN, schedule=week)
        friday = int(datetime(2026, 3, 6, 21, tzinfo=UTC).timestamp()) * SECOND
        move, _ = next_move(Ending.CLOSED, Tries(), made, friday, LOW)
        # Summer time has begun meanwhile: 17:00 in New York is 21:00 UTC.
        monday = int(datetime(2026, 3, 9, 21, tzinfo=UTC).timestamp()) * SECOND
        assert move.at_ns == monday + EDGE_NS

    def test_hours_of_a_few_seconds_do_not_keep_us_searching(self):
        made = replace(ALWAYS_OPEN, schedule=Schedule(time(8), time(8, 0, 3)))
        move = first_move(made, NOW, LOW)
        assert move.at_ns is not None
        assert move.at_ns > NOW


class TestNumbersThatDisagree:
    def test_are_never_tried_again_where_they_never_restart(self):
        move, _ = next_move(Ending.NUMBERS, Tries(), ALWAYS_OPEN, NOW, LOW)
        assert move == Move(None, Ending.NUMBERS)

    def test_are_tried_again_after_the_next_restart(self):
        made = replace(ALWAYS_OPEN, reset_schedule=AROUND)
        move, _ = next_move(Ending.NUMBERS, Tries(), made, NOW, LOW)
        assert move == Move(opening(22), Ending.NUMBERS, by_clock=True)

    def test_or_when_it_is_open_after_it(self):
        made = replace(ALWAYS_OPEN, schedule=OFFICE, reset_schedule=AROUND)
        move, _ = next_move(Ending.NUMBERS, Tries(), made, NOW, LOW)
        assert move == Move(opening(8, 3), Ending.NUMBERS, by_clock=True, closed=True)

    def test_right_after_a_restart_the_venue_may_be_late(self):
        made = replace(ALWAYS_OPEN, reset_schedule=AROUND)
        at, tries = NOW + 13 * HOUR + 2 * SECOND, Tries()
        move, tries = next_move(Ending.NUMBERS, tries, made, at, LOW)
        assert move == Move(at + MINUTE, Ending.RESTART_AWAITED)
        move, tries = next_move(Ending.NUMBERS, tries, made, at + MINUTE, LOW)
        assert move == Move(at + 3 * MINUTE, Ending.RESTART_AWAITED)
        move, _ = next_move(Ending.NUMBERS, tries, made, at + 5 * MINUTE, LOW)
        assert move == Move(opening(22, 3), Ending.NUMBERS, by_clock=True)


SCHEDULES = st.sampled_from(
    [
        None,
        OFFICE,
        AROUND,
        Schedule(time(17), time(16), ZoneInfo("America/New_York"), weekdays=tuple(Weekday)[:5]),
        Schedule(time(2, 30), time(1, 30), ZoneInfo("Europe/Berlin")),
        Schedule(time(17), time(16), start_day=Weekday.SUNDAY, end_day=Weekday.FRIDAY),
    ]
)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(Ending)), st.integers(0, 3 * MINUTE), st.integers(0, HOUR)),
        max_size=40,
    ),
    SCHEDULES,
    SCHEDULES,
    st.integers(0, 400 * DAY),
    st.integers(),
)
def test_whatever_happens(history, hours, resets, offset, seed):
    """No Logon within a minute of a refused one, none out of hours, and never back in time."""
    made = replace(ALWAYS_OPEN, schedule=hours, reset_schedule=resets)
    dice = random.Random(seed)
    now, tries, refused = NOW + offset, Tries(), -MINUTE
    move = first_move(made, now, dice)
    for ending, takes, up in history:
        assert move.at_ns is not None
        assert move.at_ns >= max(now, refused + REFUSAL_NS)
        if hours is not None:
            period = hours.period_at(move.at_ns)
            assert period is not None
            assert period.end_ns > move.at_ns + EDGE_NS
        if resets is not None:
            assert resets.next_open_ns(move.at_ns) > move.at_ns + EDGE_NS
        now = move.at_ns + takes + up
        move, tries = next_move(ending, tries, made, now, dice, up_ns=up)
        if ENDINGS[move.ending or ending].next in (Next.REFUSAL, Next.RESTART, Next.NEVER):
            refused = now
        if move.at_ns is None:
            assert ENDINGS[ending].next is Next.NEVER or resets is None
            return
