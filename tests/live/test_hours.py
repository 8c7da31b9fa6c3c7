"""Hours over real sockets: a venue whose clock says what the test wants, and checks of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import time_ns as clock_ns

import pytest

from fixgate.health.fleet import run_fleet
from fixgate.health.model import CheckPlan, CheckReport, Status
from fixgate.net import Address, Gateway, StoreSettings
from fixgate.net.clock import Clock
from fixgate.net.stores import open_store
from fixgate.session.schedule import Schedule
from fixgate.session.settings import Role, SessionId, SessionSettings
from tests.live.conftest import known, venue
from tests.live.peer import Peer

SECOND = 1_000_000_000
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
OFFICE = Schedule(time(8), time(17))
ANY_TIME = 10**20
"""The peers' clocks are real ones."""


def ns(hour: int, minute: int = 0, second: float = 0.0) -> int:
    at = MONDAY + timedelta(hours=hour, minutes=minute, seconds=second)
    return int(at.timestamp() * 1000) * 1_000_000


@contextlib.asynccontextmanager
async def open_at(
    at_ns: int, store: StoreSettings | None = None, **hours
) -> AsyncIterator[Gateway]:
    """A gateway at another time; its clock goes on as usual."""
    settings = venue(
        sessions=known("CLIENT", sending_time_tolerance_ns=ANY_TIME, **hours),
        store=store or StoreSettings(),
    )
    ahead_ns = at_ns - clock_ns()
    gateway = Gateway(settings, clock=Clock(wall=lambda: clock_ns() + ahead_ns))
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


async def test_a_venue_is_closed_before_it_opens():
    async with open_at(ns(7, 59), schedule=OFFICE) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        peer.send("A", "98=0|108=30|")
        answer = await peer.read()
        assert (answer[35], answer[58]) == (
            "5",
            "the session is closed; it opens Mon 2026-03-02 08:00 UTC",
        )
        assert await peer.is_closed_silently()
        await peer.close()


async def test_it_logs_everyone_out_when_it_closes():
    async with open_at(ns(16, 59, 59.7), schedule=OFFICE) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        farewell = await peer.read()
        assert (farewell[35], farewell[58]) == (
            "5",
            "end of session; it opens again Tue 2026-03-03 08:00 UTC",
        )
        assert farewell[52] >= "20260302-17:00:00"
        peer.send("5")
        assert await peer.is_closed_silently()
        await peer.close()


async def test_numbers_restart_with_the_next_period_also_after_a_restart_of_the_venue(tmp_path):
    store = StoreSettings(tmp_path)
    hours = {"schedule": OFFICE, "reset_schedule": OFFICE}
    async with open_at(ns(9), store, **hours) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        peer.order("one")
        assert (await peer.read())[34] == "2"
        await peer.log_out()
    async with open_at(ns(15), store, **hours) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        peer.next_out = 4
        peer.send("A", "98=0|108=30|")
        assert (await peer.read())[34] == "4"
        await peer.log_out()
    async with open_at(ns(24 + 9), store, **hours) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        peer.send("1", "112=new|")
        answer = await peer.read()
        assert (answer[34], answer[112]) == ("2", "new")
        await peer.log_out()
    generations = sorted(path.name for path in tmp_path.rglob("*.journal"))
    assert generations == ["00000001.journal", "00000002.journal"]


async def test_numbers_restart_around_the_clock_after_a_logout():
    daily = Schedule(time(22), time(22))
    async with open_at(ns(21, 59, 59.7), reset_schedule=daily) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        farewell = await peer.read()
        assert farewell[58] == "sequence numbers restart at 1 now; log on again"
        peer.send("5")
        assert await peer.is_closed_silently()
        await peer.close()
        peer = await Peer.log_on(gateway.addresses[0])
        peer.send("1", "112=new|")
        assert (await peer.read())[34] == "2"
        await peer.log_out()


# Checks. Their own clock is real, so their hours are made around the present.


def day_of(hours: float, length_h: int = 1) -> Schedule:
    """Daily hours that begin so many hours from now, at a whole minute."""
    begin = datetime.now(UTC) + timedelta(hours=hours)
    begin = begin.replace(second=0, microsecond=0)
    return Schedule(begin.time(), (begin + timedelta(hours=length_h)).time())


def plan(address: Address, store: StoreSettings | None = None, **hours) -> CheckPlan:
    session = SessionSettings(
        SessionId("FIX.4.4", "CLIENT", "VENUE"), Role.INITIATOR, observe=True, **hours
    )
    store = store or StoreSettings()
    return CheckPlan("client", address, session, deadline_ns=5 * SECOND, store=store)


async def checked(made: CheckPlan) -> CheckReport:
    fleet = await run_fleet([made], clock=Clock(), host="test", version="0")
    return fleet.checks[0]


async def test_a_closed_session_is_not_even_connected_to(tmp_path: Path):
    store = StoreSettings(tmp_path / "store")
    report = await checked(plan(Address("127.0.0.1", 1), store, schedule=day_of(3)))
    assert report.status is Status.SKIPPED
    assert report.closure is not None
    assert report.closure.text.startswith("closed by its schedule; it opens ")
    assert not store.path.exists()


async def test_an_open_one_is_checked():
    async with open_at(ns(9)) as gateway:
        report = await checked(plan(gateway.addresses[0], schedule=day_of(-0.5, 12)))
    assert report.closure is None
    assert report.findings[0].cause == "clock-skew"  # the venue lives in March
    assert report.round_trips_ns


@pytest.mark.parametrize(("told", "expected"), [(True, 1), (False, 7)])
async def test_a_store_of_an_earlier_period_begins_at_1_only_if_told(tmp_path, told, expected):
    settings = StoreSettings(tmp_path)
    made = plan(Address("127.0.0.1", 1), settings, schedule=day_of(-0.5, 12))
    if told:
        made = replace(made, session=replace(made.session, reset_schedule=made.session.schedule))
    yesterday_ns = int((datetime.now(UTC) - timedelta(days=1)).timestamp()) * SECOND
    before = open_store(settings, made.session.id, yesterday_ns)
    before.set_next_out(7, yesterday_ns)
    before.close()
    async with open_at(ns(9)) as gateway:
        report = await checked(replace(made, address=gateway.addresses[0]))
    assert report.round_trips_ns
    (logon,) = [e.text for e in report.transcript if e.glyph == ">" and "|35=A|" in e.text]
    assert f"|34={expected}|" in logon
    causes = {finding.cause for finding in report.findings}
    assert ("resend-requested" in causes) is not told  # the venue had not seen 1 to 6
