from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from fixgate.health.endings import ENDINGS
from fixgate.health.standing import Standing, State
from fixgate.report.watch import WatchBoard, change_line, render_change
from tests.report.sample import START_NS, plan

SECOND = 1_000_000_000
DOCUMENT = Path(__file__).parents[2] / "docs" / "watching.md"
HOSTILE = "bad\x1b[2J\nforged \u202e \x01|"


def standing(state: State = State.WAITING, **changes: object) -> Standing:
    known = {
        "reason": "refused",
        "cause": "logon-refused",
        "text": 'The venue refused our Logon: "Gateway busy".',
        "next_step": "Act on the venue's text.",
        "next_ns": START_NS + 75 * SECOND,
        "tries": 3,
        "next_out": 12,
        "next_in": 9,
    }
    known |= {"reason": "", "cause": "", "next_ns": None} if state is State.UP else {}
    known |= {"next_ns": None} if state in (State.STOPPED, State.ENDED) else {}
    made = plan(str(changes.pop("name", "xlon-main")))
    return Standing(made, START_NS, state, **(known | changes))


class TestJson:
    def test_a_line_holds_everything(self):
        line = render_change(standing())
        assert "\n" not in line
        assert line.isascii()
        assert json.loads(line) == {
            "schema": "fixgate-watch",
            "schema_version": 1,
            "at": "2026-11-22T08:30:00.000000000Z",
            "at_ns": START_NS,
            "session": "xlon-main",
            "group": "London Equities",
            "state": "waiting",
            "reason": "refused",
            "cause": "logon-refused",
            "text": 'The venue refused our Logon: "Gateway busy".',
            "next_step": "Act on the venue's text.",
            "next": "2026-11-22T08:31:15.000000000Z",
            "next_ns": START_NS + 75 * SECOND,
            "tries": 3,
            "next_out": 12,
            "next_in": 9,
            "in_order": False,
        }

    def test_without_a_next_try(self):
        found = json.loads(render_change(standing(State.STOPPED)))
        assert (found["next"], found["next_ns"]) == (None, None)

    def test_no_control_character_comes_through(self):
        found = json.loads(render_change(standing(name=HOSTILE, text=HOSTILE)))
        for key in ("session", "text"):
            assert all(ch.isprintable() for ch in found[key])

    def test_the_document_describes_every_key(self):
        described = re.findall(r"^\| (`.+?`) \| .+ \|$", DOCUMENT.read_text(), re.M)
        keys = {key for row in described for key in re.findall(r"`(\w+)`", row)}
        assert set(json.loads(render_change(standing()))) <= keys

    def test_the_document_describes_every_state_and_ending(self):
        text = DOCUMENT.read_text()
        rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \|$", text, re.M)
        assert rows == [
            (ending.value, course.next.value, course.text, course.next_step)
            for ending, course in ENDINGS.items()
        ]
        for state in State:
            assert f"| `{state.value}` |" in text


class TestLines:
    @pytest.mark.parametrize(
        ("made", "line"),
        [
            (
                standing(),
                "2026-11-22T08:30:00.000Z  xlon-main    waiting     refused: The venue refused our "
                'Logon: "Gateway busy". Next try 2026-11-22T08:31:15Z.',
            ),
            (
                standing(State.UP, text="Logged on."),
                "2026-11-22T08:30:00.000Z  xlon-main    up          Logged on.",
            ),
            (
                standing(State.UP, reason="comp-id", text="The venue broke the rule comp-id: x."),
                "2026-11-22T08:30:00.000Z  xlon-main    up          comp-id: The venue broke the "
                "rule comp-id: x.",
            ),
            (
                standing(State.STOPPED, reason="account-locked", text="It is locked."),
                "2026-11-22T08:30:00.000Z  xlon-main    stopped     account-locked: It is locked. "
                "Not tried again. Act on the venue's text.",
            ),
            (
                standing(State.CLOSED, reason="closed", text="It is closed."),
                "2026-11-22T08:30:00.000Z  xlon-main    closed      It is closed. Next try "
                "2026-11-22T08:31:15Z.",
            ),
            (
                standing(State.CONNECTING, reason="", text="", next_ns=None),
                "2026-11-22T08:30:00.000Z  xlon-main    connecting",
            ),
        ],
    )
    def test_one_a_change(self, made: Standing, line: str):
        assert change_line(made, 11) == line

    def test_nothing_in_it_that_a_terminal_could_act_upon(self):
        line = change_line(standing(name=HOSTILE, text=HOSTILE), 5)
        assert line.isascii()
        assert line.isprintable()


def board(*names: str, width: int = 100, height: int = 30, encoding: str = "utf-8"):
    class Stream(io.StringIO):
        @property
        def encoding(self):
            return encoding

    console = Console(
        file=Stream(), width=width, height=height, force_terminal=True, color_system=None,
        highlight=False, markup=False,
    )  # fmt: skip
    plans = [plan(name) for name in names]
    now = [START_NS]
    return WatchBoard(plans, console, lambda: now[0]), console, now


