"""Judging the returns of a check: from the verdicts to charges and facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fixgate.health.case import Case, Charge
from fixgate.health.events import (
    CancelSent,
    DeadlinePassed,
    OrderSent,
    ResolveFailed,
    StoreUnusable,
    TcpFailed,
    TlsFailed,
)
from fixgate.health.judge_session import stray_charges
from fixgate.health.model import Level, Phase
from fixgate.health.persistence.events import Returning
from fixgate.health.persistence.orders import OrderStory, names_of, stories
from fixgate.health.persistence.plan import Cut
from fixgate.health.persistence.story import Connection, story_of
from fixgate.health.persistence.verdict import Verdict, missed_words, verdicts_of
from fixgate.health.reading import Reading, Seen
from fixgate.history import Record
from fixgate.wire.tags import MsgType, Tag

__all__ = ["Returns", "cut_of", "persistence_phases"]

_PHASES = {
    Cut.LOGOUT: Phase.BACK_AFTER_LOGOUT,
    Cut.FIN: Phase.BACK_AFTER_FIN,
    Cut.RST: Phase.BACK_AFTER_RST,
    Cut.SILENCE: Phase.BACK_AFTER_SILENCE,
}
_CUTS = {phase: cut for cut, phase in _PHASES.items()}

_OWN_WORDS = frozenset({"orig-sending-time-missing", "orig-sending-time-later", "gap-unfilled"})
"""Rules of the session whose breach a verdict tells with more words."""

_ENDINGS = frozenset({"logged-out", "closed-in-session", "seqnum-too-low", "seqnum-too-high"})


def cut_of(phase: Phase) -> Cut | None:
    """Return the cut that a phase comes back from, ``None`` for any other phase."""
    return _CUTS.get(phase)


def persistence_phases(case_level: Level, cuts: tuple[Cut, ...]) -> tuple[Phase, ...]:
    """Return the phases that level persistence adds."""
    return tuple(_PHASES[cut] for cut in cuts) if case_level is Level.PERSISTENCE else ()


class Returns:
    """The returns of one check, judged.

    Args:
        case: The check.

    Attributes:
        first: The check up to its first round, as if it had gone no deeper.
        last: The connection that it ended with.
        last_begin: Index of the record that begins that one.
        verdicts: One for each return, with the phase that it belongs to.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        reading = case.reading
        begins = [i for p in _CUTS if (i := reading.started(p)) is not None]
        self.first = self.last = case
        self.last_begin = 0
        self.verdicts: tuple[tuple[Phase, Verdict], ...] = ()
        self._orders: list[OrderStory] = []
        if not begins:
            return
        records = reading.records
        returns = (i for i, event in reading.every(Returning) if not event.rescue)
        self.last_begin = max(returns, default=0)
        self.first = Case(case.plan, Reading(records[: min(begins)]))
        self.last = Case(case.plan, Reading(records[self.last_begin :]))
        story = story_of(records)
        sent = {e.cl_ord_id: i for i, e in reading.every(OrderSent) if i > min(begins)}
        cancels = {e.orig_cl_ord_id: (e.cl_ord_id, i) for i, e in reading.every(CancelSent)}
        self._orders = stories(sent, cancels, story)
        self.verdicts = tuple(self._judged(story))

    def _judged(self, story: list[Connection]) -> Iterator[tuple[Phase, Verdict]]:
        reading, how = self._case.reading, self._case.plan.persistence
        before, _ = reading.noted()
        if before is None:
            return
        for verdict in verdicts_of(
            story,
            next_in=before.next_in,
            next_out=before.next_out,
            orders=self._orders,
            cancel_on_disconnect=how.cancel_on_disconnect if how is not None else None,
            why_not_opened=_why_not_opened(reading.records[self.last_begin :]),
        ):
            yield reading.phase_at(verdict.back.connection.begin), verdict

    def charges(self) -> Iterator[Charge]:
        """Judge every return, and whether anything was left in the book."""
        case = self._case
        out_of_time = case.reading.first(DeadlinePassed) is not None
        unusable = case.reading.first(StoreUnusable) is not None
        told: set[str] = set()
        for phase, verdict in self.verdicts:
            for flaw in verdict.flaws:
                if flaw.cause == "persistence-untold" and (out_of_time or unusable):
                    continue
                yield case.charge(flaw.cause, phase, flaw.text, flaw.index)
            for charge in _stray(case, phase, verdict):
                if charge.finding.summary not in told:
                    told.add(charge.finding.summary)
                    yield charge
        yield from _left_in_the_book(case, self._orders)
        yield from _not_returned(case, {phase for phase, _ in self.verdicts}, self._orders)

    def facts(self, phase: Phase) -> tuple[tuple[str, str], ...]:
        """Return the verdict on one return, and the numbers and orders that it is about."""
        facts: list[tuple[str, str]] = []
        for verdict in (each for at, each in self.verdicts if at is phase):
            facts += [("verdict", verdict.word), *_numbers(verdict)]
            if missed := missed_words(verdict):
                facts.append(("missed", missed))
            if overheard := len(verdict.back.beyond):
                facts.append(("sent into the cut line", f"{overheard} overheard"))
            facts += [(o.name, o.fate.value) for o in verdict.orders]
        return tuple((label, self._case.scribe.clean(value)) for label, value in facts)


