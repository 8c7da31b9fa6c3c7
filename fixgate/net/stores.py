"""Opens the stores that settings ask for, and knows what to do when the disk is full.

A store that cannot be written stops its session. On a full disk that is everybody's sooner or
later, and a Logout wants to be stored too: so some space is held back for that, and whoever comes
then has to wait until it is held again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

from fixgate.errors import StoreError
from fixgate.net.commits import Commits
from fixgate.net.reserve import Reserve
from fixgate.net.settings import Durability, StoreSettings
from fixgate.session.settings import SessionId
from fixgate.session.store import MemoryStore, Store

__all__ = ["DESCRIPTORS_PER_STORE", "Stores", "open_store"]

DESCRIPTORS_PER_STORE = 3
"""Open files of a journal: the segment, its folder and its lock."""

_log = logging.getLogger("fixgate.store")


def open_store(
    settings: StoreSettings,
    session_id: SessionId,
    now_ns: int,
    commits: Commits | None = None,
    *,
    secrets: Collection[str] = (),
) -> Store:
    """Return the store of a session: in memory, or the journal under ``settings.path``.

    Args:
        settings: Where messages are kept.
        session_id: Whose store it is.
        now_ns: When, nanoseconds since the epoch, UTC.
        commits: Threads for `Durability.GROUP`; see `JournalStore`.
        secrets: Ours, for a session that we open; see `DiscreetJournal`.

    Raises:
        StoreError: The journal is in use, damaged, foreign, or cannot be read or written.
    """
    if settings.path is None:
        return MemoryStore(since_ns=now_ns)
    # Only here, so that stores in memory work where the system has no such locks (Windows).
    from fixgate.net.discreet import DiscreetJournal
    from fixgate.net.journal import JournalStore

    path, durability = settings.path, settings.durability
    if secrets:
        return DiscreetJournal(
            path, session_id, now_ns, secrets, durability=durability, commits=commits
        )
    return JournalStore(path, session_id, now_ns, durability=durability, commits=commits)


class Stores:
    """All stores of one process that are kept in one place.

    Args:
        settings: Where.
        loop: The event loop that uses them.

    Raises:
        StoreError: There is no space to hold back, or the folder cannot be used.
    """

    def __init__(self, settings: StoreSettings, loop: asyncio.AbstractEventLoop) -> None:
        self._settings = settings
        self._reserve = None if settings.path is None else Reserve(settings.path)
        if self._reserve is not None:
            self._reserve.hold()
        group = settings.path is not None and settings.durability is Durability.GROUP
        self._commits = Commits(loop) if group else None

    def open(self, session_id: SessionId, now_ns: int) -> Store:
        """Open the store of a session; see `open_store`."""
        return open_store(self._settings, session_id, now_ns, self._commits)

    def make_room(self) -> bool:
        """Give back the space that is held; say whether any was."""
        return self._reserve is not None and self._reserve.release()

    def ready(self) -> bool:
        """Whether somebody new may come: there is space, and some of it is held back."""
        if self._reserve is None:
            return True
        try:
            self._reserve.hold()
        except StoreError as error:
            _log.error("! %s", error)
            return False
        return True

    def close(self) -> None:
        """Let go of everything but the stores, which are closed by who has opened them."""
        self.make_room()
        if self._commits is not None:
            self._commits.close()
