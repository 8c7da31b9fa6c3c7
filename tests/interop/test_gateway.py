"""`fixgate serve --engine quickfix`, as a user starts and stops it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest
from click.testing import CliRunner

from fixgate.cli.main import main
from fixgate.net import Address
from tests.crash.server import Server
from tests.live.peer import Peer

pytestmark = [pytest.mark.interop, pytest.mark.timeout(30)]

ENGINE = ("--engine", "quickfix", "--port", "0")
VENUE = """\
venue:
  comp_id: VENUE
  sessions:
    - {begin_string: FIX.4.2, theirs: CLIENT}
    - {begin_string: FIX.4.4, theirs: CLIENT}
    - {begin_string: FIX.4.4, theirs: OTHER}
    - {begin_string: FIXT.1.1, application_version: FIX.5.0SP2, theirs: CLIENT}
  liquidity: {levels: 0}
"""


def write(folder, text: str) -> str:
    path = folder / "venue.yaml"
    path.write_text(text)
    return str(path)


async def log_on(address: Address, sender="CLIENT", version="FIX.4.4", extra="", number=None):
    peer = await Peer.connect(address, sender, begin_string=version)
    peer.send("A", f"98=0|108=30|{extra}", number)
    return peer


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


async def gone(pid: int) -> None:
    """Wait for the end of a process that is not our child."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(descriptor, over.set)
        async with asyncio.timeout(10):
            await over.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_without_a_file_it_is_a_useful_exchange_and_logs_everyone_out(number):
    async with Server(*ENGINE) as server:
        address = await server.ready()
        assert "log on as SenderCompID(49) CLIENT to TargetCompID(56) FIXGATE" in server.lines[0]
        assert "listens on every interface" in server.lines[1]
        assert server.lines[2:] == [f"ready {address}\n"]
        peer = await Peer.connect(address, target="FIXGATE", begin_string="FIX.4.2")
        peer.send("A", "98=0|108=30|")
        assert (await peer.read())[35] == "A"
        peer.send("D", "11=1|21=1|55=ABC|54=1|60=20260101-00:00:00|38=5|40=2|44=1000|")
        assert (await peer.read())[39] == "0"
        assert (await peer.read())[39] == "2"
        server.process.send_signal(number)
        assert (await peer.read_until("5"))[58] == "the venue is closing"
        peer.send("5")
        assert await peer.is_closed_silently()
        await peer.close()
        assert await server.process.wait() == 0


async def test_our_venue_trades_between_clients_of_different_versions(tmp_path):
    async with Server(write(tmp_path, VENUE), *ENGINE) as server:
        address = await server.ready()
        seller = await log_on(address, version="FIX.4.2")
        buyer = await log_on(address, "OTHER")
        latest = await log_on(address, version="FIXT.1.1", extra="1137=9|")
        for peer in (seller, buyer, latest):
            assert (await peer.read())[35] == "A"
        seller.send("D", "11=s|21=1|55=ABC|54=2|60=20260101-00:00:00|38=5|40=2|44=100|")
        assert (await seller.read())[39] == "0"
        buyer.order("b", price="100", quantity=5)
        assert [(await buyer.read())[39] for _ in range(2)] == ["0", "2"]
        filled = await seller.read()
        assert (filled[11], filled[39], filled[20]) == ("s", "2", "0")
        latest.order("r", price="1")
        assert (await latest.read())[39] == "0"
        latest.send("F", "41=r|11=c|55=ABC|54=1|60=20260101-00:00:00|38=10|")
        assert (await latest.read())[39] == "4"
        # What the dictionary knows and the venue does not serve.
        buyer.send("V", "262=1|263=0|264=1|267=1|269=0|146=1|55=ABC|")
        refused = await buyer.read()
        assert (refused[35], refused[380]) == ("j", "3")
        for peer in (seller, buyer, latest):
            await peer.close()
        assert await server.terminate() == 0


