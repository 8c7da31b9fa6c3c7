"""A disk that fills up under a running exchange, and has space again, without a restart."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.server import Server
from tests.crash.witness import VENUE, Witness

_MOUNT = ["unshare", "--user", "--map-root-user", "--mount"]
_SMALL_DISK = "mount -t tmpfs -o size=3m tmpfs {disk} && exec {python} -m fixgate serve {venue}"


def _can_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    mount = f"mount -t tmpfs -o size=1m tmpfs '{folder}'"
    return subprocess.run([*_MOUNT, "sh", "-c", mount], capture_output=True).returncode == 0


class SmallDisk(Server):
    """An exchange whose store is on a disk of 3 MiB, which only it and the test can see."""

    def __init__(self, folder: Path, durability: str) -> None:
        self.disk = folder / "disk"
        self.disk.mkdir(exist_ok=True)
        venue = folder / "venue.yaml"
        venue.write_text(VENUE % (self.disk / "store", durability))
        run = _SMALL_DISK.format(disk=self.disk, python=sys.executable, venue=venue)
        super().__init__(command=[*_MOUNT, "sh", "-c", run])

    @property
    def filler(self) -> Path:
        return Path(f"/proc/{self.process.pid}/root{self.disk}/filler")

    def fill(self) -> None:
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                return

    def make_room(self) -> None:
        self.filler.unlink()


@pytest.fixture
def small_disk(tmp_path):
    if not _can_mount(tmp_path):
        pytest.skip("no user namespace with a disk of its own: unshare --user --mount")
    return tmp_path


async def logged_out(witness: Witness, peer) -> None:
    """Trade until the Logout comes, and answer it."""
    while True:
        values = witness.note(await peer.read_raw())
        if values[35] == "5":
            assert values[58] == "messages cannot be stored: no space left"
            peer.send("5")
            witness.next_out = peer.next_out
            break
    await witness.drain(peer)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("durability", ["os", "group", "each"])
async def test_everybody_is_logged_out_and_comes_back_without_a_restart(small_disk, durability):
    first, other = Witness(), Witness("OTHER")
    async with SmallDisk(small_disk, durability) as server:
        address = await server.ready()
        for _ in range(2):
            peer, idle = await first.log_on(address), await other.log_on(address)
            server.fill()
            for _ in range(300):
                first.order(peer)
            async with asyncio.timeout(10):
                await logged_out(first, peer)
                await logged_out(other, idle)
            for witness in (first, other):
                refused = await witness.connect(address)
                refused.send("A", "98=0|108=0|")
                assert await refused.is_closed_silently()
                await refused.close()
            server.make_room()
        peer = await first.log_on(address, ask_from=1)
        last = first.order(peer)
        while first.note(await peer.read_raw()).get(11) != last:
            pass
        await peer.close()
        assert server.process.returncode is None
        assert await server.terminate() == 0
        assert "everybody is logged out" in await server.rest()
    assert not first.missing(first.used)
    # No order was forgotten that had been taken, and none was taken twice.
    reports = [dict(f.split(b"=", 1) for f in kept) for kept in first.seen.values()]
    named = [report[b"11"] for report in reports]
    assert len(named) == len(set(named))


async def test_who_is_killed_on_a_full_disk_has_burnt_no_number(small_disk):
    witness = Witness()
    store = small_disk / "kept"
    async with SmallDisk(small_disk, "os") as server:
        peer = await witness.log_on(await server.ready())
        server.fill()
        for _ in range(300):
            witness.order(peer)
        await logged_out(witness, peer)
        shutil.copytree(Path(f"/proc/{server.process.pid}/root{server.disk}/store"), store)
        await server.kill()
    venue = small_disk / "again.yaml"
    venue.write_text(VENUE % (store, "os"))
    async with Server(str(venue)) as server:
        peer = await witness.log_on(await server.ready(), ask_from=1)
        last = witness.order(peer)
        while witness.note(await peer.read_raw()).get(11) != last:
            pass
        await peer.close()
    assert not witness.missing(witness.used)
