"""Faults of which messages there are and in which order: lost, late, twice, renumbered."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from fixgate.faults.armed import Way
from fixgate.faults.effect import Effect, Outcome, Parcel, Scene, Stage, changed
from fixgate.faults.model import Duplicate, Late, Mute, Numbers, Renumber, Reorder, ResendForever
from fixgate.faults.rewriting import assemble, fields_of, set_value, value_of
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = [
    "DuplicateEffect",
    "Kept",
    "LateEffect",
    "Lose",
    "MuteEffect",
    "RenumberEffect",
    "ReorderEffect",
    "ResendForeverEffect",
]


class Lose(Effect):
    """Lets what is chosen vanish."""

    __slots__ = ()
    stage = Stage.ORDER

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Lose it."""
        return Outcome((), f"lost: {_called(parcel)}") if chosen else None


def _called(parcel: Parcel) -> str:
    message = parcel.message
    if message is None:
        return f"{len(parcel.data)} bytes"
    number = message.get(Tag.MsgSeqNum) or b"?"
    kind = message.msg_type.decode("latin-1", "replace")
    return f"MsgType(35)={kind} MsgSeqNum(34)={number.decode('latin-1')}"


# Numbers that stay without gaps while messages come and go.


class Numbering:
    """MsgSeqNum(34) of what leaves, by what the session says.

    A message that is withheld uses none, one that is put in uses the next.
    """

    __slots__ = ("_last", "_shift")

    def __init__(self) -> None:
        self._shift = 0
        self._last = 0

    @property
    def ahead(self) -> bool:
        """Whether the wire has used more numbers than the session."""
        return self._shift > 0

    def passes(self, parcel: Parcel) -> Parcel:
        """Return a message with the number that it has on the wire."""
        number = _new_number(parcel.message)
        if number is None or parcel.message is None:
            return parcel
        if parcel.message.get(Tag.ResetSeqNumFlag) == b"Y":
            self._shift = 0
        self._last = max(number + self._shift, 1)
        return _numbered(parcel, self._last, self._shift) if self._shift else parcel

    def withheld(self, parcel: Parcel) -> None:
        """Use no number for a message."""
        if _new_number(parcel.message) is not None:
            self._shift -= 1

    def put_in(self, parcel: Parcel) -> Parcel:
        """Return a message with the next number."""
        if _new_number(parcel.message) is None:
            return parcel
        self._shift += 1
        self._last += 1
        return _numbered(parcel, self._last, 0)


def _new_number(message: Message | None) -> int | None:
    """Return the number of a message that the session sends for the first time."""
    if message is None or message.get(Tag.PossDupFlag) == b"Y":
        return None
    number = message.get(Tag.MsgSeqNum) or b""
    return int(number) if number.isdigit() and len(number) <= 20 else None


def _numbered(parcel: Parcel, number: int, shift: int) -> Parcel:
    fields = fields_of(parcel.data)
    set_value(fields, Tag.MsgSeqNum, b"%d" % number)
    new_seq_no = value_of(fields, Tag.NewSeqNo)
    if shift and new_seq_no.isdigit() and len(new_seq_no) <= 20:
        set_value(fields, Tag.NewSeqNo, b"%d" % max(int(new_seq_no) + shift, 1))
    return changed(parcel, assemble(fields, before=parcel.data))


class RenumberEffect(Effect):
    """All numbers are off, from the first message on that was chosen."""

    __slots__ = ("_by", "_going")
    stage = Stage.ORDER

    def __init__(self, fault: Renumber) -> None:
        self._by = fault.by
        self._going = False

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Renumber it."""
        self._going = self._going or chosen
        number = _new_number(parcel.message)
        if not self._going or number is None:
            return None
        wrong = max(number + self._by, 1)
        return Outcome((_numbered(parcel, wrong, self._by),), f"MsgSeqNum(34): {number} -> {wrong}")


class MuteEffect(Effect):
    """Withholds a kind of message, and the numbers show no gap."""

    __slots__ = ("_numbering",)
    stage = Stage.ORDER

    def __init__(self, _: Mute) -> None:
        self._numbering = Numbering()

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Withhold it, or renumber it."""
        if chosen:
            self._numbering.withheld(parcel)
            return Outcome((), f"not sent: {_called(parcel)}")
        return Outcome((self._numbering.passes(parcel),))


# What is kept for later.


class _Entry(NamedTuple):
    at_ns: int
    line: int
    way: Way
    parcel: Parcel


