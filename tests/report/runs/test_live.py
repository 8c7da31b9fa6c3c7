from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from fixgate.report.runs.live import LiveRuns, PlainRuns
from fixgate.scenario.records import Asked, Outcome, StepBegan, StepEnded
from fixgate.scenario.verdict import Result, Verdict
from tests.report.runs.sample import passed
from tests.report.test_hostile import HOSTILE

SECOND = 1_000_000_000
SCENARIO = passed().scenario


class Screen:
    """A live display at a given time, and what it shows."""

    def __init__(self, width: int = 80, *, terminal: bool = True) -> None:
        self.now_ns = 0
        self.stream = io.StringIO()
        self.console = Console(
            file=self.stream, width=width, height=20, force_terminal=terminal, color_system=None,
            highlight=False,
        )  # fmt: skip
        self.live = LiveRuns(12, self.console, lambda: self.now_ns)

    def lines(self) -> list[str]:
        with self.console.capture() as capture:
            self.console.print(self.live)
        return [line[2:] if i == 0 else line for i, line in enumerate(capture.get().splitlines())]


def test_the_step_and_the_time_that_is_left():
    screen = Screen()
    screen.live.scenario_began(SCENARIO)
    screen.live.step_began(StepBegan(3, 23, "expect Heartbeat(0)"))
    screen.live.waiting(5 * SECOND)
    assert screen.lines() == [
        "0 of 12 played   heartbeats/test-request@venue",
        "  step 3: expect Heartbeat(0)  5 s left",
    ]
    screen.now_ns = int(1.2 * SECOND)
    assert screen.lines()[1].endswith("  4 s left")
    screen.now_ns = int(4.6 * SECOND)
    assert screen.lines()[1] == "  step 3: expect Heartbeat(0)"


def test_hours_are_told_by_the_clock():
    screen = Screen()
    screen.live.scenario_began(SCENARIO)
    screen.live.step_began(StepBegan(1, 1, "wait"))
    screen.live.waiting(3_725 * SECOND)
    assert screen.lines()[1] == "  step 1: wait  1:02:05 left"


def test_the_question_stays_until_the_step_after_it_is_over():
    screen = Screen()
    live = screen.live
    live.scenario_began(SCENARIO)
    live.step_began(StepBegan(1, 1, "ask"))
    live.asked(Asked("send an order for 100 ABC"))
    question = "  > please: send an order for 100 ABC"
    assert screen.lines()[-1] == question
    live.step_ended(StepEnded(1, Outcome.OK))
    live.step_began(StepBegan(2, 2, "expect NewOrderSingle(D)"))
    assert screen.lines()[1:] == ["  step 2: expect NewOrderSingle(D)", question]
    live.step_ended(StepEnded(2, Outcome.OK))
    assert len(screen.lines()) == 1


def test_steps_inside_and_beside_each_other():
    screen = Screen()
    live = screen.live
    live.scenario_began(SCENARIO)
    live.step_began(StepBegan(1, 1, "repeat"))
    live.step_began(StepBegan(2, 2, "expect"))
    assert screen.lines()[1] == "  step 2: expect"
    live.step_ended(StepEnded(2, Outcome.OK))
    assert screen.lines()[1] == "  step 1: repeat"


def test_verdicts_are_counted():
    screen = Screen()
    for result in (Result.PASS, Result.PASS, Result.FAIL, Result.SKIPPED):
        screen.live.scenario_began(SCENARIO)
        screen.live.step_began(StepBegan(1, 1, "x"))
        screen.live.scenario_ended(SCENARIO, Verdict(result))
    assert screen.lines() == ["4 of 12 played   2 PASS   1 FAIL   1 SKIPPED"]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width):
    screen = Screen(width)
    screen.live.scenario_began(replace(SCENARIO, id="x" * 300))
    screen.live.step_began(StepBegan(1, 1, "y" * 300))
    screen.live.waiting(4_000 * SECOND)
    screen.live.asked(Asked("z " * 150))
    lines = screen.lines()
    assert max(map(len, lines)) <= width
    assert lines[1].endswith("1:06:40 left")
    assert sum(line.count("z") for line in lines) == 150


def test_it_draws_on_a_terminal_and_leaves_nothing_behind():
    screen = Screen()
    with screen.live:
        screen.live.scenario_began(SCENARIO)
    assert "heartbeats/test-request" in screen.stream.getvalue()
    assert screen.stream.getvalue().endswith("\x1b[2K")


def test_it_is_silent_where_there_is_no_terminal():
    screen = Screen(terminal=False)
    with screen.live:
        screen.live.scenario_began(SCENARIO)
        screen.live.asked(Asked("x"))
    assert screen.stream.getvalue() == ""


def test_a_log_gets_the_questions_and_verdicts_if_wanted():
    quiet: list[str] = []
    told: list[str] = []
    for live in (PlainRuns(2, quiet.append), PlainRuns(2, told.append, verdicts=True)):
        live.scenario_began(SCENARIO)
        live.step_began(StepBegan(1, 1, "x"))
        live.waiting(1)
        live.asked(Asked("log out"))
        live.step_ended(StepEnded(1, Outcome.OK))
        live.scenario_ended(SCENARIO, Verdict(Result.FAIL))
    assert quiet == ["> please: log out"]
    assert told == ["> please: log out", "[1/2] FAIL heartbeats/test-request@venue"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text(text):
    lines: list[str] = []
    screen, plain = Screen(), PlainRuns(1, lines.append, verdicts=True)
    for live in (screen.live, plain):
        live.scenario_began(replace(SCENARIO, id=text))
        live.step_began(StepBegan(1, 1, text))
        live.asked(Asked(text))
    assert all(line.isprintable() for line in screen.lines())
    plain.scenario_ended(replace(SCENARIO, id=text), Verdict(Result.PASS))
    assert all(line.isprintable() and line.isascii() for line in lines)
