from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.errors import StoreError
from fixgate.net.segments import Segment, StoreFolder, folder_name
from fixgate.session.settings import SessionId

HOSTILE = ["../../etc/passwd", "/abs", "", ".", "..", "\x00", "a\nb", "x" * 5000, "|", "\u2603"]


@given(st.lists(st.text(), min_size=3, max_size=7))
@settings(deadline=None, max_examples=100)
def test_a_folder_name_is_safe_whatever_the_compids_and_sub_ids(parts):
    name = folder_name(SessionId(*parts))
    assert not name.startswith(".")
    assert len(name) <= 80
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def test_folder_names_are_readable_and_differ():
    ids = [SessionId("FIX.4.4", ours, theirs) for ours in HOSTILE for theirs in HOSTILE]
    assert len({folder_name(i) for i in ids}) == len(ids)
    assert folder_name(SessionId("FIX.4.4", "VENUE", "ACME")).startswith("FIX.4.4-VENUE-ACME-")
    # A sub-id is part of who speaks; a session without any keeps the name it has always had.
    plain, desk = SessionId("FIX.4.4", "V", "A"), SessionId("FIX.4.4", "V", "A", our_sub_id="D")
    assert folder_name(plain) == "FIX.4.4-V-A-1481c8dc"
    site = SessionId("FIX.4.4", "V", "A", our_location_id="D")
    assert len({folder_name(plain), folder_name(desk), folder_name(site)}) == 3
    # The same letters, split differently, are another session.
    assert folder_name(SessionId("A", "B-C", "D")) != folder_name(SessionId("A", "B", "C-D"))


def test_hostile_names_stay_inside(tmp_path: Path):
    root = tmp_path / "root"
    for theirs in HOSTILE:
        folder = StoreFolder(root, folder_name(SessionId("FIX.4.4", "V", theirs)))
        folder.create(1, b"x").close()
        folder.close()
    assert {p.name for p in tmp_path.iterdir()} == {"root"}
    assert root.stat().st_mode & 0o777 == 0o700
    assert len(list(root.iterdir())) == len(HOSTILE)
    for made in root.iterdir():
        assert made.stat().st_mode & 0o777 == 0o700
        assert (made / "00000001.journal").stat().st_mode & 0o777 == 0o600


def test_never_follows_a_planted_link(tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "linked").symlink_to(outside)
    with pytest.raises(StoreError, match="cannot open the store"):
        StoreFolder(tmp_path / "root", "linked")
    folder = StoreFolder(tmp_path / "root", "real")
    (outside / "victim").write_text("precious")
    (tmp_path / "root" / "real" / "00000001.journal").symlink_to(outside / "victim")
    with pytest.raises(StoreError, match="cannot open"):
        folder.open(1)
    (tmp_path / "root" / "real" / "new").symlink_to(outside / "victim")
    folder.create(2, b"x").close()
    assert (outside / "victim").read_text() == "precious"
    folder.close()


def test_a_pipe_in_place_of_a_segment_neither_hangs_nor_passes(tmp_path: Path):
    folder = StoreFolder(tmp_path, "s")
    os.mkfifo(tmp_path / "s" / "00000001.journal")
    with pytest.raises(StoreError, match="not a regular file"):
        folder.open(1)
    folder.close()


def test_generations_are_in_order_and_without_a_hole(tmp_path: Path):
    folder = StoreFolder(tmp_path, "s")
    assert folder.generations() == []
    for generation in (2, 3, 4):
        folder.create(generation, b"x").close()
    assert folder.generations() == [2, 3, 4]
    (tmp_path / "s" / "00000003.journal").unlink()
    with pytest.raises(StoreError, match=r"00000003\.journal: missing segment: .* 2 and 4"):
        folder.generations()
    folder.close()


@pytest.mark.parametrize("name", ["x.body", "1.journal", "000000001.journal", "00000001.journal~"])
def test_a_foreign_file_is_refused_by_name(tmp_path: Path, name):
    folder = StoreFolder(tmp_path, "s")
    (tmp_path / "s" / name).write_text("?")
    with pytest.raises(StoreError, match="foreign file") as caught:
        folder.generations()
    assert caught.value.path == str(tmp_path / "s" / name)
    folder.close()


class Disk:
    """`os.write` on a disk with little space, that writes at most a few bytes at once."""

    def __init__(self, space: int, at_once: int = 1 << 30) -> None:
        self.space = space
        self.at_once = at_once
        self._write = os.write

    def write(self, fd: int, data) -> int:
        if not self.space:
            raise OSError(errno.ENOSPC, "No space left on device")
        size = min(len(data), self.space, self.at_once)
        self.space -= size
        return self._write(fd, bytes(data[:size]))


def segment_on(tmp_path: Path, *, synced: bool = False) -> Segment:
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    fd = os.open(tmp_path / "f", flags, 0o600)
    return Segment(fd, str(tmp_path / "f"), synced=synced)


def test_short_writes_are_finished(tmp_path, monkeypatch):
    segment = segment_on(tmp_path)
    monkeypatch.setattr(os, "write", Disk(1000, at_once=3).write)
    segment.append(bytearray(b"0123456789"))
    assert (tmp_path / "f").read_bytes() == b"0123456789"
    assert segment.read(2, 3) == b"234"
    assert segment.read(8, 50) == b"89"
    segment.close()
    segment.close()


def test_a_full_disk_takes_all_or_nothing_and_may_be_tried_again(tmp_path, monkeypatch):
    segment = segment_on(tmp_path)
    segment.append(b"before")
    disk = Disk(4)
    monkeypatch.setattr(os, "write", disk.write)
    with pytest.raises(StoreError, match="byte 6: cannot write 10 bytes: No space left"):
        segment.append(b"0123456789")
    assert (tmp_path / "f").read_bytes() == b"before"
    disk.space = 100
    segment.append(b"0123456789")
    assert (tmp_path / "f").read_bytes() == b"before0123456789"
    segment.close()


def test_what_cannot_be_taken_back_is_taken_back_before_the_next_write(tmp_path, monkeypatch):
    segment = segment_on(tmp_path)
    disk = Disk(4)
    truncate = os.ftruncate
    monkeypatch.setattr(os, "write", disk.write)

    def broken(fd, size):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "ftruncate", broken)
    with pytest.raises(StoreError):
        segment.append(b"0123456789")
    assert (tmp_path / "f").read_bytes() == b"0123"
    assert segment.read(0, 10) == b""
    disk.space = 100
    with pytest.raises(StoreError, match="Input/output error"):
        segment.append(b"abc")
    monkeypatch.setattr(os, "ftruncate", truncate)
    segment.append(b"abc")
    assert (tmp_path / "f").read_bytes() == b"abc"
    segment.close()


def test_a_file_that_shrinks_in_use_is_noticed(tmp_path):
    segment = segment_on(tmp_path)
    segment.append(b"0123456789")
    os.truncate(tmp_path / "f", 5)
    with pytest.raises(StoreError, match="became shorter"):
        segment.read(0, 10)
    segment.close()
