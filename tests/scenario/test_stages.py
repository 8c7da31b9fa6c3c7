"""Stories whose venue has stages, `venue: {stages: ...}`: exact and repeatable."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.config.scenarios import load_scenarios
from fixgate.scenario.records import Wire
from fixgate.scenario.runner import Run, play_virtually
from fixgate.scenario.verdict import Result

MS = 1_000_000

STORY = """
title: A TestRequest behind a slow order
under_test: venue
needs: [orders]
leftovers: allowed
venue: {stages: STAGES}
steps:
  - connect
  - send: NewOrderSingle
    with: {Side: BUY, OrderQty: 100, Price: 90}
  - send: TestRequest
    with: {TestReqID: T}
  - expect: Heartbeat
    with: {TestReqID: T}
  - expect: ExecutionReport
    with: {OrdStatus: NEW}
"""


def played(tmp_path: Path, stages: str) -> Run:
    path = tmp_path / "story.yaml"
    path.write_text(STORY.replace("STAGES", stages), encoding="utf-8")
    (scenario,) = load_scenarios(path, root=tmp_path)
    return play_virtually(scenario, 1)


def timeline(run: Run) -> list[tuple[str, int]]:
    """MsgType(35) of what went either way after the Logons, and milliseconds since the order."""
    found = [
        (
            record.glyph + record.what.data.split(b"\x0135=")[1].split(b"\x01")[0].decode(),
            record.at_ns,
        )
        for record in run.history
        if isinstance(record.what, Wire)
    ][2:]
    return [(what, (at_ns - found[0][1]) // MS) for what, at_ns in found]


@pytest.mark.parametrize(
    ("stages", "result", "expected"),
    [
        ("{gateway: 20ms}", Result.FAIL, [(">D", 0), (">1", 0), ("<8", 21), ("<0", 21)]),
        ("{matching: 20ms}", Result.PASS, [(">D", 0), (">1", 0), ("<0", 1), ("<8", 21)]),
    ],
)
def test_the_stage_that_is_slow_is_seen_from_outside(
    tmp_path: Path, stages: str, result: Result, expected: list[tuple[str, int]]
):
    run = played(tmp_path, stages)
    assert run.verdict.result is result  # the answer to the TestRequest is expected first
    assert timeline(run) == expected


def test_the_same_seed_gives_the_same_history_byte_for_byte(tmp_path: Path):
    stages = (
        "{matching: {delay: {uniform: {low: 0ms, high: 30ms}}}, stamps: before_gateway, seed: %d}"
    )
    first, again = (list(played(tmp_path, stages % 7).history) for _ in range(2))
    assert first == again
    assert first != list(played(tmp_path, stages % 8).history)
