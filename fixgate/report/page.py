"""What the HTML report shows, as plain text values: the template only places them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from fixgate.health.model import (
    CheckReport,
    Evidence,
    Finding,
    FleetReport,
    Level,
    PhaseResult,
    RoundTrip,
    Status,
)
from fixgate.report.charts import Dots, Timeline, dots_of, timeline_of
from fixgate.report.fields import Field, FieldNames, names_for
from fixgate.report.host.page import AccountView, account_view
from fixgate.report.text import format_duration, format_instant, format_time_of_day, printable
from fixgate.report.tile import Tile
from fixgate.report.verdict import (
    Tally,
    Verdict,
    exit_code,
    grouped,
    is_good,
    note_of,
    primary,
    spread_of,
    tally,
    verdict_of,
    version_of,
)

__all__ = ["Page", "page_of"]

_TIMELINE_WIDTH = 220.0
_CHART_WIDTH, _CHART_HEIGHT = 320.0, 40.0
_TRANSCRIPT_AT_MOST = 200
_TONES = {
    Verdict.GO: "go",
    Verdict.NO_GO: "no-go",
    Verdict.UNKNOWN: "unknown",
    Verdict.CLOSED: "closed",
}
_SHALLOW = (Level.TCP, Level.TLS, Level.LOGON)
_KINDS = {">": "tx", "<": "rx"}


@dataclass(frozen=True, slots=True)
class RecordView:
    """One line of evidence; ``fields`` is empty when it is no message."""

    at: str
    glyph: str
    kind: str
    text: str
    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding."""

    severity: str
    cause: str
    layer: str
    phase: str
    summary: str
    next_step: str
    evidence: tuple[RecordView, ...]


@dataclass(frozen=True, slots=True)
class PhaseView:
    """One row of the table of phases."""

    phase: str
    status: str
    status_word: str
    took: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ChartView:
    """Round trips: the dots and the figures under them."""

    points: tuple[tuple[float, float, str], ...]
    median_x: float
    axis: tuple[tuple[float, str], ...]
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session: its row and what opens under it."""

    index: int
    anchor: str
    name: str
    group: str
    version: str
    address: str
    verdict: str
    tone: str
    rank: int
    good: bool
    note: str
    trip: str
    trip_ns: int
    took: str
    took_ns: int
    search: str
    timeline: Timeline
    findings: tuple[FindingView, ...]
    phases: tuple[PhaseView, ...]
    facts: tuple[tuple[str, str], ...]
    charts: tuple[tuple[str, ChartView], ...]
    transcript: tuple[RecordView, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class GroupView:
    """The sessions under one heading."""

    name: str
    go: int
    sessions: tuple[SessionView, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report."""

    title: str
    short_title: str
    tone: str
    started: str
    took: str
    total: int
    host: str
    version: str
    tiles: tuple[Tile, ...]
    attention_title: str
    attention: tuple[SessionView, ...]
    groups: tuple[GroupView, ...]
    account: AccountView | None


def page_of(fleet: FleetReport) -> Page:
    """Turn a run into the values of its page."""
    counted, numbers = tally(fleet), count(1)
    groups = tuple(
        GroupView(
            printable(name),
            sum(1 for c in checks if verdict_of(c) is Verdict.GO),
            tuple(_session(c, next(numbers)) for c in checks),
        )
        for name, checks in grouped(fleet.checks)
    )
    sick = [s for g in groups for s in g.sessions if s.findings or not s.good]
    title, tone = _title(fleet)
    tiles = [
        Tile(counted.go - counted.warned, "GO", "go"),
        Tile(counted.warned, "GO with warnings", "warn"),
        Tile(counted.no_go, "NO-GO", "no-go"),
        Tile(counted.unknown, "UNKNOWN", "unknown"),
    ]
    if counted.closed:
        tiles.append(Tile(counted.closed, "CLOSED", "closed"))
    return Page(
        title=title,
        short_title=str(counted),
        tone=tone,
        started=format_instant(fleet.started_ns, digits=0).replace("T", " ").replace("Z", " UTC"),
        took=_duration(fleet.duration_ns),
        total=counted.total,
        host=printable(fleet.host),
        version=printable(fleet.version),
        tiles=tuple(tiles),
        attention_title="Findings" if all(s.good for s in sick) else "Needs attention",
        attention=tuple(sorted(sick, key=lambda s: (s.good, s.rank))),
        groups=groups,
        account=account_view(fleet.host_account) if fleet.host_account else None,
    )


def _title(fleet: FleetReport) -> tuple[str, str]:
    counted = tally(fleet)
    tone = {0: "go", 1: "no-go", 3: "unknown"}[exit_code(fleet)]
    if counted.unexpected:
        return f"{counted.unexpected} of {counted.total} sessions not found as expected", tone
    if counted.sick_as_expected and tone == "go":
        healthy = counted.total - counted.sick_as_expected
        return f"As expected: {healthy} GO, {counted.sick_as_expected} sick on purpose", tone
    if counted.go == counted.total:
        return ("The session is GO" if counted.total == 1 else "All sessions are GO"), tone
    if counted.go + counted.closed == counted.total:
        return _title_of_closed(counted), "go" if counted.go else "closed"
    word, number = "NO-GO", counted.no_go
    if not counted.no_go:
        word, number = "UNKNOWN", counted.unknown
    if counted.total == 1:
        return f"The session is {word}", tone
    return f"{number} of {counted.total} sessions {'is' if number == 1 else 'are'} {word}", tone


