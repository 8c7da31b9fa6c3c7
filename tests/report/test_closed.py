"""A session that is closed by its schedule, in every rendering: told, and no alarm."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from fixgate.health.model import CheckReport, Closure, Expectation, FleetReport, Phase, Status
from fixgate.health.model import PhaseResult as Result
from fixgate.report.html import render_html
from fixgate.report.json import render_json
from fixgate.report.junit import render_junit
from fixgate.report.live import LiveBoard, PlainProgress
from fixgate.report.nagios import nagios_exit_code, render_nagios
from fixgate.report.page import page_of
from fixgate.report.verdict import Verdict, exit_code, is_good, note_of, tally, verdict_of
from tests.report.sample import START_NS, fleet, healthy, plan, sick_checks
from tests.report.test_terminal import Stream, printed

TEXT = "closed by its schedule; it opens Mon 2026-11-23 08:00 Europe/London"


def closed(name: str = "asleep", expectation: Expectation | None = None) -> CheckReport:
    phases = (Result(Phase.RESOLVE, Status.SKIPPED), Result(Phase.TCP, Status.SKIPPED))
    closure = Closure(1_795_420_800_000_000_000, TEXT)
    made = plan(name, expectation=expectation)
    return CheckReport(made, Status.SKIPPED, START_NS, 0, phases, closure=closure)


def run_of(*checks: CheckReport) -> FleetReport:
    return replace(fleet(), checks=checks)


AWAKE = healthy(plan("awake"))
MIXED = run_of(AWAKE, closed())
ALL = run_of(closed())


def test_the_verdict():
    assert verdict_of(closed()) is Verdict.CLOSED
    assert is_good(closed())
    assert note_of(closed()) == TEXT
    assert str(tally(MIXED)) == "1 GO, 0 NO-GO, 1 CLOSED"


@pytest.mark.parametrize(("run", "code"), [(MIXED, 0), (ALL, 0)])
def test_it_changes_no_exit_status(run, code):
    assert exit_code(run) == code
    assert nagios_exit_code(run) == 0
    assert exit_code(run_of(*run.checks, sick_checks()[0])) == 1


def test_a_rehearsal_is_neither_passed_nor_failed():
    run = run_of(closed(expectation=Expectation(Status.FAIL, "silent")))
    assert exit_code(run) == 0
    counted = tally(run)
    assert (counted.unexpected, counted.sick_as_expected) == (0, 0)


def test_on_the_board():
    text = printed(MIXED)
    assert "1 GO, 0 NO-GO, 1 CLOSED" in text
    assert "○ CLOSED" in text
    assert TEXT in text
    assert "o CLOSED" in printed(MIXED, encoding="ascii")


def test_it_has_no_block_of_its_own():
    assert "cause" not in printed(ALL, verbose=True)


def test_in_json():
    document = json.loads(render_json(MIXED))
    assert document["exit_code"] == 0
    assert document["summary"]["closed"] == 1
    awake, asleep = document["checks"]
    assert awake["closure"] is None
    assert (asleep["status"], asleep["verdict"], asleep["good"]) == ("skipped", "CLOSED", True)
    assert asleep["closure"] == {
        "opens": "2026-11-23T08:00:00.000000000Z",
        "opens_ns": 1_795_420_800_000_000_000,
        "text": TEXT,
    }


def test_in_junit():
    root = ET.fromstring(render_junit(MIXED))
    assert (root.get("skipped"), root.get("failures"), root.get("errors")) == ("1", "0", "0")
    skipped = root.find(".//testcase[@name='asleep']/skipped")
    assert skipped is not None
    assert skipped.get("message") == TEXT


def test_in_nagios():
    line = render_nagios(MIXED)
    assert line.startswith("OK - 1 of 2 sessions GO, 1 closed | go=1;;;0;2 ")
    assert " closed=1;;;0;2 " in line
    assert "closed" not in render_nagios(run_of(AWAKE))


@pytest.mark.parametrize(
    ("run", "title"),
    [
        (MIXED, "All open sessions are GO, 1 closed"),
        (ALL, "The session is closed"),
        (run_of(closed("a"), closed("b")), "All sessions are closed"),
    ],
)
def test_on_the_page(run, title):
    page = page_of(run)
    assert page.title == title
    assert page.attention == ()
    assert [(tile.count, tile.tone) for tile in page.tiles][-1] == (tally(run).closed, "closed")
    html = render_html(run)
    assert 'class="pill closed"' in html
    assert TEXT in html


def test_a_sick_one_rules_the_title():
    page = page_of(run_of(AWAKE, closed(), sick_checks()[0]))
    assert page.title == "1 of 3 sessions is NO-GO"


def test_while_the_checks_run():
    lines: list[str] = []
    PlainProgress(1, lines.append).ended(closed())
    assert lines == ["[1/1] CLOSED asleep"]


def test_on_the_live_board():
    console = Console(file=Stream("utf-8"), width=120, highlight=False, force_terminal=False)
    board = LiveBoard([check.plan for check in MIXED.checks], console, lambda: 0)
    for check in MIXED.checks:
        board.ended(check)
    with console.capture() as captured:
        console.print(board)
    assert "2 of 2 sessions checked   1 GO   1 CLOSED" in captured.get()
    assert "opens Mon 2026-11-23 08:00" in captured.get()
