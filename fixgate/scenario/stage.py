"""Where a scenario is played: who takes part, by which clock, and whom nobody here plays."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fixgate.faults import Dice
from fixgate.net.clock import Clock
from fixgate.net.settings import Address, GatewaySettings
from fixgate.scenario.memory import KeptStores
from fixgate.scenario.model import Actor, Scenario, Side
from fixgate.scenario.ours import Dial, OurClient, Ours, OurVenue
from fixgate.scenario.simulated import SimulatedClient, SimulatedVenue, UnderTest
from fixgate.scenario.tap import Record
from fixgate.scenario.virtual import VirtualLoop
from fixgate.session.settings import SessionSettings

__all__ = ["Factory", "Stage", "dice_of", "virtual_stage"]

Factory = Callable[[], asyncio.Protocol]

_HOST, _PORT = "127.0.0.1", 5001


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that a scenario is played with.

    Attributes:
        clock: The world's.
        ours: The actors that fixgate plays, by name.
        under_test: Who is judged.
    """

    clock: Clock
    ours: Mapping[str, Ours]
    under_test: UnderTest


def dice_of(seed: int, actor: str) -> Dice:
    """Return the dice of an actor's faults: the same for the same seed."""
    return random.Random(f"{seed}/{actor}")


def virtual_stage(scenario: Scenario, seed: int, loop: VirtualLoop, record: Record) -> Stage:
    """Return a stage in memory, both sides simulated.

    Args:
        scenario: What is to be played.
        seed: Of the dice.
        loop: The world.
        record: Gets what happens on the connections of our actors.
    """
    clock = loop.clock()
    ports = {
        actor.name: _PORT + number
        for number, actor in enumerate(each for each in scenario.actors if each.side is Side.VENUE)
    }

    def dial(port: int) -> Dial:
        async def connect(factory: Factory) -> None:
            pipe = await loop.dial(port)
            await loop.create_connection(factory, sock=pipe)

        return connect

    ours: dict[str, Ours] = {}
    under_test: UnderTest | None = None
    for actor in scenario.actors:
        judged = actor.side is scenario.under_test
        dice = dice_of(seed, actor.name)
        if actor.side is Side.CLIENT:
            settings, to_venue = _session(actor), dial(_PORT)
            if judged:
                under_test = SimulatedClient(settings, clock, [*map(dial, ports.values())])
            else:
                ours[actor.name] = OurClient(
                    actor.name,
                    settings,
                    clock,
                    to_venue,
                    record,
                    KeptStores(),
                    dice,
                )
        else:
            gateway, address = _gateway(actor), Address(_HOST, ports[actor.name])
            if judged:
                under_test = SimulatedVenue(gateway, address, clock)
            else:
                ours[actor.name] = OurVenue(
                    actor.name,
                    gateway,
                    address,
                    clock,
                    record,
                    KeptStores(),
                    dice,
                )
    assert under_test is not None, "the loader lets no scenario be without"
    return Stage(clock, ours, under_test)


def _session(actor: Actor) -> SessionSettings:
    assert actor.session is not None, "the loader gives every client a session"
    return actor.session


def _gateway(actor: Actor) -> GatewaySettings:
    assert actor.gateway is not None, "the loader gives every venue a gateway"
    return actor.gateway
