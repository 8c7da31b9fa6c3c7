"""The catalogue, rendered; every example is one that the loader takes."""

import json

import pytest

from fixgate.config.scenarios.load import load_scenarios
from fixgate.faults import CATALOGUE, Way, build
from fixgate.report.faults import catalogue_json, fault_example, fault_json, fault_parameters
from fixgate.scenario.steps import ArmFault

SCENARIO = """\
title: An example
story: One.
reaction: None.
under_test: client
steps:
  - connect
"""


@pytest.mark.parametrize("name", CATALOGUE)
def test_examples_are_scenarios(name: str, tmp_path):
    lines = fault_example(CATALOGUE[name]).splitlines()
    file = tmp_path / "example.yaml"
    file.write_text(
        SCENARIO + "".join(f"  {each}\n" for each in (*lines, "- expect: TestRequest")),
        encoding="utf-8",
    )
    (scenario,) = load_scenarios(file)
    armed = next(step.armed for step in scenario.steps if isinstance(step, ArmFault))
    assert armed.name == name
    assert armed.way is CATALOGUE[name].ways[0]
    assert type(armed.fault) is type(build(name, _least(name)))


def _least(name: str):
    from tests.faults.test_catalogue import sample

    return {param.name: sample(param) for param in CATALOGUE[name].params if param.required}


def test_json_says_what_can_be_given():
    drip = fault_json(CATALOGUE["drip"])
    assert drip["ways"] == ["out", "in"]
    assert drip["parameters"] == [
        {
            "name": "size",
            "kind": "count",
            "doc": "Bytes of a piece",
            "required": False,
            "default": "1",
        },
        {
            "name": "pause",
            "kind": "duration",
            "doc": "Between two pieces",
            "required": False,
            "default": "100ms",
        },
    ]
    cut = fault_json(CATALOGUE["cut"])
    assert cut["ways"] == ["out"]
    assert cut["parameters"][1]["options"] == ["fin", "rst", "silent"]
    assert catalogue_json([])["schema_version"] == 1
    assert json.dumps(catalogue_json(CATALOGUE.values()))


def test_parameters_in_words():
    assert fault_parameters(CATALOGUE["clock_skew"])[0] == (
        "by",
        "duration, may be negative",
        "required",
        "How far the clock is ahead; negative for behind",
    )
    assert fault_parameters(CATALOGUE["throttle"]) == [
        ("bytes_per_s", "count, 1 or more", "required", "How fast")
    ]
    assert fault_parameters(CATALOGUE["garbage"])[0][2] == "not a FIX message|"


def test_ways_are_those_of_files():
    assert {way for spec in CATALOGUE.values() for way in spec.ways} == set(Way)
