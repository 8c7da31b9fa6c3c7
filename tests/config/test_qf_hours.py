from __future__ import annotations

import pytest

from tests.config.qf import ACCEPTOR, HOURS, INITIATOR, body, convert


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (HOURS, ['start: "08:00:00"', 'end: "17:30:00"', "reset_numbers: each_period"]),
        (HOURS + "TimeZone=America/New_York|", ["time_zone: America/New_York"]),
        (HOURS + "Weekdays=Mon,tu,Friday|", ["weekdays: [monday, tuesday, friday]"]),
        (HOURS + "StartDay=su|EndDay=Fri|", ["start_day: sunday", "end_day: friday"]),
        (HOURS + "UseLocalTime=N|", ['start: "08:00:00"']),
        ("StartTime=8:00:00|EndTime=00:00:00.000|", ['start: "08:00:00"', 'end: "00:00:00"']),
        (
            "StartTime=08:00:00 US/Eastern|EndTime=09:00:00 US/Eastern|",
            ["time_zone: US/Eastern"],
        ),
    ],
)
@pytest.mark.parametrize("text", [INITIATOR, ACCEPTOR], ids=["session", "venue"])
def test_hours(tmp_path, text, lines, outcome):
    found, _ = convert(tmp_path, text + lines.replace("|", "\n"))
    assert [each for each in outcome if each not in body(found.text)] == []
    assert found.notes == ()


@pytest.mark.parametrize(
    ("lines", "notes"),
    [
        ("StartTime=08:00:00|", {"StartTime": "only together"}),
        (HOURS + "UseLocalTime=Y|", {"UseLocalTime": "not known here", "StartTime": "left out"}),
        (HOURS + "TimeZone=Eastern Standard Time|", {"TimeZone": "expected a time zone"}),
        (HOURS + f"TimeZone={'a/' * 500}b|", {"TimeZone": "expected a time zone"}),
        (HOURS + "StartDay=mon|", {"StartDay": "only together", "EndTime": "left out"}),
        (HOURS + "Weekdays=Mon,Someday|", {"Weekdays": "expected days"}),
        (HOURS + "StartDay=x|EndDay=mon|", {"StartDay": "expected days"}),
        ("StartTime=late|EndTime=09:00:00|", {"StartTime": "expected HH:MM:SS"}),
        ("StartTime=08:00:00 UTC|EndTime=09:00:00|", {"EndTime": "another time zone"}),
        (HOURS + "NonStopSession=Y|", {"StartTime": "never stops", "EndTime": "never stops"}),
        ("Weekdays=Mon|", {"Weekdays": "only together"}),
    ],
)
def test_hours_that_cannot_be_honoured_are_left_out_wholly(tmp_path, lines, notes):
    found, _ = convert(tmp_path, INITIATOR + lines.replace("|", "\n"))
    assert "schedule" not in found.text
    assert "reset_numbers" not in found.text
    whys = {note.key: note.why for note in found.notes}
    assert [key for key, part in notes.items() if part not in whys.get(key, "")] == []


def test_not_both_kinds_of_days(tmp_path):
    lines = HOURS + "StartDay=su|EndDay=fri|Weekdays=mon|"
    found, _ = convert(tmp_path, INITIATOR + lines.replace("|", "\n"))
    assert "start_day: sunday" in body(found.text)
    assert [note.key for note in found.notes] == ["Weekdays"]
