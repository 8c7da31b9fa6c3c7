from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from fixgate.report.runs.repeat import repeat_command, target_of
from tests.report.runs.sample import FACTS, passed


@pytest.mark.parametrize(
    ("path", "id", "target"),
    [
        ("scenarios/gaps/late.yaml", "gaps/late", "scenarios/gaps/late.yaml"),
        ("scenarios/gaps/late.yaml", "gaps/late@client", "scenarios/gaps/late.yaml@client"),
        ("late.yaml", "late[a/b]@venue", "late.yaml[a/b]@venue"),
        ("/desk/scenarios/late.yaml", "late[short]", "/desk/scenarios/late.yaml[short]"),
        ("x.yaml", "t", "x.yaml"),
        ("later.yaml", "late", "later.yaml"),
        ("late.yaml", "later", "late.yaml"),
        ("", "t", ""),
    ],
)
def test_target_names_one_scenario_whatever_its_root(path, id, target):
    assert target_of(replace(passed().scenario, path=path, id=id)) == target


def test_command_in_the_virtual_world():
    assert repeat_command(passed(), FACTS) == (
        "fixgate run scenarios/heartbeats/test-request.yaml@venue --seed 7"
    )


def test_command_repeats_the_options_and_quotes_for_the_shell():
    scenario = replace(passed().scenario, path="my desk/x.yaml", id="x[a b]")
    facts = replace(FACTS, options=("--live", "--venue", "fix.example:9876"))
    command = repeat_command(replace(passed(), scenario=scenario, seed=12), facts)
    assert command == (
        "fixgate run 'my desk/x.yaml[a b]' --live --venue fix.example:9876 --seed 12"
    )
    assert shlex.split(command)[2] == "my desk/x.yaml[a b]"
