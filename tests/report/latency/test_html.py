"""The page of a measurement."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from fixgate.host.account import Account
from fixgate.latency.model import Mode
from fixgate.report.latency.html import render_html
from fixgate.report.latency.page import page_of
from fixgate.triage.model import Exchange, Layer, Mark
from tests.host.judging.helpers import QUIET, with_nic
from tests.latency.samples import MS, US, sample
from tests.report.latency.made import FRAME, report, verdict
from tests.report.latency.sample import measured
from tests.report.sample import PASSWORD, healthy, plan, sick_checks
from tests.report.test_html import Page

MADE = measured(requests=300)


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(MADE)


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


@pytest.mark.parametrize(
    ("made", "title", "tone"),
    [
        (report(sample()), "1 request measured on 1 session", "go"),
        (report(sample(), sample(session="b")), "2 requests measured on 2 sessions", "go"),
        (report(sample(), budgets=("max<1s",)), "The budget is kept", "go"),
        (report(sample(), budgets=("max<1s", "p50<1s")), "All 2 budgets are kept", "go"),
        (report(sample(), budgets=("max<1us",)), "The budget is missed", "no-go"),
        (report(sample(), budgets=("max<1us", "p50<1s")), "1 of 2 budgets missed", "no-go"),
        (report(sample(), checks=(healthy(plan("xlon")), sick_checks()[0])),
         "1 of 2 sessions failed", "no-go"),
        (report(checks=(sick_checks()[0],)), "The session was not measured", "no-go"),
        (report(sample(), budgets=("fill p50<1s",)), "Not everything could be measured", "unknown"),
        (report(), "Nothing was measured", "unknown"),
    ],
)  # fmt: skip
def test_title_says_the_verdict(made, title, tone):
    found = page_of(made)
    assert (found.title, found.tone) == (title, tone)


def test_nothing_is_loaded_and_only_this_script_runs(html, page):
    (policy,) = [m["content"] for m in page.every("meta") if m.get("http-equiv")]
    for kind in ("style", "script"):
        digest = b64encode(sha256(page.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert not re.findall(r"(?:src|href)=\"(?!#|data:)", html)
    assert not any("style" in attrs for _, attrs in page.tags)


def test_every_link_leads_somewhere(page):
    anchors = [a["id"] for _, a in page.tags if "id" in a]
    assert len(set(anchors)) == len(anchors)
    links = {a["href"] for a in page.every("a")}
    assert links <= {f"#{anchor}" for anchor in anchors}


def test_budgets_are_there_with_what_was_measured(page):
    texts = " ".join(page.texts)
    assert page_of(MADE).missed
    for row in page_of(MADE).missed:
        assert f"missed {row.text} {row.exchange} {row.session} {row.figure} {row.actual}" in texts


def test_each_exchange_has_its_sessions_and_charts():
    found = page_of(MADE)
    ack = next(each for each in found.exchanges if each.anchor == "ack")
    assert [row.session for row in ack.rows] == ["xlon-main", "xpar-main", "xetr-tls"]
    assert ack.overview is not None
    assert [line.label for line in ack.overview.lines] == ["xlon-main", "xpar-main", "xetr-tls"]
    wire, user, _ = ack.rows
    assert wire.curve is not None
    assert [line.look for line in wire.curve.lines] == ["wire", "app", "response"]
    assert user.curve is not None
    assert [line.look for line in user.curve.lines] == ["app", "response"]
    assert (wire.clock, user.clock) == ("kernel", "user space")
    assert wire.course is not None
    assert wire.histogram is not None
    once = next(each for each in found.exchanges if each.anchor == "tcp")
    assert once.overview is None
    assert {row.curve for row in once.rows} == {None}


def test_the_table_has_every_figure():
    made = report(
        *[sample(100 * US, at_ns=i, late_ns=5 * US) for i in range(999)],
        sample(9 * MS, at_ns=999, late_ns=5 * US, marks=(Mark.COALESCED,)),
    )
    (exchange,) = page_of(made).exchanges
    (row,) = exchange.rows
    assert row.heads == ("wire", "wire, unmarked", "application", "response")
    table = dict(row.table)
    assert table["samples"] == ("1,000", "999", "1,000", "1,000")
    assert table["p50"] == ("100 µs", "100 µs", "130 µs", "135 µs")
    assert table["max"] == ("9.00 ms", "100 µs", "9.03 ms", "9.04 ms")
    assert row.marks == "1 coalesced; without these the maximum is 100 µs"


def test_a_slow_sample_opens_to_its_whole_context(html):
    slow = next(each for each in page_of(MADE).slow if each.verdict.layer == "host" and each.wire)
    assert slow.instants[0] == ("was due", "0")
    assert [label for label, _ in slow.instants][1:4] == [
        "written by the application",
        "entered the kernel's queue (SCHED)",
        "left towards the wire (SND)",
    ]
    assert slow.stalls[0][0] == "scheduling"
    assert [look for look, _, _ in slow.parts] == ["host", "stack", "path", "gateway", "host"]
    assert [message.glyph for message in slow.messages] == [">", "<"]
    assert slow.messages[0].fields[0].meaning == "BeginString(8)"
    assert slow.facts[0] == ("processor", "3")
    assert f'id="{slow.anchor}"' in html
    assert slow.name in html


def test_what_tcp_counted_meanwhile_stands_out():
    made = page_of(measured(1, 1500))
    slow = next(each for each in made.slow if each.marks == ("retransmitted",))
    rows = {row.name: row for row in slow.tcp}
    assert (rows["total_retrans"].before, rows["total_retrans"].after) == ("0", "1")
    assert rows["total_retrans"].changed
    assert (rows["min_rtt"].before, rows["min_rtt"].changed) == ("212 µs", False)
    assert "snd_wnd" not in rows


def test_the_venues_times_are_differences():
    slow = next(each for each in page_of(MADE).slow if each.verdict.layer == "matching engine")
    (request, transact, sending, fine) = slow.venue
    assert request == ("RequestTime(5979)", "0")
    assert transact[0] == "TransactTime(60)"
    assert transact[1].startswith("+")
    assert sending[0] == "SendingTime(52)"
    assert fine == ("each of them to", "1.00 µs")
    assert [other.layer for other in slow.others] == ["gateway"]


def test_a_bar_is_drawn_for_each_slow_sample(page):
    found = page_of(MADE)
    bars = [a for a in page.every("rect") if a.get("height") == "12"]
    assert len(bars) == sum(len(slow.bar) for slow in found.slow)


def test_layers_are_counted_and_the_first_thing_to_do_is_said(page):
    made = report(
        *[sample((2 + i) * MS, at_ns=i) for i in range(3)],
        verdicts={f"T{i}": verdict(Layer.PATH, next_step="Ask the carrier.") for i in (0, 1)},
    )
    found = page_of(made)
    assert [(layer.name, layer.count) for layer in found.layers] == [
        ("network path", 2),
        ("gateway", 1),
        ("unattributed", 0),
    ]
    assert (found.next_layer, found.next_step) == ("network path", "Ask the carrier.")


def test_no_more_than_can_be_read_is_whole():
    samples = [sample(MS + i, at_ns=i, session=f"s{i % 20}") for i in range(200)]
    made = report(*samples)
    found = page_of(made)
    assert (len(found.slow), found.slow_count) == (60, len(made.slow))
    assert f"60 of the {len(made.slow)} that were kept whole" in render_html(made)


def test_figures_are_no_finer_than_a_log():
    made = measured(1, 200, mode=Mode.LOG)
    (exchange, *_) = page_of(made).exchanges
    cells = [cell for _, values in exchange.rows[0].table[1:] for cell in values]
    assert cells
    assert not [cell for cell in cells if re.search(r"\.\d| µs", cell)]


def test_a_capture_has_no_figure_of_the_application():
    made = measured(1, 200, mode=Mode.CAPTURE)
    assert {slow.app for slow in page_of(made).slow} == {""}


def test_remarks_and_closed_sessions_are_told():
    frame = replace(FRAME, remarks=("Something to know.",))
    assert "Something to know." in render_html(report(sample(), frame=frame))


def test_the_hosts_account_is_a_folded_section():
    made = report()
    assert "This host" not in render_html(made)
    html = render_html(replace(made, host_account=Account.of(with_nic(duplex="half"), QUIET)))
    assert "autoneg on" in html[html.index('<section id="this-host">') :]


def test_ten_sessions_stay_small():
    assert len(render_html(measured(10, 500)).encode()) < 2_000_000


def test_no_secret_is_in_it(html):
    assert PASSWORD not in html


def test_every_exchange_has_its_own_anchor():
    made = report(*[sample(kind=kind, at_ns=i) for i, kind in enumerate(Exchange)])
    assert len({each.anchor for each in page_of(made).exchanges}) == len(Exchange)
