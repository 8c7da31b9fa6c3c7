"""What the tables of docs/ say, and whether the tests that they name are there."""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

__all__ = ["ROOT", "missing_tests", "named", "names_in", "page", "rows"]

ROOT = Path(__file__).parent.parent
_CELL_ENDS = re.compile(r"(?<!\\)\|")


def page(name: str) -> str:
    """The text of a page of docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def rows(text: str, columns: int) -> list[list[str]]:
    """The cells of every row of a page's tables that has so many; their headings, too."""
    lines = (line for line in text.splitlines() if line.startswith("|"))
    split = ([cell.strip() for cell in _CELL_ENDS.split(line)[1:-1]] for line in lines)
    return [row for row in split if len(row) == columns]


def named(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


@cache
def names_in(path: Path) -> frozenset[str]:
    """Functions and classes of a module, those of classes as ``Class::name``."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            members = (ast.FunctionDef, ast.AsyncFunctionDef)
            found |= {f"{node.name}::{m.name}" for m in node.body if isinstance(m, members)}
    return frozenset(found)


def missing_tests(cell: str, folder: str = "tests") -> list[str]:
    """Those of the tests named in a cell that are not there.

    Args:
        cell: Names such as ``tests/wire/test_mask.py::test_masked``, with ``*`` for several; a
            module alone stands for all of its tests.
        folder: Where a path begins that does not begin with ``tests/``.
    """
    missing = []
    for reference in named(cell):
        path, _, pattern = reference.partition("::")
        module = ROOT / path if path.startswith("tests/") else ROOT / folder / path
        names = names_in(module) if module.is_file() else ()
        if not any(fnmatch(name, pattern or "*test_*") for name in names):
            missing.append(reference)
    return missing
