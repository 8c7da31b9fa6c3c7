"""Judging the Logon: whether it was answered, with what, and whether both sides mean the same.

Spec: FIX 4.4 volume 2, "Logon"; FIX Session Layer Test Cases 1B.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.health.case import Case, Charge
from fixgate.health.events import Closed, DeadlinePassed, StoreUnusable
from fixgate.health.evidence import seconds
from fixgate.health.model import Phase, Severity
from fixgate.health.order_trail import text_of
from fixgate.health.reading import Seen, integer, is_echo
from fixgate.health.session_status import next_step_for, status_of, status_words
from fixgate.health.wording import (
    Direction,
    SequenceComplaint,
    expectation_complaint,
    foreign_protocol,
    sequence_complaint,
)
from fixgate.session.events import GarbledInput, TimedOut
from fixgate.session.policies import HeartbeatAnswer, ResetFlag
from fixgate.session.status import SessionStatus
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag
from fixgate.wire.timestamps import utc_ns

__all__ = ["complaint_charge", "logon_charges", "logon_facts"]

_INDICATOR = Tag.TestMessageIndicator
_SHOWN_BYTES = 60


def logon_charges(case: Case) -> Iterator[Charge]:
    """Judge the phase logon."""
    reading = case.reading
    unusable, ours = reading.first(StoreUnusable), reading.first_sent(MsgType.Logon)
    if unusable is not None:
        text = f"The session's store cannot be used: {unusable[1].text}."
        yield case.charge("store-unusable", Phase.LOGON, text, unusable[0])
    elif ours is None:
        yield from _never_asked(case)
    elif not reading.received:
        yield from _no_answer(case, ours)
    elif reading.logged_on is None:
        yield from _other_answer(case, ours, reading.received[0])
    else:
        yield from _agreement(case, ours, reading.logged_on)


def _never_asked(case: Case) -> Iterator[Charge]:
    closed = case.reading.first(Closed)
    if closed is not None and closed[1].by_peer and case.reading.started(Phase.LOGON) is not None:
        text = "The venue closed the connection before we could send our Logon."
        yield case.charge("closed-at-connect", Phase.LOGON, text, closed[0])


def _no_answer(case: Case, ours: Seen) -> Iterator[Charge]:
    reading = case.reading
    garbled, closed = reading.first(GarbledInput), reading.first(Closed)
    late = _time_up(case)
    if garbled is not None:
        yield _not_a_message(case, *garbled)
    elif closed is not None and closed[1].by_peer:
        how = "reset" if closed[1].reset else "closed"
        after = seconds(reading.at_ns(closed[0]) - ours.at_ns)
        text = f"The venue {how} the connection {after} after our Logon, without a word."
        yield case.charge("closed-after-logon", Phase.LOGON, text, closed[0])
    elif late is not None:
        waited = seconds(reading.at_ns(late) - ours.at_ns)
        text = f"The TCP connection stands, but no byte has answered our Logon in {waited}."
        yield case.charge("silent", Phase.LOGON, text, late)


def _time_up(case: Case) -> int | None:
    deadline, timeout = case.reading.first(DeadlinePassed), case.reading.first(TimedOut)
    places = [found[0] for found in (deadline, timeout) if found is not None]
    return min(places, default=None)


def _not_a_message(case: Case, index: int, garbled: GarbledInput) -> Charge:
    stranger = foreign_protocol(garbled.data)
    if stranger is None:
        text = f"Our Logon was answered with bytes that are no FIX message: {garbled.reason}."
        return case.charge("garbled", Phase.LOGON, text, index)
    head = garbled.data[:_SHOWN_BYTES].decode("latin-1").replace("\r\n", " ").strip()
    text = f"{stranger[0].upper()}{stranger[1:]} answered our Logon: {case.quote(head)}."
    return case.charge("not-fix", Phase.LOGON, text, index)


def _other_answer(case: Case, ours: Seen, answer: Seen) -> Iterator[Charge]:
    message, text = answer.message, text_of(answer.message)
    if is_echo(ours.message, message):
        said = "The port returns our own Logon: an echo server, or a loop in the network."
        yield case.charge("not-fix", Phase.LOGON, said, answer.index)
    elif message.msg_type == MsgType.Logout:
        charge = complaint_charge(case, Phase.LOGON, text, answer, ours.message)
        yield charge if charge is not None else _refused(case, text, answer)
    elif message.msg_type == MsgType.Reject:
        said = f"The venue rejected our Logon{_field_at_fault(message)}: {case.quote(text)}."
        yield case.charge("logon-rejected", Phase.LOGON, said, answer.index)
    else:
        kind = message.msg_type.decode("latin-1")
        said = f"The venue answered our Logon with MsgType(35) {kind}; expected Logon."
        yield case.charge("logon-not-answered", Phase.LOGON, said, answer.index)


def _refused(case: Case, text: str, answer: Seen) -> Charge:
    status = status_words(answer.message)
    said = f"The venue refused our Logon: {case.quote(text)}"
    if status:
        told = f"SessionStatus(1409) {status}"
        said = f"{said} ({told})" if text else f"The venue refused our Logon: {told}"
    elif not text:
        said = "The venue refused our Logon with a Logout that gives no reason"
    step = next_step_for(answer.message)
    return case.charge("logon-refused", Phase.LOGON, f"{said}.", answer.index, next_step=step)


def _field_at_fault(reject: Message) -> str:
    tag, reason = integer(reject, Tag.RefTagID), integer(reject, Tag.SessionRejectReason)
    parts = [
        f"RefTagID(371) {tag}" if tag is not None else "",
        f"SessionRejectReason(373) {reason}" if reason is not None else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f" ({told})" if told else ""


def complaint_charge(
    case: Case, phase: Phase, text: str, seen: Seen, logon: Message
) -> Charge | None:
    """Judge a venue's text that may be about our sequence number, ``None`` when it is not."""
    ours = integer(logon, Tag.NextExpectedMsgSeqNum)
    if ours is not None and expectation_complaint(text):
        said = (
            f"Our store expects the venue's MsgSeqNum(34) {ours} next, NextExpectedMsgSeqNum(789), "
            f"and the venue has not sent as many ({case.quote(text)})."
        )
        return case.charge("venue-seqnum-too-low", phase, said, seen.index)
    complaint = sequence_complaint(text)
    if complaint is None:
        if status_of(seen.message) is not SessionStatus.RECEIVED_MSG_SEQ_NUM_TOO_LOW:
            return None
        complaint = SequenceComplaint(Direction.TOO_LOW, None, None)
    received = complaint.received
    if received is None:
        received = integer(logon, Tag.MsgSeqNum)
    expected = complaint.expected if complaint.expected is not None else "another number"
    if complaint.direction is Direction.TOO_LOW:
        cause, side = "seqnum-too-low", "too low"
    else:
        cause, side = "seqnum-too-high", "too high"
    said = (
        f"Our MsgSeqNum(34) is {side}: the venue expects {expected} and received {received}"
        f" ({case.quote(text or status_words(seen.message))})."
    )
    return case.charge(cause, phase, said, seen.index)


