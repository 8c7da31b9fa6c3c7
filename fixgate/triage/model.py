"""What triage judges, and what it says. Plain values.

All instants of a `Sample` are of one clock, CLOCK_REALTIME, which the kernel stamps with, in
nanoseconds since the epoch. They are good for differences only; where the clock was stepped in
between, the sample is marked so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from fixgate.host.stall import Stall
from fixgate.net.tcp_info import TcpInfo

__all__ = [
    "Confidence",
    "Exchange",
    "Layer",
    "Mark",
    "Sample",
    "StampSource",
    "VenueTimes",
    "Verdict",
]


class Exchange(Enum):
    """What was asked and what answered; the value is what people read."""

    HEARTBEAT = "TestRequest to Heartbeat"
    ACKNOWLEDGEMENT = "order to acknowledgement"
    FILL = "order to fill"
    CANCEL = "cancel to cancelled"
    LOGON = "Logon to Logon"
    TCP = "TCP connect"
    TLS = "TLS handshake"

    @property
    def of_application(self) -> bool:
        """Whether the matching engine has a part in it, not the session layer alone."""
        return self in (Exchange.ACKNOWLEDGEMENT, Exchange.FILL, Exchange.CANCEL)

    @property
    def of_request(self) -> bool:
        """Whether it is a request on a session that is up, and may come any number of times."""
        return self not in (Exchange.LOGON, Exchange.TCP, Exchange.TLS)


class StampSource(Enum):
    """Whose clock the wire's instants of a sample are from, the best first."""

    HARDWARE = "network card"
    KERNEL = "kernel"
    CAPTURE = "packet capture"
    USER = "user space"
    LOG = "log"


class Mark(Enum):
    """What is to be known before a sample is believed."""

    COALESCED = "coalesced"
    """The reply came together with others, whose stamp it shares: its time is an upper bound."""
    RETRANSMITTED = "retransmitted"
    """A segment of this connection was sent again between request and reply."""
    STALLED = "stalled"
    """This process was held up between request and reply."""
    CLOCK_STEPPED = "clock stepped"
    """The wall clock was set between request and reply: the stamps say nothing."""
    LATE = "late"
    """The request was sent later than it was due: the connection or the prober was busy."""


@dataclass(frozen=True, slots=True)
class VenueTimes:
    """What a venue says of its own stages, by its own clock; ``None`` for what it does not say.

    Only differences between them count, for nobody has compared that clock with ours.

    Attributes:
        request_ns: The gateway had the request: RequestTime(5979).
        transact_ns: The matching engine was done: TransactTime(60).
        sending_ns: The reply left: SendingTime(52).
        precision_ns: How fine the coarsest of them is; 1 000 000 for milliseconds.
        entered_ns: The matching engine had the request: TrdRegTimestamp(769), Time In.
    """

    request_ns: int | None = None
    transact_ns: int | None = None
    sending_ns: int | None = None
    precision_ns: int = 1_000_000
    entered_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One request and its reply, with every instant that is known of their way.

    Attributes:
        kind: What was asked and what answered.
        name: TestReqID(112) or ClOrdID(11) of the request.
        app_sent_ns: Just before the request was given to the kernel.
        app_received_ns: Just after the reply was read from the kernel.
        source: Whose clock ``sent_ns`` and ``received_ns`` are from.
        due_ns: When the request was meant to be sent; ``None`` in a closed loop.
        scheduled_ns: The request entered the kernel's queue of packets (SCHED).
        sent_ns: It left towards the wire (SND), its first transmission.
        acked_ns: The peer's kernel acknowledged it (ACK); it may do so only with its reply.
        received_ns: The reply came from the wire (RX).
        card_ns: From the wire to the wire by the network card's own clock, which is another than
            that of all the instants; ``None`` where it stamps nothing.
        done_ns: The reply had been decoded and taken; ``None`` where that is not known.
        marks: What is to be known before it is believed.
        tcp_before: The connection before the request.
        tcp_after: The connection after the reply.
        stalls: When this process was held up meanwhile.
        venue: What the venue says of its own stages.
        session: Which session it was on.
        tls: Whether the connection is TLS.
    """

    kind: Exchange
    name: str
    app_sent_ns: int
    app_received_ns: int
    source: StampSource = StampSource.USER
    due_ns: int | None = None
    scheduled_ns: int | None = None
    sent_ns: int | None = None
    acked_ns: int | None = None
    received_ns: int | None = None
    card_ns: int | None = None
    done_ns: int | None = None
    marks: frozenset[Mark] = frozenset()
    tcp_before: TcpInfo | None = None
    tcp_after: TcpInfo | None = None
    stalls: tuple[Stall, ...] = ()
    venue: VenueTimes | None = None
    session: str = ""
    tls: bool = False

    @property
    def app_ns(self) -> int:
        """The round trip as this process saw it."""
        return self.app_received_ns - self.app_sent_ns

    @property
    def wire_ns(self) -> int | None:
        """The round trip from the wire to the wire; ``None`` without both stamps."""
        if self.card_ns is not None:
            return self.card_ns
        if self.sent_ns is None or self.received_ns is None:
            return None
        return self.received_ns - self.sent_ns

    @property
    def best_ns(self) -> int:
        """The wire's round trip where it is known, else what this process saw."""
        wire_ns = self.wire_ns
        return self.app_ns if wire_ns is None else wire_ns

    @property
    def response_ns(self) -> int:
        """From when the request was due: what a caller would have waited. No omission."""
        return self.app_received_ns - (self.app_sent_ns if self.due_ns is None else self.due_ns)


class Layer(Enum):
    """Where time was lost, or a fault lies."""

    HOST = "host"
    """Scheduling, interrupts, garbage collection, contention for a core, on this machine."""
    STACK = "host network stack"
    PATH = "network path"
    """Loss and congestion between the two kernels."""
    TLS = "TLS"
    GATEWAY = "gateway"
    """The venue's session layer, or whatever takes TestRequests and orders alike."""
    MATCHING = "matching engine"
    """What only orders meet: risk checks, the book."""
    PEER_READING = "peer not reading"
    UNATTRIBUTED = "unattributed"


class Confidence(Enum):
    """How sure a verdict is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What triage says of one slow sample, or one failure.

    Attributes:
        layer: The layer at fault.
        confidence: How sure that is; ``HIGH`` may be acted on alone.
        rule: A stable name of the rule that decided, such as ``loss`` or ``matching``.
        summary: One sentence for people, with the figures.
        evidence: Label and value of what was looked at, for people.
        next_step: What to do about it, in the imperative.
        others: What else fired, the next best first.
    """

    layer: Layer
    confidence: Confidence
    rule: str
    summary: str
    evidence: tuple[tuple[str, str], ...] = ()
    next_step: str = ""
    others: tuple[Verdict, ...] = field(default=())

    @property
    def usual(self) -> bool:
        """Whether it says that the sample is not slow at all."""
        return self.rule == "usual"
