"""A venue behind QuickFIX's session layer: the reference that our own acceptor is held against.

QuickFIX runs in its own process and does everything that is the session's: it lets clients in,
numbers, stores, resends, rejects. What it passes on goes to the venue here, and the venue's
replies go back to it to be sent. It answers more slowly than `fixgate.net.Gateway`, by two pipes.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from fixgate.interop.application import VenueApplication
from fixgate.interop.dictionaries import write_dictionaries
from fixgate.interop.process import PeerError, QuickFixPeer
from fixgate.interop.protocol import EventKind, PeerEvent, Send
from fixgate.interop.settings import PeerSession, PeerSettings
from fixgate.venue import Venue

__all__ = ["QuickFixGateway"]

_log = logging.getLogger("fixgate.gateway")
_session_log = logging.getLogger("fixgate.session")


class QuickFixGateway:
    """A venue that listens, its sessions QuickFIX's.

    Args:
        settings: Of QuickFIX's process, role acceptor; dictionaries are written for it.
        names: What the venue knows each session by.
        venue: The exchange.
        now_ns: The process's clock: nanoseconds since the epoch, UTC.
    """

    def __init__(
        self,
        settings: PeerSettings,
        names: Mapping[PeerSession, str],
        venue: Venue,
        now_ns: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._names = {str(session): name for session, name in names.items()}
        self._application = VenueApplication(names, venue, now_ns)
        self._peer: QuickFixPeer | None = None
        self._fault: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def port(self) -> int:
        """Where QuickFIX listens, once started."""
        return self._peer.port if self._peer is not None else 0

    async def start(self) -> None:
        """Start QuickFIX's process; it listens when this returns.

        Raises:
            EngineUnavailable: QuickFIX is not installed.
            PeerError: It does not come up; what it said is in the text.
        """
        with tempfile.TemporaryDirectory(prefix="fixgate-") as folder:
            versions = {each.version for each in self._settings.sessions}
            write_dictionaries(Path(folder), versions, every_message=True)
            settings = replace(self._settings, dictionaries=Path(folder))
            self._peer = await QuickFixPeer.start(settings, on_event=self._on_event)

    async def broken(self) -> str:
        """Wait until it cannot go on; return why."""
        if self._peer is None:
            return "not started"
        ended = asyncio.ensure_future(self._peer.wait_ended())
        await asyncio.wait([ended, self._fault], return_when=asyncio.FIRST_COMPLETED)
        if self._fault.done():
            ended.cancel()
            return self._fault.result()
        return f"QuickFIX's process ended by itself: {ended.result()}"

    async def stop(self, text: str = "the venue is closing") -> None:
        """Log everyone out and end QuickFIX's process.

        Args:
            text: Text(58) of the Logouts.
        """
        if self._peer is not None:
            await self._peer.stop(text)

    # What QuickFIX tells.

    def _on_event(self, event: PeerEvent) -> None:
        try:
            self._take(event)
        except Exception as error:
            _log.error("! cut off by a fault of fixgate", exc_info=error)
            if not self._fault.done():
                self._fault.set_result(f"a fault of fixgate: {type(error).__name__}: {error}")

    def _take(self, event: PeerEvent) -> None:
        match event.kind:
            case EventKind.SAID:
                name = self._names.get(event.session, "-")
                _session_log.info("= %s: QuickFIX: %s", name, event.text)
            case EventKind.PROBLEM:
                _session_log.warning("! %s", event.text)
            case _:
                self._send(self._application.answer(event))

    def _send(self, commands: Iterable[Send]) -> None:
        if self._peer is None:
            return
        try:
            for command in commands:
                self._peer.tell(command)
        except PeerError:
            pass  # it is gone; `broken` tells
