"""From a history to a verdict: a pure function, so that a check can be judged again from a file.

Each phase has its own judges; here their charges are put in order and the statuses follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from fixgate.health.case import Case, Charge
from fixgate.health.events import CheckCrashed, DeadlinePassed, OutOfHours
from fixgate.health.judge_connect import (
    connect_charges,
    resolve_facts,
    tcp_facts,
    tls_charges,
    tls_facts,
)
from fixgate.health.judge_logon import logon_charges, logon_facts
from fixgate.health.judge_order import order_charges, order_facts, order_round_trips
from fixgate.health.judge_session import (
    heartbeat_charges,
    heartbeat_facts,
    logout_charges,
    logout_facts,
    round_trips,
    sequence_charges,
    sequence_facts,
    stray_charges,
)
from fixgate.health.model import (
    CheckPlan,
    CheckReport,
    Closure,
    Evidence,
    Finding,
    Level,
    Phase,
    PhaseResult,
    Severity,
    Status,
)
from fixgate.health.persistence.judge import Returns, cut_of, persistence_phases
from fixgate.health.reading import Reading
from fixgate.health.silence import sharpened
from fixgate.history import Record
from fixgate.wire.tags import MsgType

__all__ = ["judge", "phases_of"]

_Facts = tuple[tuple[str, str], ...]

_FACTS: dict[Phase, Callable[[Case], _Facts]] = {
    Phase.RESOLVE: resolve_facts,
    Phase.TCP: tcp_facts,
    Phase.TLS: tls_facts,
    Phase.LOGON: logon_facts,
    Phase.TEST_REQUEST: heartbeat_facts,
    Phase.SEQUENCE: sequence_facts,
    Phase.ORDER: order_facts,
    Phase.LOGOUT: logout_facts,
}

_TRANSCRIPT_HEAD, _TRANSCRIPT_TAIL = 200, 800
_UNDETERMINED = frozenset({"crashed", "incomplete", "persistence-untold"})
_URGENT = ("order-filled", "cancel-unconfirmed", "order-unacknowledged", "order-lost")
"""Money may be at stake: these come before whatever else is wrong."""


def phases_of(plan: CheckPlan) -> tuple[Phase, ...]:
    """Return the phases that a plan's level includes, in order."""
    phases = [Phase.RESOLVE, Phase.TCP]
    if plan.level is Level.TCP:
        return tuple(phases)
    if plan.tls is not None:
        phases.append(Phase.TLS)
    if plan.level is Level.TLS:
        return tuple(phases)
    phases.append(Phase.LOGON)
    if plan.level is not Level.LOGON:
        phases += [Phase.TEST_REQUEST, Phase.SEQUENCE]
    if plan.level in (Level.ORDER, Level.PERSISTENCE) and plan.order is not None:
        phases.append(Phase.ORDER)
    if plan.persistence is not None:
        phases += persistence_phases(plan.level, plan.persistence.cuts)
    return (*phases, Phase.LOGOUT)


def judge(plan: CheckPlan, history: Iterable[Record]) -> CheckReport:
    """Judge one check by its history.

    Args:
        plan: What was asked.
        history: Every record of the check, oldest first.
    """
    case = Case(plan, Reading(history))
    closure = _closure(case)
    returns = Returns(case)
    charges = sorted(_charges(case, returns) if closure is None else (), key=_weight)
    findings = tuple(charge.finding for charge in charges)
    phases = tuple(_phase(case, phase, findings, returns) for phase in phases_of(plan))
    records = case.reading.records
    started_ns = records[0].at_ns if records else 0
    return CheckReport(
        plan=plan,
        status=_status(findings) if closure is None else Status.SKIPPED,
        started_ns=started_ns,
        duration_ns=records[-1].at_ns - started_ns if records else 0,
        phases=phases,
        findings=findings,
        round_trips=round_trips(returns.first),
        order_round_trips=order_round_trips(returns.first),
        transcript=_transcript(case),
        closure=closure,
    )


