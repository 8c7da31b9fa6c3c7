"""The verdict on every return of a session: a pure function of its history.

Theory of operation
-------------------
A history is cut into its connections (`story`); a ledger folds over everything that was said
(`ledger`). What it knows when a connection ends is held against how the next one begins
(`handshake`), what comes of the numbers that were missed (`replay`), and what has become of the
orders (`orders`). The history may be a check's or an engine's log: only a check knows what came
into a line that was left, and asks for its orders.

A venue is accused of what a record proves. Where it might be right, or the history ends too early,
the verdict is that it cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from fixgate.health.persistence.flaw import Flaw, size_of, spans
from fixgate.health.persistence.handshake import handshake_flaws
from fixgate.health.persistence.judge_replay import replay_flaws
from fixgate.health.persistence.ledger import Ledger
from fixgate.health.persistence.orders import OrderStory, order_flaws, unreported
from fixgate.health.persistence.replay import Replay, replay_of
from fixgate.health.persistence.returned import Return
from fixgate.health.persistence.story import Connection, number
from fixgate.wire.tags import Tag

__all__ = ["Verdict", "missed_words", "verdicts_of"]

_CONTINUED = "continued"
_DIVERGED = frozenset({"numbers-reset", "numbers-rolled-back", "return-refused"})
_MILD = frozenset({"reset-asked", "replayed-twice"})
"""Told, and not what the verdict is named by where there is anything else."""

_UNTOLD = "persistence-untold"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one return.

    Attributes:
        back: The return.
        replay: What came of the numbers that were missed.
        orders: The orders that were at the venue meanwhile.
        flaws: What is wrong, the worst first; empty when the session came back whole.
        restarted: Both sides began at 1 again, in step and without a word: another session, as a
            schedule has it, not a return to this one.
    """

    back: Return
    replay: Replay
    orders: tuple[OrderStory, ...]
    flaws: tuple[Flaw, ...]
    restarted: bool = False

    @property
    def word(self) -> str:
        """The verdict in a few words."""
        if self.restarted:
            return "both sides began at 1, as by a schedule"
        if not self.flaws:
            return _CONTINUED
        named = [f.word for f in self.flaws if f.cause not in _MILD] or [self.flaws[0].word]
        return "; ".join(dict.fromkeys(named))

    @property
    def continued(self) -> bool:
        """Whether the session came back whole."""
        return not self.flaws


def verdicts_of(
    connections: Sequence[Connection],
    *,
    next_in: int | None = None,
    next_out: int = 1,
    orders: Iterable[OrderStory] = (),
    cancel_on_disconnect: bool | None = None,
    why_not_opened: str = "",
) -> Iterator[Verdict]:
    """Yield the verdict on each return, oldest first.

    Args:
        connections: Of `story_of`.
        next_in: MsgSeqNum(34) that we expected at the beginning, ``None`` where only the messages
            tell.
        next_out: MsgSeqNum(34) that we would have used next, likewise 1.
        orders: Orders of ours that were to rest.
        cancel_on_disconnect: Whether the venue is to cancel them, ``None`` when not known.
        why_not_opened: Why the last connection could not be opened, or empty.
    """
    ledger, known = Ledger(next_in=next_in, next_out=next_out), list(orders)
    if next_in is not None:
        ledger.used, ledger.known_from = next_in - 1, next_in
    left = connections[0]
    for told in left.told:
        ledger.take(told)
    for connection in connections[1:]:
        here = tuple(o for o in known if left.begin <= o.sent_at <= left.end)
        why = why_not_opened if connection is connections[-1] else ""
        back = Return.after(left, ledger, connection, owed=_owed(here), why_not_opened=why)
        ledger.next_out = back.next_out
        if _both_at_one(back):
            verdict = Verdict(back, Replay(), here, (), restarted=True)
            ledger.restart(next_out=1)
        else:
            verdict = _verdict(back, here)
        for told in connection.told:
            ledger.take(told)
        if not connection.rescue:
            yield _with_orders(verdict, ledger.taken, cancel_on_disconnect)
        left = connection


