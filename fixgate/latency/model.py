"""What a measurement is asked to do, and what it finds. Plain values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from fixgate.health.model import CheckPlan, CheckReport
from fixgate.host.account import Account
from fixgate.host.lateness import Lateness
from fixgate.triage.model import Exchange, Layer, Mark, Sample, StampSource, Verdict
from fixgate.triage.split import Part

__all__ = [
    "Budget",
    "BudgetOutcome",
    "Distribution",
    "Figure",
    "Floor",
    "LatencyPlan",
    "LatencyReport",
    "Mode",
    "Moment",
    "Ours",
    "Series",
    "SlowSample",
]


class Figure(Enum):
    """From where to where a latency is measured; the value is what people read."""

    WIRE = "wire to wire"
    """By the stamps of kernel, network card or capture: no part of it is ours."""
    APP = "application"
    """From just before the write to just after the read, as this process saw it."""
    RESPONSE = "due to application"
    """From when the request was due: what somebody who sends at that rate would have waited."""


class Mode(Enum):
    """How requests are sent, or where they were found."""

    OPEN = "open loop"
    """Each at its own instant, whatever became of the one before."""
    CLOSED = "closed loop"
    """Each after the reply to the one before."""
    CAPTURE = "packet capture"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit on a percentile, such as ``p99<2ms`` or ``cancel p99.9<5ms``.

    Attributes:
        percentile: Above 0, at most 100, which is the maximum.
        limit_ns: The figure must lie below it.
        kind: Of which exchange; ``None`` for every request that was measured, which connecting
            and logging on are not.
        figure: Which; ``None`` for the wire, and the application where there are no stamps.
        text: As it was given.
    """

    percentile: float
    limit_ns: int
    kind: Exchange | None = None
    figure: Figure | None = None
    text: str = ""

    def concerns(self, kind: Exchange) -> bool:
        """Whether it is about an exchange."""
        return kind.of_request if self.kind is None else kind is self.kind


@dataclass(frozen=True, slots=True)
class BudgetOutcome:
    """Whether one series kept within a budget.

    Attributes:
        budget: Which.
        figure: The figure that was looked at.
        actual_ns: What it is; ``None`` when so many requests were not answered that the percentile
            is one of them: then nothing keeps it.
    """

    budget: Budget
    figure: Figure
    actual_ns: int | None

    @property
    def kept(self) -> bool:
        """Whether it lies below the limit."""
        return self.actual_ns is not None and self.actual_ns < self.budget.limit_ns


@dataclass(frozen=True, slots=True)
class LatencyPlan:
    """What to measure on one session.

    Attributes:
        check: The session: address, TLS, store, orders where they are allowed.
        rate: Requests a second; ``None`` for a closed loop.
        count: Requests to send; ``None`` when ``duration_ns`` ends it.
        duration_ns: How long to send; ``None`` when ``count`` ends it.
        orders: Whether orders and their cancels are sent, beside TestRequests.
        fills: Whether orders that trade are sent, too, where the session file has prices for them.
        budgets: Limits.
        worst: How many of the slowest samples of each exchange are kept whole.
        stamps: Whether the kernel is asked for stamps.
        connects_after_ns: A connection is opened, and closed again, while a reply is overdue for
            so long; ``None`` for never.
    """

    check: CheckPlan
    rate: float | None = None
    count: int | None = None
    duration_ns: int | None = None
    orders: bool = False
    fills: bool = False
    budgets: tuple[Budget, ...] = ()
    worst: int = 10
    stamps: bool = True
    connects_after_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a figure is spread; everything in nanoseconds, to three digits (HDR histogram).

    Attributes:
        count: Samples.
        min_ns: The least.
        max_ns: The greatest.
        mean_ns: The mean.
        percentiles: ``(percentile, value)``, ascending, only those that so many samples can tell.
        curve: ``(percentile, value)``, ascending, enough of them to draw.
        hdr: The whole histogram, base64 of the standard's compressed V2 encoding.
    """

    count: int
    min_ns: int
    max_ns: int
    mean_ns: int
    percentiles: tuple[tuple[float, int], ...]
    curve: tuple[tuple[float, int], ...]
    hdr: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One slice of the run.

    Attributes:
        at_ns: When it began, nanoseconds since the epoch.
        count: Samples whose request was due, or sent, in it.
        median_ns: About their median, to two digits.
        max_ns: Their maximum, exactly.
        duration_ns: How long it is.
        marked: How many of them have a mark.
    """

    at_ns: int
    count: int
    median_ns: int
    max_ns: int
    duration_ns: int = 0
    marked: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """One exchange on one session.

    Attributes:
        kind: What was asked and what answered.
        session: Its name.
        figures: The distribution of every figure that is known, of all samples.
        unmarked: The best figure again, of the samples without a mark; ``None`` when every sample
            is so, or none.
        marks: How many samples have each mark.
        unanswered: Requests that no reply came to.
        moments: The best figure in the course of time.
        source: Whose clock the wire figure is from; ``USER`` when there is none.
        budgets: What became of the budgets.
    """

    kind: Exchange
    session: str
    figures: Mapping[Figure, Distribution]
    unmarked: Distribution | None = None
    marks: Mapping[Mark, int] = field(default_factory=dict)
    unanswered: int = 0
    moments: tuple[Moment, ...] = ()
    source: StampSource = StampSource.USER
    budgets: tuple[BudgetOutcome, ...] = ()

    @property
    def best(self) -> Figure:
        """The figure that says most of the venue."""
        return Figure.WIRE if Figure.WIRE in self.figures else Figure.APP


