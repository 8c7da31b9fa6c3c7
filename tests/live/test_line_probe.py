"""Connections that are opened while a reply is overdue, on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fixgate.latency.line_probe import LineProbe
from fixgate.latency.measuring import measure
from fixgate.latency.model import LatencyPlan
from fixgate.net.clock import Clock
from fixgate.net.settings import Address
from fixgate.net.stamped import can_stamp
from fixgate.triage.model import Exchange, Sample, StampSource
from tests.live.checking import plan, venue

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not can_stamp(), reason="needs Linux"),
]

MS = 1_000_000


@asynccontextmanager
async def port() -> AsyncIterator[tuple[Address, list[object]]]:
    """A port, and who has come to it."""
    came: list[object] = []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Address("127.0.0.1", server.sockets[0].getsockname()[1]), came
    finally:
        server.close()


async def probed(address: Address, *answered: bool) -> list[Sample]:
    """The connects after some requests, each overdue when it was not answered."""
    probe = LineProbe("desk", address, MS, Clock())
    for is_answered in answered:
        probe.asked(lambda is_answered=is_answered: not is_answered)
    for _ in range(100):
        await asyncio.sleep(0.002)
        if probe.samples:
            break
    await probe.close()
    return probe.samples


async def test_an_overdue_reply_is_worth_a_connect():
    async with port() as (address, came):
        (sample,) = await probed(address, False)
        assert len(came) == 1
    assert (sample.kind, sample.session) == (Exchange.TCP, "desk")
    assert sample.source is StampSource.KERNEL
    assert sample.wire_ns is not None
    assert sample.tcp_after is not None
    assert 0 < sample.wire_ns == sample.tcp_after.rtt_ns <= sample.app_ns


async def test_several_at_once_are_worth_one():
    async with port() as (address, came):
        assert len(await probed(address, False, False, False)) == 1
        assert len(came) == 1


async def test_what_was_answered_in_time_is_worth_none():
    async with port() as (address, came):
        assert await probed(address, True, True) == []
        assert came == []


async def test_a_port_that_refuses_tells_nothing():
    async with port() as (address, _):
        pass
    assert await probed(address, False) == []


async def test_a_measurement_makes_them_only_where_it_is_asked_to():
    async with venue() as gateway:
        for after_ns in (None, 1):
            asked = LatencyPlan(
                plan(f"desk-{after_ns}", gateway.addresses[0]),
                rate=50,
                count=15,
                connects_after_ns=after_ns,
            )
            found: list[Sample] = []
            report = await measure([asked], clock=Clock(), host="", version="", each=found.append)
            (series,) = [s for s in report.series if s.kind is Exchange.TCP]
            count = next(iter(series.figures.values())).count
            assert (count > 1) == (after_ns is not None)
            assert report.checks[0].status.value == "pass"
