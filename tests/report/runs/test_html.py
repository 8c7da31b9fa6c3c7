from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from fixgate.report.runs.account import Report
from fixgate.report.runs.html import render_html
from fixgate.scenario.records import StepBegan
from fixgate.scenario.verdict import Result, Verdict
from tests.report.runs.sample import (
    CONNECT,
    FACTS,
    FILE,
    OURS,
    PASSWORD,
    UNLIKE,
    all_kinds,
    asked,
    deviating,
    ended,
    failed,
    late,
    passed,
    rx,
    skipped,
    story,
    tx,
    unreached,
)
from tests.report.test_html import Page


def rendered(*runs, facts=FACTS) -> str:
    return render_html(Report.of(runs, facts))


def text_of(*runs, facts=FACTS) -> str:
    return " ".join(Page(rendered(*runs, facts=facts)).texts)


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(rendered(*all_kinds()))


@pytest.mark.parametrize(
    ("runs", "title"),
    [
        ([], "Nothing was played"),
        ([passed()], "The scenario passed"),
        ([passed(), skipped()], "The scenario passed"),
        ([passed(), deviating()], "All 2 scenarios passed"),
        ([passed(), failed()], "1 of 2 scenarios failed"),
        ([unreached()], "1 of 1 scenario could not be judged"),
        ([unreached(), failed()], "1 of 2 scenarios failed"),
        ([skipped()], "Nothing was played"),
    ],
)
def test_titles(runs, title):
    assert title in Page(rendered(*runs)).texts


def test_every_run_has_an_anchor_and_links_lead_to_it(page):
    ids = [a["id"] for a in page.every("details") if "id" in a]
    assert ids == [f"run-{i}" for i in range(1, 8)]
    assert {a["href"] for a in page.every("a")} == {f"#{i}" for i in ids}


def test_nothing_is_loaded_from_anywhere(page):
    text = rendered(*all_kinds())
    assert not re.search(r"https?://", re.sub(r"http%3A//www\.w3\.org/2000/svg", "", text))
    for tag, attrs in page.tags:
        assert not {"src", "srcset", "action", "style"} & set(attrs), (tag, attrs)
        assert not any(name.startswith("on") for name in attrs), (tag, attrs)


def test_policy_allows_only_the_style_and_the_script_of_the_page(page):
    policy = next(
        a["content"] for a in page.every("meta") if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        digest = b64encode(sha256(page.raw[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_a_failure_is_told_whole():
    text = text_of(failed())
    for words in (
        f"Failure MUST {FILE}:23 step 3 at 0.002000",
        f"came {UNLIKE}",
        "Correct reaction A Heartbeat with the same TestReqID(112), at once.",
        f"Repeat it fixgate run {FILE}@venue --seed 7",
        "source FIX Session Layer Test Cases 1.0, case 4.b",
        "fixgate as client venue, under test",
        "fault deaf: dropped Heartbeat(0)",
        "wait 1 s not reached",
    ):
        assert words in text


def test_alternatives():
    assert (
        "wanted expect Reject(3) or expect Logout(5), then expect closed came nothing"
        in text_of(late())
    )


def lanes(page):
    return [a["class"] for a in page.every("li") if "class" in a]


def test_the_decisive_line_is_marked_and_its_message_open():
    page = Page(rendered(failed()))
    assert [look for look in lanes(page) if "decisive" in look] == ["in decisive failure"]
    assert [a for a in page.every("details") if "open" in a] == [{"class": "msg", "open": None}]
    assert "TestReqID(112) = HELO" in page.texts
    assert lanes(Page(rendered(late()))).count("outcome decisive failure") == 1


def test_messages_go_either_way():
    assert lanes(Page(rendered(passed()))) == [
        "step", "link", "out", "in", "session", "step", "out", "step", "in", "outcome",
    ]  # fmt: skip


def test_hours_of_heartbeats_are_folded():
    assert "956 heartbeats left out" in text_of(late())
    assert len(lanes(Page(rendered(late())))) < 30


def test_a_long_history_is_cut_but_not_around_its_findings():
    history = [(float(n), "<", rx(f"35=0|34={n}|112=Q{n}")) for n in range(1, 3000)]
    (deviation,) = deviating().verdict.deviations
    came = "Heartbeat(0) with MsgSeqNum(34) = 1500, TestReqID(112) = Q1500"
    at_ns = deviation.at_ns + 1500 * 10**9
    run = ended(
        story(CONNECT), Result.PASS, history,
        deviations=(replace(deviation, came=came, at_ns=at_ns),),
    )  # fmt: skip
    page = Page(rendered(run))
    assert 250 < len(lanes(page)) < 270
    assert lanes(page).count("in decisive warning") == 1
    assert len([text for text in page.texts if text.endswith("lines left out")]) == 2


def test_very_many_steps_are_cut_in_the_middle():
    history = []
    for number in range(1, 1001):
        history.append((float(number), "#", StepBegan(number, 10, "connect")))
    run = ended(story(CONNECT), Result.INCONCLUSIVE, history)
    page = Page(rendered(run))
    assert "800 steps left out" in page.texts
    assert len(page.every("tr")) == 202


def test_steps_inside_of_others_are_indented():
    assert {a["class"] for a in Page(rendered(passed())).every("td") if "d0" in a["class"]}


def test_filters_know_the_verdicts_and_the_tags(page):
    rows = [a for a in page.every("details") if "data-verdict" in a]
    assert [row["data-verdict"] for row in rows] == [
        "PASS", "FAIL", "FAIL", "PASS", "INCONCLUSIVE", "SKIPPED", "PASS",
    ]  # fmt: skip
    assert json.loads(rows[0]["data-tags"]) == ["heartbeats", "quick"]
    assert page.texts[page.texts.index("Tag") :][:5] == [
        "Tag", "all", "gaps", "heartbeats", "quick",
    ]  # fmt: skip


def test_without_tags_there_is_no_filter_for_them():
    run = replace(passed(), scenario=replace(passed().scenario, tags=()))
    assert "Tag" not in Page(rendered(run)).texts


def test_two_actors_are_told_apart():
    run = ended(
        story(CONNECT), Result.PASS,
        [(0.0, ">", tx(f"35=0|34=2|{OURS}")), (0.1, ">", tx(f"35=0|34=2|{OURS}", "second"))],
    )  # fmt: skip
    text = text_of(run)
    assert "fixgate as client, second" in text
    assert "Heartbeat(0) #2 second" in text


def test_a_traceback_keeps_its_lines():
    finding = replace(unreached().verdict.findings[0], came="Traceback:\n  File x\nKeyError: 'y'")
    run = replace(unreached(), verdict=Verdict(Result.INCONCLUSIVE, (finding,)))
    page = Page(rendered(run))
    assert "KeyError: 'y'" in page.texts
    assert "Traceback:\n  File x\nKeyError: 'y'" in page.texts


def test_live():
    assert "live 127.0.0.1:9876" in text_of(
        passed(), facts=replace(FACTS, world="live", address="127.0.0.1:9876")
    )


def test_what_was_skipped_has_no_wire():
    page = Page(rendered(skipped()))
    assert lanes(page) == []
    assert "needs ask, orders" in page.texts


def test_what_a_person_was_asked():
    assert "asked: send an order for 100 ABC" in text_of(asked())


def test_an_empty_run_of_steps():
    assert "Steps" not in Page(rendered(ended(story(), Result.PASS))).texts


def test_no_secret():
    assert PASSWORD not in rendered(*all_kinds())
