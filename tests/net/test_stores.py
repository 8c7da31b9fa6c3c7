from __future__ import annotations

import asyncio
import errno
import os

import pytest

from fixgate.errors import StoreError
from fixgate.net.discreet import DiscreetJournal
from fixgate.net.journal import JournalStore
from fixgate.net.settings import Durability, StoreSettings
from fixgate.net.stores import Stores, open_store
from fixgate.session.settings import SessionId
from fixgate.session.store import MemoryStore

ID = SessionId("FIX.4.4", "VENUE", "CLIENT")


def test_a_store_in_memory_begins_now():
    store = open_store(StoreSettings(), ID, 77)
    assert isinstance(store, MemoryStore)
    assert (store.next_out, store.next_in, store.since_ns) == (1, 1, 77)


def test_a_store_on_disk(tmp_path):
    store = open_store(StoreSettings(tmp_path), ID, 77)
    assert isinstance(store, JournalStore)
    assert (store.next_out, store.next_in, store.since_ns) == (1, 1, 77)
    store.close()


def test_one_that_keeps_no_secret_of_ours(tmp_path):
    store = open_store(StoreSettings(tmp_path), ID, 77, secrets=("hunter2",))
    assert isinstance(store, DiscreetJournal)
    store.close()
    assert isinstance(open_store(StoreSettings(), ID, 77, secrets=("hunter2",)), MemoryStore)


@pytest.fixture
def full(monkeypatch) -> list[bool]:
    """Whether the disk has room for what is to be held back: empty for yes."""
    state: list[bool] = []
    real = os.posix_fallocate

    def posix_fallocate(fd, offset, size):
        if state:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(fd, offset, size)

    monkeypatch.setattr(os, "posix_fallocate", posix_fallocate)
    return state


async def test_some_space_is_held_back_until_it_is_needed(tmp_path, full, caplog):
    stores = Stores(StoreSettings(tmp_path), asyncio.get_running_loop())
    assert stores.ready()
    assert stores.make_room()
    assert not stores.make_room()
    full.append(True)
    assert not stores.ready()
    assert "cannot hold 1048576 bytes back" in caplog.text
    full.clear()
    assert stores.ready()
    assert stores.make_room()
    stores.close()


async def test_a_disk_that_is_full_already_stops_the_start(tmp_path, full):
    full.append(True)
    with pytest.raises(StoreError, match="No space left"):
        Stores(StoreSettings(tmp_path), asyncio.get_running_loop())


async def test_in_memory_nothing_is_held_back():
    stores = Stores(StoreSettings(), asyncio.get_running_loop())
    assert stores.ready()
    assert not stores.make_room()
    assert isinstance(stores.open(ID, 1), MemoryStore)
    stores.close()


async def test_a_group_is_committed_by_a_thread(tmp_path):
    settings = StoreSettings(tmp_path, Durability.GROUP)
    stores = Stores(settings, asyncio.get_running_loop())
    store = stores.open(ID, 1)
    heard = asyncio.Queue()
    store.watch(lambda number, error: heard.put_nowait((number, error)))
    store.sent(1, b"x", 1)
    number = store.flush()
    assert number == 1
    async with asyncio.timeout(10):
        assert await heard.get() == (1, None)
    assert store.flush() == 0
    store.sent(2, b"y", 1)
    store.flush()
    store.close()
    stores.close()
    again = open_store(settings, ID, 2)
    assert again.next_out == 3
    again.close()
