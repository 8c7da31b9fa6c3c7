"""Stores of an actor that outlive its process, which a scenario may end and start again."""

from __future__ import annotations

from typing import Protocol

from fixgate.net.stores import StoreKeeper
from fixgate.scenario.steps import StoreFate
from fixgate.session.settings import SessionId
from fixgate.session.store import MemoryStore

__all__ = ["ActorStores", "KeptStores"]


class ActorStores(StoreKeeper, Protocol):
    """The stores of one actor, through every restart of it."""

    def crash(self, fate: StoreFate, lost: int) -> None:
        """The process is killed: what it does to its stores in its last moments counts no more.

        Args:
            fate: What it will find when it starts again.
            lost: How many of its last messages, of either side's, an older copy lacks.

        Raises:
            NotPossibleError: These stores cannot have that.
        """


class KeptStores:
    """Stores in memory."""

    def __init__(self) -> None:
        self._stores: dict[SessionId, MemoryStore] = {}

    def open(self, session_id: SessionId, now_ns: int) -> MemoryStore:
        """Return the store of a session; a new one begins at 1."""
        return self._stores.setdefault(session_id, MemoryStore(since_ns=now_ns))

    def make_room(self) -> bool:
        """Return that nothing was held back."""
        return False

    def ready(self) -> bool:
        """Return that there is space."""
        return True

    def close(self) -> None:
        """Keep everything."""

    def crash(self, fate: StoreFate, lost: int) -> None:
        """Let the process find copies; see `ActorStores`."""
        kept = {} if fate is StoreFate.LOST else self._stores
        behind = lost if fate is StoreFate.ROLLED_BACK else 0
        self._stores = {each: _copy(store, behind) for each, store in kept.items()}


def _copy(store: MemoryStore, behind: int) -> MemoryStore:
    next_out, next_in = (max(number - behind, 1) for number in (store.next_out, store.next_in))
    copy = MemoryStore(next_in=next_in, since_ns=store.since_ns)
    for seq_num, message in store.messages(1, next_out - 1):
        copy.sent(seq_num, message, 0)
    copy.next_out = next_out
    return copy
