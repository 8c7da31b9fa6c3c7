from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from fixgate.errors import LocalProtocolError, StoreError
from fixgate.net.journal import JournalStore
from fixgate.net.segments import folder_name
from fixgate.session.settings import SessionId
from fixgate.session.store import MemoryStore

ID = SessionId("FIX.4.4", "VENUE", "ACME")
NOW_NS = 1_700_000_000_000_000_000
NOBODY = 65534
NOT_ENOUGH = (0o500, 0o600, 0o400)  # of what a store needs: it writes, enters and reads


def open_store(root: Path, session_id: SessionId = ID) -> JournalStore:
    return JournalStore(root, session_id, NOW_NS)


def folder_of(root: Path) -> Path:
    return root / folder_name(ID)


def sent_in(store, begin: int = 1, end: int = 10**9) -> list[tuple[int, bytes]]:
    return list(store.messages(begin, end))


def test_a_new_store_starts_at_one(tmp_path):
    store = open_store(tmp_path)
    assert (store.next_out, store.next_in, store.generation) == (1, 1, 1)
    assert sent_in(store) == []
    store.close()
    store.close()


def test_everything_is_there_again_after_a_restart(tmp_path):
    store = open_store(tmp_path)
    store.sent(1, b"logon", NOW_NS)
    store.received(2, b"their logon", NOW_NS)
    store.set_next_out(5, NOW_NS)
    store.sent(5, b"fill", NOW_NS)
    store.set_next_in(40, NOW_NS)
    store.close()
    store = open_store(tmp_path)
    assert (store.next_out, store.next_in) == (6, 40)
    assert sent_in(store) == [(1, b"logon"), (5, b"fill")]
    assert store.recovered is None
    store.close()


def test_what_was_flushed_survives_without_a_close(tmp_path):
    store = open_store(tmp_path)
    store.sent(1, b"kept", NOW_NS)
    store.flush()
    store.sent(2, b"gathered only", NOW_NS)
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / folder_name(ID), copy / folder_name(ID))
    after = open_store(copy)
    assert sent_in(after) == [(1, b"kept")]
    after.close()
    store.close()


def test_one_flush_is_one_write(tmp_path, monkeypatch):
    store = open_store(tmp_path)
    writes = []
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: writes.append(1) or write(fd, data))
    store.received(2, b"order", NOW_NS)
    store.sent(1, b"report", NOW_NS)
    store.sent(2, b"report", NOW_NS)
    store.flush()
    store.flush()
    assert len(writes) == 1
    store.close()


def test_a_reset_starts_a_new_generation_and_keeps_the_old_file(tmp_path):
    store = open_store(tmp_path)
    store.sent(1, b"before", NOW_NS)
    store.reset(NOW_NS)
    store.sent(1, b"after", NOW_NS)
    assert sent_in(store) == [(1, b"after")]
    store.flush()
    store.sent(2, b"later", NOW_NS)
    assert sent_in(store) == [(1, b"after"), (2, b"later")]
    store.close()
    names = sorted(p.name for p in folder_of(tmp_path).iterdir())
    assert names == ["00000001.journal", "00000002.journal", "lock"]
    store = open_store(tmp_path)
    assert (store.generation, store.next_out) == (2, 3)
    assert sent_in(store) == [(1, b"after"), (2, b"later")]
    store.close()


def test_it_says_since_when_its_numbers_run(tmp_path):
    store = open_store(tmp_path)
    store.sent(1, b"x", NOW_NS + 5)
    assert store.since_ns == NOW_NS
    store.reset(NOW_NS + 10)
    assert store.since_ns == NOW_NS + 10
    store.close()
    store = JournalStore(tmp_path, ID, NOW_NS + 20)
    assert store.since_ns == NOW_NS + 10
    store.close()


def test_a_restart_of_the_numbers_that_was_not_flushed_falls_due_again(tmp_path):
    store = open_store(tmp_path)
    store.sent(1, b"x", NOW_NS)
    store.flush()
    store.reset(NOW_NS + 10)
    copy = tmp_path / "copy"
    shutil.copytree(folder_of(tmp_path), copy / folder_name(ID))
    after = JournalStore(copy, ID, NOW_NS + 20)
    assert (after.since_ns, after.next_out) == (NOW_NS, 2)
    after.close()
    store.close()


def test_several_resets_in_one_turn(tmp_path):
    store = open_store(tmp_path)
    for generation in range(2, 6):
        store.sent(1, b"%d" % generation, NOW_NS)
        store.reset(NOW_NS)
        assert store.generation == generation
    store.sent(1, b"last", NOW_NS)
    store.flush()
    assert sent_in(store) == [(1, b"last")]
    store.close()
    store = open_store(tmp_path)
    assert store.generation == 5
    assert sent_in(store) == [(1, b"last")]
    store.close()


