"""The machine-readable report; every field is described in docs/latency-json.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from fixgate.health.model import CheckReport, Finding
from fixgate.host.stall import Stall
from fixgate.latency.model import (
    Budget,
    BudgetOutcome,
    Distribution,
    Figure,
    Floor,
    LatencyPlan,
    LatencyReport,
    Mode,
    Moment,
    Ours,
    Series,
    SlowSample,
)
from fixgate.latency.names import name_of
from fixgate.net.tcp_info import TcpInfo
from fixgate.report.host.json import account_json
from fixgate.report.latency.verdict import exit_code, totals, unmeasured
from fixgate.report.text import format_instant, printable
from fixgate.report.verdict import is_good, verdict_of
from fixgate.triage.model import Sample, VenueTimes, Verdict
from fixgate.triage.split import Part

__all__ = ["SCHEMA_VERSION", "render_json"]

SCHEMA_VERSION = 1

_Json = dict[str, object]

_MODES = {Mode.OPEN: "open", Mode.CLOSED: "closed", Mode.CAPTURE: "capture", Mode.LOG: "log"}


def render_json(report: LatencyReport) -> str:
    """Return the report as one JSON document in plain ASCII, ending in a line break.

    No string in it holds a control character, so that ``jq -r`` is safe on a terminal.
    """
    counted = totals(report)
    document: _Json = {
        "schema": "fixgate-latency",
        "schema_version": SCHEMA_VERSION,
        "fixgate_version": printable(report.version),
        "host": printable(report.host),
        **_instant("started", report.started_ns),
        "duration_ns": report.duration_ns,
        "exit_code": exit_code(report),
        "mode": _MODES[report.mode],
        "targets": [printable(target) for target in report.targets],
        "rate": report.rate,
        "precision_ns": report.precision_ns,
        "summary": {
            "answered": counted.answered,
            "unanswered": counted.unanswered,
            "marked": counted.marked,
            "budgets_kept": counted.kept,
            "budgets_missed": counted.missed,
            "budgets_unmeasured": counted.open,
            "sessions_measured": counted.measured,
            "sessions_failed": counted.failed,
            "sessions_unknown": counted.unknown,
            "sessions_closed": counted.closed,
        },
        "floor": _floor(report.floor),
        "ours": _ours(report.ours),
        "plans": [_plan(plan) for plan in report.plans],
        "sessions": [_check(check) for check in report.checks],
        "budgets": [_budget(budget) for budget in report.budgets],
        "unmeasured_budgets": [_budget(budget) for budget in unmeasured(report)],
        "series": [_series(series) for series in report.series],
        "layers": {layer.value: count for layer, count in report.layers.items()},
        "slow": [_slow(slow) for slow in report.slow],
        "remarks": [printable(remark) for remark in report.remarks],
        "host_account": account_json(report.host_account) if report.host_account else None,
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _instant(name: str, at_ns: int) -> _Json:
    return {name: format_instant(at_ns), f"{name}_ns": at_ns}


def _floor(floor: Floor | None) -> _Json | None:
    if floor is None:
        return None
    return {
        "app": _distribution(floor.app),
        "wire": None if floor.wire is None else _distribution(floor.wire),
        "clock_ns": floor.clock_ns,
        "clock": printable(floor.clock),
    }


def _ours(ours: Ours | None) -> _Json | None:
    if ours is None:
        return None
    return {
        "waking": asdict(ours.waking),
        "loop": asdict(ours.loop),
        "collections": ours.collections,
        "collecting_ns": ours.collecting_ns,
    }


def _plan(plan: LatencyPlan) -> _Json:
    check = plan.check
    return {
        "session": printable(check.name),
        "source": printable(check.source),
        "address": {"host": printable(check.address.host), "port": check.address.port},
        "tls": check.tls is not None,
        "rate": plan.rate,
        "count": plan.count,
        "duration_ns": plan.duration_ns,
        "orders": plan.orders,
        "fills": plan.fills,
        "stamps": plan.stamps,
        "worst": plan.worst,
    }


def _check(check: CheckReport) -> _Json:
    return {
        "session": printable(check.plan.name),
        "status": check.status.value,
        "verdict": verdict_of(check).value,
        "good": is_good(check),
        "findings": [_finding(finding) for finding in check.findings],
    }


def _finding(finding: Finding) -> _Json:
    return {
        "cause": finding.cause,
        "layer": finding.layer.value,
        "severity": finding.severity.value,
        "phase": finding.phase.value,
        "summary": printable(finding.summary),
        "next_step": printable(finding.next_step),
    }


def _budget(budget: Budget) -> _Json:
    return {
        "text": printable(budget.text),
        "percentile": budget.percentile,
        "limit_ns": budget.limit_ns,
        "exchange": None if budget.kind is None else name_of(budget.kind),
        "figure": None if budget.figure is None else name_of(budget.figure),
    }


def _outcome(outcome: BudgetOutcome) -> _Json:
    return {
        **_budget(outcome.budget),
        "figure": name_of(outcome.figure),
        "actual_ns": outcome.actual_ns,
        "kept": outcome.kept,
    }


def _series(series: Series) -> _Json:
    unmarked = series.unmarked
    return {
        "session": printable(series.session),
        "exchange": name_of(series.kind),
        "name": series.kind.value,
        "source": series.source.value,
        "best": name_of(series.best),
        "unanswered": series.unanswered,
        "marks": {mark.value: count for mark, count in series.marks.items()},
        "figures": _figures(series.figures),
        "unmarked": None if unmarked is None else _distribution(unmarked),
        "moments": [_moment(moment) for moment in series.moments],
        "budgets": [_outcome(outcome) for outcome in series.budgets],
    }


def _figures(figures: Mapping[Figure, Distribution]) -> _Json:
    return {
        name_of(figure): _distribution(figures[figure]) if figure in figures else None
        for figure in Figure
    }


def _distribution(found: Distribution) -> _Json:
    return {
        "count": found.count,
        "min_ns": found.min_ns,
        "mean_ns": found.mean_ns,
        "max_ns": found.max_ns,
        "percentiles": [{"percentile": p, "value_ns": value} for p, value in found.percentiles],
        "hdr": found.hdr,
    }


def _moment(moment: Moment) -> _Json:
    return {
        **_instant("at", moment.at_ns),
        "duration_ns": moment.duration_ns,
        "count": moment.count,
        "marked": moment.marked,
        "median_ns": moment.median_ns,
        "max_ns": moment.max_ns,
    }


def _slow(slow: SlowSample) -> _Json:
    sample = slow.sample
    return {
        "session": printable(sample.session),
        "exchange": name_of(sample.kind),
        "name": printable(sample.name),
        "source": sample.source.value,
        "tls": sample.tls,
        "wire_ns": sample.wire_ns,
        "app_ns": sample.app_ns,
        "response_ns": sample.response_ns,
        "marks": sorted(mark.value for mark in sample.marks),
        **_instants(sample),
        "verdict": _verdict(slow.verdict),
        "parts": [_part(part) for part in slow.parts],
        "stalls": [_stall(stall) for stall in sample.stalls],
        "venue": None if sample.venue is None else _venue(sample.venue),
        "tcp_before": _tcp(sample.tcp_before),
        "tcp_after": _tcp(sample.tcp_after),
        "messages": [printable(message) for message in slow.messages],
        "facts": [_labelled(label, value) for label, value in slow.facts],
    }


def _instants(sample: Sample) -> _Json:
    return {
        "at": format_instant(sample.app_sent_ns if sample.due_ns is None else sample.due_ns),
        "due_ns": sample.due_ns,
        "app_sent_ns": sample.app_sent_ns,
        "scheduled_ns": sample.scheduled_ns,
        "sent_ns": sample.sent_ns,
        "acked_ns": sample.acked_ns,
        "received_ns": sample.received_ns,
        "app_received_ns": sample.app_received_ns,
        "done_ns": sample.done_ns,
    }


def _verdict(verdict: Verdict) -> _Json:
    return {
        "layer": verdict.layer.value,
        "confidence": verdict.confidence.value,
        "rule": printable(verdict.rule),
        "summary": printable(verdict.summary),
        "evidence": [_labelled(label, value) for label, value in verdict.evidence],
        "next_step": printable(verdict.next_step),
        "others": [_verdict(other) for other in verdict.others],
    }


def _part(part: Part) -> _Json:
    return {
        "layer": part.layer.value,
        "label": printable(part.label),
        "duration_ns": part.duration_ns,
    }


def _stall(stall: Stall) -> _Json:
    return {
        "kind": stall.kind.value,
        "begin_ns": stall.begin_ns,
        "end_ns": stall.end_ns,
        "duration_ns": stall.duration_ns,
        "generation": stall.generation,
    }


def _venue(venue: VenueTimes) -> _Json:
    return {
        "request_ns": venue.request_ns,
        "entered_ns": venue.entered_ns,
        "transact_ns": venue.transact_ns,
        "sending_ns": venue.sending_ns,
        "precision_ns": venue.precision_ns,
    }


def _tcp(tcp: TcpInfo | None) -> _Json | None:
    return None if tcp is None else asdict(tcp)


def _labelled(label: str, value: str) -> _Json:
    return {"label": printable(label), "value": printable(value)}
