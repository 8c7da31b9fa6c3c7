"""From runs to what a certificate says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.certify import Grade, Pack, certificate, strictly
from fixgate.history import History
from fixgate.scenario.model import Scenario, Side
from fixgate.scenario.runner import Run
from fixgate.scenario.steps import Place
from fixgate.scenario.verdict import Finding, Result, Verdict
from tests.certify.sample import sample_pack

FINDING = Finding(Place("f", 3, "expect"), 1, "this", "that", 0)


@pytest.fixture
def pack(tmp_path) -> Pack:
    return sample_pack(tmp_path / "tests")


def run(scenario: Scenario, result: Result = Result.PASS, *, deviations: int = 0) -> Run:
    findings = (FINDING,) if result in (Result.FAIL, Result.INCONCLUSIVE) else ()
    verdict = Verdict(result, findings, (FINDING,) * deviations)
    return Run(scenario, 1, "virtual", 0, verdict, History())


def lines(pack: Pack, **results: Result) -> dict[tuple[str, Side | None], Grade]:
    """Grade a pack all of whose scenarios pass but those named, ``_`` for what is no letter."""

    def of(scenario: Scenario) -> Result:
        name = "".join(each if each.isalnum() else "_" for each in scenario.id)
        return results.get(name, Result.PASS)

    graded = certificate(pack, [run(each, of(each)) for each in pack.scenarios])
    return {(line.name or line.case.id, line.side): line.grade for line in graded}


def test_a_line_for_each_scenario_and_side_and_for_what_cannot_be_tested(pack: Pack):
    assert list(lines(pack).items()) == [
        (("2a-good", Side.CLIENT), Grade.PASS),
        (("2a-good", Side.VENUE), Grade.PASS),
        (("2b-wrong", Side.CLIENT), Grade.PASS),
        (("2b-wrong", Side.VENUE), Grade.PASS),
        (("2b-other", Side.CLIENT), Grade.PASS),
        (("2b-other", Side.VENUE), Grade.PASS),
        (("3", None), Grade.NOT_TESTABLE),
        (("10-should", Side.CLIENT), Grade.PASS),
        (("10-should", Side.VENUE), Grade.PASS),
    ]


@pytest.mark.parametrize(
    ("one", "other", "grade"),
    [
        (Result.PASS, Result.SKIPPED, Grade.SKIPPED),
        (Result.SKIPPED, Result.INCONCLUSIVE, Grade.INCONCLUSIVE),
        (Result.INCONCLUSIVE, Result.FAIL, Grade.FAIL),
        (Result.FAIL, Result.PASS, Grade.FAIL),
    ],
)
def test_the_worst_of_the_versions_counts(pack: Pack, one, other, grade):
    found = lines(pack, FIX_4_2_2a_good_venue=one, FIX_4_4_2a_good_venue=other)
    assert found["2a-good", Side.VENUE] is grade
    assert found["2a-good", Side.CLIENT] is Grade.PASS


def test_of_several_runs_of_a_scenario_the_worst_counts(pack: Pack):
    scenario = pack.scenarios[0]
    line = certificate(pack, [run(scenario, Result.FAIL), run(scenario)])[0]
    assert line.grade is Grade.FAIL
    assert line.grades == {"FIX.4.2": Grade.FAIL}


def test_what_was_not_played_has_no_line(pack: Pack):
    scenario = pack.scenarios[0]
    (line,) = certificate(replace(pack, cases=pack.cases[:1]), [run(scenario)])
    assert (line.name, line.side, line.title) == ("2a-good", Side.CLIENT, scenario.title)
    assert line.requirement == "A Heartbeat with the same TestReqID(112)."
    assert (line.level, line.source) == ("MUST", "Rules of engagement, 2.1")


def test_strictly_a_should_that_was_not_met_is_a_failure(pack: Pack):
    scenario = pack.scenarios[0]
    strict = strictly(run(scenario, deviations=2))
    assert strict.verdict == Verdict(Result.FAIL, (FINDING, FINDING))
    for other in (run(scenario), run(scenario, Result.SKIPPED, deviations=1)):
        assert strictly(other) is other
