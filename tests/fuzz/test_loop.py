"""The fuzzer finds what is planted, and believes nothing that does not happen again."""

from __future__ import annotations

import random
import signal
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixgate.session.session import Session
from fixgate.wire.framer import Framer
from fuzz import loop
from fuzz.failure import failure_of
from fuzz.loop import Batch, Judge, run_batch
from fuzz.play import Player
from fuzz.story import Story
from fuzz.targets import framer, session
from fuzz.watch import LIMIT_NS, StallError, Watch


class Raises(Framer):
    """Raises on an empty Text(58)."""

    def feed(self, data):
        found = super().feed(data)
        if b"\x0158=\x01" in data:
            raise KeyError("planted")
        return found


class Stalls(Session):
    """Thinks about every Reject for 15 ms."""

    def take(self, item, now_ns):
        events = super().take(item, now_ns)
        if any(type(event).__name__ == "RejectReceived" for event in events):
            end = time.thread_time_ns() + 15_000_000
            while time.thread_time_ns() < end:
                pass
        return events


def with_framer(kind: type[Framer]):
    """The framer's target with a framer of another kind."""
    run = partial(framer.run, kind=kind)
    return SimpleNamespace(run=run, make=framer.make, change=framer.change)


def with_session(kind: type[Session]):
    def run(data: bytes, watch: Watch) -> None:
        Player(Story.parse(data), watch, kind).play()

    return SimpleNamespace(run=run, make=session.make, change=session.change)


def judged(of, folder: Path, inputs: int, confirm=None) -> Judge:
    """Run planted faults; stalls count only where they are confirmed."""
    judge = Judge(of, "planted", folder, confirm or (lambda name, data: False))
    judge.outcome.watch.limit_ns = LIMIT_NS if confirm else 0
    run_batch(Batch("planted", "seed", 0, inputs), judge, of)
    return judge


def test_a_framer_that_raises_on_a_rare_input_is_found_and_the_input_made_small(tmp_path):
    of = with_framer(Raises)
    outcome = judged(of, tmp_path, 400).outcome
    (path,) = outcome.failures
    assert "KeyError" in outcome.failures[path]
    kept = Path(path).read_bytes()
    assert len(kept) < 40
    assert b"\x0158=\x01" in kept
    assert failure_of(of, kept, 0).kind == "KeyError"
    assert failure_of(framer, kept, 0) is None


def test_a_session_that_stalls_is_found_and_the_message_told(tmp_path):
    of = with_session(Stalls)

    def confirm(name: str, data: bytes) -> bool:
        return all(failure_of(of, data, LIMIT_NS) is not None for _ in range(3))

    outcome = judged(of, tmp_path, 12, confirm).outcome
    found = {text.partition(":")[0]: path for path, text in outcome.failures.items()}
    kept = Path(found["StallError at taking MsgType(35) '3'"]).read_bytes()
    assert b"rx 35=3" in kept
    assert kept.count(b"\n") < 5


def test_a_step_that_is_slow_only_once_is_counted_and_not_believed(tmp_path):
    asked = []
    outcome = judged(
        with_session(Stalls), tmp_path, 12, lambda name, data: bool(asked.append(data))
    ).outcome
    assert outcome.failures == {}
    assert outcome.once >= len(asked) > 0
    assert outcome.watch.slowest_ns < 15_000_000
    assert list(tmp_path.iterdir()) == []


def test_an_input_without_an_end_is_a_failure(tmp_path, monkeypatch):
    def run(data: bytes, watch: Watch) -> None:
        while True:
            pass

    monkeypatch.setattr(loop, "_HANGS_AFTER_S", 0.05)
    monkeypatch.setattr(loop, "keep", lambda of, data, failure, folder: folder / "kept")
    of = SimpleNamespace(run=run, make=lambda dice: b"for ever", change=None)
    before = signal.getsignal(signal.SIGVTALRM)
    (text,) = judged(of, tmp_path, 1).outcome.failures.values()
    assert text.startswith("HangError")
    assert signal.getsignal(signal.SIGVTALRM) == before


def test_one_cause_is_kept_once(tmp_path):
    judge = judged(with_framer(Raises), tmp_path, 800)
    assert len(judge.outcome.failures) == 1
    assert len(list((tmp_path / "planted").iterdir())) == 1


def test_the_seed_decides_every_input():
    batch = Batch("session", "s", 3, 5)
    assert [batch.dice(i).random() for i in range(5)] == [batch.dice(i).random() for i in range(5)]
    other = Batch("session", "s", 4, 5)
    assert batch.dice(0).random() != other.dice(0).random()
    assert batch.command == "python -m fuzz batch session s 3 5"


def test_a_watch_times_and_counts():
    dice = random.Random(0)
    numbers = [dice.random() for _ in range(300_000)]
    exact, other = Watch(limit_ns=1_000_000, exact=True), Watch(limit_ns=1_000_000)
    for watch in (exact, other):
        assert watch.time("adding", sum, [1, 2]) == 3
        assert watch.slowest == "adding"
    with pytest.raises(StallError, match=r"sorting took [\d.]+ ms, 1 ms are allowed"):
        exact.time("sorting", sorted, numbers)
    assert other.time("sorting", sorted, numbers) == sorted(numbers)
    assert (other.suspected, other.slowest) == ("sorting", "adding")
    assert exact.suspected == ""


def test_a_file_may_take_longer():
    watch = Watch(limit_ns=1_000_000, exact=True)
    numbers = list(range(200_000))
    assert watch.read("adding", sum, numbers) == sum(numbers)
    with pytest.raises(KeyError):
        watch.read("looking", {}.__getitem__, "nothing")
    dice = random.Random(0)
    with pytest.raises(StallError, match=r"sorting took [\d.]+ ms, 50 ms are allowed"):
        watch.read("sorting", sorted, [dice.random() for _ in range(500_000)])
