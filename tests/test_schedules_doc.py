"""The table of disagreements cannot rot: the tests and the endings that it names are there."""

from __future__ import annotations

import re
from fnmatch import fnmatch

import pytest

from fixgate.health.endings import Ending
from fixgate.session.rules import Rule
from tests.test_conformance_doc import ROOT, named, names_in

ROW = re.compile(r"^\| (\d+) \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", re.M)
ROWS = ROW.findall((ROOT / "docs" / "schedules.md").read_text(encoding="utf-8"))


def test_the_rows_are_numbered():
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_its_tests_exist(row):
    references = named(row[4])
    assert references
    for reference in references:
        path, _, pattern = reference.partition("::")
        module = ROOT / path if path.startswith("tests/") else ROOT / "tests" / "session" / path
        assert any(fnmatch(name, pattern or "*") for name in names_in(module)), reference


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_its_endings_exist(row):
    known = {ending.value for ending in Ending} | {rule.value for rule in Rule}
    states = [name for name in named(row[3]) if re.fullmatch(r"[a-z]+(-[a-z]+)*", name)]
    assert set(states) - {"reset_on_logon"} <= known
