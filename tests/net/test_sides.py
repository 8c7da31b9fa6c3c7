from __future__ import annotations

import pytest

from fixgate.errors import StoreError
from fixgate.net.journal import JournalStore
from fixgate.net.records import encode_records
from fixgate.net.sides import Side, find_sides, read_sides, reverse
from fixgate.session.settings import SessionId
from tests.fixtext import fix
from tests.net.quickfix_stores import NAME, REPORT, THEIR_LOGON, flavours, write_quickfix
from tests.net.stores import ID, NOW_NS, write_store

THEIRS = SessionId("FIX.4.4", "VENUE", "CLIENT")


def test_a_store_of_ours(tmp_path):
    write_store(tmp_path)
    (side,) = read_sides(tmp_path)
    assert (side.session_id, side.next_out, side.next_in) == (ID, 3, 7)
    assert (sorted(side.sent.marks), sorted(side.received.marks)) == ([1, 2], [1])
    assert (side.sent.end, side.received.end, side.since_ns) == (3, 7, NOW_NS + 2)
    assert [number in side.received.passed for number in (1, 2, 6, 7)] == [False, True, True, False]
    assert side.damage == []


@pytest.mark.parametrize("engine", list(flavours()))
def test_a_store_of_quickfix(tmp_path, engine):
    write_quickfix(tmp_path, flavours()[engine])
    (side,) = read_sides(tmp_path)
    assert (side.session_id, side.name) == (THEIRS, "FIX.4.4:VENUE->CLIENT")
    assert (side.next_out, side.next_in) == (3, 5)
    assert sorted(side.sent.marks) == [1, 2]
    assert (side.sent.whole, side.sent.end) == (True, 3)
    assert not side.received.kept


def test_equal_messages_have_equal_marks_also_when_sent_again(tmp_path):
    again = fix(
        "35=8|49=VENUE|56=CLIENT|34=2|43=Y|52=20260101-11:00:00|122=20260101-10:00:00|37=1|55=ABC|"
    )
    store = JournalStore(tmp_path / "ours", ID, NOW_NS)
    store.received(2, THEIR_LOGON, NOW_NS)
    store.received(3, again, NOW_NS)
    store.close()
    (ours,) = read_sides(tmp_path / "ours")
    write_quickfix(tmp_path / "theirs", flavours()["C++"])
    (theirs,) = read_sides(tmp_path / "theirs")
    assert ours.received.marks == theirs.sent.marks


def test_a_logon_is_compared_without_its_secrets(tmp_path):
    logon = "35=A|49=VENUE|56=CLIENT|34=1|98=0|108=30|554={}|"
    (ours, theirs) = (tmp_path / "ours", tmp_path / "theirs")
    store = JournalStore(ours, ID, NOW_NS)
    store.received(2, fix(logon.format("******")), NOW_NS)
    store.close()
    body = fix(logon.format("secret"))
    header = f"1,0,{len(body)} ".encode()
    write_quickfix(theirs, flavours()["C++"] | {"body": body, "header": header})
    assert read_sides(ours)[0].received.marks == read_sides(theirs)[0].sent.marks


def test_damage_is_kept_with_what_could_be_read(tmp_path):
    write_quickfix(tmp_path / "q", flavours()["C++"] | {"body": THEIR_LOGON})
    (side,) = read_sides(tmp_path / "q")
    assert list(side.sent.marks) == [1]
    assert "the file has 0 bytes of the 84 of MsgSeqNum(34) 2" in side.damage[0]
    path = write_store(tmp_path / "ours")
    file = path / "00000002.journal"
    file.write_bytes(file.read_bytes().replace(b"55=ABC", b"55=XYZ"))
    (side,) = read_sides(tmp_path / "ours")
    assert list(side.sent.marks) == [1]
    assert "bad checksum" in side.damage[0]


def test_a_record_of_an_unknown_kind_is_damage(tmp_path):
    path = write_store(tmp_path)
    with (path / "00000002.journal").open("ab") as journal:
        journal.write(encode_records([(9, 1, NOW_NS, b"x")]))
    (side,) = read_sides(tmp_path)
    assert list(side.sent.marks) == [1, 2]
    assert "unknown kind of record 9" in side.damage[0]


