"""The machine-readable report; every field is described in docs/report-json.md."""

from __future__ import annotations

import json

from fixgate.health.model import (
    CheckPlan,
    CheckReport,
    Evidence,
    Finding,
    FleetReport,
    PhaseResult,
    RoundTrip,
)
from fixgate.report.host.json import account_json
from fixgate.report.text import format_instant, printable
from fixgate.report.verdict import (
    exit_code,
    is_good,
    percentile,
    tally,
    verdict_of,
    version_of,
)

__all__ = ["SCHEMA_VERSION", "render_json"]

SCHEMA_VERSION = 1

_Json = dict[str, object]


def render_json(fleet: FleetReport) -> str:
    """Return the report as one JSON document in plain ASCII, ending in a line break.

    No string in it holds a control character, so that ``jq -r`` is safe on a terminal.
    """
    counted = tally(fleet)
    document: _Json = {
        "schema": "fixgate-check",
        "schema_version": SCHEMA_VERSION,
        "fixgate_version": printable(fleet.version),
        "host": printable(fleet.host),
        **_instant("started", fleet.started_ns),
        "duration_ns": fleet.duration_ns,
        "exit_code": exit_code(fleet),
        "summary": {
            "total": counted.total,
            "go": counted.go,
            "no_go": counted.no_go,
            "unknown": counted.unknown,
            "closed": counted.closed,
            "with_warnings": counted.warned,
            "rehearsed": counted.rehearsed,
            "sick_as_expected": counted.sick_as_expected,
            "not_as_expected": counted.unexpected,
        },
        "checks": [_check(c) for c in fleet.checks],
        "host_account": account_json(fleet.host_account) if fleet.host_account else None,
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _instant(name: str, at_ns: int) -> _Json:
    return {name: format_instant(at_ns), f"{name}_ns": at_ns}


def _check(check: CheckReport) -> _Json:
    return {
        **_plan(check.plan),
        "status": check.status.value,
        "verdict": verdict_of(check).value,
        "good": is_good(check),
        "as_expected": check.as_expected,
        "closure": _closure(check),
        **_instant("started", check.started_ns),
        "duration_ns": check.duration_ns,
        "phases": [_phase(r) for r in check.phases],
        "findings": [_finding(f) for f in check.findings],
        "round_trips": _trips(check.round_trips),
        "order_round_trips": _trips(check.order_round_trips),
        "transcript": [_evidence(e) for e in check.transcript],
    }


def _plan(plan: CheckPlan) -> _Json:
    wanted = plan.expectation
    return {
        "name": printable(plan.name),
        "group": printable(plan.group),
        "source": printable(plan.source),
        "level": plan.level.value,
        "deadline_ns": plan.deadline_ns,
        "address": {"host": printable(plan.address.host), "port": plan.address.port},
        "tls": plan.tls is not None,
        "session": {
            "begin_string": printable(plan.session.id.begin_string),
            "version": printable(version_of(plan)),
            "sender_comp_id": printable(plan.session.id.ours),
            "target_comp_id": printable(plan.session.id.theirs),
            "sender_sub_id": printable(plan.session.id.our_sub_id),
            "sender_location_id": printable(plan.session.id.our_location_id),
            "target_sub_id": printable(plan.session.id.their_sub_id),
            "target_location_id": printable(plan.session.id.their_location_id),
            "heartbeat_s": plan.session.heartbeat_s,
        },
        "expectation": {"status": wanted.status.value, "cause": wanted.cause} if wanted else None,
    }


def _closure(check: CheckReport) -> _Json | None:
    closure = check.closure
    if closure is None:
        return None
    return {**_instant("opens", closure.opens_ns), "text": printable(closure.text)}


def _phase(result: PhaseResult) -> _Json:
    return {
        "phase": result.phase.value,
        "status": result.status.value,
        "duration_ns": result.duration_ns,
        "facts": [
            {"label": printable(label), "value": printable(value)} for label, value in result.facts
        ],
    }


def _finding(finding: Finding) -> _Json:
    return {
        "cause": finding.cause,
        "layer": finding.layer.value,
        "severity": finding.severity.value,
        "phase": finding.phase.value,
        "summary": printable(finding.summary),
        "next_step": printable(finding.next_step),
        "evidence": [_evidence(e) for e in finding.evidence],
    }


def _evidence(record: Evidence) -> _Json:
    return {**_instant("at", record.at_ns), "glyph": record.glyph, "text": printable(record.text)}


def _trips(trips: tuple[RoundTrip, ...]) -> _Json | None:
    if not trips:
        return None
    values = tuple(each.best_ns for each in trips)
    return {
        "clock": "kernel" if all(each.wire_ns is not None for each in trips) else "user",
        "count": len(values),
        "min_ns": min(values),
        "median_ns": percentile(values, 50),
        "p90_ns": percentile(values, 90),
        "max_ns": max(values),
        "samples_ns": list(values),
        "application_ns": [each.app_ns for each in trips],
    }
