"""A venue that takes its time, in virtual time: every instant is exact."""

from __future__ import annotations

import asyncio

from fixgate.dice import Fixed
from fixgate.venue.stages import StageName, StageSettings, VenueStages
from tests.net.staged import MS, World, order, play

SLOW_MATCHING = VenueStages({StageName.MATCHING: StageSettings(Fixed(20 * MS))})
SLOW_GATEWAY = VenueStages({StageName.GATEWAY: StageSettings(Fixed(5 * MS))})


def test_a_test_request_behind_a_slow_order_is_answered_first():
    async def test(world: World):
        desk = await world.desk()
        desk.say(order("A"), "35=1|112=T|", order("B"))
        await asyncio.sleep(1)
        assert desk.taken() == [(10_000, "0 T"), (10_020, "8 A 0"), (10_020, "8 B 0")]
        assert world.passed("stage", "session", "msg_type", "name", "came_ns", "left_ns") == [
            ("matching", "DESK", "D", "A", 10_000, 10_020),
            ("matching", "DESK", "D", "B", 10_000, 10_020),
        ]

    play(test, SLOW_MATCHING)


def test_a_slow_gateway_delays_both():
    async def test(world: World):
        desk = await world.desk()
        world.truth.clear()
        desk.say(order("A"), "35=1|112=T|")
        await asyncio.sleep(1)
        assert desk.taken() == [(10_005, "8 A 0"), (10_005, "0 T")]
        assert world.passed("stage", "msg_type", "name", "came_ns", "due_ns", "left_ns") == [
            ("gateway", "D", "A", 10_000, 10_005, 10_005),
            ("gateway", "1", "T", 10_000, 10_005, 10_005),
        ]

    play(test, SLOW_GATEWAY)
