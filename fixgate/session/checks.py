"""The header checks, in the one order in which the standard looks at a message.

BeginString, the fields that the next checks need, CompIDs, SendingTime accuracy, MsgSeqNum,
OrigSendingTime. Too low, too high and the dictionary follow in `session`, because they depend on
what was received before.

Spec: FIX 4.4 volume 2, "FIX Session-level Test Cases" 2.c to 2.o; FIX Session Layer 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.dictionary.reasons import Problem, SessionRejectReason
from fixgate.session.routing import Checker
from fixgate.session.rules import Breach, Rule
from fixgate.session.settings import SessionSettings
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag
from fixgate.wire.timestamps import utc_ns, utc_second_ns

__all__ = [
    "HeaderChecks",
    "breach_of",
    "number_in",
    "sending_time_breach",
    "show",
    "text_of",
    "whole_number",
]

_SECOND_NS = 1_000_000_000
_WHOLE_SECOND = len(b"YYYYMMDD-HH:MM:SS")

# Names of this module: looked up faster than attributes, five times a message.
_MSG_SEQ_NUM = Tag.MsgSeqNum
_POSS_DUP_FLAG = Tag.PossDupFlag
_SENDER_COMP_ID = Tag.SenderCompID
_SENDING_TIME = Tag.SendingTime
_TARGET_COMP_ID = Tag.TargetCompID


def show(value: bytes | None) -> str:
    """Return a value as a person reads it in an error."""
    return "nothing" if value is None else repr(value.decode("latin-1"))


def text_of(message: Message) -> str:
    """Return Text(58), or an empty string."""
    return (message.get(Tag.Text) or b"").decode("utf-8", "replace")


def whole_number(value: bytes | None) -> int | None:
    """Return a number without sign that 64 bits hold, or ``None`` when it is none.

    Nobody counts so far, and `int` refuses more than 4300 digits.
    """
    return int(value) if value is not None and value.isdigit() and len(value) < 20 else None


def number_in(message: Message, tag: int) -> int:
    """Return a field that the dictionary has already found to be a number; 0 when it is not."""
    return whole_number(message.get(tag)) or 0


def breach_of(problem: Problem) -> Breach:
    """Return a dictionary problem as a breach."""
    third_party = problem.reason is SessionRejectReason.COMP_ID_PROBLEM
    rule = Rule.THIRD_PARTY if third_party else Rule.DICTIONARY
    return Breach(rule, problem.text, reason=int(problem.reason), tag=problem.tag)


def sending_time_breach(
    message: Message, now_ns: int, sent_ns: int, tolerance_ns: int
) -> Breach | None:
    """Return the breach of a SendingTime(52) too far from our clock. Spec: case 2.o."""
    if abs(now_ns - sent_ns) <= tolerance_ns:
        return None
    skew_s = (sent_ns - now_ns) / 1e9
    text = (
        f"SendingTime(52): received {show(message.get(Tag.SendingTime))}, {abs(skew_s):.3f} s "
        f"{'ahead of' if skew_s > 0 else 'behind'} our clock, "
        f"at most {tolerance_ns / 1e9:g} s allowed"
    )
    return Breach(Rule.SENDING_TIME, text, reason=10, tag=Tag.SendingTime)


class HeaderChecks:
    """What one session expects of every header.

    Args:
        settings: The session's settings.
        validator: The version's dictionary.
    """

    __slots__ = (
        "_begin", "_nearest_ns", "_ours", "_second", "_second_ns", "_theirs", "_tolerance_ns",
        "_validator",
    )  # fmt: skip

    def __init__(self, settings: SessionSettings, validator: Checker) -> None:
        self._begin = settings.id.begin_string.encode()
        self._ours = settings.id.ours.encode()
        self._theirs = settings.id.theirs.encode()
        self._tolerance_ns = settings.sending_time_tolerance_ns
        self._nearest_ns = _SECOND_NS - self._tolerance_ns
        self._validator = validator
        self._second = b""
        self._second_ns: int | None = None

    def plain(self, message: Message, next_in: int, now_ns: int) -> bool:
        """``True`` for a message in order whose header gives nothing to remark on.

        The common case in one condition; a whole second of the tolerance is left to what the
        fraction of SendingTime(52) might add.
        """
        get = message.get
        sent = get(_SENDING_TIME) or b""
        # Most messages share their second with the one before.
        if sent[:_WHOLE_SECOND] != self._second:
            self._second = sent[:_WHOLE_SECOND]
            self._second_ns = utc_second_ns(sent)
        second_ns = self._second_ns
        return (
            second_ns is not None
            and get(_MSG_SEQ_NUM) == b"%d" % next_in
            and self._nearest_ns <= now_ns - second_ns <= self._tolerance_ns
            and message.values[0] == self._begin
            and get(_SENDER_COMP_ID) == self._theirs
            and get(_TARGET_COMP_ID) == self._ours
            and get(_POSS_DUP_FLAG) is None
        )

    def identity(self, message: Message) -> Iterator[Breach]:
        """Yield a wrong BeginString(8) or CompID. Spec: cases 2.i and 2.k."""
        if message.begin_string != self._begin:
            text = f"received {show(message.begin_string)}, expected {show(self._begin)}"
            yield Breach(
                Rule.BEGIN_STRING,
                f"BeginString(8): {text}",
                tag=Tag.BeginString,
                logout_text="Incorrect BeginString",
            )
        theirs, ours = message.get(Tag.SenderCompID), message.get(Tag.TargetCompID)
        if theirs != self._theirs:
            text = f"SenderCompID(49): received {show(theirs)}, expected {show(self._theirs)}"
            yield Breach(Rule.COMP_ID, text, reason=9, tag=Tag.SenderCompID)
        elif ours != self._ours:
            text = f"TargetCompID(56): received {show(ours)}, expected {show(self._ours)}"
            yield Breach(Rule.COMP_ID, text, reason=9, tag=Tag.TargetCompID)

    def breaches(
        self, message: Message, seq_num: int | None, sent_ns: int | None, now_ns: int
    ) -> Iterator[Breach]:
        """Yield everything wrong with the header, in order.

        Args:
            message: The message.
            seq_num: Its MsgSeqNum(34), ``None`` when missing or no number.
            sent_ns: Its SendingTime(52), ``None`` when missing or no timestamp.
            now_ns: Our clock.
        """
        identity = list(self.identity(message))
        yield from (breach for breach in identity if breach.rule is Rule.BEGIN_STRING)
        needed = (message.get(Tag.SenderCompID), message.get(Tag.TargetCompID))
        if not all(needed) or sent_ns is None:
            problem = self._validator.check(message)
            if problem is not None:
                yield breach_of(problem)
        yield from (breach for breach in identity if breach.rule is Rule.COMP_ID)
        if sent_ns is not None:
            late = sending_time_breach(message, now_ns, sent_ns, self._tolerance_ns)
            if late is not None:
                yield late
        if seq_num is None:
            text = f"received {show(message.get(Tag.MsgSeqNum))}, expected a number"
            yield Breach(Rule.SEQNUM_MISSING, f"MsgSeqNum(34): {text}", tag=Tag.MsgSeqNum)
        if message.get(Tag.PossDupFlag) == b"Y" and message.msg_type != MsgType.SequenceReset:
            yield from _orig_sending_time(message, sent_ns)


def _orig_sending_time(message: Message, sent_ns: int | None) -> Iterator[Breach]:
    """Spec: cases 2.f and 2.g."""
    original = message.get(Tag.OrigSendingTime)
    if original is None:
        text = "OrigSendingTime(122): received nothing, required with PossDupFlag(43)=Y"
        yield Breach(Rule.ORIG_SENDING_TIME_MISSING, text, reason=1, tag=Tag.OrigSendingTime)
        return
    original_ns = utc_ns(original)
    sent = message.get(Tag.SendingTime) or b""
    # Of two precisions the coarser decides: 09:00:00 may well be later than 09:00:00.500.
    same = min(len(original), len(sent))
    later = original_ns is not None and sent_ns is not None and original_ns > sent_ns
    if later and original[:same] != sent[:same]:
        text = (
            f"OrigSendingTime(122): received {show(original)}, expected no later than "
            f"SendingTime(52) {show(message.get(Tag.SendingTime))}"
        )
        yield Breach(Rule.ORIG_SENDING_TIME_LATER, text, reason=10, tag=Tag.OrigSendingTime)
