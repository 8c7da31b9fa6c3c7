from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.errors import StoreError
from fixgate.net.journal import JournalStore
from fixgate.net.sides import Side, read_sides
from fixgate.report.compare import Pair, compare_text, pair_up
from fixgate.report.counterparty import read_counterparty
from tests.net.quickfix_stores import REPORT, THEIR_LOGON, flavours, write_quickfix
from tests.net.stores import ID
from tests.report.engine_logs import ENGINES, write_log
from tests.report.test_filelog import LOGON, received, sent

NOW_NS = 1767258000_000_000_000  # 2026-01-01 09:00:00
OUR_LOGON = received(1, LOGON)
ORDERS = [received(number) for number in range(2, 6)]


def our_store(folder, *, at_ns=NOW_NS) -> list[Side]:
    """We have sent a Logon and four orders, and have had a Logon and a report."""
    store = JournalStore(folder, ID, at_ns)
    store.sent(1, OUR_LOGON, at_ns)
    store.received(2, THEIR_LOGON, at_ns)
    for number, order in enumerate(ORDERS, 2):
        store.sent(number, order, at_ns)
    store.received(3, REPORT, at_ns)
    store.close()
    return read_sides(folder)


def compared(ours, theirs, *logs) -> tuple[Pair, list[str]]:
    sides, remarks = read_counterparty(theirs, logs, ours)
    pairs, alone = pair_up(ours, sides)
    assert alone == ()
    (pair,) = pairs
    return pair, remarks


ALL = [OUR_LOGON, THEIR_LOGON, *ORDERS, REPORT]


@pytest.mark.parametrize("engine", list(ENGINES))
def test_a_log_beside_the_store_tells_what_they_received(tmp_path, engine):
    ours = our_store(tmp_path / "ours")
    theirs = write_quickfix(tmp_path / "theirs", flavours(3, 6)["C++"])
    write_log(theirs, ALL, engine)
    pair, remarks = compared(ours, theirs)
    assert pair.in_sync
    assert (pair.to_theirs.both, pair.to_ours.both, remarks) == (5, 2, [])
    assert not pair.theirs.derived


def test_what_they_never_received_is_lost(tmp_path):
    ours = our_store(tmp_path / "ours")
    theirs = write_quickfix(tmp_path / "theirs", flavours(3, 6)["C++"])
    logs = tmp_path / "logs"
    write_log(logs, [OUR_LOGON, THEIR_LOGON, ORDERS[0], ORDERS[3], REPORT])
    pair, _ = compared(ours, theirs, logs)
    assert pair.numbers_agree
    assert pair.to_theirs.lost == (3, 4)
    assert not pair.in_sync


def test_a_log_alone_has_numbers_too(tmp_path):
    ours = our_store(tmp_path / "ours")
    log = write_log(tmp_path / "logs", ALL)
    pair, _ = compared(ours, log.parent)
    assert pair.in_sync
    assert pair.theirs.derived
    assert (pair.theirs.next_out, pair.theirs.next_in) == (3, 6)


def test_numbers_of_a_log_stop_at_what_is_missing(tmp_path):
    ours = our_store(tmp_path / "ours")
    heartbeat = received(6, "35=0|")
    log = write_log(tmp_path / "logs", [OUR_LOGON, ORDERS[0], ORDERS[2], heartbeat, THEIR_LOGON])
    pair, _ = compared(ours, log.parent)
    assert (pair.theirs.next_out, pair.theirs.next_in) == (2, 3)


def test_a_store_whose_numbers_are_damaged_has_those_of_its_log(tmp_path):
    ours = our_store(tmp_path / "ours")
    theirs = write_quickfix(tmp_path / "theirs", flavours()["C++"] | {"seqnums": b"12 : abc"})
    pair, _ = compared(ours, theirs)
    assert (pair.theirs.next_out, pair.theirs.next_in, pair.theirs.derived) == (None, None, False)
    write_log(theirs, ALL)
    pair, _ = compared(ours, theirs)
    assert (pair.theirs.next_out, pair.theirs.next_in, pair.theirs.derived) == (3, 6, True)
    assert "received b'12 : abc'" in pair.theirs.damage[0]


def test_what_they_sent_twice_is_told_though_their_store_has_it_once(tmp_path):
    ours = our_store(tmp_path / "ours")
    theirs = write_quickfix(tmp_path / "theirs", flavours(3, 6)["C++"])
    write_log(theirs, [*ALL, REPORT])
    pair, _ = compared(ours, theirs)
    assert pair.to_ours.twice == (2,)


