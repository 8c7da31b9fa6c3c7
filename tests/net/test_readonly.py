from __future__ import annotations

import os
from pathlib import Path

import pytest

from fixgate.errors import StoreError
from fixgate.net import readonly
from fixgate.net.journal import JournalStore
from fixgate.net.readonly import ReadOnlyFolder, find_stores, read_session_id
from fixgate.net.records import Torn
from fixgate.session.settings import SessionId
from tests.net.stores import ID, NOW_NS, folder_of, write_store

OTHER = SessionId("FIX.4.2", "CLIENT", "OTHER")


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_stores_are_found_below_and_a_store_is_itself(tmp_path):
    one = write_store(tmp_path / "venue_5001")
    two = write_store(tmp_path / "venue_5002", OTHER)
    assert find_stores(tmp_path) == [one, two]
    assert find_stores(one) == [one]
    assert find_stores(tmp_path, "->OTHER") == [two]
    (two / "00000002.journal").write_bytes(b"not a journal")
    assert find_stores(tmp_path, "FIX.4.2-CLIENT") == [two]


def test_a_store_that_is_not_there(tmp_path):
    with pytest.raises(StoreError, match="no store is here"):
        find_stores(tmp_path)
    with pytest.raises(StoreError, match="cannot be read: No such file"):
        find_stores(tmp_path / "nowhere")
    write_store(tmp_path)
    with pytest.raises(StoreError, match="no store of a session with 'NOBODY' is here"):
        find_stores(tmp_path, "NOBODY")


def test_links_are_not_followed(tmp_path):
    write_store(tmp_path / "real")
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "link").symlink_to(tmp_path / "real")
    with pytest.raises(StoreError, match="no store is here"):
        find_stores(tmp_path / "shown")


def test_reading_changes_nothing(tmp_path):
    path = write_store(tmp_path)
    before = snapshot(path)
    with ReadOnlyFolder(path) as folder:
        assert folder.generations() == ([1, 2], [])
        folder.holder()
        folder.audit()
        with folder.segment(2) as segment:
            assert len(list(segment.records(segment.header().size))) == 4
    assert snapshot(path) == before


def test_a_held_store_is_seen_and_stays_held(tmp_path):
    store = JournalStore(tmp_path, ID, NOW_NS)
    with ReadOnlyFolder(folder_of(tmp_path)) as folder:
        holder, held = folder.holder()
        assert holder is not None
        assert (holder.pid, held) == (os.getpid(), True)
        store.close()
        assert folder.holder() == (holder, False)


def test_a_system_that_does_not_say(tmp_path, monkeypatch):
    path = write_store(tmp_path)
    monkeypatch.setattr(readonly, "_LOCKS", str(tmp_path / "nothing"))
    with ReadOnlyFolder(path) as folder:
        assert folder.holder()[1] is None


def test_a_lock_of_a_file_system_that_shows_another_device(tmp_path, monkeypatch):
    path = write_store(tmp_path)
    inode = (path / "lock").stat().st_ino
    locks = tmp_path / "locks"
    monkeypatch.setattr(readonly, "_LOCKS", str(locks))
    line = "1: FLOCK  ADVISORY  WRITE {pid} 00:2a:{inode} 0 EOF\n"
    with ReadOnlyFolder(path) as folder:
        for pid, number, held in (
            (os.getpid(), inode, True),
            (os.getpid() + 1, inode, False),
            (os.getpid(), inode + 1, False),
        ):
            locks.write_text(
                "1: POSIX  ADVISORY  WRITE 1 00:2a:7 0 EOF\n" + line.format(pid=pid, inode=number)
            )
            assert folder.holder()[1] is held


def test_what_is_appended_meanwhile_is_not_seen_until_looked_at_again(tmp_path):
    path = write_store(tmp_path)
    with ReadOnlyFolder(path) as folder, folder.segment(2) as segment:
        assert not segment.grown()
        store = JournalStore(tmp_path, ID, NOW_NS)
        store.sent(3, b"later", NOW_NS)
        store.close()
        assert len(list(segment.records(segment.header().size))) == 4
        assert segment.grown()
        records = list(segment.records(segment.header().size))
        assert not any(isinstance(record, Torn) for record in records)
        assert len(records) == 5


def test_foreign_and_missing_files_are_told_together(tmp_path):
    path = write_store(tmp_path)
    (path / "00000001.journal").rename(path / "00000004.journal")
    (path / "notes.txt").write_text("x")
    with ReadOnlyFolder(path) as folder:
        found, wrong = folder.generations()
    assert found == [2, 4]
    assert sorted(error.reason for error in wrong) == [
        "foreign file in the folder of a store",
        "missing segment: generations 2 and 4 are here",
    ]


def test_not_a_regular_file(tmp_path):
    path = write_store(tmp_path)
    (path / "00000003.journal").mkdir()
    with (
        ReadOnlyFolder(path) as folder,
        pytest.raises(StoreError, match="not a regular file"),
        folder.segment(3),
    ):
        pass


def test_whose_store_it_is(tmp_path):
    assert read_session_id(write_store(tmp_path)) == ID
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(StoreError, match="no journal is here"):
        read_session_id(empty)
