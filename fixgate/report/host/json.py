"""The host's account as JSON; every key is described in docs/host.md and docs/report-json.md."""

from __future__ import annotations

import json
from dataclasses import asdict

from fixgate.host.account import Account
from fixgate.host.activity import Activity
from fixgate.host.comparison import Change, Comparison
from fixgate.host.document import SCHEMA, SCHEMA_VERSION, facts_of
from fixgate.host.judge import tally_of
from fixgate.host.judging.topic import Line
from fixgate.host.model import Snapshot
from fixgate.report.host.wording import exit_code
from fixgate.report.text import format_instant, printable

__all__ = ["account_json", "render_json"]

_Json = dict[str, object]


def render_json(account: Account, comparison: Comparison | None = None) -> str:
    """Return one document in plain ASCII, ending in a line break.

    `fixgate.host.document.read_document` reads the snapshot in it again.
    """
    snapshot = account.snapshot
    document: _Json = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "fixgate_version": printable(snapshot.fixgate_version),
        "host": printable(snapshot.host),
        **_instant("taken", snapshot.taken_ns),
        "exit_code": exit_code(account),
        **account_json(account),
        "comparison": None if comparison is None else _comparison(comparison),
        "facts": facts_of(snapshot),
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def account_json(account: Account) -> _Json:
    """Return what the JSON reports of checks and latencies hold of an account."""
    counted = tally_of(account.lines)
    return {
        "summary": {grade.name.lower(): count for grade, count in counted.items()},
        "lines": [_line(line) for line in account.lines],
        "activity": None if account.activity is None else _activity(account.activity),
    }


def _instant(name: str, at_ns: int) -> _Json:
    return {name: format_instant(at_ns), f"{name}_ns": at_ns}


def _line(line: Line) -> _Json:
    return {
        "key": line.key,
        "subject": printable(line.subject),
        "group": line.group.value,
        "label": line.label,
        "grade": line.grade.value,
        "found": printable(line.found),
        "good": line.good,
        "how": printable(line.how),
        "momentary": line.momentary,
    }


def _activity(activity: Activity) -> _Json:
    window = activity.window
    return {
        **_instant("begin", window.begin_ns),
        "duration_ns": window.duration_ns,
        "clock_step_ns": window.clock_step_ns,
        "grown": asdict(window.grown),
        "softnet": [asdict(row) for row in window.softnet],
        "interfaces": [{**asdict(row), "name": printable(row.name)} for row in window.interfaces],
        "lateness": None if activity.lateness is None else asdict(activity.lateness),
    }


def _comparison(found: Comparison) -> _Json:
    return {
        "before": _place(found.before),
        "after": _place(found.after),
        "same_host": found.same_host,
        "restarted": found.restarted,
        "changed": [_change(change) for change in found.changed],
        "counted": [
            {**asdict(growth), "label": printable(growth.label)} for growth in found.counted
        ],
    }


def _place(snapshot: Snapshot) -> _Json:
    return {"host": printable(snapshot.host), **_instant("taken", snapshot.taken_ns)}


def _change(change: Change) -> _Json:
    line = change.either
    return {
        "key": line.key,
        "subject": printable(line.subject),
        "label": line.label,
        "before": None if change.before is None else printable(change.before.found),
        "after": None if change.after is None else printable(change.after.found),
    }