def test_without_messages_in_the_store_the_log_has_what_they_sent(tmp_path):
    ours = our_store(tmp_path / "ours")
    files = flavours(3, 6)["C++"]
    del files["header"], files["body"]
    theirs = write_quickfix(tmp_path / "theirs", files)
    write_log(theirs, ALL)
    pair, _ = compared(ours, theirs)
    assert pair.in_sync
    assert pair.to_ours.both == 2


def test_a_log_from_before_our_numbers_began_is_not_compared(tmp_path):
    ours = our_store(tmp_path / "ours", at_ns=NOW_NS + 3_600_000_000_000)
    theirs = write_quickfix(tmp_path / "theirs", flavours(3, 6)["C++"])
    write_log(theirs, [OUR_LOGON, received(2), sent(1, LOGON)])
    pair, remarks = compared(ours, theirs)
    assert pair.to_theirs is None
    assert remarks == [
        "FIX.4.4:VENUE->CLIENT: its log ends at 2026-01-01T09:00:00Z, before our numbers began at "
        "2026-01-01T10:00:00Z: not compared"
    ]


def test_sessions_that_are_only_in_the_logs_are_told(tmp_path):
    ours = our_store(tmp_path / "ours")
    log = write_log(tmp_path / "logs", [*ALL, ORDERS[0].replace(b"49=CLIENT", b"49=NOBODY")])
    _, remarks = compared(ours, log.parent)
    assert remarks[-1] == "not compared: FIX.4.4:NOBODY->VENUE: only in the logs"


def test_a_session_in_their_store_and_log_is_not_told_twice(tmp_path):
    ours = our_store(tmp_path / "ours")
    theirs = write_quickfix(tmp_path / "theirs", flavours()["C++"])
    other = [each.replace(b"CLIENT", b"NOBODY") for each in (THEIR_LOGON, REPORT)]
    write_log(theirs, [*ALL, *other])
    write_quickfix(theirs, flavours()["C++"] | {"body": b"".join(other)}, "FIX.4.4-VENUE-NOBODY")
    sides, remarks = read_counterparty(theirs, (), ours)
    assert [side.name for side in sides] == ["FIX.4.4:VENUE->CLIENT", "FIX.4.4:VENUE->NOBODY"]
    assert not any("only in the logs" in each for each in remarks)


def test_another_store_of_fixgate_needs_no_log(tmp_path):
    ours = our_store(tmp_path / "ours")
    sides, remarks = read_counterparty(tmp_path / "ours", (), ours)
    assert (len(sides), remarks) == (1, [])


PIECES = st.sampled_from(
    [*ALL, sent(3, "35=4|123=Y|36=9|", more="43=Y|"), sent(1, LOGON), b"\0" * 43, b"12 : abc", b"9"]
)


@given(
    st.sampled_from(list(flavours())),
    st.dictionaries(
        st.sampled_from(["seqnums", "senderseqnums", "targetseqnums", "session", "header", "body"]),
        st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=4).map(b"".join)),
    ),
    st.lists(st.one_of(PIECES, st.binary(max_size=60)), max_size=12),
)
@settings(deadline=None, max_examples=150)
def test_whatever_their_files_hold_there_is_a_verdict(engine, changed, logged):
    with tempfile.TemporaryDirectory() as folder:
        ours = our_store(Path(folder) / "ours")
        theirs = write_quickfix(Path(folder) / "theirs", flavours()[engine] | changed)
        write_log(theirs, logged)
        sides, _ = read_counterparty(theirs, (), ours)
        pairs, alone = pair_up(ours, sides)
        assert pairs or alone
        for pair in pairs:
            verdict = compare_text(pair)
            assert verdict.startswith("in sync" if pair.in_sync else "NOT in sync")
            assert all(line.isprintable() for line in verdict.splitlines())


def test_neither_a_store_nor_a_log(tmp_path):
    ours = our_store(tmp_path / "ours")
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError, match=r"neither a store nor a log of messages"):
        read_counterparty(tmp_path / "empty", (), ours)
    theirs = write_quickfix(tmp_path / "theirs", flavours()["C++"])
    with pytest.raises(StoreError, match="no log of messages is here"):
        read_counterparty(theirs, (tmp_path / "empty",), ours)
