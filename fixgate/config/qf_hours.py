"""QuickFIX's session times into ``schedule`` and ``reset_numbers``."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from fixgate.config.hours import Day, TimeOfDay, Zone
from fixgate.config.qf_file import Setting
from fixgate.config.qf_view import Tree, View
from fixgate.session.schedule import Weekday

__all__ = ["hours"]

_KEYS = ("StartTime", "EndTime", "StartDay", "EndDay", "Weekdays", "TimeZone", "UseLocalTime")
_TIME: TypeAdapter[object] = TypeAdapter(TimeOfDay)
_ZONE: TypeAdapter[object] = TypeAdapter(Zone)
_DAY: TypeAdapter[object] = TypeAdapter(Day)
_SHORT_DAYS = {day.value[:2]: day.value for day in Weekday}


class _UnusableError(Exception):
    """These times cannot be told; the text says why."""

    def __init__(self, setting: Setting, why: str) -> None:
        super().__init__(why)
        self.setting = setting
        self.why = why


def hours(view: View) -> Tree:
    """Return ``schedule`` and ``reset_numbers``, or nothing for a session without hours.

    A part of the hours would be the wrong hours: when one key cannot be honoured, none is. The
    numbers restart with each period, as QuickFIX's do.
    """
    if view.flag("NonStopSession"):
        view.notes("the session never stops", *_KEYS)
        return {}
    start, end = view.get("StartTime"), view.get("EndTime")
    if start is None and end is None:
        view.notes("only together with StartTime and EndTime", *_KEYS[2:])
        return {}
    try:
        return {"schedule": _schedule(view, start, end), "reset_numbers": "each_period"}
    except _UnusableError as error:
        view.note(error.setting, error.why)
        why = f"the schedule is left out, because of {error.setting.key}"
        for key in _KEYS:
            setting = view.get(key)
            if setting is not None and setting is not error.setting:
                view.note(setting, why)
        return {}


def _schedule(view: View, start: Setting | None, end: Setting | None) -> Tree:
    present = start or end
    assert present is not None
    if start is None or end is None:
        raise _UnusableError(present, "only together with StartTime and EndTime")
    (opens, first), (closes, second) = _time(start), _time(end)
    if first != second:
        raise _UnusableError(end, "in another time zone than StartTime")
    schedule: Tree = {"start": opens, "end": closes}
    zone = _zone(view, first, start)
    if zone:
        schedule["time_zone"] = zone
    return schedule | _days(view)


def _time(setting: Setting) -> tuple[str, str]:
    """Return the time of day, and the zone that QuickFIX/J allows behind it."""
    text, _, zone = setting.value.partition(" ")
    # A fraction of a second, which some engines write, opens nothing earlier.
    text = text.partition(".")[0]
    text = f"0{text}" if text[1:2] == ":" else text
    if not _valid(_TIME, text):
        raise _UnusableError(setting, "expected HH:MM:SS")
    return text, zone.strip()


def _zone(view: View, behind: str, start: Setting) -> str:
    setting = view.get("TimeZone")
    local = view.get("UseLocalTime")
    if local is not None and view.flag("UseLocalTime"):
        raise _UnusableError(local, "the engine's own time zone is not known here")
    name, source = (behind, start) if behind or setting is None else (setting.value, setting)
    if not name:
        return ""
    if not _valid(_ZONE, name):
        raise _UnusableError(source, "expected a time zone such as America/New_York")
    return name


def _days(view: View) -> Tree:
    first, last, listed = view.get("StartDay"), view.get("EndDay"), view.get("Weekdays")
    if first is not None and last is not None:
        view.notes("not together with StartDay and EndDay", "Weekdays")
        return {"start_day": _day(first, first.value), "end_day": _day(last, last.value)}
    alone = first or last
    if alone is not None:
        raise _UnusableError(alone, "only together with StartDay and EndDay")
    if listed is None:
        return {}
    days = [_day(listed, each) for each in listed.value.split(",")]
    return {"weekdays": list(dict.fromkeys(days))}


def _day(setting: Setting, text: str) -> str:
    """Return the day that any of QuickFIX's abbreviations means."""
    folded = text.strip().casefold()
    name = _SHORT_DAYS.get(folded[:2], "")
    if not name.startswith(folded) or not _valid(_DAY, name):
        raise _UnusableError(setting, "expected days such as Monday or Mon")
    return name


def _valid(adapter: TypeAdapter[object], text: str) -> bool:
    try:
        adapter.validate_python(text)
    except ValidationError:
        return False
    return True
