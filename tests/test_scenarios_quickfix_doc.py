"""The page about the stories against QuickFIX has all of them, and a reason where one is due."""

from __future__ import annotations

from tests.doctables import page, rows
from tools.run_quickfix import Outcome, Reason, library, reasons

ROWS = {row[0]: row for row in rows(page("scenarios-quickfix.md"), 3) if "/" in row[0]}


def test_it_has_every_scenario_of_the_library():
    assert set(ROWS) == {each.id for each in library()}


def test_what_is_no_pass_has_a_reason():
    verdicts = {"PASS", "DEVIATION", "FAIL", "INCONCLUSIVE", "SKIPPED"}
    assert {row[1] for row in ROWS.values()} <= verdicts
    assert [name for name, row in ROWS.items() if row[1] != "PASS" and not row[2]] == []


def test_every_reason_is_on_it():
    given = {(row[1], row[2]) for row in ROWS.values()}
    assert [each.why for each in reasons() if (each.result, each.why) not in given] == []


def test_a_reason_is_about_a_verdict_and_what_came():
    reason = Reason(("gaps/*@venue", "logon/x[a]"), "FAIL", r"came Logout", "it leaves")
    assert reason.is_about("gaps/both-ask@venue")
    assert reason.is_about("logon/x[a]")
    assert not reason.is_about("gaps/both-ask@client")
    assert not reason.is_about("logon/xa")
    assert reason.explains(Outcome("FAIL", "Heartbeat; came Logout(5)"))
    assert not reason.explains(Outcome("FAIL", "Heartbeat; came nothing"))
    assert not reason.explains(Outcome("INCONCLUSIVE", "came Logout(5)"))
