"""What the peer sends while the session is active: numbers, gaps, resets, and what follows.

Spec: FIX 4.4 volume 2, "Ordered Message Processing", "Sequence Reset", "Resend Request"; test
cases 2, 4.b, 7, 8, 10, 11, 13, 14, 15, 19, 20.
"""

from __future__ import annotations

from fixgate.session.checks import breach_of, number_in, show, text_of, whole_number
from fixgate.session.core import Core
from fixgate.session.events import (
    GARBLED_KEPT_BYTES,
    AppMessage,
    GapClosed,
    GarbledInput,
    HeartbeatReceived,
    LoggedOut,
    RejectReceived,
    SequenceMoved,
    SequenceReset,
)
from fixgate.session.gaps import ask_for, go_on_asking, passed_over
from fixgate.session.garbling import put_up_with
from fixgate.session.heartbeats import agree_again
from fixgate.session.logon import seq_num_of
from fixgate.session.phase import Phase
from fixgate.session.resets import refuses_resets
from fixgate.session.rules import Breach, Rule, too_low_text
from fixgate.session.serving import serve_request
from fixgate.session.status import SessionStatus
from fixgate.wire.garbled import Garbled, GarbledReason
from fixgate.wire.limits import DEFAULT_LIMITS
from fixgate.wire.message import Message
from fixgate.wire.stray import stray_delimiter
from fixgate.wire.tags import ADMIN_MSG_TYPES, MsgType, Tag
from fixgate.wire.timestamps import utc_ns

_POSS_RESEND = Tag.PossResend  # a name of this module: looked up faster than an attribute
_new_tuple = tuple.__new__

__all__ = ["act", "on_active", "on_logout", "release"]

_WITH_CARE = ADMIN_MSG_TYPES | {MsgType.UserRequest}
"""Not simply stored and handed on: what the session acts on, and what carries passwords."""

_ACTED_ON_EARLY = frozenset({MsgType.Logon, MsgType.ResendRequest})
"""Acted on when they come too early; when their turn comes only the number counts."""


_AT_ONCE = DEFAULT_LIMITS.max_fields
"""How much of what waited is let in at once, in fields: as many as a single message may have."""
_A_MESSAGE = 16  # what a message costs beside its fields, in fields


def on_active(core: Core, message: Message) -> None:
    """Take one message of an active session."""
    now_ns, store = core.now_ns, core.store
    core.liveness.heard_ns = now_ns
    next_in = store.next_in
    if core.checks.plain(message, next_in, now_ns) and core.validator.check(message) is None:
        core.history.add((now_ns, "<", message.raw))
        if message.msg_type in _WITH_CARE:
            if _is_reset(message):
                _on_reset(core, message)
            else:
                _take(core, message, next_in)
        else:
            store.received(next_in + 1, message.raw, now_ns)
            poss_resend = message.get(_POSS_RESEND) == b"Y"
            # What AppMessage(message, False, poss_resend) makes, without the call in between.
            core.events.append(_new_tuple(AppMessage, (message, False, poss_resend)))
        if core.recovery.end:
            release(core)
        return
    sent_ns = utc_ns(message.get(Tag.SendingTime) or b"")
    core.doubt(sent_ns)
    core.history.add((now_ns, "<", message.raw))
    if core.dialect.stray_delimiter_is_garbled and stray_delimiter(message) is not None:
        text = "SOH inside a value"
        core.tell(GarbledInput(message.raw[:GARBLED_KEPT_BYTES], text))
        put_up_with(core, Garbled(message.raw, 0, GarbledReason.FIELD, text))
        return
    seq_num = seq_num_of(message)
    for breach in core.checks.breaches(message, seq_num, sent_ns, now_ns):
        if not core.react(breach, message, seq_num):
            if core.recovery.open:
                release(core)
            return
    if seq_num is not None:
        _by_number(core, message, seq_num)


def _by_number(core: Core, message: Message, seq_num: int) -> None:
    expected = core.store.next_in
    if _is_reset(message):
        _on_reset(core, message)
    elif seq_num == expected:
        act(core, message, seq_num)
    elif seq_num > expected:
        _too_high(core, message, seq_num)
    elif message.get(Tag.PossDupFlag) != b"Y":
        _too_low(core, message, seq_num)
    if core.recovery.open:
        release(core)


