"""What has come of the numbers that were missed, sorted by fate. Pure; `judge_replay` judges it.

A number of the venue's that we missed has one of these fates: its message came again; a GapFill
passed over it, which is right for administrative messages only; a SequenceReset without GapFill
skipped it; or nothing of the kind.

Spec: FIX 4.4 volume 2, "Resend Request", "Sequence Reset", "Possible Duplicates".
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field

from fixgate.health.persistence.flaw import Range, minus
from fixgate.health.persistence.ledger import exec_id_of
from fixgate.health.persistence.returned import Return
from fixgate.health.persistence.story import Told, is_gap_fill, number
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["Replay", "replay_of"]


@dataclass(slots=True)
class Replay:
    """What has come of the numbers that we missed; filled by `replay_of`.

    Attributes:
        again: The messages that came again, by number; the first of each.
        twice: Further ones of these, in order.
        filled: What GapFills passed over, each with the GapFill; they may overlap.
        skipped: What a SequenceReset without GapFill skipped, with it.
        astray: Messages with PossDupFlag(43)=Y and a number that the venue had not used.
        unasked: Messages with PossDupFlag(43)=Y that we had taken already.
        reused: Messages without it whose number had been used already, with what used it.
        reports: Reports that came under a second number, with the first.
    """

    again: dict[int, Told] = field(default_factory=dict)
    twice: list[Told] = field(default_factory=list)
    filled: list[tuple[Range, Told]] = field(default_factory=list)
    skipped: list[tuple[Range, Told]] = field(default_factory=list)
    astray: list[Told] = field(default_factory=list)
    unasked: list[Told] = field(default_factory=list)
    reused: list[tuple[Told, Told]] = field(default_factory=list)
    reports: list[tuple[Told, Told]] = field(default_factory=list)

    def lost(self, missed: range) -> list[Range]:
        """Return the numbers that have not come in any way, or were skipped."""
        came = [(n, n) for n in self.again]
        return minus(_whole(missed), [*came, *(passed for passed, _ in self.filled)])

    def passed_over(self, missed: range, but: Iterable[int] = ()) -> list[Range]:
        """Return the numbers that a GapFill passed over and that have not come again.

        Args:
            missed: Of these.
            but: Leaving out these.
        """
        filled = [passed for passed, _ in self.filled]
        others = minus(_whole(missed), filled)
        return minus(_whole(missed), [*others, *((n, n) for n in (*self.again, *but))])

    def gap_fill_of(self, wanted: int) -> Told | None:
        """Return the GapFill that passed over a number."""
        return next((t for (first, last), t in self.filled if first <= wanted <= last), None)


def _whole(missed: range) -> Range:
    return missed.start, missed.stop - 1


def replay_of(back: Return) -> Replay:
    """Sort what came on the new connection, after the venue's Logon."""
    found, missed, logon = Replay(), back.missed, back.connection.their_logon
    if logon is None or not back.in_step:
        return found
    known: ChainMap[int, Told] = ChainMap({}, back.theirs)  # type: ignore[arg-type]  # not written
    reports: ChainMap[bytes, Told] = ChainMap({}, back.reports)  # type: ignore[arg-type]
    asked: set[bytes | None] = set()
    used = max(back.unused - 1, logon.number or 0)
    for told in back.connection.told:
        their = told.number
        if told.ours and told.msg_type == MsgType.OrderStatusRequest:
            # Not every venue says ExecType(150)=I when it repeats a report that was asked for.
            asked.add(told.message.get(Tag.ClOrdID))
        if told.ours or not told.read or their is None or told.index < logon.index:
            continue
        if told.msg_type == MsgType.SequenceReset:
            used = max(used, _pass_over(found, told, their, missed))
            continue
        if told.index > logon.index:
            _sort(found, told, their, back, known, used)
        used = max(used, their)
        known.setdefault(their, told)
        strayed = bool(found.astray) and found.astray[-1] is told
        if not strayed and told.message.get(Tag.ClOrdID) not in asked:
            _report(found, told, their, reports)
    return found


def _pass_over(found: Replay, told: Told, their: int, missed: range) -> int:
    new = number(told.message, Tag.NewSeqNo) or 0
    fill = is_gap_fill(told.message)
    first = max(their, missed.start) if fill else missed.start
    last = min(new, missed.stop) - 1
    if first <= last:
        (found.filled if fill else found.skipped).append(((first, last), told))
    return new - 1


def _sort(
    found: Replay, told: Told, their: int, back: Return, known: Mapping[int, Told], used: int
) -> None:
    if their in back.missed:
        if their in found.again:
            found.twice.append(told)
        else:
            found.again[their] = told
    elif told.poss_dup:
        if their > used:
            found.astray.append(told)
        elif their < back.next_in and their >= back.known_from and not _asked(back, their):
            found.unasked.append(told)
    elif their in known and back.known_from <= their:
        found.reused.append((told, known[their]))


def _asked(back: Return, their: int) -> bool:
    """Whether our own side asked for a number again, though it had been taken."""
    return back.wanted_from is not None and their >= back.wanted_from


def _report(found: Replay, told: Told, their: int, reports: MutableMapping[bytes, Told]) -> None:
    exec_id = exec_id_of(told)
    if exec_id is None:
        return
    first = reports.setdefault(exec_id, told)
    if first.number != their and _same_report(first.message, told.message):
        found.reports.append((told, first))


def _same_report(one: Message, other: Message) -> bool:
    tags = (Tag.ClOrdID, Tag.OrdStatus, Tag.ExecType, Tag.CumQty)
    return all(one.get(tag) == other.get(tag) for tag in tags)
