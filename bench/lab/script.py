"""What goes wrong in a run, when and by how much: the truth that verdicts are held against."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import Enum

from fixgate.triage.model import Layer

MS = 1_000_000


class Cause(Enum):
    """What is injected; the value is what the table calls it."""

    NOTHING = "nothing"
    GATEWAY = "gateway delay"
    MATCHING = "matching delay"
    REPLY = "reply delay"
    NETWORK = "network delay"
    LOSS_THERE = "loss toward the venue"
    LOSS_BACK = "loss toward us"
    CONTENTION = "CPU contention"
    GC = "garbage collection"
    LOOP = "blocked event loop"
    UNREAD = "peer not reading"


LAYERS = {
    Cause.NOTHING: (),
    Cause.GATEWAY: (Layer.GATEWAY,),
    Cause.MATCHING: (Layer.MATCHING,),
    Cause.REPLY: (Layer.GATEWAY,),
    Cause.NETWORK: (Layer.PATH,),
    Cause.LOSS_THERE: (Layer.PATH,),
    Cause.LOSS_BACK: (Layer.PATH,),
    Cause.CONTENTION: (Layer.HOST,),
    Cause.GC: (Layer.HOST,),
    Cause.LOOP: (Layer.HOST,),
    Cause.UNREAD: (Layer.PEER_READING,),
}


@dataclass(frozen=True)
class Episode:
    """A while in which something is wrong.

    Attributes:
        begin_ns: When it begins, from the beginning of the traffic.
        end_ns: When it ends.
        size_ns: How long it delays, or holds up; 0 where that means nothing.
        loss: Which part of the packets is lost.
    """

    begin_ns: int
    end_ns: int
    size_ns: int = 0
    loss: float = 0.0


@dataclass(frozen=True)
class Script:
    """One run.

    Attributes:
        number: Its number.
        seed: Of everything that is drawn in it.
        cause: What is injected.
        episodes: When.
        rate: Requests a second.
        duration_ns: How long there is traffic.
        stamps: Which instants the venue's replies have: "none", "sending", "all", "no-entry".
        quick_ack: The venue's kernel acknowledges at once.
    """

    number: int
    seed: int
    cause: Cause
    episodes: tuple[Episode, ...] = ()
    rate: float = 100.0
    duration_ns: int = 2_000 * MS
    stamps: str = "sending"
    quick_ack: bool = False
    facts: dict[str, str] = field(default_factory=dict)


def scripts(count: int, seed: int, causes: list[Cause]) -> list[Script]:
    """Return so many runs, the causes taking turns."""
    made = []
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        cause = causes[number % len(causes)]
        made.append(
            Script(
                number,
                seed,
                cause,
                tuple(_episodes(cause, dice)),
                # A window is closed only by what fills it.
                rate=dice.choice([300.0, 400.0] if cause is Cause.UNREAD else [60.0, 100.0, 150.0]),
                stamps=dice.choice(["none", "sending", "all", "no-entry"]),
                quick_ack=dice.random() < 0.3,
            )
        )
    return made


def _episodes(cause: Cause, dice: random.Random) -> list[Episode]:
    """Return two or three episodes, a fifth of the run at the most, so that most is usual."""
    if cause is Cause.NOTHING:
        return []
    found = []
    for third in range(3):
        begin_ns = (200 + 600 * third + dice.randrange(150)) * MS
        if cause in (Cause.GATEWAY, Cause.MATCHING, Cause.REPLY, Cause.NETWORK):
            size_ns = round(dice.uniform(6, 45) * MS)
            found.append(Episode(begin_ns, begin_ns + dice.randrange(60, 130) * MS, size_ns))
        elif cause in (Cause.LOSS_THERE, Cause.LOSS_BACK):
            found.append(Episode(begin_ns, begin_ns + dice.randrange(20, 40) * MS, loss=1.0))
        elif cause is Cause.CONTENTION:
            found.append(Episode(begin_ns, begin_ns + dice.randrange(60, 130) * MS))
        elif cause is Cause.UNREAD:
            found.append(Episode(begin_ns, begin_ns + dice.randrange(150, 300) * MS))
        else:
            size_ns = round(dice.uniform(15, 60) * MS)
            found.append(Episode(begin_ns, begin_ns + size_ns, size_ns))
    return found[: 2 if cause in (Cause.UNREAD, Cause.LOSS_THERE, Cause.LOSS_BACK) else 3]
