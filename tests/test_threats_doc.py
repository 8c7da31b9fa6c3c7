"""The page of threats cannot rot: its tests, keys and limits are there, and its quotes are said."""

from __future__ import annotations

import ast
import itertools
import json
import re
from functools import cache

import pytest

from fixgate.config import schema
from fixgate.config.source import MAX_BYTES as CONFIG_BYTES
from fixgate.config.yaml import MAX_DEPTH as CONFIG_DEPTH
from fixgate.config.yaml import MAX_NODES
from fixgate.dictionary import xml_tree
from fixgate.health import flood
from fixgate.health.causes import CAUSES
from fixgate.net.endpoint import SOFT_LIMIT_BYTES, STALL_NS
from fixgate.net.lines import LINES_A_MINUTE
from fixgate.net.lobby import MAX_HANDSHAKE_BYTES, MAX_LOGON_BYTES
from fixgate.net.patience import ALLOWANCE, ORIGINS
from fixgate.net.reserve import RESERVE_BYTES
from fixgate.session.ceiling import LOW_BEFORE
from fixgate.session.outbound import RESENDS_WAITING
from fixgate.session.recovery import HELD_BYTES, HELD_MESSAGES
from fixgate.venue.exchange import MAX_OPEN_ORDERS
from fixgate.venue.terms import MAX_ID_BYTES
from fixgate.wire.limits import DEFAULT_LIMITS
from fixgate.wire.mask import SHORTEST_SECRET
from tests.doctables import ROOT, missing_tests, named, page, rows

TEXT = page("threats.md")
THREATS, REST = TEXT.split("\n## Bad input\n")
INPUTS, LIMITS_OF_IT = REST.split("\n## What is not defended against\n")


def table(text: str) -> list[list[str]]:
    return [row for row in rows(text, 3) if row[0] not in ("threat", "input", "---")]


ROWS = table(TEXT)
DEFINITIONS = schema()["$defs"]
KEYS = {key for inner in DEFINITIONS.values() for key in inner["properties"]}
REFERENCE = [row for row in rows(page("configuration.md"), 4) if row[0].startswith("`")]
NAME = re.compile(r"[a-z_]+(?:\.[a-z_]+)*(?:: [a-z_]+)?")
# Of other authors: the operating system, its resolver and the XML parser.
NOT_OURS = (
    *("No space left on device", "Permission denied", "Too many levels of symbolic links"),
    *("Name or service not known", "HTTP/1.1 400 Bad Request"),
    "not well-formed (invalid token) (column 1)",
)
# What is put in by the code where one would not see it: names, units, kinds.
VALUES = (
    *("nonexistent.invalid", "An HTTP server", "0.441 ms", "process 26946 on vm", "newer"),
    *("s behind", "of a torn record"),
)


def test_nothing_is_missing_and_nothing_is_there_twice():
    assert len(table(THREATS)) > 45
    assert len(table(INPUTS)) > 85
    assert len({row[0] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_each_row_has_tests_that_exist(row):
    assert row[1]
    assert named(row[2])
    assert missing_tests(row[2]) == []


def keys_named() -> list[str]:
    measures = [row[1] for row in table(THREATS)] + [LIMITS_OF_IT]
    found = [name for text in measures for name in named(text) if NAME.fullmatch(name)]
    return sorted(set(found) - set(CAUSES))


def holds(parent: str, key: str) -> bool:
    """Whether ``parent`` is a mapping that may have ``key``."""
    kinds = json.dumps([inner["properties"].get(parent) for inner in DEFINITIONS.values()])
    return any(
        key in DEFINITIONS[kind]["properties"] for kind in re.findall(r"\$defs/(\w+)", kinds)
    )


@pytest.mark.parametrize("name", keys_named())
def test_each_key_and_its_value_exist(name):
    path, _, value = name.partition(": ")
    *parents, key = path.split(".")
    assert {*parents, key} <= KEYS
    assert all(itertools.starmap(holds, itertools.pairwise([*parents, key])))
    if value:
        assert any(row[0] == f"`{key}`" and f"`{value}`" in row[1] for row in REFERENCE)


@pytest.mark.parametrize(
    "limit",
    [
        f"at most {MAX_HANDSHAKE_BYTES >> 10} KiB are kept",
        f"{ALLOWANCE} refused Logons",
        f"told apart for {ORIGINS} addresses",
        f"while {SOFT_LIMIT_BYTES >> 10} KiB wait",
        f"after {STALL_NS // 10**9} s",
        f"a check keeps {flood.MAX_BYTES >> 20} MiB",
        f"at most {DEFAULT_LIMITS.max_message_bytes >> 10} KiB",
        f"the first one {MAX_LOGON_BYTES >> 10} KiB",
        f"{DEFAULT_LIMITS.max_fields:,} fields, tags of {DEFAULT_LIMITS.max_tag_digits} digits",
        f"{LOW_BEFORE:,} before",
        f"{HELD_MESSAGES:,} messages and {HELD_BYTES >> 20} MiB",
        f"one at a time, {RESENDS_WAITING} more wait",
        f"{RESERVE_BYTES >> 20} MiB that is held back",
        f"{LINES_A_MINUTE} lines a minute",
        f"{xml_tree.MAX_BYTES >> 20} MiB, {xml_tree.MAX_DEPTH} levels and "
        f"{xml_tree.MAX_ELEMENTS:,} elements",
        f"{CONFIG_BYTES >> 20} MiB, {CONFIG_DEPTH} levels and {MAX_NODES:,} values",
        f"{MAX_OPEN_ORDERS:,} of one client, ids of {MAX_ID_BYTES} bytes",
        f"fewer than {SHORTEST_SECRET} characters",
    ],
)
def test_the_limits_are_those_of_the_code(limit):
    assert limit in TEXT


@pytest.mark.parametrize("key", ["max_connections", "max_per_address", "max_unread_bytes"])
def test_the_defaults_are_those_of_the_reference(key):
    (default,) = (named(row[2])[0] for row in REFERENCE if row[0] == f"`{key}`")
    shown = f"{int(default):,}" if default.isdigit() else default.replace("MiB", " MiB")
    assert f"`limits.{key}` ({shown}" in TEXT


@cache
def said() -> str:
    """Every text in the code but docstrings; those of f-strings in pieces."""
    texts = []
    for path in (ROOT / "fixgate").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        unsaid = {node.value for node in nodes if isinstance(node, ast.Expr)}
        values = [n.value for n in nodes if isinstance(n, ast.Constant) and n not in unsaid]
        texts += [value for value in values if isinstance(value, str)]
        texts += [value.decode("latin-1") for value in values if isinstance(value, bytes)]
    return "\n".join(texts)


def quotes() -> list[str]:
    """The sentences in the second column of the tables of bad input."""
    return sorted({quoted for row in table(INPUTS) for quoted in named(row[1]) if " " in quoted})


@pytest.mark.parametrize("quote", quotes())
def test_what_is_quoted_is_said(quote):
    """What stands between two values of the example stands so in a text of the code."""
    for text in (*NOT_OURS, *VALUES):
        quote = quote.replace(text, "0")
    ours = re.sub(r"'[^']*'|\"[^\"]*\"", "0", quote)
    runs = re.findall(r"(?<!\S)[a-z]+(?: [a-z]+)*\b", ours)
    assert [run for run in runs if run not in said()] == []
