"""A session kept up over real sockets, with dice that make every wait the shortest."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from fixgate.health.keeper import Keeper, dial_by
from fixgate.health.model import CheckPlan
from fixgate.health.standing import Standing, State
from fixgate.health.watch import Watch
from fixgate.net import (
    Address,
    ClientTls,
    Clock,
    Durability,
    Gateway,
    ListenSettings,
    ServerTls,
    StoreSettings,
    client_tls,
    open_store,
)
from fixgate.session.settings import Role, SessionId, SessionSettings
from tests.live.conftest import LOOPBACK, known, running, venue

SECOND = 1_000_000_000


class Shortest:
    def uniform(self, a: float, b: float) -> float:
        return a


class Kept:
    """A keeper in a task, and what it told."""

    def __init__(self, plan: CheckPlan) -> None:
        self.told: asyncio.Queue[Standing] = asyncio.Queue()
        dial = dial_by(client_tls)
        self.keeper = Keeper(plan, Clock(), Shortest(), dial, self.told.put_nowait)

    async def __aenter__(self) -> Kept:
        self.task = asyncio.create_task(self.keeper.run())
        return self

    async def until(self, state: State, reason: str | None = None) -> Standing:
        async with asyncio.timeout(8):
            while True:
                found = await self.told.get()
                if found.state is state and reason in (None, found.reason):
                    return found

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await self.task


def plan(address: Address, store: Path | None = None) -> CheckPlan:
    session = SessionSettings(
        SessionId("FIX.4.4", "CLIENT", "VENUE"), Role.INITIATOR, observe=True,
        resend_application=False,
    )  # fmt: skip
    return CheckPlan("client", address, session, deadline_ns=3 * SECOND, store=StoreSettings(store))


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_it_comes_back_when_the_venue_drops_it(tls, tls_files, tmp_path):
    server = ServerTls(tls_files / "venue.pem", tls_files / "venue.pem") if tls else None
    listen = (ListenSettings(LOOPBACK, tls=server),)
    settings = venue(listen=listen, sessions=known("CLIENT"))
    async with running(settings) as gateway:
        made = plan(gateway.addresses[0], tmp_path / "store")
        if tls:
            made = replace(made, tls=ClientTls(ca=tls_files / "ca.pem"))
        (party,) = gateway.roster
        async with Kept(made) as kept:
            await kept.until(State.UP)
            for _ in range(2):
                party.endpoint.abort()
                await kept.until(State.WAITING, "lost")
                up = await kept.until(State.UP)
            assert (up.next_out, up.next_in) == (4, 4)
        assert kept.keeper.standing.text == "Logged out."
        assert not party.logged_on
        assert (party.session.store.next_in, party.session.store.next_out) == (5, 5)


async def test_a_venue_that_goes_and_comes_back(tmp_path):
    settings = venue(sessions=known("CLIENT"), store=StoreSettings(tmp_path / "theirs"))
    gateway = Gateway(settings)
    await gateway.start()
    made = plan(gateway.addresses[0], tmp_path / "ours")
    async with Kept(made) as kept:
        await kept.until(State.UP)
        await gateway.stop()
        # A Logout is as good as a refusal: a minute of peace, whatever the dice say.
        waiting = await kept.until(State.WAITING, "logged-out")
        assert waiting.next_ns - waiting.at_ns > 59 * SECOND
    async with running(settings) as other, Kept(replace(made, address=other.addresses[0])) as again:
        assert (await again.until(State.UP)).next_out == 4


async def test_nothing_listens_there():
    async with Kept(plan(Address("127.0.0.1", 1))) as kept:
        waiting = await kept.until(State.WAITING, "unreachable")
        assert waiting.cause == "refused"
        assert waiting.next_ns - waiting.at_ns <= SECOND
        assert (await kept.until(State.WAITING, "unreachable")).tries == 2


async def test_a_port_that_says_nothing():
    settings = venue(listen=(ListenSettings(LOOPBACK, silent=True),))
    async with running(settings) as gateway:
        made = replace(plan(gateway.addresses[0]), deadline_ns=SECOND // 2)
        async with Kept(made) as kept:
            await kept.until(State.WAITING, "unanswered")


async def test_our_own_tls_files_are_wrong(tmp_path):
    settings = venue()
    async with running(settings) as gateway:
        made = replace(plan(gateway.addresses[0]), tls=ClientTls(ca=tmp_path / "missing.pem"))
        async with Kept(made) as kept:
            stopped = await kept.until(State.STOPPED, "settings-unusable")
            assert stopped.cause == "tls-local"


@pytest.mark.parametrize("durability", list(Durability))
async def test_a_watch_keeps_its_sessions_in_stores_of_any_durability(durability, tmp_path):
    async with running(venue(sessions=known("CLIENT", "OTHER"))) as gateway:
        plans = [
            replace(
                plan(gateway.addresses[0]),
                name=name,
                store=StoreSettings(tmp_path / name, durability),
                session=SessionSettings(
                    SessionId("FIX.4.4", name, "VENUE"), Role.INITIATOR, observe=True
                ),
            )
            for name in ("CLIENT", "OTHER")
        ]
        up: set[str] = set()
        stop = asyncio.Event()

        def tell(standing: Standing) -> None:
            up.update([standing.plan.name] if standing.state is State.UP else [])
            if len(up) == 2:
                stop.set()

        watch = Watch(plans, Clock(), Shortest(), tell)
        await watch.run(stop)
        assert watch.in_order
        for party in gateway.roster:
            assert (party.session.store.next_in, party.session.store.next_out) == (3, 3)
        for each in plans:
            store = open_store(each.store, each.session.id, 0)
            assert (store.next_in, store.next_out) == (3, 3)
            store.close()