def _closure(case: Case) -> Closure | None:
    found, crash = case.reading.first(OutOfHours), case.reading.first(CheckCrashed)
    return Closure(found[1].opens_ns, found[1].text) if found and not crash else None


def _transcript(case: Case) -> tuple[Evidence, ...]:
    """Write the records down; of a flood, such as a day's resend, the beginning and the end."""
    records = case.reading.records
    left_out = len(records) - _TRANSCRIPT_HEAD - _TRANSCRIPT_TAIL
    if left_out <= 0:
        written = [case.scribe.write(record) for record in records]
        return tuple(e for e in written if e is not None)
    head = [case.scribe.write(record) for record in records[:_TRANSCRIPT_HEAD]]
    tail = [case.scribe.write(record) for record in records[-_TRANSCRIPT_TAIL:]]
    gap = Evidence(records[_TRANSCRIPT_HEAD].at_ns, "#", f"{left_out} records left out here")
    return tuple(e for e in (*head, gap, *tail) if e is not None)


def _charges(case: Case, returns: Returns) -> list[Charge]:
    charges: list[Charge] = []
    first, begin = returns.first, returns.last_begin
    for judges in (connect_charges, tls_charges, logon_charges, stray_charges):
        charges += judges(first)
    for judges in (heartbeat_charges, sequence_charges, order_charges):
        charges += judges(first)
    charges += returns.charges()
    if not begin or case.reading.started(Phase.LOGOUT) is not None:
        charges += (
            replace(each, index=begin + each.index) for each in logout_charges(returns.last)
        )
    failed = any(c.finding.severity is Severity.FAILURE for c in charges)
    charges += _undetermined(case, failed=failed)
    return [sharpened(case, charge) for charge in charges]


def _undetermined(case: Case, *, failed: bool) -> Iterator[Charge]:
    reading = case.reading
    crash, late = reading.first(CheckCrashed), reading.first(DeadlinePassed)
    if crash is not None:
        text = f"The check itself failed: {crash[1].text}."
        yield case.charge("crashed", reading.phase_at(crash[0]), text, crash[0])
    elif failed:
        return
    elif late is not None:
        phase = reading.phase_at(late[0])
        text = f"Time was up in phase {phase.value}."
        yield case.charge("deadline", phase, text, late[0])
    else:
        missed = [p for p in phases_of(case.plan) if reading.started(p) is None]
        if missed:
            text = f"The history ends before phase {missed[0].value}."
            yield case.charge("incomplete", missed[0], text, case.last)


def _weight(charge: Charge) -> tuple[int, int, int]:
    finding = charge.finding
    urgent = _URGENT.index(finding.cause) if finding.cause in _URGENT else len(_URGENT)
    return (finding.severity is Severity.WARNING, urgent, charge.index)


def _status(findings: tuple[Finding, ...]) -> Status:
    failures = {f.cause for f in findings if f.severity is Severity.FAILURE}
    if failures - _UNDETERMINED:
        return Status.FAIL
    if failures:
        return Status.UNKNOWN
    return Status.WARN if findings else Status.PASS


def _phase(
    case: Case, phase: Phase, findings: tuple[Finding, ...], returns: Returns
) -> PhaseResult:
    """Return the result of a phase; its facts are of the connection that it was on."""
    took_ns = _took_ns(case, phase)
    here = tuple(f for f in findings if f.phase is phase)
    if took_ns is None and not here:
        return PhaseResult(phase, Status.SKIPPED)
    if cut_of(phase) is not None:
        return PhaseResult(phase, _status(here), took_ns, returns.facts(phase))
    part = returns.last if phase is Phase.LOGOUT else returns.first
    return PhaseResult(phase, _status(here), took_ns, _FACTS[phase](part))


def _took_ns(case: Case, phase: Phase) -> int | None:
    """Return a phase's time; of a Logon that was answered only what the venue took."""
    ours, theirs = case.reading.first_sent(MsgType.Logon), case.reading.logged_on
    if phase is Phase.LOGON and ours is not None and theirs is not None:
        return theirs.at_ns - ours.at_ns
    return case.reading.span_ns(phase)
