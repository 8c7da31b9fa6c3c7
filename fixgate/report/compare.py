"""Are we in sync? Both ends of a session side by side, and what the next Logon will do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixgate.net.sides import Side, reverse
from fixgate.report.text import printable

__all__ = ["Pair", "compare_text", "pair_up"]

_NAMED_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """One session from both ends.

    Attributes:
        ours: Our end.
        theirs: The counterparty's.
    """

    ours: Side
    theirs: Side

    @property
    def differing(self) -> tuple[tuple[str, int], ...]:
        """Messages that both have and that differ: whose, and MsgSeqNum(34)."""
        found = []
        for whose, sent, received in (
            ("theirs", self.theirs.sent, self.ours.received),
            ("ours", self.ours.sent, self.theirs.received),
        ):
            both = sent.keys() & received.keys()
            found += [(whose, n) for n in sorted(both) if sent[n] != received[n]]
        return tuple(found)

    @property
    def compared(self) -> int:
        """How many messages both have."""
        return len(self.theirs.sent.keys() & self.ours.received.keys()) + len(
            self.ours.sent.keys() & self.theirs.received.keys()
        )

    @property
    def in_sync(self) -> bool:
        """Whether both expect what the other sends next, and nothing differs or is damaged."""
        return (
            self.ours.next_out == self.theirs.next_in
            and self.theirs.next_out == self.ours.next_in
            and not self.differing
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
        pairs += [Pair(side, theirs[at]) for at in found]
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
    """Return the verdict on one session, and what the next Logon will do, line by line."""
    ours, theirs = pair.ours, pair.theirs
    lines = [
        f"{'in sync' if pair.in_sync else 'NOT in sync'} {printable(ours.name)}",
        f"  ours to theirs: {_our_way(pair)}",
        f"  theirs to ours: {_their_way(pair)}",
        f"  messages: {_bodies(pair)}",
    ]
    lines += [f"  DAMAGED ours: {printable(each)}" for each in ours.damage]
    lines += [f"  DAMAGED theirs: {printable(each)}" for each in theirs.damage]
    if not pair.in_sync:
        lines.append("  a Logon with ResetSeqNumFlag(141)=Y puts all four numbers at 1 instead")
    return "\n".join(lines) + "\n"


def _our_way(pair: Pair) -> str:
    number, expected = pair.ours.next_out, pair.theirs.next_in
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


def _span(first: int, end: int) -> str:
    return str(first) if end == first + 1 else f"{first} to {end - 1}"


def _held(side: Side, first: int, end: int) -> int:
    return sum(first <= number < end for number in side.sent)


def _bodies(pair: Pair) -> str:
    if not pair.compared:
        return "none is in both stores"
    differing = pair.differing
    if not differing:
        return f"{pair.compared} in both, all the same"
    named = ", ".join(f"{whose} {number}" for whose, number in differing[:_NAMED_AT_MOST])
    more = f" and {len(differing) - _NAMED_AT_MOST} more" if len(differing) > _NAMED_AT_MOST else ""
    return f"{pair.compared} in both, {len(differing)} differ: MsgSeqNum(34) of {named}{more}"
