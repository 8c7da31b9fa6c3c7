"""Hostile text through every rendering of a measurement: nothing in it acts on the sink."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from fixgate.latency.model import LatencyReport
from fixgate.latency.progress import Stage, Tick
from fixgate.report.latency.board import LatencyBoard, PlainLatency
from fixgate.report.latency.hdr import render_hdr_log
from fixgate.report.latency.html import render_html
from fixgate.report.latency.json import render_json
from fixgate.report.latency.terminal import print_latency
from tests.report.latency.sample import measured
from tests.report.test_hostile import HOSTILE, poisoned, strings
from tests.report.test_html import Page

MADE = measured(requests=40)
IDS = range(len(HOSTILE))


def made(text: str) -> LatencyReport:
    """Put the text into every string that somebody else may have written."""
    found = poisoned(replace(MADE, series=(), slow=(), floor=None, budgets=()), text)
    series = tuple(
        replace(
            each,
            session=f"{each.session} {text}",
            budgets=tuple(
                replace(o, budget=replace(o.budget, text=f"{o.budget.text} {text}"))
                for o in each.budgets
            ),
        )
        for each in MADE.series
    )
    slow = tuple(
        replace(
            poisoned(replace(each, sample=replace(each.sample, stalls=())), text),
            sample=replace(each.sample, session=f"{each.sample.session} {text}", name=f"x {text}"),
        )
        for each in MADE.slow
    )
    floor = replace(MADE.floor, clock=f"tsc {text}") if MADE.floor else None
    budgets = tuple(replace(b, text=f"{b.text} {text}") for b in MADE.budgets)
    return replace(found, series=series, slow=slow, floor=floor, budgets=budgets)


@pytest.mark.parametrize("text", HOSTILE, ids=IDS)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_terminal(text, encoding):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=stream, width=100, highlight=False)
    print_latency(made(text), console, verbose=True)
    stream.flush()
    shown = stream.buffer.getvalue().decode(encoding)
    assert all(ch == "\n" or ch.isprintable() for ch in shown)
    assert max(len(line) for line in shown.splitlines()) <= 100


@pytest.mark.parametrize("text", HOSTILE, ids=IDS)
def test_board(text):
    stream, lines = io.StringIO(), []
    console = Console(file=stream, width=100, height=50, color_system=None, highlight=False)
    ticks = [Tick(f"{stage.value} {text}", stage, note=text) for stage in Stage]
    board, plain = LatencyBoard([], console), PlainLatency(lines.append)
    board.update(ticks)
    plain.update(ticks)
    console.print(board)
    assert all(ch == "\n" or ch.isprintable() for ch in stream.getvalue())
    assert all(line.isprintable() and line.isascii() for line in lines)


@pytest.mark.parametrize("text", HOSTILE, ids=IDS)
def test_html(text):
    rendered = render_html(made(text))
    assert all(ch == "\n" or ch.isprintable() for ch in rendered)
    page = Page(rendered)
    assert len(page.every("script")) == 1
    assert page.every("img") == []
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    rendered.encode("utf-8")


@pytest.mark.parametrize("text", HOSTILE, ids=IDS)
def test_json(text):
    rendered = render_json(made(text))
    assert rendered.isascii()

    assert all(string.isprintable() for string in strings(json.loads(rendered)))


@pytest.mark.parametrize("text", HOSTILE, ids=IDS)
def test_hdr_log(text):
    lines = render_hdr_log(made(text)).splitlines()
    assert all(line.isprintable() and line.isascii() for line in lines)
    assert len(lines) == 5 + sum(len(series.figures) for series in MADE.series)
    assert {line.count(",") for line in lines[5:]} == {4}
