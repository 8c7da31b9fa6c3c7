"""The messages of one direction of a session, as one of its ends has them; and two such compared.

Pure. Of a message is compared what stays when it is sent again: everything but BodyLength(9),
CheckSum(10), PossDupFlag(43), SendingTime(52), OrigSendingTime(122), and a Logon's secrets.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from fixgate.session.conceal import conceal
from fixgate.wire import ADMIN_MSG_TYPES, utc_ns

__all__ = ["Differences", "Flow", "Spans", "differences"]

_SEQ_NUM = re.compile(rb"\x0134=(\d{1,20})\x01")
_MSG_TYPE = re.compile(rb"\x0135=([^\x01]*)\x01")
_NEW_SEQ_NO = re.compile(rb"\x0136=(\d{1,20})\x01")
_SENDING_TIME = re.compile(rb"\x0152=([^\x01]*)\x01")
_POSS_DUP = b"\x0143=Y\x01"
_GAP_FILL = b"\x01123=Y\x01"
_CHANGING = re.compile(rb"(?<=\x01)(?:9|10|43|52|122)=[^\x01]*\x01")
_LOGON, _HEARTBEAT, _SEQUENCE_RESET = b"A", b"0", b"4"


class Spans:
    """Ranges of numbers, which may overlap and be of any length."""

    __slots__ = ("_spans",)

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def add(self, first: int, end: int) -> None:
        """Add ``first`` to ``end - 1``; nothing when there are none."""
        if first >= end:
            return
        at = bisect_right(self._spans, (first, end))
        while at < len(self._spans) and self._spans[at][0] <= end:
            end = max(end, self._spans.pop(at)[1])
        while at and self._spans[at - 1][1] >= first:
            at -= 1
            before = self._spans.pop(at)
            first, end = before[0], max(end, before[1])
        self._spans.insert(at, (first, end))

    def end_at(self, number: int) -> int:
        """Return the first number from ``number`` on that is in none of the ranges."""
        at = bisect_right(self._spans, number, key=lambda span: span[0])
        return max(number, self._spans[at - 1][1]) if at else number

    def __contains__(self, number: int) -> bool:
        return self.end_at(number) > number


@dataclass(slots=True)
class Flow:
    """One direction since its numbers last began at 1.

    Attributes:
        whole: It is a store's: nothing is missing at its ends, as it may be of a log's.
        heartbeats: Heartbeats are kept like all else.
        marks: Of each number a mark that equal messages share.
        admin: MsgType(35) of the messages of the session layer.
        passed: Numbers that were passed over, by a SequenceReset or by hand.
        garbled: Numbers of messages that cannot be read.
        twice: Numbers that came again without PossDupFlag(43)=Y.
        clashing: Numbers that came again with something else.
        end: One more than the highest number of all that.
    """

    whole: bool = False
    heartbeats: bool = True
    marks: dict[int, int] = field(default_factory=dict)
    admin: dict[int, bytes] = field(default_factory=dict)
    passed: Spans = field(default_factory=Spans)
    garbled: set[int] = field(default_factory=set)
    twice: set[int] = field(default_factory=set)
    clashing: set[int] = field(default_factory=set)
    end: int = 1
    _begin: int = 0
    _last: bytes = b""

    @property
    def kept(self) -> bool:
        """Whether anything is known of this direction."""
        return self.whole or self.end > 1

    @property
    def first(self) -> int:
        """The number from which on nothing should be missing; ``end`` when there is none."""
        return 1 if self.whole else self._begin or self.end

    @property
    def expected(self) -> int:
        """The number that comes next for who has received all this."""
        if not self.heartbeats:
            return self.end
        number = self.first
        while (after := self._after(number)) > number:
            number = after
        return number

    def _after(self, number: int) -> int:
        if number in self.marks or number in self.garbled:
            return number + 1
        return self.passed.end_at(number)

    @property
    def last_ns(self) -> int | None:
        """SendingTime(52) of the last message, nanoseconds since the epoch; ``None`` without."""
        found = _SENDING_TIME.search(self._last)
        return None if found is None else utc_ns(found[1])

    def take(self, raw: bytes, *, garbled: bool = False) -> Flow:
        """Take a message, in the order of sending; one without MsgSeqNum(34) is none.

        Args:
            raw: The message from ``8=`` on.
            garbled: Only its number can be trusted.

        Returns:
            The flow that goes on: a new one from a Logon with number 1 on.
        """
        found, msg_type = _SEQ_NUM.search(raw), _MSG_TYPE.search(raw)
        if found is None or msg_type is None:
            return self
        number, kind, again = int(found[1]), msg_type[1], _POSS_DUP in raw
        if number == 1 and kind == _LOGON and not again and self.end > 1:
            return Flow(self.whole, self.heartbeats).take(raw, garbled=garbled)
        self._last = raw
        if kind == _SEQUENCE_RESET:
            self._reset(number, raw)
            return self
        if not again:
            # What is sent again may be from before the beginning of a log.
            self._begin = self._begin or number
        self.end = max(self.end, number + 1)
        if kind in ADMIN_MSG_TYPES:
            self.admin[number] = kind
        if garbled:
            self.garbled.add(number)
        else:
            self._mark(number, conceal(raw), again=again)
        return self

    def _reset(self, number: int, raw: bytes) -> None:
        new = _NEW_SEQ_NO.search(raw)
        if new is not None:
            self.passed.add(number if _GAP_FILL in raw else self.end, int(new[1]))
            self.end = max(self.end, int(new[1]))

    def _mark(self, number: int, raw: bytes, *, again: bool) -> None:
        mark = hash(_CHANGING.sub(b"", raw))
        known = self.marks.get(number)
        if known is None:
            self.marks[number] = mark
            return
        if known != mark:
            self.clashing.add(number)
        if not again:
            self.twice.add(number)

    def move(self, number: int) -> None:
        """Go on at ``number``; what had that number or a higher one counts no longer."""
        self.passed.add(self.end, number)
        for each in [each for each in self.marks if each >= number]:
            del self.marks[each]
        self.end = number


@dataclass(frozen=True, slots=True)
class Differences:
    """What two ends have of one direction; numbers are MsgSeqNum(34), ascending.

    Attributes:
        both: How many messages both have.
        differing: Those of them that are not the same, or came again as something else.
        lost: Sent, and nowhere where the receiver keeps what it received.
        passed: Sent, and passed over by the receiver.
        orders: Those of them that are of the application.
        strange: Received, and nowhere where the sender keeps what it sent.
        twice: At either end more than once, without PossDupFlag(43)=Y.
        garbled: Of which an end has nothing that can be compared.
    """

    both: int
    differing: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()
    passed: tuple[int, ...] = ()
    orders: tuple[int, ...] = ()
    strange: tuple[int, ...] = ()
    twice: tuple[int, ...] = ()
    garbled: tuple[int, ...] = ()

    @property
    def wrong(self) -> bool:
        """Whether a message is not the same at both ends, or only at one."""
        return bool(self.differing or self.lost or self.strange)


def differences(sent: Flow, received: Flow) -> Differences | None:
    """Compare what one end sent with what the other received.

    A number outside of what an end keeps is nothing that it lacks.

    Returns:
        ``None`` when either end keeps nothing of this direction.
    """
    if not sent.kept or not received.kept:
        return None
    both = sent.marks.keys() & received.marks.keys()
    clashing = sent.clashing | received.clashing
    missing = sorted(sent.marks.keys() - received.marks.keys())
    passed = tuple(number for number in missing if number in received.passed)
    return Differences(
        both=len(both),
        differing=tuple(sorted(clashing | {n for n in both if sent.marks[n] != received.marks[n]})),
        lost=tuple(n for n in missing if n not in received.passed and _lacks(received, n, sent)),
        passed=passed,
        orders=tuple(number for number in passed if number not in sent.admin),
        strange=tuple(
            n
            for n in sorted(received.marks.keys() - sent.marks.keys())
            if n not in sent.passed and _lacks(sent, n, received)
        ),
        twice=tuple(sorted(sent.twice | received.twice)),
        garbled=tuple(
            sorted((sent.garbled - sent.marks.keys()) | (received.garbled - received.marks.keys()))
        ),
    )


def _lacks(flow: Flow, number: int, other: Flow) -> bool:
    """Whether ``flow`` should have what the other end has."""
    if number in flow.garbled or not flow.first <= number < flow.end:
        return False
    return flow.heartbeats or other.admin.get(number) != _HEARTBEAT
