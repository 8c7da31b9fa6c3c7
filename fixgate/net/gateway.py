"""A whole venue on the network: many sessions on its ports, one exchange behind them.

An order's way is straight: the endpoint's turn hands the session's events to `Gateway`, which
hands the message to the venue and the venue's replies to the sessions they are for. Replies to
the session whose turn it is leave with that turn; other sessions get a turn of their own at
once. A client that is away finds its replies in its session's store.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from functools import partial

from fixgate.errors import ListenError, StoreError
from fixgate.history import History, Record
from fixgate.net.admission import Admission, Entrant
from fixgate.net.busy import BusyPoll
from fixgate.net.clock import Clock
from fixgate.net.clock_watch import ClockWatch
from fixgate.net.endpoint import NOT_STORED, Endpoint
from fixgate.net.events import ClockStepped, CloseReason, ConnectionClosed
from fixgate.net.expiry import warn_of_own
from fixgate.net.groups import group_shapes
from fixgate.net.lobby import Lobby
from fixgate.net.mute import MutePeer
from fixgate.net.roster import Counterparty, Roster
from fixgate.net.settings import Address, GatewaySettings, ListenSettings
from fixgate.net.stages import StagePassed
from fixgate.net.staging import GatewayStages
from fixgate.net.stores import StoreKeeper, Stores
from fixgate.net.third_parties import with_routes
from fixgate.net.tls import server_context
from fixgate.session.events import (
    AppMessage,
    Event,
    HoursEnded,
    LoggedOn,
    LoggedOut,
    LogonRefused,
    NumbersRunLow,
    SequenceReset,
    TimedOut,
)
from fixgate.venue import Reply, Venue, make_venue
from fixgate.wire.tags import MsgType

__all__ = ["STOP_NS", "Gateway"]

STOP_NS = 2_000_000_000
"""How long a stopping gateway waits for its clients to confirm the Logout."""

_BACKLOG = 1024
_LAST_ROUNDS = 5

_log = logging.getLogger("fixgate.gateway")


class Gateway:
    """A venue that listens.

    Args:
        settings: The whole venue.
        clock: The process's clock.
        venue: The exchange; made from the settings when ``None``.
        line: Puts something between each new connection and whoever has it: both protocol and
            transport; ``None`` for nothing.
        stores: Where messages are kept; as the settings say when ``None``.
        truth: Gets what the stages of the venue have done, where it has any.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        clock: Clock | None = None,
        venue: Venue | None = None,
        line: Callable[[asyncio.Protocol], asyncio.Protocol] | None = None,
        stores: StoreKeeper | None = None,
        truth: Callable[[StagePassed], None] | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self._clock_watch = ClockWatch(self.clock)
        venue = venue or make_venue(settings.venue, groups=group_shapes)
        self._venue = with_routes(venue, settings)
        self.roster = Roster(settings)
        self._truth = truth
        self._stages: GatewayStages | None = None
        if settings.stages is not None:
            self._stages = GatewayStages(
                settings,
                settings.stages,
                self.clock,
                self._venue,
                self.roster,
                self._deliver,
                self._passed,
            )
            self._venue = self._stages.venue
        self._line = line or _plain
        self._stores = stores
        self.history = History(limit=settings.history_limit)
        """Faults applied to connections that never become sessions."""
        self.addresses: tuple[Address, ...] = ()
        """Where it listens, in the order of the settings; port 0 has become a real one."""
        self._admission = Admission(settings, self.roster, self.clock, self._welcome)
        self._servers: list[asyncio.Server] = []
        self._live = 0
        self._busy: BusyPoll | None = None
        self._all_gone: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Open the stores and listen.

        Raises:
            ListenError: An address cannot be listened on.
            StoreError: A store cannot be used.
            ConfigError: A certificate or key cannot be used.
        """
        contexts = [server_context(each.tls) if each.tls else None for each in self.settings.listen]
        warn_of_own(self.settings.listen, self.clock.now_ns())
        loop = asyncio.get_running_loop()
        self._stores = self._stores or Stores(self.settings.store, loop)
        self.clock.subscribe(self._clock_stepped)
        self._clock_watch.start()
        if self.settings.busy_poll_ns:
            self._busy = BusyPoll(loop, self.settings.busy_poll_ns)
        try:
            self.roster.open(self._stores.open, self.clock.now_ns())
            for listen, context in zip(self.settings.listen, contexts, strict=True):
                await self._listen(listen, context)
        except BaseException:
            await self.stop()
            raise

    async def _listen(self, listen: ListenSettings, context: ssl.SSLContext | None) -> None:
        address = listen.address
        try:
            server = await asyncio.get_running_loop().create_server(
                self._factory(listen, context), address.host, address.port, backlog=_BACKLOG
            )
        except OSError as error:
            raise ListenError(str(address), _wording(error)) from error
        self._servers.append(server)
        if self._stages is not None:
            self._stages.listening(server.sockets[0])
        port = server.sockets[0].getsockname()[1]
        self.addresses += (Address(address.host, port),)

    def _factory(
        self, listen: ListenSettings, context: ssl.SSLContext | None
    ) -> Callable[[], asyncio.Protocol]:
        if listen.silent:
            return lambda: self._line(MutePeer(self._admission, listen, self.clock, self.history))
        first_logon_ns = self.settings.first_logon_ns
        return lambda: self._line(Lobby(self._admission, listen, context, first_logon_ns))

    @property
    def connections(self) -> int:
        """Connections now: waiting, carrying sessions, and met with silence."""
        return len(self._admission.room)

    def _welcome(self, entrant: Entrant) -> bool:
        """Let a connection carry the session that it may; ``False`` when that cannot be stored."""
        party, waiting = entrant.party, entrant.waiting
        if waiting.transport is None or not self._may_log_on(party):
            return False
        connection = Endpoint if self._stages is None else self._stages.endpoint(party.client.key)
        endpoint = connection(
            party.session,
            self.clock,
            on_events=partial(self._on_events, party),
            on_closed=partial(self._on_gone, party, waiting),
            history=party.history,
            max_write_buffer=self.settings.max_write_buffer,
            relieve=self._make_room,
            tls=waiting.tls,
        )
        party.endpoint, party.origin = endpoint, waiting.origin
        self._live += 1
        endpoint.adopt(waiting.transport, entrant.items, entrant.framer)
        return True

    def _on_gone(
        self, party: Counterparty, waiting: Lobby, closed: ConnectionClosed, now_ns: int
    ) -> None:
        self._admission.left(waiting)
        self._on_closed(party, closed, now_ns)

    def _clock_stepped(self, step_ns: int) -> None:
        """Note it in every history; the sessions' timers are their endpoints' to move."""
        now_ns, stepped = self.clock.now_ns(), ClockStepped(step_ns)
        for history in (self.history, *(party.history for party in self.roster)):
            history.add(Record(now_ns, "~", stepped))

    # A turn of one session.

    def _on_events(self, party: Counterparty, events: Sequence[Event], now_ns: int) -> None:
        for event in events:
            if type(event) is AppMessage:
                if self._busy is not None:
                    self._busy.extend()
                message, _, poss_resend = event
                replies = self._venue.on_message(
                    party.client, message, now_ns, poss_resend=poss_resend
                )
                if len(replies) == 1 and replies[0][0] == party.client.key:
                    _, msg_type, body, header = replies[0]
                    party.session.send(msg_type, body, now_ns, header)
                elif replies:
                    self._send(replies, party, now_ns)
            else:
                self._on_session_event(party, event, now_ns)

    def _on_session_event(self, party: Counterparty, event: Event, now_ns: int) -> None:
        match event:
            case LoggedOn():
                party.logged_on = True
                party.lines.tell(logging.INFO, "=", "logged on")
                self._send(self._venue.logged_on(party.client, now_ns), party, now_ns)
            case LoggedOut(clean=clean):
                if party.logged_on:
                    how = "" if clean else ", uncleanly"
                    party.lines.tell(logging.INFO, "x", f"logged out{how}")
                self._logged_out(party, now_ns)
            case LogonRefused(text=text):
                party.patience.spend(party.origin, self.clock.steady_ns())
                party.lines.tell(logging.WARNING, "!", f"Logon refused: {text}")
            case HoursEnded(text=text):
                party.lines.tell(logging.INFO, "=", text)
            case NumbersRunLow(left=left, highest=highest):
                text = f"{left} sequence numbers are left, up to {highest}"
                party.lines.tell(logging.WARNING, "!", text)
                news = b"148=sequence numbers run low\x0133=1\x0158=%b\x01" % text.encode()
                party.session.send(MsgType.News, news, now_ns)
            case SequenceReset():
                party.lines.tell(logging.INFO, "=", "both numbers restart at 1")
            case TimedOut(waiting_for=waiting_for):
                party.lines.tell(logging.WARNING, "-", f"waited for {waiting_for}")
            case _:
                pass

    def _logged_out(self, party: Counterparty, now_ns: int) -> None:
        if party.logged_on:
            party.logged_on = False
            self._send(self._venue.logged_out(party.client, now_ns), party, now_ns)

    def _deliver(self, replies: Sequence[Reply], now_ns: int) -> None:
        """Send what the venue says later, in nobody's turn."""
        self._send(replies, None, now_ns)

    def _send(self, replies: Sequence[Reply], turn_of: Counterparty | None, now_ns: int) -> None:
        others: list[Counterparty] | None = None
        ours = None if turn_of is None else turn_of.client.key
        for client_key, msg_type, body, header in replies:
            if turn_of is not None and client_key == ours:
                turn_of.session.send(msg_type, body, now_ns, header)
                continue
            party = self.roster.get(client_key)
            if party is not None:
                party.session.send(msg_type, body, now_ns, header)
                others = others or []
                if party not in others:
                    others.append(party)
        for party in others or ():
            self._finish_turn(party, now_ns)

    def _finish_turn(self, party: Counterparty, now_ns: int) -> None:
        if party.endpoint is not None:
            party.endpoint.pump(now_ns)
            return
        try:
            party.session.store.flush()
        except StoreError as error:
            # Nothing has been sent; the records stay gathered, and a Logon is turned away until
            # they can be written.
            _log.error("! %s", error)

    def _on_closed(self, party: Counterparty, closed: ConnectionClosed, now_ns: int) -> None:
        party.endpoint = None
        self._live -= 1
        if closed.reason not in (CloseReason.OURS, CloseReason.PEER):
            party.lines.tell(logging.WARNING, "!", f"{closed.reason.value} {closed.text}")
        self._logged_out(party, now_ns)
        if self._all_gone is not None and not self._live and not self._all_gone.done():
            self._all_gone.set_result(None)

    def _passed(self, passed: StagePassed) -> None:
        party = self.roster.get(passed.session)
        if party is not None:
            party.history.add(Record(self.clock.now_ns(), "~", passed))
        if self._truth is not None:
            self._truth(passed)

    # The disk.

    def _may_log_on(self, party: Counterparty) -> bool:
        """Whether messages can be stored, those that are gathered first; else nobody comes in."""
        try:
            party.session.store.flush()
        except StoreError as error:
            party.lines.tell(logging.ERROR, "!", f"Logon turned away: {error}")
            return False
        return self._stores is not None and self._stores.ready()

    def _make_room(self, error: StoreError) -> bool:
        """A store cannot be written: when the disk is full, everybody is logged out."""
        if not error.full or self._stores is None:
            return False
        if self._stores.make_room():
            _log.error("! everybody is logged out: %s", error)
            asyncio.get_running_loop().call_soon(self._log_everybody_out, NOT_STORED)
        return True

    def _log_everybody_out(self, text: str) -> None:
        now_ns = self.clock.now_ns()
        for party in self.roster:
            if party.endpoint is not None:
                party.endpoint.logout(text, now_ns)

    # The end.

    def _close_the_doors(self) -> None:
        self._clock_watch.stop()
        self.clock.unsubscribe(self._clock_stepped)
        for server in self._servers:
            server.close()
        self._admission.close()

    def kill(self) -> None:
        """End as a killed process does: connections close, and nobody is logged out."""
        self._close_the_doors()
        if self._stages is not None:
            self._stages.venue.kill()
        for party in self.roster:
            if party.endpoint is not None:
                party.endpoint.abort()
        self._servers.clear()

    async def stop(self, text: str = "the venue is closing", *, wait_ns: int = STOP_NS) -> None:
        """Log everyone out, close every connection and store.

        Args:
            text: Text(58) of the Logouts.
            wait_ns: How long clients may take to confirm before they are cut off.
        """
        self._close_the_doors()
        self._do_what_waits()
        endpoints = [party.endpoint for party in self.roster if party.endpoint is not None]
        if endpoints:
            self._all_gone = asyncio.get_running_loop().create_future()
            self._log_everybody_out(text)
            await asyncio.wait([self._all_gone], timeout=wait_ns / 1e9)
            for party in self.roster:
                if party.endpoint is not None:
                    party.endpoint.abort()
            await asyncio.wait([self._all_gone], timeout=1)
        self._do_what_waits()
        self.roster.close()
        if self._stores is not None:
            self._stores.close()
        # A few more rounds of the loop: connections that were being accepted meanwhile are turned
        # away, and closed transports let go of their sockets.
        for _ in range(_LAST_ROUNDS):
            await asyncio.sleep(0)
        self._servers.clear()

    def _do_what_waits(self) -> None:
        if self._stages is not None:
            self._stages.venue.drain()


def _plain(above: asyncio.Protocol) -> asyncio.Protocol:
    """Put nothing in between."""
    return above


def _wording(error: OSError) -> str:
    """Return the system's words: the event loop's own repeat the address."""
    if isinstance(error, socket.gaierror) or not error.errno:
        return error.strerror or str(error)
    return os.strerror(error.errno)
