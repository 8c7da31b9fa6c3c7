"""Histories written by hand: literal messages with ``|`` for SOH, one event a line."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from fixgate.health.events import (
    Closed,
    PhaseEnded,
    PhaseStarted,
    Resolved,
    SequenceNoted,
    TcpConnected,
)
from fixgate.health.judge import judge
from fixgate.health.model import CheckPlan, CheckReport, Level, OrderPlan, Phase
from fixgate.history import Record
from fixgate.net.settings import Address, ClientTls
from fixgate.session.settings import Credentials, Role, SessionId, SessionSettings

START_NS = 1_795_336_200_000_000_000  # 2026-11-22T08:30:00Z
STEP_NS = 1_000_000
PASSWORD = "s3cret-canary"


def plan(
    level: Level = Level.SESSION, *, tls: bool = False, warn_days: int = 30, **changes: object
) -> CheckPlan:
    made = CheckPlan(
        name="venue-main",
        address=Address("127.0.0.1", 9801),
        session=SessionSettings(
            SessionId("FIX.4.4", "DESK", "VENUE"),
            Role.INITIATOR,
            observe=True,
            credentials=Credentials("desk", PASSWORD),
        ),
        tls=ClientTls(warn_days=warn_days) if tls else None,
        level=level,
        order=OrderPlan("ABC", "1", Decimal(10), Decimal("1.00")) if level is Level.ORDER else None,
    )
    return replace(made, **changes)


def message(body: str, *, ours: bool, at: int) -> bytes:
    """Complete a body such as ``35=A|34=1|98=0`` to a whole message, independently of fixgate."""
    kind, _, rest = body.partition("|")
    ids = "49=DESK|56=VENUE" if ours else "49=VENUE|56=DESK"
    ids = "" if "|49=" in f"|{rest}" else f"{ids}|"
    time = "" if "|52=" in f"|{rest}" else f"52=20261122-08:30:{at // 1000:02d}.{at % 1000:03d}|"
    inner = f"{kind}|{ids}{time}{rest}|".replace("||", "|").replace("|", "\x01").encode("latin-1")
    head = b"8=FIX.4.4\x019=%d\x01" % len(inner)
    total = sum(head + inner) % 256
    return head + inner + b"10=%03d\x01" % total


class Story:
    """Builds a history; every record is one millisecond after the one before."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.at = 0

    def _add(self, glyph: str, what: object) -> Story:
        self.records.append(Record(START_NS + self.at * STEP_NS, glyph, what))
        self.at += 1
        return self

    def wait(self, milliseconds: int) -> Story:
        self.at += milliseconds
        return self

    def tx(self, body: str) -> Story:
        return self._add(">", message(body, ours=True, at=self.at))

    def rx(self, body: str) -> Story:
        return self._add("<", message(body, ours=False, at=self.at))

    def net(self, event: object) -> Story:
        return self._add("~", event)

    def step(self, event: object) -> Story:
        return self._add("#", event)

    def event(self, event: object) -> Story:
        return self._add("=", event)

    def phase(self, phase: Phase) -> Story:
        return self.step(PhaseStarted(phase))

    def done(self, phase: Phase) -> Story:
        return self.step(PhaseEnded(phase))

    def resolved(self) -> Story:
        self.phase(Phase.RESOLVE).net(Resolved("127.0.0.1", ("127.0.0.1",)))
        return self.done(Phase.RESOLVE)

    def connected(self) -> Story:
        self.resolved().phase(Phase.TCP).net(TcpConnected("127.0.0.1:9801", "127.0.0.1:50000"))
        return self.done(Phase.TCP)

    def logon_sent(self, number: int = 1, next_in: int = 1) -> Story:
        self.connected().step(SequenceNoted(number, next_in)).phase(Phase.LOGON)
        return self.tx(f"35=A|34={number}|98=0|108=30|553=desk|554={PASSWORD}")

    def logged_on(self, extra: str = "") -> Story:
        return self.logon_sent().rx(f"35=A|34=1|98=0|108=30{extra}").done(Phase.LOGON)

    def tested(self) -> Story:
        self.phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=fixgate-1").rx("35=0|34=2|112=fixgate-1")
        return self.done(Phase.TEST_REQUEST)

    def numbered(self) -> Story:
        return self.phase(Phase.SEQUENCE).done(Phase.SEQUENCE)

    def logged_out(self, number: int = 3, theirs: int | None = None) -> Story:
        theirs = theirs or number
        self.phase(Phase.LOGOUT).tx(f"35=5|34={number}").rx(f"35=5|34={theirs}|58=bye")
        self.net(Closed(by_peer=True)).step(SequenceNoted(number + 1, theirs + 1))
        return self.done(Phase.LOGOUT)

    def judged(self, wanted: CheckPlan | None = None) -> CheckReport:
        return judge(wanted or plan(), self.records)
