from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from zlib import crc32

import pytest

from fixgate.errors import StoreError
from fixgate.net.lock import StoreLock

NOW_NS = 1_700_000_000_000_000_000


@pytest.fixture
def folder(tmp_path: Path):
    fd = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield fd, str(tmp_path)
    os.close(fd)


def test_the_first_holder_finds_nobody_and_writes_itself_down(folder, tmp_path):
    lock = StoreLock(*folder, NOW_NS)
    assert lock.previous is None
    written = json.loads((tmp_path / "lock").read_text())
    assert written["pid"] == os.getpid()
    assert written["since"] == "2023-11-14T22:13:20Z"
    assert written["generation"] == 0
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    lock.release()
    lock.release()


def test_the_next_holder_learns_the_generation(folder):
    lock = StoreLock(*folder, NOW_NS)
    lock.remember(12, 345)
    lock.release()
    lock = StoreLock(*folder, NOW_NS)
    assert lock.previous is not None
    assert (lock.previous.generation, lock.previous.size) == (12, 345)
    lock.release()


def test_a_held_lock_is_refused_and_names_its_holder(folder):
    lock = StoreLock(*folder, NOW_NS)
    with pytest.raises(StoreError, match=rf"in use by process {os.getpid()} on .* since 2023-11"):
        StoreLock(*folder, NOW_NS)
    lock.release()


HOLD = """
import os, sys
from fixgate.net.lock import StoreLock
folder = sys.argv[1]
lock = StoreLock(os.open(folder, os.O_RDONLY), folder, 0)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_killed_process_holds_nothing(folder, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match=f"in use by process {holder.pid} on "):
            StoreLock(*folder, NOW_NS)
        holder.kill()
        holder.wait()
    lock = StoreLock(*folder, NOW_NS)
    assert lock.previous is not None
    assert lock.previous.pid == holder.pid
    lock.release()


@pytest.mark.parametrize(
    "content",
    [
        *(b"12345\n", b"{}", b"\x00\xff", b'{"pid": "x"}'),
        *(b'{"sum": 1, "pid": Infinity}', b'{"sum": 1, "pid": 1e999}', b"[" * 4000),
    ],
)
def test_a_file_that_is_no_lock_is_refused(folder, tmp_path, content):
    (tmp_path / "lock").write_bytes(content)
    with pytest.raises(StoreError, match="not a lock file of this fixgate"):
        StoreLock(*folder, NOW_NS)


def test_never_follows_a_planted_link(folder, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "lock").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic link"):
        StoreLock(*folder, NOW_NS)
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("boot", ["", "d1e2"])
def test_what_another_machine_left_behind_holds_nobody_up(folder, tmp_path, boot):
    """Its process may have any id, one that runs here too: only the kernel's lock counts."""
    values = {"pid": os.getpid(), "host": "elsewhere", "since": "2026-01-01T00:00:00Z"}
    values |= {"generation": 3, "size": 99, "synced": False, "boot": boot}
    said = json.dumps({**values, "sum": crc32(json.dumps(values).encode())})
    (tmp_path / "lock").write_text(said.ljust(383) + "\n")
    lock = StoreLock(*folder, NOW_NS)
    assert lock.previous is not None
    assert (lock.previous.host, lock.previous.generation) == ("elsewhere", 3)
    lock.release()