def drawn(made: WatchBoard, console: Console) -> list[str]:
    with console.capture() as capture:
        console.print(made)
    return capture.get().splitlines()


def told(made: WatchBoard, change: Standing, width: int = 100) -> list[str]:
    return [text.plain for text in made.take(change, width)]


class TestBoard:
    def test_a_change_is_explained_the_first_time_in_a_row(self):
        made, _, _ = board("xlon-main")
        assert told(made, standing()) == [
            "08:30:00  ! waiting     xlon-main  refused, next try 08:31:15",
            '          └ The venue refused our Logon: "Gateway busy".',
            "            Act on the venue's text.",
        ]
        told(made, standing(State.CONNECTING, reason="", text="", next_ns=None))
        assert told(made, standing()) == [
            "08:30:00  ! waiting     xlon-main  refused, next try 08:31:15"
        ]
        assert told(made, standing(State.UP, text="Logged on.", next_step="")) == [
            "08:30:00  ✓ up          xlon-main  Logged on."
        ]
        assert len(told(made, standing())) == 3

    def test_a_next_try_on_another_day_has_its_date(self):
        made, _, _ = board("xlon-main")
        later = standing(State.CLOSED, reason="closed", next_ns=START_NS + 86_400 * SECOND)
        assert told(made, later) == ["08:30:00  ○ closed      xlon-main  opens 2026-11-23 08:30:00"]

    def test_what_is_given_up_is_explained(self):
        made, _, _ = board("xlon-main")
        lines = told(made, standing(State.STOPPED, reason="account-locked"))
        assert lines[0] == "08:30:00  ✗ stopped     xlon-main  account-locked"
        assert lines[-1].endswith("Act on the venue's text.")

    def test_a_rule_that_is_broken_is_explained_and_the_session_stays_up(self):
        made, console, now = board("xlon-main")
        told(made, standing(State.UP, text="Logged on."))
        now[0] += 3700 * SECOND
        remark = standing(State.UP, reason="comp-id", cause="comp-id", text="It broke comp-id.")
        assert told(made, remark)[0].endswith("xlon-main  comp-id")
        row = drawn(made, console)[-1]
        assert row.split()[:4] == ["✓", "up", "xlon-main", "FIX.4.4"]
        assert "1 h 01 m" in row

    def test_all_sessions_at_a_glance(self):
        made, console, now = board("xlon-main", "xetr", "dark", "asleep")
        told(made, standing(State.UP, in_order=True))
        told(made, standing(name="xetr"))
        told(made, standing(State.STOPPED, name="dark", reason="account-locked"))
        told(made, standing(State.CLOSED, name="asleep", reason="closed", cause="closed",
                            next_ns=START_NS + 200_000 * SECOND, in_order=True))  # fmt: skip
        now[0] += 20 * SECOND
        assert [line.rstrip() for line in drawn(made, console)] == [
            "─" * 100,
            "4 sessions   1 up   1 closed   1 down   1 stopped",
            "           session    version  address           for     next try  why",
            "✓ up       xlon-main  FIX.4.4  10.20.1.15:9801  20 s",
            "! waiting  xetr       FIX.4.4  10.20.1.15:9801  20 s      in 55 s  logon-refused",
            "✗ stopped  dark       FIX.4.4  10.20.1.15:9801  20 s               logon-refused",
            "○ closed   asleep     FIX.4.4  10.20.1.15:9801  20 s  in 2 d 07 h  closed",
        ]

    def test_trying_again_does_not_begin_the_time_anew(self):
        made, console, now = board("xlon-main")
        told(made, standing())
        now[0] += 30 * SECOND
        told(made, standing(State.CONNECTING, reason="", cause="", text="", next_ns=None))
        assert "30 s" in drawn(made, console)[-1]

    @pytest.mark.parametrize("width", [40, 60, 80, 100, 130, 200])
    @pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
    def test_no_line_is_wider_than_the_terminal(self, width, encoding):
        made, console, _ = board("xlon-main", "x" * 70, HOSTILE, width=width, encoding=encoding)
        for name in ("xlon-main", "x" * 70, HOSTILE):
            for state in State:
                lines = told(made, standing(state, name=name, text=HOSTILE * 9), width)
                assert max(len(line) for line in lines) <= width
                assert all(line.isprintable() for line in lines)
        lines = drawn(made, console)
        assert max(len(line) for line in lines) <= width
        if encoding == "ascii":
            assert all(line.isascii() for line in lines)

    def test_a_small_terminal_keeps_what_is_not_in_order(self):
        names = [f"session-{number:02d}" for number in range(50)]
        made, console, _ = board(*names, height=12)
        for name in names:
            told(made, standing(State.UP, name=name, in_order=True))
        told(made, standing(name="session-42"))
        lines = drawn(made, console)
        assert len(lines) <= 12
        assert "session-42" in "\n".join(lines)
        assert lines[-1] == "and 43 more"

    def test_it_is_entered_and_left(self):
        made, _, _ = board("xlon-main")
        with made.live:
            told(made, standing())
