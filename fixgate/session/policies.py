"""How a session handles what FIX leaves to the two sides: plain values.

The defaults are the standard's way, or the most common one where the standard has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = [
    "BeyondLimit",
    "GarbledEnd",
    "GarbledPolicy",
    "HeartbeatAnswer",
    "HeartbeatPolicy",
    "NumberingPolicy",
    "RequestEnd",
    "ResendPolicy",
    "ResetFlag",
]


class ResetFlag(Enum):
    """What is made of ResetSeqNumFlag(141) at Logon, from FIX 4.1."""

    AS_ASKED = "as asked"
    """Numbers restart where the initiator asks for it; an answer with an unasked Y is refused."""
    FORCE = "force"
    """An acceptor restarts at every Logon, whatever its number, and answers with Y."""
    DEMAND = "demand"
    """An acceptor refuses a Logon without Y."""
    REFUSE = "refuse"
    """An acceptor refuses a Logon with Y, in session too."""
    FOLLOW = "follow"
    """An initiator restarts when the answer has Y, asked for or not."""


@dataclass(frozen=True, slots=True)
class NumberingPolicy:
    """What both sides tell each other about their sequence numbers.

    Attributes:
        next_expected: Our Logon carries NextExpectedMsgSeqNum(789), from FIX 4.4. What the
            peer's Logon says with it is obeyed in any case.
        last_processed: Every message of ours carries LastMsgSeqNumProcessed(369) in its header,
            from FIX 4.2: the last number of the peer's that we have taken.
        reset_flag: What is made of ResetSeqNumFlag(141).
        highest: The last MsgSeqNum(34) that we use; above `LOW_BEFORE` of `ceiling`.
    """

    next_expected: bool = False
    last_processed: bool = False
    reset_flag: ResetFlag = ResetFlag.AS_ASKED
    highest: int = (1 << 63) - 1


class RequestEnd(Enum):
    """EndSeqNo(16) of a ResendRequest for everything that is missing."""

    VERSION = "version"
    """What the version writes for "all there is": 999999 before FIX 4.2, then 0."""
    ZERO = "0"
    NINES = "999999"
    EXACT = "exact"
    """The last number that is known to be missing."""


class BeyondLimit(Enum):
    """What becomes of the part of a ResendRequest that is above our limit."""

    GAP_FILL = "gap_fill"
    """A GapFill passes over it."""
    REFUSE = "refuse"
    """The whole request is rejected."""


@dataclass(frozen=True, slots=True)
class ResendPolicy:
    """How missing messages are asked for, and how those that the peer misses are sent again.

    Asking again is of our own making: the standard has no timer for it, and engines either wait
    for ever or ask anew at every message that is too high. 30 s without one missing message is
    longer than any resend that is under way leaves unseen; three times is no storm.

    Attributes:
        request_size: Numbers that one ResendRequest asks for; the next is sent when they have
            come. ``None`` asks for everything at once.
        request_end: EndSeqNo(16) of the last or only request.
        retry_ns: Ask again when nothing of what is missing has come for so long; ``None`` never.
        retries: How often, before the session ends with a Logout (a prober stays).
        repeats: How often the peer may ask for the same again before the session ends with a
            Logout (a prober stops answering): a loop would go on for ever. ``None`` for ever.
        serve_limit: Numbers of one ResendRequest that are sent again; ``None`` for all.
        beyond_limit: What becomes of the others.
    """

    request_size: int | None = None
    request_end: RequestEnd = RequestEnd.VERSION
    retry_ns: int | None = 30_000_000_000
    retries: int = 3
    repeats: int | None = 3
    serve_limit: int | None = None
    beyond_limit: BeyondLimit = BeyondLimit.GAP_FILL


class HeartbeatAnswer(Enum):
    """What becomes of a HeartBtInt(108) that is not as we would have it."""

    ACCEPT = "accept"
    """It is in force all the same."""
    IMPOSE = "impose"
    """An acceptor answers with a value of its own, which is in force."""
    REFUSE = "refuse"
    """The Logon is refused."""


@dataclass(frozen=True, slots=True)
class HeartbeatPolicy:
    """Which HeartBtInt(108) we agree to.

    An acceptor judges what the initiator asks for by the range; an initiator judges whether the
    acceptor answered what was asked for, as the standard has it.

    Attributes:
        min_s: The least that an acceptor takes, seconds.
        max_s: The most, seconds.
        zero: Whether an acceptor takes 0, no heartbeats; whatever ``min_s`` is.
        on_mismatch: What is done about any other value.
        value_s: What an acceptor imposes; ``None`` for the nearest that it takes.
    """

    min_s: int = 0
    max_s: int = 86_400
    zero: bool = True
    on_mismatch: HeartbeatAnswer = HeartbeatAnswer.ACCEPT
    value_s: int | None = None

    def takes(self, heartbeat_s: int) -> bool:
        """Return whether an acceptor takes ``heartbeat_s`` as it is."""
        return self.zero if heartbeat_s == 0 else self.min_s <= heartbeat_s <= self.max_s

    def imposed(self, heartbeat_s: int) -> int:
        """Return what an acceptor answers instead of ``heartbeat_s``, seconds."""
        if self.value_s is not None:
            return self.value_s
        return min(max(heartbeat_s, self.min_s, 1), self.max_s)

    @property
    def wanted(self) -> str:
        """What an acceptor takes, in words."""
        lowest = max(self.min_s, 1)
        text = f"{lowest} to {self.max_s} s" if lowest < self.max_s else f"{self.max_s} s"
        return f"{text} or 0" if self.zero else text


class GarbledEnd(Enum):
    """How a session ends that has seen too much garbled input."""

    LOGOUT = "logout"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class GarbledPolicy:
    """How much input that is no message is put up with on one connection.

    The standard ignores all of it, and so do we unless told otherwise.

    Attributes:
        limit: Pieces that are ignored; one more ends the session. ``None`` for any number.
        bad_sum_ends: A wrong BodyLength(9) or CheckSum(10) ends it at once.
        then: How it ends.
    """

    limit: int | None = None
    bad_sum_ends: bool = False
    then: GarbledEnd = GarbledEnd.LOGOUT
