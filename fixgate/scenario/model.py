"""A scenario as a value: who is under test, who plays against it, and the steps of the story.

`fixgate.config.scenarios` makes these from YAML, complete and free of mistakes: tables and
includes are expanded, names are tags and codes, durations nanoseconds. `fixgate.scenario.player`
plays and judges them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fixgate.dictionary.version import FixVersion
from fixgate.net.settings import GatewaySettings
from fixgate.scenario.steps import Step
from fixgate.session.settings import Credentials, SessionSettings

__all__ = ["Actor", "Identity", "Need", "Requirement", "Scenario", "Side"]


class Side(Enum):
    """The two sides of a FIX connection in the field's words."""

    CLIENT = "client"
    VENUE = "venue"

    @property
    def other(self) -> Side:
        """The counterparty's side."""
        return Side.VENUE if self is Side.CLIENT else Side.CLIENT


class Requirement(Enum):
    """How binding a scenario, or one of its expectations, is."""

    MUST = "MUST"
    SHOULD = "SHOULD"


class Need(Enum):
    """What the system under test, or the world around it, has to be capable of."""

    ORDERS = "orders"
    """It trades: order entry is allowed and answered."""
    ASK = "ask"
    """Somebody can be asked to make it do something: send an order, log out, connect."""
    RESTART = "restart"
    """It can be stopped and started again while the scenario runs."""
    TIME = "time"
    """Time can be advanced by hours: the virtual world."""
    RESETS = "resets"
    """It takes part in resets of the sequence numbers by ResetSeqNumFlag(141)."""
    NEXT_EXPECTED = "next_expected"
    """It understands NextExpectedMsgSeqNum(789)."""
    RESENDS = "resends"
    """It sends application messages again when asked, instead of passing over them."""
    CREDENTIALS = "credentials"
    """A venue that demands Username(553) and Password(554)."""
    BACKUP = "backup"
    """It knows a second address of the venue."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the two sides are when somebody's engine is under test, where scenarios do not care.

    Attributes:
        client: The client's CompID; ``None`` as the scenario says.
        venue: The venue's.
        version: Of scenarios that name none.
        credentials: Username(553) and Password(554) of the client.
    """

    client: str | None = None
    venue: str | None = None
    version: FixVersion | None = None
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who takes part.

    A client has a session; a venue is a whole gateway that knows the scenario's clients. What is
    said here of the system under test describes the simulated one; a live one is as it is.

    Attributes:
        name: As steps call it; ``client`` and ``venue`` are always there.
        side: Which side it plays.
        session: Of a client: its session, an initiator's.
        gateway: Of a venue: everything about it; its addresses are the world's to fill in.
    """

    name: str
    side: Side
    session: SessionSettings | None = None
    gateway: GatewaySettings | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story for one system under test.

    Attributes:
        id: Path below its root without the suffix, such as ``heartbeats/test-request``; then
            ``[row]`` when a table makes several of one file, then ``@client`` or ``@venue`` when
            either side can be under test.
        path: Its file, for messages.
        title: One line.
        story: What happens and why a desk fears it.
        reaction: What a sound system under test does about it.
        under_test: The side that is judged.
        requirement: Of all expectations that do not say otherwise.
        spec: Where the requirement stands, or empty.
        tags: Words to choose by.
        needs: Without them the scenario is SKIPPED.
        seed: Of its dice, when the file says so.
        ignore: MsgType(35) values that expectations pass over.
        leftovers: Whether messages that nobody expected may be left at the end.
        actors: Everybody, the system under test included.
        steps: What happens, in order.
        limit_ns: After so long it is INCONCLUSIVE, whatever it waits for.
        skip: Why it is SKIPPED wherever it is played, and has no steps; empty when it is not.
        skip_world: In this world it is SKIPPED; empty for none.
    """

    id: str
    path: str
    title: str
    story: str
    reaction: str
    under_test: Side
    requirement: Requirement
    spec: str
    tags: tuple[str, ...]
    needs: frozenset[Need]
    seed: int | None
    ignore: frozenset[bytes]
    leftovers: bool
    actors: tuple[Actor, ...]
    steps: tuple[Step, ...]
    limit_ns: int
    skip: str = ""
    skip_world: str = ""

    def actor(self, name: str) -> Actor:
        """Return an actor by name.

        Raises:
            KeyError: There is none; the loader lets no step name one that is not there.
        """
        for actor in self.actors:
            if actor.name == name:
                return actor
        raise KeyError(name)
