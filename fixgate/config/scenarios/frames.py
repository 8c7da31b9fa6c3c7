"""Steps about time, processes and other steps: wait, advance, restart, ask, parallel and more."""

from __future__ import annotations

import os
from dataclasses import replace

from fixgate.config import units
from fixgate.config.scenarios import values
from fixgate.config.scenarios.flow import Line
from fixgate.config.scenarios.kind import Given, Option, StepKind
from fixgate.config.scenarios.node import Node, UnusableError, known_keys
from fixgate.config.scenarios.options import FIELDS, ON, STEPS, itself
from fixgate.config.scenarios.parameters import ALWAYS_THERE, given_parameters, unused
from fixgate.config.scenarios.story import Story
from fixgate.config.source import shown
from fixgate.scenario.model import Need
from fixgate.scenario.steps import (
    Advance,
    Ask,
    Connect,
    Disconnect,
    Logout,
    Parallel,
    Repeat,
    Restart,
    Send,
    Step,
    StoreFate,
    Wait,
)

__all__ = ["FRAMES"]

MAX_TIMES = 100_000
MAX_INCLUDES = 8
_DOES = frozenset({"send", "logout", "connect", "disconnect"})
_NOTHING = "nothing"

WAIT = Option("wait", lambda node, story: values.duration(node), "How long.", values.DURATION)


def _wait(given: Given) -> tuple[Step, ...]:
    for_ns = given.take(WAIT, 0)
    text = f"let {units.format_duration(for_ns)} pass"
    return (Wait(given.place(text), for_ns),)


def _advance_by(node: Node, story: Story) -> tuple[int | None, int | None]:
    if not isinstance(node.value, dict):
        return values.duration(node), None
    entries = node.entries()
    if not known_keys(entries, ("to",), "'advance'"):
        raise UnusableError
    if "to" not in entries:
        raise node.report("expected a duration, or {to: TIME}")
    return None, values.time_of_day(entries["to"])


ADVANCE = Option(
    "advance", _advance_by,
    "How long, or `{to: \"21:00\"}`: the next time that it is so late, UTC.",
    {
        "anyOf": [
            values.DURATION,
            {
                "type": "object", "required": ["to"], "additionalProperties": False,
                "properties": {"to": {"type": "string"}},
            },
        ]
    },
)  # fmt: skip