def test_neither_kind_of_store(tmp_path):
    assert find_sides(tmp_path) == []
    with pytest.raises(StoreError, match="no store is here"):
        read_sides(tmp_path)


def test_numbers_that_cannot_be_read_are_damage_and_the_messages_are_there(tmp_path):
    write_quickfix(tmp_path, flavours()["C++"] | {"seqnums": bytes(43)})
    (side,) = read_sides(tmp_path)
    assert (side.next_out, side.next_in) == (None, None)
    assert sorted(side.sent.marks) == [1, 2]
    assert side.damage == [
        f"{tmp_path / NAME}.seqnums: byte 0: expected the next sender and target numbers, as "
        "'1 : 1'; received 43 bytes of zero"
    ]


def test_an_engine_that_keeps_numbers_only(tmp_path):
    files = flavours()["C++"]
    del files["header"], files["body"]
    write_quickfix(tmp_path, files)
    (side,) = read_sides(tmp_path)
    assert not side.sent.kept


def test_of_a_number_that_the_engine_wrote_again_the_last_counts(tmp_path):
    again = fix("35=8|49=VENUE|56=CLIENT|34=2|52=20260101-10:00:00|37=9|55=XYZ|")
    body = THEIR_LOGON + REPORT + again
    header = b"1,0,%d 2,%d,%d 2,%d,%d " % (
        len(THEIR_LOGON), len(THEIR_LOGON), len(REPORT), len(THEIR_LOGON + REPORT), len(again),
    )  # fmt: skip
    write_quickfix(tmp_path, flavours()["C++"] | {"body": body, "header": header})
    (side,) = read_sides(tmp_path)
    store = JournalStore(tmp_path / "ours", ID, NOW_NS)
    store.received(3, again, NOW_NS)
    store.close()
    (ours,) = read_sides(tmp_path / "ours")
    assert side.sent.marks[2] == ours.received.marks[2]
    assert (side.sent.twice, side.sent.clashing) == (set(), set())


def test_a_number_that_was_set_back_by_hand_counts_again_from_there(tmp_path):
    store = JournalStore(tmp_path, ID, NOW_NS)
    store.received(2, THEIR_LOGON, NOW_NS)
    store.received(3, REPORT, NOW_NS)
    store.set_next_in(2, NOW_NS)
    store.close()
    (side,) = read_sides(tmp_path)
    assert (sorted(side.received.marks), side.received.end) == ([1], 2)


@pytest.mark.parametrize(
    ("file_name", "ours", "theirs", "same"),
    [
        ("FIX.4.4-VENUE-CLIENT", "VENUE", "CLIENT", True),
        ("FIX.4.4-VENUE-CLIENT-afternoon", "VENUE", "CLIENT", True),
        ("FIX.4.4-A-B-C", "A-B", "C", True),
        ("FIX.4.4-DE_K-CLIENT", "DE#K", "CLIENT", True),
        ("FIX.4.4-VENUE-CLIENT", "VENUE", "CLIE", False),
        ("FIX.4.2-VENUE-CLIENT", "VENUE", "CLIENT", False),
    ],
)
def test_without_a_message_the_name_of_the_files_tells(tmp_path, file_name, ours, theirs, same):
    side = Side(tmp_path, file_name, None, file_name)
    assert side.is_of(SessionId("FIX.4.4", ours, theirs)) is same


def test_a_message_tells_more_than_a_name(tmp_path):
    write_quickfix(tmp_path, flavours()["C++"], "FIX.4.4-VENUE-CLIENT-BOND")
    (side,) = read_sides(tmp_path)
    assert side.is_of(THEIRS)
    assert not side.is_of(SessionId("FIX.4.4", "VENUE", "CLIENT-BOND"))


def test_the_other_end_of_a_session():
    assert reverse(ID) == THEIRS
    assert reverse(THEIRS) == ID
