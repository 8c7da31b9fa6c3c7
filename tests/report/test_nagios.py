from __future__ import annotations

import re
from dataclasses import replace

import pytest

from fixgate.health.model import Status
from fixgate.report.nagios import nagios_exit_code, render_nagios, render_nagios_unknown
from tests.report.sample import fleet, healthy, plan

PERFDATA = re.compile(r"('[^'=]+'|[^ '=]+)=[\d.]+(us|ms|s)?(;[\d.]*){0,4}")


def with_checks(*checks):
    return replace(fleet(), checks=checks)


def test_critical_names_the_sessions_and_their_causes():
    line = render_nagios(fleet())
    assert line.startswith(
        "CRITICAL - 4 of 16 sessions NO-GO: xlon-backup (logon-refused), xpar-main (silent), "
    )
    assert nagios_exit_code(fleet()) == 2


def test_one_line_with_well_formed_performance_data():
    line = render_nagios(fleet())
    assert "\n" not in line
    _, separator, perfdata = line.partition(" | ")
    assert separator
    items = re.findall(r"(?:'[^']*'|[^ ])+", perfdata)
    assert all(PERFDATA.fullmatch(item) for item in items), items


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [(Status.PASS, 0, "OK"), (Status.WARN, 1, "WARNING"), (Status.UNKNOWN, 3, "UNKNOWN")],
)
def test_words_and_exit_codes(status, code, word):
    run = with_checks(replace(healthy(plan("a")), status=status))
    assert nagios_exit_code(run) == code
    assert render_nagios(run).startswith(f"{word} - ")


def test_rehearsal_as_expected_is_not_critical():
    assert nagios_exit_code(fleet(rehearsal=True)) == 1
    assert "4 sick as expected" in render_nagios(fleet(rehearsal=True))


def test_many_sessions_stay_within_what_agents_read():
    sick = [c for c in fleet().checks if c.status is Status.FAIL]
    many = [
        replace(c, plan=replace(c.plan, name=f"{'x' * 80}-{i}")) for i in range(50) for c in sick
    ]
    well = [healthy(plan(f"{'y' * 80}-{i}")) for i in range(500)]
    line = render_nagios(with_checks(*many, *well))
    assert len(line) < 8_000
    assert "and 190 more" in line


def test_unknown_has_its_line():
    line = render_nagios_unknown("a|b\nc")
    assert line == "UNKNOWN - a/b\\x0ac"
