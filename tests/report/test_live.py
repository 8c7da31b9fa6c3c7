from __future__ import annotations

import io

from rich.console import Console

from fixgate.health.model import Phase
from fixgate.report.live import LiveBoard, PlainProgress
from tests.report.sample import fleet


def board(height=40, width=100):
    console = Console(
        file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None
    )
    times = iter(range(0, 10**12, 10**8))
    checks = fleet().checks
    return LiveBoard([c.plan for c in checks], console, lambda: next(times)), console, checks


def shown(live, console) -> str:
    with console.capture() as capture:
        console.print(live)
    return capture.get()


def test_board_follows_each_session():
    live, console, checks = board()
    assert "· waiting  xlon-main" in shown(live, console)
    live.started(checks[0].plan)
    live.phase(checks[0].plan, Phase.LOGON)
    text = shown(live, console)
    row = next(line for line in text.splitlines() if "xlon-main" in line)
    assert "running" in row
    assert "logon" in row
    assert row.rstrip().endswith(" s")
    live.ended(checks[0])
    live.ended(checks[-1])
    text = shown(live, console)
    assert "2 of 16 sessions checked   1 GO   1 not" in text
    assert "✓ GO" in text
    assert "TLS: tls-expired" in text


def test_small_terminal_keeps_what_runs_and_what_is_sick():
    live, console, checks = board(height=10)
    for check in checks[:-1]:
        live.ended(check)
    live.started(checks[-1].plan)
    text = shown(live, console)
    assert len(text.splitlines()) <= 10
    assert checks[-1].plan.name in text
    assert "xlon-backup" in text
    assert "more" in text


def test_live_display_starts_and_stops():
    live, _, checks = board()
    with live:
        live.started(checks[0].plan)
        live.ended(checks[0])


def test_plain_progress_writes_one_line_a_session():
    lines: list[str] = []
    progress = PlainProgress(16, lines.append)
    checks = fleet().checks
    progress.started(checks[0].plan)
    progress.phase(checks[0].plan, Phase.TCP)
    progress.ended(checks[0])
    progress.ended(checks[-1])
    assert lines == ["[1/16] GO xlon-main", "[2/16] NO-GO xetr-tls (tls-expired)"]
