"""A scenario in plain words: its story, who plays whom, and its steps."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from fixgate.report.text import format_duration, printable
from fixgate.scenario.model import Scenario
from fixgate.scenario.steps import (
    AnyOf,
    ArmFault,
    Ask,
    ExpectClosed,
    ExpectConnection,
    ExpectSilence,
    Parallel,
    Repeat,
    SetSeqNum,
    Step,
)

__all__ = ["action_of", "story_text"]

_WIDTH = 96

# Where the name of the class is not the action's.
_ACTIONS: Mapping[type, str] = {
    AnyOf: "any_of",
    ArmFault: "fault",
    ExpectClosed: "expect",
    ExpectConnection: "expect",
    ExpectSilence: "expect",
    SetSeqNum: "set_seqnum",
}


def action_of(step: Step) -> str:
    """Return the action by which files write a step."""
    name = type(step).__name__
    return _ACTIONS.get(type(step)) or ("send_raw" if name == "SendRaw" else name.lower())


def story_text(scenario: Scenario, meanings: Mapping[str, str]) -> str:
    """Return a scenario as a page of text.

    Args:
        scenario: The scenario.
        meanings: What each kind of step means, by its action; those that it has are added.
    """
    facts = _facts(scenario)
    width = max(len(name) for name, _ in facts) + 2
    lines = [scenario.title, "=" * min(len(scenario.title), _WIDTH), ""]
    if scenario.story:
        lines += [*textwrap.wrap(scenario.story, _WIDTH), ""]
    for name, value in facts:
        start = f"{name + ':':{width}}"
        lines += textwrap.wrap(value, _WIDTH, initial_indent=start, subsequent_indent=" " * width)
    lines += ["", "Steps", ""]
    numbers = max((len(str(step.place.line)) for step in _all(scenario.steps)), default=1)
    for step, depth, head in _walk(scenario.steps, 0):
        indent = " " * (numbers + 4 + 2 * depth)
        start = f"  {step.place.line:>{numbers}}  {'  ' * depth}{head}"
        should = " (SHOULD)" if step.place.should else ""
        text = _own_text(step) + should
        lines += textwrap.wrap(text, _WIDTH, initial_indent=start, subsequent_indent=indent + "  ")
    used = dict.fromkeys(action_of(step) for step in _all(scenario.steps))
    known = [action for action in used if action in meanings]
    lines += ["", "What these steps mean", ""]
    pad = max((len(action) for action in known), default=0) + 2
    for action in known:
        lines += textwrap.wrap(
            meanings[action], _WIDTH,
            initial_indent=f"  {action:{pad}}", subsequent_indent=" " * (pad + 2),
        )  # fmt: skip
    return "\n".join(printable(line) for line in lines)


def _facts(scenario: Scenario) -> list[tuple[str, str]]:
    client = next(a.session for a in scenario.actors if a.session is not None)
    ours = [a.name for a in scenario.actors if a.side is not scenario.under_test]
    facts = [
        ("Scenario", scenario.id),
        ("File", scenario.path),
        ("Under test", f"the {scenario.under_test.value}; we play {' and '.join(ours)}"),
        ("Reaction", scenario.reaction),
        ("Requirement", " - ".join(filter(None, (scenario.requirement.value, scenario.spec)))),
        ("Session", f"{client.id}, HeartBtInt(108) {client.heartbeat_s}"),
        ("Needs", ", ".join(sorted(need.value for need in scenario.needs))),
        ("Tags", ", ".join(scenario.tags)),
        ("Takes", f"at most {format_duration(scenario.limit_ns)}"),
    ]
    return [(name, value) for name, value in facts if value]


def _own_text(step: Step) -> str:
    """Return the sentence of a step, less those of the steps inside it."""
    match step:
        case Repeat():
            return (
                f"{step.times} times:"
                if not step.counter
                else (f"{step.times} times, counted by {step.counter}:")
            )
        case Parallel():
            return "all of these at once:"
        case AnyOf():
            return "one of these:"
    return step.place.text


def _walk(steps: Sequence[Step], depth: int) -> Iterator[tuple[Step, int, str]]:
    for step in steps:
        yield step, depth, ""
        for branch in _inside(step):
            for index, inner in enumerate(_walk(branch, depth + 1)):
                mark = "- " if not isinstance(step, Repeat | Ask) and index == 0 else ""
                pad = "  " if not isinstance(step, Repeat | Ask) and index else ""
                yield inner[0], inner[1], mark + pad + inner[2]


def _inside(step: Step) -> tuple[Sequence[Step], ...]:
    match step:
        case Repeat():
            return (step.steps,)
        case Parallel():
            return step.branches
        case AnyOf():
            return step.alternatives
        case Ask(does=does) if does is not None:
            return ((does,),)
    return ()


def _all(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        for branch in _inside(step):
            yield from _all(branch)
