"""What a session does about its schedules: keeps its hours, and restarts its numbers when told.

Nothing here waits: a session asks once, when it becomes active, until when it may stay, and that
instant is one of its deadlines. Nor does anything have to happen while nobody is connected: the
store says since when its numbers run, so a restart that fell due meanwhile, even while the process
was down, is made good before the next message is numbered.
"""

from __future__ import annotations

from fixgate.session.core import Core
from fixgate.session.events import HoursEnded, SequenceReset
from fixgate.session.schedule import Schedule, written
from fixgate.session.settings import SessionSettings
from fixgate.session.status import SessionStatus

__all__ = ["begin_hours", "closed_text", "end_hours", "hours_after_step", "renew"]


def closed_text(settings: SessionSettings, now_ns: int) -> str | None:
    """Return why nobody can log on now and when that changes, ``None`` when open."""
    schedule = settings.schedule
    if schedule is None or schedule.is_open(now_ns):
        return None
    return f"the session is closed; it opens {_opening(schedule, now_ns)}"


def begin_hours(core: Core) -> None:
    """Note until when the session that becomes active now may stay."""
    core.until_ns = _until_ns(core)
    core.arm(retry_ns=None)


def hours_after_step(core: Core) -> None:
    """Note the same anew: the clock of an active session has stepped.

    An end that the step passed over is due now: numbers were to restart meanwhile, say.
    """
    if core.until_ns is not None and core.until_ns > core.now_ns:
        core.until_ns = _until_ns(core)


def _until_ns(core: Core) -> int | None:
    settings, now_ns = core.settings, core.now_ns
    ends = []
    if settings.schedule is not None:
        period = settings.schedule.period_at(now_ns)
        ends.append(now_ns if period is None else period.end_ns)
    if settings.reset_schedule is not None:
        ends.append(settings.reset_schedule.next_open_ns(now_ns))
    return min(ends, default=None)


def end_hours(core: Core) -> None:
    """Begin an orderly end: the time is up."""
    schedule = core.settings.schedule
    if schedule is not None and not schedule.is_open(core.now_ns):
        text = f"end of session; it opens again {_opening(schedule, core.now_ns)}"
    elif _reset_due(core):
        text = "sequence numbers restart at 1 now; log on again"
    else:
        text = "end of session; the next one has begun"
    core.tell(HoursEnded(text))
    core.send_logout(text, status=SessionStatus.SESSION_LOGOUT_COMPLETE)


def renew(core: Core) -> None:
    """Restart both numbers if a time for that has passed since they began. Not while connected.

    Both sides know the hour, so nothing on the wire says it: ResetSeqNumFlag(141) is for a restart
    that only one side has decided on.
    """
    due, now_ns = core.settings.reset_schedule, core.now_ns
    if due is None or core.renewed_from_ns <= now_ns < core.renewed_until_ns:
        return
    if _reset_due(core):
        core.store.reset(now_ns)
        core.tell(SequenceReset(by_peer=False))
    core.renewed_from_ns = due.latest_period(now_ns).start_ns
    core.renewed_until_ns = due.next_open_ns(now_ns)


def _reset_due(core: Core) -> bool:
    due = core.settings.reset_schedule
    return due is not None and core.store.since_ns < due.latest_period(core.now_ns).start_ns


def _opening(schedule: Schedule, now_ns: int) -> str:
    return written(schedule.next_open_ns(now_ns), schedule.zone)
