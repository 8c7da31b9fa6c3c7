"""docs/scenarios.md: its examples load, and its tables are those that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from fixgate.config.scenarios import load_scenarios
from fixgate.config.scenarios.actors import SESSION_KEYS
from fixgate.config.scenarios.defaults import REQUIRED
from fixgate.config.scenarios.expecting import MATCHERS
from fixgate.config.scenarios.faulting import WHEN_KEYS
from fixgate.config.scenarios.parameters import ALWAYS_THERE
from fixgate.config.scenarios.schema import scenario_schema
from fixgate.config.scenarios.steps import KINDS
from fixgate.config.scenarios.top import TOP_KEYS
from fixgate.scenario.functions import FUNCTIONS
from tests.doctables import page, rows

PAGE = page("scenarios.md")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
FRAGMENT = re.compile(r"# (fragments/\S+)\n")
HEAD = "title: t\nunder_test: venue\n"
TAIL = "  - {never: any, with: {Text: nothing like it}}\n  - wait: 1s\n"
# What examples of single steps refer to.
BEFORE = (
    "  - connect\n"
    "  - {send: NewOrderSingle, as: order}\n"
    "  - {fault: drop, as: deaf, when: {nth: 1000}}\n"
)


def whole(block: str) -> str:
    """Return the file that an example is a part of."""
    if "title:" in block:
        return block
    if not block.startswith("- "):
        return f"{HEAD}{block}steps:\n  - connect\n{TAIL}"
    steps = "".join(f"  {line}\n" for line in block.splitlines())
    before = BEFORE
    if block.startswith("- connect"):
        before = ""
    if "as: deaf" in block:
        before = before.replace("as: deaf", "as: other")
    if "as: order" in block:
        before = before.replace(", as: order", "")
    if block.startswith("- include"):
        before += "  - disconnect\n"
    again = "  - connect\n" if block.splitlines()[-1].startswith("- disconnect") else ""
    return f"{HEAD}steps:\n{before}{steps}{again}{TAIL}"


def test_there_are_examples():
    assert len(BLOCKS) > len(KINDS) + 8


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_example_loads_and_is_valid(tmp_path, number):
    for block in BLOCKS:
        if found := FRAGMENT.match(block):
            path = tmp_path / found[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block, encoding="utf-8")
    block = BLOCKS[number]
    if FRAGMENT.match(block):
        block = "- disconnect\n- include: fragments/log-on.yaml\n"
    text = whole(block)
    path = Path(tmp_path) / "example.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_scenarios(path)
    jsonschema.validate(yaml.safe_load(text), scenario_schema())


def cell(text: str) -> str:
    return text.replace("|", r"\|")


@pytest.mark.parametrize(
    "said",
    [
        {key: top.doc for key, top in TOP_KEYS.items()},
        SESSION_KEYS,
        WHEN_KEYS,
        {f"${key}": doc for key, doc in ALWAYS_THERE.items()},
        {function.usage: function.doc for function in FUNCTIONS.values()},
        {key: f"{doc[0].upper()}{doc[1:]}." for key, doc in MATCHERS.items()},
    ],
)
def test_tables_are_those_of_the_code(said):
    found = {(row[0].partition(" (req")[0], row[1]) for row in rows(PAGE, 2)}
    assert {(f"`{key}`", cell(doc)) for key, doc in said.items()} <= found


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_of_step_has_its_section(kind):
    section = PAGE.partition(f"### {kind.name}\n")[2].partition("\n### ")[0]
    assert kind.doc in " ".join(section.split())
    assert f"```yaml\n{kind.example}\n```" in section
    found = dict(rows(section.partition("\nThe faults and")[0], 2))
    said = {f"`{o.name}`": cell(o.doc) for o in (kind.action, *kind.options)}
    assert {key: doc for key, doc in found.items() if key.startswith("`")} == said


def test_every_default_is_told():
    assert {(name, f"`{value}`") for name, value in REQUIRED.items()} <= {
        (row[0], row[1]) for row in rows(PAGE, 2)
    }
