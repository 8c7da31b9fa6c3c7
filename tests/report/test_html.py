from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from fixgate.health.model import Status
from fixgate.host.account import Account
from fixgate.report.html import render_html
from tests.host.judging.helpers import QUIET, with_nic
from tests.report.sample import PASSWORD, fleet, healthy, plan

VOID = {"meta", "link", "input", "wbr", "br"}


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.raw: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style", "script"):
            self.raw[self.open[-1]] = data
        elif data.strip():
            self.texts.append(data.strip())

    def every(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render_html(fleet()))


def test_title_says_the_verdict(page):
    assert "4 of 16 sessions are NO-GO" in page.texts


@pytest.mark.parametrize(
    ("run", "title"),
    [
        (fleet(rehearsal=True), "As expected: 12 GO, 4 sick on purpose"),
        (replace(fleet(), checks=(healthy(plan("a")),)), "The session is GO"),
        (replace(fleet(), checks=fleet().checks[:3]), "All sessions are GO"),
        (fleet(sick_only=True), "4 of 4 sessions are NO-GO"),
        (
            replace(fleet(), checks=(replace(healthy(plan("a")), status=Status.UNKNOWN),)),
            "The session is UNKNOWN",
        ),
    ],
)
def test_titles(run, title):
    assert title in Page(render_html(run)).texts


def test_every_session_has_an_anchor_and_links_lead_to_it(page):
    ids = {a["id"] for a in page.every("details") if "id" in a}
    assert ids == {f"session-{i}" for i in range(1, 17)}
    links = {a["href"] for a in page.every("a")}
    assert links == {f"#{i}" for i in ids}


def test_nothing_is_loaded_from_anywhere(page):
    text = render_html(fleet())
    assert not re.search(r"https?://", re.sub(r"http%3A//www\.w3\.org/2000/svg", "", text))
    for tag, attrs in page.tags:
        assert not {"src", "srcset", "action", "style"} & set(attrs), (tag, attrs)
        assert not any(name.startswith("on") for name in attrs), (tag, attrs)
    assert all(a["href"].startswith("data:image/svg+xml,") for a in page.every("link"))


def test_policy_allows_only_the_style_and_the_script_of_the_page(page):
    policy = next(
        a["content"] for a in page.every("meta") if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        digest = b64encode(sha256(page.raw[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_messages_have_names_to_hover(page):
    titles = {a["title"] for a in page.every("span") if "title" in a}
    assert "MsgType(35) = Logon" in titles
    assert "Password(554)" in titles


def test_findings_and_facts_are_there(page):
    text = " ".join(page.texts)
    for words in (
        "logon-refused",
        "Ask the venue for the renewed certificate",
        "TLS_AES_256_GCM_SHA384",
        "Buy 1 ABC @ 1.00, New, then Canceled",
        "TestRequest to Heartbeat",
    ):
        assert words in text


def test_long_transcript_is_cut_in_the_middle():
    check = fleet().checks[0]
    long = replace(check, transcript=check.transcript * 100)
    text = " ".join(Page(render_html(replace(fleet(), checks=(long,)))).texts)
    assert "200 records, 600 in the middle left out" in text


def test_no_secret_and_no_session_of_the_machine():
    assert PASSWORD not in render_html(fleet())


def test_the_hosts_account_is_a_folded_section():
    assert "This host" not in render_html(fleet())
    html = render_html(replace(fleet(), host_account=Account.of(with_nic(duplex="half"), QUIET)))
    section = html[html.index('<section id="this-host">') :]
    assert '<details class="account list">' in section
    assert '<summary><span class="pill no-go">bad</span> 1 bad, ' in section
    assert "autoneg on" in section
