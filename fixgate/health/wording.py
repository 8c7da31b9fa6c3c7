"""What venues say in words: why they refuse us, sequence numbers, bytes that are not FIX at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

__all__ = [
    "Direction",
    "Refusal",
    "SequenceComplaint",
    "expectation_complaint",
    "foreign_protocol",
    "refusal_in",
    "sequence_complaint",
]


class Direction(Enum):
    """How our number stands to the one that the venue expects."""

    TOO_LOW = "too low"
    TOO_HIGH = "too high"


@dataclass(frozen=True, slots=True)
class SequenceComplaint:
    """A venue's text about our MsgSeqNum(34).

    Attributes:
        direction: Too low or too high.
        expected: The number it expects, or ``None`` when the text does not say.
        received: The number it received, or ``None`` when the text does not say.
    """

    direction: Direction
    expected: int | None
    received: int | None


# The wordings of QuickFIX and its ports, Artio, OnixS, B2BITS, and of several venues' own
# gateways, for example:
#   MsgSeqNum too low, expecting 812 but received 1
#   MsgSeqNum(34) too low: received 1, expected 812
#   Sequence number received (1) is lower than expected (812)
#   Incoming sequence number 1 is less than expected 812
#   Invalid MsgSeqNum: expected [812], received [1]
#   Msg Seq No too low. Expected seq no: 812; actual: 1
#   Logon seqnum 1 less than 812
_SUBJECT = re.compile(r"seq(?:uence|[ _]?n)|msgseq|tag\s*34|too low|lower than expected", re.I)
_NEXT_EXPECTED = re.compile(r"next ?expected ?msg ?seq|\b789\b", re.I)
_LOW = re.compile(
    r"too (?:low|small)|lower|less|smaller|below|behind|already (?:seen|received)", re.I
)
_HIGH = re.compile(r"too (?:high|large|big)|higher|greater|larger|above|ahead", re.I)
_TAG = re.compile(r"\(34\)|\btag\s*34\b|\b34=", re.I)
# Bounded: a hostile text must not be searched for minutes.
_NUMBER = r"[a-z]{0,10}+\D{0,30}?(\d{1,19})"
_EXPECTED = re.compile(rf"(?:expect|should be|must be|wanted|waiting for){_NUMBER}", re.I)
_RECEIVED = re.compile(rf"(?:receiv|\bgot|\bbut\b|actual|incoming|arrived){_NUMBER}", re.I)
_COMPARED = re.compile(r"(\d{1,19})\D{0,12}(?:lower|less|smaller|below)\D{0,30}?(\d{1,19})", re.I)


def sequence_complaint(text: str) -> SequenceComplaint | None:
    """Return what ``text`` says about our sequence number, or ``None`` when it says nothing."""
    if not _SUBJECT.search(text):
        return None
    if expectation_complaint(text):
        return None
    bare = _TAG.sub(" seqnum ", text)
    expected, received = _number(_EXPECTED, bare), _number(_RECEIVED, bare)
    compared = _COMPARED.search(bare)
    if compared:
        received, expected = int(compared[1]), int(compared[2])
    if expected is not None and received is not None and expected != received:
        low = received < expected
        return SequenceComplaint(
            Direction.TOO_LOW if low else Direction.TOO_HIGH, expected, received
        )
    if _LOW.search(bare):
        return SequenceComplaint(Direction.TOO_LOW, expected, received)
    if _HIGH.search(bare):
        return SequenceComplaint(Direction.TOO_HIGH, expected, received)
    return None


def expectation_complaint(text: str) -> bool:
    """Return whether ``text`` is about our Logon's NextExpectedMsgSeqNum(789)."""
    return bool(_NEXT_EXPECTED.search(text))


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return int(found[1]) if found else None


class Refusal(Enum):
    """What a venue that refuses us has against us, where its words tell."""

    LOCKED = "the account is locked or disabled"
    EXPIRED = "the password has expired"
    DUPLICATE = "the session is logged on already"
    HOURS = "the session is closed"
    CREDENTIALS = "username, password or signature are wrong"


_REFUSALS = (
    (
        Refusal.LOCKED,
        r"\b(?:un)?lock(?:ed|ed[ -]?out|out)\b|\b(?:disabled|suspended|deactivated|revoked)\b"
        r"|\bblocked\b|too many (?:\w+ )?(?:log[io]ns?|attempts|passwords?)",
    ),
    (
        Refusal.EXPIRED,
        r"password (?:has |is )?expired|expired password|password must be changed"
        r"|change (?:of )?(?:your |the )?password",
    ),
    (
        Refusal.DUPLICATE,
        r"already (?:logged|log[io]n|connected|active|in use|established|exists|signed|open)"
        r"|duplicate (?:log[io]n|session|connection|identity|user)"
        r"|multiple (?:log[io]n|session|connection)|another (?:session|connection)"
        r"|(?:session|user|account) (?:is )?(?:currently )?(?:in use|connected|logged (?:on|in))",
    ),
    (
        Refusal.HOURS,
        r"(?:session|market|gateway|system|exchange|venue|service) (?:is |has )?"
        r"(?:now |currently |not )?(?:closed|open\b|started|ended)"
        r"|out(?:side)?(?: of)? (?:\w+ ){0,2}(?:hours?|times?|window)\b|at this time"
        r"|end of (?:the |trading )?(?:session|day|week|business)|close of business"
        r"|session time|opens? (?:at|again)|\bholiday\b|\bweekend\b",
    ),
    (
        Refusal.CREDENTIALS,
        r"passw(?:or)?d|credential|user ?(?:name|id)|authenti|authori[sz]|signature|entitle"
        r"|log[io]n (?:failed|denied|incorrect)|(?:invalid|unknown|bad|wrong) (?:user|log[io]n\b)"
        r"|(?:access|permission) denied",
    ),
)
_REFUSAL_PATTERNS = tuple((kind, re.compile(words, re.I)) for kind, words in _REFUSALS)
_PASSING = re.compile(
    r"unavailable|not available|tim(?:ed?|e)[ -]?out|(?:try|retry|again) ?later|try again|temporar"
    r"|not ready|starting|maintenance|\bbusy\b|overload|internal error",
    re.I,
)
"""A password service that is down says nothing about the password."""


def refusal_in(text: str) -> Refusal | None:
    """Return what a venue has against us by the words of its Logout, ``None`` when they tell not.

    What is more particular is looked for first: "already logged on as that user" is not about the
    user.
    """
    found = next((kind for kind, words in _REFUSAL_PATTERNS if words.search(text)), None)
    return None if found is Refusal.CREDENTIALS and _PASSING.search(text) else found


_BANNERS = (
    (re.compile(rb"HTTP/\d|<!doctype html|<html", re.I), "an HTTP server"),
    (re.compile(rb"SSH-\d"), "an SSH server"),
    (re.compile(rb"220[ -]"), "an FTP or SMTP server"),
    (re.compile(rb"\x15\x03[\x00-\x04]|\x16\x03[\x00-\x04]"), "a TLS server"),
    (re.compile(rb"\+OK |\* OK "), "a mail server"),
    (re.compile(rb"-ERR |\+PONG"), "a Redis server"),
)


def foreign_protocol(data: bytes) -> str | None:
    """Name what speaks when ``data`` is not FIX: ``an HTTP server``; ``None`` for broken FIX."""
    head = data[:512].lstrip()
    for pattern, name in _BANNERS:
        if pattern.match(head):
            return name
    return None if b"8=FIX" in data else "something that does not speak FIX"
