"""The faults: a closed set of frozen values, each one thing that goes wrong.

They say what, never when: that is the trigger's (`fixgate.faults.armed`). Names of scenario files
are in `fixgate.faults.catalogue`, where one value may have several: ``mute_heartbeats`` and
``answer_test_requests_only`` are both a `Mute`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from fixgate.faults.dice import Distribution

__all__ = [
    "Blackhole",
    "Chop",
    "ClockSkew",
    "Coalesce",
    "CorruptField",
    "Cut",
    "Delay",
    "Drop",
    "Duplicate",
    "EndConnection",
    "Ending",
    "FakePossDup",
    "FakePossResend",
    "Fault",
    "Fields",
    "FlipBits",
    "GapFillFlag",
    "GapFillResend",
    "Garbage",
    "Ignore",
    "InsertFields",
    "Late",
    "MissingSoh",
    "Mute",
    "Muted",
    "Numbers",
    "OrigTime",
    "RefuseConnections",
    "RefuseLogon",
    "RefusedBy",
    "RemoveFields",
    "Renumber",
    "Reorder",
    "RepeatField",
    "ResendForever",
    "ResendWithoutPossDup",
    "SetFields",
    "ShiftResendRequest",
    "SlowClose",
    "Stall",
    "Sum",
    "SwapFields",
    "Throttle",
    "Truncate",
    "WalkFields",
    "WrongBodyLength",
    "WrongCheckSum",
    "WrongNewSeqNo",
    "WrongTestReqID",
]

Fields: TypeAlias = tuple[tuple[int, bytes], ...]
"""Tags and values, in the order of the message."""


class Sum(Enum):
    """BodyLength(9) or CheckSum(10) of a message that was changed."""

    MENDED = "mended"
    """Right again: the change is all that is wrong."""
    STALE = "stale"
    """As it was before the change: the message is garbled."""


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


# Bytes of a message.


@dataclass(frozen=True, slots=True)
class FlipBits:
    """Bits of a message are flipped, at places that the dice choose.

    Attributes:
        bits: How many.
        tag: In the value of this field; anywhere when ``None``.
    """

    bits: int = 1
    tag: int | None = None


@dataclass(frozen=True, slots=True)
class CorruptField:
    """A value becomes other printable characters, as many as it had; CheckSum(10) may be mended."""

    tag: int
    checksum: Sum = Sum.STALE


@dataclass(frozen=True, slots=True)
class WrongCheckSum:
    """CheckSum(10) is off by so much, modulo 256."""

    by: int = 1


@dataclass(frozen=True, slots=True)
class WrongBodyLength:
    """BodyLength(9) is off by so much."""

    by: int = 1
    checksum: Sum = Sum.MENDED


@dataclass(frozen=True, slots=True)
class MissingSoh:
    """The SOH behind a field is missing; the last one of the body when ``tag`` is ``None``."""

    tag: int | None = None
    body_length: Sum = Sum.MENDED
    checksum: Sum = Sum.MENDED


@dataclass(frozen=True, slots=True)
class Truncate:
    """Only so many bytes of a message go out; half of them when ``keep`` is ``None``."""

    keep: int | None = None


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no message come before one."""

    data: bytes = b"not a FIX message\x01"


# Fields of a message.


@dataclass(frozen=True, slots=True)
class SetFields:
    """Fields have other values; one that is missing is added at the end of the body."""

    fields: Fields
    body_length: Sum = Sum.MENDED
    checksum: Sum = Sum.MENDED


@dataclass(frozen=True, slots=True)
class InsertFields:
    """Fields come in before another one; at the end of the body when ``before`` is ``None``."""

    fields: Fields
    before: int | None = None
    body_length: Sum = Sum.MENDED
    checksum: Sum = Sum.MENDED


@dataclass(frozen=True, slots=True)
class RemoveFields:
    """Fields are missing, wherever they stood."""

    tags: tuple[int, ...]
    body_length: Sum = Sum.MENDED
    checksum: Sum = Sum.MENDED


@dataclass(frozen=True, slots=True)
class RepeatField:
    """A field stands twice."""

    tag: int


@dataclass(frozen=True, slots=True)
class SwapFields:
    """Two fields have changed places."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class ClockSkew:
    """SendingTime(52) is that of a clock which is wrong, and gets worse.

    Attributes:
        by_ns: How far it is ahead; behind when negative.
        drift_ns: How much it gains with every hour since the fault was armed.
    """

    by_ns: int
    drift_ns: int = 0


@dataclass(frozen=True, slots=True)
class WalkFields:
    """One mistake in each message that passes: field by field, see `fixgate.faults.walk`.

    Attributes:
        version: The dictionary, such as ``FIX.4.4``; by BeginString(8) when empty.
        tags: Of these fields only; empty for all.
    """

    version: str = ""
    tags: tuple[int, ...] = ()


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


# The stream of bytes.


@dataclass(frozen=True, slots=True)
class Chop:
    """A message goes out in pieces.

    Attributes:
        size: Bytes of a piece.
        pause_ns: Between two pieces.
    """

    size: int = 1
    pause_ns: int = 0


@dataclass(frozen=True, slots=True)
class Coalesce:
    """Messages wait for one another, and go out in one write.

    Attributes:
        messages: So many at once.
        within_ns: Fewer when so much time has passed.
    """

    messages: int = 2
    within_ns: int = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Throttle:
    """The line is slow."""

    bytes_per_s: int


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing moves for so long; then everything that has waited comes at once."""

    lasting_ns: int


# The connection.


class Ending(Enum):
    """How a connection ends."""

    FIN = "fin"
    """Our half is closed in order; we go on reading."""
    RST = "rst"
    """It is reset."""
    SILENT = "silent"
    """We forget it without a packet: the peer's half stays open."""


@dataclass(frozen=True, slots=True)
class EndConnection:
    """The connection ends: after a message that the trigger chooses, or at once."""

    how: Ending


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection ends in the middle of a message, after so many of its bytes.

    Attributes:
        after_bytes: How many; half of the message when ``None``.
    """

    after_bytes: int | None = None
    how: Ending = Ending.RST


@dataclass(frozen=True, slots=True)
class Blackhole:
    """What is written vanishes, in both directions, and nobody is told."""


@dataclass(frozen=True, slots=True)
class SlowClose:
    """Our half of the connection is closed so much later than it should be."""

    by_ns: int


@dataclass(frozen=True, slots=True)
class RefuseConnections:
    """New connections end as soon as they are made."""

    how: Ending = Ending.RST


Fault: TypeAlias = (
    Drop
    | Ignore
    | Delay
    | Late
    | Reorder
    | Duplicate
    | FlipBits
    | CorruptField
    | WrongCheckSum
    | WrongBodyLength
    | MissingSoh
    | Truncate
    | Garbage
    | SetFields
    | InsertFields
    | RemoveFields
    | RepeatField
    | SwapFields
    | ClockSkew
    | WalkFields
    | Renumber
    | FakePossDup
    | FakePossResend
    | GapFillResend
    | ShiftResendRequest
    | ResendWithoutPossDup
    | ResendForever
    | WrongNewSeqNo
    | GapFillFlag
    | Mute
    | WrongTestReqID
    | RefuseLogon
    | Chop
    | Coalesce
    | Throttle
    | Stall
    | EndConnection
    | Cut
    | Blackhole
    | SlowClose
    | RefuseConnections
)
