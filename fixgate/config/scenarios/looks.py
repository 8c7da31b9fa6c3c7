"""Steps that look: expect, any_of, never."""

from __future__ import annotations

from typing import Any

from fixgate.config import units
from fixgate.config.scenarios import sentences, values
from fixgate.config.scenarios.expecting import expected_message
from fixgate.config.scenarios.flow import Armed, Line
from fixgate.config.scenarios.kind import Given, Option, StepKind
from fixgate.config.scenarios.messages import message_type
from fixgate.config.scenarios.node import Node, UnusableError
from fixgate.config.scenarios.options import AS, FIELDS, ON, ORDER, SHOULD, STEPS, WITHIN, itself
from fixgate.config.scenarios.story import Story
from fixgate.config.source import shown
from fixgate.scenario.matching import MessageMatch
from fixgate.scenario.steps import (
    AnyOf,
    Expect,
    Expectation,
    ExpectClosed,
    ExpectConnection,
    ExpectSilence,
    HowClosed,
    Never,
    Step,
)

__all__ = ["EXPECTATIONS", "LOOKS"]

EXPECTATIONS = frozenset({"expect"})
"""What alternatives of `any_of` are made of."""

_WORDS = ("closed", "connection", "nothing")
ANY = "any"


def _what(node: Node, story: Story) -> str | tuple[bytes, ...]:
    """Return one of the words, or messages; none for any."""
    if isinstance(node.value, str) and node.value in _WORDS:
        return node.value
    return _messages(node, story)


def _messages(node: Node, story: Story) -> tuple[bytes, ...]:
    if node.value == ANY:
        return ()
    found = values.words(node, lambda item: message_type(item, story.vocabulary))
    if not found:
        raise node.report("expected at least one message; received an empty list")
    return tuple(dict.fromkeys(found))


_MESSAGES_SCHEMA = {
    "anyOf": [
        {"type": ["string", "integer"]},
        {"type": "array", "minItems": 1, "items": {"type": ["string", "integer"]}},
    ]
}
EXPECT = Option(
    "expect", _what,
    "A message by its name or MsgType(35), a list of them, `any`; or `closed`, `connection`, "
    "`nothing`.",
    _MESSAGES_SCHEMA,
)  # fmt: skip
WITH = Option(
    "with", itself,
    "What is expected of fields: a value, `absent`, `present`, or a mapping such as `{one_of: "
    "[1, 2]}`; groups as lists of entries.",
    FIELDS,
)  # fmt: skip
HOW = Option(
    "how",
    lambda node, story: values.option(node, {h.value: h for h in (HowClosed.FIN, HowClosed.RST)}),
    "Of `closed`: only by `fin`, or only by `rst`.",
    {"enum": ["fin", "rst"]},
)
FOR = Option(
    "for", lambda node, story: values.duration(node), "Of `nothing`: how long.", values.DURATION
)
_BELONGS: dict[str, tuple[Option[Any], ...]] = {
    "closed": (WITHIN, HOW),
    "connection": (WITHIN,),
    "nothing": (FOR,),
    "a message": (WITH, ORDER, WITHIN, AS),
}


def _expect(given: Given) -> tuple[Step, ...]:
    what = given.get(EXPECT)
    assert what is not None, "it is the action"
    given.story.expectations += 1
    _only_fitting(given, what if isinstance(what, str) else "a message")
    within = given.take(WITHIN, given.story.within_ns)
    should = given.take(SHOULD, False)
    soon = f", within {units.format_duration(within)}"
    flow, on = given.flow, given.on
    match what:
        case "closed":
            flow.must_be_up(on, given.node)
            flow.set_line(on, Line.DOWN, given.node)
            how = given.get(HOW)
            text = (
                f"expect that the connection is closed{f' by {how.value.upper()}' if how else ''}"
            )
            return (ExpectClosed(given.place(text + soon, should=should), on, how, within),)
        case "connection":
            flow.must_be_down(on, given.node)
            flow.came_up(on, given.node)
            text = f"expect a connection{soon}"
            return (ExpectConnection(given.place(text, should=should), on, within),)
        case "nothing":
            flow.must_be_up(on, given.node)
            for_ns = given.get(FOR)
            if for_ns is None:
                raise given.node.report("'expect: nothing' needs 'for': how long nothing may come")
            text = f"expect nothing for {units.format_duration(for_ns)}"
            return (ExpectSilence(given.place(text, should=should), on, for_ns),)
    assert isinstance(what, tuple)
    flow.must_be_up(on, given.node)
    match = _match(given, what)
    name = given.take(AS, "")
    if name:
        flow.name(name, given.at(AS), what)
    text = f"expect {sentences.matched(match, given.story.vocabulary)}{soon}"
    text += f", called {name}" if name else ""
    return (Expect(given.place(text, should=should), on, match, within, name),)


