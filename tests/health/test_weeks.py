"""Weeks of a session that is kept up with a venue, both on disk, through whatever happens.

Seeded: lines break or go dead, either process restarts at any hour and stays away for seconds or
for days, clocks are seconds apart, a venue loses its store; there are holidays, and the clocks
change. All along:

- a Logon follows a refused one no sooner than a minute later;
- where the session stands has a name that the documents know;
- both sides are up and agree whenever they could be, or the disagreement is named;
- nobody is up out of hours, and nothing of ours has failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import shutil
import zlib
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fixgate.health.endings import ENDINGS, Ending, Next
from fixgate.health.reconnect import REFUSAL_NS
from fixgate.health.standing import State
from fixgate.net import Clock, Gateway
from fixgate.session.phase import Phase
from fixgate.session.schedule import Schedule, Weekday
from tests.health.kept import Desk, Place, instant, plan, venue
from tests.virtual import SECOND, VirtualLoop, run_virtual

MINUTE = 60 * SECOND
DAY = 24 * 3600 * SECOND
DAYS = 10
SEED = os.environ.get("FIXGATE_WEEKS_SEED", "1")
"""Another one: other weeks."""
NEW_YORK = ZoneInfo("America/New_York")
SPRING = instant(2026, 3, 1, 12)  # New York's clocks change on the 8th
AUTUMN = instant(2026, 10, 24, 12)  # and on 1 November
HOLIDAYS = (date(2026, 3, 4), date(2026, 3, 9), date(2026, 10, 28), date(2026, 10, 30))
OFFICE = Schedule(time(8), time(17), NEW_YORK, weekdays=tuple(Weekday)[:5], holidays=HOLIDAYS)
FUTURES = Schedule(
    time(17), time(16), NEW_YORK, weekdays=(Weekday.SUNDAY, *tuple(Weekday)[:4]), holidays=HOLIDAYS
)
NIGHT = Schedule(time(1, 30), time(1, 15), NEW_YORK)
WEEK = Schedule(
    time(17), time(16), NEW_YORK, start_day=Weekday.SUNDAY, end_day=Weekday.FRIDAY,
    holidays=HOLIDAYS,
)  # fmt: skip
AROUND = Schedule(time(22), time(22))
HOURS = {
    "office": (OFFICE, OFFICE),
    "office-never": (OFFICE, None),
    "futures": (FUTURES, FUTURES),
    "night": (NIGHT, NIGHT),
    "week": (WEEK, WEEK),
    "week-daily": (WEEK, AROUND),
    "around": (None, AROUND),
    "always": (None, None),
}
PATIENCE_NS = 20 * MINUTE
"""A dead line is noticed after 2.4 heartbeat intervals of two minutes, perhaps by one side only,
which the other then refuses for as long; and the longest wait after a refusal is six minutes."""


class World:
    """One venue, one desk, the dice."""

    def __init__(self, loop: VirtualLoop, folder: Path, name: str, seed: int) -> None:
        self.loop = loop
        self.dice = random.Random(seed)
        hours, resets = HOURS[name]
        self.settings = {"schedule": hours, "reset_schedule": resets}
        self.hours = hours
        self.folder = folder
        self.skew_ns = int(self.dice.uniform(-3, 3) * SECOND)
        self.place = Place(loop)
        self.desk: Desk | None = None
        self.gateway: Gateway | None = None
        self._venue = contextlib.AsyncExitStack()
        self._disturbed_ns = 0
        self.disagree_until_ns = 0
        """The venue has lost its store: until then, by the wall clock, nothing can help."""
        self.seen: set[str] = set()
        self.ups = 0

    # The two processes.

    async def start_venue(self) -> None:
        clock = Clock(lambda: self.loop.wall() + self.skew_ns, self.loop.monotonic)
        made = venue(self.loop, clock, self.folder / "venue", heartbeat_s=30, **self.settings)
        self.gateway, self.place.accept = await self._venue.enter_async_context(made)

    async def stop_venue(self, *, killed: bool) -> None:
        self.place.accept = None
        if killed and self.place.pipes:
            self.place.pipes[-1].break_off()
            await asyncio.sleep(0)
        await self._venue.aclose()
        self._venue = contextlib.AsyncExitStack()
        self.gateway = None

    async def start_desk(self) -> None:
        made = plan(self.folder / "desk", heartbeat_s=120, **self.settings)
        self.desk = Desk(self.loop, self.place, made, seed=self.dice.randrange(10**6))
        await self.desk.__aenter__()

    async def stop_desk(self) -> None:
        assert self.desk is not None
        await self.desk.__aexit__()
        self.judge(self.desk)
        self.desk = None

    # What happens.

    async def happen(self) -> None:
        dice = self.dice
        match dice.randrange(7):
            case 0 | 1 if self.place.pipes:
                self.place.pipes[-1].break_off()
            case 2 if self.place.pipes:
                self.place.pipes[-1].dead = True
            case 3:
                accept, self.place.accept = self.place.accept, None
                await asyncio.sleep(dice.choice((1, 60, 3600)) * dice.random())
                self.place.accept = accept
            case 4 | 5:
                await self.stop_venue(killed=dice.random() < 0.5)
                if dice.random() < 0.05:
                    shutil.rmtree(self.folder / "venue")
                    resets = self.settings["reset_schedule"]
                    forever = self.loop.wall() + 1000 * DAY
                    restart = forever if resets is None else resets.next_open_ns(self.loop.wall())
                    self.disagree_until_ns = restart + PATIENCE_NS
                await asyncio.sleep(dice.choice((1, 600, 20_000, 200_000)) * dice.random())
                await self.start_venue()
            case 6:
                await self.stop_desk()
                await asyncio.sleep(dice.choice((1, 600, 20_000, 200_000)) * dice.random())
                await self.start_desk()
        self._disturbed_ns = self.loop.now_ns

    async def agree(self) -> None:
        """People settle what the two sides cannot: the desk's numbers begin at 1, too."""
        await self.stop_desk()
        shutil.rmtree(self.folder / "desk", ignore_errors=True)
        self.disagree_until_ns = 0
        await self.start_desk()
        self._disturbed_ns = self.loop.now_ns

    # What holds.

    def look(self) -> None:
        """What must be so now, after a quiet while."""
        assert self.desk is not None
        assert self.gateway is not None
        now, state, reason = self.loop.wall(), self.desk.now.state, self.desk.now.reason
        (party,) = self.gateway.roster
        quiet_ns = self.loop.now_ns - self._disturbed_ns
        if self.hours is not None:
            well_open = all(self.hours.is_open(now + n * MINUTE) for n in (-20, 0, 1))
            well_closed = not any(self.hours.is_open(now + n * MINUTE) for n in (-1, 0, 1))
        else:
            well_open, well_closed = True, False
        named = reason in (Ending.NUMBERS.value, Ending.RESTART_AWAITED.value)
        if well_closed:
            assert state is State.CLOSED or named, self.desk.states[-9:]
            assert party.session.phase is Phase.DISCONNECTED
        excused = named and now < self.disagree_until_ns
        if well_open and quiet_ns > PATIENCE_NS and not excused:
            assert state is State.UP, self.desk.states[-9:]
        self.ups += state is State.UP
        if state is State.UP and quiet_ns > PATIENCE_NS:
            store = self.desk.keeper._session.store
            theirs = party.session.store
            assert (store.next_out, store.next_in) == (theirs.next_in, theirs.next_out)

    def judge(self, desk: Desk) -> None:
        """What must have been so while one process of the desk ran."""
        names = {ending.value: course for ending, course in ENDINGS.items()}
        peace_until = 0
        for at, told in zip(desk.at, desk.told, strict=True):
            self.seen.add(told.reason)
            if told.state is State.CONNECTING:
                assert at >= peace_until, f"a Logon too soon: {desk.states[-9:]}"
            elif told.state in (State.WAITING, State.CLOSED, State.STOPPED):
                assert told.reason in names
                then = names[told.reason].next
                if then in (Next.REFUSAL, Next.NEVER, Next.RESTART):
                    peace_until = max(peace_until, at + REFUSAL_NS - SECOND // 1000)
        tries = [at for at, told in zip(desk.at, desk.told, strict=True)
                 if told.state is State.CONNECTING]  # fmt: skip
        for first, later in zip(tries, tries[80:], strict=False):
            assert later - first > 3600 * SECOND, "more than eighty tries in an hour"


RUNS = [(name, SPRING) for name in ("office", "futures", "night", "week", "always")]
RUNS += [(name, AUTUMN) for name in ("office-never", "futures", "night", "week-daily", "around")]


@pytest.mark.parametrize(("name", "start"), RUNS)
def test_ten_days(name, start, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("fixgate.net.clock_watch.LOOK_S", 600.0)
    caplog.set_level(logging.ERROR)

    async def main(loop: VirtualLoop) -> None:
        seed = zlib.crc32(f"{name} {start} {SEED}".encode())
        world = World(loop, tmp_path, name, seed)
        await world.start_venue()
        await world.start_desk()
        while loop.now_ns < DAYS * DAY:
            await asyncio.sleep(world.dice.expovariate(1 / 9000))
            await world.happen()
            await asyncio.sleep(world.dice.choice((10, 100, 1000, 1000, 4000)))
            world.look()
            stuck = world.disagree_until_ns > loop.wall() + 100 * DAY
            if stuck and world.dice.random() < 0.2:
                await world.agree()
        await world.stop_desk()
        await world.stop_venue(killed=False)
        assert world.ups > 0
        assert world.seen & {"lost", "logged-out", "unreachable"}

    run_virtual(start, main)
    assert [record.getMessage() for record in caplog.records] == []


def test_the_first_day_is_a_sunday():
    assert datetime.fromtimestamp(SPRING / SECOND, UTC).strftime("%A") == "Sunday"
