"""The table of cases cannot rot: the code and the tests that it names are there."""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CASE = re.compile(r"\d+[BS]?(?:\.[a-z])?\b")


def rows() -> list[list[str]]:
    """The cells of every row that names a case: case, M or O, rule, code, test, deviation."""
    lines = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8").splitlines()
    split = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines if line.startswith("|")]
    trimmed = ([cell.strip() for cell in row] for row in split)
    return [row for row in trimmed if len(row) == 6 and CASE.match(row[0])]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def names_in(path: Path) -> set[str]:
    """Functions and classes of a module, those of classes as ``Class::name``."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            members = (ast.FunctionDef, ast.AsyncFunctionDef)
            found |= {f"{node.name}::{m.name}" for m in node.body if isinstance(m, members)}
    return found


ROWS = rows()


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
    for reference in named(row[4]):
        path, _, pattern = reference.partition("::")
        module = ROOT / path if path.startswith("tests/") else ROOT / "tests" / "session" / path
        names = names_in(module)
        assert any(fnmatch(name, pattern or "*") for name in names), reference


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
