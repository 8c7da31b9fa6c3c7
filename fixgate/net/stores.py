"""Opens the store that settings ask for."""

from __future__ import annotations

from fixgate.net.settings import StoreSettings
from fixgate.session.settings import SessionId
from fixgate.session.store import MemoryStore, Store

__all__ = ["open_store"]


def open_store(settings: StoreSettings, session_id: SessionId, now_ns: int) -> Store:
    """Return the store of a session: in memory, or the journal under ``settings.path``.

    Args:
        settings: Where messages are kept.
        session_id: Whose store it is.
        now_ns: When, nanoseconds since the epoch, UTC.

    Raises:
        StoreError: The journal is in use, damaged, foreign, or cannot be read or written.
    """
    if settings.path is None:
        return MemoryStore(since_ns=now_ns)
    # Only here, so that stores in memory work where the system has no such locks (Windows).
    from fixgate.net.journal import JournalStore

    return JournalStore(settings.path, session_id, now_ns, durability=settings.durability)
