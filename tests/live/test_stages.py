"""A venue with stages over real sockets and a real clock, plain and behind TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time

import pytest

from fixgate.dice import Fixed
from fixgate.net import Gateway, ListenSettings, ServerTls
from fixgate.net.stages import StagePassed
from fixgate.venue.stages import Reading, RequestStamp, StageName, StageSettings, VenueStages
from tests.live.conftest import LOOPBACK, known, running, venue
from tests.live.peer import Peer

MS = 1_000_000
SLOW = VenueStages(
    gateway=StageSettings(Fixed(2 * MS)),
    matching=StageSettings(Fixed(30 * MS)),
    reports=StageSettings(Fixed(3 * MS)),
    reply=StageSettings(Fixed(2 * MS)),
    stamps=RequestStamp.BEHIND_GATEWAY,
)


def passed(gateway: Gateway) -> list[StagePassed]:
    (party,) = gateway.roster
    return [each.what for each in party.history if isinstance(each.what, StagePassed)]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_an_order_takes_its_stages_and_a_test_request_behind_it_only_its_own(tls, tls_files):
    server = ServerTls(tls_files / "venue.pem", tls_files / "venue.pem") if tls else None
    settings = venue(
        sessions=known("CLIENT"), listen=(ListenSettings(LOOPBACK, server),), stages=SLOW
    )
    context = ssl.create_default_context(cafile=str(tls_files / "ca.pem")) if tls else None
    async with running(settings) as gateway:
        peer = await Peer.log_on(gateway.addresses[0], ssl=context)
        begun_ns = time.monotonic_ns()
        peer.order("one")
        peer.send("1", "112=T|")
        beat = await peer.read()
        beat_ns = time.monotonic_ns() - begun_ns
        report = await peer.read()
        report_ns = time.monotonic_ns() - begun_ns
        assert (beat[35], beat[112]) == ("0", "T")
        assert (report[35], report[11], report[39]) == ("8", "one", "0")
        assert beat_ns >= 4 * MS
        assert report_ns >= 37 * MS
        # What everything met, and that nothing left a stage before it was to.
        found = passed(gateway)
        assert {(each.stage.value, each.name) for each in found if each.name} == {
            ("gateway", "one"), ("gateway", "T"), ("matching", "one"), ("reports", "one"),
            ("reply", "T"), ("reply", "one"),
        }  # fmt: skip
        assert all(each.left_ns >= each.due_ns >= each.came_ns for each in found)
        (matching,) = (each for each in found if each.stage is StageName.MATCHING)
        assert int(report[5979]) == matching.came_ns
        assert matching.due_ns - matching.came_ns == 30 * MS
        await peer.log_out()


async def test_a_venue_that_does_not_read_lets_its_clients_window_fill():
    deaf = VenueStages(reading=Reading(stop_after=2, lasting_ns=300 * MS, receive_buffer=4096))
    async with running(venue(sessions=known("CLIENT"), stages=deaf)) as gateway:
        peer = await Peer.log_on(gateway.addresses[0])
        sock = peer.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        begun_ns = time.monotonic_ns()
        peer.send("1", "112=stop|")
        assert (await peer.read())[112] == "stop"
        text = "x" * 60_000
        peer.send("1", f"112={text}|")
        await asyncio.sleep(0.1)
        assert peer.writer.transport.get_write_buffer_size() > 20_000
        assert (await peer.read())[112] == text
        assert time.monotonic_ns() - begun_ns >= 300 * MS
        (stopped,) = passed(gateway)
        assert (stopped.stage, stopped.name) == (StageName.READING, "stop")
        await peer.log_out()