def _is_reset(message: Message) -> bool:
    """Return whether a message restarts the numbers, whatever its own number is."""
    return message.msg_type == MsgType.SequenceReset and message.get(Tag.GapFillFlag) != b"Y"


def act(core: Core, message: Message, seq_num: int) -> None:
    """Count a message whose turn it is, and act on it. Spec: cases 2.a, 14, 15."""
    problem = core.validator.check(message)
    if problem is not None and not core.react(breach_of(problem), message, seq_num):
        return
    _take(core, message, seq_num)


def _take(core: Core, message: Message, seq_num: int) -> None:
    core.received(seq_num, message)
    if message.msg_type in ADMIN_MSG_TYPES:
        _on_admin(core, message, seq_num)
    else:
        get = message.get
        core.tell(AppMessage(message, get(Tag.PossDupFlag) == b"Y", get(Tag.PossResend) == b"Y"))


def _on_admin(core: Core, message: Message, seq_num: int) -> None:
    match message.msg_type:
        case MsgType.Heartbeat:
            core.tell(HeartbeatReceived(message.get(Tag.TestReqID)))
        case MsgType.TestRequest:
            core.transmit(MsgType.Heartbeat, _with_id(core, message.get(Tag.TestReqID)))
        case MsgType.ResendRequest:
            serve_request(core, message)
        case MsgType.Reject:
            ref = whole_number(message.get(Tag.RefSeqNum))
            core.tell(RejectReceived(ref, text_of(message), message))
        case MsgType.SequenceReset:
            _on_gap_fill(core, message, seq_num)
        case MsgType.Logout:
            on_logout(core, message)
        case MsgType.Logon if core.phase is Phase.ACTIVE:
            _on_second_logon(core, message, seq_num)


def _with_id(core: Core, test_req_id: bytes | None) -> bytes:
    """Return the body of a Heartbeat: TestReqID(112) where it is a value that may be sent.

    A prober reaches here with values that the dictionary rejects.
    """
    if test_req_id is None or b"\x01" in test_req_id:
        return b""
    sendable = test_req_id or core.settings.allow_empty_values
    return b"112=%b\x01" % test_req_id if sendable else b""


def _too_high(core: Core, message: Message, seq_num: int) -> None:
    """Hold the message and ask for the missing ones, once. Spec: cases 2.b, 10.a, 20."""
    match message.msg_type:
        case MsgType.Logout if core.dialect.confirm_high_logout:
            on_logout(core, message)
            return
        case MsgType.Logon:
            # A reset in an active session has number 1; any other number is its own fault.
            _on_second_logon(core, message, seq_num)
            if core.phase is not Phase.ACTIVE:
                return
        case MsgType.ResendRequest:
            # At once, or two sides that both miss something would wait for each other (case 20).
            serve_request(core, message)
    expected = core.store.next_in
    if core.recovery.too_high(seq_num, message, expected):
        ask_for(core, expected, seq_num)


def _too_low(core: Core, message: Message, seq_num: int) -> None:
    """Log out: the two sides do not agree on what was sent. Spec: cases 2.c, 10.d."""
    match message.msg_type:
        case MsgType.Logon if seq_num == 1 and message.get(Tag.ResetSeqNumFlag) == b"Y":
            _on_second_logon(core, message, seq_num)
        case MsgType.ResendRequest if core.dialect.serve_low_requests:
            serve_request(core, message)
        case MsgType.Logout if core.dialect.serve_low_requests:
            on_logout(core, message)
        case _:
            text = too_low_text(core.store.next_in, seq_num)
            status = SessionStatus.RECEIVED_MSG_SEQ_NUM_TOO_LOW
            breach = Breach(Rule.SEQNUM_TOO_LOW, text, tag=Tag.MsgSeqNum, status=status)
            core.react(breach, message, None)


