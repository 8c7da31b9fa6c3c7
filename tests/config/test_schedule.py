"""``schedule`` and ``reset_numbers`` of session files and venue files."""

from __future__ import annotations

import json
import re
import zoneinfo
from datetime import UTC, date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from fixgate.cli.main import main
from fixgate.session.schedule import Schedule, Weekday
from tests.config.helpers import SESSION, VENUE, gateway, mistakes, plan, write

CHICAGO = ZoneInfo("America/Chicago")
OFF = "holidays: [2026-12-25]"
DAYS = "weekdays: [sunday, monday, tuesday, wednesday, thursday]"
FUTURES = f"{{start: 17:00, end: 16:00:30, time_zone: America/Chicago, {DAYS}, {OFF}}}"
FUTURES_SCHEDULE = Schedule(
    time(17),
    time(16, 0, 30),
    CHICAGO,
    weekdays=(Weekday.SUNDAY, *list(Weekday)[:4]),
    holidays=(date(2026, 12, 25),),
)


def both(folder, text: str) -> tuple[Schedule | None, Schedule | None]:
    """The two schedules of a session whose file ends in ``text``."""
    session = plan(folder, SESSION + text).session
    return session.schedule, session.reset_schedule


class TestASession:
    def test_is_open_always_and_never_resets(self, tmp_path):
        assert both(tmp_path, "") == (None, None)
        assert both(tmp_path, "    schedule: always\n    reset_numbers: never\n") == (None, None)

    def test_daily(self, tmp_path):
        schedule, reset = both(tmp_path, f"    schedule: {FUTURES}\n")
        assert schedule == FUTURES_SCHEDULE
        assert reset is None

    def test_weekly(self, tmp_path):
        text = "{start: 17:00, end: '16:00', start_day: sunday, end_day: friday}"
        assert both(tmp_path, f"    schedule: {text}\n") == (
            Schedule(time(17), time(16), UTC, start_day=Weekday.SUNDAY, end_day=Weekday.FRIDAY),
            None,
        )

    def test_holidays_in_any_order(self, tmp_path):
        text = "{start: 08:00, end: 17:00, holidays: [2027-01-01, 2026-12-25]}"
        schedule, _ = both(tmp_path, f"    schedule: {text}\n")
        assert schedule is not None
        assert schedule.holidays == (date(2026, 12, 25), date(2027, 1, 1))

    def test_numbers_restart_each_period(self, tmp_path):
        text = f"    schedule: {FUTURES}\n    reset_numbers: each_period\n"
        assert both(tmp_path, text) == (FUTURES_SCHEDULE, FUTURES_SCHEDULE)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("{at: 22:00}", Schedule(time(22), time(22), UTC)),
            ("{at: 22:00, time_zone: America/Chicago}", Schedule(time(22), time(22), CHICAGO)),
            (
                "{at: 22:00:01, day: sunday}",
                Schedule(
                    time(22, 0, 1), time(22, 0, 1), UTC,
                    start_day=Weekday.SUNDAY, end_day=Weekday.SUNDAY,
                ),
            ),
        ],
    )  # fmt: skip
    def test_numbers_restart_at_a_time_of_their_own(self, tmp_path, text, expected):
        assert both(tmp_path, f"    reset_numbers: {text}\n") == (None, expected)

    def test_its_zone_is_the_schedules(self, tmp_path):
        text = f"    schedule: {FUTURES}\n    reset_numbers: {{at: 22:00}}\n"
        assert both(tmp_path, text)[1] == Schedule(time(22), time(22), CHICAGO)
        text = f"    schedule: {FUTURES}\n    reset_numbers: {{at: 22:00, time_zone: UTC}}\n"
        assert both(tmp_path, text)[1] == Schedule(time(22), time(22), UTC)

    def test_defaults_are_completed(self, tmp_path):
        defaults = "defaults:\n  schedule: {start: 08:00, end: 17:00, time_zone: America/Chicago}\n"
        assert both(tmp_path, "")[0] is None
        text = defaults + SESSION
        assert plan(tmp_path, text).session.schedule == Schedule(time(8), time(17), CHICAGO)
        later = plan(tmp_path, text + "    schedule: {end: 18:00}\n")
        assert later.session.schedule == Schedule(time(8), time(18), CHICAGO)
        assert plan(tmp_path, text + "    schedule: always\n").session.schedule is None


