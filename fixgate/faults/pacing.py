"""Faults of when bytes go, and in which pieces. None loses a byte or changes their order."""

from __future__ import annotations

from dataclasses import replace

from fixgate.dice import draw_ns
from fixgate.faults.armed import Way
from fixgate.faults.effect import Effect, Outcome, Parcel, Scene, Stage
from fixgate.faults.model import Chop, Coalesce, Delay, Stall, Throttle

__all__ = ["ChopEffect", "CoalesceEffect", "DelayEffect", "StallEffect", "ThrottleEffect"]

_SECOND_NS = 1_000_000_000
_Where = tuple[int, Way]


class DelayEffect(Effect):
    """Lets what is chosen go later; what follows waits behind it, as in TCP."""

    __slots__ = ("_fault",)
    stage = Stage.PACE

    def __init__(self, fault: Delay) -> None:
        self._fault = fault

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Let it go later."""
        by_ns = draw_ns(self._fault.by, scene.dice) if chosen else 0
        if not by_ns:
            return None
        return Outcome((replace(parcel, at_ns=parcel.at_ns + by_ns),), f"{by_ns / 1e9:g} s later")


class StallEffect(Effect):
    """Lets nothing go for a while."""

    __slots__ = ("_lasting_ns", "_until_ns")
    stage = Stage.PACE

    def __init__(self, fault: Stall) -> None:
        self._lasting_ns = fault.lasting_ns
        self._until_ns = 0

    def begin(self, scene: Scene) -> Outcome | None:
        """Stop."""
        self._until_ns = scene.now_ns + self._lasting_ns
        return Outcome((), f"nothing moves for {self._lasting_ns / 1e9:g} s")

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Stop behind what is chosen; let the rest wait."""
        if parcel.at_ns < self._until_ns:
            return Outcome((replace(parcel, at_ns=self._until_ns),))
        if not chosen:
            return None
        begun = self.begin(scene)
        return Outcome((parcel,), begun.did if begun is not None else "")


class _Paced(Effect):
    """Knows for each stream when the next piece may go."""

    __slots__ = ("_free_ns",)
    stage = Stage.PACE

    def __init__(self) -> None:
        self._free_ns: dict[_Where, int] = {}

    def forget(self, line: int) -> None:
        """Forget its streams."""
        self._free_ns = {where: at for where, at in self._free_ns.items() if where[0] != line}

    def _pieces(self, parcel: Parcel, scene: Scene, size: int, pause_ns: int) -> tuple[Parcel, ...]:
        """Return the parcel in pieces; each goes a pause behind the one before it."""
        data = parcel.data
        if not data:
            return (parcel,)
        where = scene.line, scene.way
        at_ns = max(parcel.at_ns, self._free_ns.get(where, 0))
        pieces: list[Parcel] = []
        for begin in range(0, len(data), size):
            piece = data[begin : begin + size]
            pieces.append(Parcel(piece, None, at_ns))
            at_ns += pause_ns * len(piece) // size
        self._free_ns[where] = at_ns
        # The first piece stands for the message, where a trigger of a later effect looks for it.
        pieces[0] = replace(pieces[0], message=parcel.message)
        pieces[-1] = replace(pieces[-1], then=parcel.then)
        return tuple(pieces)


class ChopEffect(_Paced):
    """Cuts what is chosen into pieces."""

    __slots__ = ("_fault",)

    def __init__(self, fault: Chop) -> None:
        super().__init__()
        self._fault = fault

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Cut it into pieces."""
        if not chosen:
            return None
        size, pause_ns = self._fault.size, self._fault.pause_ns
        pause = f", {pause_ns / 1e9:g} s apart" if pause_ns else ""
        did = f"{len(parcel.data)} bytes in pieces of {size}{pause}"
        return Outcome(self._pieces(parcel, scene, size, pause_ns), did)


class ThrottleEffect(_Paced):
    """Lets no more than so many bytes go in a second, of what is chosen."""

    __slots__ = ("_bytes_per_s",)

    def __init__(self, fault: Throttle) -> None:
        super().__init__()
        self._bytes_per_s = fault.bytes_per_s

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Spread it over the time that it takes."""
        if not chosen:
            return None
        rate = self._bytes_per_s
        size = max(rate // 10, 1)
        pieces = self._pieces(parcel, scene, size, size * _SECOND_NS // rate)
        return Outcome(pieces, f"{len(parcel.data)} bytes at {rate} a second")


class CoalesceEffect(Effect):
    """Lets messages wait for one another."""

    __slots__ = ("_fault", "_waiting")
    stage = Stage.PACE

    def __init__(self, fault: Coalesce) -> None:
        self._fault = fault
        self._waiting: dict[_Where, list[Parcel]] = {}

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Let it wait, until there are enough; what was not chosen takes along what waits."""
        where = scene.line, scene.way
        if not chosen and where not in self._waiting:
            return None
        waiting = self._waiting.setdefault(where, [])
        waiting.append(parcel)
        if chosen and parcel.then is None and len(waiting) < self._fault.messages:
            return Outcome((), f"waits for {self._fault.messages - len(waiting)} more")
        return Outcome(self.release(scene), "all in one write")

    def deadline_ns(self, line: int) -> int | None:
        """Return when those that wait go without others."""
        firsts = (each[0].at_ns for (of, _), each in self._waiting.items() if of == line)
        return min((at_ns + self._fault.within_ns for at_ns in firsts), default=None)

    def due(self, scene: Scene) -> tuple[Parcel, ...]:
        """Give out those that have waited long enough."""
        waiting = self._waiting.get((scene.line, scene.way))
        if not waiting or waiting[0].at_ns + self._fault.within_ns > scene.now_ns:
            return ()
        return self.release(scene)

    def release(self, scene: Scene) -> tuple[Parcel, ...]:
        """Give out all of them as one."""
        waiting = self._waiting.pop((scene.line, scene.way), [])
        if not waiting:
            return ()
        data = b"".join(each.data for each in waiting)
        return (Parcel(data, waiting[0].message, scene.now_ns, waiting[-1].then),)

    def forget(self, line: int) -> None:
        """Throw away what waits."""
        self._waiting = {where: each for where, each in self._waiting.items() if where[0] != line}
