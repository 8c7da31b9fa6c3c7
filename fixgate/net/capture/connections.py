"""The TCP connections of a capture: from packets to messages with their instants. Pure.

A packet that was captured twice (on the interface ``any``, or on two sides of a bridge) counts
once, the first time. What tells it from a retransmission: all bytes of TCP are the same but the
checksum, and so is the Identification of IPv4, which a second transmission changes. Where there is
none (IPv6, or zero), the two are within a millisecond, sooner than anybody sends again.

Spec: RFC 9293, section 3.5 (opening and closing); RFC 6864 (Identification).
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from fixgate.net.capture.connection import Connection, Handshake
from fixgate.net.capture.messages import MessageStream, Seen, Speech
from fixgate.net.capture.packet import Packet
from fixgate.net.capture.reassembly import Gap, Piece
from fixgate.net.capture.segment import ACK, FIN, RST, SYN, Endpoint, Segment, read_segment

__all__ = ["Connections", "Ended", "Event", "Missed", "Spoken"]

_MAX_CONNECTIONS = 16_384
_STEP_NS = 1_000_000
"""How far time may go back between two packets: the queues of a card are not in step."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message of a connection.

    Attributes:
        connection: Which.
        side: Who sent it: 0 or 1, of `Connection.sides`.
        seen: It, and when it passed.
        resent_ns: When a segment of the connection had last been sent again by then.
        epoch: How often the capture's clock had been set back by then.
    """

    connection: Connection
    side: int
    seen: Seen
    resent_ns: int | None
    epoch: int


@dataclass(frozen=True, slots=True)
class Missed:
    """The capture does not have what a side said next.

    Attributes:
        connection: Which.
        side: Who said it.
        at_ns: When what follows it passed.
    """

    connection: Connection
    side: int
    at_ns: int | None


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more comes of a connection.

    Attributes:
        connection: Which.
        closed: It was closed; else the capture is over, or knows too many connections.
    """

    connection: Connection
    closed: bool


Event = Spoken | Missed | Ended


