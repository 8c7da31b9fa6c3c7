"""The stages of one gateway at work, and the truth about what they have done."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from fixgate.net.clock import Clock
from fixgate.venue.stages import Stage, StageName, VenueStages
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["StagePassed", "StageWorks", "Stay", "name_of"]

_NAMES = (Tag.ClOrdID, Tag.TestReqID)


@dataclass(frozen=True, slots=True)
class StagePassed:
    """A message has passed a stage of a venue: the truth, for whoever guesses at it from outside.

    Instants are nanoseconds since the epoch, UTC, by the venue's clock as it went when it left.

    Attributes:
        stage: Which.
        session: What the venue calls the client's session.
        msg_type: MsgType(35); empty for input that is no message.
        name: ClOrdID(11), else TestReqID(112); empty without either.
        came_ns: It came to the stage.
        due_ns: It was to go on, by the settings.
        left_ns: It went on; ``None`` when it never did, since its connection or the venue ended.
    """

    stage: StageName
    session: str
    msg_type: str
    name: str
    came_ns: int
    due_ns: int
    left_ns: int | None


@dataclass(frozen=True, slots=True)
class Stay:
    """A message in a stage; attributes as of `StagePassed`, instants by `Clock.steady_ns`."""

    stage: StageName
    session: str
    msg_type: str
    name: str
    came_ns: int
    due_ns: int


def name_of(message: object) -> tuple[str, str]:
    """Return MsgType(35) of a message, and the name it is known by; empty for what is none."""
    if not isinstance(message, Message):
        return "", ""
    name = next((value for tag in _NAMES if (value := message.get(tag))), b"")
    return message.msg_type.decode("latin-1"), name.decode("latin-1")


class StageWorks:
    """What the connections and the venue of one gateway share about its stages.

    Args:
        settings: The stages.
        clock: The process's clock.
        told: Gets every message that has passed a stage.

    Attributes:
        settings: As given.
        clock: As given.
        arrived_ns: When the message whose turn it is was read, by `Clock.steady_ns`; ``None``
            for one that did not have to wait for its turn.
    """

    __slots__ = ("_dice", "_told", "arrived_ns", "clock", "settings")

    def __init__(
        self, settings: VenueStages, clock: Clock, told: Callable[[StagePassed], None]
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.arrived_ns: int | None = None
        self._told = told
        self._dice = {name: random.Random(f"{settings.seed}/{name.value}") for name in StageName}

    @property
    def on_connections(self) -> bool:
        """Whether connections have stages, not the venue behind them alone."""
        settings = self.settings
        return any((settings.gateway, settings.reply, settings.reading))

    def stage(self, name: StageName) -> Stage | None:
        """Return a stage to work with; ``None`` where it takes no time.

        Called twice, it gives two that do not wait for one another; they share their dice.
        """
        settings = self.settings.of(name)
        return None if settings is None else Stage(settings, self._dice[name])

    def tell(self, stay: Stay, *, left: bool = True) -> None:
        """Tell the truth about a message that goes on now, or never will."""
        self._told(
            StagePassed(
                stay.stage,
                stay.session,
                stay.msg_type,
                stay.name,
                self.clock.utc_ns(stay.came_ns),
                self.clock.utc_ns(stay.due_ns),
                self.clock.now_ns() if left else None,
            )
        )
