"""A FIX session of ours on a connection that `fixgate.net.opening` has opened."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from fixgate.dictionary.version import FixVersion
from fixgate.history import History, Record
from fixgate.net.clock import Clock
from fixgate.net.endpoint import Endpoint
from fixgate.net.events import ConnectionClosed
from fixgate.net.opening import Opened, TlsEstablished
from fixgate.net.stamped import StampedTransport, can_stamp
from fixgate.session.events import Event
from fixgate.session.phase import Phase
from fixgate.session.session import Session

__all__ = ["SessionConnection"]

LINGER_NS = 250_000_000
"""A checker has seen the Logout by then; it does not wait long for the peer to close."""

_MAX_WRITE_BUFFER = 4 * 1024 * 1024


class SessionConnection:
    """A FIX session of ours on an open connection.

    Args:
        session: The session, role initiator; its store stays the caller's to close.
        clock: The process's clock.
        history: Gets network events; give the session the same one.
        stamped: Have the kernel stamp every byte, where it can; the events of
            `fixgate.net.wire_events` then are in the history, too.
    """

    def __init__(
        self, session: Session, clock: Clock, history: History, *, stamped: bool = False
    ) -> None:
        self.session = session
        self._stamped = stamped
        self._clock = clock
        self._history = history
        self._endpoint: Endpoint | None = None
        self._events: deque[tuple[int, Event]] = deque()
        self._news = asyncio.Event()
        self.closed: asyncio.Future[ConnectionClosed] = asyncio.get_running_loop().create_future()
        """Done when the connection is gone."""

    @property
    def version(self) -> FixVersion:
        """The application version of the session."""
        return self.session.version

    @property
    def active(self) -> bool:
        """Whether the peer has let us in, and a Logout is called for."""
        return self.session.phase in (Phase.ACTIVE, Phase.LOGOUT_SENT)

    @property
    def talking(self) -> bool:
        """Whether the session is up, and neither side has said goodbye."""
        return self.session.phase is Phase.ACTIVE

    @property
    def numbers(self) -> tuple[int, int]:
        """The store's: MsgSeqNum(34) that we send next, and expect next."""
        return self.session.store.next_out, self.session.store.next_in

    async def start(self, opened: Opened, tls: TlsEstablished | None = None) -> None:
        """Take the connection over and send the Logon.

        Args:
            opened: The connection; closed when this fails.
            tls: Its TLS, if any.

        Raises:
            StoreError: The store cannot be used.
            OSError: The connection cannot be used.
        """
        endpoint = Endpoint(
            self.session,
            self._clock,
            on_events=self._on_events,
            on_closed=self._on_closed,
            history=self._history,
            max_write_buffer=_MAX_WRITE_BUFFER,
            linger_ns=LINGER_NS,
            tls=tls.channel if tls else None,
        )
        try:
            await self._connect(endpoint, opened, tls=tls is not None)
        except BaseException:
            endpoint.abort()
            opened.close()
            raise
        self._endpoint = endpoint
        if tls is not None and tls.early:
            early = tls.early
            endpoint.turn(lambda at_ns: self._on_events(self.session.receive(early, at_ns), at_ns))

    async def _connect(self, endpoint: Endpoint, opened: Opened, *, tls: bool) -> None:
        if self._stamped and can_stamp():
            StampedTransport(opened.sock, endpoint, self._note, tls=tls)
        else:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: endpoint, sock=opened.sock)

    def _note(self, what: object) -> None:
        self._history.add(Record(self._clock.now_ns(), "~", what))

    def _on_events(self, events: list[Event], now_ns: int) -> None:
        self._events.extend((now_ns, event) for event in events)
        self._news.set()

    def _on_closed(self, closed: ConnectionClosed, now_ns: int) -> None:
        if not self.closed.done():
            self.closed.set_result(closed)
        self._news.set()

    async def next_event(self) -> tuple[int, Event] | None:
        """Return the next event and its instant; ``None`` when the connection is gone."""
        while not self._events:
            if self.closed.done():
                return None
            self._news.clear()
            await self._news.wait()
        return self._events.popleft()

    def send(self, msg_type: bytes, body: bytes) -> tuple[int, int]:
        """Send an application message; return its MsgSeqNum(34) and the instant."""
        now_ns = self._clock.now_ns()
        seq_num = self.session.send(msg_type, body, now_ns)
        self._pump(now_ns)
        return seq_num, now_ns

    def test_request(self, test_req_id: bytes) -> int:
        """Send a TestRequest; return the instant.

        Raises:
            LocalProtocolError: The session is not active.
        """
        now_ns = self._clock.now_ns()
        self.session.test_request(test_req_id, now_ns)
        self._pump(now_ns)
        return now_ns

    def logout(self, text: str = "") -> int:
        """Begin an orderly end with a Logout; return the instant."""
        now_ns = self._clock.now_ns()
        self.session.logout(text, now_ns)
        self._pump(now_ns)
        return now_ns

    def _pump(self, now_ns: int) -> None:
        if self._endpoint is not None:
            self._endpoint.pump(now_ns)

    def abort(self) -> None:
        """Drop the connection now; `closed` follows."""
        if self._endpoint is not None:
            self._endpoint.abort()

    # Breaking the line on purpose, and coming back.

    def fall_silent(self, overheard: Callable[[bytes], None]) -> None:
        """Answer nothing any more, and send nothing; see `Endpoint.fall_silent`.

        Args:
            overheard: Gets what the peer sends all the same, as plain bytes; must not raise.
        """
        if self._endpoint is not None:
            self._endpoint.fall_silent(overheard)

    def finish(self) -> None:
        """After `fall_silent`: close our half with a FIN; `closed` follows when the peer does."""
        if self._endpoint is not None:
            self._endpoint.finish()

    def reset(self) -> None:
        """After `fall_silent`: drop the connection with an RST; `closed` follows."""
        if self._endpoint is not None:
            self._endpoint.reset()

    def withhold(self, msg_type: bytes, body: bytes) -> int:
        """Number and store a message and send nothing: the peer has to ask for it. Spec: case 16.

        Only while there is no connection.
        """
        number = self.session.send(msg_type, body, self._clock.now_ns())
        self.session.store.flush()
        return number

    def again(self) -> SessionConnection:
        """Return the same session for another connection, once this one is gone."""
        return SessionConnection(self.session, self._clock, self._history)

    async def settle(self) -> None:
        """The connection is gone: the numbers are up to date as it is."""

    def release(self) -> None:
        """Close the store, for a caller who has no other use for it."""
        self.session.store.close()

    async def close(self) -> ConnectionClosed | None:
        """Close without a Logout and wait until the connection is gone.

        Returns:
            How it ended, or ``None`` when it was never started.
        """
        if self._endpoint is None:
            return None
        self._endpoint.close()
        try:
            return await asyncio.shield(self.closed)
        except asyncio.CancelledError:
            self._endpoint.abort()
            raise
