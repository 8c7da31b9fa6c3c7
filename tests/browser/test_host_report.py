"""The page of a host, and its section in the report of a check, in a real browser."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from fixgate.host.account import Account
from fixgate.host.comparison import compare
from fixgate.report.host.html import render_html
from fixgate.report.html import render_html as render_check
from tests.browser.test_html_report import browse, proxy, pytestmark
from tests.host.judging.helpers import BEST, QUIET, changed, with_nic
from tests.report.sample import fleet

__all__ = ["proxy", "pytestmark"]

LATER = replace(BEST, taken_ns=BEST.taken_ns + 86_400 * 10**9)
TROUBLED = changed(with_nic(LATER, duplex="half"), memory={"merging": True, "waiting_io": None})


def page() -> str:
    return render_html(Account.of(TROUBLED, QUIET), compare(BEST, TROUBLED))


def test_opens_without_errors_and_without_the_network(tmp_path, proxy):
    port, asked = proxy
    document, log = browse(tmp_path, page(), f"--proxy-server=127.0.0.1:{port}")
    assert "CONSOLE" not in log, log
    assert asked == []
    assert "desk-1: 1 bad" in document
    assert "What is different" in document


def test_the_section_of_a_check_opens_without_errors(tmp_path):
    report = replace(fleet(), host_account=Account.of(TROUBLED, QUIET))
    document, log = browse(tmp_path, render_check(report), anchor="#this-host")
    assert "CONSOLE" not in log, log
    assert '<section id="this-host">' in document


@pytest.mark.parametrize("scheme", [0, 1], ids=["dark", "light"])
def test_looks_like_something(tmp_path, scheme):
    picture = tmp_path / "report.png"
    browse(
        tmp_path,
        page(),
        "--window-size=1300,1900",
        f"--blink-settings=preferredColorScheme={scheme}",
        f"--screenshot={picture}",
    )
    data = picture.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (1300, 1900)
    assert len(data) > 50_000, "a blank page compresses to less"
