"""The Logon handshake, and the time between our Logout and the end.

Spec: FIX 4.4 volume 2, "Logon" and "Logout"; FIXT 1.1; test cases 1B, 1S, 2S, 12, 13.
"""

from __future__ import annotations

from dataclasses import replace

from fixgate.session.ceiling import used_up
from fixgate.session.checks import breach_of, sending_time_breach, show, text_of
from fixgate.session.core import Core
from fixgate.session.events import GapOpened, LoggedOn, LogonRefused, Reaction
from fixgate.session.expectation import (
    breach_of_expectation,
    expected_by,
    serve_expectation,
)
from fixgate.session.gaps import ask_for, expect_unasked
from fixgate.session.heartbeats import agree
from fixgate.session.hours import begin_hours, closed_text, renew
from fixgate.session.inbound import act, on_logout
from fixgate.session.logon import Terms, read_terms, seq_num_of
from fixgate.session.phase import Input, Phase
from fixgate.session.resets import breach_of_reset, restart
from fixgate.session.rules import Breach, Rule, too_low_numbers, too_low_text
from fixgate.session.settings import Role
from fixgate.session.status import SessionStatus
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag
from fixgate.wire.timestamps import utc_ns

__all__ = ["on_handshake", "refuse", "send_logon"]


def send_logon(core: Core) -> None:
    """Send an initiator's Logon; reset first when that was asked for. Spec: case 1B.b.

    Outside of its hours it sends nothing.
    """
    closed = closed_text(core.settings, core.now_ns)
    if closed is not None:
        refuse(core, closed)
        return
    renew(core)
    reset = core.settings.reset_on_logon
    if reset:
        core.store.reset(core.now_ns)
    if (end := used_up(core)) is not None:
        refuse(core, end)
        return
    core.send_logon(core.settings.heartbeat_s, reset=reset)
    core.outbound.withheld = False  # the number of this Logon shows what was queued before it


def on_handshake(core: Core, message: Message) -> None:
    """Take one message while the session is not active."""
    core.doubt(utc_ns(message.get(Tag.SendingTime) or b""))
    core.history.add((core.now_ns, "<", message.raw))
    if core.phase is Phase.LOGOUT_SENT:
        _on_while_logging_out(core, message)
    elif message.msg_type == MsgType.Logon and not _stranger(core, message):
        terms = read_terms(message, core.settings, core.validator, core.now_ns)
        if isinstance(terms, str):
            _refuse_with_logout(core, Breach(Rule.LOGON, core.account.blot(terms)), message)
        elif (refusal := _not_admitted(core, message)) is not None:
            _refuse_with_logout(core, refusal, message)
        elif (closed := _closed(core)) is not None:
            status = SessionStatus.LOGONS_ARE_NOT_ALLOWED_AT_THIS_TIME
            breach = Breach(Rule.OUT_OF_HOURS, closed, status=status)
            _refuse_with_logout(core, breach, message)
        else:
            _on_logon(core, message, terms)
    elif core.phase is Phase.AWAITING_LOGON:
        # Cases 1S.c and 2S: a stranger is told nothing.
        received = show(message.msg_type)
        refuse(core, f"first message: received MsgType(35) {received}, expected our peer's Logon")
    else:
        _on_logon_answer(core, message)


def refuse(core: Core, text: str, message: Message | None = None) -> None:
    """Close without a word; ``text`` says why to our own side only."""
    core.tell(LogonRefused(by_peer=False, text=text, message=message))
    core.closing = True


def _closed(core: Core) -> str | None:
    """Return why an acceptor takes no Logon now; whoever asked while it was open has an answer."""
    acceptor = core.settings.role is Role.ACCEPTOR
    return closed_text(core.settings, core.now_ns) if acceptor else None


def _not_admitted(core: Core, message: Message) -> Breach | None:
    """Return why an acceptor does not let in whose Logon is in order."""
    return core.account.admit(message) if core.settings.role is Role.ACCEPTOR else None


def _stranger(core: Core, message: Message) -> bool:
    """``True`` for a Logon that is not this session's; a prober notes it and takes it."""
    breaches = list(core.checks.identity(message))
    if not core.settings.observe:
        return bool(breaches)
    for breach in breaches:
        core.note(breach, Reaction.NONE, message)
    return False


def _on_logon(core: Core, message: Message, terms: Terms) -> None:
    settings, store = core.settings, core.store
    if settings.observe:
        _observe(core, message)
    flag = breach_of_reset(core, terms)
    heartbeat_s = flag or agree(core, message, terms.heartbeat_s)
    if isinstance(heartbeat_s, Breach):
        _refuse_with_logout(core, heartbeat_s, message)
        return
    terms = replace(terms, heartbeat_s=heartbeat_s)
    if settings.role is Role.ACCEPTOR:
        renew(core)
    restarted = restart(core, terms)
    terms = restarted or terms
    if settings.role is Role.ACCEPTOR and (end := used_up(core)) is not None:
        refuse(core, end, message)
        return
    expected = store.next_in
    if terms.seq_num < expected:
        text = too_low_text(expected, terms.seq_num)
        status = SessionStatus.RECEIVED_MSG_SEQ_NUM_TOO_LOW
        breach = Breach(Rule.SEQNUM_TOO_LOW, text, tag=Tag.MsgSeqNum, status=status)
        _refuse_with_logout(core, breach, message)
        return
    # What the peer expected before a restart has nothing to do with the numbers after it.
    next_expected = None if restarted else expected_by(core, message)
    high = None if next_expected is None else breach_of_expectation(core, next_expected)
    if high is not None:
        if not settings.observe:
            _refuse_with_logout(core, high, message)
            return
        core.note(high, Reaction.NONE, message)
    _accept(core, message, terms, next_expected)