@dataclass(frozen=True, slots=True)
class SlowSample:
    """One of the slowest, with its whole context.

    Attributes:
        sample: It.
        verdict: Which layer its time was lost in.
        parts: Where its time went, in order.
        messages: Request and reply as people read them, secrets masked.
        facts: More of its context, label and value, such as the processor that it ran on.
    """

    sample: Sample
    verdict: Verdict
    parts: tuple[Part, ...]
    messages: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Floor:
    """What the measuring itself costs, found before the run on a socket pair of this machine.

    Attributes:
        app: A message of the same size there and back, as this process sees it.
        wire: The same by the kernel's stamps; ``None`` without them.
        clock_ns: The least step by which the clock was seen to move.
        clock: Its name, such as ``tsc``.
    """

    app: Distribution
    wire: Distribution | None
    clock_ns: int
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Ours:
    """What this process was like while it measured.

    Attributes:
        waking: How late a thread woke up that only slept.
        loop: How late the event loop was, beyond its own grain of a millisecond.
        collections: Pauses of the garbage collector that were worth noting.
        collecting_ns: How long they were together.
    """

    waking: Lateness
    loop: Lateness
    collections: int
    collecting_ns: int


@dataclass(frozen=True, slots=True)
class LatencyReport:
    """What a measurement found.

    Attributes:
        mode: How requests were sent, or where they were found.
        targets: Sessions or files, as people call them.
        started_ns: When, nanoseconds since the epoch, UTC.
        duration_ns: How long it took.
        series: One an exchange and session; Logon, TCP and TLS among them.
        slow: The slowest of each series by the wire, and of its moments by what a caller waited;
            slowest first.
        layers: Of the slow ones that are slower than usual, how many lie with each layer.
        budgets: Every limit that was set, whether anything was measured that it is about or not.
        plans: What was asked; empty for captures and logs.
        checks: How each session began and ended, as a check tells it; empty likewise.
        floor: What the measuring itself costs; ``None`` for captures and logs.
        ours: What this process was like meanwhile; ``None`` likewise.
        rate: Requests a second that were asked for, on each session; ``None`` in a closed loop.
        remarks: What is to be known of the whole: stamps that were not to be had and why,
            samples that were not used.
        precision_ns: How fine the source's instants are; 1 for the kernel's.
        host: Name of the machine that measured.
        version: fixgate's version.
        host_account: What there is to say of that machine, before the measurement and over it;
            ``None`` for captures and logs.
    """

    mode: Mode
    targets: tuple[str, ...]
    started_ns: int
    duration_ns: int
    series: tuple[Series, ...]
    slow: tuple[SlowSample, ...] = ()
    layers: Mapping[Layer, int] = field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()
    plans: tuple[LatencyPlan, ...] = ()
    checks: tuple[CheckReport, ...] = ()
    floor: Floor | None = None
    ours: Ours | None = None
    rate: float | None = None
    remarks: tuple[str, ...] = ()
    precision_ns: int = 1
    host: str = ""
    version: str = ""
    host_account: Account | None = None
