"""What a check is asked to do, and what it finds. Plain values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from fixgate.health.persistence.plan import PersistencePlan
from fixgate.net.settings import Address, ClientTls, StoreSettings
from fixgate.session.settings import SessionSettings

__all__ = [
    "CheckPlan",
    "CheckReport",
    "Closure",
    "Evidence",
    "Expectation",
    "FillPrices",
    "Finding",
    "FleetReport",
    "Layer",
    "Level",
    "OrderPlan",
    "Phase",
    "PhaseResult",
    "RoundTrip",
    "Severity",
    "Status",
]


class Level(Enum):
    """How deep a check goes; each level includes those before it.

    Level persistence includes the test order where orders are allowed.
    """

    TCP = "tcp"
    TLS = "tls"
    LOGON = "logon"
    SESSION = "session"
    ORDER = "order"
    PERSISTENCE = "persistence"


class Phase(Enum):
    """One step of a check, in the order in which they happen."""

    RESOLVE = "resolve"
    TCP = "tcp"
    TLS = "tls"
    LOGON = "logon"
    TEST_REQUEST = "test request"
    SEQUENCE = "sequence"
    ORDER = "order"
    BACK_AFTER_LOGOUT = "back after logout"
    BACK_AFTER_FIN = "back after fin"
    BACK_AFTER_RST = "back after rst"
    BACK_AFTER_SILENCE = "back after silence"
    LOGOUT = "logout"


class Status(Enum):
    """How a phase or a check ended.

    ``UNKNOWN``: it could not be determined. ``SKIPPED``: a phase was not reached; a check was left
    out because its session is closed.
    """

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Layer(Enum):
    """Where a fault lies."""

    CONFIG = "configuration"
    HOST = "host"
    NETWORK = "network"
    TLS = "TLS"
    GATEWAY = "gateway"
    MATCHING = "matching engine"


class Severity(Enum):
    """How bad a finding is."""

    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of proof: a message (secrets masked, SOH shown as ``|``) or a fact.

    Attributes:
        at_ns: When, nanoseconds since the epoch, UTC.
        glyph: As in `fixgate.history.Record`.
        text: What a person reads.
    """

    at_ns: int
    glyph: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, explained.

    Attributes:
        cause: A stable name for programs, such as ``logon-refused`` or ``tls-expired``.
        layer: Where the fault lies.
        severity: Warning or failure.
        phase: When it showed.
        summary: One sentence: what was received and what was expected.
        next_step: What to do about it, in the imperative.
        evidence: The records that prove it.
    """

    cause: str
    layer: Layer
    severity: Severity
    phase: Phase
    summary: str
    next_step: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseResult:
    """One phase: how it ended, how long it took (``None`` when not reached), what it showed.

    Attributes:
        facts: Label and value pairs for people, such as ``("cipher", "TLS_AES_256_GCM")``.
    """

    phase: Phase
    status: Status
    duration_ns: int | None = None
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FillPrices:
    """At what prices a measurement may trade, where the session file allows that."""

    buy: Decimal
    sell: Decimal


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """The test order of level ``order``: far from the market, acknowledged, then cancelled.

    Only made when the session file allows orders.

    Attributes:
        fills: Where orders that trade may be measured; ``None`` where nothing may trade.
    """

    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    account: str | None = None
    fills: FillPrices | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a check is meant to find, for rehearsals: found sick for the right reason.

    Attributes:
        status: The status it must end with.
        cause: The cause of its first failure, or ``None`` when any will do.
    """

    status: Status
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """One session to check.

    Attributes:
        name: Shown on the board; unique in a run.
        address: Where to connect.
        tls: ``None`` for plain TCP.
        session: The FIX session, role initiator, ``observe`` on.
        level: How deep to go.
        deadline_ns: For the whole check.
        store: Where the session's numbers are kept between checks.
        order: The test order, or ``None`` where orders are not allowed.
        persistence: How the line may be cut, or ``None`` where it may not.
        test_requests: TestRequest round trips at level ``session`` and above.
        expectation: For rehearsals, or ``None``.
        source: ``file:line`` the plan came from, or empty.
        group: A heading on the board, such as the venue's name; may be empty.
    """

    name: str
    address: Address
    session: SessionSettings
    tls: ClientTls | None = None
    level: Level = Level.SESSION
    deadline_ns: int = 10_000_000_000
    store: StoreSettings = field(default_factory=StoreSettings)
    order: OrderPlan | None = None
    persistence: PersistencePlan | None = None
    test_requests: int = 3
    expectation: Expectation | None = None
    source: str = ""
    group: str = ""

    @property
    def longest_ns(self) -> int:
        """How long the check takes at most: its deadline, at level persistence with all returns."""
        if self.level is not Level.PERSISTENCE or self.persistence is None:
            return self.deadline_ns
        returns_ns = self.persistence.longest_ns(self.deadline_ns, self.session.heartbeat_s)
        return self.deadline_ns + returns_ns


