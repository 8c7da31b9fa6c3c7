"""The power goes at every instant: what is on the disk then, and what the store makes of it.

The judge knows what had been released, that is sent, by then, and every message that was ever
written; the store may have lost a suffix of what was not released, and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import random
from pathlib import Path

import pytest

from fixgate.errors import StoreError
from fixgate.net.journal import JournalStore
from fixgate.net.settings import Durability
from tests.crash.filelayer import RecordingOs
from tests.net.stores import ID, NOW_NS, ByHand, folder_of, machine_stopped

IMAGES = int(os.environ.get("FIXGATE_IMAGES", "10000"))

State = tuple[int, int, int]
"""Generation, next out, next in."""


class Run:
    """A store that is used for a while, every operation on files recorded."""

    def __init__(self, root: Path, durability: Durability, rng: random.Random) -> None:
        self.root = root
        self.durability = durability
        self.rng = rng
        self.os = RecordingOs(root)
        self.commits = ByHand()
        self.sent: dict[tuple[int, int], bytes] = {}
        self.states: list[State] = [(1, 1, 1)]
        # After so many operations so many of the states had been released.
        self.released: list[tuple[int, int]] = [(0, 0)]
        self.waiting: list[tuple[int, int]] = []

    def open(self) -> JournalStore:
        store = JournalStore(
            self.root / "store", ID, NOW_NS, durability=self.durability,
            commits=self.commits if self.durability is Durability.GROUP else None,
        )  # fmt: skip
        store.watch(self.stored)
        assert store.recovered is None
        return store

    def note(self, store: JournalStore) -> None:
        self.states.append((store.generation, store.next_out, store.next_in))

    def release(self, state: int) -> None:
        self.released.append((len(self.os.ops), state))

    def stored(self, number: int, error: BaseException | None) -> None:
        assert error is None
        while self.waiting and self.waiting[0][0] <= number:
            self.release(self.waiting.pop(0)[1])

    def turn(self, store: JournalStore) -> None:
        rng = self.rng
        for _ in range(rng.randrange(1, 4)):
            if rng.random() < 0.3:
                store.received(store.next_in + 1, rng.randbytes(rng.randrange(1, 90)), NOW_NS)
            else:
                message = rng.randbytes(rng.randrange(1, 200))
                self.sent[store.generation, store.next_out] = message
                store.sent(store.next_out, message, NOW_NS)
            self.note(store)
        number = store.flush()
        if number:
            self.waiting.append((number, len(self.states) - 1))
        else:
            self.release(len(self.states) - 1)
        while self.commits.waiting and rng.random() < 0.5:
            self.commits.land()

    def play(self) -> None:
        for _ in range(2):
            store = self.open()
            for _ in range(self.rng.randrange(2, 6)):
                self.turn(store)
            if self.rng.random() < 0.7:
                store.reset(NOW_NS)
                self.note(store)
                for _ in range(self.rng.randrange(1, 4)):
                    self.turn(store)
            store.close()
            self.release(len(self.states) - 1)
            self.commits.waiting.clear()

    # The judge.

    def released_at(self, at: int) -> int:
        return max(state for ops, state in self.released if ops <= at)

    def judge(self, store: JournalStore, at: int) -> None:
        state = (store.generation, store.next_out, store.next_in)
        place = len(self.states) - 1 - self.states[::-1].index(state)
        assert place >= self.released_at(at), "something that was sent is lost"
        for number, message in store.messages(1, store.next_out):
            assert self.sent[store.generation, number] == message
        held = [number for number, _ in store.messages(1, store.next_out)]
        assert held == list(range(1, store.next_out))


@pytest.fixture
def recorded(monkeypatch, tmp_path):
    def record(durability: Durability, seed: int) -> Run:
        root = tmp_path / f"run-{seed}"
        root.mkdir()
        run = Run(root, durability, random.Random(seed))
        with monkeypatch.context() as patch:
            for module in ("segments", "lock"):
                patch.setattr(f"fixgate.net.{module}.os", run.os)
            run.play()
        return run

    return record


def put(image: dict[str, bytes], root: Path) -> None:
    for name, data in image.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    # The lock is of the start of the machine before this one, if it is whole.
    with contextlib.suppress(OSError, ValueError, KeyError):
        machine_stopped(folder_of(root / "store"))


@pytest.mark.timeout(60 + IMAGES // 50)
@pytest.mark.parametrize("durability", [Durability.GROUP, Durability.EACH])
def test_what_was_sent_is_there_whenever_the_power_goes(
    recorded, tmp_path, durability, monkeypatch
):
    # Of the images themselves nothing has to reach the disk.
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    monkeypatch.setattr(os, "fdatasync", lambda fd: None)
    seed = int(os.environ.get("FIXGATE_SEED", random.randrange(1 << 32)))
    print(f"FIXGATE_IMAGES={IMAGES} FIXGATE_SEED={seed}")
    images = cut = 0
    while images < IMAGES // 2:
        run = recorded(durability, seed)
        for at in range(len(run.os.ops) + 1):
            for image in run.os.images(at):
                root = tmp_path / "image"
                put(image, root)
                store = JournalStore(root / "store", ID, NOW_NS, durability=durability)
                try:
                    run.judge(store, at)
                    cut += store.recovered is not None
                finally:
                    store.close()
                for path in sorted(root.rglob("*"), reverse=True):
                    path.rmdir() if path.is_dir() else path.unlink()
                images += 1
        seed += 1
    assert cut > images // 10
    print(f"{images} images, {cut} of them with something to cut")


def test_without_syncs_a_power_cut_is_noticed_or_loses_a_suffix(recorded, tmp_path):
    """`os` promises nothing here but that what is there is not made up."""
    run = recorded(Durability.OS, 4)
    places = set()
    for image in run.os.images(len(run.os.ops)):
        root = tmp_path / "image"
        put(image, root)
        try:
            store = JournalStore(root / "store", ID, NOW_NS)
        except StoreError as error:
            places.add(error.path.startswith(str(root)))
        else:
            assert (store.generation, store.next_out, store.next_in) in run.states
            for number, message in store.messages(1, store.next_out):
                assert run.sent[store.generation, number] == message
            store.close()
        for path in sorted(root.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    assert places == {True}
