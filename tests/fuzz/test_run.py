"""The long run, made short."""

from __future__ import annotations

from itertools import islice

import pytest

from fuzz import run as long_run
from fuzz.loop import Batch, Outcome
from fuzz.run import Plan, as_line, batches, outcome_of, run
from fuzz.tally import Tally
from fuzz.targets import TARGETS
from fuzz.watch import Watch


def first(plan: Plan, count: int, *, guided: bool = False) -> list[Batch]:
    return list(islice(batches(plan, guided=guided), count))


ROUND = len(long_run._ROUND)


def test_a_run_goes_on_where_another_ended():
    whole = first(Plan("s"), 40)
    assert first(Plan("s", first=17), 23) == whole[17:]
    assert {batch.target for batch in whole[:ROUND]} == set(TARGETS)
    assert [batch.number for batch in whole] == list(range(40))


def test_coverage_guides_another_target_each_round():
    guided = [batch for batch in first(Plan("s"), ROUND * ROUND, guided=True) if batch.guided]
    assert {batch.target for batch in guided} == set(TARGETS)
    assert len(guided) == ROUND
    assert all("--guided" in batch.command for batch in guided)


def test_only_what_is_asked_for():
    plan = Plan("s", targets=("log", "store"))
    assert [batch.target for batch in first(plan, 4)] == ["store", "log", "store", "log"]


def test_an_outcome_comes_whole_from_its_process():
    outcome = Outcome(Watch(inputs=3, slowest_ns=5, slowest="x"), {"path": "text"}, 2)
    assert outcome_of(as_line(outcome)) == outcome


def test_a_batch_in_a_process_of_its_own():
    outcome = long_run._in_process(Batch("qf_store", "s", 0, 20))
    assert outcome is not None
    assert outcome.watch.inputs == 20
    assert outcome.failures == {}


def test_a_process_that_breaks_is_told(capsys):
    assert long_run._in_process(Batch("nothing", "s", 0, 20)) is None
    assert "invalid choice" in capsys.readouterr().err


@pytest.fixture
def in_this_process(monkeypatch):
    """Batches that take no time: so many messages each, and now and then what is given."""
    given: dict[int, Outcome | None] = {}

    def done(batch: Batch) -> Outcome | None:
        watch = Watch(
            inputs=batch.inputs, messages=36_000, fed=40_000, framed=34_200, active=20_000
        )
        return given.get(batch.number, Outcome(watch))

    monkeypatch.setattr(long_run, "_in_process", done)
    return given


def test_enough_messages_end_it(in_this_process, capsys):
    assert run(Plan("s", messages=200_000)) == 0
    told = capsys.readouterr().out
    assert told.startswith("seed s, 1 processes, ")
    assert "216,000 mutated messages through framer and session: 0 exceptions, 0 stalls" in told
    assert "95 %" in told
    assert "to go on: make fuzz SEED=s FROM=6" in told


@pytest.mark.parametrize("guide", ["", "atheris 9"])
def test_it_says_whether_coverage_guides(in_this_process, capsys, monkeypatch, guide):
    monkeypatch.setattr(long_run, "guidance", lambda: guide)
    run(Plan("s", for_s=0))
    told = capsys.readouterr().out
    assert ("coverage guides some batches (atheris 9)" in told) == bool(guide)
    assert ("make fuzz EXTRAS=dev,fuzz" in told) != bool(guide)


def test_one_that_is_stopped_goes_on_with_what_was_not_finished(monkeypatch, capsys):
    def stopped(batch: Batch) -> Outcome:
        if batch.number == 2:
            raise KeyboardInterrupt
        return Outcome(Watch(inputs=600, messages=36_000))

    monkeypatch.setattr(long_run, "_in_process", stopped)
    assert run(Plan("a seed", jobs=1)) == 0
    told = capsys.readouterr().out
    assert "stopped" in told
    assert "make fuzz SEED='a seed' FROM=" in told


def test_time_ends_it_too(in_this_process, capsys):
    assert run(Plan("s", first=30, for_s=0)) == 0
    assert "FROM=30" in capsys.readouterr().out


def test_a_failure_is_told_with_the_command_that_plays_it(in_this_process, capsys):
    found = Outcome(Watch(inputs=600), {"/there/session/KeyError-1": "KeyError at x:1: y"}, once=1)
    in_this_process[2] = found
    in_this_process[3] = found
    in_this_process[4] = Outcome(Watch(inputs=600), {"/there/session/S": "StallError at z: slow"})
    assert run(Plan("s", messages=200_000)) == 1
    told = capsys.readouterr().out
    assert told.count("! session: KeyError at x:1: y\n") == 1
    assert "  python -m fuzz replay /there/session/KeyError-1\n" in told
    assert ": 1 exceptions, 1 stalls over 10 ms" in told
    assert "2 steps were slower than that once, and never when played again" in told


def test_a_batch_that_did_not_come_to_its_end_is_a_failure(in_this_process, capsys):
    in_this_process[0] = None
    assert run(Plan("s", messages=100_000)) == 1
    assert "! a process did not come to its end: python -m fuzz batch session s 0" in (
        capsys.readouterr().out
    )


def test_progress_of_nothing_yet():
    line = Tally().progress(1, "s")
    assert line.startswith("0 messages, 0/s, - past the framer")
