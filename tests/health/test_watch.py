"""Several sessions kept up by one process, in virtual time."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest

from fixgate.health.standing import Standing, State
from fixgate.health.watch import Watch
from fixgate.net import Clock
from fixgate.session.settings import SessionId
from tests.health.kept import MONDAY, Place, ScriptedVenue, plan
from tests.health.test_keeper import polite, refusing
from tests.virtual import SECOND, VirtualLoop, run_virtual


class Run:
    """A watch over sessions, each with a venue that answers in its own way."""

    def __init__(self, loop: VirtualLoop, **answers: object) -> None:
        self.told: list[Standing] = []
        self.venues = {name: ScriptedVenue(loop, answer) for name, answer in answers.items()}
        places = {name: Place(loop, venue.accept) for name, venue in self.venues.items()}
        plans = [
            replace(
                plan(),
                name=name,
                session=replace(plan().session, id=SessionId("FIX.4.4", "DESK", "VENUE")),
            )
            for name in answers
        ]

        async def dial(run):
            return await places[run.plan.name].dial(run)

        clock = Clock(loop.wall, loop.monotonic)
        self.watch = Watch(plans, clock, random.Random(1), self.told.append, dial=dial)

    def states(self) -> dict[str, State]:
        return {each.plan.name: each.state for each in self.watch.standings}


def test_nobody_delays_another_and_all_are_logged_out():
    async def main(loop: VirtualLoop) -> None:
        run = Run(loop, good=polite, mute=lambda got: [], locked=refusing("Account locked"))
        stop = asyncio.Event()
        task = asyncio.create_task(run.watch.run(stop))
        await asyncio.sleep(15)
        assert run.states() == {
            "good": State.UP, "mute": State.WAITING, "locked": State.STOPPED
        }  # fmt: skip
        assert not run.watch.in_order
        began = loop.now_ns
        stop.set()
        await task
        assert loop.now_ns - began < 3 * SECOND
        assert set(run.states().values()) == {State.ENDED}
        assert [standing.in_order for standing in run.watch.standings] == [True, False, False]
        assert not run.watch.in_order
        assert run.venues["good"].connections[0].got[-1][35] == "5"

    run_virtual(MONDAY, main)


def test_it_ends_by_itself_in_order():
    async def main(loop: VirtualLoop) -> None:
        run = Run(loop, one=polite, two=polite)
        await run.watch.run(asyncio.Event(), for_ns=300 * SECOND)
        assert 300 <= loop.now_ns / SECOND <= 303
        assert run.watch.in_order

    run_virtual(MONDAY, main)


def test_told_to_stop_at_once_it_still_tells_the_end():
    async def main(loop: VirtualLoop) -> None:
        run = Run(loop, one=polite)
        stop = asyncio.Event()
        stop.set()
        await run.watch.run(stop)
        assert run.states() == {"one": State.ENDED}
        assert not run.watch.in_order

    run_virtual(MONDAY, main)


def test_those_that_were_given_up_are_tried_again_when_asked():
    async def main(loop: VirtualLoop) -> None:
        run = Run(loop, one=refusing("Account locked"), two=refusing("Invalid password"))
        stop = asyncio.Event()
        task = asyncio.create_task(run.watch.run(stop))
        await asyncio.sleep(100)
        for venue in run.venues.values():
            venue.answer = polite
        run.watch.retry()
        await asyncio.sleep(5)
        assert set(run.states().values()) == {State.UP}
        stop.set()
        await task
        assert run.watch.in_order

    run_virtual(MONDAY, main)


def test_called_off_it_logs_out_too():
    async def main(loop: VirtualLoop) -> None:
        run = Run(loop, one=polite)
        task = asyncio.create_task(run.watch.run(asyncio.Event()))
        await asyncio.sleep(10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert run.states() == {"one": State.ENDED}
        assert run.venues["one"].connections[0].got[-1][35] == "5"

    run_virtual(MONDAY, main)