def test_a_stream_of_messages_ends_at_a_reset(tmp_path):
    store = open_store(tmp_path)
    for number in range(1, 5):
        store.sent(number, b"x", NOW_NS)
    stream = store.messages(1, 9)
    assert next(stream) == (1, b"x")
    store.flush()
    assert next(stream) == (2, b"x")
    store.reset(NOW_NS)
    assert list(stream) == []
    store.close()


def test_ranges_by_the_index(tmp_path):
    store = open_store(tmp_path)
    numbers = [n for n in range(1, 1001) if n % 7]
    for number in numbers:
        if number > store.next_out:
            store.set_next_out(number, NOW_NS)
        store.sent(number, b"m%d" % number, NOW_NS)
        store.received(number + 1, b"theirs", NOW_NS)
        if not number % 100:
            store.flush()
    for begin, end in [(1, 1), (7, 7), (64, 129), (500, 499), (990, 5000), (0, 3), (1001, 1002)]:
        expected = [(n, b"m%d" % n) for n in numbers if begin <= n <= end]
        assert sent_in(store, begin, end) == expected
    store.close()


def test_a_number_is_never_used_twice(tmp_path):
    store = open_store(tmp_path)
    store.sent(1, b"x", NOW_NS)
    with pytest.raises(LocalProtocolError, match=r"MsgSeqNum\(34\) 1 was used before"):
        store.sent(1, b"y", NOW_NS)
    with pytest.raises(LocalProtocolError, match="cannot go back from 2 to 1"):
        store.set_next_out(1, NOW_NS)
    with pytest.raises(LocalProtocolError, match="does not fit 64 bits"):
        store.received(1 << 64, b"", NOW_NS)
    assert (store.next_out, store.next_in) == (2, 1)
    store.close()


def test_numbers_have_64_bits(tmp_path):
    store = open_store(tmp_path)
    store.set_next_out(2**63 + 5, NOW_NS)
    store.sent(2**63 + 5, b"far", NOW_NS)
    store.set_next_in(2**64 - 1, NOW_NS)
    store.close()
    store = open_store(tmp_path)
    assert (store.next_out, store.next_in) == (2**63 + 6, 2**64 - 1)
    assert sent_in(store, 2**63, 2**64) == [(2**63 + 5, b"far")]
    store.close()


# --- damage -------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path) -> Path:
    """A small store of three messages each way, of a killed process; its only segment."""
    store = open_store(tmp_path)
    for number in (1, 2, 3):
        store.sent(number, b"ours %d" % number, NOW_NS)
        store.received(number + 1, b"theirs", NOW_NS)
    store.flush()
    store._abandon()
    return folder_of(tmp_path) / "00000001.journal"


def prefix_of(store: JournalStore) -> tuple[int, int, list[tuple[int, bytes]]]:
    return store.next_out, store.next_in, sent_in(store)


LEGAL = [(1, 1, [])]
for _n in (1, 2, 3):
    LEGAL.append((_n + 1, _n, [(i, b"ours %d" % i) for i in range(1, _n + 1)]))
    LEGAL.append((_n + 1, _n + 1, [(i, b"ours %d" % i) for i in range(1, _n + 1)]))


def test_every_truncation_is_a_legal_prefix_or_refused(small, tmp_path):
    whole = small.read_bytes()
    lock = folder_of(tmp_path) / "lock"
    killed = lock.read_bytes()
    found = []
    for size in range(len(whole)):
        small.write_bytes(whole[:size])
        lock.write_bytes(killed)
        try:
            store = open_store(tmp_path)
        except StoreError as error:
            found.append((error.path, error.offset, "are missing" in error.reason))
            continue
        prefix = prefix_of(store)
        assert prefix in LEGAL
        found.append(LEGAL.index(prefix))
        if store.recovered:
            assert store.recovered.path == str(small)
            assert store.recovered.offset + store.recovered.cut_bytes == size
        # What was cut is gone for good: the store goes on from there.
        store.sent(store.next_out, b"next", NOW_NS)
        store.close()
        again = open_store(tmp_path)
        assert again.next_out == prefix[0] + 1
        assert again.recovered is None
        again.close()
    header = found.index(0)
    assert found[:header] == [(str(small), size, True) for size in range(header)]
    assert found[header:] == sorted(found[header:])


def test_a_store_that_was_closed_may_not_become_shorter(small, tmp_path):
    open_store(tmp_path).close()
    whole = small.read_bytes()
    for size in (0, 1, len(whole) - 1):
        small.write_bytes(whole[:size])
        with pytest.raises(StoreError, match=f"it was {len(whole)} bytes long") as caught:
            open_store(tmp_path)
        assert (caught.value.path, caught.value.offset) == (str(small), size)


