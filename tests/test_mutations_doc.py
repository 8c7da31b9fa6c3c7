"""The table of broken rules cannot rot: it fits the code, the tests, the cases and its page."""

from __future__ import annotations

import ast
import dataclasses
import re
from runpy import run_path

import pytest

from fixgate.session.dialect import Dialect
from fixgate.session.rules import Rule
from tests.doctables import ROOT, page, rows

TOOL = run_path(str(ROOT / "tools" / "mutate_session.py"))
MUTATIONS = TOOL["load"]()
IDS = [f"{'+'.join(m.covers)} {m.rule}" for m in MUTATIONS]
COVERED = {name for mutation in MUTATIONS for name in mutation.covers}
# "1B.a, b", "2.h, i", "14.a to 14.j" in docs/conformance.md; "2.c, 10.d" in a docstring.
CASE = r"\d+[BS]?(?:\.[a-z])?"


def expanded(cell: str) -> list[str]:
    """The cases that the first column of a row names."""
    cases: list[str] = []
    for part in cell.split(","):
        span = re.fullmatch(r"(\d+\.)([a-z]) to \d+\.([a-z])", part.strip())
        if span:
            letters = range(ord(span[2]), ord(span[3]) + 1)
            cases += [span[1] + chr(letter) for letter in letters]
        elif re.fullmatch(r"[a-z]", part.strip()):
            cases.append(cases[-1].partition(".")[0] + "." + part.strip())
        else:
            cases.append(part.strip())
    return cases


CASES = [(row[0], row[3]) for row in rows(page("conformance.md"), 6) if re.match(CASE, row[0])]
"""Case and code of every row of the table in docs/conformance.md."""


def test_the_page_is_the_table():
    assert page("mutations.md") == TOOL["render"]()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=IDS)
def test_the_code_stands_there_once_and_its_test_exists(mutation):
    text = (ROOT / mutation.how.source).read_text(encoding="utf-8")
    ast.parse(mutation.how.apply(text))
    path, *names = mutation.test.split("::")
    body = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8")).body
    for name in names:
        body = next(node.body for node in body if getattr(node, "name", None) == name)


def test_no_rule_is_without_one():
    assert {f"rule:{rule.value}" for rule in Rule} <= COVERED


def test_no_habit_of_a_dialect_is_without_one():
    habits = {field.name for field in dataclasses.fields(Dialect)} - {"name"}
    assert {f"dialect:{name}" for name in habits} <= COVERED


def test_no_case_that_has_code_is_without_one():
    cases = {case for cell, code in CASES if code for case in expanded(cell)}
    assert len(cases) > 50
    assert cases <= COVERED


def test_no_case_that_the_session_cites_is_without_one():
    cited: set[str] = set()
    for path in (ROOT / "fixgate" / "session").glob("*.py"):
        for found in re.findall(r"cases? ((?:[\d.a-zBS]+(?:,? and |, )?)+)", path.read_text()):
            cited |= set(re.findall(CASE, found))
    assert len(cited) > 20
    missing = [c for c in cited if not any(k == c or k.startswith(f"{c}.") for k in COVERED)]
    assert missing == []
