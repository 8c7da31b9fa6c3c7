from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.net.gathered import Gathered
from fixgate.net.records import HEAD_BYTES, RecordKind, encode_records, read_records

OUT = int(RecordKind.OUT)
SYNCED = int(RecordKind.SYNCED)


def out(number: int, message: bytes = b"x") -> tuple[int, int, int, bytes]:
    return (OUT, number, 7, message)


def read_all(data: bytes, base: int = 0) -> list[tuple[int, int, int, bytes]]:
    """Offset, kind, number and message of every record, the data beginning at ``base``."""

    def read(offset: int, size: int) -> bytes:
        return data[offset - base : offset - base + size]

    return [(at, kind, number, raw) for at, kind, number, _, raw in read_records(read, base, "f")]


def test_without_marks_a_piece_is_its_records():
    gathered = Gathered(500, marks=False)
    assert not gathered
    assert gathered.end() == 500
    gathered.waiting += [out(1), out(2)]
    assert gathered
    assert gathered.take() == encode_records([out(1), out(2)])
    assert not gathered
    assert gathered.start == 500 + 2 * (HEAD_BYTES + 1)


def test_a_piece_begins_with_a_mark_of_what_was_on_disk():
    gathered = Gathered(500, marks=True)
    assert gathered.end() == 500 + HEAD_BYTES
    gathered.waiting.append(out(1))
    assert gathered.end() == 500 + HEAD_BYTES + HEAD_BYTES + 1
    gathered.waiting.append(out(2))
    piece = gathered.take()
    assert [each[1:3] for each in read_all(piece, 500)] == [(SYNCED, 500), (OUT, 1), (OUT, 2)]
    gathered.waiting.append(out(3))
    assert read_all(gathered.take(), gathered.start)[0][1:3] == (SYNCED, 500 + len(piece))


def test_a_new_file_begins_with_its_header_and_no_mark():
    gathered = Gathered(0, marks=True, header=b"header")
    assert gathered
    assert gathered.end() == 6
    gathered.waiting.append(out(1))
    assert gathered.take() == b"header" + encode_records([out(1)])


def test_what_could_not_be_written_goes_with_the_next_piece_and_no_mark_lies():
    gathered = Gathered(500, marks=True)
    gathered.waiting.append(out(1))
    lost = gathered.take()
    gathered.waiting.append(out(2))
    gathered.put_back(lost)
    gathered.waiting.append(out(3))
    piece = gathered.take()
    found = read_all(piece, 500)
    assert [each[1:3] for each in found] == [
        (SYNCED, 500), (OUT, 1), (SYNCED, 500), (OUT, 2), (OUT, 3),
    ]  # fmt: skip
    gathered.put_back(piece)
    assert gathered.start == 500
    assert gathered.take() == piece


def test_a_new_file_that_could_not_be_made_keeps_its_header():
    gathered = Gathered(0, marks=True, header=b"header")
    gathered.waiting.append(out(1))
    for _ in range(2):
        gathered.put_back(gathered.take())
        gathered.waiting.append(out(2))
    assert gathered.take() == b"header" + encode_records([out(1), out(2), out(2)])


@pytest.mark.parametrize("marks", [False, True])
def test_it_can_be_read_where_it_will_stand(marks):
    gathered = Gathered(100, marks=marks)
    gathered.waiting.append(out(1, b"one"))
    at = gathered.end()
    gathered.waiting.append(out(2, b"two"))
    assert gathered.read(at, 1000) == encode_records([out(2, b"two")])
    assert gathered.read(at + 5, 3) == encode_records([out(2, b"two")])[5:8]
    assert gathered.read(at + 1000, 3) == b""


STEPS = st.lists(st.one_of(st.integers(1, 40), st.just("take"), st.just("fail")), max_size=40)


@given(STEPS, st.booleans())
@settings(deadline=None, max_examples=200)
def test_records_stand_where_end_said(steps, marks):
    gathered = Gathered(100, marks=marks)
    file = b""
    told = {}
    number = 0
    for step in steps:
        if step == "take":
            file += gathered.take()
        elif step == "fail":
            lost = gathered.take()
            gathered.waiting.append(out(number := number + 1))
            if lost:
                gathered.put_back(lost)
        else:
            told[number + 1] = gathered.end()
            gathered.waiting.append(out(number := number + 1, b"m" * step))
    file += gathered.take()
    found = read_all(file, 100)
    assert [each[2] for each in found if each[1] == OUT] == list(range(1, number + 1))
    places = {each[2]: each[0] for each in found if each[1] == OUT}
    assert {n: places[n] for n in told} == told
    assert all(each[2] <= each[0] for each in found if each[1] == SYNCED)
