"""The table of cases cannot rot: the code and the tests that it names are there."""

from __future__ import annotations

import re

import pytest

from tests.doctables import ROOT, missing_tests, named, names_in, page, rows

CASE = re.compile(r"\d+[BS]?(?:\.[a-z])?\b")
ROWS = [row for row in rows(page("conformance.md"), 6) if CASE.match(row[0])]
"""Case, M or O, rule, code, test, deviation."""


def test_the_whole_standard_is_in_the_table():
    text = " ".join(row[0] for row in ROWS)
    assert len(ROWS) > 45
    for number in (*range(2, 17), "1B", "1S", "2S", 18, 19, 20):
        assert re.search(rf"\b{number}\b", text), number


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_case_has_code_and_tests_or_says_why_not(row):
    _, _, _, code, test, deviation = row
    assert (code and test) or deviation


@pytest.mark.parametrize("row", [row for row in ROWS if row[4]], ids=lambda row: row[0])
def test_its_tests_exist(row):
    assert missing_tests(row[4], "tests/session") == []


@pytest.mark.parametrize("row", [row for row in ROWS if row[3]], ids=lambda row: row[0])
def test_its_code_exists(row):
    for reference in named(row[3]):
        module, _, name = reference.partition(".")
        room = ROOT / "fixgate" if "/" in module else ROOT / "fixgate" / "session"
        path = room / f"{module}.py"
        if not path.exists():
            assert not name, reference
            assert re.search(rf"\b{module}\b", _settings()), reference
            continue
        if name:
            found = {each.rpartition("::")[2] for each in names_in(path)}
            assert name in found, reference


def _settings() -> str:
    return (ROOT / "fixgate" / "session" / "settings.py").read_text(encoding="utf-8")
