from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from fixgate.config import KINDS, SCHEMA_NAME, schema, shipped_files, shipped_text
from tests.config.test_sessions import test_every_field as every_session_field
from tests.config.test_venue import test_every_field as every_venue_field

ROOT = Path(__file__).parents[2]


def properties(found) -> dict[str, set[str]]:
    definitions = found["$defs"]
    return {name: set(inner["properties"]) for name, inner in definitions.items()}


@pytest.mark.parametrize("kind", [None, *KINDS])
def test_it_is_a_schema(kind):
    jsonschema.Draft202012Validator.check_schema(schema(kind))
    jsonschema.Draft7Validator.check_schema(schema(kind))


def test_there_are_two_kinds():
    with pytest.raises(ValueError, match="expected one of venue, sessions"):
        schema("venues")


@pytest.mark.parametrize("name", shipped_files())
def test_shipped_files_obey_it(name):
    value = yaml.safe_load(shipped_text(name))
    jsonschema.validate(value, schema())
    jsonschema.validate(value, schema("venue" if "venue" in value else "sessions"))


@pytest.mark.parametrize("test", [every_session_field, every_venue_field])
def test_files_with_every_field_obey_it(test, tmp_path):
    test(tmp_path)
    value = yaml.safe_load((tmp_path / "some.yaml").read_text(encoding="utf-8"))
    for session in value.get("sessions", ()):
        session["theirs"] = "no"  # PyYAML reads YAML 1.1, in which this is False
    jsonschema.validate(value, schema())


def test_defaults_may_hold_any_part_of_a_session():
    value = {"defaults": {"orders": {"symbol": "ABC"}, "store": {"durability": "os"}},
             "sessions": [{"name": "one"}]}  # fmt: skip
    jsonschema.validate(value, schema())
    value["defaults"]["name"] = "one"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, schema())


def test_every_key_has_a_description_to_hover_on():
    for name, inner in schema()["$defs"].items():
        for key, value in inner["properties"].items():
            assert value.get("description") or value.get("$ref"), (name, key)


def test_nothing_of_our_own_units_shows():
    text = json.dumps(schema())
    assert '"default"' not in text
    assert "null" not in text


def test_the_schema_beside_the_shipped_files_is_the_schema():
    found = json.loads((ROOT / "sessions" / SCHEMA_NAME).read_text(encoding="utf-8"))
    assert properties(found) == properties(schema())


def test_every_key_is_in_the_reference():
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for name, keys in properties(schema()).items():
        for key in keys:
            assert f"`{key}`" in text, (name, key)
