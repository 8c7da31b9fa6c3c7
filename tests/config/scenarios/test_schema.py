from __future__ import annotations

import json
import re
from pathlib import Path
from typing import ClassVar

import jsonschema
import pytest
import yaml

from fixgate.config.scenarios import is_scenario
from fixgate.config.scenarios.schema import scenario_schema
from fixgate.config.scenarios.starters import template_names, template_text
from fixgate.config.scenarios.steps import KINDS
from fixgate.config.scenarios.top import TOP_KEYS
from fixgate.config.source import Source
from fixgate.config.yaml import compose

ROOT = Path(__file__).parents[3]
LIBRARY = [
    path
    for path in sorted((ROOT / "scenarios").rglob("*.yaml"))
    if is_scenario(compose(Source.read(path))) and path.parent.name != "fragments"
]


class Yaml12(yaml.SafeLoader):
    """As editors read: `on`, `off`, `yes` and `no` are texts."""

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, found) for tag, found in known if first in "tTfF" or not tag.endswith("bool")]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


VALIDATOR = jsonschema.Draft202012Validator(scenario_schema())
BAD = ROOT / "tests" / "data" / "bad-scenarios"


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(scenario_schema())
    jsonschema.Draft7Validator.check_schema(scenario_schema())


def test_the_schema_of_the_library_is_the_schema():
    text = (ROOT / "scenarios" / "schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == scenario_schema()


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_files_of_the_library_are_valid_and_name_no_other_schema(path):
    text = path.read_text(encoding="utf-8")
    if found := re.match(r"# yaml-language-server: \$schema=(.*)", text):
        assert (path.parent / found[1]).resolve() == ROOT / "scenarios" / "schema.json"
    VALIDATOR.validate(yaml.load(text, Yaml12))


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