def _title_of_closed(counted: Tally) -> str:
    if counted.total == 1:
        return "The session is closed"
    if not counted.go:
        return "All sessions are closed"
    return f"All open sessions are GO, {counted.closed} closed"


def _session(check: CheckReport, index: int) -> SessionView:
    plan, verdict = check.plan, verdict_of(check)
    trips = spread_of(check.round_trips_ns)
    transcript = check.transcript
    left_out = max(len(transcript) - _TRANSCRIPT_AT_MOST, 0)
    if left_out:
        half = _TRANSCRIPT_AT_MOST // 2
        transcript = transcript[:half] + transcript[-half:]
    name, version, address = printable(plan.name), version_of(plan), str(plan.address)
    names = names_for(plan.session.id.begin_string, version)
    first = primary(check)
    findings = sorted(check.findings, key=lambda f: f is not first)
    return SessionView(
        index=index,
        anchor=f"session-{index}",
        name=name,
        group=printable(plan.group),
        version=printable(version),
        address=printable(address),
        verdict=verdict.value,
        tone="warn" if check.status is Status.WARN else _TONES[verdict],
        rank=_rank(check),
        good=is_good(check),
        note=note_of(check),
        trip=_duration(trips.median_ns) if trips else "",
        trip_ns=trips.median_ns if trips else 2**53,
        took=_duration(check.duration_ns),
        took_ns=check.duration_ns,
        search=printable(
            " ".join((name, plan.group, version, address, verdict.value, str(plan.session.id)))
        ).lower(),
        timeline=timeline_of(check, _TIMELINE_WIDTH),
        findings=tuple(_finding(f, names) for f in findings),
        phases=tuple(_phase(r) for r in check.phases),
        facts=_facts(check),
        charts=_charts(check),
        transcript=tuple(_record(e, names) for e in transcript),
        left_out=left_out,
    )


def _rank(check: CheckReport) -> int:
    order = (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.PASS, Status.SKIPPED)
    return order.index(check.status)


def _finding(finding: Finding, names: FieldNames) -> FindingView:
    return FindingView(
        finding.severity.value,
        finding.cause,
        finding.layer.value,
        finding.phase.value,
        printable(finding.summary),
        printable(finding.next_step),
        tuple(_record(e, names) for e in finding.evidence),
    )


def _phase(result: PhaseResult) -> PhaseView:
    word = "not reached" if result.status is Status.SKIPPED else result.status.value
    facts = tuple((printable(label), printable(value)) for label, value in result.facts)
    took = _duration(result.duration_ns) if result.duration_ns is not None else ""
    return PhaseView(result.phase.value, result.status.value, word, took, facts)


def _facts(check: CheckReport) -> tuple[tuple[str, str], ...]:
    plan = check.plan
    facts = [
        ("SenderCompID(49)", plan.session.id.ours),
        ("SenderSubID(50)", plan.session.id.our_sub_id),
        ("SenderLocationID(142)", plan.session.id.our_location_id),
        ("TargetCompID(56)", plan.session.id.theirs),
        ("TargetSubID(57)", plan.session.id.their_sub_id),
        ("TargetLocationID(143)", plan.session.id.their_location_id),
        ("BeginString(8)", plan.session.id.begin_string),
        ("checked to level", plan.level.value + (" only" if plan.level in _SHALLOW else "")),
        ("started", f"{format_time_of_day(check.started_ns, digits=3)} UTC"),
        ("took", f"{_duration(check.duration_ns)} of {_duration(plan.longest_ns)} allowed"),
        ("file", plan.source),
    ]
    return tuple((label, printable(value)) for label, value in facts if value)


def _charts(check: CheckReport) -> tuple[tuple[str, ChartView], ...]:
    titled = (
        ("TestRequest to Heartbeat", check.round_trips),
        ("Order to acknowledgement", check.order_round_trips),
    )
    laid_out = (
        (
            f"{title}, {_clock(trips)}",
            dots_of(tuple(t.best_ns for t in trips), _CHART_WIDTH, _CHART_HEIGHT),
        )
        for title, trips in titled
    )
    return tuple((title, _chart(dots)) for title, dots in laid_out if dots is not None)


def _clock(trips: tuple[RoundTrip, ...]) -> str:
    stamped = all(each.wire_ns is not None for each in trips)
    return "at the wire" if stamped else "user space"


def _chart(dots: Dots) -> ChartView:
    spread = dots.spread
    figures: tuple[tuple[str, str], ...] = (("median", _duration(spread.median_ns)),)
    if spread.count > 1:
        figures = (
            ("min", _duration(spread.min_ns)),
            *figures,
            ("90th percentile", _duration(spread.p90_ns)),
            ("max", f"{_duration(spread.max_ns)} of {spread.count} round trips"),
        )
    return ChartView(dots.points, dots.median_x, dots.axis, figures)


def _record(record: Evidence, names: FieldNames) -> RecordView:
    text = printable(record.text)
    is_message = record.glyph in _KINDS
    return RecordView(
        format_time_of_day(record.at_ns),
        printable(record.glyph),
        _KINDS.get(record.glyph, "ev"),
        text,
        names.message_name(text) if is_message else "",
        names.fields_of(text) if is_message else (),
    )


def _duration(duration_ns: int) -> str:
    return format_duration(duration_ns, micro="µs")
