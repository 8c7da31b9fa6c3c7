"""The machine-readable report, and the page that describes it."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from fixgate.host.account import Account
from fixgate.latency.model import Mode
from fixgate.net.tcp_info import TcpInfo
from fixgate.report.latency.json import SCHEMA_VERSION, render_json
from fixgate.triage.model import Exchange, Mark
from tests.host.judging.helpers import BEST, QUIET
from tests.latency.samples import START_NS, US, sample
from tests.report.latency.made import report
from tests.report.latency.sample import measured
from tests.report.sample import PASSWORD
from tests.report.test_json import keys

DOCUMENT = Path(__file__).parents[3] / "docs" / "latency-json.md"


def read(made):
    return json.loads(render_json(made))


@pytest.fixture(scope="module")
def found():
    return read(measured(requests=300))


def test_head(found):
    assert found["schema"] == "fixgate-latency"
    assert found["schema_version"] == SCHEMA_VERSION == 1
    assert (found["mode"], found["rate"], found["precision_ns"]) == ("open", 50.0, 1)
    assert found["started"] == "2026-11-22T08:30:00.000000000Z"
    assert found["started_ns"] == START_NS
    assert found["targets"] == ["xlon-main", "xpar-main", "xetr-tls", "xams-main"]
    assert found["summary"] == {
        "answered": 2700,
        "unanswered": 2,
        "marked": found["summary"]["marked"],
        "budgets_kept": found["summary"]["budgets_kept"],
        "budgets_missed": found["summary"]["budgets_missed"],
        "budgets_unmeasured": 0,
        "sessions_measured": 3,
        "sessions_failed": 1,
        "sessions_unknown": 0,
        "sessions_closed": 0,
    }
    assert found["exit_code"] == 1
    assert found["floor"]["clock_ns"] == 25
    assert [session["good"] for session in found["sessions"]] == [True, True, True, False]
    assert found["sessions"][3]["findings"][0]["cause"] == "logon-refused"


def test_a_series():
    made = report(
        sample(100 * US), sample(300 * US, at_ns=1, marks=(Mark.STALLED,)), unanswered=1,
        budgets=("p50<150us", "wire max<1s", "fill p99<1ms"),
    )  # fmt: skip
    found = read(made)
    (series,) = found["series"]
    assert series["session"] == "xlon"
    assert (series["exchange"], series["name"]) == ("heartbeat", "TestRequest to Heartbeat")
    assert (series["source"], series["best"], series["unanswered"]) == ("kernel", "wire", 1)
    assert series["marks"] == {"stalled": 1}
    assert series["figures"]["response"] is None
    wire = series["figures"]["wire"]
    assert (wire["count"], wire["min_ns"], wire["max_ns"]) == (2, 100 * US, 300 * US)
    assert wire["percentiles"][0] == {"percentile": 50.0, "value_ns": 100 * US}
    assert wire["hdr"].startswith("HISTFAAA")
    assert series["unmarked"]["max_ns"] == 100 * US
    assert [m["count"] for m in series["moments"]] == [2]
    assert series["moments"][0]["at"] == "2026-11-22T08:30:00.000000000Z"
    assert series["budgets"] == [
        {
            "text": "p50<150us", "percentile": 50.0, "limit_ns": 150_000, "exchange": None,
            "figure": "wire", "actual_ns": 300_000, "kept": False,
        },
        {
            "text": "wire max<1s", "percentile": 100.0, "limit_ns": 10**9, "exchange": None,
            "figure": "wire", "actual_ns": None, "kept": False,
        },
    ]  # fmt: skip
    assert found["unmeasured_budgets"] == [
        {
            "text": "fill p99<1ms", "percentile": 99.0, "limit_ns": 10**6, "exchange": "fill",
            "figure": None,
        }
    ]  # fmt: skip


def test_a_slow_sample_is_whole(found):
    slow = next(s for s in found["slow"] if s["marks"] == ["stalled"] and s["wire_ns"])
    assert slow["app_ns"] == slow["app_received_ns"] - slow["app_sent_ns"]
    assert slow["wire_ns"] == slow["received_ns"] - slow["sent_ns"]
    assert slow["response_ns"] == slow["app_received_ns"] - slow["due_ns"]
    assert slow["verdict"]["layer"] == "host"
    assert slow["verdict"]["confidence"] == "high"
    assert sum(part["duration_ns"] for part in slow["parts"]) == slow["response_ns"]
    assert slow["stalls"][0]["kind"] == "scheduling"
    assert set(slow["tcp_before"]) == {field.name for field in fields(TcpInfo)}
    assert slow["messages"][0].startswith("8=FIX.4.4|")
    assert slow["facts"][0] == {"label": "processor", "value": "3"}


def test_every_sample_that_was_kept_is_there():
    made = measured(requests=300)
    assert len(read(made)["slow"]) == len(made.slow)


def test_a_capture_has_neither_plans_nor_floor():
    found = read(measured(1, 100, mode=Mode.CAPTURE))
    assert (found["mode"], found["plans"], found["sessions"]) == ("capture", [], [])
    assert found["floor"] is None
    assert {s["figures"]["app"] for s in found["series"]} == {None}


def test_instants_and_durations_are_whole_nanoseconds(found):
    def numbers(value, key=""):
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from numbers(inner, name)
        elif isinstance(value, list):
            for inner in value:
                yield from numbers(inner, key)
        elif key.endswith("_ns") and value is not None:
            yield value

    assert all(isinstance(value, int) for value in numbers(found))


def test_text_is_ascii_and_without_secrets():
    text = render_json(measured(requests=100))
    assert text.isascii()
    assert text.endswith("}\n")
    assert PASSWORD not in text


def test_every_key_is_documented_and_every_documented_key_is_there(found):
    documented = DOCUMENT.read_text(encoding="utf-8")
    marks, layers = {mark.value for mark in Mark}, set(found["layers"])
    names = {key.rpartition(".")[2] for key in keys(found)}
    told = {name for name in names if f"`{name}`" in documented}
    assert names - told - marks - layers == set()
    tables = re.findall(r"^\| (`.*?) \|", documented, re.MULTILINE)
    told = {name for cell in tables for name in re.findall(r"`([a-z_0-9]+)`", cell)}
    assert told - names == set()


def test_the_hosts_account_is_there_where_it_was_taken(found):
    assert found["host_account"] is None
    taken = replace(measured(requests=100), host_account=Account.of(BEST, QUIET))
    account = json.loads(render_json(taken))["host_account"]
    assert account["activity"]["duration_ns"] == 1_000_000_000
    assert {line["key"] for line in account["lines"]} >= {"cpu.governor", "clock.kept"}


def test_exchanges_are_documented():
    documented = DOCUMENT.read_text(encoding="utf-8")
    assert [kind.value for kind in Exchange if kind.value not in documented] == []
