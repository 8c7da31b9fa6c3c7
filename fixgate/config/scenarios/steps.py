"""The table of all kinds of steps, and what reads steps by it."""

from __future__ import annotations

from collections.abc import Mapping

from fixgate.config.fields import closest
from fixgate.config.scenarios.acts import ACTS
from fixgate.config.scenarios.faulting import FAULTS
from fixgate.config.scenarios.flow import Line
from fixgate.config.scenarios.frames import FRAMES
from fixgate.config.scenarios.kind import Given, StepKind
from fixgate.config.scenarios.looks import LOOKS
from fixgate.config.scenarios.node import Node, UnusableError, known_keys
from fixgate.config.scenarios.story import Story
from fixgate.config.source import shown
from fixgate.scenario.steps import Step

__all__ = ["KINDS", "read_steps"]

KINDS: Mapping[str, StepKind] = {
    kind.name: kind for kind in (*ACTS[:5], *LOOKS, *FRAMES[:1], *FAULTS, *FRAMES[1:], ACTS[5])
}
"""By action, in the order in which they are explained."""


def read_steps(node: Node, story: Story, only: frozenset[str] | None = None) -> tuple[Step, ...]:
    """Return the steps of a list, or a single one that stands without it.

    Args:
        node: What is written.
        story: The scenario so far; goes on with every step.
        only: The kinds that may be here; ``None`` for all.
    """
    single = isinstance(node.value, str | dict) and only is not None
    items = [node] if single else node.items()
    if not items:
        raise node.report("expected at least one step; received an empty list")
    found: list[Step] = []
    usable = True
    for item in items:
        try:
            found.extend(_step(item, story, only))
        except UnusableError:
            usable = False
            _carry_on(item, story)
    if not usable:
        raise UnusableError
    return tuple(found)


def _step(node: Node, story: Story, only: frozenset[str] | None) -> tuple[Step, ...]:
    story.count(node)
    kind, entries = _kind(node)
    if only is not None and kind.name not in only:
        names = [f"'{name}'" for name in KINDS if name in only]
        expected = " or ".join(names) if len(names) < 3 else f"one of {', '.join(names)}"
        raise node.report(f"expected {expected} here; received '{kind.name}'")
    options = (kind.action, *kind.options)
    usable = known_keys(entries, [option.name for option in options], f"a step '{kind.name}'")
    values: dict[str, object] = {}
    for option in options:
        child = entries.get(option.name)
        if child is None:
            if option.required:
                hint = f"fixgate scenario explain {kind.name}"
                node.report(f"a step '{kind.name}' needs '{option.name}'", hint)
                usable = False
            continue
        try:
            values[option.name] = option.read(child, story)
        except UnusableError:
            usable = False
    if kind.action.name in entries and kind.action.name not in values:
        raise UnusableError
    if any(option.required and option.name not in values for option in options):
        raise UnusableError
    steps = kind.build(Given(node, story, entries, values, read_steps))
    if not usable:
        raise UnusableError
    return steps


def _carry_on(node: Node, story: Story) -> None:
    """Take it that a step with a mistake did what it should: later ones have none because of it."""
    for actor in story.actors:
        story.flow.lines[actor] = Line.UNKNOWN
    name = node.value.get("as") if isinstance(node.value, dict) else None
    if isinstance(name, str):
        story.flow.messages.setdefault(name, ())


def _kind(node: Node) -> tuple[StepKind, dict[str, Node]]:
    if isinstance(node.value, str):
        word = node.text()
        kind = KINDS.get(word)
        if kind is None or not kind.bare:
            bare = [kind.name for kind in KINDS.values() if kind.bare]
            hint = closest(word, KINDS)
            if kind is not None:
                hint = f"'{word}: ...'"
            words = f"{', '.join(bare[:-1])} or {bare[-1]}"
            message = f"expected a step such as 'send: NewOrderSingle', or {words}"
            raise node.expected(message, hint)
        return kind, {}
    entries = node.entries()
    actions = [key for key in entries if key in KINDS]
    if len(actions) > 1:
        received = " and ".join(f"'{action}'" for action in actions)
        raise node.report(f"a step has one action; received {received}", "begin another with '-'")
    if not actions:
        hints = (closest(key, KINDS) for key in entries)
        hint = next(filter(None, hints), f"one of {', '.join(KINDS)}")
        received = ", ".join(shown(key) for key in entries) or "nothing"
        raise node.report(f"no action is among the keys of this step; received {received}", hint)
    return KINDS[actions[0]], entries