@dataclass(frozen=True, slots=True)
class Closure:
    """Why a check was left out: by its schedule, the session is closed.

    Attributes:
        opens_ns: When it can be checked again, nanoseconds since the epoch, UTC.
        text: Why, and when, for people.
    """

    opens_ns: int
    text: str


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """How long a reply took.

    Attributes:
        app_ns: As this process saw it: the other sessions of the run are in it.
        wire_ns: From the wire to the wire by the kernel's stamps; ``None`` without them.
    """

    app_ns: int
    wire_ns: int | None = None

    @property
    def best_ns(self) -> int:
        """The wire's figure where it is known."""
        return self.app_ns if self.wire_ns is None else self.wire_ns


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What the check of one session found.

    Attributes:
        plan: What was asked.
        status: The worst of its phases.
        started_ns: When, nanoseconds since the epoch, UTC.
        duration_ns: From start to the last byte.
        phases: Every phase of the level, in order; those not reached are ``SKIPPED``.
        findings: What is wrong, the primary first.
        round_trips: TestRequest to Heartbeat.
        order_round_trips: Order to acknowledgement.
        transcript: Every message and event, masked.
        closure: Why the check was left out; ``None`` when it was not.
    """

    plan: CheckPlan
    status: Status
    started_ns: int
    duration_ns: int
    phases: tuple[PhaseResult, ...]
    findings: tuple[Finding, ...] = ()
    round_trips: tuple[RoundTrip, ...] = ()
    order_round_trips: tuple[RoundTrip, ...] = ()
    transcript: tuple[Evidence, ...] = ()
    closure: Closure | None = None

    @property
    def round_trips_ns(self) -> tuple[int, ...]:
        """TestRequest to Heartbeat, each by the better clock."""
        return tuple(each.best_ns for each in self.round_trips)

    @property
    def order_round_trips_ns(self) -> tuple[int, ...]:
        """Order to acknowledgement, each by the better clock."""
        return tuple(each.best_ns for each in self.order_round_trips)

    @property
    def stamped(self) -> bool:
        """Whether every round trip is by the kernel's stamps."""
        every = (*self.round_trips, *self.order_round_trips)
        return bool(every) and all(each.wire_ns is not None for each in every)

    @property
    def as_expected(self) -> bool | None:
        """Whether a rehearsal found what it was meant to.

        ``None`` without an expectation, and when the check was left out.
        """
        wanted = self.plan.expectation
        if wanted is None or self.closure is not None:
            return None
        failures = [f.cause for f in self.findings if f.severity is Severity.FAILURE]
        cause = failures[0] if failures else None
        return self.status is wanted.status and (wanted.cause is None or wanted.cause == cause)


@dataclass(frozen=True, slots=True)
class FleetReport:
    """The checks of one run.

    Attributes:
        started_ns: When the run began, nanoseconds since the epoch, UTC.
        duration_ns: Wall time of the run.
        checks: One a session, in the order of the files.
        host: Name of the machine that checked.
        version: fixgate's version.
    """

    started_ns: int
    duration_ns: int
    checks: tuple[CheckReport, ...]
    host: str
    version: str
