"""Scenarios in the live world: real sockets on loopback, the engine under test another fixgate."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from fixgate.net.clock import Clock
from fixgate.net.gateway import Gateway
from fixgate.net.settings import Address, ListenSettings
from fixgate.scenario.live import Counterparty, play_live
from fixgate.scenario.memory import KeptStores
from fixgate.scenario.model import Scenario, Side
from fixgate.scenario.runner import Run
from fixgate.scenario.simulated import SimulatedClient
from fixgate.scenario.steps import (
    Ask,
    Disconnect,
    ExpectClosed,
    ExpectConnection,
    HowClosed,
    Logout,
    Restart,
    Send,
    StoreFate,
)
from fixgate.scenario.unmet import NotPossibleError
from tests.scenario.build import CLIENT, SECOND, VENUE, connect, expect, match, place, scenario

pytestmark = pytest.mark.live

LOOPBACK = Address("127.0.0.1", 0)
ASKED = Send(place("ask"), "client", b"1", ((112, b"HELLO"),))
ANSWER = expect("0", t112="HELLO")
LOGOUT = Logout(place("logout"), "client", "", 5 * SECOND)


async def with_a_venue(*played: Scenario) -> list[Run]:
    """Play scenarios one after another with a venue under test."""
    clock = Clock()
    gateway = Gateway(replace(VENUE, listen=(ListenSettings(LOOPBACK),)), clock=clock)
    await gateway.start()
    try:
        counterparty = Counterparty(Side.VENUE, gateway.addresses[0])
        return [await play_live(each, 1, counterparty, clock, patience_ns=0) for each in played]
    finally:
        await gateway.stop()


def results(runs: list[Run]) -> list[str]:
    return [run.verdict.result.value for run in runs]


async def test_a_venue_under_test_one_scenario_after_another():
    """Numbers go on from one to the next: nothing is reset."""
    story = scenario(connect(), ASKED, ANSWER, LOGOUT)
    runs = await with_a_venue(story, story, scenario(connect(), ASKED, expect("3", within_s=0.2)))
    assert results(runs) == ["PASS", "PASS", "FAIL"]
    assert runs[2].verdict.findings[0].came == "nothing within 0.2 s"


@pytest.mark.parametrize("how", list(HowClosed))
async def test_a_connection_of_ours_ends_and_nothing_stays_open(how: HowClosed):
    story = scenario(connect(), Disconnect(place(), "client", how))
    assert results(await with_a_venue(story)) == ["PASS"]


async def test_nobody_listens():
    counterparty = Counterparty(Side.VENUE, Address("127.0.0.1", 1))
    run = await play_live(scenario(connect()), 1, counterparty, Clock(), patience_ns=0)
    (finding,) = run.verdict.findings
    assert run.verdict.result.value == "INCONCLUSIVE"
    assert "refused" in finding.came.lower()


def dial(port: int):
    async def connect(factory):
        await asyncio.get_running_loop().create_connection(factory, "127.0.0.1", port)

    return connect


async def with_a_client(story: Scenario, *, driver=None) -> Run:
    """Play a scenario with a client under test that connects by itself, to two addresses."""
    clock, ports = Clock(), (_free_port(), _free_port())
    client = SimulatedClient(CLIENT, clock, [*map(dial, ports)], retry_s=0.1)
    await client.start()
    address, backup = (Address("127.0.0.1", port) for port in ports)
    counterparty = Counterparty(Side.CLIENT, address, backup, driver=driver and driver(client))
    try:
        return await play_live(story, 1, counterparty, clock, patience_ns=20 * SECOND)
    finally:
        await client.end()


def _free_port() -> int:
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


async def test_a_client_under_test():
    steps = (
        replace(connect(), on="venue"),
        replace(ASKED, on="venue"),
        replace(ANSWER, on="venue"),
        replace(LOGOUT, on="venue"),
    )
    run = await with_a_client(scenario(*steps, under_test=Side.CLIENT))
    assert run.verdict.result.value == "PASS", run.verdict


async def test_a_client_whom_nobody_can_ask():
    steps = (replace(connect(), on="venue"), Ask(place(), "log out", LOGOUT))
    run = await with_a_client(scenario(*steps, under_test=Side.CLIENT))
    assert run.verdict.result.value == "INCONCLUSIVE"
    assert "--driver" in run.verdict.findings[0].came


async def test_a_client_that_is_asked():
    def driver(client: SimulatedClient):
        async def drive(verb: str, what: str) -> None:
            if verb == "ask":
                await client.ask(Ask(place(), what, LOGOUT), ())
            else:
                raise NotPossibleError("no")

        return drive

    logout = replace(expect("5"), on="venue")
    closed = ExpectClosed(place(), "venue", None, 5 * SECOND)
    steps = (replace(connect(), on="venue"), Ask(place(), "log out", LOGOUT), logout, closed)
    run = await with_a_client(scenario(*steps, under_test=Side.CLIENT), driver=driver)
    assert run.verdict.result.value == "PASS", run.verdict


async def test_our_venue_starts_again():
    logon = replace(expect("A"), on="venue", match=match("A", t34="2"))
    steps = (
        replace(connect(), on="venue"),
        Restart(place(), "venue", StoreFate.KEPT),
        ExpectConnection(place(), "venue", 10 * SECOND),
        logon,
    )
    run = await with_a_client(scenario(*steps, under_test=Side.CLIENT))
    assert run.verdict.result.value == "PASS", run.verdict


def test_stores_of_one_actor_are_copied_when_it_crashes():
    stores = KeptStores()
    store = stores.open(CLIENT.id, 0)
    store.sent(1, b"one", 0)
    stores.crash(StoreFate.KEPT, 0)
    store.sent(2, b"two", 0)
    assert stores.open(CLIENT.id, 0).next_out == 2


async def test_a_client_that_goes_to_the_backup():
    story = scenario(under_test=Side.CLIENT)
    backup = replace(story.actor("venue"), name="backup")
    steps = (
        replace(connect(), on="backup"),
        replace(ASKED, on="backup"),
        replace(ANSWER, on="backup"),
    )
    run = await with_a_client(replace(story, actors=(*story.actors, backup), steps=steps))
    assert run.verdict.result.value == "PASS", run.verdict
