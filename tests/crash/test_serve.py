"""`fixgate serve` as a user starts and stops it."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import sys

import pytest

from fixgate.net.truth import read_truth
from tests.crash.server import Server
from tests.live.peer import Peer


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_without_a_file_it_is_a_useful_exchange_and_logs_everyone_out(number):
    async with Server("--port", "0") as server:
        address = await server.ready()
        assert server.lines == [f"ready {address}\n"]
        peer = await Peer.log_on(address, "ANYBODY", target="THE VENUE", begin_string="FIX.4.2")
        peer.send("D", "11=1|21=1|55=ABC|54=1|60=20260101-00:00:00|38=5|40=2|44=1000|")
        assert (await peer.read())[39] == "0"
        server.process.send_signal(number)
        assert (await peer.read_until("5"))[58] == "the venue is closing"
        peer.send("5")
        assert await peer.is_closed_silently()
        await peer.close()
        assert await server.process.wait() == 0


async def test_under_nohup_it_outlives_its_terminal():
    serve = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh", sys.executable, "-m", "fixgate", "serve"]
    async with Server(command=[*serve, "--port", "0"]) as server:
        peer = await Peer.log_on(await server.ready())
        server.process.send_signal(signal.SIGHUP)
        peer.send("1", "112=still here|")
        assert (await peer.read())[112] == "still here"
        await peer.log_out()
        assert await server.terminate() == 0


async def test_a_port_in_use_is_said_plainly():
    async with Server("--port", "0") as first:
        address = await first.ready()
        async with Server("--port", str(address.port)) as second:
            assert await second.process.wait() == 1
            said = await second.rest()
            assert said == f"fixgate serve: cannot listen on {address}: Address already in use\n"


async def test_a_file_that_cannot_be_used_is_a_usage_error(tmp_path):
    async with Server(str(tmp_path / "missing.yaml")) as server:
        assert await server.process.wait() == 2
        said = await server.rest()
        assert "missing.yaml" in said
        assert "Traceback" not in said


@pytest.mark.parametrize("host", ["", "a host", "127.0.0.1:80", "[1"])
async def test_a_host_that_is_none_is_wrong_usage(host):
    async with Server("--host", host, "--port", "0") as server:
        assert await server.process.wait() == 2
        said = await server.rest()
        assert f"expected a host or an address; received '{host}'" in said


async def test_a_host_that_others_can_reach_is_a_warning():
    async with Server("--host", "0.0.0.0", "--port", "0") as server:
        await server.ready()
        assert server.lines[0] == (
            "warning: 0.0.0.0 can be reached from other machines, without TLS\n"
        )


async def test_a_comp_id_cannot_forge_a_line_of_the_log():
    async with Server("--port", "0") as server:
        peer = await Peer.log_on(await server.ready(), "A\nready \x1b[2J")
        await peer.log_out()
        server.process.send_signal(signal.SIGTERM)
        assert await server.process.wait() == 0
        said = await server.rest()
        assert "->A\\x0aready \\x1b[2J: logged on\n" in said


async def log_on_as_soon_as_there_is_room(address, sender: str) -> Peer:
    """Until the venue has seen the others leave, it turns away whoever comes with a reset."""
    async with asyncio.timeout(10):
        while True:
            peer = await Peer.connect(address, sender)
            try:
                peer.send("A", "98=0|108=30|")
                assert (await peer.read())[35] == "A"
            except OSError:
                with contextlib.suppress(OSError):
                    await peer.close()
                await asyncio.sleep(0.05)
            else:
                return peer


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit")
async def test_running_out_of_descriptors_costs_no_session():
    async with Server("--port", "0") as server:
        address = await server.ready()
        peer = await Peer.log_on(address)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (30, 30))
        flood = [await Peer.connect(address) for _ in range(60)]
        peer.send("1", "112=alive|")
        assert (await peer.read())[112] == "alive"
        for each in flood:
            await each.close()
        other = await log_on_as_soon_as_there_is_room(address, "OTHER")
        await other.log_out()
        await peer.log_out()
        assert await server.terminate() == 0


SLOW = """\
venue:
  listen: 127.0.0.1:0
  accept_any: true
  stages: {gateway: 1ms, matching: 60s, stamps: behind_gateway, seed: 7}
"""


async def test_a_slow_venue_says_its_seed_and_writes_down_the_truth(tmp_path):
    file, truth = tmp_path / "slow.yaml", tmp_path / "truth.jsonl"
    file.write_text(SLOW)
    async with Server(str(file), "--truth", str(truth)) as server:
        address = await server.ready()
        stages = "stages: gateway, matching; seed 7; stamps behind_gateway\n"
        assert server.lines == [stages, f"ready {address}\n"]
        peer = await Peer.log_on(address, "DESK")
        peer.order("waits")
        peer.send("1", "112=at once|")
        assert (await peer.read())[112] == "at once"
        assert await asyncio.wait_for(_terminate(server, peer), 10) == 0
    found = [read_truth(line) for line in truth.read_text().splitlines()]
    assert [(each.stage.value, each.msg_type, each.name) for each in found[:3]] == [
        ("gateway", "A", ""), ("gateway", "D", "waits"), ("gateway", "1", "at once"),
    ]  # fmt: skip
    # It has done what it had been asked, a minute before it was due.
    (waited,) = (each for each in found if each.stage.value == "matching")
    assert waited.name == "waits"
    assert waited.due_ns - waited.came_ns == 60_000_000_000
    assert waited.left_ns < waited.due_ns


async def _terminate(server: Server, peer: Peer) -> int:
    server.process.send_signal(signal.SIGTERM)
    assert (await peer.read())[11] == "waits"
    assert (await peer.read())[35] == "5"
    peer.send("5")
    assert await peer.is_closed_silently()
    await peer.close()
    return await server.process.wait()


async def test_the_truth_about_a_venue_without_stages_is_wrong_usage(tmp_path):
    async with Server("--truth", str(tmp_path / "t"), "--port", "0") as server:
        assert await server.process.wait() == 2
        assert "this venue has no stages" in await server.rest()
