"""The way of one connection through the faults of its actor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import assert_never

from fixgate.dice import Dice
from fixgate.faults.active import Active
from fixgate.faults.acts import Act, End, Feed, Finish, Forget, Reset, Write
from fixgate.faults.armed import Way
from fixgate.faults.effect import Outcome, Parcel, Scene, Stage
from fixgate.faults.ending import BlackholeEffect
from fixgate.faults.model import Ending, SlowClose
from fixgate.faults.record import FaultApplied, masked_pair
from fixgate.faults.stream import Cutter, Queue
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["Passage"]

_OTHER = {Way.OUT: Way.IN, Way.IN: Way.OUT}


class Passage:
    """What passes between our side of one connection and its peer.

    Made by `fixgate.faults.injector.Injector.connect`. Instants may be given out of order; for it,
    time never goes back.

    Args:
        line: Which connection.
        chain: The armed faults, in the order in which they act; the injector changes it.
        dice: Where chance comes from.
        gone: Is told when the connection is gone.
        now_ns: Now.

    Attributes:
        finished: Our half has been closed.
    """

    __slots__ = (
        "_chain", "_cutters", "_dice", "_finishing", "_gone", "_line", "_missed_end", "_mute",
        "_order", "_over", "_queues", "_records", "_scene", "finished",
    )  # fmt: skip

    def __init__(
        self,
        line: int,
        chain: Sequence[Active],
        dice: Dice,
        gone: Callable[[int], None],
        now_ns: int,
    ) -> None:
        self._line = line
        self._chain = chain
        self._dice = dice
        self._gone = gone
        self._scene = Scene(line, Way.OUT, now_ns, dice)
        self._cutters = {way: Cutter() for way in Way}
        self._queues = {way: Queue() for way in Way}
        self._order = 0
        self._mute = False
        self._over = False
        self.finished = False
        self._missed_end = False
        self._finishing = False
        self._records: list[FaultApplied] = []

    # What comes.

    def outbound(self, data: bytes, now_ns: int) -> None:
        """Take what our side sends."""
        self._enter(Way.OUT, data, now_ns)

    def inbound(self, data: bytes, now_ns: int) -> None:
        """Take what the peer has sent."""
        self._enter(Way.IN, data, now_ns)

    def _enter(self, way: Way, data: bytes, now_ns: int) -> None:
        self._advance(now_ns)
        if self._over or not data or (way is Way.OUT and (self._mute or self.finished)):
            return
        cutter = self._cutters[way]
        if not self._acted_on(way):
            for message in cutter.look(data):
                self._note(way, message)
            self._put(way, Parcel(data, None, self._scene.now_ns))
            return
        for parcel in cutter.cut(data, self._scene.now_ns):
            if parcel.message is not None:
                self._note(way, parcel.message)
            self._pass(way, (parcel,), 0)

    def _acted_on(self, way: Way) -> bool:
        return any(active.acts_on(way) for active in self._chain)

    def _note(self, way: Way, message: Message) -> None:
        scene = self._scene
        if message.get(Tag.PossDupFlag) == b"Y":
            return
        if way is Way.IN:
            scene.last_in = message
            return
        number = message.get(Tag.MsgSeqNum) or b""
        if number.isdigit() and len(number) <= 20:
            scene.last_out, scene.next_out = message, int(number) + 1

    def finish(self, now_ns: int) -> None:
        """Our side closes its half, when all that it has sent is gone."""
        self._advance(now_ns)
        if self._over or self._finishing:
            return
        self._finishing = True
        self._let_go(Way.OUT)
        at_ns = self._scene.now_ns
        names = self._names()
        for active in self._chain:
            fault = active.armed.fault
            slow = isinstance(fault, SlowClose) and not active.over
            if slow and active.meets(self._scene.now_ns, self._dice, names):
                assert isinstance(fault, SlowClose)
                at_ns += fault.by_ns
                self._record(active, Way.OUT, f"closed {fault.by_ns / 1e9:g} s late")
        how = Ending.SILENT if self.dark(now_ns) else Ending.FIN
        self._put(Way.OUT, Parcel(b"", None, at_ns, how))

    def ended(self, now_ns: int) -> None:
        """The peer has closed its half."""
        self._advance(now_ns)
        if self._over:
            return
        if self.dark(now_ns):
            self._missed_end = True
            return
        self._let_go(Way.IN)
        self._queues[Way.IN].put(End(), self._scene.now_ns, self._next_order())

    def closed(self, now_ns: int) -> None:
        """The connection is gone: what waits is lost, and nothing comes any more."""
        self._at(now_ns)
        self._end()
        self._gone(self._line)

    def _end(self) -> None:
        self._over = True
        for queue in self._queues.values():
            queue.clear()

    # What the injector says.

    def armed(self, now_ns: int) -> None:
        """Another fault is in the chain."""
        self._at(now_ns)

    def release(self, active: Active, now_ns: int) -> None:
        """A fault is about to be over: let go what it keeps."""
        self._at(now_ns)
        for way in Way:
            self._pass(way, active.effect.release(self._on(way)), self._after(active))

    def cleared(self, now_ns: int) -> None:
        """Faults are over: where there are none, nothing waits any more."""
        self._at(now_ns)
        for way in Way:
            if not self._acted_on(way):
                waited = self._cutters[way].let_go()
                if waited and not self._over:
                    self._put(way, Parcel(waited, None, self._scene.now_ns))
                self._queues[way].hurry(self._scene.now_ns)
        self._tell_missed_end()

    def _tell_missed_end(self) -> None:
        if self._missed_end and not self.dark(self._scene.now_ns):
            self._missed_end = False
            self.ended(self._scene.now_ns)

    def dark(self, now_ns: int) -> bool:
        """Return whether nothing that is written gets through."""
        now_ns = max(now_ns, self._scene.now_ns)
        return any(effect.dark(now_ns) for effect in self._blackholes())

    def _blackholes(self) -> Iterable[BlackholeEffect]:
        for active in self._chain:
            if isinstance(active.effect, BlackholeEffect):
                yield active.effect

    # Through the chain.

    def _pass(self, way: Way, parcels: Iterable[Parcel], begin: int) -> None:
        """Let parcels go through the faults from ``begin`` on, and queue what is left of them."""
        names = self._names()
        for active in tuple(self._chain[begin:]):
            if active.acts_on(way):
                parcels = [out for each in parcels for out in self._one(active, way, each, names)]
        for parcel in parcels:
            self._put(way, parcel)

    def _one(self, active: Active, way: Way, parcel: Parcel, names: set[str]) -> tuple[Parcel, ...]:
        chosen = (
            bool(parcel.data)
            and not parcel.begun
            and active.chooses(parcel.message, self._scene.now_ns, self._dice, names)
        )
        outcome = active.effect.apply(parcel, self._on(way), chosen=chosen)
        if outcome is None:
            return (parcel,)
        self._took(active, way, outcome, parcel)
        if parcel.then is None or any(each.then is not None for each in outcome.parcels):
            return outcome.parcels
        # A connection that is to end does, even where its last bytes are lost.
        last = Parcel(b"", None, self._scene.now_ns, parcel.then)
        return (*outcome.parcels, last)

    def _took(self, active: Active, way: Way, outcome: Outcome, parcel: Parcel | None) -> None:
        if outcome.did:
            self._record(active, way, outcome.did, parcel, outcome)
        if outcome.back:
            self._put(_OTHER[way], Parcel(outcome.back, None, self._scene.now_ns))
        self._mute = self._mute or outcome.mute

    def _put(self, way: Way, parcel: Parcel) -> None:
        queue = self._queues[way]
        if self._over:
            return
        if parcel.data:
            act: Act = Write(parcel.data) if way is Way.OUT else Feed(parcel.data)
            queue.put(act, parcel.at_ns, self._next_order())
        if parcel.then is not None:
            queue.put(_act_of(parcel.then), parcel.at_ns, self._next_order())

    def _let_go(self, way: Way) -> None:
        """The stream is over: what waits in it for more goes on its way."""
        waited = self._cutters[way].let_go()
        if waited:
            self._pass(way, (Parcel(waited, None, self._scene.now_ns),), 0)
        for active in tuple(self._chain):
            if active.acts_on(way):
                self._pass(way, active.effect.release(self._on(way)), self._after(active))

    def _after(self, active: Active) -> int:
        return self._chain.index(active) + 1

    # What is due.

    @property
    def deadline_ns(self) -> int | None:
        """When something is due next; ``None`` for never."""
        if self._over:
            return None
        names = self._names()
        due = [queue.head.at_ns for queue in self._queues.values() if queue.head is not None]
        for active in self._chain:
            due += self._due_of(active, names)
        if self._missed_end:
            due += [each.ends_ns for each in self._blackholes() if each.ends_ns is not None]
        return min(due, default=None)

    def _due_of(self, active: Active, names: set[str]) -> list[int]:
        found = (active.effect.deadline_ns(self._line), active.begins_ns(self._line, names))
        return [at_ns for at_ns in found if at_ns is not None]

    @property
    def unsent(self) -> bool:
        """Whether something of ours is on its way: bytes, or the end of our half."""
        return self._queues[Way.OUT].head is not None

    @property
    def held_bytes(self) -> int:
        """How much of what our side has sent waits for its time."""
        return self._queues[Way.OUT].held_bytes

    def take(self, now_ns: int) -> tuple[Act, ...]:
        """Return what is due by now, in order."""
        until_ns = self._advance(now_ns)
        self._tell_missed_end()
        acts: list[Act] = []
        while not self._over:
            heads = [
                (queue.head, way) for way, queue in self._queues.items() if queue.head is not None
            ]
            if not heads:
                break
            head, way = min(heads, key=lambda each: each[0][:2])
            if head.at_ns > until_ns:
                break
            self._queues[way].pop()
            self._do(head.act, acts)
        return tuple(acts)

    def _do(self, act: Act, acts: list[Act]) -> None:
        match act:
            case Finish():
                if self.finished:
                    return
                self.finished = True
                self._queues[Way.OUT].clear()
            case Reset() | Forget():
                self._end()
            case _:
                pass
        acts.append(act)

    def _advance(self, now_ns: int) -> int:
        """Let the faults do what they do at an instant, the earliest first, until now."""
        before_ns, names = self._scene.now_ns, self._names()
        until_ns = self._at(now_ns)
        while not self._over:
            due = [(at, active) for active in self._chain for at in self._due_of(active, names)]
            at_ns, active = min(due, key=lambda each: each[0], default=(until_ns + 1, None))
            if active is None or at_ns > until_ns:
                break
            self._scene.now_ns = max(at_ns, before_ns)
            if active.begins_ns(self._line, names) == at_ns:
                self._begin(active)
            else:
                for way in Way:
                    self._pass(way, active.effect.due(self._on(way)), self._after(active))
        self._scene.now_ns = until_ns
        return until_ns

    def _begin(self, active: Active) -> None:
        active.began(self._line)
        way = active.armed.way
        outcome = active.effect.begin(self._on(way)) if active.in_time(self._scene.now_ns) else None
        if outcome is not None:
            self._took(active, way, outcome, None)
            self._pass(way, outcome.parcels, self._after(active))

    # Small things.

    def _at(self, now_ns: int) -> int:
        self._scene.now_ns = max(self._scene.now_ns, now_ns)
        return self._scene.now_ns

    def _on(self, way: Way) -> Scene:
        self._scene.way = way
        return self._scene

    def _next_order(self) -> int:
        self._order += 1
        return self._order

    def _names(self) -> set[str]:
        return {active.armed.name for active in self._chain if not active.over}

    def records(self) -> tuple[FaultApplied, ...]:
        """Take what the faults have done since it was last asked."""
        records, self._records = tuple(self._records), []
        return records

    def _record(
        self,
        active: Active,
        way: Way,
        did: str,
        parcel: Parcel | None = None,
        outcome: Outcome | None = None,
    ) -> None:
        before = after = ""
        if parcel is not None and outcome is not None:
            changed = outcome.parcels[0].data if outcome.parcels else parcel.data
            pieces = active.effect.stage is Stage.PACE
            before, after = masked_pair(
                parcel.message, parcel.data, parcel.data if pieces else changed
            )
        name, kind = active.armed.name, type(active.armed.fault).__name__
        self._records.append(FaultApplied(name, kind, way, did, before, after))


def _act_of(ending: Ending) -> Act:
    match ending:
        case Ending.FIN:
            return Finish()
        case Ending.RST:
            return Reset()
        case Ending.SILENT:
            return Forget()
        case _ as never:
            assert_never(never)
