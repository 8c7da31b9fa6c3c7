"""Hostile text, from files and from the wire, through every rendering: nothing acts on the sink."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from fixgate.report.runs.account import Report
from fixgate.report.runs.html import render_html
from fixgate.report.runs.json import render_json
from fixgate.report.runs.junit import render_junit
from fixgate.report.runs.terminal import render_terminal
from fixgate.scenario.records import (
    Asked,
    Ended,
    Faulted,
    NotDone,
    Outcome,
    StepBegan,
    StepEnded,
    Told,
    Wire,
)
from fixgate.scenario.steps import AnyOf
from fixgate.scenario.verdict import Finding, Result
from tests.fixtext import fix
from tests.report.runs.sample import FACTS, START, at, ended, step, story
from tests.report.test_hostile import HOSTILE, strings
from tests.report.test_html import Page

EVERY = pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))


def report(text: str) -> Report:
    """Put the text wherever a file or a counterparty can."""
    data = text.encode("utf-8", "surrogatepass")
    place = at(3, text, path=f"{text}.yaml")
    options = AnyOf(place, ((step(place), step(place)), (step(place),)))
    scenario = story(
        place, id=text, path=f"{text}.yaml", title=text, story=text, reaction=text, spec=text,
        tags=(text,), steps=(step(place), options),
    )  # fmt: skip
    message = fix(b"35=" + data[:9].replace(b"\x01", b"") + b"|34=2|58=" + data + b"|9999=" + data)
    history = [
        (0.0, "#", StepBegan(1, 3, text)),
        (0.0, ">", Wire(text, message)),
        (0.0, "<", Wire(text, message)),
        (0.0, "<", Wire(text, data, text)),
        (0.0, "=", Told(text, text)),
        (0.0, "!", Faulted(text, text, text)),
        (0.0, "#", NotDone(1, text)),
        (0.0, "#", Asked(text)),
        (0.0, "#", StepEnded(1, Outcome.FAILED, text)),
        (0.0, "#", Ended(text)),
    ]
    finding = Finding(place, 1, text, text, START)
    facts = replace(FACTS, version=text, address=text, options=(text,))
    runs = [
        ended(scenario, Result.FAIL, history, findings=(finding,), deviations=(finding,)),
        ended(scenario, Result.INCONCLUSIVE, history, findings=(finding,)),
        ended(scenario, Result.SKIPPED, why=text),
    ]
    return Report.of(runs, facts)


@EVERY
@pytest.mark.parametrize("verbose", [False, True])
def test_terminal(text, verbose):
    stream = io.StringIO()
    console = Console(file=stream, width=100, highlight=False, markup=False, emoji=False)
    render_terminal(report(text), console, verbose=verbose)
    assert all(ch == "\n" or ch.isprintable() for ch in stream.getvalue())
    lines = [line for line in stream.getvalue().splitlines() if "fixgate run" not in line]
    assert max(map(len, lines)) <= 100


@EVERY
def test_html(text):
    rendered = render_html(report(text))
    assert all(ch == "\n" or ch.isprintable() for ch in rendered)
    page = Page(rendered)
    assert len(page.every("script")) == 1
    assert page.every("img") == []
    assert not any(n.startswith("on") for _, attrs in page.tags for n in attrs)
    tags = [json.loads(a["data-tags"] or "") for a in page.every("details") if "data-tags" in a]
    assert len(tags) == 3
    rendered.encode("utf-8")


@EVERY
def test_json(text):
    rendered = render_json(report(text))
    assert rendered.isascii()
    assert all(string.isprintable() for string in strings(json.loads(rendered)))


@EVERY
def test_junit(text):
    root = ET.fromstring(render_junit(report(text)).encode("utf-8"))
    assert len(root.findall(".//testcase")) == 3
    assert root.findall(".//script") == []
