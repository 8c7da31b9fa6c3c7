"""docs/certification.md: QuickFIX's results name every case; what is no PASS is explained."""

from __future__ import annotations

import re

import pytest

from fixgate.certify.pack import Pack
from fixgate.config.packs import CASE_KEYS, PACK_KEYS, load_pack
from fixgate.config.shipped import shipped_folder
from fixgate.scenario.model import Side
from tests.doctables import ROOT

TEXT = (ROOT / "docs" / "certification.md").read_text(encoding="utf-8")
SIDES = (Side.VENUE, Side.CLIENT)


def table(heading: str) -> list[list[str]]:
    """Return the cells of the rows below a table's first line."""
    body = TEXT[TEXT.index(f"\n{heading}\n") + len(heading) + 2 :]
    lines = body[: body.index("\n\n")].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(shipped_folder("scenarios") / "packs" / "iso3531")


def results() -> list[list[str]]:
    return table("| case | what is required | acceptor | initiator |")


def test_the_results_name_every_case_and_what_it_claims(pack: Pack):
    told = {(case, title): (venue, client) for case, title, venue, client in results()}
    expected = {}
    for case in pack.cases:
        for title in {each.title for each in case.scenarios} or {case.title}:
            expected[case.id, title] = {s.under_test for s in case.scenarios if s.title == title}
    assert told.keys() == expected.keys()
    for row, cells in told.items():
        if not expected[row]:
            assert cells == ("not testable", "not testable")
        else:
            assert [bool(cell) for cell in cells] == [side in expected[row] for side in SIDES], row


def test_each_that_is_no_pass_is_explained():
    fine = {"PASS", "", "not testable"}
    bad = {case for case, _, *cells in results() if not fine.issuperset(cells)}
    told = " ".join(
        cells[0] for cells in table("| case | what QuickFIX does instead | whose is right |")
    )
    assert bad == set(re.findall(r"\d+[BS]?(?:\.[a-z])?\b", re.sub(r"\(\d+\)", "", told)))


def test_every_key_of_a_list_is_explained():
    assert {key for cells in table("| key | of a case |") for key in named(cells[0])} == set(
        CASE_KEYS
    )
    assert {key for cells in table("| key | of the pack |") for key in named(cells[0])} == set(
        PACK_KEYS
    )


def named(cell: str) -> list[str]:
    return re.findall(r"`([a-z_]+)`", cell)


def test_as_many_runs_as_it_says(pack: Pack):
    found = re.search(r"(\d+) runs in some three seconds", TEXT)
    assert found is not None
    assert int(found[1]) == len(pack.scenarios)
