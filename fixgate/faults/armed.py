"""A fault with its trigger: on which of the passing messages, bytes and instants it acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from fixgate.faults.model import Fault

__all__ = ["ANY", "ArmedFault", "FieldTest", "Trigger", "Way"]


class Way(Enum):
    """The direction, as the actor sees it on whose connection the fault is."""

    OUT = "outbound"
    """What the actor sends."""
    IN = "inbound"
    """What the actor receives; the fault acts before its session sees it."""


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A field that a message must have, with this value; ``None`` for any."""

    tag: int
    value: bytes | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a fault acts. All that is said must hold; nothing said is every message.

    Attributes:
        msg_types: Of these MsgType(35) only; empty for all.
        fields: With these fields only.
        nth: From the nth message on that the above chooses, counted from 1 since the fault was
            armed.
        times: At most so many times; ``None`` without end.
        after_ns: So long after it was armed.
        for_ns: Only so long from then on; ``None`` without end.
        probability: In (0, 1]: with the run's dice.
        during: Only while the fault of this name is armed; empty for always.
    """

    msg_types: frozenset[bytes] = frozenset()
    fields: tuple[FieldTest, ...] = ()
    nth: int = 1
    times: int | None = None
    after_ns: int = 0
    for_ns: int | None = None
    probability: float = 1.0
    during: str = ""


ANY = Trigger()


@dataclass(frozen=True, slots=True)
class ArmedFault:
    """A fault as a step arms it.

    Attributes:
        name: As steps and records call it; unique among those armed.
        fault: What goes wrong.
        way: In which direction.
        trigger: When.
    """

    name: str
    fault: Fault
    way: Way = Way.OUT
    trigger: Trigger = field(default=ANY)
