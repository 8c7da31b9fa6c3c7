"""What the HTML report of runs shows, as plain text values: the template only places them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixgate.report.runs.account import Account, Report, Trouble
from fixgate.report.runs.steps import StepLine
from fixgate.report.runs.tally import Tally
from fixgate.report.runs.timeline import (
    Entry,
    Kind,
    fold_of,
    format_offset,
    with_fewer_heartbeats,
)
from fixgate.report.text import format_duration, format_instant, printable
from fixgate.report.tile import Tile
from fixgate.scenario.verdict import Result

__all__ = ["Page", "page_of"]

_TONES = {
    Result.PASS: "go",
    Result.FAIL: "no-go",
    Result.INCONCLUSIVE: "unknown",
    Result.SKIPPED: "closed",
}
_SIGNS = {"ok": "✓", "failed": "✗", "deviation": "!", "inconclusive": "?", "interrupted": "…"}
_DEEPEST = 4
_STEPS_FIRST, _STEPS_LAST = 150, 50
_ENTRIES_FIRST, _ENTRIES_LAST = 150, 100
_MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of the sequence diagram.

    Attributes:
        at: When, since the beginning.
        look: How it is drawn: ``out`` and ``in`` for messages, else its kind.
        actor: Whose connection.
        title: A message's name and number.
        text: The rest of the line.
        fields: All fields of a message.
        flaw: Why it is no message.
        decisive: ``failure`` or ``warning`` when a finding or a deviation is about it, or empty.
    """

    at: str
    look: str
    actor: str
    title: str
    text: str
    fields: tuple[str, ...]
    flaw: str
    decisive: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One row of the table of steps; without a number and a line, it stands for several."""

    sign: str
    number: str
    depth: int
    text: str
    line: str
    at: str
    took: str
    outcome: str
    why: str


@dataclass(frozen=True, slots=True)
class TroubleView:
    """One finding or deviation."""

    severity: str
    label: str
    where: str
    step: str
    requirement: str
    wanted: tuple[str, ...]
    came: str
    detail: tuple[str, ...]
    at: str


@dataclass(frozen=True, slots=True)
class RunView:
    """One run: its row and what opens under it."""

    index: int
    anchor: str
    name: str
    title: str
    result: str
    tone: str
    rank: int
    under_test: str
    took: str
    took_ns: int
    deviations: str
    reason: str
    tags: tuple[str, ...]
    search: str
    story: tuple[str, ...]
    reaction: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    repeat: str
    troubles: tuple[TroubleView, ...]
    steps: tuple[StepView, ...]
    ours: str
    theirs: str
    several: bool
    entries: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report."""

    title: str
    short_title: str
    tone: str
    began: str
    facts: tuple[str, ...]
    version: str
    tiles: tuple[Tile, ...]
    tags: tuple[str, ...]
    results: tuple[str, ...]
    attention: tuple[RunView, ...]
    runs: tuple[RunView, ...]


def page_of(report: Report) -> Page:
    """Turn a report into the values of its page."""
    facts, counted = report.facts, report.tally
    pairs = zip(report.names, report.accounts, strict=True)
    runs = tuple(_run(index, name, each) for index, (name, each) in enumerate(pairs, 1))
    title, tone = _title(counted)
    noun = "scenario" if counted.total == 1 else "scenarios"
    address = f" {printable(facts.address)}" if facts.address else " world"
    bad = (each for each in runs if each.tone in ("no-go", "unknown"))
    return Page(
        title=title,
        short_title=str(counted),
        tone=tone,
        began=format_instant(facts.began_ns, digits=0).replace("T", " ").replace("Z", " UTC"),
        facts=(
            f"{counted.total} {noun} in {_took(facts.duration_ns)}",
            f"{facts.world}{address}",
            f"seed {facts.seed}",
        ),
        version=printable(facts.version),
        tiles=_tiles(counted),
        tags=tuple(sorted({tag for each in runs for tag in each.tags})),
        results=tuple(dict.fromkeys(each.result for each in sorted(runs, key=lambda r: r.rank))),
        attention=tuple(sorted(bad, key=lambda each: each.rank)),
        runs=runs,
    )


def _title(counted: Tally) -> tuple[str, str]:
    tone = {0: "go", 1: "no-go", 3: "unknown"}[counted.exit_code]
    played = counted.total - counted.skipped
    if counted.failed:
        return f"{counted.failed} of {_scenarios(counted.total)} failed", tone
    if counted.inconclusive:
        return f"{counted.inconclusive} of {_scenarios(counted.total)} could not be judged", tone
    if not played:
        return "Nothing was played", tone
    return ("The scenario passed" if played == 1 else f"All {played} scenarios passed"), tone


def _scenarios(count: int) -> str:
    return "1 scenario" if count == 1 else f"{count} scenarios"


def _tiles(counted: Tally) -> tuple[Tile, ...]:
    return (
        Tile(counted.passed - counted.deviating, "PASS", "go"),
        Tile(counted.deviating, "PASS with deviations", "warn"),
        Tile(counted.failed, "FAIL", "no-go"),
        Tile(counted.inconclusive, "INCONCLUSIVE", "unknown"),
        Tile(counted.skipped, "SKIPPED", "closed"),
    )