def _both_at_one(back: Return) -> bool:
    """Whether both sides begin at 1 and neither says ResetSeqNumFlag(141)=Y."""
    ours, theirs = back.our_logon, back.connection.their_logon
    if ours is None or theirs is None or back.next_out == 1:
        return False
    flagged = any(t.message.get(Tag.ResetSeqNumFlag) == b"Y" for t in (ours, theirs))
    return ours.number == theirs.number == 1 and not flagged


def _owed(orders: Sequence[OrderStory]) -> int:
    """Return how many reports of orders the venue may have sent while nobody listened."""
    return sum(2 if order.into_the_cut else 1 for order in orders)


def _verdict(back: Return, orders: tuple[OrderStory, ...]) -> Verdict:
    """Judge the numbers and the messages, by what was known at the cut."""
    replay = replay_of(back)
    flaws = list(handshake_flaws(back))
    silent = unreported(orders) if back.heard_out and back.in_step else None
    flaws += replay_flaws(back, replay, unreported=silent[1] if silent is not None else "")
    causes = {flaw.cause for flaw in flaws}
    told = {"application-gap-filled", "messages-lost", *_DIVERGED}
    if silent is not None and not causes & told:
        flaws.append(_never_sent(back, *silent))
    if causes & _DIVERGED:
        # A number that went back is used twice of necessity.
        flaws = [f for f in flaws if f.cause not in ("number-reused", "messages-duplicated")]
    return Verdict(back, replay, orders, tuple(flaws))


def _with_orders(verdict: Verdict, taken: int, cancel_on_disconnect: bool | None) -> Verdict:
    """Judge the orders as well, by all that the venue has taken since."""
    back, flaws = verdict.back, list(verdict.flaws)
    if verdict.restarted:
        return verdict
    if back.connection.their_logon is not None:
        flaws += order_flaws(
            verdict.orders,
            cancel_on_disconnect=cancel_on_disconnect,
            taken=taken,
            wanted_again=_wanted_again(back),
            last=back.last,
        )
    if not flaws:
        flaws += _not_heard_out(back)
    return replace(verdict, flaws=tuple(flaws))


def _never_sent(back: Return, order: OrderStory, text: str) -> Flaw:
    asked = order.status or order.confirmed
    return Flaw(
        "messages-lost",
        "lost: a report that was never sent",
        f"The venue knows the order {order.name}, and {text}: neither under a number that we "
        "missed nor under a new one.",
        asked.index if asked is not None else back.last,
    )


def _wanted_again(back: Return) -> int | None:
    """Return the first of our numbers that the venue asked for again, ``None`` for none."""
    asked, logon = back.first_request, back.connection.their_logon
    begins = [number(asked.message, Tag.BeginSeqNo)] if asked is not None else []
    if logon is not None:
        begins.append(number(logon.message, Tag.NextExpectedMsgSeqNum))
    return min((each for each in begins if each is not None), default=None)


def _not_heard_out(back: Return) -> Iterator[Flaw]:
    """A check that was not answered after it came back has not seen everything."""
    if back.cut is None or back.heard_out:
        return
    how = "did not answer our TestRequest(1)"
    if back.ended_by_venue:
        how = f"ended the session{back.last_words}"
    yield Flaw(
        _UNTOLD,
        "cannot be told",
        f"The venue let us in again and then {how}; whether everything has come cannot be told.",
        back.last,
    )


def missed_words(verdict: Verdict) -> str:
    """Return what came of the numbers that were missed, in words; empty when none were."""
    back, replay = verdict.back, verdict.replay
    missed = back.missed
    if not missed:
        return ""
    parts = (
        (len(replay.again), "resent"),
        (size_of(replay.passed_over(missed)), "passed over by GapFill"),
        (size_of(replay.lost(missed)), "not come"),
    )
    told = ", ".join(f"{count} {what}" for count, what in parts if count)
    return f"{spans([(missed.start, missed.stop - 1)])}: {told}"
