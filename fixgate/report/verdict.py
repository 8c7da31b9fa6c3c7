"""From statuses to what a desk decides on: GO or NO-GO, and the exit code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from fixgate.dictionary.version import FixVersion
from fixgate.health.model import (
    CheckPlan,
    CheckReport,
    Finding,
    FleetReport,
    Phase,
    PhaseResult,
    Severity,
    Status,
)

__all__ = [
    "Spread",
    "Tally",
    "Verdict",
    "exit_code",
    "grouped",
    "is_good",
    "note_of",
    "percentile",
    "phase_of",
    "primary",
    "spread_of",
    "tally",
    "verdict_of",
    "version_of",
]


class Verdict(Enum):
    """Whether a session can be traded on; the value is the word on the board."""

    GO = "GO"
    NO_GO = "NO-GO"
    UNKNOWN = "UNKNOWN"
    CLOSED = "CLOSED"
    """By its schedule, the session is closed: nothing was looked at, nothing is wrong."""


def verdict_of(check: CheckReport) -> Verdict:
    """Return the verdict on one session; warnings do not stop it."""
    match check.status:
        case Status.PASS | Status.WARN:
            return Verdict.GO
        case Status.FAIL:
            return Verdict.NO_GO
        case Status.UNKNOWN:
            return Verdict.UNKNOWN
        case Status.SKIPPED:
            return Verdict.CLOSED


def is_good(check: CheckReport) -> bool:
    """Whether the check ended as it should: as expected in a rehearsal, otherwise with GO.

    One that was left out because its session is closed is good, too.
    """
    expected = check.as_expected
    return verdict_of(check) in (Verdict.GO, Verdict.CLOSED) if expected is None else expected


def primary(check: CheckReport) -> Finding | None:
    """Return the finding that explains the verdict: the first failure, else the first warning."""
    failures = (f for f in check.findings if f.severity is Severity.FAILURE)
    return next(failures, check.findings[0] if check.findings else None)


def note_of(check: CheckReport) -> str:
    """Return what a rehearsal says of the check, or why it was left out; else empty."""
    if check.closure is not None:
        return check.closure.text
    wanted = check.plan.expectation
    if wanted is None:
        return ""
    if check.as_expected:
        return "sick as expected" if verdict_of(check) is not Verdict.GO else "as expected"
    cause = f" ({wanted.cause})" if wanted.cause else ""
    return f"NOT as expected: {wanted.status.value}{cause} was expected"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many sessions ended how.

    Attributes:
        total: All of them.
        go: Verdict GO, warnings included.
        warned: Verdict GO with at least one warning.
        no_go: Verdict NO-GO.
        unknown: Verdict UNKNOWN.
        closed: Verdict CLOSED.
        sick_as_expected: Not GO, and meant to be so.
        unexpected: Rehearsed sessions that were not found as expected.
        rehearsed: Sessions with an expectation.
    """

    total: int
    go: int
    warned: int
    no_go: int
    unknown: int
    closed: int
    sick_as_expected: int
    unexpected: int
    rehearsed: int

    def __str__(self) -> str:
        parts = [f"{self.go} GO", f"{self.no_go} NO-GO"]
        if self.unknown:
            parts.append(f"{self.unknown} UNKNOWN")
        if self.closed:
            parts.append(f"{self.closed} CLOSED")
        return ", ".join(parts)


def tally(fleet: FleetReport) -> Tally:
    """Count the sessions of a run."""
    verdicts = [verdict_of(c) for c in fleet.checks]
    sick = sum(1 for c in fleet.checks if c.as_expected and verdict_of(c) is not Verdict.GO)
    return Tally(
        total=len(verdicts),
        go=verdicts.count(Verdict.GO),
        warned=sum(1 for c in fleet.checks if c.status is Status.WARN),
        no_go=verdicts.count(Verdict.NO_GO),
        unknown=verdicts.count(Verdict.UNKNOWN),
        closed=verdicts.count(Verdict.CLOSED),
        sick_as_expected=sick,
        unexpected=sum(1 for c in fleet.checks if c.as_expected is False),
        rehearsed=sum(1 for c in fleet.checks if c.plan.expectation is not None),
    )


def exit_code(fleet: FleetReport) -> int:
    """Return 0 when every check is good, 1 when one failed, 3 when one could not be determined."""
    bad = [verdict_of(c) for c in fleet.checks if not is_good(c)]
    if any(v is not Verdict.UNKNOWN for v in bad):
        return 1
    return 3 if bad else 0


def grouped(checks: Iterable[CheckReport]) -> list[tuple[str, list[CheckReport]]]:
    """Return the checks under their headings, both in the order in which they first appear."""
    groups: dict[str, list[CheckReport]] = {}
    for check in checks:
        groups.setdefault(check.plan.group, []).append(check)
    return list(groups.items())


def phase_of(check: CheckReport, phase: Phase) -> PhaseResult | None:
    """Return the result of one phase, or ``None`` when the level does not include it."""
    return next((r for r in check.phases if r.phase is phase), None)


def version_of(plan: CheckPlan) -> str:
    """Return the FIX version of a session as people name it, such as ``FIX.5.0SP2``."""
    settings = plan.session
    version = FixVersion.of_session(settings.id.begin_string, settings.default_appl_ver_id)
    return settings.id.begin_string if version is None else version.value


@dataclass(frozen=True, slots=True)
class Spread:
    """A few round trips in five figures, nanoseconds."""

    count: int
    min_ns: int
    median_ns: int
    p90_ns: int
    max_ns: int


def percentile(values: Iterable[int], percent: int) -> int:
    """Return the nearest-rank percentile of at least one value."""
    ordered = sorted(values)
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


def spread_of(values: tuple[int, ...]) -> Spread | None:
    """Return the spread of ``values``, or ``None`` when there are none."""
    if not values:
        return None
    return Spread(
        len(values),
        min(values),
        percentile(values, 50),
        percentile(values, 90),
        max(values),
    )
