"""Budgets, sessions and the exit code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.health.model import CheckReport, Closure, Status
from fixgate.report.latency.verdict import (
    exit_code,
    judged,
    totals,
    troubled,
    unmeasured,
)
from fixgate.triage.model import Exchange, Mark
from tests.report.latency.made import MS, US, report, sample
from tests.report.sample import healthy, plan, sick_checks

GOOD = healthy(plan("xlon"))
SICK = sick_checks()[0]


def unknown(name: str) -> CheckReport:
    return replace(healthy(plan(name)), status=Status.UNKNOWN)


def closed(name: str) -> CheckReport:
    return replace(healthy(plan(name)), status=Status.SKIPPED, closure=Closure(0, "opens at 8:00"))


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (report(sample()), 0),
        (report(sample(), checks=(GOOD,)), 0),
        (report(sample(), budgets=("p99<1s",)), 0),
        (report(sample(), budgets=("p99<1s", "max<1us")), 1),
        (report(sample(), budgets=("max<1us", "cancel p99<1s")), 1),
        (report(sample(), budgets=("p99<1s", "cancel p99<1s")), 3),
        (report(sample(), budgets=("response p99<1s",)), 3),
        (report(sample(), checks=(GOOD, SICK)), 1),
        (report(unanswered=3), 1),
        (report(sample(), unanswered=1), 0),
        (report(sample(), unanswered=1, budgets=("max<1s",)), 1),
        (report(sample(), checks=(GOOD, unknown("xpar"))), 3),
        (report(sample(), checks=(GOOD, healthy(plan("xpar")))), 3),
        (report(sample(), checks=(GOOD, closed("xpar"))), 0),
        (report(checks=(closed("xlon"),)), 3),
        (report(sample(kind=Exchange.TCP)), 3),
        (report(), 3),
    ],
    ids=[
        "measured", "measured and well", "kept", "one missed", "missed and not measured",
        "not measured", "no such figure", "one session failed", "no reply at all",
        "one reply missing", "a missing reply misses", "one unknown", "one without figures",
        "one closed", "all closed", "connected only", "nothing",
    ],
)  # fmt: skip
def test_exit_code(made, code):
    assert exit_code(made) == code


def test_totals():
    made = report(
        sample(100 * US),
        sample(2 * MS, marks=(Mark.STALLED, Mark.LATE)),
        sample(3 * MS, marks=(Mark.COALESCED,)),
        sample(-5 * MS, marks=(Mark.CLOCK_STEPPED,)),
        sample(kind=Exchange.LOGON),
        budgets=("max<10ms", "p50<1ms", "fill max<1s"),
        unanswered=2,
        checks=(GOOD, SICK, unknown("xpar"), closed("xmil")),
    )
    found = totals(made)
    assert (found.answered, found.unanswered, found.marked) == (3, 2, 3)
    assert (found.kept, found.missed, found.open) == (0, 2, 1)
    assert (found.measured, found.failed, found.unknown, found.closed) == (1, 1, 1, 1)
    assert [budget.text for budget in unmeasured(made)] == ["fill max<1s"]
    assert [(each.outcome.budget.text, each.series.kind) for each in judged(made)] == [
        ("max<10ms", Exchange.HEARTBEAT),
        ("p50<1ms", Exchange.HEARTBEAT),
    ]
    assert [check.plan.name for check in troubled(made)] == [SICK.plan.name, "xpar"]


def test_every_sample_may_be_marked():
    made = report(sample(marks=(Mark.LATE,)), sample(marks=(Mark.LATE, Mark.STALLED)))
    assert totals(made).marked == 2


def test_a_rehearsed_failure_is_no_failure():
    expected = sick_checks(rehearsal=True)[0]
    assert exit_code(report(sample(), checks=(GOOD, expected))) == 3
