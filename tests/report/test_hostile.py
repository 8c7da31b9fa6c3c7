"""Hostile text through every rendering: nothing in it acts on the sink."""

from __future__ import annotations

import io
import json
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from fixgate.report.html import render_html
from fixgate.report.json import render_json
from fixgate.report.junit import render_junit
from fixgate.report.live import LiveBoard, PlainProgress
from fixgate.report.nagios import render_nagios
from fixgate.report.terminal import print_board
from tests.report.sample import fleet
from tests.report.test_html import Page

HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m\x90q\x9c",
    "line\r\nforged: 12 GO",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]><!-- --><![CDATA[",
    "=cmd|' /C calc'!A0",
    "[bold red]x[/bold red] [link=http://evil]y[/link]",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe \u2066\u200b\ufeff",
    "\x00\x01\x0b\ufffe\uffff\ud800",
    "' onmouseover='x'",
    "x" * 5000,
]


def poisoned(value, text, key=""):
    """Put the text into every free string of a report."""
    if isinstance(value, Enum) or is_plain(key):
        return value
    if isinstance(value, str):
        return f"{value} {text}"
    if isinstance(value, tuple):
        return tuple(poisoned(item, text, key) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {f.name: poisoned(getattr(value, f.name), text, f.name) for f in fields(value)}
        return replace(value, **changes)
    return value


def is_plain(key: str) -> bool:
    return key in {"glyph", "cause", "credentials", "tls", "dialect", "order", "expectation"}


def strings(value):
    """Yield every string of a document."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def run_with(text):
    return poisoned(fleet(rehearsal=True), text)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_terminal(text):
    stream = io.StringIO()
    print_board(run_with(text), Console(file=stream, width=100, highlight=False), verbose=True)
    shown = stream.getvalue()
    assert all(ch == "\n" or ch.isprintable() for ch in shown)
    assert "7 * 7" in shown or "{{" not in text
    assert max(len(line) for line in shown.splitlines()) <= 100


def test_terminal_shows_markup_as_text():
    stream = io.StringIO()
    print_board(run_with("[bold red]x[/]"), Console(file=stream, width=200, highlight=False))
    assert "[bold red]x[/]" in stream.getvalue()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_live_board(text):
    stream, run, lines = io.StringIO(), run_with(text), []
    console = Console(file=stream, width=100, height=50, color_system=None, highlight=False)
    board = LiveBoard([c.plan for c in run.checks], console, lambda: 0)
    plain = PlainProgress(1, lines.append)
    for check in run.checks:
        board.ended(check)
        plain.ended(check)
    console.print(board)
    assert all(ch == "\n" or ch.isprintable() for ch in stream.getvalue())
    assert all(line.isprintable() and line.isascii() for line in lines)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_html(text):
    rendered = render_html(run_with(text))
    assert all(ch == "\n" or ch.isprintable() for ch in rendered)
    page = Page(rendered)
    assert len(page.every("script")) == 1
    assert page.every("img") == []
    assert not any(n.startswith("on") for _, attrs in page.tags for n in attrs)
    rendered.encode("utf-8")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_json(text):
    rendered = render_json(run_with(text))
    assert rendered.isascii()

    assert all(string.isprintable() for string in strings(json.loads(rendered)))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_junit(text):
    rendered = render_junit(run_with(text))
    root = ET.fromstring(rendered.encode("utf-8"))
    assert len(root.findall(".//testcase")) == 16
    assert root.findall(".//script") == []


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nagios(text):
    line = render_nagios(run_with(text))
    assert line.isascii()
    assert line.isprintable()
    assert line.count("|") == 1
