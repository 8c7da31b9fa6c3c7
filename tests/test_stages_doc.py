"""docs/stages.md says what there is: its files load, and its tables are complete."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from fixgate.config import load
from fixgate.dice import Fixed, LogNormal
from fixgate.net.stages import StagePassed
from fixgate.net.truth import read_truth
from fixgate.venue.stages import RequestStamp, StageName

TEXT = (Path(__file__).parents[1] / "docs" / "stages.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1]


def rows(title: str) -> set[str]:
    """The first cells of the tables of a chapter."""
    chapter = TEXT.split(f"## {title}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE))


def test_every_stage_is_told_of():
    assert rows("A message's way") == {each.value for each in StageName}


def test_every_key_of_the_truth_is_told_of():
    assert rows("The truth") == {each.name for each in dataclasses.fields(StagePassed)}


def test_every_stamp_is_told_of():
    assert all(f"`{each.value}`" in TEXT for each in RequestStamp)


def test_the_venue_of_the_page_is_one(tmp_path):
    path = tmp_path / "venue.yaml"
    path.write_text(block("yaml"), encoding="utf-8")
    stages = load(path).gateway.stages
    assert stages.gateway.delay == Fixed(300_000)
    assert stages.matching.delay == LogNormal(250_000, 3_000_000)
    assert stages.seed == 7


def test_the_line_of_the_page_is_one():
    passed = read_truth(block("json"))
    assert (passed.stage, passed.name) == (StageName.MATCHING, "O17")
    assert passed.due_ns - passed.came_ns == 20_000_000
