"""Faults on real sockets: what a kernel makes of them, on both event loops."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl

import pytest

from fixgate.faults import Trigger, Way
from fixgate.faults.injector import Injector
from fixgate.faults.model import Ending
from fixgate.net import Clock, Gateway, ListenSettings, ServerTls
from fixgate.net.fault_line import FaultLines
from tests.faults.rig import armed
from tests.live.conftest import LOOPBACK, known, venue
from tests.live.peer import Peer

SECOND = 1_000_000_000
ORDERS = frozenset({b"D"})


@contextlib.asynccontextmanager
async def faulty(*faults, **kwargs):
    """A venue with faults, and the connections that they are on."""
    clock = Clock()
    records = []
    lines = FaultLines(Injector(random.Random(7)), clock, records.append)
    for fault in faults:
        lines.arm(fault)
    before = asyncio.all_tasks()
    gateway = Gateway(venue(sessions=known("CLIENT"), **kwargs), clock=clock, line=lines.wrap)
    await gateway.start()
    try:
        async with asyncio.timeout(10):
            yield gateway.addresses[0], lines, records
    finally:
        await gateway.stop()
        lines.close()
        for _ in range(3):
            await asyncio.sleep(0)
    assert lines.lines == frozenset()
    assert asyncio.all_tasks() == before


async def test_fin_after_an_order():
    async with faulty(armed("fin", trigger=Trigger(frozenset({b"8"}), times=1))) as (
        address,
        _,
        told,
    ):
        peer = await Peer.log_on(address)
        peer.order("A")
        assert (await peer.read())[35] == "8"
        assert await peer.reader.read() == b""
        peer.writer.close()
        await peer.writer.wait_closed()
        assert [record.name for record in told] == ["fin"]


async def test_rst_instead_of_an_answer():
    fault = armed("rst", Way.IN, trigger=Trigger(ORDERS, times=1))
    async with faulty(fault) as (address, _, __):
        peer = await Peer.log_on(address)
        peer.order("A")
        with pytest.raises(ConnectionResetError):
            await peer.reader.read()
        peer.writer.close()
        again = await Peer.connect(address)
        # The order was taken before the reset: its report, number 2, is what was lost.
        again.next_out = 3
        again.send("A", "98=0|108=30|")
        answer = await again.read()
        assert (answer[35], answer[34]) == ("A", "3")
        again.writer.close()


async def test_cut_in_the_middle_of_a_message():
    fault = armed("cut", how=Ending.FIN, after_bytes=12, trigger=Trigger(frozenset({b"8"})))
    async with faulty(fault) as (address, _, __):
        peer = await Peer.log_on(address)
        peer.order("A")
        assert await peer.reader.read() == b"8=FIX.4.4\x019="
        peer.writer.close()


async def test_half_open_frees_the_session_and_keeps_the_socket():
    fault = armed("half_open", trigger=Trigger(frozenset({b"8"}), times=1))
    async with faulty(fault) as (address, lines, _):
        peer = await Peer.log_on(address)
        peer.order("A")
        assert (await peer.read())[35] == "8"
        peer.send("1", "112=X|")
        # The venue believes that it is alone: the same client logs on again at once.
        again = await Peer.connect(address)
        again.next_out = 4
        again.send("A", "98=0|108=30|")
        assert (await again.read())[35] == "A"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await peer.reader.read(1)
        assert len(lines.lines) == 2
        lines.close()
        for each in (peer, again):
            with contextlib.suppress(ConnectionError):
                await each.reader.read()
            each.writer.close()


@pytest.mark.parametrize("how", Ending)
async def test_refused_connections(how: Ending):
    fault = armed("refuse_connections", how=how, trigger=Trigger(times=1))
    async with faulty(fault) as (address, _, __):
        refused = await Peer.connect(address)
        if how is Ending.SILENT:
            refused.send("A", "98=0|108=30|")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await refused.reader.read(1)
        elif how is Ending.RST:
            with pytest.raises(ConnectionResetError):
                await refused.reader.read()
        else:
            assert await refused.reader.read() == b""
        refused.writer.close()
        peer = await Peer.log_on(address)
        peer.writer.close()


async def test_messages_in_pieces():
    async with faulty(armed("split", size=1)) as (address, _, __):
        peer = await Peer.log_on(address)
        peer.order("A")
        assert (await peer.read())[35] == "8"
        peer.writer.close()


async def test_pieces_of_tls(tls_files):
    tls = ServerTls(tls_files / "venue.pem", tls_files / "venue.pem")
    pieces = (
        armed("split", size=50),
        armed("drip", Way.IN, size=200, pause=1_000_000),
        armed("drop", as_="blind", msg_types=frozenset({b"A"})),
    )
    async with faulty(*pieces, listen=(ListenSettings(LOOPBACK, tls),)) as (address, _, __):
        context = ssl.create_default_context(cafile=str(tls_files / "ca.pem"))
        peer = await Peer.log_on(address, ssl=context)
        peer.order("A")
        assert (await peer.read())[35] == "8"
        peer.writer.transport.abort()
