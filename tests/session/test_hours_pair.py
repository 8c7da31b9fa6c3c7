"""Two sessions of ours keep one schedule for two weeks, their clocks apart by seconds.

Whatever is sent while both are logged on arrives once; nobody stays after hours; and after every
boundary both number from 1 again and agree, whichever of them reached it first.
"""

from __future__ import annotations

import random
from datetime import time
from zoneinfo import ZoneInfo

import pytest

from fixgate.dictionary import validator_for
from fixgate.session.events import AppMessage
from fixgate.session.phase import Phase
from fixgate.session.schedule import Schedule, Weekday
from fixgate.session.session import Session
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.store import MemoryStore

SECOND = 1_000_000_000
START = 1_772_442_000 * SECOND  # Monday 2026-03-02, 09:00 UTC; summer time begins on the 8th
NEW_YORK = ZoneInfo("America/New_York")
FUTURES = Schedule(
    time(17), time(16), NEW_YORK, weekdays=(Weekday.SUNDAY, *list(Weekday)[:4])
)  # fmt: skip
OFFICE = Schedule(time(8), time(17), NEW_YORK)
AROUND = Schedule(time(22), time(22), NEW_YORK)
WEEK = Schedule(
    time(17), time(16), NEW_YORK, start_day=Weekday.SUNDAY, end_day=Weekday.FRIDAY
)  # fmt: skip
NEVER = None


class Side:
    """One session, its own clock, and what its application got."""

    def __init__(self, role: Role, ahead_s: float, hours, resets) -> None:
        ours, theirs = ("A", "B") if role is Role.ACCEPTOR else ("B", "A")
        settings = SessionSettings(
            SessionId("FIX.4.4", ours, theirs), role, heartbeat_s=0,
            schedule=hours, reset_schedule=resets,
        )  # fmt: skip
        self.ahead_ns = int(ahead_s * SECOND)
        self.hours, self.resets = hours, resets
        self.store = MemoryStore(since_ns=START)
        self.session = Session(settings, self.store, validator_for("FIX.4.4"))
        self.got: list[bytes] = []

    def clock(self, now: int) -> int:
        return now + self.ahead_ns

    def due(self, now: int) -> int | None:
        deadline = self.session.deadline_ns
        return None if deadline is None else max(deadline - self.ahead_ns, now)

    def take(self, data: bytes, now: int) -> None:
        events = self.session.receive(data, self.clock(now))
        self.got += [e.message[148] for e in events if isinstance(e, AppMessage)]


class Line:
    """A wire without delay between an acceptor and an initiator."""

    def __init__(self, hours, resets, ahead_s: float, seed: int) -> None:
        self.random = random.Random(seed)
        self.sides = (
            Side(Role.ACCEPTOR, 0, hours, resets),
            Side(Role.INITIATOR, ahead_s, hours, resets),
        )
        self.asked: tuple[list[bytes], list[bytes]] = ([], [])
        self.now = START
        self.up = False
        self.logons = 0

    @property
    def active(self) -> bool:
        return all(side.session.phase is Phase.ACTIVE for side in self.sides)

    def settle(self) -> None:
        """Deliver until nobody has anything to say, then close what is to be closed."""
        moved = True
        while moved:
            moved = False
            for side, other in (self.sides, self.sides[::-1]):
                while data := side.session.output():
                    other.take(data, self.now)
                    moved = True
                if side.session.resending:
                    side.session.continue_resend(side.clock(self.now))
                    moved = True
        if self.up and any(side.session.wants_close for side in self.sides):
            self.cut()
        if self.active:
            self.check()

    def check(self) -> None:
        a, b = self.sides
        assert (a.store.next_out, a.store.next_in) == (b.store.next_in, b.store.next_out)
        for side in self.sides:
            now = side.clock(self.now)
            assert side.hours is None or side.hours.is_open(now)
            if side.resets is not None:
                assert side.store.since_ns >= side.resets.latest_period(now).start_ns

    def connect(self) -> None:
        self.up = True
        for side in self.sides:
            side.session.connected(side.clock(self.now))
        self.settle()
        self.logons += self.active

    def cut(self) -> None:
        self.up = False
        for side in self.sides:
            side.session.disconnected(side.clock(self.now))

    def send(self) -> None:
        which = self.random.randrange(2)
        text = b"%d-%d" % (which, len(self.asked[which]))
        self.asked[which].append(text)
        side = self.sides[which]
        side.session.send(b"B", b"148=%b\x0133=1\x0158=x\x01" % text, side.clock(self.now))
        self.settle()

    def wait(self, seconds: float) -> None:
        end = self.now + int(seconds * SECOND)
        while True:
            dues = [due for side in self.sides if (due := side.due(self.now)) is not None]
            if not dues or min(dues) > end:
                break
            self.now = min(dues)
            for side in self.sides:
                if side.due(self.now) == self.now:
                    side.session.wake(side.clock(self.now))
            self.settle()
        self.now = end


@pytest.mark.parametrize("ahead_s", [0, 2, -2, 0.25, -90])
@pytest.mark.parametrize(
    ("hours", "resets"),
    [(OFFICE, OFFICE), (OFFICE, NEVER), (FUTURES, FUTURES), (NEVER, AROUND), (WEEK, WEEK),
     (WEEK, AROUND)],
    ids=["office", "office-never", "futures", "around", "week", "week-daily"],
)  # fmt: skip
def test_two_weeks(hours, resets, ahead_s):
    line = Line(hours, resets, ahead_s, seed=1)
    while line.now - START < 14 * 86400 * SECOND:
        line.wait(line.random.choice([0.1, 1, 10, 100, 1000, 10_000]))
        if not line.up:
            line.connect()
        elif line.active:
            line.random.choice([line.send, line.send, line.cut])()
    assert line.logons > 50
    for which in (0, 1):
        assert line.sides[1 - which].got == line.asked[which]
    assert len(line.asked[0]) > 40
