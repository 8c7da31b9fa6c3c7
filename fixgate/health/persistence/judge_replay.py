"""Judging what was missed: did it come again, marked as such, once, and as it was sent? Pure.

Spec: FIX 4.4 volume 2, "Resend Request", "Sequence Reset", "Possible Duplicates": PossDupFlag(43)=Y
and OrigSendingTime(122), not later than SendingTime(52); test cases 2.e, 2.f, 2.g, 8, 10.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.health.order_trail import text_of
from fixgate.health.persistence.flaw import Flaw, count_of, size_of, span, spans
from fixgate.health.persistence.replay import Replay
from fixgate.health.persistence.returned import Return
from fixgate.health.persistence.story import Told, essence, number
from fixgate.wire.message import Message
from fixgate.wire.tags import ADMIN_MSG_TYPES, MsgType, Tag
from fixgate.wire.timestamps import utc_ns

__all__ = ["replay_flaws"]


def replay_flaws(back: Return, replay: Replay, *, unreported: str = "") -> Iterator[Flaw]:
    """Judge what came of the numbers that we missed.

    Args:
        back: The return.
        replay: What came.
        unreported: An order that the venue knows and whose report has not come, in words.
    """
    yield from _lost(back, replay)
    yield from _filled(back, replay, unreported)
    yield from _unmarked(replay)
    yield from _origins(replay)
    yield from _changed(back, replay)
    yield from _doubled(replay)


def _lost(back: Return, replay: Replay) -> Iterator[Flaw]:
    lost = replay.lost(back.missed)
    if not lost:
        return
    numbers = spans(lost)
    asked = back.our_request
    if not back.heard_out and back.ended_by_venue:
        yield Flaw(
            "persistence-untold",
            f"cannot be told: {numbers} outstanding",
            f"The venue ended the session{back.last_words} before its messages {numbers} had come "
            "again; whether it would have sent them cannot be told.",
            back.last,
        )
        return
    if not back.heard_out and not _went_on(back):
        yield Flaw(
            "persistence-untold",
            f"cannot be told: {numbers} outstanding",
            f"The venue's messages {numbers} had not come again {_until(back)}.",
            back.last,
        )
        return
    index = asked.index if asked is not None else back.last
    why, index = _why_lost(back, replay, index)
    yield Flaw(
        "messages-lost",
        f"lost {numbers}",
        f"The venue's messages {numbers} were sent while we were away and have not come again: "
        f"{why}; expected each with PossDupFlag(43)=Y, or a GapFill where it was administrative.",
        index,
    )


def _until(back: Return) -> str:
    if back.cut is None:
        return "when the record of the session ends"
    return "when time was up, and our TestRequest(1) had not been answered either"


def _went_on(back: Return) -> bool:
    """Whether the venue has gone on with new messages after we asked for what was missing."""
    asked, logon = back.our_request, back.connection.their_logon
    if asked is None or logon is None:
        return False
    return any(
        not t.ours and t.index > asked.index and (t.number or 0) > (logon.number or 0)
        for t in back.connection.told
    )


def _why_lost(back: Return, replay: Replay, index: int) -> tuple[str, int]:
    if replay.skipped:
        _, reset = replay.skipped[0]
        new = number(reset.message, Tag.NewSeqNo)
        text = "a SequenceReset(4) without GapFillFlag(123)=Y skipped them"
        return f"{text}, NewSeqNo(36) {new}", reset.index
    asked = back.our_request
    if asked is None:
        return "nothing was sent", index
    refusal = _refusal_of(back, asked)
    if refusal is not None:
        said = f': "{text_of(refusal.message)}"' if text_of(refusal.message) else ""
        return f"our ResendRequest(2) was answered with a Reject(3){said}", refusal.index
    if not replay.again and not replay.filled:
        return "our ResendRequest(2) was not answered", index
    missed = size_of([(back.missed.start, back.missed.stop - 1)])
    came = missed - size_of(replay.lost(back.missed))
    return f"only {came} of {missed} came of what our ResendRequest(2) asked for", index


def _refusal_of(back: Return, asked: Told) -> Told | None:
    for told in back.connection.told:
        if told.ours or told.index < asked.index or told.msg_type != MsgType.Reject:
            continue
        if number(told.message, Tag.RefSeqNum) == asked.number:
            return told
    return None


def _filled(back: Return, replay: Replay, unreported: str) -> Iterator[Flaw]:
    """GapFills: over what is known to be of the application, or over more than can have been."""
    known = [n for n in back.beyond if n in back.missed and n not in replay.again]
    proven = [
        n for n in known if replay.gap_fill_of(n) is not None and _is_application(back.theirs[n])
    ]
    if proven:
        told = back.theirs[proven[0]]
        yield Flaw(
            "application-gap-filled",
            f"gap-filled application messages {span(proven)}",
            f"The venue passed over its application messages {span(proven)} with a GapFill; it had "
            f"sent them (MsgType(35) {told.msg_type.decode('latin-1')}) into the line that "
            "was cut; expected them again with PossDupFlag(43)=Y.",
            _filled_at(back, replay, proven[0]),
        )
        return
    unknown = replay.passed_over(back.missed, but=known)
    if not unknown:
        return
    index, numbers = _filled_at(back, replay, unknown[0][0]), spans(unknown)
    if unreported:
        yield Flaw(
            "application-gap-filled",
            f"gap-filled application messages among {numbers}",
            f"The venue passed over its messages {numbers} with a GapFill, and {unreported}: "
            "the report is among them; expected it again with PossDupFlag(43)=Y.",
            index,
        )
        return
    beyond = size_of(unknown) - back.silent_numbers() - back.owed
    if beyond > 0:
        yield Flaw(
            "numbers-ahead",
            f"ahead by {beyond}: the venue's own numbers",
            f"The venue's Logon has MsgSeqNum(34) {back.missed.stop}, expected about "
            f"{back.missed.stop - beyond}: {count_of(beyond, 'number')} of {numbers} that no "
            "message accounts for; it passed over them with a GapFill.",
            index,
        )


def _filled_at(back: Return, replay: Replay, wanted: int) -> int:
    told = replay.gap_fill_of(wanted)
    return told.index if told is not None else back.last


def _is_application(told: Told) -> bool:
    return told.msg_type not in ADMIN_MSG_TYPES


def _unmarked(replay: Replay) -> Iterator[Flaw]:
    unmarked = [n for n, told in replay.again.items() if not told.poss_dup]
    if unmarked:
        yield Flaw(
            "possdup-missing",
            f"PossDupFlag(43) missing on {span(unmarked)}",
            f"The venue sent its messages {span(unmarked)} again without PossDupFlag(43)=Y: an "
            "application cannot tell them from new ones.",
            replay.again[unmarked[0]].index,
        )


def _origins(replay: Replay) -> Iterator[Flaw]:
    """OrigSendingTime(122): there, and not after SendingTime(52)."""
    marked = {n: t for n, t in replay.again.items() if t.poss_dup}
    missing = [n for n, t in marked.items() if Tag.OrigSendingTime not in t.message]
    if missing:
        yield Flaw(
            "orig-sending-time-missing",
            f"OrigSendingTime(122) missing on {span(missing)}",
            f"The venue sent its messages {span(missing)} again without OrigSendingTime(122).",
            marked[missing[0]].index,
        )
    late = [n for n, t in marked.items() if _is_late(t.message)]
    if late:
        first = marked[late[0]].message
        original, sent = (
            (first.get(tag) or b"").decode("latin-1")
            for tag in (Tag.OrigSendingTime, Tag.SendingTime)
        )
        yield Flaw(
            "orig-sending-time-late",
            f"OrigSendingTime(122) after SendingTime(52) on {span(late)}",
            f"The venue's message {late[0]} has OrigSendingTime(122) {original}, expected not "
            f"later than its SendingTime(52) {sent}.",
            marked[late[0]].index,
        )


def _is_late(message: Message) -> bool:
    original = utc_ns(message.get(Tag.OrigSendingTime) or b"")
    sent = utc_ns(message.get(Tag.SendingTime) or b"")
    return original is not None and sent is not None and original > sent


def _changed(back: Return, replay: Replay) -> Iterator[Flaw]:
    """Whatever was overheard must be the same when it comes again."""
    for their, told in replay.again.items():
        first = back.theirs.get(their)
        if first is not None and essence(first.message) != essence(told.message):
            yield Flaw(
                "replay-wrong",
                f"resent {their} is another message",
                f"The venue sent MsgSeqNum(34) {their} again with another content: received "
                f"{_kind(told)}, expected {_kind(first)} as it was sent first.",
                told.index,
            )
            return
    for told in replay.unasked:
        first = back.theirs.get(told.number or 0)
        if first is not None and _is_application(told) and _differs(first, told):
            yield Flaw(
                "replay-wrong",
                f"resent {told.number} is another message",
                f"The venue sent MsgSeqNum(34) {told.number} again with another content: received "
                f"{_kind(told)}, expected {_kind(first)} as it was taken before.",
                told.index,
            )
            return
    if replay.astray:
        told = replay.astray[0]
        asked = f"{back.missed.start} to {back.missed.stop - 1}" if back.missed else "nothing"
        yield Flaw(
            "replay-wrong",
            f"resent under the wrong number {told.number}",
            f"The venue sent a message again, PossDupFlag(43)=Y, under MsgSeqNum(34) "
            f"{told.number}, which it had never used; expected one of what was missed: {asked}.",
            told.index,
        )


def _differs(first: Told, told: Told) -> bool:
    return essence(first.message) != essence(told.message)


def _kind(told: Told) -> str:
    kind = told.msg_type.decode("latin-1")
    exec_id = told.message.get(Tag.ExecID)
    also = f", ExecID(17) {exec_id.decode('latin-1')}" if exec_id is not None else ""
    return f"MsgType(35) {kind}{also}"


def _doubled(replay: Replay) -> Iterator[Flaw]:
    """Nothing may come twice: not a number, not a report, not a replay."""
    for told, first in replay.reused:
        if _differs(first, told):
            yield Flaw(
                "number-reused",
                f"MsgSeqNum(34) {told.number} used twice",
                f"The venue used MsgSeqNum(34) {told.number} twice for different messages: first "
                f"for {_kind(first)}, then for {_kind(told)}.",
                told.index,
            )
            break
    same = [told for told, first in replay.reused if not _differs(first, told)]
    numbers = [told.number or 0 for told in same]
    if same:
        yield Flaw(
            "messages-duplicated",
            f"duplicated {span(numbers)}",
            f"The venue sent its messages {span(numbers)} again, which we had taken, without "
            "PossDupFlag(43)=Y: an application would act on them twice.",
            same[0].index,
        )
    if replay.reports:
        yield _twice_reported(replay)
    replayed = [t.number or 0 for t in (*replay.twice, *replay.unasked) if _is_application(t)]
    if replayed:
        first = next(t for t in (*replay.twice, *replay.unasked) if _is_application(t))
        yield Flaw(
            "replayed-twice",
            f"resent too often: {span(replayed)}",
            f"The venue sent its messages {span(replayed)} again though they had come already; "
            "PossDupFlag(43) says so, but whoever does not look at it acts twice.",
            first.index,
        )


def _twice_reported(replay: Replay) -> Flaw:
    second = [told.number or 0 for told, _ in replay.reports]
    told, first = replay.reports[0]
    exec_id = (told.message.get(Tag.ExecID) or b"").decode("latin-1")
    return Flaw(
        "messages-duplicated",
        f"duplicated {span(second)}",
        f"The venue delivered {count_of(len(second), 'report')} twice: "
        f"ExecID(17) {exec_id} came under MsgSeqNum(34) {first.number} and again under "
        f"{told.number} (in all: {span(second)}); expected an ExecID(17) to be used once.",
        told.index,
    )