def test_every_flipped_byte_is_refused_with_its_place(small, tmp_path):
    whole = small.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x41
        small.write_bytes(damaged)
        with pytest.raises(StoreError) as caught:
            open_store(tmp_path)
        assert caught.value.path == str(small)
        assert caught.value.offset is not None
        assert caught.value.offset <= place
    small.write_bytes(whole)
    open_store(tmp_path).close()


def test_damage_found_while_resending_is_refused(small, tmp_path):
    store = open_store(tmp_path)
    data = bytearray(small.read_bytes())
    data[-1] ^= 1
    small.write_bytes(data)
    with pytest.raises(StoreError, match="bad checksum"):
        sent_in(store)
    store.close()


@pytest.mark.parametrize("gone", ["newest", "all"])
def test_a_missing_segment_is_refused_and_nothing_restarts_at_one(tmp_path, gone):
    store = open_store(tmp_path)
    store.sent(1, b"x", NOW_NS)
    store.reset(NOW_NS)
    store.close()
    for generation in (1, 2) if gone == "all" else (2,):
        (folder_of(tmp_path) / f"{generation:08d}.journal").unlink()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"00000002\.journal: missing segment"):
            open_store(tmp_path)


def test_archived_generations_are_not_missed(tmp_path):
    store = open_store(tmp_path)
    store.reset(NOW_NS)
    store.close()
    (folder_of(tmp_path) / "00000001.journal").unlink()
    store = open_store(tmp_path)
    assert store.generation == 2
    store.close()


def test_the_store_of_another_session_is_refused(small, tmp_path):
    other = SessionId("FIX.4.4", "VENUE", "OTHER")
    shutil.copytree(folder_of(tmp_path), tmp_path / folder_name(other))
    with pytest.raises(StoreError, match=r"another session: 'FIX.4.4 VENUE ACME'.* VENUE OTHER'"):
        open_store(tmp_path, other)


def test_a_renamed_segment_is_refused(small, tmp_path):
    small.rename(small.with_name("00000002.journal"))
    with pytest.raises(StoreError, match="generation 1 by its header, 2 by its name"):
        open_store(tmp_path)


def test_numbers_that_go_backwards_are_refused(tmp_path, small):
    data = small.read_bytes()
    store = open_store(tmp_path)
    header = store._index.place(1)
    store.close()
    small.write_bytes(data + data[header:])
    with pytest.raises(StoreError, match=r"MsgSeqNum\(34\) goes backwards: 1 after 3") as caught:
        open_store(tmp_path)
    assert caught.value.offset == len(data)


# --- one process, and what it may not do ----------------------------------------------------


def test_a_second_opener_is_refused_by_name(tmp_path):
    store = open_store(tmp_path)
    with pytest.raises(StoreError, match=f"in use by process {os.getpid()} "):
        open_store(tmp_path)
    store.close()
    open_store(tmp_path).close()


def test_a_forked_child_neither_writes_nor_keeps_the_store(tmp_path):
    store = open_store(tmp_path)
    store.sent(1, b"parent", NOW_NS)
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            store.flush()
        except StoreError:
            os.write(writer, b"refused")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 100) == b"refused"
    os.close(reader)
    os.close(writer)
    store.close()
    store = open_store(tmp_path)
    assert sent_in(store) == [(1, b"parent")]
    store.close()


def test_a_full_disk_refuses_the_turn_and_goes_on_when_there_is_space(tmp_path, monkeypatch):
    store = open_store(tmp_path)
    store.sent(1, b"kept", NOW_NS)
    store.flush()
    write = os.write

    def full(fd, data):
        if len(data) < 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(fd, bytes(data[:10]))

    monkeypatch.setattr(os, "write", full)
    store.sent(2, b"gathered" * 4, NOW_NS)
    for _ in range(3):
        with pytest.raises(StoreError, match="No space left on device"):
            store.flush()
    store.reset(NOW_NS)
    store.sent(1, b"new generation", NOW_NS)
    with pytest.raises(StoreError, match="No space left on device"):
        store.flush()
    assert sent_in(store) == [(1, b"new generation")]
    monkeypatch.setattr(os, "write", write)
    store.flush()
    store.close()
    store = open_store(tmp_path)
    assert store.generation == 2
    assert sent_in(store) == [(1, b"new generation")]
    assert store.recovered is None
    store.close()


LIMITED = """
import resource, sys
from pathlib import Path
from fixgate.errors import StoreError
from fixgate.net.journal import JournalStore
from fixgate.session.settings import SessionId
store = JournalStore(Path(sys.argv[1]), SessionId("FIX.4.4", "VENUE", "ACME"), 0)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
sent = 0
try:
    while True:
        store.sent(sent + 1, b"x" * 100, 0)
        store.flush()
        sent += 1
except StoreError as error:
    print(sent, "File too large" in str(error), flush=True)
import os
os._exit(0)
"""


