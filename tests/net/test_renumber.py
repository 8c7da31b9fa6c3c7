from __future__ import annotations

import os

import pytest

from fixgate.errors import LocalProtocolError, StoreError
from fixgate.net.audit import Numbers
from fixgate.net.journal import JournalStore
from fixgate.net.renumber import renumber
from fixgate.net.segments import Segment
from fixgate.net.survey import survey
from tests.net.stores import ID, LOGON, NOW_NS, ORDER, folder_of, write_store

LATER_NS = NOW_NS + 1_000


def move(path, *, next_out=None, next_in=None, reset=False, reason="agreed by phone"):
    return renumber(
        path, next_out=next_out, next_in=next_in, reset=reset, reason=reason, now_ns=LATER_NS
    )


def numbers(root) -> tuple[int, int, int]:
    store = JournalStore(root, ID, NOW_NS)
    found = store.generation, store.next_out, store.next_in
    store.close()
    return found


def sent(root) -> list[tuple[int, bytes]]:
    store = JournalStore(root, ID, NOW_NS)
    found = list(store.messages(1, 10**9))
    store.close()
    return found


@pytest.mark.parametrize(
    ("asked", "after"),
    [
        ({"next_out": 10}, (2, 10, 7)),
        ({"next_in": 3}, (2, 3, 3)),
        ({"next_out": 3, "next_in": 7}, (2, 3, 7)),
        ({"reset": True}, (3, 1, 1)),
        ({"reset": True, "next_out": 2}, (3, 2, 7)),
        ({"reset": True, "next_out": 1, "next_in": 9}, (3, 1, 9)),
    ],
)
def test_numbers_are_moved_and_the_trail_tells_it(tmp_path, asked, after):
    path = write_store(tmp_path)
    done = move(path, **asked)
    assert numbers(tmp_path) == after
    assert done.session_id == ID
    assert (done.entry.before, done.entry.after) == (Numbers(2, 3, 7), Numbers(*after))
    assert (done.entry.at_ns, done.entry.pid) == (LATER_NS, os.getpid())
    found = survey(path)
    assert found.audit == (done.entry,)
    assert found.damage == ()


def test_what_was_sent_is_still_there_but_for_a_reset(tmp_path):
    path = write_store(tmp_path)
    move(path, next_out=10)
    assert sent(tmp_path) == [(1, LOGON), (2, ORDER)]
    move(path, reset=True)
    assert sent(tmp_path) == []


@pytest.mark.parametrize("asked", [{"next_out": 2}, {"next_out": 0}, {"next_in": 1 << 64}])
def test_what_cannot_be(tmp_path, asked):
    path = write_store(tmp_path)
    with pytest.raises(LocalProtocolError, match=r"MsgSeqNum\(34\)"):
        move(path, **asked)
    assert numbers(tmp_path) == (2, 3, 7)
    assert survey(path).audit == ()


def test_refused_while_somebody_has_it_in_use(tmp_path):
    path = write_store(tmp_path)
    store = JournalStore(tmp_path, ID, NOW_NS)
    with pytest.raises(StoreError, match=rf"in use by process {os.getpid()} on "):
        move(path, next_out=10)
    store.close()
    assert survey(path).audit == ()


def test_a_copy_under_another_name_is_refused(tmp_path):
    path = write_store(tmp_path).rename(tmp_path / "copy")
    with pytest.raises(StoreError, match="the folder's name should be"):
        move(path, next_out=10)
    assert not folder_of(tmp_path).exists()


def test_without_a_trail_nothing_is_moved(tmp_path):
    path = write_store(tmp_path)
    (path / "audit.jsonl").mkdir()
    with pytest.raises(StoreError, match="cannot write"):
        move(path, next_out=10)
    assert numbers(tmp_path) == (2, 3, 7)


def test_a_change_that_could_not_be_written_is_told_in_the_trail(tmp_path, monkeypatch):
    path = write_store(tmp_path)

    def full(segment, data):
        raise StoreError("x", "cannot write 29 bytes: No space left on device")

    monkeypatch.setattr(Segment, "append", full)
    with pytest.raises(StoreError, match="No space left"):
        move(path, next_out=10)
    monkeypatch.undo()
    assert numbers(tmp_path) == (2, 3, 7)
    asked, undone = survey(path).audit
    assert asked.after == Numbers(2, 10, 7)
    assert (undone.before, undone.after) == (Numbers(2, 3, 7), Numbers(2, 3, 7))
    assert undone.reason == "not done: cannot write 29 bytes: No space left on device"


def test_a_torn_record_is_cut_and_told(tmp_path):
    path = write_store(tmp_path, killed=True)
    file = path / "00000002.journal"
    file.write_bytes(file.read_bytes()[:-1])
    done = move(path, next_out=10)
    assert done.recovered is not None
    assert done.entry.before == Numbers(2, 3, 2)


@pytest.mark.parametrize("damage", ["flipped", "shorter", "gone"])
def test_a_damaged_store_goes_on_in_a_new_generation_with_numbers_that_are_given(tmp_path, damage):
    path = write_store(tmp_path)
    file = path / "00000002.journal"
    data = file.read_bytes()
    if damage == "flipped":
        file.write_bytes(data[:-30] + b"\xff" + data[-29:])
    elif damage == "shorter":
        file.write_bytes(data[:-30])
    else:
        file.unlink()
    for given in ({}, {"next_out": 90}, {"reset": True}, {"reset": True, "next_in": 9}):
        with pytest.raises(StoreError):
            move(path, **(given or {"next_in": 9}))
    done = move(path, reset=True, next_out=90, next_in=70)
    generation = 2 if damage == "gone" else 3
    assert done.entry.after == Numbers(generation, 90, 70)
    assert numbers(tmp_path) == (generation, 90, 70)
    found = survey(path)
    assert [entry.after for entry in found.audit] == [Numbers(generation, 90, 70)]
    # What is damaged stays as it is, and is still told where that can be.
    assert bool(found.damage) is (damage != "gone")


def test_a_store_in_use_is_not_mended(tmp_path):
    path = write_store(tmp_path)
    store = JournalStore(tmp_path, ID, NOW_NS)
    with pytest.raises(StoreError, match="in use by process"):
        move(path, reset=True, next_out=90, next_in=70)
    store.close()
    assert survey(path).audit == ()
