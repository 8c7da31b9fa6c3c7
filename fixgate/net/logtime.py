"""The times that stand in logs, in any of the habits that `fixgate.net.logfile` finds. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

__all__ = ["LogClock"]

_SECOND_NS = 1_000_000_000
_DAY_NS = 86_400 * _SECOND_NS
_BACK_NS = 3600 * _SECOND_NS
"""How far back a time without a date may be from the one before it: the end of summer time."""
_DIGITS_OF_NS = 9
_FORM = re.compile(
    r"(?:(?P<year>\d{4})[-/]?(?P<month>\d\d)[-/]?(?P<day>\d\d)[-T ])?"
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,12}))?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?"
)


class LogClock:
    """Reads the times of one log, one after another.

    A time without a date goes on from the one before it, past midnight; one without a zone is
    taken for UTC. So instants of one log compare, and no more than that is promised.

    Attributes:
        precision_ns: How fine its finest time is; loggers leave zeros out at the end.
        dated: All of its times have a date.
    """

    def __init__(self) -> None:
        self.precision_ns = _SECOND_NS
        self.dated = True
        self._last_ns: int | None = None

    @property
    def used(self) -> bool:
        """Whether it has read a time."""
        return self._last_ns is not None

    def read(self, text: str) -> int | None:
        """Return an instant, nanoseconds since the epoch; ``None`` where the text is none."""
        found = _FORM.fullmatch(text)
        if found is None:
            return None
        fraction = (found["fraction"] or "")[:_DIGITS_OF_NS]
        try:
            zone = _zone(found["zone"])
            date = (1970, 1, 1) if found["year"] is None else _three(found, "year", "month", "day")
            hour, minute, second = _three(found, "hour", "minute", "second")
            # A leap second is the second after it.
            leap = second == 60
            at = datetime(*date, hour, minute, second - leap, tzinfo=zone)
            seconds = int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
        except ValueError:
            return None
        at_ns = (seconds + leap) * _SECOND_NS + int(fraction.ljust(_DIGITS_OF_NS, "0"))
        if found["year"] is None:
            self.dated = False
            at_ns = self._on_a_day(at_ns)
        self._last_ns = at_ns
        self.precision_ns = min(self.precision_ns, 10 ** (_DIGITS_OF_NS - len(fraction)))
        return at_ns

    def _on_a_day(self, at_ns: int) -> int:
        """Put a time of day after the time before it, or a little before that."""
        if self._last_ns is None:
            return at_ns
        later_ns = (at_ns - self._last_ns) % _DAY_NS
        return self._last_ns + later_ns - (_DAY_NS if later_ns > _DAY_NS - _BACK_NS else 0)


def _three(found: re.Match[str], *names: str) -> tuple[int, int, int]:
    first, second, third = (int(found[name]) for name in names)
    return first, second, third


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
