"""Judging a session that is up: TestRequests, sequence numbers, its end, and what should not come.

Spec: FIX 4.4 volume 2, "Test Request", "Heartbeat", "Logout", "Message recovery".
"""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.health.case import Case, Charge
from fixgate.health.events import Closed, EngineEnded, Flooded, PhaseStarted
from fixgate.health.evidence import seconds
from fixgate.health.judge_logon import complaint_charge
from fixgate.health.model import Phase, RoundTrip, Severity
from fixgate.health.order_trail import text_of
from fixgate.health.reading import Numbers, Seen, integer
from fixgate.health.session_status import next_step_for, status_words
from fixgate.session.events import GarbledInput, Violation
from fixgate.triage.model import Exchange
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = [
    "cut_off",
    "heartbeat_charges",
    "heartbeat_facts",
    "logout_charges",
    "logout_facts",
    "round_trips",
    "sequence_charges",
    "sequence_facts",
    "stray_charges",
]

_OWN_FINDING = frozenset(
    {
        "seqnum-too-low",
        "next-expected-too-high",
        "gap-unfilled",
        "sending-time",
        "reset-unasked",
        "heartbeat",
        "garbled",
        "logon",
    }
)
"""Rules of the session whose breach the judges see by themselves, with more words."""


def cut_off(case: Case) -> tuple[int, str] | None:
    """Return where and how the venue ended the session before we did, or made us end it."""
    reading = case.reading
    if reading.logged_on is None:
        return None
    ours = next((s.index for s in reading.sent if s.message.msg_type == MsgType.Logout), None)
    theirs = reading.first_received(lambda s: s.message.msg_type == MsgType.Logout)
    closed, flooded = reading.first(Closed), reading.first(Flooded)
    if theirs is not None and (ours is None or theirs.index < ours):
        return theirs.index, "logged-out"
    if flooded is not None:
        return flooded[0], "flooded"
    if closed is not None and closed[1].by_peer and (ours is None or closed[0] < ours):
        return closed[0], "closed-in-session"
    return None


def stray_charges(case: Case) -> Iterator[Charge]:
    """Judge what can come in any phase of a session that is up."""
    ended = case.reading.first(EngineEnded)
    if ended is not None:
        said = f", last saying {case.quote(ended[1].text)}" if ended[1].text else ""
        text = f"QuickFIX ended the session by itself{said}."
        yield case.charge("engine-ended", case.reading.phase_at(ended[0]), text, ended[0])
    if case.reading.logged_on is None:
        return
    cut = cut_off(case)
    if cut is not None:
        yield _cut_charge(case, *cut)
    yield from _garbled(case)
    yield from _violations(case)


def _cut_charge(case: Case, index: int, cause: str) -> Charge:
    reading, phase = case.reading, case.reading.phase_at(index)
    if cause == "flooded":
        flooded = reading.records[index].what
        limit_bytes = flooded.limit_bytes if isinstance(flooded, Flooded) else 0
        text = f"The venue sends without pause: more messages than {limit_bytes >> 20} MiB hold."
        return case.charge(cause, phase, text, index)
    if cause == "closed-in-session":
        closed = reading.records[index].what
        how = "reset" if isinstance(closed, Closed) and closed.reset else "closed"
        text = f"The venue {how} the connection of a session that was up, without a Logout."
        return case.charge(cause, phase, text, index)
    logout = next(s for s in reading.received if s.index == index)
    ours, text = reading.sent[0].message, text_of(logout.message)
    complaint = complaint_charge(case, phase, text, logout, ours)
    if complaint is not None:
        return complaint
    status = status_words(logout.message)
    told = f" (SessionStatus(1409) {status})" if status else ""
    said = f"The venue logged us out unasked: {case.quote(text)}{told}."
    return case.charge(cause, phase, said, index, next_step=next_step_for(logout.message))


def _garbled(case: Case) -> Iterator[Charge]:
    found = list(case.reading.every(GarbledInput))
    if found:
        index, event = found[0]
        times = "" if len(found) == 1 else f", {len(found)} times"
        text = f"The venue sent bytes that are no FIX message{times}: {event.reason}."
        yield case.charge("garbled", case.reading.phase_at(index), text, index)


