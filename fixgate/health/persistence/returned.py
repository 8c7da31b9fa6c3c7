"""One return of a session: what was known at the cut, and what came after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fixgate.health.order_trail import text_of
from fixgate.health.persistence.flaw import quoted
from fixgate.health.persistence.ledger import Ledger
from fixgate.health.persistence.plan import Cut
from fixgate.health.persistence.story import Connection, Told, number
from fixgate.wire.tags import MsgType, Tag

__all__ = ["Return"]

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Return:
    """One return; all but the last two attributes are as they were at the cut.

    Attributes:
        left: The connection before it.
        next_in: MsgSeqNum(34) that we expected next.
        unused: The first number that the venue had not used, as far as is known.
        next_out: The number that we would have used next.
        taken: The highest of our numbers that the venue had surely taken.
        theirs: Its messages by number, also those that we did not read. The ledger's own: it has
            what was known at the cut as long as the new connection has not been counted.
        reports: Of each ExecID(17) the first message that had it, likewise.
        beyond: Numbers of the venue's that we had not taken, though their message is known.
        known_from: The lowest number of the venue's that is known at all.
        owed: Application messages that the venue may have sent while nobody listened.
        connection: The new connection.
        why_not_opened: Why there is none, or empty.
    """

    left: Connection
    next_in: int
    unused: int
    next_out: int
    taken: int
    theirs: Mapping[int, Told]
    reports: Mapping[bytes, Told]
    beyond: tuple[int, ...]
    known_from: int
    owed: int
    connection: Connection
    why_not_opened: str = ""

    @classmethod
    def after(
        cls,
        left: Connection,
        ledger: Ledger,
        connection: Connection,
        *,
        owed: int = 0,
        why_not_opened: str = "",
    ) -> Return:
        """Return what is to be judged, by the ledger as it stands at the end of ``left``."""
        return cls(
            left,
            _expected(left, ledger.next_in or 1, connection),
            ledger.unused,
            ledger.next_out + len(connection.withheld),
            ledger.taken,
            ledger.theirs,
            ledger.reports,
            tuple(sorted(n for n in ledger.beyond if n >= (ledger.next_in or 1))),
            ledger.known_from,
            owed,
            connection,
            why_not_opened,
        )

    @property
    def cut(self) -> Cut | None:
        """How the line was left."""
        return self.left.cut

    @property
    def our_logon(self) -> Told | None:
        """Our Logon."""
        return self.connection.ours(MsgType.Logon)

    @property
    def asked_for_reset(self) -> bool:
        """Whether our own Logon has ResetSeqNumFlag(141)=Y."""
        logon = self.our_logon
        return logon is not None and logon.message.get(Tag.ResetSeqNumFlag) == b"Y"

    @property
    def in_step(self) -> bool:
        """Whether the venue let us in and its numbers go on from those before."""
        logon = self.connection.their_logon
        their = logon.number if logon is not None else None
        if logon is None or their is None or logon.message.get(Tag.ResetSeqNumFlag) == b"Y":
            return False
        return their >= self.next_in

    @property
    def missed(self) -> range:
        """The venue's numbers that it used before its Logon, and that we did not take."""
        logon = self.connection.their_logon
        if logon is None or not self.in_step:
            return range(0)
        return range(self.next_in, logon.number or 0)

    @property
    def first_request(self) -> Told | None:
        """The venue's first ResendRequest on the new connection, or ``None``."""
        return next(
            (
                t
                for t in self.connection.told
                if not t.ours and t.read and t.msg_type == MsgType.ResendRequest
            ),
            None,
        )

    @property
    def our_request(self) -> Told | None:
        """Our own first ResendRequest, or ``None``."""
        return self.connection.ours(MsgType.ResendRequest)

    @property
    def wanted_from(self) -> int | None:
        """The first of the venue's numbers that our side asks for, ``None`` when it asks for none.

        In its Logon, NextExpectedMsgSeqNum(789), or in a ResendRequest, BeginSeqNo(7).
        """
        logon, request = self.our_logon, self.our_request
        said = None if logon is None else number(logon.message, Tag.NextExpectedMsgSeqNum)
        if said is None and request is not None:
            said = number(request.message, Tag.BeginSeqNo)
        return said

    @property
    def heard_out(self) -> bool:
        """Whether the venue had the time to say all: a later question of ours was answered."""
        return self.connection.settled is not None

    @property
    def ended_by_venue(self) -> bool:
        """Whether the venue ended the new connection before we did."""
        told, closed = self.connection.told, self.connection.closed
        ours = self.connection.ours(MsgType.Logout)
        logouts = (t for t in told if t.read and t.msg_type == MsgType.Logout)
        theirs = next((t for t in logouts if not t.ours), None)
        if theirs is not None:
            return ours is None or theirs.index < ours.index
        left = self.connection.cut is not None
        return closed is not None and closed.by_peer and ours is None and not left

    @property
    def their_logout(self) -> Told | None:
        """The Logout with which the venue ended a session that it had let us into, or ``None``."""
        if self.connection.their_logon is None or not self.ended_by_venue:
            return None
        logouts = (t for t in self.connection.told if t.msg_type == MsgType.Logout)
        return next((t for t in logouts if not t.ours and t.read), None)

    @property
    def last_words(self) -> str:
        """What that Logout says, for the middle of a sentence; empty when it says nothing."""
        text = "" if self.their_logout is None else text_of(self.their_logout.message)
        return f" with the words {quoted(text)}" if text else ""

    @property
    def last(self) -> int:
        """The index of the last record of the return."""
        return self.connection.end

    def away_ns(self) -> int:
        """Return how long nobody listened to the venue."""
        before = [t.at_ns for t in self.left.told if not t.ours and t.read]
        after = [t.at_ns for t in self.connection.told]
        return max(after[0] - before[-1], 0) if before and after else 0

    def silent_numbers(self) -> int:
        """Return how many administrative messages the venue may have sent into the cut line.

        Heartbeats and TestRequests of the time until it noticed, the answers that it still owed,
        and a Logout; none once both sides have said goodbye.
        """
        if self._parted:
            return 0
        asked = 1
        logon = self.left.ours(MsgType.Logon) or self.our_logon
        heartbeat_s = logon.message.get(Tag.HeartBtInt) if logon is not None else None
        if heartbeat_s is not None and heartbeat_s.isdigit() and int(heartbeat_s) > 0:
            asked += 2 * (self.away_ns() // (int(heartbeat_s) * _NS) + 1)
        return asked + 2

    @property
    def _parted(self) -> bool:
        """Whether both sides had said goodbye."""
        kinds = {t.ours for t in self.left.told if t.read and t.msg_type == MsgType.Logout}
        return kinds == {True, False}


def _expected(left: Connection, next_in: int, connection: Connection) -> int:
    """Return the number that our side expected next, by what it says itself.

    A log may have holes: of files that are gone, or of Heartbeats that an engine does not write
    down. An engine that asks for nothing has them all.
    """
    ours, theirs = connection.ours(MsgType.Logon), connection.their_logon
    if ours is None or theirs is None or left.cut is not None:
        return next_in
    request = connection.ours(MsgType.ResendRequest)
    said = number(ours.message, Tag.NextExpectedMsgSeqNum)
    if said is None and request is not None:
        said = number(request.message, Tag.BeginSeqNo)
    if said is None and request is None:
        said = theirs.number
    return max(next_in, said or 0)
