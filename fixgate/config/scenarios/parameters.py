"""Parameters: what ``$NAME`` stands for in a scenario, one row of its table, or a fragment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fixgate.config.fields import closest
from fixgate.config.scenarios.node import Node, UnusableError, parameters_in
from fixgate.config.source import shown
from fixgate.scenario.model import Side
from fixgate.session.settings import SessionId

__all__ = ["ALWAYS_THERE", "Row", "always_there", "given_parameters", "read_rows", "unused"]

ALWAYS_THERE = {
    "begin_string": "BeginString(8) of the session.",
    "ours": "The CompID of the side that we play.",
    "theirs": "The CompID of the side that is under test.",
}
"""Parameters that every scenario has, with what they stand for."""

_ROW = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_PARAMETER = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
MAX_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, or all there is without one.

    Attributes:
        name: Of the row; empty without a table.
        parameters: By name.
    """

    name: str
    parameters: Mapping[str, Node]


def read_rows(parameters: Node | None, table: Node | None) -> list[Row]:
    """Return what the parameters are in every row.

    Args:
        parameters: What is written under ``parameters``: names with their values, or with nothing
            where every row gives one.
        table: What is written under ``table``, or ``None``.
    """
    declared = {} if parameters is None else _declared(parameters)
    if table is None:
        missing = [name for name, node in declared.items() if node.value is None]
        for name in missing:
            declared[name].report(f"${name} has no value, and no table gives one", at_key=True)
        if missing:
            raise UnusableError
        return [Row("", declared)]
    rows = table.items()
    if not 1 <= len(rows) <= MAX_ROWS:
        raise table.report(f"expected 1 to {MAX_ROWS} rows; received {len(rows)}")
    names: dict[str, Node] = {}
    found = [_row(node, declared, names) for node in rows]
    complete = [row for row in found if row is not None]
    if len(complete) < len(found):
        raise UnusableError
    return complete


def _declared(node: Node) -> dict[str, Node]:
    entries = node.entries()
    for name, child in entries.items():
        if name in ALWAYS_THERE:
            child.report(f"${name} is always there: {ALWAYS_THERE[name].lower()[:-1]}", at_key=True)
        elif not _PARAMETER.fullmatch(name):
            child.report(
                f"expected a name of letters, digits and '_'; received {shown(name)}", at_key=True
            )
    return entries


def _row(node: Node, declared: dict[str, Node], names: dict[str, Node]) -> Row | None:
    try:
        entries = node.entries()
        if "row" not in entries:
            raise node.report("'row' is missing: a name for the row")
        name = entries["row"].text()
        if not _ROW.fullmatch(name):
            raise entries["row"].expected("expected a name of letters, digits, '.', '_' and '-'")
        first = names.setdefault(name, entries["row"])
        if first.path != entries["row"].path:
            raise entries["row"].report(
                f"the row {shown(name)} is there twice, first at {first.place}"
            )
        given = {key: child for key, child in entries.items() if key != "row"}
        return Row(name, given_parameters(declared, given, node, f"the row {shown(name)}"))
    except UnusableError:
        return None


def always_there(whole: Node, session: SessionId, side: Side) -> dict[str, Node]:
    """Return the parameters that every scenario has.

    Args:
        whole: The file.
        session: As the client sees it.
        side: Who is under test.
    """
    ours, theirs = session.ours, session.theirs
    if side is Side.CLIENT:
        ours, theirs = theirs, ours
    values = {"begin_string": session.begin_string, "ours": ours, "theirs": theirs}
    return {name: replace(whole, value=value) for name, value in values.items()}


def given_parameters(
    declared: Mapping[str, Node], given: Mapping[str, Node], where: Node, what: str
) -> dict[str, Node]:
    """Return parameters by name: what is given, or else what was declared.

    Args:
        declared: Names with their values; with nothing where one must be given.
        given: Values.
        where: Of what is given.
        what: Which gives them.
    """
    usable = True
    for name, node in given.items():
        if name not in declared:
            known = ", ".join(declared)
            hint = closest(name, declared) or (f"declared: {known}" if known else "")
            node.report(
                f"{what} gives ${name}, which 'parameters' does not declare", hint, at_key=True
            )
            usable = False
        elif node.value is None:
            node.report("nothing is written here", at_key=True)
            usable = False
    missing = [n for n, node in declared.items() if n not in given and node.value is None]
    if missing:
        names = " and ".join(f"${name}" for name in missing)
        where.report(f"{what} does not give {names}")
        usable = False
    if not usable:
        raise UnusableError
    return {**declared, **given}


def unused(declared: Mapping[str, Node], whole: Mapping[str, Node]) -> None:
    """Tell every declared parameter that nothing in a file refers to."""
    used = {
        name
        for key, node in whole.items()
        if key not in ("parameters", "table")
        for name in parameters_in(node.value)
    }
    for name, node in declared.items():
        if name not in used and _PARAMETER.fullmatch(name):
            node.report(f"${name} is used nowhere", at_key=True)
