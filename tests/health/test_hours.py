"""Whether a check can take place at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

import pytest

from fixgate.health.events import CheckCrashed, OutOfHours
from fixgate.health.hours import out_of_hours
from fixgate.health.judge import judge
from fixgate.health.model import CheckPlan, Closure, Expectation, Level, Phase, Status
from fixgate.health.persistence.plan import Cut, PersistencePlan
from fixgate.history import Record
from fixgate.session.events import HoursEnded, SequenceReset
from fixgate.session.schedule import Schedule
from tests.health.helpers import START_NS, Story, plan

# It is Sunday, 2026-11-22, 08:30 UTC.
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
LONDON = ZoneInfo("Europe/London")
DAY = Schedule(time(8), time(17), LONDON)
EVENING = Schedule(time(18), time(20), LONDON)


def with_hours(
    hours: Schedule | None, resets: Schedule | None = None, **changes: object
) -> CheckPlan:
    made = plan(**changes)
    session = replace(made.session, schedule=hours, reset_schedule=resets)
    return replace(made, session=session, deadline_ns=10 * SECOND)


def told(hours: Schedule | None, resets: Schedule | None = None, *, later_ns: int = 0) -> str:
    found = out_of_hours(with_hours(hours, resets), START_NS + later_ns)
    return found.text if found else ""


def test_within_its_hours_or_without_any_it_takes_place():
    assert told(None) == ""
    assert told(DAY) == ""
    assert told(DAY, DAY) == ""


def test_the_returns_of_level_persistence_need_their_time():
    made = replace(
        with_hours(DAY, level=Level.PERSISTENCE),
        persistence=PersistencePlan(cuts=(Cut.RST, Cut.SILENCE), silence_ns=30 * SECOND),
    )
    assert made.longest_ns == (10 + 2 * (2 * 10 + 2) + 30) * SECOND
    assert out_of_hours(made, START_NS) is None
    closing = START_NS + 510 * MINUTE - made.longest_ns  # 17:00 in London
    assert "too late" in (out_of_hours(made, closing) or OutOfHours(0, "")).text
    assert out_of_hours(replace(made, level=Level.ORDER), closing) is None


def test_a_silent_line_is_left_for_as_long_as_its_heartbeats_ask():
    assert PersistencePlan().silence_for_ns(30) == 75 * SECOND
    assert PersistencePlan().silence_for_ns(0) == 10 * SECOND
    assert PersistencePlan(silence_ns=SECOND).silence_for_ns(30) == SECOND


def test_out_of_hours_it_does_not():
    opens = out_of_hours(with_hours(EVENING), START_NS)
    assert opens == OutOfHours(
        START_NS + 570 * MINUTE,
        "closed by its schedule; it opens Sun 2026-11-22 18:00 Europe/London",
    )


@pytest.mark.parametrize("level", Level)
def test_whatever_its_level(level):
    assert out_of_hours(with_hours(EVENING, level=level), START_NS) is not None


def test_nor_when_it_might_outlast_them():
    hours_ns = 510 * MINUTE  # until 17:00
    assert told(DAY, later_ns=hours_ns - 13 * SECOND) == ""
    assert told(DAY, later_ns=hours_ns - 13 * SECOND + 1) == (
        "too late to check: it closes Sun 2026-11-22 17:00 Europe/London "
        "and opens again Mon 2026-11-23 08:00 Europe/London"
    )


def test_where_the_next_period_follows_at_once():
    around = Schedule(time(9), time(9), LONDON)
    assert told(around, later_ns=29 * MINUTE + 55 * SECOND) == (
        "too late to check: it closes Sun 2026-11-22 09:00 Europe/London"
    )


def test_nor_when_the_numbers_restart_meanwhile():
    nine = Schedule(time(9), time(9))
    found = out_of_hours(with_hours(None, nine), START_NS + 29 * MINUTE + 55 * SECOND)
    assert found == OutOfHours(
        START_NS + 30 * MINUTE,
        "too late to check: its numbers restart Sun 2026-11-22 09:00 UTC",
    )
    assert told(None, nine, later_ns=30 * MINUTE) == ""


@pytest.mark.parametrize(("level", "left_out"), [
    (Level.TCP, False), (Level.TLS, False), (Level.LOGON, True), (Level.SESSION, True),
])  # fmt: skip
def test_a_check_that_does_not_log_on_has_time_until_the_end(level, left_out):
    at_ns = START_NS + 510 * MINUTE - SECOND
    assert (out_of_hours(with_hours(DAY, DAY, level=level), at_ns) is not None) is left_out


CLOSED = OutOfHours(START_NS + MINUTE, "closed by its schedule; it opens soon")


class TestTheVerdict:
    def test_nothing_was_looked_at_and_nothing_is_wrong(self):
        report = judge(plan(), Story().step(CLOSED).records)
        assert report.status is Status.SKIPPED
        assert report.closure == Closure(CLOSED.opens_ns, CLOSED.text)
        assert report.findings == ()
        assert {result.status for result in report.phases} == {Status.SKIPPED}
        assert [record.text for record in report.transcript] == [
            "left out: closed by its schedule; it opens soon"
        ]

    def test_a_rehearsal_has_not_failed(self):
        wanted = Expectation(Status.FAIL, "silent")
        assert judge(plan(expectation=wanted), Story().step(CLOSED).records).as_expected is None

    def test_a_crash_is_still_one(self):
        story = Story().step(CLOSED).step(CheckCrashed("ValueError: x"))
        report = judge(plan(), story.records)
        assert (report.status, report.closure) == (Status.UNKNOWN, None)

    def test_an_open_session_has_none(self):
        report = judge(plan(), Story().logged_on().tested().numbered().logged_out().records)
        assert (report.status, report.closure) == (Status.PASS, None)


@pytest.mark.parametrize(("event", "text"), [
    (SequenceReset(by_peer=False), "both numbers restart at 1"),
    (SequenceReset(by_peer=True), "both numbers restart at 1, by the venue"),
    (HoursEnded("end of session"), "time is up: end of session"),
])  # fmt: skip
def test_it_can_be_read_in_the_transcript(event, text):
    report = judge(plan(), [Record(START_NS, "=", event)])
    assert report.transcript[0].text == text


def test_numbers_that_restarted_before_the_logon_are_no_surprise():
    """The store's numbers are noted after that: the venue's 1 is what was expected."""
    story = Story().connected().event(SequenceReset(by_peer=False)).logon_sent()
    story.rx("35=A|34=1|98=0|108=30").done(Phase.LOGON)
    report = judge(plan(), story.tested().numbered().logged_out().records)
    assert report.findings == ()
