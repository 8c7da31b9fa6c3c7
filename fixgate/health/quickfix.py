"""QuickFIX as the session layer of checks: the second opinion on a venue.

Theory of operation
-------------------
One process of QuickFIX's does the sessions of a whole run. The connection stays ours: a relay
(`fixgate.net.relay`) carries its bytes, so the history has what was on the wire, as with our own
session layer. What QuickFIX makes of it comes from its callbacks: that it counts the session as
logged on, which messages it passed on, what its event log says. What it objects to is read from
the wire: its Rejects, and a Logout that nobody asked for.

The numbers are those of the session's usual store, so that the engines may take turns. QuickFIX
begins with them in its memory, and the store follows what it sends and expects. Its copy of what
was sent in earlier runs is not there, and what it sent in this one it is kept from sending again:
it fills gaps instead, as a prober must.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from fixgate.errors import StoreError
from fixgate.health.line import patient
from fixgate.health.model import CheckPlan, Level
from fixgate.health.quickfix_line import QuickFixLine
from fixgate.history import History
from fixgate.interop.dictionaries import write_dictionaries
from fixgate.interop.process import PeerError, QuickFixPeer
from fixgate.interop.protocol import (
    Command,
    PeerEvent,
)
from fixgate.interop.settings import PeerRole, PeerSettings
from fixgate.interop.translate import peer_session
from fixgate.net.clock import Clock
from fixgate.net.stores import open_store

__all__ = ["QuickFixEngine", "quickfix_engine"]

_log = logging.getLogger("fixgate.check")


@asynccontextmanager
async def quickfix_engine(plans: Iterable[CheckPlan]) -> AsyncIterator[QuickFixEngine]:
    """Run QuickFIX's process for a run of checks.

    Args:
        plans: The checks, their names unique.

    Raises:
        EngineUnavailable: QuickFIX is not installed.
        PeerError: It does not come up.
    """
    wanted = [plan for plan in plans if plan.level not in (Level.TCP, Level.TLS)]
    engine = QuickFixEngine(wanted)
    with tempfile.TemporaryDirectory(prefix="fixgate-") as folder:
        try:
            await engine.start(Path(folder))
            yield engine
        finally:
            await engine.stop()


class QuickFixEngine:
    """The session layer of a run; implements `fixgate.health.line.Engine`.

    Args:
        plans: The checks that log on.
    """

    def __init__(self, plans: Iterable[CheckPlan]) -> None:
        # Two sessions may have the same CompIDs, with different venues.
        self._sessions = {
            plan.name: peer_session(patient(plan), qualifier=str(number))
            for number, plan in enumerate(plans, 1)
        }
        self._lines: dict[str, QuickFixLine] = {}
        self._peer: QuickFixPeer | None = None
        self._watcher: asyncio.Task[None] | None = None

    async def start(self, folder: Path) -> None:
        """Start the process, if there is a session for it.

        Args:
            folder: For the dictionaries; must stay until `stop`.
        """
        sessions = tuple(self._sessions.values())
        if not sessions:
            return
        write_dictionaries(folder, {each.version for each in sessions}, every_message=True)
        settings = PeerSettings(
            PeerRole.INITIATOR, sessions, dictionaries=folder, resends=False, tells_more=True
        )
        self._peer = await QuickFixPeer.start(settings, on_event=self._on_event)
        self._watcher = asyncio.create_task(self._watch(self._peer))

    async def stop(self) -> None:
        """End the process."""
        if self._watcher is not None:
            self._watcher.cancel()
        if self._peer is not None:
            await self._peer.stop()

    async def _watch(self, peer: QuickFixPeer) -> None:
        story = await peer.wait_ended()
        for line in self._lines.values():
            line.broken(f"QuickFIX's process ended by itself: {story}")

    def _on_event(self, event: PeerEvent) -> None:
        line = self._lines.get(event.session)
        if line is None:
            return
        try:
            line.take(event)
        except Exception as error:
            _log.error("! %s: cut off by a fault of fixgate", event.session, exc_info=error)
            line.broken(f"{type(error).__name__}: {error}")

    def tell(self, command: Command) -> None:
        """Give QuickFIX a command.

        Raises:
            PeerError: Its process is gone.
        """
        if self._peer is None:
            raise PeerError("QuickFIX's process has not been started")
        self._peer.tell(command)

    def line(self, plan: CheckPlan, clock: Clock, history: History) -> QuickFixLine | StoreError:
        """Return a session of QuickFIX's; see `fixgate.health.line.Engine`."""
        session = self._sessions[plan.name]
        try:
            store = open_store(plan.store, plan.session.id, clock.now_ns())
        except StoreError as error:
            return error
        line = QuickFixLine(self.tell, plan, str(session), session.version, store, clock, history)
        self._lines[str(session)] = line
        return line
