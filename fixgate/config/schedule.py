"""``schedule`` and ``reset_numbers`` into the schedules of a session."""

from __future__ import annotations

from datetime import UTC
from typing import Protocol

from fixgate.config.builder import Builder
from fixgate.config.hours import EACH_PERIOD, ResetModel, ScheduleModel
from fixgate.config.yaml import Path
from fixgate.session.schedule import Schedule, Weekday
from fixgate.session.settings import SessionSettings

__all__ = ["build_hours", "inherit_hours"]


class _Overrides(Protocol):
    """A client's part of a venue file, as far as it is about hours."""

    @property
    def schedule(self) -> ScheduleModel | None: ...
    @property
    def reset_numbers(self) -> ResetModel | None: ...
    @property
    def model_fields_set(self) -> set[str]: ...


def build_hours(
    hours: ScheduleModel | None, reset: ResetModel | None, path: Path, builder: Builder
) -> tuple[Schedule | None, Schedule | None]:
    """Return when a session is open, and when its numbers restart.

    Args:
        hours: What is written as ``schedule``; ``None`` for always.
        reset: What is written as ``reset_numbers``; ``None`` for never.
        path: The mapping that holds both.
        builder: Takes the mistakes.
    """
    schedule = _schedule_of(hours, (*path, "schedule"), builder)
    return schedule, _reset_of(reset, path, schedule, builder)


def inherit_hours(
    model: _Overrides, path: Path, template: SessionSettings, builder: Builder
) -> tuple[Schedule | None, Schedule | None]:
    """Return the same for one client of a venue; what it does not say is the venue's.

    Args:
        model: What is written for the client.
        path: Where.
        template: The venue's own settings.
        builder: Takes the mistakes.
    """
    schedule = template.schedule
    if "schedule" in model.model_fields_set:
        schedule = _schedule_of(model.schedule, (*path, "schedule"), builder)
    if "reset_numbers" in model.model_fields_set:
        return schedule, _reset_of(model.reset_numbers, path, schedule, builder)
    if template.reset_schedule is not None and template.reset_schedule is template.schedule:
        return schedule, _reset_of(EACH_PERIOD, path, schedule, builder)
    return schedule, template.reset_schedule


def _schedule_of(model: ScheduleModel | None, path: Path, builder: Builder) -> Schedule | None:
    if model is None:
        return None
    if (model.start_day is None) is not (model.end_day is None):
        lacking = "start_day" if model.start_day is None else "end_day"
        builder.draft.report_missing(path, [lacking])
        builder.draft.unusable.add(path)
        return None
    if model.weekdays and model.start_day is not None:
        message = "weekdays are for daily sessions, start_day and end_day for weekly ones"
        builder.draft.report((*path, "weekdays"), message, "leave one out", at_key=True)
        builder.draft.unusable.add(path)
        return None
    for key, values in (("weekdays", model.weekdays), ("holidays", model.holidays)):
        seen: dict[object, Path] = {}
        for index, value in enumerate(values):
            name = value.value if isinstance(value, Weekday) else value
            builder.unique((*path, key, index), value, seen, f"{name} is listed twice")
    return Schedule(
        start=model.start,
        end=model.end,
        zone=model.time_zone or UTC,
        weekdays=tuple(model.weekdays),
        start_day=model.start_day,
        end_day=model.end_day,
        holidays=tuple(sorted(model.holidays)),
    )


def _reset_of(
    model: ResetModel | None, path: Path, schedule: Schedule | None, builder: Builder
) -> Schedule | None:
    """Return the schedule whose periods each begin with new numbers, ``None`` for never."""
    if model is None:
        return None
    if model is EACH_PERIOD:
        unread = {(*path, "schedule"), (*path, "reset_numbers")} & builder.draft.unusable
        if schedule is None and not unread:
            hint = "add schedule: {start: '08:00', end: '17:00'}"
            message = "reset_numbers: each_period needs a schedule"
            builder.draft.report((*path, "reset_numbers"), message, hint)
        return schedule
    zone = model.time_zone or (schedule.zone if schedule is not None else UTC)
    return Schedule(model.at, model.at, zone, start_day=model.day, end_day=model.day)
