"""The live world: one side is somebody else's engine, on the network, in real time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from fixgate.net.clock import Clock
from fixgate.net.settings import Address
from fixgate.scenario.crafted import Fields
from fixgate.scenario.memory import ActorStores, KeptStores
from fixgate.scenario.model import Scenario, Side
from fixgate.scenario.on_disk import StoresOnDisk
from fixgate.scenario.ours import Dial, OurClient, Ours, OurVenue
from fixgate.scenario.progress import Progress
from fixgate.scenario.runner import LIVE, NOBODY, Run, play
from fixgate.scenario.stage import Factory, Stage, dice_of
from fixgate.scenario.steps import Ask, StoreFate
from fixgate.scenario.tap import Record
from fixgate.scenario.unmet import NotPossibleError

__all__ = ["Counterparty", "Driver", "play_live"]

Driver = Callable[[str, str], Awaitable[None]]
"""Makes the system under test do something: gets ``ask`` or ``restart``, and what, in words.

Raises `fixgate.scenario.ours.NotPossibleError` when it cannot.
"""


@dataclass(frozen=True, slots=True)
class Counterparty:
    """The engine under test, and where the two sides meet.

    Attributes:
        side: What it is.
        address: Of a venue under test, where it listens; of a client, where it connects to.
        backup: The second address, if there is one.
        tls: Of connections that we open; ``None`` for plain TCP.
        server_name: The name that its certificate must carry.
        reset: Our client restarts the numbers at each Logon, by ResetSeqNumFlag(141).
        orders: Orders may be sent.
        driver: Makes it do something; ``None`` when nobody can.
        stores: Our own stores, by actor, from one scenario to the next.
        on_disk: Those of our client, from one run to the next; ``None`` keeps them in memory.
    """

    side: Side
    address: Address
    backup: Address | None = None
    tls: ssl.SSLContext | None = None
    server_name: str | None = None
    reset: bool = False
    orders: bool = False
    driver: Driver | None = None
    stores: dict[str, ActorStores] = field(default_factory=dict)
    on_disk: StoresOnDisk | None = None


class _Driven:
    """An engine of somebody else's: nothing is started here, and others make it act."""

    def __init__(self, driver: Driver | None) -> None:
        self._driver = driver

    async def start(self) -> None:
        """Do nothing: it runs, or will."""

    async def ask(self, ask: Ask, fields: Fields) -> None:
        """Have somebody make it act."""
        await self._drive("ask", ask.text)

    async def restart(self, fate: StoreFate, lost: int, down_ns: int) -> None:
        """Have somebody restart it."""
        behind = f" {lost} messages" if fate is StoreFate.ROLLED_BACK else ""
        down = f", {down_ns / 1e9:g} s later" if down_ns else ""
        await self._drive("restart", f"store {fate.value}{behind}{down}")

    async def _drive(self, verb: str, what: str) -> None:
        if self._driver is None:
            raise NotPossibleError("nobody is there to do it: give --driver, or use a terminal")
        await self._driver(verb, what)

    async def end(self) -> None:
        """Do nothing: it runs on."""


async def play_live(
    scenario: Scenario,
    seed: int,
    counterparty: Counterparty,
    clock: Clock,
    *,
    patience_ns: int,
    progress: Progress = NOBODY,
) -> Run:
    """Play a scenario with somebody else's engine.

    Args:
        scenario: Which.
        seed: Of its dice.
        counterparty: The engine under test.
        clock: The process's.
        patience_ns: How long people may take; see `fixgate.scenario.player`.
        progress: Who watches.
    """
    return await play(
        scenario,
        seed,
        lambda record: _stage(scenario, seed, counterparty, clock, record),
        world=LIVE,
        patience_ns=patience_ns,
        progress=progress,
    )


def _stage(
    scenario: Scenario, seed: int, counterparty: Counterparty, clock: Clock, record: Record
) -> Stage:
    ours: dict[str, Ours] = {}
    addresses = iter((counterparty.address, counterparty.backup or counterparty.address))
    for actor in scenario.actors:
        if actor.side is scenario.under_test:
            continue
        stores = counterparty.stores.setdefault(actor.name, KeptStores())
        dice = dice_of(seed, actor.name)
        if actor.session is not None:
            settings = replace(
                actor.session, reset_on_logon=actor.session.reset_on_logon or counterparty.reset
            )
            if counterparty.on_disk is not None and actor.name == Side.CLIENT.value:
                stores = counterparty.on_disk
                # What an earlier run has sent must not be sent again by this one.
                settings = replace(settings, resend_application=counterparty.orders)
            ours[actor.name] = OurClient(
                actor.name,
                settings,
                clock,
                _dial(counterparty),
                record,
                stores,
                dice,
            )
        elif actor.gateway is not None:
            ours[actor.name] = OurVenue(
                actor.name,
                actor.gateway,
                next(addresses),
                clock,
                record,
                stores,
                dice,
            )
    return Stage(clock, ours, _Driven(counterparty.driver))


def _dial(counterparty: Counterparty) -> Dial:
    async def connect(factory: Factory) -> None:
        address = counterparty.address
        name = counterparty.server_name or address.host
        await asyncio.get_running_loop().create_connection(
            factory, address.host, address.port, ssl=counterparty.tls,
            server_hostname=name if counterparty.tls is not None else None,
        )  # fmt: skip

    return connect