def _agreement(case: Case, ours: Seen, answer: Seen) -> Iterator[Charge]:
    yield from _numbers(case, ours, answer)
    settings, message = case.plan.session, answer.message
    asked, got = settings.heartbeat_s, integer(message, Tag.HeartBtInt)
    if got is not None and got != asked:
        text = f"We asked for HeartBtInt(108) {asked} s, the venue answered {got} s."
        refused = settings.heartbeats.on_mismatch is HeartbeatAnswer.REFUSE
        cause = "heartbeat-refused" if refused else "heartbeat-mismatch"
        yield case.charge(cause, Phase.LOGON, text, answer.index)
    yield from _world(case, answer)
    yield from _password(case, answer)
    skew_ns = _skew_ns(answer)
    tolerance_ns = settings.sending_time_tolerance_ns
    if skew_ns is not None and abs(skew_ns) > tolerance_ns:
        side = "ahead of" if skew_ns > 0 else "behind"
        text = (
            f"The venue's SendingTime(52) is {seconds(abs(skew_ns))} {side} our clock; "
            f"the tolerance is {seconds(tolerance_ns)}."
        )
        yield case.charge("clock-skew", Phase.LOGON, text, answer.index)


def _world(case: Case, answer: Seen) -> Iterator[Charge]:
    """Judge whether the venue means a test session where we do.

    Spec: FIX 4.3, TestMessageIndicator(464): without it a session is one of production.
    """
    wanted, value = case.plan.session.logon.test_session, answer.message.get(_INDICATOR)
    if value == b"Y" and not wanted:
        asked = "asked for production" if wanted is False else "did not ask for a test session"
        text = f"A test gateway has answered, TestMessageIndicator(464) Y; we {asked}."
        severity = None if wanted is False else Severity.WARNING
    elif value != b"Y" and wanted:
        shown = "is N" if value == b"N" else "is missing"
        text = (
            f"We asked for a test session; in the venue's answer TestMessageIndicator(464) {shown}:"
            " this may be its production gateway."
        )
        severity = None if value == b"N" else Severity.WARNING
    else:
        return
    yield case.charge("test-session", Phase.LOGON, text, answer.index, severity=severity)


