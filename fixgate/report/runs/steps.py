"""The steps of a run in the order in which they began: how each ended, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fixgate.report.runs.veil import Veil
from fixgate.scenario.records import Outcome, StepBegan, StepEnded
from fixgate.scenario.runner import Run
from fixgate.scenario.steps import AnyOf, Parallel, Place, Repeat, Step

__all__ = ["INTERRUPTED", "NOT_REACHED", "StepLine", "alternatives_at", "steps_of"]

INTERRUPTED = "interrupted"
"""The scenario ended while the step was played."""
NOT_REACHED = "not reached"
"""The scenario ended before it."""


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step.

    Attributes:
        number: As in the history; 0 of a step that was not reached.
        line: Where it is written.
        depth: How many steps it is inside of.
        text: How it reads.
        outcome: ``ok``, ``failed``, ``deviation``, ``inconclusive``, `INTERRUPTED` or
            `NOT_REACHED`.
        why: Why it did not end well, in one line, or empty.
        at_ns: When it began, nanoseconds since the scenario did; ``None`` when it never did.
        took_ns: How long it took; ``None`` when it never ended.
    """

    number: int
    line: int
    depth: int
    text: str
    outcome: str
    why: str
    at_ns: int | None
    took_ns: int | None


def steps_of(run: Run, veil: Veil) -> tuple[StepLine, ...]:
    """Return every step that began, then those of the outermost level that never did."""
    steps = tuple(run.scenario.steps)
    depths = {_key(place): depth for place, depth in _walk(steps, 0)}
    began = [(r.at_ns, r.what) for r in run.history if isinstance(r.what, StepBegan)]
    ended = {r.what.number: (r.at_ns, r.what) for r in run.history if isinstance(r.what, StepEnded)}
    begin_ns = next((record.at_ns for record in run.history), 0)
    lines = []
    for at_ns, step in began:
        end_ns, end = ended.get(step.number, (None, None))
        outcome, why = INTERRUPTED, ""
        if end is not None:
            outcome = end.outcome.value
            why = "" if end.outcome is Outcome.OK else next(reversed(veil.lines(end.text)), "")
        lines.append(
            StepLine(
                number=step.number,
                line=step.line,
                depth=depths.get((step.line, step.text), 0),
                text=veil.line(step.text),
                outcome=outcome,
                why=why,
                at_ns=at_ns - begin_ns,
                took_ns=None if end_ns is None else end_ns - at_ns,
            )
        )
    reached = {(step.line, step.text) for _, step in began}
    for each in steps:
        if _key(each.place) not in reached:
            text = veil.line(each.place.text)
            lines.append(StepLine(0, each.place.line, 0, text, NOT_REACHED, "", None, None))
    return tuple(lines)


def alternatives_at(steps: Iterable[Step], place: Place) -> tuple[tuple[str, ...], ...]:
    """Return what would have been allowed at an `AnyOf`, sentence by sentence; else nothing."""
    for step in steps:
        match step:
            case AnyOf() if step.place == place:
                return tuple(tuple(e.place.text for e in each) for each in step.alternatives)
            case Repeat(steps=inner):
                found = alternatives_at(inner, place)
            case Parallel(branches=branches):
                found = alternatives_at((each for branch in branches for each in branch), place)
            case _:
                continue
        if found:
            return found
    return ()


def _walk(steps: Iterable[Step], depth: int) -> Iterator[tuple[Place, int]]:
    for step in steps:
        yield step.place, depth
        match step:
            case Repeat(steps=inner):
                yield from _walk(inner, depth + 1)
            case Parallel(branches=branches):
                for branch in branches:
                    yield from _walk(branch, depth + 1)
            case _:
                pass


def _key(place: Place) -> tuple[int, str]:
    # All that a history tells of a step: two fragments may share it, then either's depth will do.
    return place.line, place.text
