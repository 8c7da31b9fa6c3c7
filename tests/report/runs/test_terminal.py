from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from fixgate.report.runs.account import Report
from fixgate.report.runs.terminal import render_terminal
from fixgate.scenario.verdict import Result, Verdict
from tests.report.runs.sample import (
    FACTS,
    PASSWORD,
    all_kinds,
    deviating,
    ended,
    failed,
    late,
    passed,
    skipped,
    story,
    unreached,
)
from tests.report.test_terminal import Stream


def printed(runs, *, width=100, encoding="utf-8", verbose=False, facts=FACTS, **options) -> str:
    stream = Stream(encoding)
    console = Console(file=stream, width=width, highlight=False, **options)
    render_terminal(Report.of(runs, facts), console, verbose=verbose)
    return stream.getvalue()


FAILURE = """\
── ✗ FAIL  heartbeats/test-request@venue  A TestRequest is answered with its TestReqID ─────────────
  where       scenarios/heartbeats/test-request.yaml:23, step 3 · at 0.002000 s
  requirement MUST · FIX Session Layer Test Cases 1.0, case 4.b
  wanted      expect Heartbeat(0) with TestReqID(112) = HELLO
  came        Heartbeat(0) with MsgSeqNum(34) = 2, TestReqID(112) = HELO: TestReqID(112): received
              'HELO', expected 'HELLO'
  correct is  A Heartbeat with the same TestReqID(112), at once.
  wire        0.000000 #        step 1: connect
              0.000000 ~ client connection open
              0.000000 > client Logon(A) #1  EncryptMethod(98) = 0 NONE, HeartBtInt(108) = 30,
                                Username(553) = desk, Password(554) = ***
              0.001000 < client Logon(A) #1  EncryptMethod(98) = 0 NONE, HeartBtInt(108) = 30
              0.001000 = client logged on
              0.001000 #        step 2: send TestRequest(1) with TestReqID(112) = HELLO
              0.001200 > client TestRequest(1) #2  TestReqID(112) = HELLO
              0.001200 #        step 3: expect Heartbeat(0) with TestReqID(112) = HELLO
              0.001500 ! client fault deaf: dropped Heartbeat(0), MsgSeqNum(34) 3
            ▸ 0.002000 < client Heartbeat(0) #2  BeginString(8) = FIX.4.4, BodyLength(9) = 38,
                                MsgType(35) = 0 Heartbeat, MsgSeqNum(34) = 2,
                                SenderCompID(49) = VENUE, TargetCompID(56) = CLIENT,
                                TestReqID(112) = HELO, CheckSum(10) = 064
              0.002000 #        step 3 failed
              0.002000 #        FAIL
  repeat      fixgate run scenarios/heartbeats/test-request.yaml@venue --seed 7

fixgate run   0 PASS, 1 FAIL        virtual world · seed 7 · 2026-09-21 14:13:20 UTC · fixgate 0.9.0
────────────────────────────────────────────────────────────────────────────────────────────────────

          scenario                       title                                   under test     time
  ✗ FAIL  heartbeats/test-request@venue  A TestRequest is answered with its Te…  venue       2.00 ms
  └ Heartbeat(0) with MsgSeqNum(34) = 2, TestReqID(112) = HELO: TestReqID(112): received 'HELO', ex…

0 PASS, 1 FAIL · 1 scenario in 1.24 s (2.00 ms of virtual time) · exit 1: a scenario failed
"""


def test_a_failure_as_a_person_sees_it():
    assert printed([failed()]) == FAILURE


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_line_is_wider_than_the_terminal_but_the_command(width, encoding):
    for verbose in (False, True):
        text = printed(all_kinds(), width=width, encoding=encoding, verbose=verbose)
        lines = [line for line in text.splitlines() if "fixgate run scenarios/" not in line]
        assert max(map(len, lines)) <= width
        assert not any(line.endswith(" ") for line in lines)


def test_the_command_is_on_one_line_however_narrow_the_terminal():
    facts = replace(FACTS, options=("--live", "--venue", "fix.venue.example:9876"))
    text = printed([failed()], width=60, facts=facts)
    assert (
        "  repeat      fixgate run scenarios/heartbeats/test-request.yaml@venue"
        " --live --venue fix.venue.example:9876 --seed 7\n"
    ) in text


def test_a_plain_stream_gets_no_escape_sequences():
    assert "\x1b" not in printed(all_kinds())


