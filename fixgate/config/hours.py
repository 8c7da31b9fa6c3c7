"""How ``schedule`` and ``reset_numbers`` are written."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, time, tzinfo
from typing import Annotated, Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field

from fixgate.config import fields as f
from fixgate.config.base import Strict
from fixgate.session.schedule import Weekday

__all__ = [
    "EACH_PERIOD",
    "RESET_WORDS",
    "SCHEDULE_WORDS",
    "Hours",
    "Reset",
    "ResetModel",
    "ScheduleModel",
]

_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

SCHEDULE_WORDS = ("always",)
RESET_WORDS = ("never", "each_period")


def _time_of_day(text: str) -> time:
    found = _TIME.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        hour, minute, second = (int(part) for part in found.groups(default="0"))
        return time(hour, minute, second)
    except ValueError:
        error = ValueError("expected a time of day such as 17:00 or 17:00:30")
        if text in ("24:00", "24:00:00"):
            error.add_note("did you mean '00:00'?")
        elif _TIME.fullmatch(f"0{text}"):
            error.add_note(f"did you mean '0{text}'?")
        raise error from None


def _day(text: str) -> Weekday:
    try:
        return Weekday(text)
    except ValueError:
        error = ValueError("expected a day of the week such as monday")
        if hint := f.closest(text, (day.value for day in Weekday)):
            error.add_note(hint)
        raise error from None


def _date(text: str) -> date:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("expected a date such as 2026-12-25") from None


_LONGEST_ZONE = 64
"""Twice as long as the longest name there is, America/Argentina/ComodRivadavia."""


def _zone(text: str) -> tzinfo:
    if text == "UTC":
        return UTC  # needs no data
    # Each slash is a package to be imported, one inside the other, where tzdata has the zones.
    if len(text) <= _LONGEST_ZONE:
        with suppress(KeyError, ValueError, OSError):
            return ZoneInfo(text)
    known = available_timezones()
    if not known:
        error = ValueError("this machine has no time zone data")
        error.add_note("pip install tzdata")
        raise error
    error = ValueError("expected a time zone such as Europe/London or UTC")
    if hint := f.closest(text, known, likeness=0.8):
        error.add_note(hint)
    raise error


_TIME_SCHEMA: f.JsonSchema = {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d)?$"}
TimeOfDay = Annotated[time, f.Reads(_time_of_day, _TIME_SCHEMA)]
Day = Annotated[Weekday, f.Reads(_day, {"type": "string", "enum": [d.value for d in Weekday]})]
Date = Annotated[date, f.Reads(_date, {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"})]
Zone = Annotated[tzinfo, f.Reads(_zone, {"type": "string"})]


class ScheduleModel(Strict):
    """When the session is open, every day or once a week."""

    start: TimeOfDay = Field(description="When it opens, such as 08:00.")
    end: TimeOfDay = Field(
        description="When it closes; not after start: on the next day, equal: after 24 hours."
    )
    time_zone: Zone | None = Field(
        default=None, description="Such as Europe/London; by default UTC."
    )
    weekdays: Annotated[list[Day], Field(min_length=1)] = Field(
        default=[], description="Days on which it opens; by default every day."
    )
    start_day: Day | None = Field(
        default=None, description="For one period a week: the day on which it opens."
    )
    end_day: Day | None = Field(default=None, description="The day on which it closes.")
    holidays: list[Date] = Field(
        default=[], description="Dates, in time_zone, on which no period begins."
    )


class ResetModel(Strict):
    """When both sequence numbers restart at 1, every day or once a week."""

    at: TimeOfDay = Field(description="The time of day, such as 22:00.")
    day: Day | None = Field(default=None, description="Once a week, on this day.")
    time_zone: Zone | None = Field(
        default=None, description="Such as Europe/London; by default the schedule's, else UTC."
    )


EACH_PERIOD: Final = ResetModel.model_construct(at=time(), day=None, time_zone=None)
"""Stands for the word: numbers restart when a period of the schedule begins."""


def _schedule(value: object) -> object:
    if value in SCHEDULE_WORDS:
        return None
    if isinstance(value, str):
        raise f.trouble(
            "expected 'always' or a mapping", "write schedule: {start: '08:00', end: '17:00'}"
        )
    return value


def _reset(value: object) -> object:
    if isinstance(value, str):
        if value not in RESET_WORDS:
            hint = f.closest(value, RESET_WORDS) or "write reset_numbers: {at: '22:00'}"
            raise f.trouble("expected never, each_period or a mapping", hint)
        return EACH_PERIOD if value == "each_period" else None
    return value


Hours = Annotated[
    ScheduleModel | None,
    BeforeValidator(_schedule, json_schema_input_type=ScheduleModel | None),
]
Reset = Annotated[
    ResetModel | None, BeforeValidator(_reset, json_schema_input_type=ResetModel | None)
]
