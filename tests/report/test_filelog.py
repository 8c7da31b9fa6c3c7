from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.errors import StoreError
from fixgate.report.filelog import find_logs, read_logs
from fixgate.session.settings import SessionId
from tests.fixtext import fix
from tests.report.engine_logs import ENGINES, lines, write_log

OURS = SessionId("FIX.4.4", "CLIENT", "VENUE")
THEIRS = SessionId("FIX.4.4", "VENUE", "CLIENT")
SEEN = SessionId("FIX.4.4", "OTHER", "VENUE")


def sent(number: int, body: str = "35=8|37=1|", at: str = "09:00:00", more: str = "") -> bytes:
    kind, _, rest = body.partition("|")
    return fix(f"{kind}|49=VENUE|56=CLIENT|34={number}|52=20260101-{at}|{more}{rest}")


def received(number: int, body: str = "35=D|11=1|", at: str = "09:00:00", more: str = "") -> bytes:
    kind, _, rest = body.partition("|")
    return fix(f"{kind}|49=CLIENT|56=VENUE|34={number}|52=20260101-{at}|{more}{rest}")


LOGON = "35=A|98=0|108=30|"
DAY = [
    received(1, LOGON), sent(1, LOGON), received(2), sent(2), received(3), sent(3), sent(4),
]  # fmt: skip


def read(*paths: Path, sessions=(OURS,)):
    return read_logs(paths, sessions)


@pytest.mark.parametrize("engine", list(ENGINES))
def test_every_engine_is_read_in_both_directions(tmp_path, engine):
    found = read(write_log(tmp_path, DAY, engine))
    assert sorted(found.flows[THEIRS].marks) == [1, 2, 3, 4]
    assert sorted(found.flows[OURS].marks) == [1, 2, 3]
    assert found.remarks == []
    assert not found.others


def test_logs_are_found_by_their_names(tmp_path):
    names = [
        "FIX.4.4-A-B.messages.current.log",
        "FIX.4.4-A-B.messages.backup.1.log",
        "FIX.4.4-A-B.messages.log",
        "FIX.4.4-A-B.messages.log.1",
        "FIX.4.4-A-B.messages.current.20260101-090000.log.gz",
    ]
    others = ["FIX.4.4-A-B.event.current.log", "FIX.4.4-A-B.body", "messages.txt"]
    for name in names + others:
        (tmp_path / name).touch()
    assert [path.name for path in find_logs(tmp_path)] == sorted(names)
    with pytest.raises(StoreError, match="cannot be read: No such file"):
        find_logs(tmp_path / "nowhere")


def test_rotated_logs_are_read_in_the_order_of_their_messages(tmp_path):
    # The numbers began anew in the middle of the second; the names say nothing of the order.
    first, second, third = (tmp_path / name for name in ("c", "a", "b"))
    first.write_bytes(lines([sent(1, LOGON, "08:00:00"), sent(2, at="08:00:01")]))
    second.write_bytes(
        gzip.compress(lines([sent(3, at="09:00:00"), sent(1, LOGON, "09:30:00"), sent(2)]))
    )
    third.write_bytes(lines([sent(3, at="10:00:00"), sent(4, at="10:00:00")]))
    flow = read(third, first, second, first).flows[THEIRS]
    assert sorted(flow.marks) == [1, 2, 3, 4]
    assert (flow.first, flow.end, flow.twice) == (1, 5, set())


def test_several_sessions_in_one_file(tmp_path):
    other = fix("35=0|49=OTHER|56=VENUE|34=7|52=20260101-09:00:00|")
    answer = fix("35=0|49=VENUE|56=OTHER|34=9|52=20260101-09:00:00|")
    stranger = fix("35=0|49=X|56=Y|34=1|52=20260101-09:00:00|")
    backwards = fix("35=0|49=Y|56=X|34=1|52=20260101-09:00:00|")
    newer = fix("35=0|49=CLIENT|56=VENUE|34=1|", begin="FIX.4.2")
    log = write_log(tmp_path, [*DAY, other, answer, stranger, backwards, newer])
    found = read(log, sessions=(OURS, SEEN))
    assert {str(key): sorted(flow.marks) for key, flow in found.flows.items()} == {
        "FIX.4.4:CLIENT->VENUE": [1, 2, 3],
        "FIX.4.4:VENUE->CLIENT": [1, 2, 3, 4],
        "FIX.4.4:OTHER->VENUE": [7],
        "FIX.4.4:VENUE->OTHER": [9],
    }
    assert list(found.others) == [("FIX.4.4", "X", "Y"), ("FIX.4.2", "CLIENT", "VENUE")]