def _violations(case: Case) -> Iterator[Charge]:
    told: set[str] = set()
    for index, event in case.reading.every(Violation):
        if event.rule in _OWN_FINDING or event.rule in told:
            continue
        told.add(event.rule)
        cause = "comp-ids" if event.rule in ("comp-id", "begin-string") else "invalid-message"
        kind = ""
        if event.message is not None:
            kind = f" in MsgType(35) {event.message.msg_type.decode('latin-1')}"
        text = f"The venue broke the rule {event.rule}{kind}: {event.text}."
        yield case.charge(cause, case.reading.phase_at(index), text, index)


def _test_requests(case: Case) -> list[Seen]:
    begin = case.reading.started(Phase.TEST_REQUEST)
    return [
        s
        for s in case.reading.sent
        if s.message.msg_type == MsgType.TestRequest and begin is not None and s.index > begin
    ]


def _answer_to(case: Case, request: Seen) -> Seen | None:
    """Return the Heartbeat that answers a TestRequest while that is waited for."""
    answer = _heartbeat_for(case, request)
    in_time = answer is not None and answer.index <= _end_of(case, Phase.TEST_REQUEST)
    return answer if in_time else None


def _heartbeat_for(case: Case, request: Seen) -> Seen | None:
    wanted = request.message.get(Tag.TestReqID)
    return case.reading.first_received(
        lambda s: (
            s.index > request.index
            and s.message.msg_type == MsgType.Heartbeat
            and s.message.get(Tag.TestReqID) == wanted
        )
    )


def round_trips(case: Case) -> tuple[RoundTrip, ...]:
    """Return the time from each TestRequest to its Heartbeat."""
    pairs = ((r, _answer_to(case, r)) for r in _test_requests(case))
    return tuple(_round_trip(case, ours, theirs) for ours, theirs in pairs if theirs is not None)


def _round_trip(case: Case, ours: Seen, theirs: Seen) -> RoundTrip:
    wire_ns = case.wire_ns(Exchange.HEARTBEAT, ours.message.get(Tag.TestReqID) or b"")
    return RoundTrip(theirs.at_ns - ours.at_ns, wire_ns)


def heartbeat_charges(case: Case) -> Iterator[Charge]:
    """Judge the phase test request."""
    for request in _test_requests(case):
        if _answer_to(case, request) is None:
            charge = _unanswered(case, request)
            if charge is not None:
                yield charge
            return


def _unanswered(case: Case, request: Seen) -> Charge | None:
    reading, cut = case.reading, cut_off(case)
    sent_id = (request.message.get(Tag.TestReqID) or b"").decode("latin-1")
    number = request.message.get(Tag.MsgSeqNum)
    late = _heartbeat_for(case, request)
    for seen in reading.received:
        if seen.index < request.index or seen is late:
            continue
        message = seen.message
        if message.msg_type == MsgType.Heartbeat and Tag.TestReqID in message:
            got = message[Tag.TestReqID].decode("latin-1")
            asked, got = case.quote(sent_id), case.quote(got)
            text = f"We sent TestReqID(112) {asked}, the Heartbeat has {got}."
            return case.charge("wrong-test-req-id", Phase.TEST_REQUEST, text, seen.index)
        if message.msg_type == MsgType.Reject and message.get(Tag.RefSeqNum) == number:
            text = f"The venue rejected our TestRequest: {case.quote(text_of(message))}."
            return case.charge("test-request-rejected", Phase.TEST_REQUEST, text, seen.index)
    if cut is not None:
        return None
    end = _end_of(case, Phase.TEST_REQUEST)
    waited = seconds(reading.at_ns(end) - request.at_ns)
    came = "" if late is None else f"; one came {seconds(late.at_ns - reading.at_ns(end))} later"
    text = f"No Heartbeat has answered our TestRequest {case.quote(sent_id)} in {waited}{came}."
    return case.charge("test-request-unanswered", Phase.TEST_REQUEST, text, end)