def test_a_file_size_limit_leaves_whole_records_only(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=True
    )
    sent, named = done.stdout.split()
    assert named == "True"
    store = open_store(tmp_path)
    assert store.recovered is None
    assert store.next_out == int(sent) + 1
    store.close()


@contextmanager
def without_the_rights_of_root() -> Iterator[None]:
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize(("of_all", "of_one"), [(0o555, None), *((0o755, m) for m in NOT_ENOUGH)])
def test_a_folder_that_may_not_be_used_is_named(of_all, of_one):
    """Nothing can be made in it, opened in it, or found in it."""
    with tempfile.TemporaryDirectory(prefix="journal-") as name:
        root = Path(name)
        folder = folder_of(root)
        if of_one is not None:
            folder.mkdir()
            if os.geteuid() == 0:
                os.chown(folder, NOBODY, -1)
            folder.chmod(of_one)
        root.chmod(of_all)
        try:
            with (
                without_the_rights_of_root(),
                pytest.raises(StoreError, match=r"cannot open.*: Permission denied") as caught,
            ):
                open_store(root)
        finally:
            for each in (root, folder) if of_one is not None else (root,):
                each.chmod(0o700)
    assert caught.value.path == str(folder)
    assert not caught.value.full


@pytest.mark.parametrize("name", ["lock", "00000001.journal"])
def test_a_planted_link_is_refused_and_not_written_through(tmp_path, name):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder = folder_of(tmp_path)
    folder.mkdir()
    (folder / name).symlink_to(victim)
    with pytest.raises(StoreError, match=r"cannot open.*symbolic links"):
        open_store(tmp_path)
    assert victim.read_text() == "precious"


def test_a_clock_that_was_ahead_changes_no_number(tmp_path):
    ahead_ns = NOW_NS + 10 * 365 * 86_400 * 10**9
    with closing(JournalStore(tmp_path, ID, ahead_ns)) as store:
        store.sent(1, b"ours", ahead_ns)
        store.received(2, b"theirs", ahead_ns)
    for number in (2, 3):
        with closing(open_store(tmp_path)) as store:
            assert (store.next_out, store.next_in, store.since_ns) == (number, 2, ahead_ns)
            store.sent(number, b"ours", NOW_NS)
    with closing(open_store(tmp_path)) as store:
        assert sent_in(store) == [(number, b"ours") for number in (1, 2, 3)]


# --- against the store in memory --------------------------------------------------------------


class AgainstMemory(RuleBasedStateMachine):
    """Whatever is done to both, the journal says what the memory says."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="journal-"))
        self.memory = MemoryStore()
        self.journal = open_store(self.root)

    def both(self):
        return self.memory, self.journal

    @rule(message=st.binary(max_size=300))
    def send(self, message):
        number = self.memory.next_out
        for store in self.both():
            store.sent(number, message, NOW_NS)

    @rule(count=st.integers(60, 140))
    def send_many(self, count):
        for _ in range(count):
            self.send(b"m%d" % self.memory.next_out)

    @rule(message=st.binary(max_size=300))
    def receive(self, message):
        number = self.memory.next_in + 1
        for store in self.both():
            store.received(number, message, NOW_NS)

    @rule(number=st.integers(1, 10**12))
    def move_in(self, number):
        for store in self.both():
            store.set_next_in(number, NOW_NS)

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
        self.journal.flush()

    @rule()
    def restart(self):
        self.journal.close()
        self.journal = open_store(self.root)
        assert self.journal.recovered is None

    @rule(torn=st.integers(1, 28))
    def die_in_a_write(self, torn):
        self.journal.flush()
        newest = folder_of(self.root) / f"{self.journal.generation:08d}.journal"
        self.journal._abandon()
        with newest.open("ab") as file:
            file.write(b"\xa5" * torn)
        self.journal = open_store(self.root)
        assert self.journal.recovered is not None
        assert self.journal.recovered.cut_bytes == torn

    @rule(data=st.data())
    def resend(self, data):
        begin = data.draw(st.integers(0, self.memory.next_out + 2))
        end = data.draw(st.integers(begin, begin + 200))
        assert sent_in(self.journal, begin, end) == sent_in(self.memory, begin, end)

    @invariant()
    def same_numbers(self):
        assert self.journal.next_out == self.memory.next_out
        assert self.journal.next_in == self.memory.next_in

    def teardown(self):
        assert sent_in(self.journal) == sent_in(self.memory, 1, self.memory.next_out)
        self.journal.close()
        shutil.rmtree(self.root)


def test_says_what_the_memory_says():
    run_state_machine_as_test(
        AgainstMemory, settings=settings(deadline=None, max_examples=60, stateful_step_count=30)
    )
