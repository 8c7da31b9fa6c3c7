"""How a try to log on ended, or a session that was up: a pure function of its history.

What kept a session from coming up is judged as a check would judge it: the causes and the words
are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fixgate.health.case import Case
from fixgate.health.endings import ENDINGS, Ending
from fixgate.health.events import CheckCrashed, Closed, PhaseStarted, StoreUnusable
from fixgate.health.judge import judge
from fixgate.health.model import CheckPlan, Finding, Level, Phase, Severity
from fixgate.health.order_trail import text_of
from fixgate.health.reading import Reading
from fixgate.health.session_status import next_step_for, status_of, status_words
from fixgate.health.wording import Refusal, expectation_complaint, refusal_in, sequence_complaint
from fixgate.history import Record
from fixgate.session.events import (
    HoursEnded,
    LoggedOn,
    LoggedOut,
    LogonRefused,
    Reaction,
    TimedOut,
    Violation,
)
from fixgate.session.rules import Rule
from fixgate.session.status import SessionStatus
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType

__all__ = ["Ended", "begins_try", "ending_of"]

_BY_CAUSE = {
    "dns": Ending.UNREACHABLE,
    "refused": Ending.UNREACHABLE,
    "unreachable": Ending.UNREACHABLE,
    "connect-timeout": Ending.UNREACHABLE,
    "local-socket": Ending.UNREACHABLE,
    "closed-at-connect": Ending.UNREACHABLE,
    "store-unusable": Ending.STORE,
    "tls-local": Ending.SETTINGS,
    "silent": Ending.UNANSWERED,
    "closed-after-logon": Ending.CLOSED_UNANSWERED,
    "not-fix": Ending.NOT_FIX,
    "garbled": Ending.NOT_FIX,
    "logon-rejected": Ending.REFUSED,
    "logon-not-answered": Ending.REFUSED,
    "seqnum-too-low": Ending.NUMBERS,
    "seqnum-too-high": Ending.NUMBERS,
    "venue-seqnum-too-low": Ending.NUMBERS,
    "reset-unasked": Ending.NUMBERS,
    "new-password-refused": Ending.CREDENTIALS,
    "crashed": Ending.FAULT,
}

_BY_STATUS = {
    SessionStatus.NEW_SESSION_PASSWORD_DOES_NOT_COMPLY_WITH_POLICY: Ending.CREDENTIALS,
    SessionStatus.INVALID_USERNAME_OR_PASSWORD: Ending.CREDENTIALS,
    SessionStatus.ACCOUNT_LOCKED: Ending.LOCKED,
    SessionStatus.LOGONS_ARE_NOT_ALLOWED_AT_THIS_TIME: Ending.VENUE_CLOSED,
    SessionStatus.PASSWORD_EXPIRED: Ending.EXPIRED,
    SessionStatus.RECEIVED_MSG_SEQ_NUM_TOO_LOW: Ending.NUMBERS,
    SessionStatus.RECEIVED_NEXT_EXPECTED_MSG_SEQ_NUM_TOO_HIGH: Ending.NUMBERS,
}

_BY_REFUSAL = {
    Refusal.LOCKED: Ending.LOCKED,
    Refusal.EXPIRED: Ending.EXPIRED,
    Refusal.DUPLICATE: Ending.DUPLICATE,
    Refusal.HOURS: Ending.VENUE_CLOSED,
    Refusal.CREDENTIALS: Ending.CREDENTIALS,
}

_ABOUT_NUMBERS = frozenset(
    rule.value
    for rule in (
        Rule.SEQNUM_TOO_LOW,
        Rule.NEXT_EXPECTED_TOO_HIGH,
        Rule.RESET_UNASKED,
        Rule.RESET_NOT_AT_ONE,
        Rule.RESET_REFUSED,
        Rule.GAP_UNFILLED,
    )
)
_BY_US = frozenset({Reaction.LOGOUT, Reaction.REJECTED_LOGOUT, Reaction.CLOSED})
_UNDETERMINED = frozenset({"incomplete", "deadline"})


@dataclass(frozen=True, slots=True)
class Ended:
    """An ending and what there is to say about it.

    Attributes:
        ending: How it ended.
        cause: More exactly, one of `fixgate.health.causes.CAUSES`; else the ending's name.
        text: What has happened, in a sentence; secrets masked.
        next_step: What to do, in the imperative.
    """

    ending: Ending
    cause: str
    text: str
    next_step: str

    @classmethod
    def plainly(cls, ending: Ending, text: str = "", next_step: str | None = None) -> Ended:
        """Return an ending that there is no more to say about than the table does, or a text."""
        course = ENDINGS[ending]
        return cls(ending, ending.value, text or course.text, next_step or course.next_step)


def ending_of(plan: CheckPlan, history: Sequence[Record]) -> Ended:
    """Return how the last try of a history ended, or the session that it brought up.

    Args:
        plan: Whose session it is.
        history: In the judge's words; of a long one the newest records are enough.
    """
    records = history[_beginning(history) :]
    up = next((n for n, r in enumerate(records) if isinstance(r.what, LoggedOn)), None)
    whole = bool(records) and isinstance(records[0].what, PhaseStarted)
    if up is None and whole:
        return _before(Case(replace(plan, level=Level.LOGON), Reading(records)))
    return _after(Case(plan, Reading(records[up or 0 :])))


def begins_try(what: object) -> bool:
    """Whether a record is the first of a try."""
    return isinstance(what, PhaseStarted) and what.phase is Phase.RESOLVE


def _beginning(history: Sequence[Record]) -> int:
    """Return where the last try begins; 0 where it is too long ago to be kept."""
    newest_first = range(len(history) - 1, 0, -1)
    return next((index for index in newest_first if begins_try(history[index].what)), 0)


# What kept a session from coming up.


def _before(case: Case) -> Ended:
    records = case.reading.records
    findings = judge(case.plan, records).findings
    finding = next((f for f in findings if f.severity is Severity.FAILURE), None)
    if finding is not None and finding.cause not in _UNDETERMINED:
        return Ended(_judged(case, finding), finding.cause, finding.summary, finding.next_step)
    refused = case.reading.first(LogonRefused)
    if refused is None:
        return Ended.plainly(Ending.UNREACHABLE, finding.summary if finding else "")
    ending = Ending.NOT_AGREED if case.reading.sent else Ending.CLOSED
    return Ended.plainly(ending, case.scribe.clean(_sentence(refused[1].text)))


def _judged(case: Case, finding: Finding) -> Ending:
    if finding.cause == "logon-refused":
        logout = _last_logout(case)
        return (_by_words(logout) if logout is not None else None) or Ending.REFUSED
    otherwise = Ending.TLS_FAILED if finding.phase is Phase.TLS else Ending.NOT_AGREED
    return _BY_CAUSE.get(finding.cause, otherwise)


def _last_logout(case: Case) -> Message | None:
    received = reversed(case.reading.received)
    return next((s.message for s in received if s.message.msg_type == MsgType.Logout), None)


def _by_words(logout: Message) -> Ending | None:
    """Return the ending that a venue's Logout speaks of, ``None`` when it says nothing special."""
    status, text = status_of(logout), text_of(logout)
    by_status = _BY_STATUS.get(status) if isinstance(status, SessionStatus) else None
    if by_status is not None:
        return by_status
    if sequence_complaint(text) is not None or expectation_complaint(text):
        return Ending.NUMBERS
    refusal = refusal_in(text)
    return _BY_REFUSAL[refusal] if refusal is not None else None


