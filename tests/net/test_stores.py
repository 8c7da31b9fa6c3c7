from __future__ import annotations

from fixgate.net.journal import JournalStore
from fixgate.net.settings import StoreSettings
from fixgate.net.stores import open_store
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