def _run(index: int, name: str, account: Account) -> RunView:
    passed, count = account.result is Result.PASS, account.deviation_count
    troubles = [_trouble(account, each, "failure") for each in account.findings]
    troubles += [_trouble(account, each, "warning") for each in account.deviations]
    theirs = account.under_test
    actors = sorted({entry.actor for entry in account.entries if entry.actor})
    other = "venue" if theirs == "client" else "client"
    noun = "deviation" if count == 1 else "deviations"
    return RunView(
        index=index,
        anchor=f"run-{index}",
        name=name,
        title=account.title,
        result=account.result.value,
        tone="warn" if passed and count else _TONES[account.result],
        rank=_rank(account),
        under_test=theirs,
        took="" if account.began_ns is None else _took(account.took_ns),
        took_ns=account.took_ns,
        deviations=f"{count} {noun}" if count else "",
        reason=account.reason,
        tags=account.tags,
        search=" ".join((name, account.title, theirs, account.result.value, *account.tags)).lower(),
        story=account.story,
        reaction=account.reaction,
        facts=_facts(account),
        repeat=account.repeat,
        troubles=tuple(troubles),
        steps=_steps(account.steps),
        ours=f"fixgate as {', '.join(actors) or other}",
        theirs=f"{theirs}, under test",
        several=len(actors) > 1,
        entries=_entries(account),
    )


def _rank(account: Account) -> int:
    if account.result is Result.PASS:
        return 2 if account.deviation_count else 3
    return {Result.FAIL: 0, Result.INCONCLUSIVE: 1, Result.SKIPPED: 4}[account.result]


def _facts(account: Account) -> tuple[tuple[str, str], ...]:
    facts = (
        ("requirement", account.requirement),
        ("source", account.spec),
        ("under test", account.under_test),
        ("tags", ", ".join(account.tags)),
        ("file", account.path),
        ("seed", str(account.seed)),
        ("world", account.world),
        ("began", "" if account.began_ns is None else _instant(account.began_ns)),
    )
    return tuple((label, value) for label, value in facts if value)


def _instant(at_ns: int) -> str:
    return format_instant(at_ns, digits=3).replace("T", " ").replace("Z", " UTC")


def _trouble(account: Account, trouble: Trouble, severity: str) -> TroubleView:
    label = "Failure" if account.result is Result.FAIL else "Not determined"
    return TroubleView(
        severity=severity,
        label=label if severity == "failure" else "Deviation",
        where=trouble.where,
        step=f"step {trouble.step}" if trouble.step else "",
        requirement=trouble.requirement,
        wanted=trouble.allowed or (trouble.wanted,),
        came=trouble.came,
        detail=trouble.detail,
        at=format_offset(trouble.at_ns),
    )


def _steps(steps: Sequence[StepLine]) -> tuple[StepView, ...]:
    if len(steps) <= _STEPS_FIRST + _STEPS_LAST:
        return tuple(map(_step, steps))
    left_out = len(steps) - _STEPS_FIRST - _STEPS_LAST
    fold = StepView("", "", 0, f"{left_out} steps left out", "", "", "", "fold", "")
    return (*map(_step, steps[:_STEPS_FIRST]), fold, *map(_step, steps[-_STEPS_LAST:]))


def _step(step: StepLine) -> StepView:
    return StepView(
        sign=_SIGNS.get(step.outcome, ""),
        number=str(step.number) if step.number else "",
        depth=min(step.depth, _DEEPEST),
        text=step.text,
        line=str(step.line),
        at="" if step.at_ns is None else format_offset(step.at_ns),
        took="" if step.took_ns is None else _took(step.took_ns),
        outcome=step.outcome.replace(" ", "-"),
        why=step.why,
    )


def _entries(account: Account) -> tuple[EntryView, ...]:
    decisive: dict[int, str] = {}
    wanted: set[int] = set()
    for severity, troubles in (("warning", account.deviations), ("failure", account.findings)):
        evidence = [e for t in troubles for e in t.evidence if e.kind is not Kind.FOLD]
        decisive |= {entry.record: severity for entry in evidence if entry.decisive}
        wanted |= {entry.record for entry in evidence}
    lines = with_fewer_heartbeats(account.entries, sparing=wanted)
    kept = set(range(_ENTRIES_FIRST)) | set(range(len(lines) - _ENTRIES_LAST, len(lines)))
    kept |= {i for i, entry in enumerate(lines) if entry.record in wanted}
    views: list[EntryView] = []
    left_out: list[Entry] = []
    for index, entry in enumerate(lines):
        if index not in kept:
            left_out.append(entry)
            continue
        if left_out:
            views.append(_entry(fold_of(left_out, "lines")))
            left_out = []
        views.append(_entry(entry, decisive.get(entry.record, "")))
    return tuple(views)


def _entry(entry: Entry, decisive: str = "") -> EntryView:
    look = entry.kind.value
    if entry.kind is Kind.MESSAGE:
        look = "in" if entry.glyph == "<" else "out"
    return EntryView(
        at="" if entry.kind is Kind.FOLD else format_offset(entry.at_ns),
        look=look,
        actor=entry.actor,
        title=entry.title,
        text=entry.text,
        fields=tuple(map(str, entry.fields)),
        flaw=entry.flaw,
        decisive="" if entry.kind is Kind.FOLD else decisive,
    )


def _took(duration_ns: int) -> str:
    if duration_ns >= _MINUTE_NS:
        return format_offset(duration_ns).partition(".")[0]
    return format_duration(duration_ns, micro="µs") if duration_ns else "0 s"
