"""A journal that keeps no secret of ours, whatever a venue puts it into.

A venue that repeats a password ("invalid password 'x'") is not bound to the fields that are made
for one. What it sent is evidence, and kept; the password in it is overwritten. What we send is kept
to the letter, because it may have to be sent again.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fixgate.net.commits import Commits
from fixgate.net.journal import JournalStore
from fixgate.net.settings import Durability
from fixgate.session.settings import SessionId
from fixgate.wire.mask import SHORTEST_SECRET

__all__ = ["DiscreetJournal"]


class DiscreetJournal(JournalStore):
    """The store of a session that we open.

    Args:
        root: See `JournalStore`, as for the rest.
        session_id: Whose store it is.
        now_ns: When, nanoseconds since the epoch, UTC.
        secrets: What is not to be kept; those shorter than `SHORTEST_SECRET` are passed over.
        durability: What a message survives.
        commits: Threads that wait for the disk.
    """

    __slots__ = ("_secrets",)

    def __init__(
        self,
        root: Path,
        session_id: SessionId,
        now_ns: int,
        secrets: Iterable[str],
        *,
        durability: Durability = Durability.OS,
        commits: Commits | None = None,
    ) -> None:
        super().__init__(root, session_id, now_ns, durability=durability, commits=commits)
        known = (secret.encode() for secret in secrets if len(secret) >= SHORTEST_SECRET)
        self._secrets = tuple(sorted(known, key=len, reverse=True))

    def received(self, next_in: int, message: bytes, now_ns: int) -> None:
        """Record a message of theirs, its length unchanged; see `JournalStore.received`."""
        for secret in self._secrets:
            message = message.replace(secret, b"*" * len(secret))
        super().received(next_in, message, now_ns)
