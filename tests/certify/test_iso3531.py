"""The shipped pack: no case of the specification is missing, and our own engine passes them all."""

from __future__ import annotations

import re

import pytest

from fixgate.certify import Grade, certificate
from fixgate.certify.pack import Pack
from fixgate.config.packs import load_pack
from fixgate.config.shipped import shipped_folder
from fixgate.scenario.model import Side
from fixgate.scenario.runner import play_virtually

FOLDER = shipped_folder("scenarios") / "packs" / "iso3531"

# FIX Session Layer Test Cases 1.0: the numbers of its chapter, case by case. B is an initiator's
# logon, S an acceptor's.
SPECIFICATION = [
    "1B.a", "1B.b", "1B.c", "1B.d", "1B.e",
    "1S.a", "1S.b", "1S.c", "1S.d", "2S",
    *(f"2.{letter}" for letter in "abcdefghijklmnopqrst"),
    "3.a", "3.b", "3.c",
    "4.a", "4.b", "5", "6", "7", "8", "9",
    "10.a", "10.b", "10.c", "10.d", "10.e",
    "11.a", "11.b", "11.c",
    "12", "13.a", "13.b",
    *(f"14.{letter}" for letter in "abcdefghijklmn"),
    "15", "16", "17", "18", "19.a", "19.b", "20",
]  # fmt: skip
OPTIONAL = {"9", "17", "18", "19.a", "19.b"}
OF_ONE_SIDE = {
    # Whoever connects, and whoever is connected to.
    **dict.fromkeys(("1B.a", "1B.b", "1B.c", "1B.d", "1B.e"), "client"),
    **dict.fromkeys(("1S.a", "1S.b", "1S.c", "1S.d", "2S"), "venue"),
    # What a venue does with orders; of a client nothing shows on the wire.
    **dict.fromkeys(("14.l", "14.m", "18", "19.a", "19.b"), "venue"),
}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(FOLDER)


def test_it_lists_the_cases_of_the_specification_in_their_order(pack: Pack):
    assert [case.id for case in pack.cases] == SPECIFICATION


def test_what_cannot_be_tested_says_why(pack: Pack):
    untested = {case.id: case.not_testable for case in pack.cases if not case.scenarios}
    assert untested.keys() == {"9", "14.n", "17"}
    assert all(len(why) > 40 for why in untested.values())


def test_each_case_is_there_for_whom_it_concerns(pack: Pack):
    for case in pack.cases:
        if case.scenarios:
            sides = {scenario.under_test.value for scenario in case.scenarios}
            assert sides == {OF_ONE_SIDE.get(case.id)} or sides == {"client", "venue"}, case.id


def test_requirements_are_those_of_the_specification(pack: Pack):
    for case in pack.cases:
        for scenario in case.scenarios:
            should = case.id in OPTIONAL
            assert scenario.requirement.value == ("SHOULD" if should else "MUST"), scenario.id


def test_files_are_named_by_their_case_and_cite_it(pack: Pack):
    for case in pack.cases:
        address = case.id.lower().replace(".", "")
        for scenario in case.scenarios:
            name = scenario.id.partition("/")[2].replace("-", "", 1)
            assert name.startswith(address) or case.id == "1B.b", scenario.id
            assert re.search(rf"case .*\b{re.escape(case.id)}\b", scenario.spec), scenario.id


def test_each_case_is_there_in_every_version_that_has_it(pack: Pack):
    since_44 = {"10.e", "14.g", "14.h", "14.i", "14.j", "14.k"}
    for case in pack.cases:
        for scenario in case.scenarios:
            name = scenario.id.partition("/")[2]
            versions = [v for v in pack.versions if f"{v}/{name}" in {s.id for s in case.scenarios}]
            expected = ["FIX.4.4", "FIX.5.0SP2"] if case.id in since_44 else list(pack.versions)
            if "application-version" in name:
                expected = ["FIX.5.0SP2"]
            assert versions == expected, name


def test_our_own_engine_passes_all_of_it(pack: Pack):
    runs = [play_virtually(scenario, 1) for scenario in pack.scenarios]
    bad = [
        f"{run.scenario.id}: {finding.place.text}: {finding.came}"
        for run in runs
        for finding in (*run.verdict.findings, *run.verdict.deviations)
    ]
    assert bad == []
    grades = {line.grade for line in certificate(pack, runs)}
    assert grades == {Grade.PASS, Grade.NOT_TESTABLE}
    assert {line.side for line in certificate(pack, runs)} == {None, Side.CLIENT, Side.VENUE}
