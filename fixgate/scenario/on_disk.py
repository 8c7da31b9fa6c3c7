"""The stores of an actor of ours on disk, for live runs that go on where the last one ended."""

from __future__ import annotations

from collections.abc import Collection

from fixgate.net.settings import StoreSettings
from fixgate.net.stores import open_store
from fixgate.scenario.steps import StoreFate
from fixgate.scenario.unmet import NotPossibleError
from fixgate.session.settings import SessionId
from fixgate.session.store import Store

__all__ = ["StoresOnDisk"]


class StoresOnDisk:
    """Journals in one folder; an `ActorStores`.

    Args:
        settings: Where.
        secrets: What must not be kept of what the peer repeats; see `open_store`.
    """

    def __init__(self, settings: StoreSettings, secrets: Collection[str] = ()) -> None:
        self._settings = settings
        self._secrets = secrets
        self._open: dict[SessionId, Store] = {}

    def open(self, session_id: SessionId, now_ns: int) -> Store:
        """Return the store of a session, opened once.

        Raises:
            StoreError: It cannot be used.
        """
        store = self._open.get(session_id)
        if store is None:
            store = open_store(self._settings, session_id, now_ns, secrets=self._secrets)
            self._open[session_id] = store
        return store

    def make_room(self) -> bool:
        """Return that nothing was held back."""
        return False

    def ready(self) -> bool:
        """Return that somebody new may come; a store that cannot be written says so itself."""
        return True

    def close(self) -> None:
        """Keep everything open for the next scenario; see `end`."""

    def crash(self, fate: StoreFate, lost: int) -> None:
        """Open the journals again, as a new process does.

        Raises:
            NotPossibleError: They would have to be thrown away.
        """
        if fate is not StoreFate.KEPT:
            raise NotPossibleError("a store on disk is not thrown away: run without --store")
        self.end()

    def end(self) -> None:
        """Close them."""
        for store in self._open.values():
            store.close()
        self._open.clear()