class Connections:
    """Sorts packets by connection and tells what is said on each.

    Args:
        max_connections: How many are known at a time; beyond it the one longest silent ends.

    Attributes:
        skipped: Packets that were of no use, by why.
        untimed: Packets without an instant.
        latest_ns: When the last packet passed.
        epoch: How often time went back.
        copied_in: Two files that have the same packet: captures of two places, or ``None``.
    """

    def __init__(self, *, max_connections: int = _MAX_CONNECTIONS) -> None:
        self._max = max_connections
        self._table: OrderedDict[frozenset[Endpoint], Connection] = OrderedDict()
        self.latest_ns: int | None = None
        self.skipped: Counter[str] = Counter()
        self.untimed = 0
        self.epoch = 0
        self.copied_in: tuple[str, str] | None = None

    def take(self, packet: Packet, path: str = "") -> list[Event]:
        """Take the next packet of the capture.

        Args:
            packet: It.
            path: The file that it is in.

        Returns:
            What became known with it.
        """
        self._clock(packet.at_ns)
        segment = read_segment(packet)
        if isinstance(segment, str):
            self.skipped[segment] += 1
            return []
        key = frozenset((segment.source, segment.target))
        connection = self._table.get(key)
        if connection is not None and connection.is_copy(segment, path):
            self.copied_in = self.copied_in or connection.copied_in
            return []
        events: list[Event] = []
        if _opens_another(connection, segment):
            if connection is not None:
                events += self._end(connection)
            connection = self._add(key, segment, events)
            connection.is_copy(segment, path)
        if connection is None or connection.closed:
            return events
        self._table.move_to_end(key)
        if segment.flags & SYN:
            _shake_hands(connection, segment)
            self._check_clock(connection.handshake)
        return events + self._take(connection, segment)

    def finish(self) -> list[Event]:
        """Say that the capture is over."""
        events = [event for each in self._table.values() for event in self._end(each, closed=False)]
        self._table.clear()
        return events

    def _clock(self, at_ns: int | None) -> None:
        if at_ns is None:
            self.untimed += 1
        elif self.latest_ns is None or at_ns > self.latest_ns:
            self.latest_ns = at_ns
        elif at_ns < self.latest_ns - _STEP_NS:
            self.epoch += 1
            self.latest_ns = at_ns

    def _check_clock(self, hands: Handshake) -> None:
        instants = [at for at in (hands.syn_ns, hands.syn_ack_ns, hands.ack_ns) if at is not None]
        if hands.epoch != self.epoch or instants != sorted(instants):
            hands.stepped = True

    def _add(self, key: frozenset[Endpoint], segment: Segment, events: list[Event]) -> Connection:
        ends = segment.source, segment.target
        opened = bool(segment.flags & SYN)
        if opened and segment.flags & ACK:
            ends = ends[::-1]
        connection = self._table[key] = Connection(*ends, opened=opened)
        connection.handshake.epoch = self.epoch
        if len(self._table) > self._max:
            events += self._end(self._table.popitem(last=False)[1], closed=False)
        return connection

    def _take(self, connection: Connection, segment: Segment) -> list[Event]:
        index = connection.side_of(segment.source)
        side, other = connection.sides[index], connection.sides[1 - index]
        if segment.flags & RST:
            return self._end(connection) if side.stream.is_near(segment.seq) else []
        hands = connection.handshake
        if index == 0 and hands.ack_ns is None and hands.syn_ack_ns is not None:
            hands.ack_ns = segment.at_ns
            self._check_clock(hands)
        events: list[Event] = []
        if connection.listening:
            if segment.flags & ACK:
                # First what it acknowledges, which passed before it.
                events += self._hear(connection, 1 - index, other.stream.acknowledged(segment.ack))
                other.acknowledged(segment.at_ns)
            if segment.size:
                side.cut += len(segment.payload) < segment.size
                begin = segment.seq + bool(segment.flags & SYN)
                pieces = side.stream.take(segment.at_ns, begin, segment.payload, segment.size)
                events += self._hear(connection, index, pieces)
        if segment.flags & FIN:
            side.finished = True
        if side.finished and other.finished and not (side.stream.waits or other.stream.waits):
            events += self._end(connection)
        return events

    def _hear(
        self, connection: Connection, index: int, pieces: Iterable[Piece | Gap]
    ) -> list[Event]:
        side = connection.sides[index]
        events: list[Event] = []
        for piece in pieces:
            if isinstance(piece, Gap):
                side.gaps += 1
                side.missing_bytes += piece.size
                events.append(Missed(connection, index, piece.before_ns))
            heard = side.messages.take(piece)
            side.unacked.extend(heard)
            events += [
                Spoken(connection, index, seen, connection.resent_ns, self.epoch) for seen in heard
            ]
        strange = side.messages.speech in (Speech.TLS, Speech.OTHER)
        if strange and connection.speech is not Speech.FIX:
            connection.ignore()
        return events

    def _end(self, connection: Connection, *, closed: bool = True) -> list[Event]:
        if connection.closed:
            return []
        connection.close()
        events: list[Event] = []
        for index, side in enumerate(connection.sides):
            events += self._hear(connection, index, side.stream.flush())
            side.messages.end()
            side.unacked.clear()
        return [*events, Ended(connection, closed)]


def _opens_another(connection: Connection | None, segment: Segment) -> bool:
    """Whether a segment is of a connection that is not known yet, though its ends may be.

    Without a SYN only data tells that there is one: what else passes may be of one that is over.
    """
    if not segment.flags & SYN:
        return connection is None and bool(segment.size)
    if connection is None or connection.closed:
        return True
    side = connection.sides[connection.side_of(segment.source)]
    if side.isn is not None:
        return side.isn != segment.seq
    return side.stream.begun or not segment.flags & ACK


def _shake_hands(connection: Connection, segment: Segment) -> None:
    side = connection.sides[connection.side_of(segment.source)]
    hands = connection.handshake
    if side.isn is not None:
        hands.resent = True
        return
    side.isn = segment.seq
    side.stream.begin(segment.seq + 1)
    side.messages = MessageStream(whole=True)
    if segment.flags & ACK:
        hands.syn_ack_ns = segment.at_ns
    else:
        hands.syn_ns = segment.at_ns
