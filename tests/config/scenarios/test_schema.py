from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from fixgate.config.scenarios.schema import SCENARIO_SCHEMA_NAME, scenario_schema
from fixgate.config.scenarios.starters import template_names, template_text
from fixgate.config.scenarios.steps import KINDS
from fixgate.config.scenarios.top import TOP_KEYS

ROOT = Path(__file__).parents[3]
BAD = ROOT / "tests" / "data" / "bad-scenarios"


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(scenario_schema())
    jsonschema.Draft7Validator.check_schema(scenario_schema())


def test_the_schema_beside_the_library_is_the_schema():
    text = (ROOT / "scenarios" / SCENARIO_SCHEMA_NAME).read_text(encoding="utf-8")
    assert json.loads(text) == scenario_schema()


@pytest.mark.parametrize("name", template_names())
def test_templates_are_valid(name):
    jsonschema.validate(yaml.safe_load(template_text(name)), scenario_schema())


@pytest.mark.parametrize("kind", KINDS)
def test_examples_of_steps_are_valid(kind):
    steps = yaml.safe_load(KINDS[kind].example)
    value = {"title": "t", "under_test": "venue", "steps": steps}
    jsonschema.validate(value, scenario_schema())


def test_every_key_is_described():
    found = scenario_schema()
    assert found["properties"].keys() == TOP_KEYS.keys()
    for name in ("session", "client", "venue"):
        for key, inner in found["$defs"][name]["properties"].items():
            assert inner.get("description") or inner.get("$ref"), (name, key)


@pytest.mark.parametrize(
    "name",
    ["key-unknown", "keys-missing", "under-test-unknown", "step-unknown", "step-two-actions",
     "step-option-unknown", "message-missing", "fault-unknown", "wait-no-unit", "need-unknown",
     "session-key-unknown", "client-connect", "venue-mode-unknown", "repeat-without-steps",
     "ask-without-does", "steps-empty", "restart-store-unknown", "fault-when-unknown"],
)  # fmt: skip
def test_an_editor_sees_common_mistakes_too(name):
    if name == "message-missing":
        value = {"title": "t", "under_test": "venue", "steps": [{"with": {"Text": "x"}}]}
    else:
        value = yaml.safe_load((BAD / f"{name}.yaml").read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, scenario_schema())
