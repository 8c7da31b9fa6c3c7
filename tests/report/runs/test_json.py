from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from fixgate.report.runs.account import Report
from fixgate.report.runs.json import render_json
from tests.report.runs.sample import (
    EXPECT,
    FACTS,
    FILE,
    PASSWORD,
    UNLIKE,
    all_kinds,
    deviating,
    failed,
    late,
    passed,
    skipped,
    unreached,
)


def document(*runs, facts=FACTS):
    return json.loads(render_json(Report.of(runs, facts)))


def test_head():
    head = document(*all_kinds())
    del head["runs"]
    assert head == {
        "schema": "fixgate-run",
        "schema_version": 1,
        "fixgate_version": "0.9.0",
        "world": "virtual",
        "address": None,
        "seed": 7,
        "began": "2026-09-21T14:13:20.000000000Z",
        "began_ns": 1_790_000_000_000_000_000,
        "duration_ns": 1_240_000_000,
        "exit_code": 1,
        "summary": {
            "total": 7,
            "passed": 3,
            "failed": 2,
            "inconclusive": 1,
            "skipped": 1,
            "deviations": 2,
            "passed_with_deviations": 2,
        },
    }


def test_a_failure():
    (run,) = document(failed())["runs"]
    (finding,) = run.pop("findings")
    steps = run.pop("steps")
    assert run == {
        "id": "heartbeats/test-request@venue",
        "path": FILE,
        "title": "A TestRequest is answered with its TestReqID",
        "story": "A desk that sees no answer to its TestRequest takes the line for dead.",
        "reaction": "A Heartbeat with the same TestReqID(112), at once.",
        "under_test": "venue",
        "requirement": "MUST",
        "spec": "FIX Session Layer Test Cases 1.0, case 4.b",
        "tags": ["heartbeats", "quick"],
        "seed": 7,
        "world": "virtual",
        "repeat": f"fixgate run {FILE}@venue --seed 7",
        "result": "FAIL",
        "why": UNLIKE,
        "began": "2026-03-02T09:00:00.000000000Z",
        "began_ns": 1_772_442_000_000_000_000,
        "duration_ns": 2_000_000,
        "deviations": [],
        "deviation_count": 0,
        "step_count": 4,
    }
    evidence = finding.pop("evidence")
    assert finding == {
        "where": f"{FILE}:23",
        "step": 3,
        "text": EXPECT.text,
        "requirement": "MUST",
        "wanted": EXPECT.text,
        "allowed": [],
        "came": UNLIKE,
        "detail": [],
        "offset_ns": 2_000_000,
    }
    (decisive,) = (entry for entry in evidence if entry["decisive"])
    fields = decisive.pop("fields")
    assert decisive == {
        "record": 13,
        "offset_ns": 2_000_000,
        "glyph": "<",
        "kind": "message",
        "actor": "client",
        "message": "Heartbeat(0) #2",
        "text": "TestReqID(112) = HELO",
        "flaw": None,
        "decisive": True,
    }
    assert fields[2] == {"field": "MsgType(35)", "value": "0", "meaning": "Heartbeat"}
    assert steps[2:] == [
        {
            "number": 3,
            "line": 23,
            "depth": 0,
            "text": EXPECT.text,
            "outcome": "failed",
            "why": UNLIKE,
            "offset_ns": 1_200_000,
            "duration_ns": 800_000,
        },
        {
            "number": None,
            "line": 30,
            "depth": 0,
            "text": "wait 1 s",
            "outcome": "not reached",
            "why": None,
            "offset_ns": None,
            "duration_ns": None,
        },
    ]


def test_what_passed_and_what_was_skipped():
    good, left_out = document(passed(), skipped())["runs"]
    assert (good["result"], good["why"], good["findings"]) == ("PASS", None, [])
    assert (left_out["result"], left_out["why"]) == ("SKIPPED", "needs ask, orders")
    assert (left_out["began"], left_out["began_ns"], left_out["duration_ns"]) == (None, None, 0)


def test_deviations_and_what_could_not_be_determined():
    sloppy, lost = document(deviating(), unreached())["runs"]
    assert sloppy["deviations"][0]["requirement"] == "SHOULD"
    assert (lost["result"], lost["why"]) == ("INCONCLUSIVE", "connection refused")
    assert document(deviating())["exit_code"] == 0
    assert document(unreached())["exit_code"] == 3


def test_alternatives():
    (run,) = document(late())["runs"]
    assert run["findings"][0]["allowed"] == [
        "expect Reject(3)",
        "expect Logout(5), then expect closed",
    ]


def test_live():
    head = document(passed(), facts=replace(FACTS, world="live", address="localhost:9876"))
    assert (head["world"], head["address"]) == ("live", "localhost:9876")


def test_plain_ascii_and_no_secret():
    text = render_json(Report.of(all_kinds(), FACTS))
    assert text.isascii()
    assert text.endswith("}\n")
    assert PASSWORD not in text


def test_every_key_is_documented():
    text = (Path(__file__).parents[3] / "docs" / "report-json.md").read_text(encoding="utf-8")
    chapter = text.partition("# The JSON of a run")[2]
    documented = set(re.findall(r"`([a-z_]+)`", chapter))

    def keys(value):
        if isinstance(value, dict):
            yield from value
            for inner in value.values():
                yield from keys(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from keys(inner)

    assert set(keys(document(*all_kinds()))) - documented == set()
