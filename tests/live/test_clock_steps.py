"""The wall clock of one process is set by an hour while real connections stand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from time import time_ns

import pytest

from fixgate.health.fleet import run_fleet
from fixgate.health.model import CheckPlan, Status
from fixgate.net import ClockStepped, Gateway
from fixgate.net.clock import Clock
from fixgate.session.settings import Role, SessionId, SessionSettings
from tests.live.conftest import known, running, venue
from tests.live.peer import Peer

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
SIDES = pytest.mark.parametrize("wrong_ns", [HOUR, -HOUR], ids=["ahead", "behind"])


class Wall:
    """The wall clock on this machine, or one that is wrong."""

    def __init__(self, wrong_ns: int) -> None:
        self.wrong_ns = wrong_ns
        self.clock = Clock(lambda: time_ns() + self.wrong_ns)

    def set_right(self) -> None:
        self.wrong_ns = 0


def skew_s(message: dict[int, str]) -> float:
    """How far a message's SendingTime is from the right time."""
    sent = datetime.strptime(message[52], "%Y%m%d-%H:%M:%S.%f").replace(tzinfo=UTC)
    return abs((sent - datetime.now(UTC)) / timedelta(seconds=1))


@contextlib.asynccontextmanager
async def gateway_by(wall: Wall, **settings: object) -> AsyncIterator[Gateway]:
    gateway = Gateway(venue(sessions=known("CLIENT", **settings)), clock=wall.clock)
    await gateway.start()
    try:
        async with asyncio.timeout(10):
            yield gateway
    finally:
        await gateway.stop()


@SIDES
async def test_a_live_session_goes_on_with_the_right_time(wrong_ns):
    wall = Wall(wrong_ns)
    async with gateway_by(wall, sending_time_tolerance_ns=2 * HOUR) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        peer.send("1", "112=before|")
        assert skew_s(await peer.read()) > 3500
        seen = asyncio.Event()
        wall.clock.subscribe(lambda _: seen.set())
        wall.set_right()
        await seen.wait()
        peer.send("1", "112=after|")
        answer = await peer.read()
        assert answer[112] == "after"
        assert skew_s(answer) < 5
        (party,) = gateway.roster
        assert [r.what for r in party.history if isinstance(r.what, ClockStepped)] == [
            ClockStepped(pytest.approx(-wrong_ns, abs=SECOND))
        ]
        await peer.log_out()


@SIDES
async def test_a_logon_is_taken_at_once_after_the_step(wrong_ns):
    """The clock is not looked at for up to a second; before a Logon is refused it is."""
    wall = Wall(wrong_ns)
    async with gateway_by(wall) as gateway:
        peer = await Peer.connect(gateway.addresses[0])
        peer.send("A", "98=0|108=30|")
        refusal = await peer.read()
        assert (refusal[35], "SendingTime(52)" in refusal[58]) == ("5", True)
        await peer.close()
        wall.set_right()
        peer = await Peer.log_on(gateway.addresses[0])
        await peer.log_out()


@SIDES
async def test_a_check_is_good_whatever_its_clock_did(wrong_ns):
    wall = Wall(wrong_ns)
    session = SessionSettings(SessionId("FIX.4.4", "CLIENT", "VENUE"), Role.INITIATOR, observe=True)
    settings = venue(sessions=known("CLIENT", sending_time_tolerance_ns=2 * HOUR))

    class Watcher:
        """Has the clock set right once the session is up."""

        def started(self, plan):
            pass

        def phase(self, plan, phase):
            if phase.value == "test request":
                wall.set_right()
                wall.clock.follow()

        def ended(self, report):
            pass

    async with running(settings) as gateway:
        plan = CheckPlan("client", gateway.addresses[0], session, deadline_ns=5 * SECOND)
        fleet = await run_fleet(
            [plan], clock=wall.clock, host="test", version="0", progress=Watcher()
        )
    (report,) = fleet.checks
    assert report.findings == ()
    assert report.status is Status.PASS
    assert len(report.round_trips_ns) == 3
    assert max(report.round_trips_ns) < SECOND
    assert 0 < report.duration_ns < 5 * SECOND
    assert 0 < fleet.duration_ns < 5 * SECOND
