"""Runs as one JSON document; every key is described in docs/report-json.md."""

from __future__ import annotations

import json

from fixgate.report.runs.account import Account, Report, Trouble
from fixgate.report.runs.steps import StepLine
from fixgate.report.runs.timeline import Entry, Field, Kind
from fixgate.report.text import format_instant, printable
from fixgate.scenario.verdict import Result

__all__ = ["SCHEMA_VERSION", "render_json", "run_object"]

SCHEMA_VERSION = 1

_STEPS_AT_MOST = 2_000

_Json = dict[str, object]


def render_json(report: Report) -> str:
    """Return the report as one JSON document in plain ASCII, ending in a line break.

    No string in it holds a control character, so that ``jq -r`` is safe on a terminal.
    """
    facts, counted = report.facts, report.tally
    document: _Json = {
        "schema": "fixgate-run",
        "schema_version": SCHEMA_VERSION,
        "fixgate_version": printable(facts.version),
        "world": facts.world,
        "address": printable(facts.address) or None,
        "seed": facts.seed,
        **_instant("began", facts.began_ns),
        "duration_ns": facts.duration_ns,
        "exit_code": counted.exit_code,
        "summary": {
            "total": counted.total,
            "passed": counted.passed,
            "failed": counted.failed,
            "inconclusive": counted.inconclusive,
            "skipped": counted.skipped,
            "deviations": counted.deviations,
            "passed_with_deviations": counted.deviating,
        },
        "runs": [run_object(account) for account in report.accounts],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _instant(name: str, at_ns: int | None) -> _Json:
    return {name: None if at_ns is None else format_instant(at_ns), f"{name}_ns": at_ns}


def run_object(account: Account) -> _Json:
    """Return one run as it stands under ``runs``."""
    steps = account.steps[:_STEPS_AT_MOST]
    return {
        "id": account.id,
        "path": account.path,
        "title": account.title,
        "story": " ".join(account.story),
        "reaction": " ".join(account.reaction),
        "under_test": account.under_test,
        "requirement": account.requirement,
        "spec": account.spec,
        "tags": list(account.tags),
        "seed": account.seed,
        "world": account.world,
        "repeat": account.repeat,
        "result": account.result.value,
        "why": _why(account),
        **_instant("began", account.began_ns),
        "duration_ns": account.took_ns,
        "findings": [_trouble(each) for each in account.findings],
        "deviations": [_trouble(each) for each in account.deviations],
        "deviation_count": account.deviation_count,
        "steps": [_step(each) for each in steps],
        "step_count": len(account.steps),
    }


def _why(account: Account) -> str | None:
    return None if account.result is Result.PASS else account.reason


def _trouble(trouble: Trouble) -> _Json:
    return {
        "where": trouble.where,
        "step": trouble.step or None,
        "text": trouble.text,
        "requirement": trouble.requirement,
        "wanted": trouble.wanted,
        "allowed": list(trouble.allowed),
        "came": trouble.came,
        "detail": list(trouble.detail),
        "offset_ns": trouble.at_ns,
        "evidence": [_entry(each) for each in trouble.evidence if each.kind is not Kind.FOLD],
    }


def _step(step: StepLine) -> _Json:
    return {
        "number": step.number or None,
        "line": step.line,
        "depth": step.depth,
        "text": step.text,
        "outcome": step.outcome,
        "why": step.why or None,
        "offset_ns": step.at_ns,
        "duration_ns": step.took_ns,
    }


def _entry(entry: Entry) -> _Json:
    return {
        "record": entry.record,
        "offset_ns": entry.at_ns,
        "glyph": entry.glyph,
        "kind": entry.kind.value,
        "actor": entry.actor or None,
        "message": entry.title or None,
        "text": entry.text,
        "flaw": entry.flaw or None,
        "decisive": entry.decisive,
        "fields": [_field(each) for each in entry.fields],
    }


def _field(field: Field) -> _Json:
    return {"field": field.label, "value": field.value, "meaning": field.meaning or None}
