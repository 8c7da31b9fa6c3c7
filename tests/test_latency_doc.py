"""docs/latency.md says what the budgets' grammar is, and what the letters of the bars mean."""

import re
from pathlib import Path

from fixgate.latency.budget import parse_budget
from fixgate.latency.names import EXCHANGES, FIGURES
from fixgate.report.latency.figures import LETTERS
from fixgate.triage.model import Mark

DOCUMENT = (Path(__file__).parents[1] / "docs" / "latency.md").read_text(encoding="utf-8")


def chapter(title: str) -> str:
    return DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_budget_that_is_shown_is_one():
    shown = re.findall(r"^\| `([^`]+)` \|", chapter("Budgets"), re.MULTILINE)
    assert len(shown) == 6
    for text in shown:
        assert parse_budget(text).text == text


def test_every_word_of_a_budget_is_told():
    words = re.findall(r'"([a-z]+)"', chapter("Budgets"))
    assert {*FIGURES, *EXCHANGES, "median", "max", "p", "ns", "us", "ms", "s"} == set(words)


def test_every_mark_and_every_letter_is_told():
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", DOCUMENT, re.MULTILINE)
    told = dict(rows)
    assert {mark.value for mark in Mark} <= set(told)
    assert {letter: layer.value for layer, letter in LETTERS.items() if letter != "?"} == {
        letter: text.partition(":")[0] for letter, text in rows if re.fullmatch("[A-Z]", letter)
    }
    assert "?" in told
