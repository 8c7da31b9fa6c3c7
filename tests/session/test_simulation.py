"""Two sessions through random events, and proof that the oracle would notice."""

from __future__ import annotations

import pytest

from tests.session.simulation import World, run
from tests.session.tap import DisobedienceError

SEEDS = range(1, 21)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_sessions_agree_with_the_oracle_and_with_each_other(seed: int):
    world = run(seed, events=400)
    assert all(side.got for side in world.sides) or world.resets


def test_the_same_seed_is_the_same_run():
    one, other = run(5, events=300), run(5, events=300)
    assert [side.got for side in one.sides] == [side.got for side in other.sides]
    assert one.true == other.true


@pytest.mark.parametrize(
    "lie",
    [
        lambda side: side.store.set_next_in(side.store.next_in + 1, 0),
        lambda side: side.store.set_next_out(side.store.next_out + 1, 0),
        lambda side: side.got.append(b"never sent"),
        lambda side: side.got.pop(),
    ],
)
def test_a_side_that_differs_is_noticed(lie):
    world = World(1)
    world.connect()
    for side in (*world.sides, *world.sides):
        world.deliver(side)
    for side in world.sides:
        world.send(side, 1)
    for side in world.sides:
        world.deliver(side)
    side = world.sides[0]
    assert side.got
    lie(side)
    with pytest.raises(DisobedienceError):
        world.send(side, 1)
