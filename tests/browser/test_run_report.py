"""The HTML report of runs in a real browser: no errors, no network, filters that filter."""

from __future__ import annotations

import re
import struct

import pytest

from fixgate.report.runs.account import Report
from fixgate.report.runs.html import render_html
from tests.browser.test_html_report import browse, proxy, pytestmark
from tests.report.runs.sample import FACTS, all_kinds
from tests.report.runs.test_hostile import report as hostile
from tests.report.test_hostile import HOSTILE

__all__ = ["proxy", "pytestmark"]

PAGE = render_html(Report.of(all_kinds(), FACTS))


def test_opens_without_errors_and_without_the_network(tmp_path, proxy):
    port, asked = proxy
    document, log = browse(tmp_path, PAGE, f"--proxy-server=127.0.0.1:{port}")
    assert "CONSOLE" not in log, log
    assert asked == []
    assert '<html lang="en" class="js">' in document
    assert "2 of 7 scenarios failed" in document


def test_a_link_opens_its_run(tmp_path):
    document, _ = browse(tmp_path, PAGE, anchor="#run-3")
    opened = re.findall(r'<details class="session" id="(run-\d+)"[^>]* open=""', document)
    assert opened == ["run-3"]


def test_hostile_text_runs_nothing(tmp_path, proxy):
    port, asked = proxy
    html = render_html(hostile(" ".join(HOSTILE[:-1])))
    document, log = browse(tmp_path, html, f"--proxy-server=127.0.0.1:{port}")
    assert "CONSOLE" not in log, log
    assert asked == []
    assert document.count("<script") == 1


@pytest.mark.parametrize(("width", "scheme"), [(1280, 1), (1280, 0), (400, 1)])
def test_looks_like_something(tmp_path, width, scheme):
    picture = tmp_path / "report.png"
    browse(
        tmp_path,
        PAGE,
        f"--window-size={width},1900",
        f"--blink-settings=preferredColorScheme={scheme}",
        f"--screenshot={picture}",
        anchor="#run-2",
    )
    data = picture.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (width, 1900)
    assert len(data) > 20_000, "a blank page compresses to less"


# The policy lets only this page's own script run, so the test drives it by taking that out.
DRIVER = """
const pick = (id, value, kind) => {
  const control = document.getElementById(id);
  control.value = value;
  control.dispatchEvent(new Event(kind));
};
const left = () => [...document.querySelectorAll("details.session")]
  .filter(row => !row.hidden).map(row => row.id.slice(4)).join();
const seen = [];
pick("verdict", "FAIL", "change"); seen.push(left());
pick("tag", "gaps", "change"); seen.push(left());
pick("verdict", "", "change"); pick("tag", "", "change");
pick("filter", " LATE ", "input"); seen.push(left(), document.getElementById("shown").textContent);
pick("filter", "", "input"); pick("order", "rank", "change"); seen.push(left());
pick("order", "took", "change"); seen.push(left());
document.title = seen.join(" / ");
"""


def test_filters_and_orders(tmp_path):
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", PAGE)
    html = html.replace("</body>", f"<script>{DRIVER}</script></body>")
    document, log = browse(tmp_path, html)
    assert "CONSOLE" not in log, log
    title = re.search(r"<title>(.*?)</title>", document)
    assert title is not None
    assert title[1] == ("2,3 / 3 / 3,6 / 2 of 7 / 2,3,5,4,7,1,6 / 3,7,4,1,2,5,6")