def _accept(core: Core, message: Message, terms: Terms, next_expected: int | None) -> None:
    """Become active: answer, mend what is missing on either side. Spec: cases 1B.c, 1S.a."""
    settings, store = core.settings, core.store
    acceptor = settings.role is Role.ACCEPTOR
    expected, next_out = store.next_in, store.next_out
    core.move(Input.LOGON_ACCEPTED)
    core.phase_deadline_ns = None
    if terms.seq_num == expected:
        core.received(expected, message)
    ours = core.next_expected
    _settle(core, message, terms)
    asked_s = terms.heartbeat_s if acceptor else settings.heartbeat_s
    core.liveness.start(terms.heartbeat_s, core.now_ns)
    begin_hours(core)
    core.tell(LoggedOn(terms.heartbeat_s, asked_s, terms.reset, message))
    if terms.seq_num > expected and core.recovery.too_high(terms.seq_num, message, expected):
        if ours is None or next_expected is None:
            ask_for(core, expected, terms.seq_num)
        else:
            expect_unasked(core, expected, terms.seq_num)
    if next_expected is not None and next_expected < next_out:
        serve_expectation(core, next_expected)
    elif not acceptor and core.outbound.withheld:
        # Queued behind our Logon: without a message after it the peer would not know until the
        # next Heartbeat, and never where HeartBtInt(108) is 0.
        core.transmit(MsgType.Heartbeat, b"")


def _settle(core: Core, message: Message, terms: Terms) -> None:
    """Answer a Logon that has been accepted, or take the answer; a new password counts from now."""
    if core.settings.role is Role.ACCEPTOR:
        status = core.account.accepted(message)
        core.send_logon(terms.heartbeat_s, reset=terms.reset, status=status)
    else:
        core.account.answered(message)


def _observe(core: Core, message: Message) -> None:
    """Note what an engine that enforces the standard would refuse in a Logon."""
    sent_ns = utc_ns(message.get(Tag.SendingTime) or b"")
    if sent_ns is not None:
        tolerance_ns = core.settings.sending_time_tolerance_ns
        late = sending_time_breach(message, core.now_ns, sent_ns, tolerance_ns)
        if late is not None:
            core.note(late, Reaction.NONE, message)
    problem = core.validator.check(message)
    if problem is not None:
        core.note(breach_of(problem), Reaction.NONE, message)


def _refuse_with_logout(core: Core, breach: Breach, message: Message) -> None:
    """Turn a Logon down and say why. Spec: cases 1B.d, 1S.d, 2.c.

    The number of a refused Logon is not counted: a receiver that counts too little asks for a
    resend, one that counts too much could never log on again.
    """
    low = breach.rule is Rule.SEQNUM_TOO_LOW
    told = low or breach.rule is Rule.NEXT_EXPECTED_TOO_HIGH
    silent = core.dialect.silent_logon_refusal and not told
    core.note(breach, Reaction.CLOSED if silent else Reaction.LOGOUT, message)
    core.tell(LogonRefused(by_peer=False, text=breach.text, message=message))
    if not silent:
        core.send_logout(breach.text, for_cause=True, status=breach.status)
    core.closing = not low  # case 2.c gives the peer up to 2 s for its own Logout


def _on_logon_answer(core: Core, message: Message) -> None:
    """Something other than a Logon answers ours. Spec: cases 1B.d, 1B.e."""
    if message.msg_type in (MsgType.Logout, MsgType.Reject):
        text = text_of(message)
        expected, received = too_low_numbers(text)
        core.tell(LogonRefused(True, text, expected, received, message))
        core.closing = True
    else:
        text = f"received MsgType(35) {show(message.msg_type)}, expected Logon"
        _refuse_with_logout(core, Breach(Rule.FIRST_NOT_LOGON, text, tag=Tag.MsgType), message)


def _on_while_logging_out(core: Core, message: Message) -> None:
    """After a Logout for cause only the peer's Logout matters.

    After an orderly one, what is still on its way counts and is served.
    """
    if core.for_cause or core.logout_seen:
        if message.msg_type == MsgType.Logout:
            core.logout_seen = core.closing = True
        return
    seq_num, expected = seq_num_of(message), core.store.next_in
    if seq_num == expected:
        act(core, message, seq_num)
    elif message.msg_type == MsgType.Logout:
        if seq_num is not None and seq_num > expected:
            core.tell(GapOpened(expected, seq_num))
        on_logout(core, message)
