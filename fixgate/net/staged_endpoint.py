"""A connection of a venue that takes its time in front of its session, and behind it.

Theory of operation
-------------------
It is an `Endpoint` whose session gets each message, the Logon among them, when that leaves the
*gateway* stage, and whose output goes to the socket when it leaves the stage of *replies*: it has
been numbered, stamped and stored by then. Both keep the order of the connection. The end of what
the peer sends waits behind its messages; a connection that breaks takes along what the session has
not been given, as it was never received: its numbers are asked for again.

What waits is bounded: while either direction holds more than `SOFT_LIMIT_BYTES` nothing is read.

A venue may also stop *reading* for a while. It then does nothing else on that connection by the
clock either: no heartbeat, no complaint about the peer's silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from fixgate.history import History
from fixgate.net.clock import Clock
from fixgate.net.endpoint import (
    GRACE_NS,
    SOFT_LIMIT_BYTES,
    Endpoint,
    OnClosed,
    OnEvents,
    Relieve,
)
from fixgate.net.stages import StageWorks, Stay, name_of
from fixgate.net.tls import TlsChannel
from fixgate.net.waiting import Waiting
from fixgate.session.session import Session
from fixgate.venue.stages import Stage, StageName
from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled
from fixgate.wire.message import Message

__all__ = ["ConnectionStages", "StagedEndpoint"]


class ConnectionStages:
    """The stages that the connections of one gateway have in common.

    Args:
        works: The gateway's stages.

    Attributes:
        works: As given.
        gateway: What messages meet before the session; ``None`` for nothing.
        reply: What they meet behind it; ``None`` for nothing.
    """

    __slots__ = ("gateway", "reply", "works")

    def __init__(self, works: StageWorks) -> None:
        self.works = works
        self.gateway: Stage | None = works.stage(StageName.GATEWAY)
        self.reply: Stage | None = works.stage(StageName.REPLY)


_Arrival = tuple[Stay, Message | Garbled, int]
"""A message in front of the session, and how many bytes it has."""


class StagedEndpoint(Endpoint):
    """One session on one connection, behind the stages of its venue.

    Args:
        stages: The venue's.
        name: What the venue calls the session.

    All other arguments are those of an `Endpoint`.
    """

    __slots__ = (
        "_deaf", "_ends", "_incoming", "_incoming_bytes", "_name", "_seen", "_stages", "_unsent",
        "_unsent_bytes",
    )  # fmt: skip

    def __init__(
        self,
        stages: ConnectionStages,
        name: str,
        session: Session,
        clock: Clock,
        *,
        on_events: OnEvents,
        on_closed: OnClosed,
        history: History,
        max_write_buffer: int,
        relieve: Relieve | None = None,
        tls: TlsChannel | None = None,
    ) -> None:
        super().__init__(
            session,
            clock,
            on_events=on_events,
            on_closed=on_closed,
            history=history,
            max_write_buffer=max_write_buffer,
            relieve=relieve,
            tls=tls,
        )
        self._stages = stages
        self._name = name
        self._incoming: Waiting[_Arrival] = Waiting(clock, self._let_in)
        self._incoming_bytes = 0
        self._unsent: Waiting[tuple[Stay, bytes]] = Waiting(clock, self._let_out)
        self._unsent_bytes = 0
        self._ends = False
        self._seen = 0
        self._deaf: asyncio.TimerHandle | None = None

    # What comes.

    def data_received(self, data: bytes) -> None:
        """Take bytes from the connection, and let the messages in them wait."""
        if not self._cut_off:
            if len(data) >= SOFT_LIMIT_BYTES:
                self._let_others_read()
            self.turn(lambda now_ns: self._read(data, now_ns))
            self._end_in_turn()

    def _read(self, data: bytes, now_ns: int) -> None:
        plain = data if self._tls is None else self._decrypt(data)
        if plain:
            self._arrived(self.session.frame(plain), now_ns)

    def _arrived(self, items: Sequence[Message | Garbled], now_ns: int) -> None:
        stage, came_ns = self._stages.gateway, self._clock.steady_ns()
        for item in items:
            size = len(item.raw if isinstance(item, Message) else item.data)
            due_ns = came_ns if stage is None else stage.admit(self, came_ns)
            stay = Stay(StageName.GATEWAY, self._name, *name_of(item), came_ns, due_ns)
            if stage is None:
                self._take_in((stay, item, size))
            else:
                self._incoming.put((stay, item, size), due_ns)
                self._incoming_bytes += size
            self._count(item, came_ns)
        self._hold_back()

    def _let_in(self, due: list[_Arrival]) -> None:
        def go_on(_now_ns: int) -> None:
            for arrival in due:
                self._incoming_bytes -= arrival[2]
                self._stages.works.tell(arrival[0], left=not self._cut_off)
                if not self._cut_off:
                    self._take_in(arrival)

        self._go_through(go_on)

    def _take_in(self, arrival: _Arrival) -> None:
        """Give the session a message, and whoever serves it the instant at which it came."""
        works = self._stages.works
        works.arrived_ns = arrival[0].came_ns
        try:
            self._take([arrival[1]], self._clock.now_ns())
        finally:
            works.arrived_ns = None

    def _peer_ended(self) -> None:
        self._ends = True

    def eof_received(self) -> bool:
        """Note that the peer has closed; our side is closed, too, behind what has come before."""
        self._ends = True
        self._end_in_turn()
        return True

    def _end_in_turn(self) -> None:
        if self._ends and not self._incoming and not self._unsent:
            super()._peer_ended()

    def _go_through(self, act: Callable[[int], None]) -> None:
        """Let something go on: then there may be room for more, or nothing left to wait for."""
        self.turn(act)
        self._read_on()
        self._end_in_turn()

    # When nothing is read.

    def _count(self, item: Message | Garbled, came_ns: int) -> None:
        """Stop reading behind a message, when it is the one to do so."""
        reading = self._stages.works.settings.reading
        if reading is None or self._deaf is not None:
            return
        self._seen += 1
        if self._seen == reading.stop_after:
            self._seen = 0
            until_ns = came_ns + reading.lasting_ns
            stay = Stay(StageName.READING, self._name, *name_of(item), came_ns, until_ns)
            self._deaf = self._loop.call_later(reading.lasting_ns / 1e9, self._hear, stay)
            self._not_before_ns = self._clock.now_ns() + reading.lasting_ns + GRACE_NS

    def _hear(self, stay: Stay) -> None:
        self._deaf = None
        self._stages.works.tell(stay)
        self._read_on()
        self.turn(lambda _: None)

    def _hold_back(self) -> None:
        if self._transport is not None and not self._may_go_on():
            self._transport.pause_reading()

    def _may_go_on(self) -> bool:
        held = max(self._incoming_bytes, self._unsent_bytes)
        return self._deaf is None and held <= SOFT_LIMIT_BYTES and super()._may_go_on()

    # What goes.

    def _write(self, data: bytes) -> None:
        stage, came_ns = self._stages.reply, self._clock.steady_ns()
        if stage is None:
            super()._write(data)
            return
        for raw, named in _messages(data):
            due_ns = stage.admit(self, came_ns)
            stay = Stay(StageName.REPLY, self._name, *named, came_ns, due_ns)
            self._unsent.put((stay, raw), due_ns)
        self._unsent_bytes += len(data)
        self._hold_back()

    def _let_out(self, due: list[tuple[Stay, bytes]]) -> None:
        def go_on(_now_ns: int) -> None:
            data = b"".join(raw for _, raw in due)
            self._unsent_bytes -= len(data)
            for stay, _ in due:
                self._stages.works.tell(stay, left=not self._cut_off)
            super(StagedEndpoint, self)._write(data)

        self._go_through(go_on)

    def _begin_close(self, now_ns: int) -> None:
        if self._unsent:
            return  # its last message begins it again
        if self._deaf is not None and self._transport is not None:
            self._stop_being_deaf()
            self._transport.resume_reading()
        super()._begin_close(now_ns)

    def _stop_being_deaf(self) -> None:
        if self._deaf is not None:
            self._deaf.cancel()
            self._deaf = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what waits: of what came nothing was received, of what goes the store has all."""
        works = self._stages.works
        arrivals, unsent = self._incoming.clear(), self._unsent.clear()
        for stay in (*(each[0] for each in arrivals), *(each[0] for each in unsent)):
            works.tell(stay, left=False)
        self._incoming_bytes = self._unsent_bytes = 0
        self._stop_being_deaf()
        for stage in (self._stages.gateway, self._stages.reply):
            if stage is not None:
                stage.forget(self)
        super().connection_lost(exc)


def _messages(data: bytes) -> list[tuple[bytes, tuple[str, str]]]:
    """Return what a session has written, message by message, each with its type and name."""
    found = [each for each in Framer().feed(data) if isinstance(each, Message)]
    if sum(len(each.raw) for each in found) != len(data):
        return [(data, name_of(None))]
    return [(each.raw, name_of(each)) for each in found]
