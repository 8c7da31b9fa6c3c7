"""A venue as the application behind QuickFIX's sessions: what it is told, and what it answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from fixgate.interop.compose import body_fields
from fixgate.interop.protocol import EventKind, PeerEvent, Send
from fixgate.interop.settings import PeerSession
from fixgate.venue import Client, Reply, Venue
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["VenueApplication"]

_log = logging.getLogger("fixgate.session")


class VenueApplication:
    """Passes on what QuickFIX tells to a venue, and the venue's replies to QuickFIX.

    It outlives QuickFIX's process: the book stays when the session layer starts again.

    Args:
        names: What the venue knows each session by.
        venue: The exchange.
        now_ns: The process's clock: nanoseconds since the epoch, UTC.
    """

    def __init__(
        self, names: Mapping[PeerSession, str], venue: Venue, now_ns: Callable[[], int]
    ) -> None:
        self._venue = venue
        self._now_ns = now_ns
        self._clients = {str(s): Client(name, s.version) for s, name in names.items()}
        self._sessions = {name: str(session) for session, name in names.items()}
        self._logged_on: set[str] = set()

    def answer(self, event: PeerEvent) -> list[Send]:
        """Return what QuickFIX is to send because of an event, to whomever."""
        client = self._clients.get(event.session)
        if client is None:
            return []
        return [self._command(*reply) for reply in self._replies(client, event)]

    def gone(self) -> list[Send]:
        """Note that QuickFIX's process is gone, and with it every connection."""
        there = [name for name, client in self._clients.items() if client.key in self._logged_on]
        now_ns = self._now_ns()
        ends = (PeerEvent(EventKind.LOGOUT, now_ns, name) for name in there)
        return [command for end in ends for command in self.answer(end)]

    def _replies(self, client: Client, event: PeerEvent) -> Sequence[Reply]:
        now_ns = self._now_ns()
        match event.kind:
            case EventKind.LOGON:
                self._logged_on.add(client.key)
                _log.info("= %s: logged on", client.key)
                return self._venue.logged_on(client, now_ns)
            case EventKind.LOGOUT if client.key in self._logged_on:
                self._logged_on.discard(client.key)
                _log.info("x %s: logged out", client.key)
                return self._venue.logged_out(client, now_ns)
            case EventKind.FROM_APP:
                message = decode(event.message)
                if isinstance(message, Message):
                    again = message.get(Tag.PossResend) == b"Y"
                    return self._venue.on_message(client, message, now_ns, poss_resend=again)
                _log.warning("! %s: QuickFIX passed on no message of ours", client.key)
        return ()

    def _command(
        self, client_key: str, msg_type: bytes, body: bytes, header: tuple[tuple[int, bytes], ...]
    ) -> Send:
        fields = body_fields(body) + tuple((t, v.decode("latin-1")) for t, v in header)
        return Send(self._sessions[client_key], msg_type.decode("latin-1"), fields)