def _password(case: Case, answer: Seen) -> Iterator[Charge]:
    """Judge what the venue says about our password."""
    status = status_of(answer.message)
    if status is SessionStatus.SESSION_PASSWORD_DUE_TO_EXPIRE:
        text = "The venue says that our password is due to expire, SessionStatus(1409) 2."
        yield case.charge("password-due-to-expire", Phase.LOGON, text, answer.index)
    elif status is SessionStatus.NEW_SESSION_PASSWORD_DOES_NOT_COMPLY_WITH_POLICY:
        text = "The venue has not taken our new password, SessionStatus(1409) 3; the old one counts"
        if told := text_of(answer.message):
            text += f" ({case.quote(told)})"
        yield case.charge("new-password-refused", Phase.LOGON, f"{text}.", answer.index)


def _numbers(case: Case, ours: Seen, answer: Seen) -> Iterator[Charge]:
    message = answer.message
    before, _ = case.reading.noted()
    number, sent = integer(message, Tag.MsgSeqNum), integer(ours.message, Tag.MsgSeqNum)
    if message.get(Tag.ResetSeqNumFlag) == b"Y":
        follows = case.plan.session.numbering.reset_flag is ResetFlag.FOLLOW
        if ours.message.get(Tag.ResetSeqNumFlag) != b"Y" and not follows:
            text = "The venue restarted both sequence numbers at 1, ResetSeqNumFlag(141)=Y, unasked"
            if before is not None:
                text += f"; our store was at {before.next_out} out and {before.next_in} in"
            yield case.charge("reset-unasked", Phase.LOGON, f"{text}.", answer.index)
        return
    if before is not None and number is not None and number < before.next_in:
        text = (
            f"The venue's MsgSeqNum(34) is too low: expected {before.next_in}, received {number}."
        )
        yield case.charge("venue-seqnum-too-low", Phase.LOGON, text, answer.index)
    wanted = integer(message, Tag.NextExpectedMsgSeqNum)
    if wanted is not None and sent is not None and wanted > sent + 1:
        text = (
            f"The venue expects MsgSeqNum(34) {wanted} next, NextExpectedMsgSeqNum(789), "
            f"but our Logon was {sent}."
        )
        yield case.charge("seqnum-too-low", Phase.LOGON, text, answer.index)


def _skew_ns(answer: Seen) -> int | None:
    sent_ns = utc_ns(answer.message.get(Tag.SendingTime) or b"")
    return None if sent_ns is None else sent_ns - answer.at_ns


def logon_facts(case: Case) -> tuple[tuple[str, str], ...]:
    """Return what the venue's Logon says."""
    answer = case.reading.logged_on
    if answer is None:
        return ()
    message, facts = answer.message, []
    for name, tag in (
        ("HeartBtInt(108)", Tag.HeartBtInt),
        ("DefaultApplVerID(1137)", Tag.DefaultApplVerID),
        ("NextExpectedMsgSeqNum(789)", Tag.NextExpectedMsgSeqNum),
        ("TestMessageIndicator(464)", Tag.TestMessageIndicator),
    ):
        value = message.get(tag)
        if value is not None:
            facts.append((name, value.decode("latin-1")))
    if status := status_words(message):
        facts.append(("SessionStatus(1409)", status))
    if text := text_of(message):
        facts.append(("Text(58)", text))
    skew_ns = _skew_ns(answer)
    if skew_ns is not None:
        side = "ahead of" if skew_ns > 0 else "behind"
        facts.append(("SendingTime(52)", f"{seconds(abs(skew_ns))} {side} our clock"))
    return tuple((name, case.scribe.clean(value)) for name, value in facts)
