"""The host's account as JSON, and its document."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from fixgate.host.account import Account
from fixgate.host.comparison import compare
from fixgate.host.document import read_document
from fixgate.host.lateness import Lateness
from fixgate.report.host.json import account_json, render_json
from tests.host.judging.helpers import BEST, QUIET, changed, with_nic

DOCS = Path(__file__).parents[3] / "docs"


def test_the_document_reads_as_the_snapshot():
    assert read_document(render_json(Account.of(BEST)).encode(), "f.json") == BEST


def test_the_head():
    read = json.loads(render_json(Account.of(BEST)))
    assert (read["schema"], read["schema_version"]) == ("fixgate-host", 1)
    assert (read["host"], read["exit_code"]) == ("desk-1", 0)
    assert read["taken"] == "2026-11-27T06:34:01.295290165Z"
    assert read["taken_ns"] == BEST.taken_ns
    assert (read["activity"], read["comparison"]) == (None, None)


def test_a_line():
    read = json.loads(render_json(Account.of(changed(memory={"merging": True}))))
    assert read["summary"]["better"] == 1
    (line,) = [line for line in read["lines"] if line["grade"] == "could be better"]
    assert line == {
        "key": "memory.merging",
        "subject": "",
        "group": "memory",
        "label": "page merging",
        "grade": "could be better",
        "found": "on (KSM)",
        "good": "off",
        "how": "echo 0 > /sys/kernel/mm/ksm/run",
        "momentary": False,
    }


def test_something_bad_is_exit_1():
    read = json.loads(render_json(Account.of(with_nic(carrier=False))))
    assert read["exit_code"] == 1


def test_what_the_machine_did():
    activity = replace(QUIET, lateness=Lateness(900, 50_000, 90_000, 100_000))
    found = json.loads(json.dumps(account_json(Account.of(BEST, activity))))["activity"]
    assert (found["duration_ns"], found["clock_step_ns"]) == (1_000_000_000, 0)
    assert found["grown"]["run_delay_ns"] == 40_000
    assert found["grown"]["voluntary_switches"] is None
    assert found["softnet"] == [{"cpu": 0, "processed": 1000, "dropped": 0, "squeezed": 0}]
    assert found["lateness"]["p99_ns"] == 90_000


def test_a_comparison():
    later = changed(replace(BEST, taken_ns=BEST.taken_ns + 1), memory={"merging": True})
    read = json.loads(render_json(Account.of(later), compare(BEST, later)))
    assert read["comparison"] == {
        "before": {"host": "desk-1", "taken": "2026-11-27T06:34:01.295290165Z",
                   "taken_ns": BEST.taken_ns},
        "after": {"host": "desk-1", "taken": "2026-11-27T06:34:01.295290166Z",
                  "taken_ns": BEST.taken_ns + 1},
        "same_host": True,
        "restarted": False,
        "changed": [
            {"key": "memory.merging", "subject": "", "label": "page merging", "before": "off",
             "after": "on (KSM)"}
        ],
        "counted": [],
    }  # fmt: skip


def test_it_is_plain_ascii():
    text = render_json(Account.of(with_nic(name="eth\x1b\u202e0")))
    assert text.isascii()
    lines = json.loads(text)["lines"]
    assert all(
        text.isprintable() for line in lines for text in line.values() if isinstance(text, str)
    )


def test_every_key_beside_the_facts_is_documented():
    documented = (DOCS / "host.md").read_text() + (DOCS / "report-json.md").read_text()
    later = changed(replace(BEST, taken_ns=BEST.taken_ns + 1), memory={"merging": True})
    counts = replace(later.counters.counts, retrans_segs=25)
    later = changed(later, counters={"counts": counts})
    read = json.loads(render_json(Account.of(later, QUIET), compare(BEST, later)))
    read["facts"] = None
    assert {key for key in _keys(read) if f"`{key}`" not in documented} == set()


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)