def _why_not_opened(records: Sequence[Record]) -> str:
    for record in records:
        match record.what:
            case ResolveFailed(text=text):
                return text
            case TcpFailed(reason, text) | TlsFailed(reason, text):
                return f"{reason.value}: {text}" if text else reason.value
            case _:
                pass
    return ""


def _stray(case: Case, phase: Phase, verdict: Verdict) -> Iterator[Charge]:
    """What can come on any connection; the verdict has its own words for how one ended.

    How the venue takes the next cut is its own affair.
    """
    connection = verdict.back.connection
    begin = connection.begin
    end = connection.end if connection.cut_at is None else connection.cut_at
    part = Case(case.plan, Reading(case.reading.records[begin : end + 1]))
    for charge in stray_charges(part):
        finding = charge.finding
        told = any(rule in finding.summary for rule in _OWN_WORDS)
        if told or (finding.cause in _ENDINGS and verdict.flaws):
            continue
        yield case.charge(finding.cause, phase, finding.summary, begin + charge.index)


def _left_in_the_book(case: Case, orders: Sequence[OrderStory]) -> Iterator[Charge]:
    left = [o for o in orders if not o.surely_gone and not _was_never_taken(case, o)]
    for phase in dict.fromkeys(case.reading.phase_at(order.sent_at) for order in left):
        names = names_of([o for o in left if case.reading.phase_at(o.sent_at) is phase])
        text = f"AN ORDER OF THE CHECK MAY STILL BE IN THE BOOK: {names} not confirmed cancelled."
        yield case.charge("cancel-unconfirmed", phase, text, case.last)


def _was_never_taken(case: Case, order: OrderStory) -> bool:
    """Whether the venue asked for the number of an order again, and got a GapFill for it."""
    if order.acknowledged is not None or order.number is None:
        return False
    for seen in case.reading.sent:
        message = seen.message
        if seen.index > order.sent_at and message.msg_type == MsgType.SequenceReset:
            first, new = message.get(Tag.MsgSeqNum) or b"0", message.get(Tag.NewSeqNo) or b"0"
            if first.isdigit() and new.isdigit() and int(first) <= order.number < int(new):
                return True
    return False


def _not_returned(case: Case, judged: set[Phase], orders: Sequence[OrderStory]) -> Iterator[Charge]:
    """A round that did not get as far as its return: whatever the reason, it has not passed."""
    if case.reading.first(DeadlinePassed) is not None:
        return
    for phase in _CUTS:
        begin = case.reading.started(phase)
        if begin is None or phase in judged:
            continue
        later = [i for p in Phase if (i := case.reading.started(p)) is not None and i > begin]
        end = min(later, default=len(case.reading.records))
        mute = [o for o in orders if begin < o.sent_at < end and o.unanswered]
        asked = [
            s
            for s in case.reading.sent
            if begin < s.index < end and s.message.msg_type == MsgType.TestRequest
        ]
        if mute:
            text = f"No answer has come to {names_of(mute)}, which was to rest; nothing was cut."
            yield case.charge("order-unacknowledged", phase, text, mute[0].sent_at)
        elif asked and not _heartbeat(case, asked[-1]):
            text = "No Heartbeat has answered our TestRequest before the cut; nothing was cut."
            yield case.charge("test-request-unanswered", phase, text, asked[-1].index)
        else:
            text = "The check did not come back from this cut; nothing is known of it."
            yield case.charge("persistence-untold", phase, text, end - 1)


def _heartbeat(case: Case, request: Seen) -> bool:
    wanted = request.message.get(Tag.TestReqID)
    return any(
        s.message.msg_type == MsgType.Heartbeat and s.message.get(Tag.TestReqID) == wanted
        for s in case.reading.received
    )


def _numbers(verdict: Verdict) -> Iterator[tuple[str, str]]:
    back = verdict.back
    ours, theirs = back.our_logon, back.connection.their_logon
    own = ours.number if ours is not None else None
    yield "ours", f"next {back.next_out}, came back with {own if own is not None else 'nothing'}"
    their = theirs.number if theirs is not None else None
    came = their if their is not None else "nothing"
    yield "theirs", f"expected {back.next_in}, came back with {came}"