def _end_of(case: Case, phase: Phase) -> int:
    """Return the index of the last record that belongs to a phase."""
    begin = case.reading.started(phase) or 0
    later = [i for i, _ in case.reading.every(PhaseStarted) if i > begin]
    return later[0] - 1 if later else case.last


def heartbeat_facts(case: Case) -> tuple[tuple[str, str], ...]:
    """Return how many TestRequests were answered."""
    asked = len(_test_requests(case))
    return (("answered", f"{len(round_trips(case))} of {asked}"),) if asked else ()


def sequence_charges(case: Case) -> Iterator[Charge]:
    """Judge the venue's sequence numbers, and what it asked of ours."""
    if case.reading.logged_on is None:
        return
    numbers = Numbers(case.reading)
    if numbers.missing:
        ranges = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in numbers.missing)
        text = f"The venue's messages {ranges} never came although we asked for them."
        index = numbers.gap.index if numbers.gap is not None else case.last
        yield case.charge("seqnum-gap", _phase(case), text, index)
    elif numbers.gap is not None:
        number = integer(numbers.gap.message, Tag.MsgSeqNum)
        text = (
            f"The venue was ahead of our store at MsgSeqNum(34) {number}; "
            "it has resent or gap-filled what was missing."
        )
        yield case.charge("seqnum-gap-filled", _phase(case), text, numbers.gap.index)
    if numbers.repeated:
        first = numbers.repeated[0]
        number = integer(first.message, Tag.MsgSeqNum)
        text = f"The venue used MsgSeqNum(34) {number} twice without PossDupFlag(43)=Y."
        yield case.charge("seqnum-repeated", _phase(case), text, first.index)
    yield from _resend_requested(case)


def _phase(case: Case) -> Phase:
    reached = case.reading.started(Phase.SEQUENCE) is not None
    return Phase.SEQUENCE if reached else Phase.LOGON


def _resend_requested(case: Case) -> Iterator[Charge]:
    asked = case.reading.first_received(lambda s: s.message.msg_type == MsgType.ResendRequest)
    if asked is not None:
        begin, end = (_shown(asked.message, t) for t in (Tag.BeginSeqNo, Tag.EndSeqNo))
        upto = "on" if end == "0" else f"to {end}"
        text = f"The venue had missed messages of ours: it asked for {begin} {upto}."
        yield case.charge("resend-requested", _phase(case), text, asked.index)


def _shown(message: Message, tag: int) -> str:
    return (message.get(tag) or b"?").decode("latin-1")


def sequence_facts(case: Case) -> tuple[tuple[str, str], ...]:
    """Return the store's numbers before and after."""
    before, after = case.reading.noted()
    if before is None or after is None:
        return ()
    return (
        ("next out", f"{before.next_out} before, {after.next_out} after"),
        ("next in", f"{before.next_in} before, {after.next_in} after"),
    )


def logout_charges(case: Case) -> Iterator[Charge]:
    """Judge the phase logout."""
    reading = case.reading
    ours = next((s for s in reading.sent if s.message.msg_type == MsgType.Logout), None)
    if reading.logged_on is None or ours is None or cut_off(case) is not None:
        return
    if _their_logout(case) is None:
        closed = reading.first(Closed)
        by_peer = closed is not None and closed[1].by_peer
        what = "closed the connection instead" if by_peer else "did not answer it"
        text = f"We sent a Logout; the venue {what}."
        yield case.charge(
            "logout-unanswered", Phase.LOGOUT, text, case.last, severity=Severity.WARNING
        )


def _their_logout(case: Case) -> Seen | None:
    return case.reading.first_received(lambda s: s.message.msg_type == MsgType.Logout)


def logout_facts(case: Case) -> tuple[tuple[str, str], ...]:
    """Return what the venue's Logout says."""
    answer = _their_logout(case)
    if answer is None:
        return ()
    said = (
        ("SessionStatus(1409)", status_words(answer.message)),
        ("Text(58)", case.scribe.clean(text_of(answer.message))),
    )
    return tuple((name, value) for name, value in said if value)
