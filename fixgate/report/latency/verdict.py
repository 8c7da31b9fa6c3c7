"""What a measurement comes to: budgets, sessions, and the exit code. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.health.model import CheckReport
from fixgate.latency.model import Budget, BudgetOutcome, LatencyReport, Series
from fixgate.report.verdict import Verdict, is_good, verdict_of
from fixgate.triage.model import Mark

__all__ = [
    "Judged",
    "Totals",
    "exit_code",
    "judged",
    "marked",
    "totals",
    "troubled",
    "unmeasured",
]


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a budget on one series."""

    series: Series
    outcome: BudgetOutcome


@dataclass(frozen=True, slots=True)
class Totals:
    """A measurement in a few numbers.

    Attributes:
        answered: Requests with a reply.
        unanswered: Requests without.
        marked: Samples with a mark.
        kept: Budgets that every series kept.
        missed: Budgets that one missed at least.
        open: Budgets that nothing was measured of.
        measured: Sessions, or files, with a figure of any request.
        failed: Sessions that did not come up, or answered nothing.
        unknown: Sessions of which nothing could be determined.
        closed: Sessions that are closed by their schedule.
    """

    answered: int
    unanswered: int
    marked: int
    kept: int
    missed: int
    open: int
    measured: int
    failed: int
    unknown: int
    closed: int


def judged(report: LatencyReport) -> list[Judged]:
    """Return what became of every budget on every series that it is about."""
    return [Judged(series, outcome) for series in report.series for outcome in series.budgets]


def unmeasured(report: LatencyReport) -> list[Budget]:
    """Return the budgets that nothing was measured of."""
    told = [each.outcome.budget for each in judged(report)]
    return [budget for budget in report.budgets if budget not in told]


def troubled(report: LatencyReport) -> list[CheckReport]:
    """Return the checks of the sessions that did not come up, or did not end well."""
    return [check for check in report.checks if not is_good(check)]


def totals(report: LatencyReport) -> Totals:
    """Count."""
    requests = [series for series in report.series if series.kind.of_request]
    missed = {each.outcome.budget for each in judged(report) if not each.outcome.kept}
    missed_count = sum(budget in missed for budget in report.budgets)
    open_count = len(unmeasured(report))
    answering = {series.session for series in requests if series.figures}
    mute = {series.session for series in requests} - answering
    verdicts = {check.plan.name: verdict_of(check) for check in report.checks}
    bad = {check.plan.name for check in troubled(report)}
    well = set(verdicts) - bad
    undetermined = {name for name in bad - mute if verdicts[name] is Verdict.UNKNOWN}
    closed = {name for name in well if verdicts[name] is Verdict.CLOSED}
    return Totals(
        answered=sum(_count(series) for series in requests),
        unanswered=sum(series.unanswered for series in requests),
        marked=sum(marked(series) for series in requests),
        kept=len(report.budgets) - missed_count - open_count,
        missed=missed_count,
        open=open_count,
        measured=len(answering),
        failed=len((bad | mute) - undetermined),
        unknown=len(undetermined | (well - closed - answering - mute)),
        closed=len(closed),
    )


def exit_code(report: LatencyReport) -> int:
    """Return what the process says with its end.

    0: every session was measured and every budget kept. 1: a budget was missed, or a session did
    not come up or answered nothing. 3: nothing was measured, of a session or for a budget, and so
    nothing could be determined.
    """
    counted = totals(report)
    if counted.missed or counted.failed:
        return 1
    return 3 if counted.open or counted.unknown or not counted.measured else 0


def _count(series: Series) -> int:
    return max((found.count for found in series.figures.values()), default=0)


def marked(series: Series) -> int:
    """Return how many samples have a mark; what has two counts once."""
    believed = {mark: n for mark, n in series.marks.items() if mark is not Mark.CLOCK_STEPPED}
    if not believed:
        return series.marks.get(Mark.CLOCK_STEPPED, 0)
    best = series.figures.get(series.best)
    clean = series.unmarked.count if series.unmarked is not None else 0
    return (best.count if best else 0) - clean + series.marks.get(Mark.CLOCK_STEPPED, 0)
