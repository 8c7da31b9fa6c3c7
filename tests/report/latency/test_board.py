"""A measurement while it runs."""

from __future__ import annotations

import io

from rich.console import Console

from fixgate.latency.progress import Stage, Tick
from fixgate.report.latency.board import LatencyBoard, PlainLatency
from tests.latency.samples import MS, US, S

RUNNING = Tick(
    "xlon", Stage.MEASURING, sent=1_000, answered=990, asked=2_000, elapsed_ns=20 * S,
    median_ns=250 * US, max_ns=12 * MS, errors=2,
)  # fmt: skip


def board(names=("xlon", "xpar"), *, height=40, width=120, **options):
    console = Console(
        file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None,
        **options,
    )  # fmt: skip
    return LatencyBoard(names, console), console


def shown(live, console) -> str:
    with console.capture() as capture:
        console.print(live)
    return capture.get()


def test_sessions_wait_then_run_then_end():
    live, console = board()
    assert "· waiting  xlon" in shown(live, console)
    live.update([RUNNING, Tick("xpar", Stage.FAILED, note="logon-refused")])
    text = shown(live, console)
    assert text.splitlines()[0] == "990 answered   1 measuring   1 failed"
    row = next(line for line in text.splitlines() if "xlon" in line)
    assert row.split()[1:] == [
        "measuring", "xlon", "━" * 8 + "╌" * 8, "1,000", "990", "250", "us", "12.0", "ms", "2",
        "20", "s",
    ]  # fmt: skip
    assert "✗ failed" in text
    assert "logon-refused" in text
    live.update([Tick("xlon", Stage.DONE, sent=5, answered=5, asked=5)])
    assert "✓ done" in shown(live, console)


def test_time_fills_the_bar_where_no_count_does():
    live, console = board()
    live.update([Tick("xlon", Stage.MEASURING, sent=9, elapsed_ns=15 * S, duration_ns=60 * S)])
    assert "━" * 4 + "╌" * 12 in shown(live, console)


def test_a_small_terminal_keeps_what_failed_and_what_runs():
    live, console = board([f"line-{i:02d}" for i in range(50)], height=8, width=60)
    live.update([Tick("line-49", Stage.FAILED), Tick("line-48", Stage.MEASURING)])
    text = shown(live, console)
    assert "line-48" in text
    assert "line-49" in text
    assert "and 47 more" in text
    assert max(len(line) for line in text.splitlines()) <= 60


def test_it_draws_itself_and_leaves_nothing_behind():
    live, console = board()
    with live:
        live.update([RUNNING])
    assert console.file.getvalue().endswith("\x1b[1A\x1b[2K") or "\x1b" in console.file.getvalue()


def test_a_log_gets_a_line_when_something_changes():
    lines: list[str] = []
    plain = PlainLatency(lines.append)
    plain.update([Tick("xlon", Stage.CONNECTING), Tick("xpar", Stage.CONNECTING)])
    plain.update([RUNNING])
    plain.update([RUNNING])
    plain.update([Tick("xpar", Stage.FAILED, note="no route\x1b[2J")])
    plain.update(
        [
            Tick(
                "xlon", Stage.DONE, sent=2_000, answered=1_998, elapsed_ns=40 * S,
                median_ns=251 * US, max_ns=12 * MS, errors=2,
            )
        ]
    )  # fmt: skip
    assert lines == [
        "xlon, measuring, 2 errors",
        "xpar, failed, no route\\x1b[2J",
        "xlon, done, 1998 of 2000 answered, p50 251 us, max 12.0 ms, 2 errors, 40.0 s",
    ]
