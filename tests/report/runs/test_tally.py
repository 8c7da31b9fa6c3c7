from __future__ import annotations

import pytest

from fixgate.report.runs.tally import exit_code, tally
from tests.report.runs.sample import all_kinds, deviating, failed, passed, skipped, unreached


@pytest.mark.parametrize(
    ("runs", "code"),
    [
        ([], 3),
        ([passed()], 0),
        ([passed(), skipped()], 0),
        ([deviating()], 0),
        ([skipped()], 3),
        ([passed(), unreached()], 3),
        ([passed(), unreached(), failed()], 1),
        ([failed(), skipped()], 1),
    ],
)
def test_exit_code(runs, code):
    assert exit_code(runs) == code


def test_counts():
    counted = tally(all_kinds())
    assert str(counted) == "3 PASS, 2 FAIL, 1 INCONCLUSIVE, 1 SKIPPED"
    assert (counted.total, counted.deviations, counted.deviating) == (7, 2, 2)


def test_zeroes_are_said_only_of_what_matters():
    assert str(tally([passed()])) == "1 PASS, 0 FAIL"
