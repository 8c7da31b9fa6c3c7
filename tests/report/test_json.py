from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from fixgate.host.account import Account
from fixgate.host.facts.traffic import InterfaceDrops
from fixgate.host.lateness import Lateness
from fixgate.report.json import SCHEMA_VERSION, render_json
from tests.host.judging.helpers import BEST, QUIET
from tests.report.sample import PASSWORD, fleet

WATCHED = replace(
    QUIET,
    window=replace(QUIET.window, interfaces=(InterfaceDrops("eth0", 0, 0, 0, 0),)),
    lateness=Lateness(900, 50_000, 90_000, 100_000),
)
DOCUMENT = Path(__file__).parents[2] / "docs" / "report-json.md"


def report(**options):
    return json.loads(render_json(fleet(**options)))


def test_head():
    found = report()
    assert found["schema"] == "fixgate-check"
    assert found["schema_version"] == SCHEMA_VERSION == 1
    assert found["started"] == "2026-11-22T08:30:00.000000000Z"
    assert found["started_ns"] == 1_795_336_200_000_000_000
    assert found["exit_code"] == 1
    assert found["summary"]["go"] == 12
    assert len(found["checks"]) == 16


def test_check_that_failed():
    found = next(c for c in report()["checks"] if c["name"] == "xlon-backup")
    assert found["verdict"] == "NO-GO"
    assert found["good"] is False
    assert found["as_expected"] is None
    assert found["address"] == {"host": "10.20.1.15", "port": 9801}
    assert found["session"]["sender_comp_id"] == "DESK1"
    finding = found["findings"][0]
    assert (finding["cause"], finding["layer"]) == ("logon-refused", "gateway")
    assert finding["evidence"][0]["at"].startswith("2026-11-22T08:30:00.0012001")
    assert found["round_trips"] is None
    assert [p["status"] for p in found["phases"]][-1] == "skipped"


def test_check_that_passed():
    found = report()["checks"][0]
    assert found["round_trips"]["count"] == 5
    assert found["round_trips"]["median_ns"] == 398_000
    assert found["round_trips"]["samples_ns"][0] == 412_000
    assert found["round_trips"]["application_ns"][0] == 412_000
    assert found["round_trips"]["clock"] == "user"
    assert found["findings"] == []


def test_rehearsal():
    found = report(rehearsal=True)
    assert found["exit_code"] == 0
    sick = next(c for c in found["checks"] if c["name"] == "xpar-main")
    assert sick["expectation"] == {"status": "fail", "cause": "silent"}
    assert sick["as_expected"] is True


def test_text_is_ascii_and_without_secrets():
    text = render_json(fleet())
    assert text.isascii()
    assert text.endswith("}\n")
    assert PASSWORD not in text


def keys(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}{key}"
            yield from keys(inner, f"{path}{key}.")
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, path)


def test_every_key_is_documented():
    documented = DOCUMENT.read_text(encoding="utf-8")
    taken = replace(fleet(rehearsal=True), host_account=Account.of(BEST, WATCHED))
    names = {key.rpartition(".")[2] for key in keys(json.loads(render_json(taken)))}
    assert {name for name in names if f"`{name}`" not in documented} == set()


def test_the_hosts_account_is_there_where_it_was_taken():
    assert json.loads(render_json(fleet()))["host_account"] is None
    taken = replace(fleet(), host_account=Account.of(BEST, QUIET))
    account = json.loads(render_json(taken))["host_account"]
    assert account["summary"]["bad"] == 0
    assert account["activity"]["duration_ns"] == 1_000_000_000
    assert {line["key"] for line in account["lines"]} >= {"cpu.governor", "clock.kept"}
