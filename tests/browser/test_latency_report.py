"""The page of a measurement in a real browser: no errors, no network, links that open."""

from __future__ import annotations

import re
import struct

import pytest

from fixgate.report.latency.html import render_html
from tests.browser.test_html_report import browse, proxy, pytestmark
from tests.report.latency.sample import measured
from tests.report.latency.test_hostile import made as hostile
from tests.report.test_hostile import HOSTILE

__all__ = ["proxy", "pytestmark"]

PAGE = render_html(measured(requests=300))


def test_opens_without_errors_and_without_the_network(tmp_path, proxy):
    port, asked = proxy
    document, log = browse(tmp_path, PAGE, f"--proxy-server=127.0.0.1:{port}")
    assert "CONSOLE" not in log, log
    assert asked == []
    assert '<html lang="en" class="js">' in document
    assert "1 of 4 sessions failed, 3 of 4 budgets missed" in document


@pytest.mark.parametrize("anchor", ["ack-2", "slow-3"])
def test_a_link_opens_what_it_names(tmp_path, anchor):
    document, _ = browse(tmp_path, PAGE, anchor=f"#{anchor}")
    opened = re.findall(r'<details class="session" id="([a-z]+-\d+)"[^>]* open=""', document)
    assert opened == [anchor]


def test_hostile_text_runs_nothing(tmp_path, proxy):
    port, asked = proxy
    html = render_html(hostile(" ".join(HOSTILE[:-1])))
    document, log = browse(tmp_path, html, f"--proxy-server=127.0.0.1:{port}")
    assert "CONSOLE" not in log, log
    assert asked == []
    assert document.count("<script") == 1


@pytest.mark.parametrize(("width", "scheme"), [(1300, 1), (1300, 0), (500, 1), (500, 0)])
def test_looks_like_something(tmp_path, width, scheme):
    picture = tmp_path / "report.png"
    browse(
        tmp_path,
        PAGE,
        f"--window-size={width},1900",
        f"--blink-settings=preferredColorScheme={scheme}",
        f"--screenshot={picture}",
    )
    data = picture.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (width, 1900)
    assert len(data) > 50_000, "a blank page compresses to less"


# The policy lets only this page's own script run, so the test drives it by taking that out.
WIDTHS = """
for (const row of document.querySelectorAll("details")) row.open = true;
const wide = document.documentElement;
const beyond = [...document.querySelectorAll("main *")].filter(each =>
  !each.closest(".scroll") && !each.closest("svg")
  && each.getBoundingClientRect().right > wide.clientWidth + 1);
const names = beyond.slice(0, 3).map(each => each.className);
document.title = `${wide.scrollWidth - wide.clientWidth} ${beyond.length} ${names}`;
"""


@pytest.mark.parametrize("width", [1300, 800, 500])
def test_nothing_sticks_out_of_the_window(tmp_path, width):
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", PAGE)
    html = html.replace("</body>", f"<script>{WIDTHS}</script></body>")
    document, log = browse(tmp_path, html, f"--window-size={width},1900")
    assert "CONSOLE" not in log, log
    title = re.search(r"<title>(.*?)</title>", document)
    assert title is not None
    assert title.group(1).split()[:2] == ["0", "0"], title.group(1)
