from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.health.model import Expectation, Status
from fixgate.report.verdict import (
    Verdict,
    exit_code,
    grouped,
    is_good,
    note_of,
    percentile,
    primary,
    spread_of,
    tally,
    verdict_of,
    version_of,
)
from tests.report.sample import fleet, healthy, plan, sick_checks


def expecting(check, status, cause=None):
    return replace(check, plan=replace(check.plan, expectation=Expectation(status, cause)))


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (Status.PASS, Verdict.GO),
        (Status.WARN, Verdict.GO),
        (Status.FAIL, Verdict.NO_GO),
        (Status.UNKNOWN, Verdict.UNKNOWN),
        (Status.SKIPPED, Verdict.CLOSED),
    ],
)
def test_verdict_of_each_status(status, verdict):
    assert verdict_of(replace(healthy(plan("a")), status=status)) is verdict


def test_tally_and_its_words():
    counted = tally(fleet())
    assert (counted.total, counted.go, counted.warned, counted.no_go) == (16, 12, 1, 4)
    assert str(counted) == "12 GO, 4 NO-GO"
    assert counted.rehearsed == counted.sick_as_expected == counted.unexpected == 0


def test_tally_of_a_rehearsal():
    counted = tally(fleet(rehearsal=True))
    assert (counted.rehearsed, counted.sick_as_expected, counted.unexpected) == (4, 4, 0)


def test_exit_codes():
    good, bad = healthy(plan("a")), sick_checks()[0]
    lost = replace(good, status=Status.UNKNOWN)
    run = fleet()
    assert exit_code(replace(run, checks=(good,))) == 0
    assert exit_code(replace(run, checks=(good, bad, lost))) == 1
    assert exit_code(replace(run, checks=(good, lost))) == 3
    assert exit_code(fleet(rehearsal=True)) == 0


def test_rehearsal_that_finds_health_where_sickness_was_meant_fails():
    well = expecting(healthy(plan("a")), Status.FAIL, "silent")
    assert not is_good(well)
    assert note_of(well) == "NOT as expected: fail (silent) was expected"
    assert exit_code(replace(fleet(), checks=(well,))) == 1


def test_rehearsal_with_another_cause_fails():
    other = expecting(sick_checks()[0], Status.FAIL, "tls-expired")
    assert not is_good(other)
    assert is_good(expecting(sick_checks()[0], Status.FAIL))


def test_notes():
    assert note_of(healthy(plan("a"))) == ""
    assert note_of(expecting(healthy(plan("a")), Status.PASS)) == "as expected"
    assert note_of(sick_checks(rehearsal=True)[0]) == "sick as expected"


def test_primary_is_the_first_failure():
    check = fleet().checks[-1]
    assert primary(check) is check.findings[0]
    assert primary(healthy(plan("a"))) is None


def test_groups_keep_their_order():
    assert [name for name, _ in grouped(fleet().checks)] == ["London Equities", "Continental"]


@pytest.mark.parametrize(
    ("begin_string", "code", "version"),
    [("FIX.4.2", None, "FIX.4.2"), ("FIXT.1.1", "9", "FIX.5.0SP2"), ("FIXT.1.1", "x", "FIXT.1.1")],
)
def test_version_of(begin_string, code, version):
    assert version_of(plan("a", begin_string, code)) == version


def test_figures():
    assert percentile([5, 1, 3], 50) == 3
    assert percentile(range(1, 101), 90) == 90
    assert percentile([7], 99) == 7
    assert spread_of(()) is None
    spread = spread_of((4, 1, 3, 2))
    assert spread is not None
    assert (spread.min_ns, spread.median_ns, spread.p90_ns, spread.max_ns) == (1, 2, 4, 4)
