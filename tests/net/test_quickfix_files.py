from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.errors import StoreError
from fixgate.net.quickfix_files import find_quickfix, read_bodies
from tests.net.quickfix_stores import FIRST, NAME, REPORT, THEIR_LOGON, flavours, write_quickfix

ENGINES = list(flavours())


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_is_read(tmp_path, engine):
    files = flavours()[engine]
    (found,) = find_quickfix(write_quickfix(tmp_path, files))
    assert (found.name, found.begin_string) == (NAME, "FIX.4.4")
    assert (found.next_sender, found.next_target) == (3, 5)
    assert found.since.startswith(("20260101-09:00:00", "2026-01-01T09:00:00Z"))
    assert list(read_bodies(found)) == [(1, THEIR_LOGON), (2, REPORT)]


def test_a_folder_of_something_else(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    assert find_quickfix(tmp_path) == []
    with pytest.raises(StoreError, match="cannot be read"):
        find_quickfix(tmp_path / "nowhere")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_store_without_messages(tmp_path, engine):
    files = flavours()[engine]
    del files["header"], files["body"]
    (found,) = find_quickfix(write_quickfix(tmp_path, files))
    assert list(read_bodies(found)) == []


def test_an_engine_that_was_killed_before_its_first_number(tmp_path):
    files = flavours()["/J"] | {"senderseqnums": b""}
    del files["targetseqnums"], files["session"]
    (found,) = find_quickfix(write_quickfix(tmp_path, files))
    assert (found.next_sender, found.next_target, found.since) == (1, 1, "")


def test_zeros_behind_a_shorter_number_are_no_part_of_it(tmp_path):
    files = flavours()["C++"] | {"seqnums": b"0000000003 : 0000000005\0\0\0"}
    (found,) = find_quickfix(write_quickfix(tmp_path, files))
    assert (found.next_sender, found.next_target) == (3, 5)


@pytest.mark.parametrize(
    ("engine", "ending", "data", "received"),
    [
        ("C++", "seqnums", b"", "received nothing"),
        ("C++", "seqnums", bytes(43), "received 43 bytes of zero"),
        ("C++", "seqnums", b"3", "received b'3'"),
        ("C++", "seqnums", b"-3 : 5", "received b'-3 : 5'"),
        ("C++", "seqnums", b"12 : abc", "received b'12 : abc'"),
        ("C++", "seqnums", b"1\x1b" * 30, "received b'" + "1\\x1b" * 21 + "1'..."),
        ("Go", "senderseqnums", b"three", "received b'three'"),
        ("/J", "targetseqnums", b"\0\3abc", "received b'\\x00\\x03abc'"),
        ("/J", "targetseqnums", bytes(43), "received 43 bytes of zero"),
    ],
)
def test_numbers_that_are_none(tmp_path, engine, ending, data, received):
    write_quickfix(tmp_path, flavours()[engine] | {ending: data})
    write_quickfix(tmp_path, flavours()[engine], "FIX.4.4-VENUE-OTHER")
    found, other = find_quickfix(tmp_path)
    (damage,) = found.damage
    assert (damage.path, damage.offset) == (str(tmp_path / f"{NAME}.{ending}"), 0)
    assert damage.reason.endswith(f"; {received}")
    assert None in (found.next_sender, found.next_target)
    assert list(read_bodies(found)) == [(1, THEIR_LOGON), (2, REPORT)]
    assert (other.next_sender, other.next_target, other.damage) == (3, 5, ())


@pytest.mark.parametrize("engine", ENGINES)
def test_a_session_file_that_is_too_long_stops_nobody(tmp_path, engine):
    write_quickfix(tmp_path, flavours()[engine] | {"session": b"2" * 4_000})
    (found,) = find_quickfix(tmp_path)
    assert (found.next_sender, found.next_target, found.damage) == (3, 5, ())


@pytest.mark.parametrize(
    ("engine", "header", "offset"),
    [
        ("C++", b"1,0,10 nonsense", 7),
        ("C++", b"x" * 10_000, 0),
        ("C++", b"0,0,10 ", 0),
        ("C++", b"1,0,999999999 ", 0),
        ("C++", b"1,0,100000000000000 ", 0),
        ("C++", b"1,99999999999999999999,1 ", 0),
        ("/J", bytes(15) + b"\1", 0),
        ("/J", b"\0\0\0\1" + bytes(11) + b"\1" + b"\0\0", 16),
    ],
)
def test_a_damaged_header_is_told_with_its_byte(tmp_path, engine, header, offset):
    (found,) = find_quickfix(write_quickfix(tmp_path, flavours()[engine] | {"header": header}))
    with pytest.raises(StoreError) as caught:
        list(read_bodies(found))
    assert caught.value.path == str(tmp_path / f"{NAME}.header")
    assert caught.value.offset == offset


def test_a_last_entry_without_its_end(tmp_path):
    header = b"1,0,%d\n2,%d,%d" % (len(THEIR_LOGON), len(THEIR_LOGON), len(REPORT))
    (found,) = find_quickfix(write_quickfix(tmp_path, flavours()["Go"] | {"header": header}))
    assert list(read_bodies(found)) == [(1, THEIR_LOGON), (2, REPORT)]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_body_that_is_shorter_than_its_header_says(tmp_path, engine):
    (found,) = find_quickfix(write_quickfix(tmp_path, flavours()[engine] | {"body": THEIR_LOGON}))
    bodies = read_bodies(found)
    assert next(bodies) == (1, THEIR_LOGON)
    with pytest.raises(StoreError, match=r"has 0 bytes of the 84 of MsgSeqNum\(34\) 2, by byte"):
        next(bodies)


@pytest.mark.parametrize("engine", ENGINES)
def test_half_a_body(tmp_path, engine):
    half = THEIR_LOGON + REPORT[: len(REPORT) // 2]
    (found,) = find_quickfix(write_quickfix(tmp_path, flavours()[engine] | {"body": half}))
    bodies = read_bodies(found)
    assert next(bodies) == (1, THEIR_LOGON)
    told = (
        r"byte 63: the file has 42 bytes of the 84 of MsgSeqNum\(34\) 2, by byte \d+ of its header"
    )
    with pytest.raises(StoreError, match=told):
        next(bodies)


def test_a_place_that_no_file_reaches(tmp_path):
    header = b"1,0,%d 2,100000000000000,10 " % FIRST
    (found,) = find_quickfix(write_quickfix(tmp_path, flavours()["C++"] | {"header": header}))
    with pytest.raises(StoreError, match="byte 100000000000000: the file has 0 bytes of the 10 of"):
        list(read_bodies(found))


def test_a_header_longer_than_a_read(tmp_path):
    count = 40_000
    files = flavours()["C++"]
    files["header"] = b"".join(b"%d,0,1 " % n for n in range(1, count + 1))
    (found,) = find_quickfix(write_quickfix(tmp_path, files))
    assert [number for number, _ in read_bodies(found)] == list(range(1, count + 1))


PIECES = st.sampled_from([b"1", b"0", b"9" * 20, b",", b" ", b":", b"\n", b"\0", b"\xff", b"x"])
ANY = st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=30).map(b"".join))


@given(
    st.sampled_from(ENGINES),
    st.dictionaries(
        st.sampled_from(["seqnums", "senderseqnums", "targetseqnums", "session", "header", "body"]),
        ANY,
    ),
)
@settings(deadline=None, max_examples=200)
def test_whatever_the_bytes_only_a_store_error_is_raised(engine, changed):
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(StoreError):
        write_quickfix(Path(folder), flavours()[engine] | changed)
        for found in find_quickfix(Path(folder)):
            list(read_bodies(found))