# How a session that was up ended.


def _after(case: Case) -> Ended:
    clean = case.scribe.clean
    for record in case.reading.records:
        match record.what:
            case StoreUnusable(text):
                return Ended.plainly(Ending.STORE, f"The session's store cannot be used: {text}.")
            case CheckCrashed(text):
                return Ended.plainly(Ending.FAULT, f"fixgate itself failed: {clean(text)}.")
            case HoursEnded(text):
                return _hours_ended(case, record.at_ns, text)
            case Violation(rule=rule, reaction=reaction, text=text) if reaction in _BY_US:
                ending = Ending.NUMBERS if rule in _ABOUT_NUMBERS else Ending.NOT_AGREED
                return Ended.plainly(ending, f"The venue broke the rule {rule}: {clean(text)}.")
            case LoggedOut(by_peer=True, clean=True):
                return _logged_out(case)
            case TimedOut(waiting_for) if waiting_for != "Logout":
                return Ended.plainly(Ending.MUTE)
            case _:
                pass
    return Ended.plainly(Ending.LOST, clean(_how_lost(case)))


def _hours_ended(case: Case, at_ns: int, text: str) -> Ended:
    hours = case.plan.session.schedule
    closed = hours is not None and not hours.is_open(at_ns)
    return Ended.plainly(Ending.CLOSED if closed else Ending.RESTART, _sentence(text))


def _logged_out(case: Case) -> Ended:
    logout = _last_logout(case)
    if logout is None:
        return Ended.plainly(Ending.LOGGED_OUT)
    text, status = text_of(logout), status_words(logout)
    words = (case.quote(text) if text else "", f"SessionStatus(1409) {status}" if status else "")
    said = "; ".join(part for part in words if part)
    sentence = f"The venue has logged us out: {said}." if said else ""
    ending = _by_words(logout) or Ending.LOGGED_OUT
    return Ended.plainly(ending, case.scribe.clean(sentence), next_step_for(logout))


def _how_lost(case: Case) -> str:
    closed = case.reading.first(Closed)
    if closed is None or not closed[1].by_peer:
        return ""
    how = "reset" if closed[1].reset else "closed"
    more = f": {closed[1].text}" if closed[1].text else ""
    return f"The connection of a session that was up was {how}, without a Logout{more}."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
