"""The armed faults of one actor, and the connections that they act on.

Pure, as the session is: bytes, instants and commands go in; acts, records and the next deadline
come out. The same dice give the same acts.

    injector = Injector(random.Random(7))
    injector.arm(ArmedFault("deaf", build("drop"), Way.IN), now_ns)
    passage = injector.connect(now_ns)
    passage.outbound(b"8=FIX.4.4...", now_ns)
    for act in passage.take(now_ns): ...
"""

from __future__ import annotations

from collections.abc import Callable

from fixgate.dice import Dice
from fixgate.faults.active import Active
from fixgate.faults.armed import ArmedFault, Way
from fixgate.faults.model import RefuseConnections
from fixgate.faults.passage import Passage
from fixgate.faults.record import FaultApplied

__all__ = ["Injector"]


class Injector:
    """What goes wrong for one actor.

    Armed faults and what they have counted stay when a connection ends.

    Args:
        dice: Where chance comes from.
    """

    __slots__ = ("_chain", "_dice", "_lines", "_passages", "_records")

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._chain: list[Active] = []
        self._passages: dict[int, tuple[Passage, Callable[[], None]]] = {}
        self._lines = 0
        self._records: list[FaultApplied] = []

    @property
    def armed(self) -> tuple[ArmedFault, ...]:
        """What is armed, in the order in which it acts."""
        return tuple(each.armed for each in self._chain if not each.over)

    def arm(self, armed: ArmedFault, now_ns: int) -> None:
        """Let something go wrong from now on.

        Args:
            armed: The fault.
            now_ns: Now.

        Raises:
            ValueError: One of that name is armed.
        """
        if any(each.name == armed.name for each in self.armed):
            raise ValueError(f"a fault of the name {armed.name!r} is armed already")
        active = Active(armed, now_ns)
        stage = active.effect.stage
        at = len(self._chain)
        while at and self._chain[at - 1].effect.stage > stage:
            at -= 1
        self._chain.insert(at, active)
        for passage, changed in self._all():
            passage.armed(now_ns)
            changed()

    def clear(self, name: str, now_ns: int) -> bool:
        """Let a fault go wrong no more; what it has kept goes on its way.

        Args:
            name: Which; empty for all.
            now_ns: Now.

        Returns:
            Whether there was one.
        """
        cleared = [each for each in self._chain if not each.over and name in ("", each.armed.name)]
        for active in cleared:
            for passage, _ in self._all():
                passage.release(active, now_ns)
            active.over = True
            if not active.effect.lingers:
                self._chain.remove(active)
        for passage, changed in self._all():
            passage.cleared(now_ns)
            changed()
        return bool(cleared)

    def connect(self, now_ns: int, changed: Callable[[], None] = lambda: None) -> Passage:
        """Return the way through the faults for a new connection.

        Args:
            now_ns: Now.
            changed: Is called when something has become due that was not, because a fault was
                armed or cleared.
        """
        self._lines += 1
        passage = Passage(self._lines, self._chain, self._dice, self._gone, now_ns)
        self._passages[self._lines] = passage, changed
        return passage

    def refusal(self, now_ns: int) -> RefuseConnections | None:
        """Return how a connection that comes in is to end at once; ``None`` to let it in."""
        names = {each.name for each in self.armed}
        for active in self._chain:
            fault = active.armed.fault
            if not isinstance(fault, RefuseConnections) or active.over:
                continue
            if active.meets(now_ns, self._dice, names):
                name, kind = active.armed.name, type(fault).__name__
                self._records.append(FaultApplied(name, kind, Way.IN, "a connection is refused"))
                return fault
        return None

    def records(self) -> tuple[FaultApplied, ...]:
        """Take the records of refused connections; each passage has its own."""
        records, self._records = tuple(self._records), []
        return records

    def _all(self) -> list[tuple[Passage, Callable[[], None]]]:
        return list(self._passages.values())

    def _gone(self, line: int) -> None:
        self._passages.pop(line, None)
        for active in self._chain:
            active.effect.forget(line)
