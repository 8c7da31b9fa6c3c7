"""What a journal file is taken to say after a power cut; the rest is in test_journal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fixgate.errors import StoreError
from fixgate.net.records import RecordKind, encode_records
from fixgate.net.replay import Index, Replayed, replay
from fixgate.net.segments import Segment

OUT, SYNCED = int(RecordKind.OUT), int(RecordKind.SYNCED)


def out(number: int) -> bytes:
    return encode_records([(OUT, number, 0, b"message %d" % number)])


def mark(synced: int) -> bytes:
    return encode_records([(SYNCED, synced, 0, b"")])


def replayed(path: Path, data: bytes, unsynced_from: int | None) -> Replayed:
    path.write_bytes(data)
    segment = Segment(os.open(path, os.O_RDWR | os.O_APPEND), str(path), synced=True)
    try:
        return replay(segment, 0, unsynced_from=unsynced_from)
    finally:
        segment.close()


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "00000001.journal"


FIRST = mark(0) + out(1)
LAST = mark(len(FIRST)) + out(2) + out(3)


def holes(data: bytes) -> list[bytes]:
    """The data with each of its bytes wrong, with a hole of zeros, and in the wrong order."""
    wrong = [data[:n] + bytes([data[n] ^ 0x55]) + data[n + 1 :] for n in range(len(data))]
    zeros = [data[:n] + bytes(8) + data[n + 8 :] for n in range(0, len(data) - 8, 4)]
    return [each for each in [*wrong, *zeros, data[len(data) // 2 :] * 2] if each != data]


def test_what_had_not_reached_the_disk_is_cut_from_its_first_unsound_record(file):
    for tail in holes(LAST):
        found = replayed(file, FIRST + tail, 0)
        assert 2 <= found.next_out <= 4
        kept = file.read_bytes()
        assert (FIRST + LAST).startswith(kept)
        if found.recovered is not None and found.recovered.unsynced:
            assert found.recovered.offset == len(kept)
            assert found.recovered.cut_bytes == len(FIRST) + len(tail) - len(kept)


def test_it_says_that_it_had_not_reached_the_disk(file):
    found = replayed(file, FIRST + bytes([LAST[0] ^ 1]) + LAST[1:], 0)
    assert str(found.recovered) == (
        f"{file}: byte {len(FIRST)}: cut {len(LAST)} bytes that had not reached the disk"
    )


def test_on_a_machine_that_has_not_stopped_it_is_damage(file):
    for tail in holes(LAST):
        data = FIRST + tail
        if data[: len(FIRST + LAST)] == FIRST + LAST:
            continue
        with pytest.raises(StoreError, match="damaged record"):
            replayed(file, data, None)
        assert file.read_bytes() == data


def test_what_a_later_mark_says_was_synced_is_damage(file):
    for place in range(len(FIRST)):
        data = bytearray(FIRST + LAST)
        data[place] ^= 0x55
        with pytest.raises(StoreError, match="damaged record") as caught:
            replayed(file, bytes(data), 0)
        assert caught.value.offset is not None
        assert caught.value.offset <= place
        assert file.read_bytes() == data


def test_what_was_there_when_it_was_closed_is_damage(file):
    data = bytearray(FIRST + LAST)
    data[-1] ^= 0x55
    with pytest.raises(StoreError, match="damaged record"):
        replayed(file, bytes(data), len(data))
    assert replayed(file, bytes(data), len(data) - len(out(3))).next_out == 3


def test_a_disk_that_cannot_be_read_is_never_cut(file, monkeypatch):
    def broken(fd, size, offset):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", broken)
    with pytest.raises(StoreError, match="Input/output error"):
        replayed(file, FIRST + LAST, 0)
    assert file.read_bytes() == FIRST + LAST


def test_the_index_finds_the_last_place_at_or_before_a_number():
    index = Index()
    assert index.place(1) is None
    index.note(3, 100)
    index.note(67, 900)
    assert [index.place(n) for n in (1, 3, 66, 67, 9000)] == [100, 100, 100, 900, 900]
