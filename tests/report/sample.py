"""A realistic run for the renderings: two venues, every FIX version, and several sick sessions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from fixgate.health.model import (
    CheckPlan,
    CheckReport,
    Evidence,
    Expectation,
    Finding,
    FleetReport,
    Layer,
    Level,
    OrderPlan,
    Phase,
    PhaseResult,
    RoundTrip,
    Severity,
    Status,
)
from fixgate.net.settings import Address, ClientTls
from fixgate.session.settings import Credentials, Role, SessionId, SessionSettings

START_NS = 1_795_336_200_000_000_000  # 2026-11-22T08:30:00Z
MS = 1_000_000
PASSWORD = "hunter2-canary"


def plan(
    name: str,
    begin_string: str = "FIX.4.4",
    appl_ver_id: str | None = None,
    *,
    group: str = "London Equities",
    host: str = "10.20.1.15",
    port: int = 9801,
    tls: bool = False,
    level: Level = Level.SESSION,
    expectation: Expectation | None = None,
) -> CheckPlan:
    return CheckPlan(
        name=name,
        address=Address(host, port),
        session=SessionSettings(
            SessionId(begin_string, "DESK1", name.upper().replace("-", "")[:10]),
            Role.INITIATOR,
            default_appl_ver_id=appl_ver_id,
            observe=True,
            credentials=Credentials("desk1", PASSWORD),
        ),
        tls=ClientTls() if tls else None,
        level=level,
        order=OrderPlan("ABC", "1", Decimal(1), Decimal("1.00")) if level is Level.ORDER else None,
        expectation=expectation,
        source="sessions/fleet.yaml:12",
        group=group,
    )


def messages(p: CheckPlan, *lines: str) -> tuple[Evidence, ...]:
    """Build a transcript from lines such as ``> 35=A|34=1``, 1.2 ms apart."""
    evidence = []
    for index, line in enumerate(lines):
        glyph, _, body = line.partition(" ")
        if glyph in "<>":
            ours, theirs = p.session.id.ours, p.session.id.theirs
            if glyph == "<":
                ours, theirs = theirs, ours
            kind, _, rest = body.partition("|")
            body = (
                f"8={p.session.id.begin_string}|9=112|{kind}|49={ours}|56={theirs}|"
                f"52=20261122-08:30:00.{index:03d}|{rest}|10=127|"
            )
        evidence.append(Evidence(START_NS + index * 1_200_000 + 137, glyph, body))
    return tuple(evidence)


def healthy(p: CheckPlan, *, scale: int = 1, warn: Finding | None = None) -> CheckReport:
    logon = "> 35=A|34=811|98=0|108=30|553=desk1|554=***"
    transcript = messages(
        p,
        f"~ connected to {p.address}",
        logon,
        "< 35=A|34=640|98=0|108=30",
        "> 35=1|34=812|112=fixgate-1",
        "< 35=0|34=641|112=fixgate-1",
        "> 35=5|34=813",
        "< 35=5|34=642|58=Goodbye",
        "~ closed by the venue",
    )
    phases = [
        PhaseResult(Phase.RESOLVE, Status.PASS, 90_000, (("address", p.address.host),)),
        PhaseResult(Phase.TCP, Status.PASS, 310_000 * scale, (("peer", str(p.address)),)),
    ]
    if p.tls:
        facts = (
            ("protocol", "TLSv1.3"),
            ("cipher", "TLS_AES_256_GCM_SHA384"),
            ("certificate", "CN=gw.example.com, expires 2027-03-01 (in 98 days)"),
        )
        phases.append(PhaseResult(Phase.TLS, Status.PASS, 4 * MS * scale, facts))
    trips = tuple(scale * n for n in (412_000, 371_000, 398_000, 1_204_000, 365_000))
    phases += [
        PhaseResult(Phase.LOGON, Status.PASS, 2 * MS * scale, (("HeartBtInt(108)", "30"),)),
        PhaseResult(Phase.TEST_REQUEST, Status.PASS, sum(trips), (("round trips", "5"),)),
        PhaseResult(
            Phase.SEQUENCE,
            Status.PASS,
            0,
            (("next out", "811 before, 814 after"), ("next in", "640 before, 643 after")),
        ),
    ]
    orders: tuple[int, ...] = ()
    if p.level is Level.ORDER:
        orders = (920_000 * scale,)
        facts = (("ClOrdID(11)", "FG-1C9A-1"), ("order", "Buy 1 ABC @ 1.00, New, then Canceled"))
        phases.append(PhaseResult(Phase.ORDER, Status.PASS, 2 * MS * scale, facts))
    phases.append(PhaseResult(Phase.LOGOUT, Status.PASS, 700_000 * scale, ()))
    status = Status.PASS
    if warn is not None:
        phases = [replace(r, status=Status.WARN) if r.phase is warn.phase else r for r in phases]
        status = Status.WARN
    return CheckReport(
        p,
        status,
        START_NS,
        sum(r.duration_ns or 0 for r in phases),
        tuple(phases),
        (warn,) if warn else (),
        tuple(map(RoundTrip, trips)),
        tuple(map(RoundTrip, orders)),
        transcript,
    )


def sick(
    p: CheckPlan,
    cause: str,
    layer: Layer,
    phase: Phase,
    summary: str,
    next_step: str,
    lines: tuple[str, ...],
    *,
    duration_ns: int = 3 * MS,
    status: Status = Status.FAIL,
) -> CheckReport:
    transcript = messages(p, *lines)
    finding = Finding(cause, layer, Severity.FAILURE, phase, summary, next_step, transcript[-3:])
    wanted = [Phase.RESOLVE, Phase.TCP]
    wanted += [Phase.TLS] if p.tls else []
    wanted += [Phase.LOGON, Phase.TEST_REQUEST, Phase.SEQUENCE, Phase.LOGOUT]
    phases, reached = [], True
    for each in wanted:
        if each is phase:
            phases.append(PhaseResult(each, status, duration_ns))
            reached = False
        elif reached:
            phases.append(PhaseResult(each, Status.PASS, 250_000))
        else:
            phases.append(PhaseResult(each, Status.SKIPPED))
    return CheckReport(
        p, status, START_NS, duration_ns + MS, tuple(phases), (finding,), transcript=transcript
    )


def sick_checks(*, rehearsal: bool = False) -> list[CheckReport]:
    def expect(cause: str) -> Expectation | None:
        return Expectation(Status.FAIL, cause) if rehearsal else None

    opened = "~ connected to 10.20.1.15:9801"
    logon = "> 35=A|34=1|98=0|108=30|553=desk1|554=***"
    where = "Compare sequence numbers with the venue's operators before the open"
    return [
        sick(
            plan("xlon-backup", expectation=expect("logon-refused")),
            "logon-refused",
            Layer.GATEWAY,
            Phase.LOGON,
            'The venue refused the Logon: "Invalid username or password".',
            "Check Username(553) and the password that the session file refers to; ask the "
            "venue whether the account is locked or the password has expired.",
            (opened, logon, "< 35=5|34=1|58=Invalid username or password", "~ closed by the venue"),
        ),
        sick(
            plan("xpar-main", group="Continental", port=9902, expectation=expect("silent")),
            "silent",
            Layer.GATEWAY,
            Phase.LOGON,
            "The TCP connection was accepted but no byte came in answer to the Logon within 8 s.",
            "Ask the venue whether the gateway process behind this port is up; check that no "
            "firewall or load balancer answers in its place.",
            (opened, logon, "# deadline of 8 s passed"),
            duration_ns=8_000 * MS,
        ),
        sick(
            plan("xams-main", group="Continental", expectation=expect("seqnum-too-low")),
            "seqnum-too-low",
            Layer.GATEWAY,
            Phase.LOGON,
            "The venue expects MsgSeqNum(34) 812 from us, but our store was at 1.",
            f"{where}; restore the store, or agree on a reset and set reset_on_logon.",
            (opened, logon, "< 35=5|34=1|58=MsgSeqNum too low, expecting 812 but received 1"),
        ),
        sick(
            plan("xetr-tls", group="Continental", tls=True, expectation=expect("tls-expired")),
            "tls-expired",
            Layer.TLS,
            Phase.TLS,
            "The venue's certificate CN=gw.example.com expired on 2026-10-31 (22 days ago).",
            "Ask the venue for the renewed certificate; do not switch verification off.",
            (opened, "~ TLS failed: certificate has expired"),
        ),
    ]


def fleet(*, rehearsal: bool = False, sick_only: bool = False) -> FleetReport:
    """Build a run of 16 sessions: 11 healthy, one with a warning, four sick."""
    skew = Finding(
        "clock-skew",
        Layer.HOST,
        Severity.WARNING,
        Phase.LOGON,
        "The venue's SendingTime(52) is 2.31 s behind our clock; the tolerance is 1.00 s.",
        "Check time synchronisation on this host (chronyc tracking) before you ask the venue.",
    )
    versions = [
        ("xlon-main", "FIX.4.2", None),
        ("xlon-drop", "FIX.4.4", None),
        ("xlon-fixt", "FIXT.1.1", "9"),
        ("xlon-care", "FIX.4.0", None),
        ("xlon-algo", "FIX.4.1", None),
        ("xlon-etf", "FIX.4.3", None),
    ]
    london = [healthy(plan(n, b, a), scale=i + 1) for i, (n, b, a) in enumerate(versions)]
    london.append(healthy(plan("xlon-orders", level=Level.ORDER)))
    continental = [
        healthy(plan("xbru-main", "FIXT.1.1", "7", group="Continental", port=9903, tls=True)),
        healthy(plan("xlis-main", "FIXT.1.1", "8", group="Continental", tls=True, port=9904)),
        healthy(plan("xmil-main", group="Continental", tls=True, host="gw.mil.example.com")),
        healthy(plan("xmad-orders", group="Continental", level=Level.ORDER, port=9906)),
        healthy(plan("xosl-main", group="Continental", port=9907), warn=skew),
    ]
    bad = sick_checks(rehearsal=rehearsal)
    checks = bad if sick_only else [*london, bad[0], *continental, *bad[1:]]
    return FleetReport(START_NS, 8_012 * MS, tuple(checks), "desk-host-1", "0.1.0")
