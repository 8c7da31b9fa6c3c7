"""The returns of a check on the board, in JUnit and in JSON."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from fixgate.health.model import FleetReport
from fixgate.health.persistence.plan import Cut
from fixgate.report.html import render_html
from fixgate.report.json import render_json
from fixgate.report.junit import render_junit
from fixgate.report.persistence import returns_in, verdict_in
from fixgate.report.terminal import print_board
from tests.health.persistence.venue import Habits, checked, plan


def fleet_of(habits: Habits, *cuts: Cut) -> FleetReport:
    report, _ = checked(plan(*cuts, orders=True), habits)
    return FleetReport(report.started_ns, report.duration_ns, (report,), "here", "0")


def printed(fleet: FleetReport, width: int = 120) -> str:
    stream = io.StringIO()
    print_board(fleet, Console(file=stream, width=width, highlight=False))
    return stream.getvalue()


def test_each_return_has_a_line_on_the_board():
    text = printed(fleet_of(Habits(), Cut.LOGOUT, Cut.RST))
    assert "✓ back after logout  continued\n" in text
    assert "✓ back after rst     continued · missed 20: 1 resent\n" in text


def test_a_return_that_is_not_whole_and_one_that_was_not_reached():
    fleet = fleet_of(Habits(out_by=-2), Cut.LOGOUT, Cut.RST)
    text = printed(fleet)
    assert "✗ back after logout  diverged by 2: the venue's own numbers went back\n" in text
    assert "? back after rst     not reached\n" in text
    assert [verdict_in(r) for r in returns_in(fleet.checks[0])][1] == "not reached"


@pytest.mark.parametrize("width", [60, 80, 130])
def test_no_line_is_wider_than_the_terminal(width):
    for habits in (Habits(), Habits(replay="ignore"), Habits(resets="flag")):
        lines = printed(fleet_of(habits, Cut.RST), width).splitlines()
        assert max(map(len, lines)) <= width


def test_junit_json_and_html_have_the_verdict():
    fleet = fleet_of(Habits(replay="gapfill"), Cut.RST)
    junit = render_junit(fleet)
    assert "back after rst: fail," in junit
    assert ": gap-filled application messages 11" in junit
    assert 'type="application-gap-filled"' in junit
    check = json.loads(render_json(fleet))["checks"][0]
    phase = next(p for p in check["phases"] if p["phase"] == "back after rst")
    assert phase["facts"][0] == {
        "label": "verdict", "value": "gap-filled application messages 11",
    }  # fmt: skip
    assert check["level"] == "persistence"
    page = render_html(fleet)
    assert "gap-filled application messages 11" in page
    assert "<span>back after rst</span>" in page
