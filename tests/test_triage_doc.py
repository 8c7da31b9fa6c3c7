"""docs/triage.md is what the rules say."""

from __future__ import annotations

from fixgate.triage import RULES, Layer
from fixgate.triage.failed import FAILURE_RULES
from tests.doctables import named, page, rows
from tools.make_triage import TARGET, render


def test_the_tables_are_made_of_the_rules():
    text = TARGET.read_text(encoding="utf-8")
    assert render(text) == text, "run make docs"


def test_every_rule_is_on_the_page_once():
    names = [name for row in rows(page("triage.md"), 6) for name in named(row[0])]
    assert names == [rule.name for rule in (*RULES, *FAILURE_RULES)]


def test_every_layer_is_explained():
    first = [row[0] for row in rows(page("triage.md"), 3)]
    assert first[2:] == [layer.value for layer in Layer]
