"""Parameters of every kind, and every fault of the catalogue."""

from __future__ import annotations

import pytest

from fixgate.config.scenarios import load_scenarios
from fixgate.dice import Exponential, Fixed, Normal, Spike
from fixgate.errors import ConfigError
from fixgate.faults import CATALOGUE, ActsOn, Kind, Param, Way
from fixgate.faults.model import ClockSkew, Delay, Garbage, RefuseLogon, RemoveFields, Truncate
from fixgate.scenario.steps import ArmFault
from tests.config.scenarios.helpers import HEAD, step, write

S = 1_000_000_000
CLIENT_HEAD = "title: t\nunder_test: client\nsteps:\n"


def fault(tmp_path, text: str, head: str = HEAD):
    found = step(tmp_path, f"  - fault: {text}\n", head)
    assert isinstance(found, ArmFault)
    return found.armed.fault


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("delay\n    with: {by: 0s}", Delay(Fixed(0))),
        ("delay\n    with: {by: {normal: {mean: 1s, deviation: 0s}}}", Delay(Normal(S, 0))),
        ("delay\n    with: {by: {exponential: {mean: 1s}}}", Delay(Exponential(S))),
        (
            "delay\n    with: {by: {spike: {usual: 1s, rare: 2s, chance: 0.01}}}",
            Delay(Spike(S, 2 * S, 0.01)),
        ),
        ("clock_skew\n    with: {by: -2m}", ClockSkew(-120 * S)),
        ("truncate\n    with: {keep: 0}", Truncate(0)),
        ("garbage\n    with: {data: 'a|b'}", Garbage(b"a\x01b")),
        ("remove_fields\n    with: {tags: [Text, 55]}", RemoveFields((58, 55))),
        ("remove_fields\n    with: {tags: Text}", RemoveFields((58,))),
    ],
)
def test_what_parameters_come_to(tmp_path, text, expected):
    assert fault(tmp_path, text) == expected


def test_a_text_may_be_empty(tmp_path):
    found = fault(tmp_path, "refuse_logon_by_logout\n    with: {text: }", CLIENT_HEAD)
    assert isinstance(found, RefuseLogon)
    assert found.text == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clock_skew\n    with: {by: -9999h}", "expected at least -744h"),
        ("late\n    with: {by: 0s}", "expected a duration above 0"),
        ("late\n    with: {by: -1s}", "expected a duration that is not negative"),
        ("remove_fields\n    with: {tags: []}", "expected at least one field"),
        ("set_fields\n    with: {fields: {}}", "expected at least one field"),
        ("delay\n    with: {by: {spike: {usual: 1s, rare: 2s, chance: 2}}}", "a probability above"),
        ("delay\n    with: {by: {fixed: {by: 1s}, normal: {}}}", "expected a duration, or one of"),
        ("swap_fields\n    with: {}", "are missing: 'swap_fields' needs"),
    ],
)
def test_what_parameters_are_not(tmp_path, text, expected):
    with pytest.raises(ConfigError, match=expected):
        fault(tmp_path, text)


def example(param: Param) -> str:
    """Return something that a parameter may be, as a file has it."""
    match param.kind:
        case Kind.DURATION | Kind.DISTRIBUTION:
            return "2s"
        case Kind.COUNT:
            return str(max(param.low or 1, 1))
        case Kind.PROBABILITY:
            return "0.5"
        case Kind.TEXT | Kind.BYTES:
            return "text"
        case Kind.TAG:
            return "Text"
        case Kind.TAGS:
            return "[Text, 55]"
        case Kind.FIELDS:
            return "{Text: hello, 9999: x}"
        case Kind.MSG_TYPES:
            return "[Heartbeat, D]"
        case Kind.CHOICE:
            return param.options[0]


@pytest.mark.parametrize("spec", CATALOGUE.values(), ids=lambda spec: spec.name)
@pytest.mark.parametrize("side", ["client", "venue"])
def test_every_fault_can_be_armed_with_all_its_parameters(tmp_path, spec, side):
    said = ", ".join(f"{param.name}: {example(param)}" for param in spec.params)
    way = "in" if spec.ways[-1] is Way.IN else "out"
    text = (
        f"title: t\nunder_test: {side}\nsteps:\n  - connect\n  - fault: {spec.name}\n"
        f"    way: {way}\n" + (f"    with: {{{said}}}\n" if said else "") + "  - expect: any\n"
    )
    path = write(tmp_path, text)
    if spec.on is ActsOn.LISTENER and side == "venue":
        with pytest.raises(ConfigError, match="is about a venue's listener; client is a client"):
            load_scenarios(path)
        return
    (found,) = load_scenarios(path)
    armed = found.steps[1]
    assert isinstance(armed, ArmFault)
    assert armed.armed.name == spec.name
    assert armed.place.text.startswith("from now on ")
