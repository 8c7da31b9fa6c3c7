"""The table of disagreements cannot rot: the tests and the endings that it names are there."""

from __future__ import annotations

import re

import pytest

from fixgate.health.endings import Ending
from fixgate.session.rules import Rule
from tests.doctables import missing_tests, named, page, rows

ROWS = [row for row in rows(page("schedules.md"), 5) if row[0].isdigit()]


def test_the_rows_are_numbered():
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_its_tests_exist(row):
    assert named(row[4])
    assert missing_tests(row[4], "tests/session") == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_its_endings_exist(row):
    known = {ending.value for ending in Ending} | {rule.value for rule in Rule}
    states = [name for name in named(row[3]) if re.fullmatch(r"[a-z]+(-[a-z]+)*", name)]
    assert set(states) - {"reset_on_logon"} <= known