async def test_an_echo_keeps_repeating_groups_as_they_are(tmp_path):
    text = VENUE.replace("  comp_id", "  mode: echo\n  comp_id")
    parties = "453=2|448=a|447=D|452=1|448=b|447=D|452=3|"
    async with Server(write(tmp_path, text), *ENGINE) as server:
        peer = await log_on(await server.ready())
        await peer.read()
        peer.send("D", f"97=Y|11=1|{parties}55=ABC|54=1|60=20260101-00:00:00|38=5|40=1|")
        echo = await peer.read_raw()
        assert parties.replace("|", "\x01").encode() in echo
        assert b"\x0197=Y\x01" in echo
        await peer.close()
        assert await server.terminate() == 0


async def test_credentials_are_demanded_and_never_shown(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("correct-horse\n")
    secret.chmod(0o600)
    text = VENUE.replace("OTHER}", f"OTHER, username: me, password: '${{file:{secret}}}'}}")
    async with Server(write(tmp_path, text), *ENGINE) as server:
        address = await server.ready()
        for login in ("", "553=me|554=correct-mouse|", "553=you|554=correct-horse|"):
            peer = await log_on(address, "OTHER", extra=login)
            answer = await peer.read()
            assert answer[35] == "5"
            assert "Username(553) or Password(554) not accepted" in answer[58]
            await peer.close()
        peer = await log_on(address, "OTHER", extra="553=me|554=correct-horse|", number=4)
        assert (await peer.read_until("A"))[56] == "OTHER"
        await peer.close()
        assert await server.terminate() == 0
        said = await server.rest()
        assert "correct" not in said
        assert "Rejected Logon Attempt" in said


async def test_a_stranger_is_turned_away(tmp_path):
    async with Server(write(tmp_path, VENUE), *ENGINE) as server:
        peer = await log_on(await server.ready(), "NOBODY")
        assert await peer.is_closed_silently()
        await peer.close()
        assert await server.terminate() == 0


async def test_numbers_and_reports_outlive_the_venue_in_a_store(tmp_path):
    path = write(tmp_path, VENUE + "  store: {path: kept}\n")
    async with Server(path, *ENGINE) as server:
        peer = await log_on(await server.ready())
        await peer.read()
        peer.order("one")
        await peer.read()
        await server.kill()
        await peer.close()
    async with Server(path, *ENGINE) as server:
        peer = await log_on(await server.ready(), number=3)
        assert (await peer.read())[34] == "3"
        peer.send("2", "7=1|16=0|", number=4)
        fill, again = await peer.read(), await peer.read()
        assert (fill[35], fill[36], again[35], again[11], again[43]) == ("4", "2", "8", "one", "Y")
        await peer.close()
        assert await server.terminate() == 0
    assert (tmp_path / "kept" / "quickfix" / "store").is_dir()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux's process descriptors")
async def test_no_process_is_left_behind_when_it_is_killed(tmp_path):
    async with Server(write(tmp_path, VENUE), *ENGINE) as server:
        peer = await log_on(await server.ready())
        await peer.read()
        (child,) = children(server.process.pid)
        await server.kill()
        await gone(child)
        await peer.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_the_end_of_quickfix_is_the_end_of_the_venue(tmp_path):
    async with Server(write(tmp_path, VENUE), *ENGINE) as server:
        await server.ready()
        (child,) = children(server.process.pid)
        os.kill(child, signal.SIGKILL)
        assert await server.process.wait() == 1
        said = await server.rest()
        assert "QuickFIX's process ended by itself" in said
        assert "Traceback" not in said


async def test_a_port_in_use_is_said_plainly(tmp_path):
    path = write(tmp_path, VENUE)
    async with Server(path, *ENGINE) as first:
        port = str((await first.ready()).port)
        async with Server(path, "--engine", "quickfix", "--port", port) as second:
            assert await second.process.wait() == 1
            said = await second.rest()
            assert f"fixgate serve: cannot listen on 127.0.0.1:{port}: " in said
            assert "Traceback" not in said


def test_another_host_is_refused():
    result = CliRunner().invoke(main, ["serve", *ENGINE, "--host", "0.0.0.0"])
    assert result.exit_code == 2
    assert "QuickFIX lets in this machine only: expected 127.0.0.1" in result.stderr


def test_without_the_package_the_line_that_installs_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "quickfix", None)
    result = CliRunner().invoke(main, ["serve", *ENGINE])
    assert result.exit_code == 2
    assert "pip install 'fixgate[quickfix]'" in result.stderr
