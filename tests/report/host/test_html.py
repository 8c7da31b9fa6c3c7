"""The host's account as a web page, and as a section of another."""

from dataclasses import replace

from fixgate.host.account import Account
from fixgate.host.comparison import compare
from fixgate.report.host.html import render_html
from fixgate.report.host.page import account_view, page_of
from tests.host.judging.helpers import BEST, QUIET, changed, with_nic


def test_the_page_has_every_fact():
    account = Account.of(with_nic(duplex="half"), QUIET)
    html = render_html(account)
    assert '<h1 class="no-go">desk-1: 1 bad</h1>' in html
    assert html.count('<th scope="row">') == len(account.lines)
    assert "<code>ethtool -s eth0 autoneg on, here and at the switch</code>" in html


def test_titles():
    assert page_of(Account.of(BEST), None).title == "All is good"
    better = changed(memory={"merging": True})
    assert page_of(Account.of(better), None).title == "1 could be better"


def test_the_section_says_how_it_stands():
    view = account_view(Account.of(with_nic(duplex="half"), QUIET))
    assert view.tone == "no-go"
    assert view.counts.startswith("1 bad, 0 could be better, ")
    assert view.about == "2026-11-27 06:34:01 UTC, watched for 1.00 s"
    assert [group.name for group in view.groups][:2] == ["processor", "interrupts"]


def test_what_is_different_comes_first():
    later = replace(BEST, taken_ns=BEST.taken_ns + 1)
    now = changed(later, memory={"merging": True})
    html = render_html(Account.of(now), compare(BEST, now))
    assert html.index("What is different") < html.index("Every fact")
    assert "<td>off</td><td>on (KSM)</td>" in html
    assert "Nothing is different." in render_html(Account.of(later), compare(BEST, later))


def test_nothing_that_is_read_is_markup():
    hostile = with_nic(name="<script>alert(1)</script>", targets=('"><img src=x>',))
    html = render_html(Account.of(replace(hostile, host="<b>", unread=(("/<i>", "x"),))))
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "<b>:" not in html
    assert "/<i>" not in html


def test_it_asks_for_nothing():
    html = render_html(Account.of(BEST)).replace("&#39;", "'")
    assert "default-src 'none'" in html
    assert "src=" not in html
    assert "url(" not in html