def _advance(given: Given) -> tuple[Step, ...]:
    found = given.get(ADVANCE)
    assert found is not None, "it is the action"
    by_ns, to_ns = found
    given.story.needs.add(Need.TIME)
    given.flow.all_unknown(given.node)
    if by_ns is not None:
        text = f"let {units.format_duration(by_ns)} pass at once"
    else:
        minutes, seconds = divmod((to_ns or 0) // 1_000_000_000, 60)
        text = f"let time pass until {minutes // 60:02}:{minutes % 60:02}:{seconds:02} UTC"
    return (Advance(given.place(text), by_ns, to_ns),)


RESTART = Option(
    "restart", lambda node, story: story.actor(node),
    "Which actor; the system under test may be one.", values.NAME,
)  # fmt: skip
STORE = Option(
    "store", lambda node, story: values.one_of(node, StoreFate),
    "What becomes of its store: `kept` (the default), `lost`, or `rolled_back` to an older copy.",
    {"enum": [fate.value for fate in StoreFate]},
)  # fmt: skip
LOST = Option(
    "lost", lambda node, story: values.count(node, 1, 1_000_000),
    "Of `rolled_back`: how many of its last messages the copy lacks.",
    {"type": "integer", "minimum": 1},
)  # fmt: skip
DOWN = Option(
    "down", lambda node, story: values.duration(node),
    "How long it is away; by default it is back at once.", values.DURATION,
)  # fmt: skip


def _restart(given: Given) -> tuple[Step, ...]:
    actor = given.get(RESTART)
    assert actor is not None, "it is the action"
    fate, lost = given.take(STORE, StoreFate.KEPT), given.get(LOST)
    if (fate is StoreFate.ROLLED_BACK) != (lost is not None):
        message = "'store: rolled_back' and 'lost', how many messages, belong together"
        raise given.at(LOST if lost is not None else STORE).report(message)
    if given.story.actors[actor].side is given.story.under_test:
        given.story.needs.add(Need.RESTART)
    given.flow.all_unknown(given.node)
    down = given.take(DOWN, 0)
    text = f"{actor} ends without a Logout and starts again"
    text += {
        StoreFate.KEPT: "",
        StoreFate.LOST: ", its store lost",
        StoreFate.ROLLED_BACK: f", its last {lost} messages forgotten",
    }[fate]
    text += f", {units.format_duration(down)} later" if down else ""
    place = replace(given.place(""), text=text)
    return (Restart(place, actor, fate, lost or 0, down),)


ASK = Option(
    "ask", lambda node, story: node.text(),
    "What the system under test is to do, in words, for whoever makes it do so.",
    {"type": "string"},
)  # fmt: skip
DOES = Option(
    "does", itself,
    "What the simulated one does: a step `send`, `logout`, `connect` or `disconnect`; or "
    "`nothing`, where it is so already.",
    {"anyOf": [{"const": _NOTHING}, {"$ref": "#/$defs/step"}]}, required=True,
)  # fmt: skip


def _ask(given: Given) -> tuple[Step, ...]:
    text, does = given.get(ASK), given.get(DOES)
    assert text is not None, "it is the action"
    assert does is not None, "it is required"
    story, flow = given.story, given.flow
    story.needs.add(Need.ASK)
    sentence = f"ask the {story.under_test.value} to {text.removeprefix('to ')}"
    if does.value == _NOTHING:
        return (Ask(given.place(sentence), text, None),)
    theirs = story.under_test.value
    before, acting = flow.copy(at_once=True), story.acting
    # Of the system under test only this is known: it can do what it is asked to.
    before.lines[theirs] = Line.UNKNOWN
    story.acting, story.flow = theirs, before
    try:
        found = given.steps(does, story, _DOES)
    finally:
        story.acting, story.flow = acting, flow
    flow.messages = before.messages
    step = found[0]
    assert isinstance(step, Send | Logout | Connect | Disconnect)
    if not isinstance(step, Send):
        flow.all_unknown(given.node)
    return (Ask(given.place(sentence), text, step),)


PARALLEL = Option(
    "parallel", itself, "At least two lists of steps.",
    {"type": "array", "minItems": 2, "items": STEPS},
)  # fmt: skip


def _parallel(given: Given) -> tuple[Step, ...]:
    node, story = given.get(PARALLEL), given.story
    assert node is not None, "it is the action"
    items = node.items()
    if len(items) < 2:
        raise node.report(f"expected at least two lists of steps; received {len(items)}")
    before, ends, branches = story.flow, [], []
    usable = True
    for item in items:
        story.flow = before.copy(at_once=True)
        try:
            branches.append(given.steps(item, story, None))
            ends.append(story.flow)
        except UnusableError:
            usable = False
    story.flow = before
    if not usable:
        raise UnusableError
    before.join_all(ends, given.node)
    text = f"at once: {'; and '.join(', then '.join(s.place.text for s in b) for b in branches)}"
    return (Parallel(given.place(text), tuple(branches)),)


REPEAT = Option(
    "repeat", lambda node, story: values.count(node, 1, MAX_TIMES), "How often, 1 to 100 000.",
    {"anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_TIMES}, {"type": "string"}]},
)  # fmt: skip
REPEATED = Option("steps", itself, "The steps.", STEPS, required=True)
COUNTER = Option(
    "counter", lambda node, story: values.name(node),
    "A name by which expressions in these steps refer to the number of the round, from 1.",
    values.NAME,
)  # fmt: skip


def _repeat(given: Given) -> tuple[Step, ...]:
    times, body = given.take(REPEAT, 1), given.get(REPEATED)
    assert body is not None, "it is required"
    counter, flow = given.take(COUNTER, ""), given.flow
    if counter in flow.messages or counter in flow.counters:
        raise given.at(COUNTER).report(f"the name {shown(counter)} is used twice")
    with flow.counting(counter):
        steps = given.steps(body, given.story, None)
        if times > 1:  # the second round begins where the first has ended
            steps = _second_round(given, body)
    text = f"{times} times: {', then '.join(step.place.text for step in steps)}"
    return (Repeat(given.place(text), times, steps, counter),)


def _second_round(given: Given, body: Node) -> tuple[Step, ...]:
    told = given.node.desk.mistakes
    first = len(told)
    try:
        return given.steps(body, given.story, None)
    finally:
        told[first:] = [
            replace(each, message=f"{each.message}, in the second round") for each in told[first:]
        ]


INCLUDE = Option(
    "include", lambda node, story: node.text(),
    "A file with `steps`, and `parameters` where it has some; relative to this one.",
    {"type": "string"},
)  # fmt: skip
GIVING = Option("with", itself, "Values of the file's parameters.", FIELDS)


def _include(given: Given) -> tuple[Step, ...]:
    text, node, story = given.get(INCLUDE), given.at(INCLUDE), given.story
    assert text is not None, "it is the action"
    path = given.node.document.source.folder / text
    real = os.path.realpath(path)
    if not real.startswith(os.path.join(os.path.realpath(story.root), "")):
        raise node.report(f"{shown(text)} is outside of the folder of the scenarios")
    if real in story.including:
        raise node.report(f"{shown(text)} includes itself, in the end")
    if len(story.including) > MAX_INCLUDES:
        raise node.report(f"more than {MAX_INCLUDES} files include one another")
    whole = Node.root(story.open(path, node), node.desk)
    top = whole.entries()
    known_keys(top, ("title", "parameters", "steps"), "a file that is included")
    if "steps" not in top:
        raise whole.report("'steps' is missing: what including this file puts in")
    declared = top["parameters"].entries() if "parameters" in top else {}
    giving = given.get(GIVING)
    values_given = {} if giving is None else giving.entries()
    parameters = given_parameters(declared, values_given, given.node, "'include'")
    around = given.node.parameters or {}
    parameters |= {name: around[name] for name in ALWAYS_THERE if name in around}
    including, acting = story.including, story.acting
    story.including, story.acting = (*including, real), given.on if "on" in given.values else acting
    try:
        # Read again with the parameters in place.
        body = whole.with_parameters(parameters).entries()["steps"]
        steps = given.steps(body, story, None)
    finally:
        story.including, story.acting = including, acting
    unused(declared, top)
    return steps


FRAMES = (
    StepKind(WAIT, (), "Let time pass; everybody goes on as they are.", "- wait: 3s", _wait),
    StepKind(
        ADVANCE, (),
        "Let hours pass in the virtual world. The scenario then needs `time`.",
        "- advance: 6h", _advance,
    ),
    StepKind(
        RESTART, (STORE, LOST, DOWN),
        "An actor's process ends, without a Logout, and starts again. Of the system under test it "
        "needs `restart`.",
        "- restart: venue\n  store: rolled_back\n  lost: 5\n  down: 3s", _restart,
    ),
    StepKind(
        ASK, (DOES,),
        "Have the system under test do something: a person is told, or a program is run; the "
        "simulated one plays `does`. The scenario then needs `ask`.",
        "- ask: send an order to buy 100 ABC\n"
        "  does: {send: NewOrderSingle, with: {Symbol: ABC}}",
        _ask,
    ),
    StepKind(
        PARALLEL, (),
        "Several sequences of steps at once; all must end well.",
        "- parallel:\n    - - send: TestRequest\n    - - expect: Heartbeat", _parallel,
    ),
    StepKind(
        REPEAT, (REPEATED, COUNTER),
        "The same steps several times.",
        "- repeat: 3\n"
        "  counter: round\n"
        "  steps:\n"
        "    - send: TestRequest\n"
        "      with: {TestReqID: \"= concat('T', round)\"}\n"
        "    - expect: Heartbeat",
        _repeat,
    ),
    StepKind(
        INCLUDE, (GIVING, ON),
        "The steps of another file; `on` is whose they are where they do not say.",
        "- include: fragments/log-on.yaml\n  with: {HowLong: 2s}", _include,
    ),
)  # fmt: skip
"""The kinds of this module."""
