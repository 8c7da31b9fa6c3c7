"""What a fault does to what passes, as a link of a chain.

Theory of operation
-------------------
What passes is cut into *parcels*: whole messages, pieces that are none, later parts of them. Each
goes through the effects of all armed faults, in the order of their `Stage`, within one in the
order in which they were armed. An effect takes a parcel and gives those that go on in its place:
changed, several, none, or later. What it keeps it gives out when it is due, or when the fault is
cleared; it goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

from fixgate.dice import Dice
from fixgate.faults.armed import Way
from fixgate.faults.corrupting import Edit
from fixgate.faults.model import Ending
from fixgate.wire.frame import decode
from fixgate.wire.message import Message

__all__ = ["Effect", "Outcome", "Parcel", "Rewrite", "Scene", "Stage", "changed"]


@dataclass(frozen=True, slots=True)
class Parcel:
    """Bytes on their way.

    Attributes:
        data: As they are now.
        message: The whole message that they are, or were before they were broken; ``None`` for
            what is no message.
        at_ns: They go no earlier.
        then: What becomes of the connection once they have gone.
        begun: What is before them in the same message has gone already: nothing is to be changed.
    """

    data: bytes
    message: Message | None
    at_ns: int
    then: Ending | None = None
    begun: bool = False


@dataclass(slots=True)
class Scene:
    """What an effect may know of the connection that a parcel is on.

    Attributes:
        line: Which connection.
        way: In which direction.
        now_ns: When.
        dice: Where chance decides.
        last_out: The newest message of our session that was none that it resent.
        next_out: The number that follows it; 0 when there was none.
        last_in: The newest message that came.
    """

    line: int
    way: Way
    now_ns: int
    dice: Dice
    last_out: Message | None = None
    next_out: int = 0
    last_in: Message | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a parcel.

    Attributes:
        parcels: What goes on in its place, in order.
        did: In words, for the record; empty when there is nothing to tell.
        back: What goes the other way, past all faults.
        mute: Nothing goes this way any more.
    """

    parcels: tuple[Parcel, ...]
    did: str = ""
    back: bytes = b""
    mute: bool = False


class Stage(IntEnum):
    """The order of effects."""

    CONTENT = 0
    """What a message is."""
    ORDER = 1
    """Which messages there are, and in which order."""
    PACE = 2
    """When bytes go, and in which pieces."""
    LINE = 3
    """Whether there is a line."""


class Effect:
    """A fault at work. Shared by the connections of an actor.

    Attributes:
        stage: When it has its turn.
    """

    __slots__ = ()
    stage = Stage.CONTENT

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Take a parcel.

        Args:
            parcel: The parcel.
            scene: Where and when.
            chosen: Whether the trigger has chosen it.

        Returns:
            What became of it; ``None`` to let it pass as it is.
        """
        return None

    def begin(self, scene: Scene) -> Outcome | None:
        """Act on the connection itself: the trigger chooses no messages, and it is time."""
        return None

    def deadline_ns(self, line: int) -> int | None:
        """Return when something that was kept is due on a connection."""
        return None

    def due(self, scene: Scene) -> tuple[Parcel, ...]:
        """Give out what is due by now, for the connection and the direction of the scene."""
        return ()

    def release(self, scene: Scene) -> tuple[Parcel, ...]:
        """Give out all that was kept: the fault is over, or the stream is."""
        return ()

    def forget(self, line: int) -> None:
        """A connection is gone."""

    @property
    def lingers(self) -> bool:
        """Whether it has to go on after it was cleared, choosing nothing more."""
        return False


class Rewrite(Effect):
    """Changes each message that is chosen, by itself."""

    __slots__ = ("_rewrite",)

    def __init__(self, rewrite: Callable[[bytes, Message, Scene], Edit | None]) -> None:
        self._rewrite = rewrite

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Change it."""
        if not chosen or parcel.message is None:
            return None
        edit = self._rewrite(parcel.data, parcel.message, scene)
        return None if edit is None else Outcome((changed(parcel, edit.data),), edit.did)


def changed(parcel: Parcel, data: bytes) -> Parcel:
    """Return a parcel with other bytes; still the message that it was when they are none."""
    decoded = decode(data)
    message = decoded if isinstance(decoded, Message) else parcel.message
    return replace(parcel, data=data, message=message)
