"""A short run of every target: the same inputs each time, and some that nobody has seen."""

from __future__ import annotations

import random
from secrets import token_hex

import pytest

from fuzz.loop import Batch, Judge, run_batch
from fuzz.targets import TARGETS, target
from fuzz.watch import Watch

# Some tenths of a second each; `make fuzz` is for the rest.
INPUTS = {
    "session": 40,
    "framer": 60,
    "decoder": 60,
    "validator": 150,
    "dictionary": 300,
    "config": 30,
    "scenario": 20,
    "qf_settings": 40,
    "store": 60,
    "qf_store": 300,
    "log": 30,
    "capture": 60,
    "host": 12,
}


def played(name: str, seed: str, folder, inputs: int) -> Watch:
    of = target(name)
    judge = Judge(of, name, folder)
    judge.outcome.watch.limit_ns = 0  # a test is no place to measure in
    batch = Batch(name, seed, 0, inputs)
    print(f"seed {seed}: {batch.command}")
    outcome = run_batch(batch, judge, of)
    assert outcome.failures == {}, batch.command
    assert outcome.watch.inputs == inputs
    return outcome.watch


@pytest.mark.parametrize("name", TARGETS)
def test_the_same_inputs(name, tmp_path):
    played(name, "same", tmp_path, INPUTS[name])


@pytest.mark.parametrize("name", TARGETS)
def test_new_inputs(name, tmp_path):
    played(name, token_hex(4), tmp_path, max(1, INPUTS[name] // 2))


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_an_input(name):
    dice = random.Random(7)
    for size in (0, 1, 7, 100, 3000):
        target(name).run(dice.randbytes(size), Watch(limit_ns=0))


@pytest.mark.parametrize("name", TARGETS)
def test_a_changed_input_is_another_and_the_same_by_the_same_dice(name):
    of = target(name)
    data = of.make(random.Random(1))
    assert of.make(random.Random(1)) == data
    changed = [of.change(random.Random(seed), data) for seed in range(20)]
    assert changed == [of.change(random.Random(seed), data) for seed in range(20)]
    assert len({*changed, data}) > 10


def test_most_messages_come_past_the_framer_and_to_an_open_session(tmp_path):
    """Or the session is never fuzzed."""
    watch = played("session", "deep", tmp_path, 40)
    assert watch.messages >= 40 * 60
    assert watch.framed > 0.7 * watch.messages
    assert watch.active > 0.4 * watch.messages


def test_much_of_what_is_fed_to_the_readers_is_taken(tmp_path):
    for name, least in (("validator", 0.2), ("qf_settings", 0.2), ("store", 0.2), ("log", 0.5)):
        watch = played(name, "deep", tmp_path, min(INPUTS[name], 60))
        deep = watch.active if name == "validator" else watch.framed
        assert deep > least * watch.messages, name
