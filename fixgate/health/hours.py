"""Whether a check can take place at all: pure arithmetic on the session's schedules."""

from __future__ import annotations

from fixgate.health.events import OutOfHours
from fixgate.health.model import CheckPlan, Level
from fixgate.session.schedule import Schedule, written

__all__ = ["out_of_hours"]

_AFTER_NS = 3_000_000_000
"""A check that uses its whole deadline still has to log out."""


def out_of_hours(plan: CheckPlan, now_ns: int) -> OutOfHours | None:
    """Return why a check that would begin now has to be left out, or ``None``.

    Args:
        plan: What to check.
        now_ns: Now.
    """
    hours, resets = plan.session.schedule, plan.session.reset_schedule
    if hours is not None and not hours.is_open(now_ns):
        opens_ns = hours.next_open_ns(now_ns)
        text = f"closed by its schedule; it opens {written(opens_ns, hours.zone)}"
        return OutOfHours(opens_ns, text)
    if plan.level in (Level.TCP, Level.TLS):
        return None
    over_ns = now_ns + plan.longest_ns + _AFTER_NS
    if hours is not None and hours.next_close_ns(now_ns) < over_ns:
        return _too_late(hours, now_ns)
    if resets is not None and resets.next_open_ns(now_ns) < over_ns:
        due_ns = resets.next_open_ns(now_ns)
        when = written(due_ns, resets.zone)
        return OutOfHours(due_ns, f"too late to check: its numbers restart {when}")
    return None


def _too_late(hours: Schedule, now_ns: int) -> OutOfHours:
    closes_ns = hours.next_close_ns(now_ns)
    opens_ns = hours.next_open_ns(now_ns)
    text = f"too late to check: it closes {written(closes_ns, hours.zone)}"
    if opens_ns > closes_ns:
        text += f" and opens again {written(opens_ns, hours.zone)}"
    return OutOfHours(opens_ns, text)
