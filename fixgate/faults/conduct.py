"""Faults as values: what is wrong with which messages there are, and with a session."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fixgate.dice import Distribution

__all__ = [
    "Delay",
    "Drop",
    "Duplicate",
    "FakePossDup",
    "FakePossResend",
    "GapFillFlag",
    "GapFillResend",
    "Ignore",
    "Late",
    "Mute",
    "Muted",
    "Numbers",
    "OrigTime",
    "RefuseLogon",
    "RefusedBy",
    "Renumber",
    "Reorder",
    "ResendForever",
    "ResendWithoutPossDup",
    "ShiftResendRequest",
    "WrongNewSeqNo",
    "WrongTestReqID",
]


class Numbers(Enum):
    """MsgSeqNum(34) of messages that come again, or later than they were meant to."""

    KEPT = "kept"
    """As the session has given it."""
    IN_ORDER = "in_order"
    """Renumbered, with those that follow: nothing is wrong with the numbers."""


# Messages that are lost, late, or come twice.


@dataclass(frozen=True, slots=True)
class Drop:
    """Messages are lost.

    Attributes:
        msg_types: Of these MsgType(35) only; empty for all.
    """

    msg_types: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Ignore:
    """Messages are as good as unread: our session gets a Heartbeat of the same number instead.

    Attributes:
        msg_types: Of these MsgType(35) only; empty for all but Logon(A).
    """

    msg_types: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Delay:
    """Messages take longer, and hold up those behind them."""

    by: Distribution


@dataclass(frozen=True, slots=True)
class Late:
    """Messages wait, and others pass them by.

    Attributes:
        by_ns: How long.
        numbers: Whether they keep their numbers.
        msg_types: Of these MsgType(35) only; empty for all.
    """

    by_ns: int
    numbers: Numbers = Numbers.KEPT
    msg_types: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Reorder:
    """A message lets so many others pass before it goes.

    Attributes:
        behind: How many.
        within_ns: It goes by then even if fewer have come.
    """

    behind: int = 1
    within_ns: int = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Messages come again.

    Attributes:
        copies: How many more.
        after_ns: How long after the first, and after one another.
        numbers: Whether copies have the number of the first, or one of their own.
        msg_types: Of these MsgType(35) only; empty for all.
    """

    copies: int = 1
    after_ns: int = 0
    numbers: Numbers = Numbers.KEPT
    msg_types: frozenset[bytes] = frozenset()


# Sequence numbers.


@dataclass(frozen=True, slots=True)
class Renumber:
    """MsgSeqNum(34) is off by so much, from the first message chosen on."""

    by: int


class OrigTime(Enum):
    """OrigSendingTime(122) of a message that claims to be a duplicate."""

    RIGHT = "right"
    ABSENT = "absent"
    LATER = "later"
    """Later than SendingTime(52), which cannot be."""


@dataclass(frozen=True, slots=True)
class FakePossDup:
    """New messages say PossDupFlag(43)=Y."""

    orig_sending_time: OrigTime = OrigTime.RIGHT


@dataclass(frozen=True, slots=True)
class FakePossResend:
    """Messages say PossResend(97)=Y."""


@dataclass(frozen=True, slots=True)
class GapFillResend:
    """A ResendRequest gets one GapFill over everything, application messages included."""


@dataclass(frozen=True, slots=True)
class ShiftResendRequest:
    """A ResendRequest is answered from another number than it asked for.

    Attributes:
        by: Later by so many; earlier when negative.
    """

    by: int


@dataclass(frozen=True, slots=True)
class ResendWithoutPossDup:
    """What is resent lacks PossDupFlag(43) and OrigSendingTime(122)."""


@dataclass(frozen=True, slots=True)
class ResendForever:
    """What was resent comes again and again."""

    every_ns: int = 1_000_000_000


@dataclass(frozen=True, slots=True)
class WrongNewSeqNo:
    """NewSeqNo(36) of a SequenceReset is off by so much."""

    by: int


@dataclass(frozen=True, slots=True)
class GapFillFlag:
    """GapFillFlag(123) of a SequenceReset is this; missing when empty."""

    value: bytes


# Liveness and Logon.


class Muted(Enum):
    """Which messages are not sent."""

    HEARTBEATS = "heartbeats"
    """No Heartbeat at all."""
    UNASKED = "unasked"
    """No Heartbeat but the answers to TestRequests."""
    ANSWERS = "answers"
    """No answer to a TestRequest; regular Heartbeats go out."""
    ALL_BUT_ANSWERS = "all_but_answers"
    """Nothing but the answers to TestRequests."""


@dataclass(frozen=True, slots=True)
class Mute:
    """Nothing is heard of a kind of message, and no number is used for it.

    When it is over the numbers jump to those of the session, and what was muted can be asked for.
    """

    what: Muted


@dataclass(frozen=True, slots=True)
class WrongTestReqID:
    """The answer to a TestRequest has another TestReqID(112)."""

    test_req_id: bytes = b"WRONG"


class RefusedBy(Enum):
    """With what a Logon is refused."""

    LOGOUT = "logout"
    REJECT = "reject"
    SILENCE = "silence"
    """With nothing: the connection stays, and nothing is ever sent on it."""


@dataclass(frozen=True, slots=True)
class RefuseLogon:
    """The answer to a Logon is a refusal, and nothing else is sent on the connection.

    Attributes:
        by: The message.
        text: Text(58); empty for none.
    """

    by: RefusedBy
    text: str = ""
