"""What a report says of one run: texts and numbers that every rendering only places.

All texts are printable and without secrets; see `fixgate.report.runs.veil`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fixgate.report.runs.evidence import LONG, SHORT, Evidence, Window
from fixgate.report.runs.facts import RunFacts
from fixgate.report.runs.repeat import repeat_command
from fixgate.report.runs.steps import StepLine, alternatives_at, steps_of
from fixgate.report.runs.tally import Tally, tally
from fixgate.report.runs.timeline import Entry, entries_of
from fixgate.report.runs.veil import Veil
from fixgate.report.text import printable
from fixgate.scenario.model import Requirement
from fixgate.scenario.runner import Run
from fixgate.scenario.verdict import Finding, Result

__all__ = ["Account", "Report", "Trouble", "account_of"]

_DEVIATIONS_TOLD = 50


@dataclass(frozen=True, slots=True)
class Trouble:
    """An expectation that was not met, or that could not be judged.

    Attributes:
        where: ``file:line``, or the file where it belongs to no step.
        step: Number of the step, 0 for none.
        text: How the step reads.
        requirement: ``MUST`` or ``SHOULD``.
        wanted: What was allowed, in one line.
        allowed: Where several things were: each, in one line.
        came: What came instead, in one line.
        detail: What came when that takes more lines, such as a traceback; else nothing.
        at_ns: When that was known, nanoseconds since the scenario began.
        evidence: What happened around it, the decisive line marked.
    """

    where: str
    step: int
    text: str
    requirement: str
    wanted: str
    allowed: tuple[str, ...]
    came: str
    detail: tuple[str, ...]
    at_ns: int
    evidence: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """One run.

    Attributes:
        id: Of the scenario, as are the next eight.
        path: Its file.
        title: One line.
        story: What happens.
        reaction: What a sound system under test does about it.
        under_test: ``client`` or ``venue``.
        requirement: ``MUST`` or ``SHOULD``.
        spec: Where that stands, or empty.
        tags: Words to choose by.
        seed: Of the run's dice.
        world: ``virtual`` or ``live``.
        result: How it ended.
        why: Why it was skipped, or empty.
        began_ns: When it began, nanoseconds since the epoch by its own clock; ``None`` if never.
        took_ns: How long it took by its own clock: virtual time in the virtual world.
        findings: What went wrong.
        deviations: SHOULDs that were not met, the first of them when there are very many.
        deviation_count: How many there are.
        steps: Every step.
        entries: Everything that happened.
        repeat: The command that plays it again.
    """

    id: str
    path: str
    title: str
    story: tuple[str, ...]
    reaction: tuple[str, ...]
    under_test: str
    requirement: str
    spec: str
    tags: tuple[str, ...]
    seed: int
    world: str
    result: Result
    why: str
    began_ns: int | None
    took_ns: int
    findings: tuple[Trouble, ...]
    deviations: tuple[Trouble, ...]
    deviation_count: int
    steps: tuple[StepLine, ...]
    entries: tuple[Entry, ...]
    repeat: str

    @property
    def reason(self) -> str:
        """Why it is not PASS, in one line; empty when it is."""
        return self.findings[0].came if self.findings else self.why

    @property
    def folder(self) -> str:
        """Of the scenario, below the root; empty for none."""
        return self.id.partition("[")[0].rpartition("/")[0]


def account_of(run: Run, facts: RunFacts) -> Account:
    """Return what there is to say of a run."""
    scenario, verdict, veil = run.scenario, run.verdict, Veil(run)
    instants = [record.at_ns for record in run.history]
    entries = entries_of(run, veil)
    teller = _Teller(run, veil, Evidence(run, entries), instants[0] if instants else 0)
    return Account(
        id=printable(scenario.id),
        path=printable(scenario.path),
        title=veil.line(scenario.title),
        story=veil.lines(scenario.story),
        reaction=veil.lines(scenario.reaction),
        under_test=scenario.under_test.value,
        requirement=scenario.requirement.value,
        spec=printable(scenario.spec),
        tags=tuple(map(printable, scenario.tags)),
        seed=run.seed,
        world=run.world,
        result=verdict.result,
        why=veil.line(verdict.why),
        began_ns=instants[0] if instants else None,
        took_ns=instants[-1] - instants[0] if instants else 0,
        findings=tuple(teller.trouble(each, LONG) for each in verdict.findings),
        deviations=tuple(
            teller.trouble(each, SHORT) for each in verdict.deviations[:_DEVIATIONS_TOLD]
        ),
        deviation_count=len(verdict.deviations),
        steps=steps_of(run, veil),
        entries=entries,
        repeat=veil.line(repeat_command(run, facts)),
    )


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells the findings of one run."""

    run: Run
    veil: Veil
    evidence: Evidence
    begin_ns: int

    def trouble(self, finding: Finding, window: Window) -> Trouble:
        place, scenario = finding.place, self.run.scenario
        came = self.veil.lines(finding.came)
        # Deviations are of SHOULDs only; the scenario says it for steps that do not.
        should = place.should or scenario.requirement is Requirement.SHOULD
        allowed = alternatives_at(scenario.steps, place)
        where = f"{place.path or scenario.path}:{place.line}" if place.line else place.path
        return Trouble(
            where=printable(where or scenario.path),
            step=finding.step,
            text=self.veil.line(place.text),
            requirement=(Requirement.SHOULD if should else Requirement.MUST).value,
            wanted=self.veil.line(finding.wanted),
            allowed=tuple(self.veil.line(", then ".join(each)) for each in allowed),
            came=next(reversed(came), ""),
            detail=came if len(came) > 1 else (),
            at_ns=finding.at_ns - self.begin_ns,
            evidence=self.evidence.of(finding, window),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """All runs of one call: what the renderings render.

    Attributes:
        facts: About the call.
        tally: How many ended how.
        accounts: One a run, in the order in which they were played.
    """

    facts: RunFacts
    tally: Tally
    accounts: tuple[Account, ...]

    @classmethod
    def of(cls, runs: Sequence[Run], facts: RunFacts) -> Report:
        """Return the report on some runs."""
        return cls(facts, tally(runs), tuple(account_of(run, facts) for run in runs))

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each account: its id, and its seed where the id is played repeatedly."""
        ids = Counter(account.id for account in self.accounts)
        return tuple(f"{a.id} seed {a.seed}" if ids[a.id] > 1 else a.id for a in self.accounts)
