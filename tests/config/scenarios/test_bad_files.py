"""One file per mistake; its first comments say exactly what must be told about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fixgate.config.scenarios import load_scenarios
from fixgate.errors import ConfigError

FOLDER = Path(__file__).parents[2] / "data" / "bad-scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))


def expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = (line[2:] for line in lines if line.startswith("# "))
    return [comment.replace("FILE:", f"{path}:") for comment in comments]


def told(path: Path) -> list[str]:
    """Return every mistake; of one in a fragment, with its name."""
    with pytest.raises(ConfigError) as caught:
        load_scenarios(path, environ={"HOME": "/users/me"})
    return [
        ("" if m.path == str(path) else f"{Path(m.path).relative_to(FOLDER).as_posix()}:")
        + f"{m.line}:{m.column}: {m.message}"
        + (f" ({m.hint})" if m.hint else "")
        for m in caught.value.mistakes
    ]


def test_there_are_files():
    assert len(FILES) > 150


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_mistake_is_told_at_its_place(path):
    assert told(path) == expected(path)


def test_all_mistakes_of_a_file_are_told_at_once():
    text = (
        "title: Many\nunder_test: venue\nrequirement: maybe\nsteps:\n  - connect\n"
        "  - send: TestReqest\n  - wait: 3\n  - fault: dropp\n"
        "  - send: NewOrderSingle\n    with: {Side: BYU, Prise: 1}\n    within: 2s\n"
        "  - expect: Hartbeat\n"
    )
    path = FOLDER / "never-written.yaml"
    with pytest.raises(ConfigError) as caught:
        load_text(text, path)
    assert [(m.line, m.column) for m in caught.value.mistakes] == [
        (3, 14), (6, 11), (7, 11), (8, 12), (10, 18), (10, 23), (11, 5), (12, 13),
    ]  # fmt: skip


def load_text(text: str, path: Path) -> None:
    from fixgate.config.scenarios.node import Desk
    from fixgate.config.scenarios.scenario import ScenarioReader
    from fixgate.config.source import Source
    from fixgate.config.yaml import compose

    reader = ScenarioReader(path.parent, Desk(environ={}))
    reader.read(compose(Source(str(path), path.parent, text)))
    if reader.desk.mistakes:
        raise ConfigError(sorted(set(reader.desk.mistakes), key=lambda m: (m.line, m.column)))


WHOLE = """\
title: Everything
under_test: [client, venue]
session: {version: FIX.4.4, heartbeat: 5s}
parameters: {N: , W: 2s}
table: [{row: a, N: '1'}, {row: b, N: '2'}]
steps:
  - connect
  - send: NewOrderSingle
    with: {Side: BUY, OrderQty: $N, NoPartyIDs: [{PartyID: A}], ClOrdID: "= concat('A', 1)"}
    as: order
  - expect: ExecutionReport
    with: {ClOrdID: = order.ClOrdID, OrdStatus: {one_of: [NEW]}, AvgPx: {near: 1, by: 2}}
    order: [MsgSeqNum, SendingTime]
    within: $W
  - any_of: [[{expect: Logout}], [{expect: nothing, for: 1s}]]
  - fault: delay
    with: {by: {uniform: {low: 1s, high: 2s}}}
    when: {msg_type: Heartbeat, nth: 2}
  - clear: delay
  - repeat: 2
    counter: n
    steps: [{wait: 1s}]
  - parallel: [[{wait: 1s}], [{wait: 2s}]]
  - never: [D]
  - wait: 1s
"""
PIECES = [
    *("", " ", "\n", "\n  ", "- ", ":", "{", "}", "[", "]", "'", "=", "$", "$N", "$$", "${x}", "|"),
    *("connect", "send", "expect", "0", "-1", "9" * 30, "A" * 300, "null", "~", "1e9", "#", ">"),
    *("steps", "absent", "all", "\u20ac", "NoPartyIDs", "= n", "= order.Side"),
]


@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 12), st.sampled_from(PIECES)),
        min_size=1,
        max_size=4,
    )
)
@example(edits=[])
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_no_edit_of_a_file_raises_anything_but_its_mistakes(edits):
    text = WHOLE
    for at, cut, typed in edits:
        text = text[:at] + typed + text[at + cut :]
    try:
        load_text(text, FOLDER / "never-written.yaml")
    except ConfigError as error:
        told = str(error)
    else:
        told = "fine"
    assert told


def test_the_file_that_is_edited_is_right():
    load_text(WHOLE, FOLDER / "never-written.yaml")
