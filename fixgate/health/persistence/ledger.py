"""What is known of a session's numbers, message by message: the venue's, and its count of ours.

A fold over what was said. It proves rather than assumes: that the venue has used a number is known
from a message that has it, also from one that we did not take; that it has taken one of ours, from
an answer to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fixgate.health.persistence.story import Told, is_gap_fill, number
from fixgate.wire.tags import MsgType, Tag

__all__ = ["Ledger", "exec_id_of"]

_STATUS = b"I"  # ExecType(150): Order Status, from FIX 4.3
_STATUS_BEFORE = b"3"  # ExecTransType(20): Status, before


def exec_id_of(told: Told) -> bytes | None:
    """Return ExecID(17) of an ExecutionReport that must have one of its own, else ``None``.

    Spec: FIX 4.2 and 4.4 volume 4: unique a day, but not for a status report; PossResend(97)=Y
    says itself that the report may have come before.
    """
    if told.msg_type != MsgType.ExecutionReport:
        return None
    message = told.message
    status = message.get(Tag.ExecType) == _STATUS
    status = status or message.get(Tag.ExecTransType) == _STATUS_BEFORE
    exec_id = message.get(Tag.ExecID)
    if status or message.get(Tag.PossResend) == b"Y" or not (exec_id or b"0").strip(b"0"):
        return None
    return exec_id


@dataclass(slots=True)
class Ledger:
    """The state of the fold.

    Attributes:
        next_in: The number that we expect next; ``None`` until the first is known.
        used: The highest number that the venue is known to have used.
        next_out: One more than the highest number that we have used; 1 at the beginning.
        taken: The highest of our numbers that the venue is known to have taken.
        theirs: Their messages by number, the first of each.
        reports: Of each ExecID(17) the first message that had it.
        beyond: Numbers of theirs that we have not taken though their message is known.
        known_from: The lowest number of theirs that is ours to judge: a log may begin anywhere.
    """

    next_in: int | None = None
    used: int = 0
    next_out: int = 1
    taken: int = 0
    theirs: dict[int, Told] = field(default_factory=dict)
    reports: dict[bytes, Told] = field(default_factory=dict)
    beyond: set[int] = field(default_factory=set)
    known_from: int = 1
    _ahead: dict[int, int] = field(default_factory=dict)
    _asked: dict[bytes, int] = field(default_factory=dict)
    _orders: dict[bytes, int] = field(default_factory=dict)
    _logged_out: int | None = None

    @property
    def unused(self) -> int:
        """The first number that the venue has not used, as far as is known."""
        return max(self.next_in or 1, self.used + 1)

    def take(self, told: Told) -> None:
        """Count one message."""
        if told.ours:
            self._sent(told)
        else:
            self._received(told)

    def restart(self, *, next_out: int) -> None:
        """Both sides begin at 1 again: what was said before is of other numbers.

        Args:
            next_out: The number that we use next.
        """
        self.next_in, self.next_out = 1, next_out
        self.used = self.taken = 0
        self.known_from = 1
        self.theirs, self._ahead, self._asked = {}, {}, {}
        self.beyond = set()
        self._orders, self._logged_out = {}, None

    def _sent(self, told: Told) -> None:
        message, own = told.message, told.number
        if own is None or told.poss_dup:
            return
        if message.msg_type == MsgType.Logon and message.get(Tag.ResetSeqNumFlag) == b"Y":
            self.restart(next_out=own)
            self.reports = {}
        self.next_out = max(self.next_out, own + 1)
        if message.msg_type == MsgType.TestRequest:
            self._asked[message.get(Tag.TestReqID) or b""] = own
        elif message.msg_type == MsgType.Logout:
            self._logged_out = own
        elif message.msg_type == MsgType.SequenceReset:
            self.next_out = max(self.next_out, number(message, Tag.NewSeqNo) or 0)
        elif (cl_ord_id := message.get(Tag.ClOrdID)) is not None:
            self._orders.setdefault(cl_ord_id, own)

    def _received(self, told: Told) -> None:
        message, their = told.message, told.number
        if their is None:
            return
        if message.msg_type == MsgType.Logon and message.get(Tag.ResetSeqNumFlag) == b"Y":
            self.restart(next_out=2)
        self.theirs.setdefault(their, told)
        self.used = max(self.used, their)
        exec_id = exec_id_of(told)
        if exec_id is not None:
            self.reports.setdefault(exec_id, told)
        self._learn(told)
        if told.read:
            self._advance(told, their)
        if not told.read or their >= (self.next_in or 1):
            self.beyond.add(their)

    def _learn(self, told: Told) -> None:
        """See what a message proves of our own numbers."""
        message = told.message
        proven = [number(message, Tag.LastMsgSeqNumProcessed), number(message, Tag.RefSeqNum)]
        match message.msg_type:
            case MsgType.Heartbeat:
                proven.append(self._asked.get(message.get(Tag.TestReqID) or b"-"))
            case MsgType.Logout:
                proven.append(self._logged_out)
            case MsgType.ExecutionReport | MsgType.OrderCancelReject:
                proven.append(self._orders.get(message.get(Tag.ClOrdID) or b"-"))
            case MsgType.ResendRequest:
                begin = number(message, Tag.BeginSeqNo)
                proven.append(begin - 1 if begin else None)
        known = [each for each in proven if each is not None and each < self.next_out]
        self.taken = max([self.taken, *known])

    def _advance(self, told: Told, their: int) -> None:
        message = told.message
        if self.next_in is None:
            self.next_in = self.known_from = their
        moved_to = their + 1
        if message.msg_type == MsgType.SequenceReset:
            moved_to = number(message, Tag.NewSeqNo) or moved_to
            if not is_gap_fill(message):
                self.next_in = max(self.next_in, moved_to)
                self.used = max(self.used, moved_to - 1)
                return
            self.used = max(self.used, moved_to - 1)
        self._ahead[their] = max(moved_to, self._ahead.get(their, 0))
        while self.next_in in self._ahead:
            self.next_in = max(self._ahead.pop(self.next_in), self.next_in + 1)