class TestAVenue:
    HOURS = VENUE + "  comp_id: V\n  schedule: {start: 08:00, end: 17:00}\n"
    CLIENT = "  sessions:\n    - {begin_string: FIX.4.4, theirs: A%s}\n"
    OFFICE = Schedule(time(8), time(17))
    LATE = Schedule(time(9), time(18))

    def client(self, folder, text: str, more: str = "") -> tuple[Schedule | None, Schedule | None]:
        settings = gateway(folder, text + self.CLIENT % more).sessions[0].session
        return settings.schedule, settings.reset_schedule

    def test_its_hours_are_its_clients_and_strangers(self, tmp_path):
        found = gateway(tmp_path, self.HOURS)
        assert (found.template.schedule, found.template.reset_schedule) == (self.OFFICE, None)
        assert self.client(tmp_path, self.HOURS) == (self.OFFICE, None)

    def test_a_client_may_have_its_own(self, tmp_path):
        hours = ", schedule: {start: 09:00, end: 18:00}"
        assert self.client(tmp_path, self.HOURS, hours) == (self.LATE, None)
        assert self.client(tmp_path, self.HOURS, ", schedule: always") == (None, None)

    def test_each_period_is_one_of_the_clients_own(self, tmp_path):
        text = self.HOURS + "  reset_numbers: each_period\n"
        hours = ", schedule: {start: 09:00, end: 18:00}"
        assert self.client(tmp_path, text) == (self.OFFICE, self.OFFICE)
        assert self.client(tmp_path, text, hours) == (self.LATE, self.LATE)
        assert self.client(tmp_path, text, ", reset_numbers: never") == (self.OFFICE, None)

    def test_a_time_of_its_own_stays_so(self, tmp_path):
        text = self.HOURS + "  reset_numbers: {at: 08:00}\n"
        midnight = Schedule(time(8), time(8))
        assert self.client(tmp_path, text, ", schedule: always") == (None, midnight)
        own = ", reset_numbers: {at: 09:00}"
        assert self.client(tmp_path, text, own) == (self.OFFICE, Schedule(time(9), time(9)))


def test_utc_needs_no_data_and_another_zone_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("fixgate.config.hours.available_timezones", set)
    monkeypatch.setattr("fixgate.config.hours.ZoneInfo", _no_data)
    utc = "    schedule: {start: 08:00, end: 17:00, time_zone: UTC}\n"
    assert both(tmp_path, utc)[0] == Schedule(time(8), time(17), UTC)
    path = write(tmp_path, SESSION + utc.replace("UTC", "Europe/London"))
    assert mistakes(path) == [
        "7:53: this machine has no time zone data; received 'Europe/London' (pip install tzdata)"
    ]


def _no_data(key: str) -> ZoneInfo:
    raise zoneinfo.ZoneInfoNotFoundError(key)


def test_show_prints_them(tmp_path):
    text = SESSION + f"    schedule: {FUTURES}\n    reset_numbers: {{at: 22:00, day: sunday}}\n"
    result = CliRunner().invoke(main, ["config", "show", str(write(tmp_path, text))])
    session = json.loads(result.output)["sessions"][0]["session"]
    assert session["schedule"] == {
        "start": "17:00:00",
        "end": "16:00:30",
        "zone": "America/Chicago",
        "weekdays": ["sunday", "monday", "tuesday", "wednesday", "thursday"],
        "start_day": None,
        "end_day": None,
        "holidays": ["2026-12-25"],
    }
    assert session["reset_schedule"]["start_day"] == "sunday"
    assert session["reset_schedule"]["zone"] == "America/Chicago"


def test_what_the_how_to_shows_can_be_loaded(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "schedules.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    found = gateway(tmp_path, example).template
    assert found.schedule is found.reset_schedule is not None
    inline = re.findall(r"`((?:reset_numbers: )?\{(?:start|at).*?\})`", text, re.DOTALL)
    assert len(inline) == 4
    keys = {"{start": "schedule: ", "{at": "reset_numbers: ", "reset": ""}
    for snippet in inline:
        key = next(key for begins, key in keys.items() if snippet.startswith(begins))
        session = plan(tmp_path, SESSION + f"    {key}{' '.join(snippet.split())}\n").session
        assert session.schedule or session.reset_schedule
