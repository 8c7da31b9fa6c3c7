from __future__ import annotations

from dataclasses import replace

from fixgate.report.runs.account import account_of
from fixgate.scenario.verdict import Finding, Result, Verdict
from tests.report.runs.sample import (
    EXPECT,
    FACTS,
    FILE,
    PASSWORD,
    START,
    UNLIKE,
    all_kinds,
    asked,
    at,
    deviating,
    ended,
    failed,
    late,
    passed,
    skipped,
    story,
)


def account(run):
    return account_of(run, FACTS)


def test_a_failure_says_where_what_was_wanted_and_what_came():
    told = account(failed())
    (trouble,) = told.findings
    assert trouble.where == f"{FILE}:23"
    assert (trouble.step, trouble.requirement) == (3, "MUST")
    assert trouble.wanted == trouble.text == EXPECT.text
    assert trouble.came == told.reason == UNLIKE
    assert trouble.at_ns == 2_000_000
    assert told.repeat == f"fixgate run {FILE}@venue --seed 7"
    assert told.reaction == ("A Heartbeat with the same TestReqID(112), at once.",)
    assert told.folder == "heartbeats"
    assert (told.began_ns, told.took_ns) == (START, 2_000_000)


def test_alternatives_are_told_one_by_one():
    assert account(late()).findings[0].allowed == (
        "expect Reject(3)",
        "expect Logout(5), then expect closed",
    )


def test_a_should_of_the_step_or_of_the_whole_scenario():
    assert account(deviating()).deviations[0].requirement == "SHOULD"
    assert account(asked()).deviations[0].requirement == "SHOULD"


def test_what_was_skipped_has_no_time():
    told = account(skipped())
    assert (told.began_ns, told.took_ns, told.reason) == (None, 0, "needs ask, orders")


def test_what_belongs_to_no_step_is_at_the_file():
    place = replace(at(0, "the whole scenario"))
    finding = Finding(place, 0, "an end within 600 s", "it goes on", START)
    run = ended(story(EXPECT), Result.INCONCLUSIVE, findings=(finding,))
    assert account(run).findings[0].where == FILE


def test_a_traceback_is_told_by_its_last_line_first():
    place = at(0, "fixgate itself", path="")
    text = "Traceback (most recent call last):\n  File x\nKeyError: 'y'\n"
    finding = Finding(place, 0, "no failure of ours", text, START)
    (trouble,) = account(ended(story(EXPECT), Result.INCONCLUSIVE, findings=(finding,))).findings
    assert trouble.came == "KeyError: 'y'"
    assert trouble.detail == ("Traceback (most recent call last):", "  File x", "KeyError: 'y'")
    assert trouble.where == FILE


def test_endless_deviations_are_counted_and_the_first_are_told():
    many = replace(
        deviating(), verdict=Verdict(Result.PASS, (), deviating().verdict.deviations * 60)
    )
    told = account(many)
    assert (len(told.deviations), told.deviation_count) == (50, 60)


def test_a_row_may_have_a_slash_in_its_name():
    run = replace(passed(), scenario=replace(passed().scenario, id="gaps/late[a/b]@venue"))
    assert account(run).folder == "gaps"
    assert account(replace(run, scenario=replace(run.scenario, id="late@venue"))).folder == ""


def test_no_password_anywhere():
    place = at(11, f"send Logon(A) with Password(554) = {PASSWORD}")
    finding = Finding(place, 2, place.text, f"Text(58) = {PASSWORD}?", START)
    run = replace(failed(), verdict=Verdict(Result.FAIL, (finding,), (finding,), PASSWORD))
    for each in (*all_kinds(), run):
        assert PASSWORD not in repr(account(each))
