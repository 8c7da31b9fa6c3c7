from __future__ import annotations

import pytest
import yaml

from fixgate.config.emit import to_yaml

TEXTS = ["a", "yes", "No", "null", "1", "0010", "10:30:00", "", " a", "a: b", "#x", "'", '"']
TEXTS += ["\u00fc", "{", "a b", "-", "- a", "a#b", "a,b", "*a", "&a", "!a", "%a", "@a"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_stays_that_text(text):
    assert yaml.safe_load(to_yaml({"a": text, "b": [text]})) == {"a": text, "b": [text]}


def test_structure():
    value = {"a": {"b": True, "c": {"d": "x"}}, "e": [{"f": "x", "g": {"h": "y"}}, {"f": "z"}]}
    text = to_yaml(value)
    assert yaml.safe_load(text) == value
    assert text == ('a:\n  b: true\n  c:\n    d: x\ne:\n  - f: x\n    g:\n      h: "y"\n  - f: z\n')


def test_references_stay_and_variables_do_not_become_any():
    assert to_yaml({"a": "${env:X}"}) == "a: ${env:X}\n"
    assert to_yaml({"a": "x${env:X}"}) == 'a: "x$${env:X}"\n'


def test_empty_collections():
    assert yaml.safe_load(to_yaml({"a": {}, "b": []})) == {"a": {}, "b": []}
