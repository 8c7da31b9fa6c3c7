"""The actors that fixgate plays, with stores that outlive a run."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fixgate.net.clock import Clock
from fixgate.net.settings import Address, StoreSettings
from fixgate.scenario.memory import ActorStores, KeptStores
from fixgate.scenario.on_disk import StoresOnDisk
from fixgate.scenario.ours import OurClient, Ours, OurVenue
from tests.scenario.build import CLIENT, SERVER, START, VENUE


def clock() -> Clock:
    return Clock(lambda: START, lambda: START)


async def never(factory: object) -> None:
    raise AssertionError("nobody is to connect")


def client(stores: ActorStores) -> Ours:
    return OurClient("client", CLIENT, clock(), never, print, stores, random.Random(1))


def venue(stores: ActorStores) -> Ours:
    address = Address("127.0.0.1", 0)
    return OurVenue("venue", VENUE, address, clock(), print, stores, random.Random(1))


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize(("actor", "whom"), [(client, CLIENT), (venue, SERVER)])
def test_numbers_go_where_they_are_set(tmp_path: Path, on_disk: bool, actor, whom):
    stores = StoresOnDisk(StoreSettings(tmp_path)) if on_disk else KeptStores()
    ours = actor(stores)
    store = stores.open(whom.id, START)
    since_ns = store.since_ns
    ours.set_numbers(9, 5)
    assert (store.next_out, store.next_in) == (9, 5)
    ours.set_numbers(3, None)  # back: a store was lost, or a site that is behind has taken over
    assert (store.next_out, store.next_in) == (3, 5)
    ours.set_numbers(None, 2)
    assert (store.next_out, store.next_in) == (3, 2)
    assert store.since_ns == since_ns, "no reset by the clock falls due for it"
    if on_disk:
        stores.end()
