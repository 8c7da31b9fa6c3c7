"""The journal where messages survive a power cut: `group` and `each`."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from fixgate.errors import StoreError
from fixgate.net.journal import JournalStore
from fixgate.net.settings import Durability
from fixgate.session.store import MemoryStore
from tests.net.stores import ID, NOW_NS, ByHand, folder_of, machine_stopped


class Heard:
    def __init__(self, store: JournalStore) -> None:
        self.stored: list[int] = []
        self.errors: list[str] = []
        store.watch(self)

    def __call__(self, number, error):
        if error is None:
            self.stored.append(number)
        else:
            self.errors.append(str(error))


def broken(*_):
    raise OSError(errno.EIO, "Input/output error")


def open_store(root: Path, durability=Durability.GROUP, commits=None) -> JournalStore:
    return JournalStore(root, ID, NOW_NS, durability=durability, commits=commits)


def sent_in(store) -> list[tuple[int, bytes]]:
    return list(store.messages(1, 10**9))


@pytest.fixture
def syncs(monkeypatch) -> list[int]:
    """Sizes of the files that were synced, at that instant."""
    sizes: list[int] = []
    real = os.fdatasync

    def fdatasync(fd):
        sizes.append(os.fstat(fd).st_size)
        real(fd)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    return sizes


@pytest.mark.parametrize("durability", [Durability.EACH, Durability.GROUP])
def test_without_threads_a_flush_waits_for_the_disk(tmp_path, syncs, durability):
    store = open_store(tmp_path, durability)
    file = folder_of(tmp_path) / "00000001.journal"
    for number in (1, 2):
        store.sent(number, b"x", NOW_NS)
        assert store.flush() == 0
        assert syncs[-1] == file.stat().st_size
    before = len(syncs)
    assert store.flush() == 0
    assert len(syncs) == before
    store.close()


def test_a_turn_of_many_messages_is_one_sync(tmp_path, syncs):
    store = open_store(tmp_path, Durability.EACH)
    before = len(syncs)
    for number in range(1, 100):
        store.sent(number, b"x", NOW_NS)
        store.received(number + 1, b"y", NOW_NS)
    store.flush()
    assert len(syncs) == before + 1
    store.close()


def test_nothing_is_synced_where_that_is_not_asked_for(tmp_path, syncs):
    store = open_store(tmp_path, Durability.OS)
    store.sent(1, b"x", NOW_NS)
    store.reset(NOW_NS)
    store.close()
    assert syncs == []


def test_a_group_is_what_came_while_the_disk_was_busy(tmp_path):
    commits = ByHand()
    store = open_store(tmp_path, commits=commits)
    heard = Heard(store)
    numbers = []
    for number in range(1, 6):
        store.sent(number, b"m%d" % number, NOW_NS)
        numbers.append(store.flush())
    assert numbers == [1, 2, 2, 2, 2]
    assert heard.stored == []
    commits.land()
    assert heard.stored == [1]
    assert len(commits.waiting) == 1
    commits.land()
    assert heard.stored == [1, 2]
    assert commits.waiting == []
    assert store.flush() == 0
    store.close()
    store = open_store(tmp_path)
    assert [number for number, _ in sent_in(store)] == [1, 2, 3, 4, 5]
    store.close()


def test_what_is_under_way_can_be_read(tmp_path):
    commits = ByHand()
    store = open_store(tmp_path, commits=commits)
    expected = []
    for number in range(1, 201):
        message = b"m%d" % number
        store.sent(number, message, NOW_NS)
        expected.append((number, message))
        if not number % 40:
            store.flush()
        if not number % 60:
            commits.land()
        assert sent_in(store) == expected
        assert list(store.messages(number - 1, number)) == expected[-2:]
    store.close()


def test_a_message_that_only_waits_behind_another_has_its_number(tmp_path):
    commits = ByHand()
    store = open_store(tmp_path, commits=commits)
    store.sent(1, b"x", NOW_NS)
    assert store.flush() == 1
    assert store.flush() == 1
    commits.land()
    assert store.flush() == 0
    store.close()


def test_a_reset_waits_for_what_is_under_way(tmp_path):
    commits = ByHand()
    store = open_store(tmp_path, commits=commits)
    heard = Heard(store)
    store.sent(1, b"before", NOW_NS)
    store.flush()
    store.sent(2, b"gathered", NOW_NS)
    store.reset(NOW_NS)
    assert sent_in(store) == []
    store.sent(1, b"after", NOW_NS)
    assert store.flush() == 0
    assert heard.stored == [1]
    commits.land()  # the loop hears of what has been waited for: nothing more comes of it
    assert heard.stored == [1]
    store.sent(2, b"later", NOW_NS)
    assert store.flush() == 2
    assert sent_in(store) == [(1, b"after"), (2, b"later")]
    store.close()
    assert heard.stored == [1, 2]
    (folder_of(tmp_path) / "00000002.journal").unlink()
    (folder_of(tmp_path) / "lock").unlink()
    store = open_store(tmp_path)
    assert sent_in(store) == [(1, b"before"), (2, b"gathered")]
    store.close()


def test_a_disk_that_fails_is_told_and_nothing_is_lost(tmp_path, monkeypatch):
    commits = ByHand()
    store = open_store(tmp_path, commits=commits)
    heard = Heard(store)
    store.sent(1, b"first", NOW_NS)
    store.flush()
    store.sent(2, b"second", NOW_NS)
    assert store.flush() == 2

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", broken)
        commits.land()
    assert len(heard.errors) == 1
    assert "Input/output error" in heard.errors[0]
    assert commits.waiting == []
    assert sent_in(store) == [(1, b"first"), (2, b"second")]
    store.sent(3, b"third", NOW_NS)
    assert store.flush() == 2
    commits.land()
    assert heard.stored == [2]
    store.close()
    store = open_store(tmp_path)
    assert sent_in(store) == [(1, b"first"), (2, b"second"), (3, b"third")]
    assert store.recovered is None
    store.close()


def test_nobody_listens(tmp_path, monkeypatch, caplog):
    commits = ByHand()
    store = open_store(tmp_path, commits=commits)
    store.sent(1, b"x", NOW_NS)
    store.flush()
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", broken)
        commits.land()
    assert "cannot write" in caplog.text
    assert store.flush() == 2
    commits.land()
    assert store.flush() == 0
    store.close()


@pytest.mark.parametrize("synced", [Durability.EACH, Durability.GROUP])
def test_a_sync_that_fails_is_written_once_more(tmp_path, monkeypatch, synced):
    store = open_store(tmp_path, synced)
    store.sent(1, b"x", NOW_NS)
    written = []
    write = os.write

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", broken)
        with pytest.raises(StoreError, match="Input/output error"):
            store.flush()
    monkeypatch.setattr(os, "write", lambda fd, data: written.append(len(data)) or write(fd, data))
    store.flush()
    assert len(written) == 1
    store.close()
    store = open_store(tmp_path)
    assert sent_in(store) == [(1, b"x")]
    store.close()


def test_what_a_dead_process_left_unsynced_is_synced_before_anything_builds_on_it(tmp_path, syncs):
    store = open_store(tmp_path, Durability.OS)
    store.sent(1, b"x", NOW_NS)
    store.flush()
    store._abandon()
    file = folder_of(tmp_path) / "00000001.journal"
    store = open_store(tmp_path)
    assert syncs == [file.stat().st_size]
    store.close()


@pytest.mark.parametrize(
    ("durability", "recovers"), [(Durability.EACH, True), (Durability.OS, False)]
)
def test_only_who_syncs_may_cut_after_a_power_cut(tmp_path, durability, recovers):
    store = open_store(tmp_path, durability)
    store.sent(1, b"first", NOW_NS)
    store.flush()
    store.sent(2, b"second" * 10, NOW_NS)
    store.flush()
    store._abandon()
    file = folder_of(tmp_path) / "00000001.journal"
    data = bytearray(file.read_bytes())
    data[-20:-10] = bytes(10)
    file.write_bytes(data)
    lock = (folder_of(tmp_path) / "lock").read_bytes()
    with pytest.raises(StoreError, match="damaged record"):
        open_store(tmp_path)  # the machine has not stopped
    (folder_of(tmp_path) / "lock").write_bytes(lock)
    machine_stopped(folder_of(tmp_path))
    if not recovers:
        with pytest.raises(StoreError, match="damaged record"):
            open_store(tmp_path)
        return
    store = open_store(tmp_path)
    assert sent_in(store) == [(1, b"first")]
    assert store.recovered is not None
    assert store.recovered.unsynced
    store.close()


class AgainstMemory(RuleBasedStateMachine):
    """However slow or broken the disk, the journal says what the memory says."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="journal-"))
        self.memory = MemoryStore()
        self.commits = ByHand()
        self.journal = open_store(self.root, commits=self.commits)
        self.broken = False
        self.patch = pytest.MonkeyPatch()
        real = os.fdatasync

        def fdatasync(fd):
            if self.broken:
                raise OSError(errno.EIO, "Input/output error")
            real(fd)

        self.patch.setattr(os, "fdatasync", fdatasync)

    def both(self):
        return self.memory, self.journal

    @rule(count=st.integers(1, 140), received=st.booleans())
    def send(self, count, received):
        for _ in range(count):
            number = self.memory.next_out
            for store in self.both():
                store.sent(number, b"m%d" % number, NOW_NS)
                if received:
                    store.received(number, b"theirs", NOW_NS)

    @rule(skip=st.integers(0, 1000))
    def move_out(self, skip):
        number = self.memory.next_out + skip
        for store in self.both():
            store.set_next_out(number, NOW_NS)

    @rule()
    def reset(self):
        for store in self.both():
            store.reset(NOW_NS)

    @rule()
    def flush(self):
        if not self.broken:
            self.journal.flush()

    @rule(broken=st.booleans())
    def land(self, broken):
        if self.commits.waiting:
            self.broken = broken
            self.commits.land()
            self.broken = False

    @rule()
    def restart(self):
        self.journal.close()
        self.commits.waiting.clear()
        self.journal = open_store(self.root, commits=self.commits)
        assert self.journal.recovered is None

    @invariant()
    def same(self):
        assert self.journal.next_out == self.memory.next_out
        assert self.journal.next_in == self.memory.next_in
        assert sent_in(self.journal) == sent_in(self.memory)

    def teardown(self):
        self.journal.close()
        self.patch.undo()
        shutil.rmtree(self.root)


def test_says_what_the_memory_says():
    run_state_machine_as_test(
        AgainstMemory, settings=settings(deadline=None, max_examples=60, stateful_step_count=30)
    )