def test_colours_on_a_terminal_and_none_with_no_color(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31m" in printed([failed()], force_terminal=True, color_system="standard")
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(all_kinds(), force_terminal=True, color_system="standard")
    assert "\x1b[1;3" not in text
    assert "\x1b[3" not in text.replace("\x1b[3m", "")


def test_an_ascii_terminal_gets_ascii():
    text = printed(all_kinds(), encoding="iso-8859-1")
    assert text.isascii()
    assert "* 0.002000 < client Heartbeat(0) #2" in text


def test_a_run_that_passed_is_a_line_on_the_board():
    text = printed([passed()])
    assert text.count("heartbeats/test-request@venue") == 1
    assert "✓ PASS  heartbeats/test-request@venue" in text
    assert "252 ms" in text
    assert text.endswith("exit 0: all that was played passed\n")


def test_a_deviation_is_a_warning():
    text = printed([deviating()])
    assert "── ! DEVIATION  heartbeats/sloppy@venue" in text
    assert "SHOULD      expect Heartbeat(0) with TestReqID(112) = HELLO" in text
    assert "correct is" not in text
    assert "1 PASS, 0 FAIL (1 deviation)" in text
    assert "exit 0: all that was played passed" in text


def test_a_should_that_is_missed_before_the_failure_stands_above_it():
    both = replace(failed().verdict, deviations=deviating().verdict.deviations)
    text = printed([replace(failed(), verdict=both)])
    assert text.index("DEVIATION") < text.index("── ✗ FAIL")


def test_inconclusive_says_what_was_missing():
    text = printed([unreached()])
    assert "missing     both Logons within 30 s" in text
    assert "came        connection refused" in text
    assert "step 1: connect · at 0.000000 s" in text
    assert "exit 3: something could not be determined" in text


def test_skipped_says_why_and_that_nothing_was_played():
    text = printed([skipped()])
    assert "○ SKIPPED" in text
    assert "└ needs ask, orders" in text
    assert "exit 3: nothing was played" in text
    assert "exit 3: nothing was played" in printed([])


def test_alternatives_each_have_a_line():
    text = printed([late()])
    assert "wanted      either expect Reject(3)\n              or expect Logout(5)" in text
    assert "▸ 4:00:36.000000 #        step 3 failed: nothing within 5 s" in text
    assert "4:00:36" in text.splitlines()[-1]


def test_more_deviations_than_anybody_reads_are_counted():
    many = Verdict(Result.PASS, (), deviating().verdict.deviations * 53)
    text = printed([replace(deviating(), verdict=many)])
    assert "and 3 more deviations of heartbeats/sloppy@venue" in text


def test_verbose_shows_everything_and_every_field():
    brief, whole = printed([late()]), printed([late()], verbose=True)
    assert "958 heartbeats left out" in brief
    assert "Heartbeat(0) #200" not in brief
    assert "Heartbeat(0) #200  BeginString(8) = FIX.4.4" in whole
    assert whole.count("▸") == 1


def test_live_says_where_the_other_side_is():
    facts = replace(FACTS, world="live", address="127.0.0.1:9876")
    text = printed([passed()], facts=facts)
    assert "live 127.0.0.1:9876 · seed 7" in text
    assert "virtual" not in text


def test_a_narrow_board_keeps_the_verdict_and_the_id():
    text = printed([passed()], width=60)
    head = next(line for line in text.splitlines() if "scenario" in line and "time" in line)
    assert "title" not in head
    assert "✓ PASS  heartbeats/test-request@venue" in text


def test_runs_of_one_scenario_are_told_apart_by_their_seeds():
    text = printed([passed(), replace(passed(), seed=8)])
    assert "heartbeats/test-request@venue seed 7" in text
    assert "heartbeats/test-request@venue seed 8" in text


def test_no_secret():
    assert PASSWORD not in printed(all_kinds(), verbose=True)


def test_a_history_that_is_missing_is_no_reason_to_fail():
    run = ended(story(), Result.FAIL, findings=failed().verdict.findings)
    assert "✗ FAIL" in printed([run])


def test_the_block_in_the_docs_is_what_is_printed():
    page = (Path(__file__).parents[3] / "docs" / "runs.md").read_text(encoding="utf-8")
    block = page.partition("```text\n")[2].partition("```")[0]
    shown = {line.replace("  wire  ", "        ") for line in printed([failed()]).splitlines()}
    assert {line.replace("  wire  ", "        ") for line in block.splitlines()} <= shown
