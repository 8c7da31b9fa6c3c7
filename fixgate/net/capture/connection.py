"""One TCP connection of a capture: its two directions, and how it was opened. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from fixgate.net.capture.messages import MessageStream, Seen, Speech
from fixgate.net.capture.reassembly import Reassembly
from fixgate.net.capture.segment import Endpoint, Segment, endpoint_text

__all__ = ["Connection", "Handshake", "Side"]

_REMEMBERED = 256
"""Packets of a connection in which a second copy is looked for."""
_MAX_UNACKED = 1024
_SAME_NS = 1_000_000
_SURELY_SAME_NS = 1_000_000_000


@dataclass(slots=True)
class Handshake:
    """How a connection was opened, as far as the capture has it.

    Attributes:
        syn_ns: The first SYN.
        syn_ack_ns: The first answer to it.
        ack_ns: What the client said next.
        resent: One of them was sent again.
        epoch: How often the capture's clock had been set back before.
        stepped: It was set back meanwhile.
    """

    syn_ns: int | None = None
    syn_ack_ns: int | None = None
    ack_ns: int | None = None
    resent: bool = False
    epoch: int = 0
    stepped: bool = False


@dataclass(slots=True)
class Side:
    """What one end sends.

    Attributes:
        endpoint: Who.
        isn: The sequence number of its SYN, or ``None``.
        stream: Its bytes in order.
        messages: What they say.
        missing_bytes: How many of them the capture does not have.
        gaps: In how many places.
        cut: Packets of which the capture kept only the beginning.
        finished: It has sent a FIN.
        unacked: Messages that the other side has not acknowledged, the latest of them.
    """

    endpoint: Endpoint
    isn: int | None = None
    stream: Reassembly = field(default_factory=Reassembly)
    messages: MessageStream = field(default_factory=lambda: MessageStream(whole=False))
    missing_bytes: int = 0
    gaps: int = 0
    cut: int = 0
    finished: bool = False
    unacked: deque[Seen] = field(default_factory=lambda: deque(maxlen=_MAX_UNACKED))

    def acknowledged(self, at_ns: int | None) -> None:
        """Tell its messages when the other side acknowledged them."""
        while self.unacked and self.unacked[0].end <= self.stream.acked:
            self.unacked.popleft().acked_ns = at_ns


class Connection:
    """One TCP connection.

    Attributes:
        sides: What the two ends send; who opened it is the first, where ``opened`` says so.
        opened: Who opened it is known.
        handshake: How it was opened.
        copies: Packets with data that were captured twice.
        copied_in: Two files that have the same packet, or ``None``.
        listening: It may carry FIX.
        closed: Nothing more is taken of it.
    """

    def __init__(self, first: Endpoint, second: Endpoint, *, opened: bool) -> None:
        self.sides = Side(first), Side(second)
        self.opened = opened
        self.handshake = Handshake()
        self.copies = 0
        self.listening = True
        self.closed = False
        self.copied_in: tuple[str, str] | None = None
        self._recent: OrderedDict[int, tuple[int, str]] = OrderedDict()

    def __str__(self) -> str:
        first, second = (endpoint_text(side.endpoint) for side in self.sides)
        return f"{first} {'->' if self.opened else '-'} {second}"

    def side_of(self, endpoint: Endpoint) -> int:
        """Return which side an endpoint is, 0 or 1."""
        return 0 if endpoint == self.sides[0].endpoint else 1

    @property
    def speech(self) -> Speech:
        """What it carries, by either direction."""
        spoken = {side.messages.speech for side in self.sides}
        for speech in (Speech.FIX, Speech.TLS, Speech.OTHER):
            if speech in spoken:
                return speech
        return Speech.UNKNOWN

    @property
    def resent_ns(self) -> int | None:
        """When a segment of either direction was last sent again."""
        first, second = (side.stream.resent_ns for side in self.sides)
        return max(first or 0, second or 0) or None

    def is_copy(self, segment: Segment, path: str) -> bool:
        """Whether a packet was captured before; remembers it where not.

        Args:
            segment: It.
            path: The file that it is in.
        """
        at_ns = segment.at_ns
        if at_ns is None or not self.listening or self.closed:
            return False
        seen_ns, seen_in = self._recent.get(segment.fingerprint, (None, ""))
        within_ns = _SURELY_SAME_NS if segment.sure else _SAME_NS
        if seen_ns is not None and abs(at_ns - seen_ns) <= within_ns:
            self.copies += bool(segment.size)
            if seen_in != path:
                self.copied_in = seen_in, path
            return True
        self._recent[segment.fingerprint] = at_ns, path
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)
        return False

    def close(self) -> None:
        """Take nothing more of it."""
        self.closed = True
        self.ignore()

    def ignore(self) -> None:
        """Listen no more, and forget what only listening needs."""
        self.listening = False
        self._recent.clear()
