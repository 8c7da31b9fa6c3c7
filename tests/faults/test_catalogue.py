from enum import Enum
from typing import get_args

import pytest

from fixgate.dice import Distribution, Fixed
from fixgate.faults import CATALOGUE, REQUIRED, ActsOn, Fault, Kind, Param, Way, build
from fixgate.faults.model import Drop, Ignore, Mute, Muted, Renumber

SAMPLES = {
    Kind.DURATION: 2_000_000_000,
    Kind.COUNT: 3,
    Kind.PROBABILITY: 0.5,
    Kind.TEXT: "closed",
    Kind.BYTES: b"x",
    Kind.TAG: 55,
    Kind.TAGS: (55, 54),
    Kind.FIELDS: ((55, b"ABC"),),
    Kind.MSG_TYPES: frozenset({b"8"}),
    Kind.DISTRIBUTION: Fixed(5),
}
TYPES = {
    Kind.DURATION: int,
    Kind.COUNT: int,
    Kind.PROBABILITY: float,
    Kind.TEXT: str,
    Kind.BYTES: bytes,
    Kind.TAG: int,
    Kind.TAGS: tuple,
    Kind.FIELDS: tuple,
    Kind.MSG_TYPES: frozenset,
    Kind.CHOICE: Enum,
    Kind.DISTRIBUTION: get_args(Distribution),
}
PARAMS = [(name, param) for name, spec in CATALOGUE.items() for param in spec.params]


def sample(param: Param):
    return next(iter(param.choices)) if param.choices else SAMPLES[param.kind]


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_name_makes_a_fault_with_all_parameters_and_with_those_required(name: str):
    spec = CATALOGUE[name]
    full = build(name, {param.name: sample(param) for param in spec.params})
    least = build(name, {param.name: sample(param) for param in spec.params if param.required})
    assert isinstance(full, get_args(Fault))
    assert isinstance(least, get_args(Fault))


@pytest.mark.parametrize(("name", "param"), PARAMS, ids=lambda each: getattr(each, "name", each))
def test_a_default_is_what_the_loader_would_give(name: str, param: Param):
    assert (param.choices is not None) == (param.kind is Kind.CHOICE)
    if param.default is not REQUIRED and param.default is not None:
        assert isinstance(param.default, TYPES[param.kind])
    if isinstance(param.default, int) and param.kind in (Kind.COUNT, Kind.DURATION):
        assert param.low is not None
        assert param.low <= param.default
        assert param.high is None or param.default <= param.high


def test_every_value_has_a_name():
    made = {
        type(build(name, {p.name: sample(p) for p in spec.params if p.required}))
        for name, spec in CATALOGUE.items()
    }
    assert made == set(get_args(Fault))


def test_names_are_what_they_say():
    assert build("drop") == Drop()
    assert build("ignore_resend_request") == Ignore(frozenset({b"2"}))
    assert build("gap_down", {"by": 5}) == Renumber(-5)
    assert build("mute_heartbeats") == Mute(Muted.HEARTBEATS)


def test_texts_read_well():
    for name, spec in CATALOGUE.items():
        assert spec.name == name
        assert not spec.summary.endswith(".")
        assert spec.story.endswith(".")
        assert len(spec.ways) > 0
        for param in spec.params:
            assert not param.doc.endswith("."), param


def test_only_a_venue_can_refuse_connections():
    listening = [name for name, spec in CATALOGUE.items() if spec.on is ActsOn.LISTENER]
    assert listening == ["refuse_connections"]
    assert CATALOGUE["refuse_connections"].ways == (Way.IN,)


def test_a_parameter_of_another_fault_is_refused():
    with pytest.raises(TypeError, match="colour"):
        build("drop", {"colour": "red"})
    with pytest.raises(TypeError, match="by"):
        build("delay")
    with pytest.raises(KeyError):
        build("nonsense")
