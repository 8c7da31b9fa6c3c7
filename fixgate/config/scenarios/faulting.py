"""Steps about faults: fault, clear. Which there are, with what parameters, is the catalogue's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from fixgate.config import units
from fixgate.config.fields import JsonSchema, closest
from fixgate.config.scenarios import values
from fixgate.config.scenarios.fault_params import read_params
from fixgate.config.scenarios.flow import Armed, Line
from fixgate.config.scenarios.kind import Given, Option, StepKind
from fixgate.config.scenarios.messages import field_tag, message_type, plain_value
from fixgate.config.scenarios.node import Node, UnusableError, known_keys, read_all
from fixgate.config.scenarios.options import FIELDS, ON, itself
from fixgate.config.scenarios.story import Story
from fixgate.config.source import shown
from fixgate.dice import Fixed
from fixgate.faults import (
    ANY,
    CATALOGUE,
    REQUIRED,
    ActsOn,
    ArmedFault,
    FaultSpec,
    FieldTest,
    Kind,
    ParamValue,
    Trigger,
    Way,
    build,
)
from fixgate.faults.model import Drop
from fixgate.scenario.model import Side
from fixgate.scenario.steps import ArmFault, Clear, Step

__all__ = ["FAULTS", "WHEN_KEYS"]

ALL = "all"


def _spec(node: Node, story: Story) -> FaultSpec:
    name = node.text()
    found = CATALOGUE.get(name)
    if found is None:
        hint = closest(name, CATALOGUE) or "fixgate faults list"
        raise node.report(f"there is no fault {shown(name)}", hint)
    return found


# When.


@dataclass(frozen=True, slots=True)
class _When:
    trigger: Trigger = field(default=ANY)
    during: Node | None = None


WHEN_KEYS = {
    "msg_type": "Only of these messages: a name, or a list.",
    "fields": "Only of messages with these fields; `present` for any value.",
    "nth": "From the nth of these messages on, counted since the fault was armed.",
    "times": "At most so many times.",
    "after": "So long after it was armed.",
    "for": "Only so long from then on.",
    "probability": "With the run's dice: above 0, at most 1.",
    "during": "Only while another fault is armed: its name.",
}
"""What `when` may say."""


def _when(node: Node, story: Story) -> _When:
    entries = node.entries()
    usable = known_keys(entries, WHEN_KEYS, "'when'")
    if not entries:
        raise node.report(f"expected some of {', '.join(WHEN_KEYS)}")
    vocabulary = story.vocabulary
    given: dict[str, object] = {}
    readers: dict[str, Callable[[Node], object]] = {
        "msg_type": lambda n: frozenset(values.words(n, lambda i: message_type(i, vocabulary))),
        "fields": lambda n: _tests(n, story),
        "nth": lambda n: values.count(n, 1, 10**9),
        "times": lambda n: values.count(n, 1, 10**9),
        "after": values.duration,
        "for": values.duration,
        "probability": values.probability,
        "during": lambda n: n.text(),
    }
    for key, child in entries.items():
        try:
            if key in readers:
                given[key] = readers[key](child)
        except UnusableError:
            usable = False
    if not usable:
        raise UnusableError
    return _When(_trigger(given), entries.get("during"))


def _trigger(given: dict[str, object]) -> Trigger:
    attributes = {"msg_type": "msg_types", "after": "after_ns", "for": "for_ns"}
    # Every value was made by the reader of its key.
    return Trigger(**{attributes.get(key, key): value for key, value in given.items()})  # type: ignore[arg-type]


def _tests(node: Node, story: Story) -> tuple[FieldTest, ...]:
    entries = node.entries()
    if not entries:
        raise node.report("expected at least one field; received none")

    def test(child: Node) -> FieldTest:
        tag = field_tag(child, str(child.path[-1]), story.vocabulary, at_key=True)
        if child.value == "present":
            return FieldTest(tag)
        return FieldTest(tag, plain_value(child, tag, story.vocabulary))

    return tuple(read_all(entries.values(), test))


# Steps.

_CHOICE_OF_FAULTS: JsonSchema = {"enum": list(CATALOGUE)}
FAULT = Option("fault", _spec, "A name of `fixgate faults list`.", _CHOICE_OF_FAULTS)
FAULT_AS = Option(
    "as", lambda node, story: values.name(node),
    "A name by which `clear` ends it; by default the fault's own.", values.NAME,
)  # fmt: skip
WAY = Option(
    "way", lambda node, story: values.option(node, {"out": Way.OUT, "in": Way.IN}),
    "`out`: on what the actor sends; `in`: on what it receives. By default as the fault has it.",
    {"enum": ["out", "in"]},
)  # fmt: skip
PARAMS = Option("with", itself, "The fault's parameters: see `fixgate faults explain`.", FIELDS)
WHEN = Option(
    "when", _when,
    "When it acts; all that is said must hold, nothing said is every message: "
    + ", ".join(f"`{key}`" for key in WHEN_KEYS) + ".",
    {
        "type": "object", "minProperties": 1, "additionalProperties": False,
        "properties": {key: {"description": doc} for key, doc in WHEN_KEYS.items()},
    },
)  # fmt: skip


def _fault(given: Given) -> tuple[Step, ...]:
    spec, story, on = given.get(FAULT), given.story, given.on
    assert spec is not None, "it is the action"
    written = given.get(PARAMS)
    missing = [param.name for param in spec.params if param.default is REQUIRED]
    if written is None and missing:
        names = " and ".join(f"'{name}'" for name in missing)
        raise given.at(FAULT).report(
            f"the fault {spec.name} needs {names}", f"with: {{{missing[0]}: ...}}"
        )
    params = {} if written is None else read_params(written, spec.params, f"'{spec.name}'", story)
    way = given.take(WAY, spec.ways[0])
    if way not in spec.ways:
        raise given.at(WAY).report(f"'{spec.name}' is only {_way_text(spec.ways[0])}")
    if spec.on is ActsOn.LISTENER and story.actors[on].side is Side.CLIENT:
        raise given.at(FAULT).report(f"'{spec.name}' is about a venue's listener; {on} is a client")
    when = given.take(WHEN, _When())
    _check_during(when, given)
    name = given.take(FAULT_AS, spec.name)
    armed = ArmedFault(name, build(spec.name, params), way, when.trigger)
    _check_armed(Armed(given.node, armed, spec), given)
    given.flow.armed[on, name] = Armed(given.node, armed, spec)
    if given.flow.line(on) is Line.UP:
        given.flow.came_up(on, given.node)
    text = f"from now on {_lowered(spec.summary)}, {_way_text(way)}"
    text += f" ({_said(params, spec)})" if params else ""
    text += _when_text(when.trigger, story)
    text += f", called {name}" if name != spec.name else ""
    return (ArmFault(given.place(text), on, armed),)


def _lowered(text: str) -> str:
    first = text.partition(" ")[0]
    return (
        text
        if "(" in first or not first.istitle() or first in _FIX_NOUNS
        else (text[0].lower() + text[1:])
    )


_FIX_NOUNS = frozenset({"Heartbeats", "Logon"})


def _way_text(way: Way) -> str:
    return "on what it sends" if way is Way.OUT else "on what it receives"


def _said(params: dict[str, ParamValue], spec: FaultSpec) -> str:
    kinds = {param.name: param.kind for param in spec.params}
    return ", ".join(f"{name} {_value_text(each, kinds[name])}" for name, each in params.items())


def _value_text(value: ParamValue, kind: Kind) -> str:
    match value:
        case int() if kind is Kind.DURATION:
            return units.format_duration(value)
        case Fixed(ns=ns):
            return units.format_duration(ns)
        case Enum():
            return str(value.value)
        case bytes():
            return value.replace(b"\x01", b"|").decode("utf-8", "replace")
        case frozenset():
            return "/".join(sorted(each.decode("latin-1") for each in value))
        case tuple():
            parts = (
                each if isinstance(each, int) else f"{each[0]}={_value_text(each[1], kind)}"
                for each in value
            )
            return " ".join(map(str, parts))
    return str(value)


def _when_text(trigger: Trigger, story: Story) -> str:
    label, duration = story.vocabulary, units.format_duration
    parts = []
    if trigger.msg_types:
        parts.append("of " + " and ".join(map(label.message_label, sorted(trigger.msg_types))))
    for test in trigger.fields:
        value = "present" if test.value is None else f"= {test.value.decode('latin-1')}"
        parts.append(f"with {label.label(test.tag)} {value}")
    if trigger.nth > 1:
        parts.append(f"from message {trigger.nth} on")
    if trigger.times is not None:
        parts.append("once" if trigger.times == 1 else f"{trigger.times} times")
    if trigger.after_ns:
        parts.append(f"after {duration(trigger.after_ns)}")
    if trigger.for_ns is not None:
        parts.append(f"for {duration(trigger.for_ns)}")
    if trigger.probability < 1:
        parts.append(f"with probability {Fraction(str(trigger.probability))}")
    if trigger.during:
        parts.append(f"during {trigger.during}")
    return "".join(f", {part}" for part in parts)


def _check_during(when: _When, given: Given) -> None:
    name, node = when.trigger.during, when.during
    if node is None:
        return
    armed = [n for (on, n), each in given.flow.armed.items() if on == given.on and each.fault]
    if name not in armed:
        hint = closest(name, armed) or (f"armed here: {', '.join(armed)}" if armed else "")
        raise node.report(f"no fault {shown(name)} is armed here", hint)


def _check_armed(new: Armed, given: Given) -> None:
    """Tell a name that is in use, and faults of which one leaves nothing for the other."""
    fault = new.fault
    assert fault is not None, "it is being armed"
    first = given.flow.armed.get((given.on, fault.name))
    if first is not None:
        message = f"{shown(fault.name)} is armed already, since {first.where.place}"
        raise given.node.report(message, "'as' gives it another name, 'clear' ends the first")
    for (on, name), other in given.flow.armed.items():
        if on == given.on and (_swallows(other, new) or _swallows(new, other)):
            raise given.node.report(
                f"contradicts {shown(name)} of {other.where.place}: one drops all messages that "
                "the other is about",
                "'when' says which",
            )


def _swallows(one: Armed, other: Armed) -> bool:
    """Return whether the first drops all messages that the second is about."""
    if one.fault is None or other.fault is None or other.spec is None:
        return False
    drop, trigger = one.fault.fault, other.fault.trigger
    if not isinstance(drop, Drop) or one.fault.trigger != ANY or one.fault.way != other.fault.way:
        return False
    if other.spec.on is not ActsOn.MESSAGES or trigger.after_ns or trigger.during:
        return False
    about = trigger.msg_types or getattr(other.fault.fault, "msg_types", frozenset())
    return not drop.msg_types or bool(about and about <= drop.msg_types)


CLEAR = Option(
    "clear", lambda node, story: node.text(),
    "The name of a fault or a `never`, or `all` faults of the actor.", {"type": "string"},
)  # fmt: skip


def _clear(given: Given) -> tuple[Step, ...]:
    name, node = given.take(CLEAR, ""), given.at(CLEAR)
    here = {n: armed for (on, n), armed in given.flow.armed.items() if on == given.on}
    if name == ALL:
        faults = [n for n, armed in here.items() if armed.fault is not None]
        if not faults:
            raise node.report("no fault is armed here")
        for each in faults:
            del given.flow.armed[given.on, each]
        return (Clear(given.place("end all faults"), given.on, ""),)
    if name not in here:
        hint = closest(name, here) or (f"armed here: {', '.join(here)}" if here else "")
        raise node.report(f"nothing that is called {shown(name)} is armed here", hint)
    del given.flow.armed[given.on, name]
    return (Clear(given.place(f"end {name}"), given.on, name),)


FAULTS = (
    StepKind(
        FAULT, (FAULT_AS, WAY, PARAMS, WHEN, ON),
        "Something begins to go wrong on an actor's connection, until `clear` ends it.",
        "- fault: drop\n"
        "  as: deaf\n"
        "  way: in\n"
        "  when: {msg_type: TestRequest, times: 1}",
        _fault,
    ),
    StepKind(CLEAR, (ON,), "A fault or a `never` ends.", "- clear: deaf", _clear),
)  # fmt: skip
"""The kinds of this module."""