def release(core: Core) -> None:
    """Act on held messages whose turn has come; ask again if another gap shows.

    Thousands may wait. They are let in by and by, the next when the session is woken, which it
    asks for at once: one session's backlog is not to hold up all the others.
    """
    store, recovery = core.store, core.recovery
    if recovery.releasing:
        recovery.let_go(store.next_in)  # a SequenceReset may have come in between
    recovery.releasing = False
    left = _AT_ONCE
    while core.phase is Phase.ACTIVE:
        closed = recovery.closed_by(store.next_in)
        if closed is not None:
            core.tell(GapClosed(*closed))
        if left <= 0 and recovery.holds(store.next_in):
            recovery.releasing = True
            core.arm(retry_ns=core.now_ns)
            return
        message = recovery.due(store.next_in)
        if message is None:
            break
        left -= len(message.tags) + _A_MESSAGE
        if message.msg_type in _ACTED_ON_EARLY:
            core.received(store.next_in, message)
        else:
            act(core, message, store.next_in)
    if recovery.open:
        go_on_asking(core)
        return
    core.arm(retry_ns=None)
    if core.phase is not Phase.ACTIVE:
        return  # a Logout was among them: the next connection asks for what is still missing
    gap = recovery.next_gap(store.next_in)
    if gap is not None and recovery.too_high(gap[0], gap[1], store.next_in):
        ask_for(core, store.next_in, gap[0])


def _on_gap_fill(core: Core, message: Message, seq_num: int) -> None:
    """Pass over what the peer will not send again. Spec: cases 10.b, 10.e."""
    new = number_in(message, Tag.NewSeqNo)
    if new <= seq_num:
        text = (
            "attempt to lower sequence number: "
            f"NewSeqNo(36) received {show(message.get(Tag.NewSeqNo))}, "
            f"expected more than {seq_num}"
        )
        core.react(Breach(Rule.GAPFILL_LOWERS, text, reason=5, tag=Tag.NewSeqNo), message, None)
        return
    core.store.set_next_in(new, core.now_ns)
    passed_over(core, new)
    core.tell(SequenceMoved(seq_num, new, gap_fill=True))


def _on_reset(core: Core, message: Message) -> None:
    """Move to the peer's number whatever its own number is. Spec: cases 11.a, 11.b, 11.c."""
    problem = core.validator.check(message)
    if problem is not None and not core.react(breach_of(problem), message, None):
        return
    new, expected = number_in(message, Tag.NewSeqNo), core.store.next_in
    if new < expected:
        received = show(message.get(Tag.NewSeqNo))
        text = f"NewSeqNo(36): received {received}, expected at least {expected}"
        core.react(Breach(Rule.RESET_LOWERS, text, reason=5, tag=Tag.NewSeqNo), message, None)
        return
    core.store.set_next_in(new, core.now_ns)
    core.tell(SequenceMoved(expected, new, gap_fill=False))


def _on_second_logon(core: Core, message: Message, seq_num: int) -> None:
    """A Logon in an active session restarts both numbers, or is out of place.

    Spec: FIX 4.4 volume 2, "Logon": ResetSeqNumFlag(141) in a 24-hour session.
    """
    if message.get(Tag.ResetSeqNumFlag) != b"Y":
        breach = Breach(Rule.SECOND_LOGON, "already logged on", reason=99, tag=Tag.MsgType)
        core.react(breach, message, None)
        return
    if seq_num != 1:
        text = f"MsgSeqNum(34) must be 1 with ResetSeqNumFlag(141)=Y: received {seq_num}"
        breach = Breach(Rule.RESET_NOT_AT_ONE, text, tag=Tag.MsgSeqNum)
        core.react(breach, message, None)
        return
    heartbeat_s = refuses_resets(core) or agree_again(core, message)
    if isinstance(heartbeat_s, Breach):
        core.react(heartbeat_s, message, None)
        return
    core.store.reset(core.now_ns)
    core.forget_gap()
    core.outbound.stop_resending()
    core.received(1, message)
    core.send_logon(heartbeat_s, reset=True)
    core.liveness.start(heartbeat_s, core.now_ns)
    core.tell(SequenceReset(by_peer=True))


def on_logout(core: Core, message: Message) -> None:
    """Confirm the peer's Logout, or take its confirmation of ours. Spec: cases 12, 13."""
    by_peer = core.phase is Phase.ACTIVE
    core.logout_seen = True
    core.tell(LoggedOut(by_peer, clean=True, text=text_of(message)))
    if by_peer:
        core.send_logout("", status=SessionStatus.SESSION_LOGOUT_COMPLETE)
        core.closing = core.dialect.close_after_logout_reply
    else:
        core.closing = True