def test_sub_ids_tell_where_comp_ids_do_not(tmp_path):
    desks = [SessionId("FIX.4.4", "CLIENT", "VENUE", desk) for desk in ("EQ", "FI")]
    messages = [
        fix("35=0|49=CLIENT|50=EQ|56=VENUE|34=1|"),
        fix("35=0|49=CLIENT|50=FI|56=VENUE|34=5|"),
        fix("35=0|49=VENUE|56=CLIENT|57=FI|34=6|"),
        fix("35=0|49=CLIENT|50=FX|56=VENUE|34=9|"),
    ]
    log = write_log(tmp_path, messages)
    found = read(log, sessions=desks)
    assert {str(key): sorted(flow.marks) for key, flow in found.flows.items()} == {
        "FIX.4.4:CLIENT/EQ->VENUE": [1],
        "FIX.4.4:CLIENT/FI->VENUE": [5],
        "FIX.4.4:VENUE->CLIENT/FI": [6],
    }
    # Of a single session the sub-id may change with every message, as with traders in it.
    assert sorted(read(log, sessions=(OURS,)).flows[OURS].marks) == [1, 5, 9]


def test_a_log_without_heartbeats(tmp_path):
    flows = read(write_log(tmp_path, DAY)).flows
    assert not flows[OURS].heartbeats
    assert not flows[THEIRS].heartbeats
    flows = read(write_log(tmp_path, [sent(1, "35=0|"), *DAY])).flows
    assert flows[OURS].heartbeats
    assert flows[THEIRS].heartbeats


def test_what_cannot_be_read_is_told_by_file_and_line(tmp_path):
    cut = received(3)[:-9]
    log = write_log(tmp_path, [received(2), cut, b"35=D\x0149=CLIENT\x0156=VENUE\x01", b"\xff\x00"])
    found = read(log)
    assert found.remarks == [
        f"{log}:2: garbled, not compared: received 69 bytes, expected 77 by BodyLength(9)",
        f"{log}:3: skipped: no BeginString(8), expected 8=FIX",
    ]
    assert (sorted(found.flows[OURS].marks), found.flows[OURS].garbled) == ([2], {3})


def test_of_many_that_cannot_be_read_some_are_named(tmp_path):
    log = write_log(tmp_path, [b"35=D\x0149=CLIENT\x0156=VENUE\x01"] * 9)
    remarks = read(log).remarks
    assert len(remarks) == 6
    assert remarks[-1] == f"{log}: 4 more like that"


def test_a_log_that_is_cut_in_the_middle_of_its_gzip(tmp_path):
    log = tmp_path / "x.messages.log.gz"
    log.write_bytes(gzip.compress(lines(DAY * 200))[:-40])
    found = read(log)
    assert found.remarks[-1].endswith("skipped: the gzip data is cut short or damaged")
    assert found.flows[OURS].kept


def test_a_log_that_is_no_file(tmp_path):
    with pytest.raises(StoreError, match="cannot be read"):
        read(tmp_path)


@given(
    st.lists(st.one_of(st.sampled_from(DAY), st.binary(max_size=80)), max_size=20), st.integers(0)
)
@settings(deadline=None, max_examples=200)
def test_whatever_the_bytes_nothing_is_raised(parts, cut):
    data = lines(parts)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "x.messages.log"
        log.write_bytes(data[: cut % (len(data) + 1)])
        found = read(log)
        assert found.flows.keys() <= {OURS, THEIRS}