def _only_fitting(given: Given, what: str) -> None:
    for option in (WITH, ORDER, WITHIN, AS, HOW, FOR):
        if option.name in given.entries and option not in _BELONGS[what]:
            owners = [f"'{word}'" for word, options in _BELONGS.items() if option in options]
            given.entries[option.name].report(
                f"'{option.name}' does not belong to {shown(what)}, "
                f"but to {' or '.join(owners)}".replace("'a message'", "a message"),
                at_key=True,
            )


def _match(given: Given, msg_types: tuple[bytes, ...]) -> MessageMatch:
    fields = given.get(WITH)
    given.flow.check(fields)
    return expected_message(msg_types, fields, given.get(ORDER), given.story.vocabulary)


ANY_OF = Option(
    "any_of", itself, "At least two alternatives: lists of expectations, or single ones.",
    {"type": "array", "minItems": 2, "items": {"anyOf": [STEPS, {"$ref": "#/$defs/step"}]}},
)  # fmt: skip


def _any_of(given: Given) -> tuple[Step, ...]:
    node, story = given.get(ANY_OF), given.story
    assert node is not None, "it is the action"
    items = node.items()
    if len(items) < 2:
        raise node.report(f"expected at least two alternatives; received {len(items)}")
    before, ends, alternatives = story.flow, [], []
    usable = True
    for item in items:
        story.flow = before.copy(at_once=False)
        try:
            alternatives.append(_expectations(given.steps(item, story, EXPECTATIONS)))
            ends.append(story.flow)
        except UnusableError:
            usable = False
    story.flow = before
    if not usable:
        raise UnusableError
    before.join_any(ends, given.node)
    should = given.take(SHOULD, False)
    ways = " or ".join(", then ".join(e.place.text for e in way) for way in alternatives)
    return (AnyOf(given.place(ways, should=should), tuple(alternatives)),)


def _expectations(steps: tuple[Step, ...]) -> tuple[Expectation, ...]:
    found = []
    for step in steps:
        assert isinstance(step, Expect | ExpectClosed | ExpectConnection | ExpectSilence)
        found.append(step)
    return tuple(found)


NEVER = Option(
    "never", _messages, "A message by its name or MsgType(35), a list of them, or `any`.",
    _MESSAGES_SCHEMA,
)  # fmt: skip
NEVER_AS = Option(
    "as", lambda node, story: values.name(node), "A name by which `clear` ends it.", values.NAME
)


def _never(given: Given) -> tuple[Step, ...]:
    msg_types = given.get(NEVER)
    assert msg_types is not None, "it is the action"
    given.story.expectations += 1
    match = _match(given, msg_types)
    name = given.take(NEVER_AS, "")
    if name:
        key = (given.on, name)
        first = given.flow.armed.get(key)
        if first is not None:
            message = f"{shown(name)} is in use, since {first.where.place}"
            raise given.at(NEVER_AS).report(message, f"clear: {name} ends it")
        given.flow.armed[key] = Armed(given.at(NEVER_AS))
    should = given.take(SHOULD, False)
    text = f"from now on never {sentences.matched(match, given.story.vocabulary)}"
    text += f", called {name}" if name else ""
    step = Never(given.place(text, should=should), given.on, match, name)
    given.story.nevers.append((step, given.node))
    return (step,)


LOOKS = (
    StepKind(
        EXPECT, (WITH, ORDER, WITHIN, AS, HOW, FOR, SHOULD, ON),
        "The next message from the system under test is one that fits. Heartbeat(0), "
        "TestRequest(1) and the scenario's `ignore` are passed over unless they fit; anything else "
        "that comes instead fails the step at once. `closed` is the end of the connection, "
        "`connection` a new one from the client under test, `nothing` silence for so long.",
        "- expect: ExecutionReport\n"
        "  with: {ClOrdID: = order.ClOrdID, OrdStatus: NEW, Text: absent}\n"
        "  within: 2s",
        _expect,
    ),
    StepKind(
        ANY_OF, (SHOULD,),
        "One of several sequences of expectations comes true; all are followed at once.",
        "- any_of:\n"
        "    - expect: Reject\n"
        "    - - expect: Logout\n"
        "      - expect: closed",
        _any_of,
    ),
    StepKind(
        NEVER, (WITH, NEVER_AS, SHOULD, ON),
        "From now on no message that fits may come, until `clear` ends it, or the scenario ends.",
        "- never: NewOrderSingle\n  as: quiet", _never,
    ),
)  # fmt: skip
"""The kinds of this module."""
