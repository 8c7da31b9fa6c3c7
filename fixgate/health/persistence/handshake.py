"""The Logon of a return: do both sides go on with the numbers that they had? Pure.

What the venue expects of us it says in one of three places: NextExpectedMsgSeqNum(789) of its
Logon, BeginSeqNo(7) of a ResendRequest, or the text of a Logout.

Spec: FIX 4.4 volume 2, "Logon", "Resend Request", "Message recovery"; test cases 1B, 2.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixgate.health.order_trail import text_of
from fixgate.health.persistence.flaw import Flaw, count_of, quoted, span, spans
from fixgate.health.persistence.returned import Return
from fixgate.health.persistence.story import Told, number
from fixgate.health.wording import Direction, SequenceComplaint, sequence_complaint
from fixgate.wire.tags import MsgType, Tag

__all__ = ["handshake_flaws"]

_DEMANDS_RESET = re.compile(
    r"reset ?seq ?num|\b141\b|(?:must|should|please|required? to|expect\w*) (?:be )?reset", re.I
)


def handshake_flaws(back: Return) -> Iterator[Flaw]:
    """Judge how a return was received, and with which numbers."""
    yield from _own_numbers(back)
    first = back.connection.their_first
    if first is None:
        yield _unanswered(back)
    elif back.connection.their_logon is None:
        yield from _refused(back, first)
    elif first.message.get(Tag.ResetSeqNumFlag) == b"Y":
        yield _reset(back, first)
    else:
        yield from _their_numbers(back, first)
        yield from _count_of_ours(back, first)
        yield from _logged_out(back)


def _own_numbers(back: Return) -> Iterator[Flaw]:
    """Our own side: in a check its store has just been used, but a log may tell another story."""
    logon = back.our_logon
    own = None if logon is None else logon.number
    if logon is None or own is None or back.asked_for_reset:
        return
    wanted = back.wanted_from
    if wanted is not None and back.known_from <= wanted < back.next_in:
        yield Flaw(
            "own-numbers-lost",
            f"our count of theirs rolled back by {back.next_in - wanted}",
            f"Our own side asks for the venue's MsgSeqNum(34) {wanted} again, expected "
            f"{back.next_in}: it had taken up to {back.next_in - 1} already.",
            logon.index,
        )
    if own >= back.next_out:
        return
    behind = back.next_out - own
    word = "our numbers restarted" if own == 1 else f"our numbers rolled back by {behind}"
    yield Flaw(
        "own-numbers-lost",
        word,
        f"Our own Logon has MsgSeqNum(34) {own}, expected {back.next_out}: our side had sent up to "
        f"{back.next_out - 1} already.",
        logon.index,
    )


def _unanswered(back: Return) -> Flaw:
    closed = back.connection.closed
    logon = back.our_logon
    if logon is None:
        word, text = "not reached", "No connection could be opened after the cut"
        why = f": {back.why_not_opened}" if back.why_not_opened else ""
        return Flaw("return-unreachable", word, f"{text}{why}.", back.last)
    what = "has not been answered"
    if closed is not None and closed.by_peer:
        how = "reset" if closed.reset else "closed"
        what = f"was not answered: the venue {how} the connection without a word"
    text = f"The Logon after the cut, MsgSeqNum(34) {logon.number}, {what}."
    return Flaw("return-refused", "not let in again", text, back.last)


def _refused(back: Return, first: Told) -> Iterator[Flaw]:
    """The venue answers with something other than a Logon."""
    text, logon = text_of(first.message), back.our_logon
    own = (logon.number if logon is not None else None) or back.next_out
    said = quoted(text)
    if (complaint := sequence_complaint(text)) is not None:
        yield _complaint(back, first, complaint, own)
    elif _DEMANDS_RESET.search(text):
        yield Flaw(
            "reset-demanded",
            "reset demanded",
            f"The venue takes the session up again only with ResetSeqNumFlag(141)=Y: {said}; "
            f"expected to go on with MsgSeqNum(34) {own}.",
            first.index,
        )
    else:
        kind = first.msg_type.decode("latin-1")
        what = {MsgType.Logout: "a Logout", MsgType.Reject: "a Reject"}.get(
            first.msg_type, f"MsgType(35) {kind}"
        )
        yield Flaw(
            "return-refused",
            "not let in again",
            f"The Logon after the cut, MsgSeqNum(34) {own}, was answered with {what}: {said}; "
            "expected a Logon.",
            first.index,
        )
    yield from _numbers_of_refusal(back, first)


def _numbers_of_refusal(back: Return, first: Told) -> Iterator[Flaw]:
    """A Logout has a number as well: whoever began anew shows it here, too."""
    their = first.number
    if their is not None and their < back.unused and not first.poss_dup:
        yield _went_back(back, first, their)


def _complaint(back: Return, first: Told, complaint: SequenceComplaint, own: int) -> Flaw:
    expected, said = complaint.expected, quoted(text_of(first.message))
    if expected is None:
        low = complaint.direction is Direction.TOO_LOW
        cause = "numbers-ahead" if low else "numbers-rolled-back"
        way = "ahead of" if low else "behind"
        return Flaw(
            cause,
            f"diverged: the venue is {way} us",
            f"The venue refused our MsgSeqNum(34) {own}: {said}; how far it is {way} us it does "
            "not say.",
            first.index,
        )
    if expected > own:
        by = expected - own
        return Flaw(
            "numbers-ahead",
            f"diverged by {by}: the venue expects more than we sent",
            f"The venue expects our MsgSeqNum(34) {expected} and received {own}: {by} ahead of "
            f"what we have ever sent; it said {said}.",
            first.index,
        )
    return _count_went_back(back, first, expected) or Flaw(
        "resend-not-asked",
        f"refused instead of asking for {spans([(expected, own - 1)])}",
        f"The venue has missed our MsgSeqNum(34) {spans([(expected, own - 1)])} and refused the "
        f"Logon, {said}; expected a ResendRequest(2).",
        first.index,
    )


def _reset(back: Return, logon: Told) -> Flaw:
    lost = back.beyond
    also = f" {count_of(len(lost), 'message')} that it sent us before are gone." if lost else ""
    if back.asked_for_reset:
        return Flaw(
            "reset-asked",
            "reset, as our own side asked",
            "Our own Logon asks for a restart, ResetSeqNumFlag(141)=Y: both sides begin at 1 and "
            f"nothing that was missed can come again.{also}",
            logon.index,
        )
    return Flaw(
        "numbers-reset",
        "reset by the venue: both numbers",
        "The venue answered with ResetSeqNumFlag(141)=Y, which we did not ask for: it has "
        f"forgotten our numbers and its own; expected MsgSeqNum(34) {back.unused} or above.{also}",
        logon.index,
    )


def _their_numbers(back: Return, logon: Told) -> Iterator[Flaw]:
    their = logon.number
    if their is not None and their < back.unused:
        yield _went_back(back, logon, their)


def _went_back(back: Return, told: Told, their: int) -> Flaw:
    kind = "Logon" if told.msg_type == MsgType.Logon else "answer"
    known = f"it has used numbers up to {back.unused - 1}"
    if their == 1:
        return Flaw(
            "numbers-reset",
            "reset by the venue: its own numbers",
            f"The venue's {kind} has MsgSeqNum(34) 1, expected {back.unused} or above: {known}, "
            "and there is no ResetSeqNumFlag(141).",
            told.index,
        )
    by = back.unused - their
    return Flaw(
        "numbers-rolled-back",
        f"diverged by {by}: the venue's own numbers went back",
        f"The venue's {kind} has MsgSeqNum(34) {their}, expected {back.unused} or above: {known}, "
        f"and went back by {by}.",
        told.index,
    )


def _count_of_ours(back: Return, logon: Told) -> Iterator[Flaw]:
    """What does the venue think that we send next?"""
    own = back.our_logon.number if back.our_logon is not None else None
    if own is None:
        return
    expected = number(logon.message, Tag.NextExpectedMsgSeqNum)
    if expected is not None and expected > own + 1:
        yield _ahead(logon, expected, own + 1, "NextExpectedMsgSeqNum(789)")
    elif expected is not None and (flaw := _count_went_back(back, logon, expected)) is not None:
        yield flaw
    asked = back.first_request
    if asked is None:
        yield from _not_asked(back, logon, expected)
        return
    begin = number(asked.message, Tag.BeginSeqNo)
    if begin is not None and begin > own:
        yield _ahead(asked, begin, own, "BeginSeqNo(7) of its ResendRequest(2)")
    elif begin is not None and (flaw := _count_went_back(back, asked, begin)) is not None:
        yield flaw


def _logged_out(back: Return) -> Iterator[Flaw]:
    """Some venues let us in first, and log us out over the numbers then."""
    logout = back.their_logout
    if logout is None or back.our_logon is None:
        return
    complaint = sequence_complaint(text_of(logout.message))
    if complaint is not None:
        own = complaint.received or back.our_logon.number or back.next_out
        yield _complaint(back, logout, complaint, own)


def _ahead(told: Told, received: int, highest: int, where: str) -> Flaw:
    by = received - highest
    return Flaw(
        "numbers-ahead",
        f"diverged by {by}: the venue expects more than we sent",
        f"The venue counts more of our messages than we have ever sent: {where} received "
        f"{received}, expected at most {highest}.",
        told.index,
    )


def _count_went_back(back: Return, told: Told, expected: int) -> Flaw | None:
    """Return the flaw of a venue that has forgotten what it is known to have taken."""
    taken = back.taken
    if expected > taken or not taken:
        return None
    known = f"it has taken our messages up to {taken}, which it answered"
    if expected <= 1:
        return Flaw(
            "numbers-reset",
            "reset by the venue: its count of ours",
            f"The venue expects our MsgSeqNum(34) 1 again, expected {taken + 1} or above: {known}.",
            told.index,
        )
    by = taken + 1 - expected
    return Flaw(
        "numbers-rolled-back",
        f"diverged by {by}: the venue's count of ours went back",
        f"The venue expects our MsgSeqNum(34) {expected} again, expected {taken + 1} or above: "
        f"{known}; its count went back by {by}.",
        told.index,
    )


def _not_asked(back: Return, logon: Told, expected: int | None) -> Iterator[Flaw]:
    withheld = back.connection.withheld
    if not withheld or expected is not None or not back.heard_out:
        return
    yield Flaw(
        "resend-not-asked",
        f"never asked for {span(withheld)}",
        f"The venue has missed our MsgSeqNum(34) {span(withheld)} and has not asked for it: "
        "expected a ResendRequest(2) after our Logon.",
        logon.index,
    )
