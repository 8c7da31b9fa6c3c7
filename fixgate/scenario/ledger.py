"""What has happened so far on the connections of our actors, as far as steps ask for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from fixgate.scenario.inbox import Arrived, Garbage, Inbox
from fixgate.scenario.records import (
    Asked,
    Closed,
    Done,
    LoggedOn,
    News,
    NotDone,
    Opened,
    Sent,
    Wire,
)
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType

__all__ = ["Ledger", "Standing"]


@dataclass(slots=True)
class Standing:
    """How often something has happened on an actor's connections.

    Attributes:
        goodbye: The system under test has sent a Logout on the newest of them.
        up: Both Logons have been exchanged on the newest of them, and it has not ended.
    """

    opened: int = 0
    logged_on: int = 0
    closed: int = 0
    goodbye: bool = False
    up: bool = False


@dataclass(slots=True)
class Ledger:
    """Everything that steps may wait for.

    Attributes:
        inboxes: What has arrived, by actor.
        standings: By actor.
        now_ns: The present.
        steps: How many steps have begun.
        answers: What the world has said of commands, until somebody has read it.
        asked: Somebody has been asked to do something, and no expectation has begun since.
    """

    inboxes: dict[str, Inbox]
    standings: dict[str, Standing]
    now_ns: int = 0
    steps: int = 0
    answers: dict[int, Sent | Done | NotDone] = field(default_factory=dict)
    asked: bool = False

    @property
    def began(self) -> bool:
        """Whether both Logons have ever been exchanged."""
        return any(standing.logged_on for standing in self.standings.values())

    def take_in(self, glyph: str, what: News) -> Message | None:
        """Enter what happens now; return the message if one has arrived."""
        match what:
            case Wire() if glyph == "<":
                return self._received(what)
            case Opened(actor=actor):
                self.standings[actor].opened += 1
                self.standings[actor].goodbye = self.standings[actor].up = False
                self.inboxes[actor].append(Arrived(self.now_ns, what))
            case Closed(actor=actor, by_peer=by_peer):
                self.standings[actor].closed += 1
                self.standings[actor].up = False
                if by_peer:
                    self.inboxes[actor].append(Arrived(self.now_ns, what))
            case LoggedOn(actor=actor):
                self.standings[actor].logged_on += 1
                self.standings[actor].up = True
            case Sent(command=command) | Done(command=command) | NotDone(command=command):
                self.answers[command] = what
            case Asked():
                self.asked = True
            case _:
                pass
        return None

    def _received(self, wire: Wire) -> Message | None:
        message = Garbage(wire.garbled) if wire.garbled else decode(wire.data)
        if not isinstance(message, Message):
            message = Garbage(message.text)
        elif message.msg_type == MsgType.Logout:
            self.standings[wire.actor].goodbye = True
        self.inboxes[wire.actor].append(Arrived(self.now_ns, message))
        return message if isinstance(message, Message) else None
