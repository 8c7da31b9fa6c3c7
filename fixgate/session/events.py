"""What a session tells its owner. Frozen values; matched with ``match`` or by type."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from fixgate.wire.message import Message

__all__ = [
    "GARBLED_KEPT_BYTES",
    "AppMessage",
    "Event",
    "GapClosed",
    "GapOpened",
    "GarbledInput",
    "HeartbeatReceived",
    "HoursEnded",
    "LoggedOn",
    "LoggedOut",
    "LogonRefused",
    "Reaction",
    "RejectReceived",
    "ResendServed",
    "SequenceMoved",
    "SequenceReset",
    "TestRequestSent",
    "TimedOut",
    "Violation",
]

GARBLED_KEPT_BYTES = 1024
"""Garbled input is evidence; more than this of it is not."""


class Reaction(Enum):
    """What the session did about a violation."""

    NONE = "recorded only"
    IGNORED = "ignored the message"
    REJECTED = "sent Reject"
    LOGOUT = "sent Logout"
    REJECTED_LOGOUT = "sent Reject, then Logout"
    CLOSED = "closed the connection"


class AppMessage(NamedTuple):
    """An application message to act on, in sequence (a tuple: one is made for every order).

    Attributes:
        message: The message, validated against the dictionary.
        poss_dup: PossDupFlag(43)=Y.
        poss_resend: PossResend(97)=Y: the application must check whether it has seen it.
    """

    message: Message
    poss_dup: bool = False
    poss_resend: bool = False


@dataclass(frozen=True, slots=True)
class LoggedOn:
    """The Logon handshake is complete.

    Attributes:
        heartbeat_s: HeartBtInt(108) in force.
        asked_heartbeat_s: What we asked for; differs when the peer answered another value.
        reset: Both sides restarted at 1 (ResetSeqNumFlag(141)=Y).
        logon: The peer's Logon.
    """

    heartbeat_s: int
    asked_heartbeat_s: int
    reset: bool
    logon: Message


@dataclass(frozen=True, slots=True)
class LogonRefused:
    """The Logon was not accepted, by the peer or by us.

    Attributes:
        by_peer: ``True`` when the peer refused ours.
        text: The peer's Text(58), or ours.
        expected_seq_num: The number that the peer's text says it expects, or ``None``.
        received_seq_num: The number that the peer's text says it received, or ``None``.
        message: The peer's Logout or Reject, or ``None``.
    """

    by_peer: bool
    text: str
    expected_seq_num: int | None = None
    received_seq_num: int | None = None
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """The session is over.

    Attributes:
        by_peer: The peer sent the first Logout.
        clean: Both sides sent a Logout.
        text: Text(58) of the peer's Logout, or empty.
    """

    by_peer: bool
    clean: bool
    text: str


@dataclass(frozen=True, slots=True)
class HeartbeatReceived:
    """A Heartbeat came; ``test_req_id`` is its TestReqID(112), or ``None``."""

    test_req_id: bytes | None


@dataclass(frozen=True, slots=True)
class HoursEnded:
    """The schedule ended the session: we log out; ``text`` is our Logout's Text(58)."""

    text: str


@dataclass(frozen=True, slots=True)
class NumbersRunLow:
    """Our sequence numbers come to their end: ``left`` more, up to ``highest``."""

    left: int
    highest: int


@dataclass(frozen=True, slots=True)
class TestRequestSent:
    """We sent a TestRequest; ``test_req_id`` is its TestReqID(112)."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    test_req_id: bytes


@dataclass(frozen=True, slots=True)
class RejectReceived:
    """The peer rejected a message of ours.

    Attributes:
        ref_seq_num: RefSeqNum(45): the number of our message, or ``None`` when unreadable.
        text: Text(58), or empty.
        message: The Reject.
    """

    ref_seq_num: int | None
    text: str
    message: Message


@dataclass(frozen=True, slots=True)
class GapOpened:
    """MsgSeqNum(34) was too high: we asked for ``begin`` up to ``received - 1``."""

    begin: int
    received: int


@dataclass(frozen=True, slots=True)
class GapClosed:
    """Everything that was missing has come."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class ResendServed:
    """The peer asked for ``begin`` to ``end``; ``end`` 0 means all there is."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class SequenceMoved:
    """A GapFill or SequenceReset of the peer moved the expected number."""

    old: int
    new: int
    gap_fill: bool


@dataclass(frozen=True, slots=True)
class SequenceReset:
    """Both numbers restarted at 1."""

    by_peer: bool


@dataclass(frozen=True, slots=True)
class GarbledInput:
    """Bytes that are no message were skipped; no number was used.

    Attributes:
        data: The bytes skipped, at most 1 KiB of them; they may hold secrets, so they are not in
            the repr.
        reason: What was received and what was expected.
    """

    data: bytes = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The peer did not do something in time; ``waiting_for`` names it."""

    waiting_for: str


@dataclass(frozen=True, slots=True)
class Violation:
    """The peer broke a rule.

    Attributes:
        rule: A short stable name, such as ``seqnum-too-low``.
        tag: The field at fault, or ``None``.
        reason: SessionRejectReason(373), or ``None``.
        reaction: What the session did.
        text: What was received and what was expected, with ``Name(tag)``.
        message: The message at fault.
    """

    rule: str
    tag: int | None
    reason: int | None
    reaction: Reaction
    text: str
    message: Message | None = None


Event = (
    AppMessage
    | LoggedOn
    | LogonRefused
    | LoggedOut
    | HeartbeatReceived
    | HoursEnded
    | NumbersRunLow
    | TestRequestSent
    | RejectReceived
    | GapOpened
    | GapClosed
    | ResendServed
    | SequenceMoved
    | SequenceReset
    | GarbledInput
    | TimedOut
    | Violation
)