class Kept:
    """Parcels of all connections that wait for their time, in the order in which they came."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: list[_Entry] = []

    def keep(self, at_ns: int, scene: Scene, parcel: Parcel) -> None:
        """Keep a parcel until then."""
        self._entries.append(_Entry(at_ns, scene.line, scene.way, parcel))

    def deadline_ns(self, line: int) -> int | None:
        """Return when the first of a connection is due."""
        return min((each.at_ns for each in self._entries if each.line == line), default=None)

    def take(self, scene: Scene, until_ns: int | None) -> tuple[Parcel, ...]:
        """Take what is due by then, or everything, the earliest first."""
        mine = [
            each
            for each in self._entries
            if each.line == scene.line
            and each.way is scene.way
            and (until_ns is None or each.at_ns <= until_ns)
        ]
        gone = {id(each) for each in mine}
        self._entries = [each for each in self._entries if id(each) not in gone]
        mine.sort(key=lambda each: each.at_ns)
        return tuple(replace(each.parcel, at_ns=scene.now_ns) for each in mine)

    def forget(self, line: int) -> None:
        """Throw away what a connection had."""
        self._entries = [each for each in self._entries if each.line != line]


class _Keeper(Effect):
    """Keeps parcels until they are due."""

    __slots__ = ("_kept", "_numbering")
    stage = Stage.ORDER

    def __init__(self, numbers: Numbers = Numbers.KEPT) -> None:
        self._kept = Kept()
        self._numbering = Numbering() if numbers is Numbers.IN_ORDER else None

    def deadline_ns(self, line: int) -> int | None:
        """Return when the next is due."""
        return self._kept.deadline_ns(line)

    def due(self, scene: Scene) -> tuple[Parcel, ...]:
        """Give out what is due."""
        return self._put_in(self._kept.take(scene, scene.now_ns))

    def release(self, scene: Scene) -> tuple[Parcel, ...]:
        """Give out everything."""
        return self._put_in(self._kept.take(scene, None))

    def forget(self, line: int) -> None:
        """Throw away what a connection had."""
        self._kept.forget(line)

    @property
    def lingers(self) -> bool:
        """Whether numbers would step back without it."""
        return self._numbering is not None and self._numbering.ahead

    def _put_in(self, parcels: tuple[Parcel, ...]) -> tuple[Parcel, ...]:
        if self._numbering is None:
            return parcels
        return tuple(map(self._numbering.put_in, parcels))

    def _passes(self, parcel: Parcel) -> Parcel:
        return parcel if self._numbering is None else self._numbering.passes(parcel)


class LateEffect(_Keeper):
    """Keeps messages for a while."""

    __slots__ = ("_by_ns",)

    def __init__(self, fault: Late) -> None:
        super().__init__(fault.numbers)
        self._by_ns = fault.by_ns

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Keep it, or let it pass those that are kept."""
        if not chosen:
            return Outcome((self._passes(parcel),))
        if self._numbering is not None:
            self._numbering.withheld(parcel)
        self._kept.keep(parcel.at_ns + self._by_ns, scene, parcel)
        return Outcome((), f"{_called(parcel)} is {self._by_ns / 1e9:g} s late, others pass it")


class DuplicateEffect(_Keeper):
    """Sends messages again."""

    __slots__ = ("_fault",)

    def __init__(self, fault: Duplicate) -> None:
        super().__init__(fault.numbers)
        self._fault = fault

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Let it pass, now and again."""
        if not chosen:
            return Outcome((self._passes(parcel),))
        first, copies, after_ns = self._passes(parcel), self._fault.copies, self._fault.after_ns
        did = f"{_called(parcel)} comes {copies} more time{'s' * (copies != 1)}"
        copy = replace(parcel, then=None)
        if not after_ns:
            return Outcome((first, *self._put_in((copy,) * copies)), did)
        for number in range(1, copies + 1):
            self._kept.keep(parcel.at_ns + number * after_ns, scene, copy)
        return Outcome((first,), did)

    def release(self, scene: Scene) -> tuple[Parcel, ...]:
        """Give out nothing: copies that have not come yet are not lost."""
        self._kept.take(scene, None)
        return ()


class ReorderEffect(_Keeper):
    """Lets others pass."""

    __slots__ = ("_fault", "_passing")

    def __init__(self, fault: Reorder) -> None:
        super().__init__()
        self._fault = fault
        self._passing: dict[tuple[int, Way], int] = {}

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Keep it, or let it pass those that are kept, and give them out behind it."""
        where = scene.line, scene.way
        if where not in self._passing:
            if not chosen:
                return None
            self._passing[where] = self._fault.behind
            self._kept.keep(parcel.at_ns + self._fault.within_ns, scene, parcel)
            return Outcome((), f"{_called(parcel)} lets {self._fault.behind} others pass")
        self._passing[where] -= 1
        if self._passing[where]:
            return None
        return Outcome((parcel, *self.release(scene)))

    def due(self, scene: Scene) -> tuple[Parcel, ...]:
        """Give it out when no more others have come."""
        parcels = super().due(scene)
        if parcels:
            self._passing.pop((scene.line, scene.way), None)
        return parcels

    def release(self, scene: Scene) -> tuple[Parcel, ...]:
        """Give it out."""
        self._passing.pop((scene.line, scene.way), None)
        return super().release(scene)

    def forget(self, line: int) -> None:
        """Throw it away."""
        super().forget(line)
        self._passing = {where: left for where, left in self._passing.items() if where[0] != line}


class ResendForeverEffect(_Keeper):
    """Sends what was resent again and again."""

    __slots__ = ("_every_ns",)

    def __init__(self, fault: ResendForever) -> None:
        super().__init__()
        self._every_ns = fault.every_ns

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Let it pass, and keep a copy."""
        if not chosen:
            return None
        self._kept.keep(scene.now_ns + self._every_ns, scene, replace(parcel, then=None))
        return Outcome((parcel,), f"{_called(parcel)} comes again every {self._every_ns / 1e9:g} s")

    def due(self, scene: Scene) -> tuple[Parcel, ...]:
        """Send what is due, and keep it for the next time."""
        parcels = super().due(scene)
        for parcel in parcels:
            self._kept.keep(scene.now_ns + self._every_ns, scene, parcel)
        return parcels

    def release(self, scene: Scene) -> tuple[Parcel, ...]:
        """Give out nothing: it has all been sent."""
        self._kept.take(scene, None)
        return ()
