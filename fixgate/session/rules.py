"""The rules that a peer can break, and what each role does about it.

Rules are data: the session finds a violation, the policy names the reaction. An engine enforces
the standard. A prober observes: it must not log out of a sloppy venue before it has learned
anything, so it records what it can live with and takes the message as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from fixgate.session.events import Reaction
from fixgate.session.status import SessionStatus

__all__ = ["ENFORCE", "OBSERVE", "Breach", "Rule", "too_low_numbers", "too_low_text"]


class Rule(Enum):
    """A rule of the session layer; the value is its stable name in reports."""

    BEGIN_STRING = "begin-string"
    COMP_ID = "comp-id"
    SENDING_TIME = "sending-time"
    ORIG_SENDING_TIME_MISSING = "orig-sending-time-missing"
    ORIG_SENDING_TIME_LATER = "orig-sending-time-later"
    SEQNUM_MISSING = "seqnum-missing"
    SEQNUM_TOO_LOW = "seqnum-too-low"
    NEXT_EXPECTED_TOO_HIGH = "next-expected-too-high"
    DICTIONARY = "dictionary"
    THIRD_PARTY = "third-party"
    GAPFILL_LOWERS = "gapfill-lowers-seqnum"
    RESET_LOWERS = "reset-lowers-seqnum"
    RESEND_RANGE = "resend-range"
    RESEND_LOOP = "resend-loop"
    GAP_UNFILLED = "gap-unfilled"
    SECOND_LOGON = "second-logon"
    RESET_NOT_AT_ONE = "reset-not-at-one"
    RESET_UNASKED = "reset-unasked"
    RESET_DEMANDED = "reset-demanded"
    RESET_REFUSED = "reset-refused"
    HEARTBEAT = "heartbeat"
    LOGON = "logon"
    OUT_OF_HOURS = "out-of-hours"
    GARBLED = "garbled"
    FIRST_NOT_LOGON = "first-message-not-logon"


ENFORCE: dict[Rule, Reaction] = {
    Rule.BEGIN_STRING: Reaction.LOGOUT,
    Rule.COMP_ID: Reaction.REJECTED_LOGOUT,
    Rule.SENDING_TIME: Reaction.REJECTED_LOGOUT,
    Rule.ORIG_SENDING_TIME_MISSING: Reaction.REJECTED,
    Rule.ORIG_SENDING_TIME_LATER: Reaction.REJECTED_LOGOUT,
    Rule.SEQNUM_MISSING: Reaction.LOGOUT,
    Rule.SEQNUM_TOO_LOW: Reaction.LOGOUT,
    Rule.NEXT_EXPECTED_TOO_HIGH: Reaction.LOGOUT,
    Rule.DICTIONARY: Reaction.REJECTED,
    Rule.THIRD_PARTY: Reaction.REJECTED,
    Rule.GAPFILL_LOWERS: Reaction.REJECTED,
    Rule.RESET_LOWERS: Reaction.REJECTED,
    Rule.RESEND_RANGE: Reaction.REJECTED,
    Rule.RESEND_LOOP: Reaction.LOGOUT,
    Rule.GAP_UNFILLED: Reaction.LOGOUT,
    Rule.SECOND_LOGON: Reaction.REJECTED,
    Rule.RESET_NOT_AT_ONE: Reaction.LOGOUT,
    Rule.RESET_UNASKED: Reaction.LOGOUT,
    Rule.RESET_DEMANDED: Reaction.LOGOUT,
    Rule.RESET_REFUSED: Reaction.LOGOUT,
    Rule.HEARTBEAT: Reaction.LOGOUT,
    Rule.LOGON: Reaction.LOGOUT,
    Rule.OUT_OF_HOURS: Reaction.LOGOUT,
    Rule.GARBLED: Reaction.LOGOUT,
    Rule.FIRST_NOT_LOGON: Reaction.CLOSED,
}

OBSERVE: dict[Rule, Reaction] = ENFORCE | {
    Rule.BEGIN_STRING: Reaction.NONE,
    Rule.COMP_ID: Reaction.NONE,
    Rule.SENDING_TIME: Reaction.NONE,
    Rule.ORIG_SENDING_TIME_MISSING: Reaction.NONE,
    Rule.ORIG_SENDING_TIME_LATER: Reaction.NONE,
    Rule.SEQNUM_MISSING: Reaction.IGNORED,
    Rule.SEQNUM_TOO_LOW: Reaction.IGNORED,
    Rule.NEXT_EXPECTED_TOO_HIGH: Reaction.NONE,
    Rule.DICTIONARY: Reaction.NONE,
    Rule.THIRD_PARTY: Reaction.NONE,
    Rule.GAPFILL_LOWERS: Reaction.IGNORED,
    Rule.RESET_LOWERS: Reaction.IGNORED,
    Rule.RESEND_RANGE: Reaction.IGNORED,
    Rule.RESEND_LOOP: Reaction.IGNORED,
    Rule.GAP_UNFILLED: Reaction.NONE,
    Rule.SECOND_LOGON: Reaction.IGNORED,
}


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a message breaks, before anyone has reacted.

    Attributes:
        rule: Which rule.
        text: What was received and what was expected.
        reason: SessionRejectReason(373), or ``None``.
        tag: The field at fault, or ``None``.
        logout_text: Text(58) of a Logout for it; empty for the same as ``text``.
        status: SessionStatus(1409) of a Logout for it, or ``None``.
    """

    rule: Rule
    text: str
    reason: int | None = None
    tag: int | None = None
    logout_text: str = ""
    status: SessionStatus | None = None


def too_low_text(expected: int, received: int) -> str:
    """Return the wording that other engines look for, to the letter.

    Spec: test case 2.c. Engines and operators parse this text; QuickFIX's wording is the one
    they know.
    """
    return f"MsgSeqNum too low, expecting {expected} but received {received}"


# "expecting 812 but received 1" (QuickFIX family), "expected: 812, received: 1", "Expected
# MsgSeqNum 812, received 1", "MsgSeqNum(34) too low: received 1, expected 812" and the like. What
# may stand between is bounded: 60 KiB of "expectexpect..." would be searched for minutes.
_EXPECTED = re.compile(r"expect[a-z]{0,10}+\D{0,20}?(\d{1,19})", re.IGNORECASE)
_RECEIVED = re.compile(r"(?:receiv[a-z]{0,10}+|got|but|actual)\D{0,20}?(\d{1,19})", re.IGNORECASE)
_SEQUENCE = re.compile(r"seq|too low|lower than expected", re.IGNORECASE)
_LONGEST = 500  # characters; who has a number to say says it before


def too_low_numbers(text: str) -> tuple[int | None, int | None]:
    """Read the expected and the received number out of a Logout's Text(58).

    Returns:
        ``(expected, received)``; each ``None`` when the text does not say it, both ``None`` when
        it does not speak of sequence numbers at all.
    """
    text = text[:_LONGEST]
    if not _SEQUENCE.search(text):
        return None, None
    bare = text.replace("(34)", "").replace("34=", "")
    expected, received = _EXPECTED.search(bare), _RECEIVED.search(bare)
    return (
        int(expected[1]) if expected else None,
        int(received[1]) if received else None,
    )
