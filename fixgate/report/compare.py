"""Are we in sync? Both ends of a session side by side, and what the next Logon will do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fixgate.net.flow import Differences, Flow, differences
from fixgate.net.sides import Side, reverse
from fixgate.report.text import printable

__all__ = ["Pair", "compare_text", "pair_up"]

_RUNS_AT_MOST = 10
_WIDTH = 80


@dataclass(frozen=True, slots=True)
class Pair:
    """One session from both ends.

    Attributes:
        ours: Our end.
        theirs: The counterparty's.
        to_theirs: What we sent beside what they received; ``None`` when an end keeps none of it.
        to_ours: The other way, likewise.
    """

    ours: Side
    theirs: Side
    to_theirs: Differences | None
    to_ours: Differences | None

    @classmethod
    def of(cls, ours: Side, theirs: Side) -> Pair:
        """Compare two ends."""
        return cls(
            ours,
            theirs,
            differences(ours.sent, theirs.received),
            differences(theirs.sent, ours.received),
        )

    @property
    def numbers_agree(self) -> bool:
        """Whether both expect what the other sends next."""
        return (
            None not in (self.ours.next_out, self.theirs.next_out)
            and self.ours.next_out == self.theirs.next_in
            and self.theirs.next_out == self.ours.next_in
        )

    @property
    def in_sync(self) -> bool:
        """Whether the numbers agree, no message differs or is missing, and nothing is damaged."""
        return (
            self.numbers_agree
            and not any(way is not None and way.wrong for way in (self.to_theirs, self.to_ours))
            and not self.ours.damage
            and not self.theirs.damage
        )


def pair_up(
    ours: Sequence[Side], theirs: Sequence[Side]
) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """Return the sessions that both ends have, and what to say of the others.

    Args:
        ours: Our end.
        theirs: The counterparty's, whose SenderCompID(49) is our TargetCompID(56).
    """
    pairs, alone = [], []
    taken: set[int] = set()
    for side in ours:
        if side.session_id is None:
            alone.append(f"{printable(side.name)}: nothing says whose store it is")
            continue
        other_end = reverse(side.session_id)
        found = [at for at, each in enumerate(theirs) if each.is_of(other_end)]
        taken.update(found)
        pairs += [Pair.of(side, theirs[at]) for at in found]
        if not found:
            same = any(each.is_of(side.session_id) for each in theirs)
            hint = "; the other store is of the same side, not of the counterparty" if same else ""
            alone.append(f"{printable(side.name)}: the other store has no {other_end}{hint}")
    alone += [
        f"{printable(each.name)}: only in the other store"
        for at, each in enumerate(theirs)
        if at not in taken
    ]
    return tuple(pairs), tuple(alone)


def compare_text(pair: Pair) -> str:
    """Return the verdict on one session, what the next Logon will do, and what was lost."""
    ours, theirs = pair.ours, pair.theirs
    text = [f"{'in sync' if pair.in_sync else 'NOT in sync'} {printable(ours.name)}"]
    text.append(f"  ours to theirs: {_our_way(pair)}")
    text += _messages(pair.to_theirs, ours.sent, theirs.received, ("us", "their"))
    text.append(f"  theirs to ours: {_their_way(pair)}")
    text += _messages(pair.to_ours, theirs.sent, ours.received, ("them", "our"))
    if theirs.derived:
        text.append("  their numbers are derived from their log, for want of a store")
    text += [f"  DAMAGED ours: {printable(each)}" for each in ours.damage]
    text += [f"  DAMAGED theirs: {printable(each)}" for each in theirs.damage]
    if not pair.numbers_agree:
        text.append("  a Logon with ResetSeqNumFlag(141)=Y puts all four numbers at 1 instead")
    return "".join(f"{line}\n" for each in text for line in _wrap(each))


def _wrap(text: str) -> list[str]:
    indent = " " * (len(text) - len(text.lstrip()))
    return textwrap.wrap(
        text.strip(), _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _our_way(pair: Pair) -> str:
    number, expected = pair.ours.next_out, pair.theirs.next_in
    if number is None or expected is None:
        return f"our next is {_known(number)}, they expect {_known(expected)}"
    known = f"our next is {number}, they expect {expected}"
    if number == expected:
        return known
    if number > expected:
        return (
            f"{known}. Our next Logon is too high: they ask for {_span(expected, number)} again, "
            f"of which we have {_held(pair.ours, expected, number)}; the rest is filled as a gap. "
            "It heals by itself"
        )
    return (
        f"{known}. Our next Logon is too low: they log us out. It does not heal: after agreeing "
        f"with them, 'fixgate store set-seqnum --next-out {expected}' here, or they expect "
        f"{number}"
    )


def _their_way(pair: Pair) -> str:
    number, expected = pair.theirs.next_out, pair.ours.next_in
    if number is None or expected is None:
        return f"their next is {_known(number)}, we expect {_known(expected)}"
    known = f"their next is {number}, we expect {expected}"
    if number == expected:
        return known
    if number > expected:
        return (
            f"{known}. Their next Logon is too high: we ask for {_span(expected, number)} again, "
            f"of which they have {_held(pair.theirs, expected, number)}; the rest they fill as a "
            "gap. It heals by itself"
        )
    return (
        f"{known}. Their next Logon is too low: we log them out. It does not heal: after agreeing "
        f"with them, 'fixgate store set-seqnum --next-in {number}' here, or they go on at "
        f"{expected}"
    )


def _known(number: int | None) -> str:
    return "unknown" if number is None else str(number)


def _span(first: int, end: int) -> str:
    return str(first) if end == first + 1 else f"{first} to {end - 1}"


def _held(side: Side, first: int, end: int) -> int:
    return sum(first <= number < end for number in side.sent.marks)


def _messages(
    found: Differences | None, sent: Flow, received: Flow, words: tuple[str, str]
) -> Iterator[str]:
    """Yield what is to be said of the messages of one direction.

    Args:
        found: The comparison, ``None`` when there is none.
        sent: The sender's.
        received: The receiver's.
        words: The sender, such as ``us``, and whose the receiver's store or log is, ``their``.
    """
    sender, whose = words
    if found is None:
        what = "received" if sent.kept else "sent"
        yield f"    messages: none compared, for nothing that was {what} is kept at that end"
        return
    store = f"{whose} {'store' if received.whole else 'log'}"
    yield f"    messages: {_both(found)}{_reach(received, store)}"
    if found.lost:
        yield f"    lost: {_numbers(found.lost)}, sent by {sender} and nowhere in {store}"
    if found.passed:
        orders = (
            f", of the application among them: {_numbers(found.orders)}" if found.orders else ""
        )
        yield f"    passed over in {store}: {_numbers(found.passed)}{orders}"
    if found.strange:
        where = f"in {store} and not sent by {sender}"
        yield f"    of unknown origin: {_numbers(found.strange)}, {where}"
    if found.twice:
        yield f"    sent twice, without PossDupFlag(43)=Y: {_numbers(found.twice)}"
    if found.garbled:
        yield f"    garbled and not compared: {_numbers(found.garbled)}"


def _both(found: Differences) -> str:
    if not found.both:
        return "none is at both ends"
    if not found.differing:
        return f"{found.both} at both ends, all the same"
    count = len(found.differing)
    return f"{found.both} at both ends, {count} differ: MsgSeqNum(34) {_numbers(found.differing)}"


def _reach(flow: Flow, name: str) -> str:
    """Tell what part of the numbers a log has; a store has them all."""
    if flow.whole:
        return ""
    return f"; {name} has {_span(flow.first, flow.end)}"


def _numbers(numbers: Sequence[int]) -> str:
    """Return ascending numbers in words, such as ``1 to 3 and 7``; many are counted only."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1]:
            runs[-1][1] += 1
        else:
            runs.append([number, number + 1])
    shown = ", ".join(_span(first, end) for first, end in runs[:_RUNS_AT_MOST])
    more = sum(end - first for first, end in runs[_RUNS_AT_MOST:])
    return f"{shown} and {more} more" if more else shown
