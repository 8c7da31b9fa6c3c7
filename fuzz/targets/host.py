"""What is read of a host: a file of the kernel's, or a snapshot that was kept.

Contract: the kernel's files raise nothing whatever is in them, and a machine of such files is
judged in words. A document is a snapshot that is written and read the same, or `SnapshotError`;
what is shown of it has no control characters.
"""

from __future__ import annotations

import io
import json
import random
from contextlib import suppress
from dataclasses import replace
from functools import cache

from rich.console import Console

from fixgate.errors import SnapshotError
from fixgate.host.account import Account
from fixgate.host.comparison import compare
from fixgate.host.document import read_document
from fixgate.host.model import Snapshot
from fixgate.host.reading import read_snapshot
from fixgate.report.host.json import render_json
from fixgate.report.host.terminal import print_account, print_comparison
from fuzz.clean import is_clean
from fuzz.scratch import scratch
from fuzz.text import changed_text
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

_FILES = (
    *("/proc/thread-self/status", "/proc/self/stat", "/proc/interrupts", "/proc/net/snmp"),
    *("/proc/net/netstat", "/proc/net/softnet_stat", "/proc/net/dev", "/proc/pressure/cpu"),
    *("/proc/self/mountinfo", "/proc/self/cgroup", "/proc/self/environ", "/proc/self/maps"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/loadavg", "/proc/stat", "/proc/cmdline"),
    *("/sys/devices/system/cpu/online", "/sys/devices/system/cpu/isolated", "/proc/softirqs"),
    *("/sys/class/net/eth0/speed", "/sys/class/net/eth0/queues/rx-0/rps_cpus"),
    *("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "/proc/2/stat"),
    *("/proc/sys/net/core/netdev_budget", "/sys/kernel/mm/transparent_hugepage/enabled"),
)
_WORDS = (
    *(b"0-3,8", b"0-99999999999", b"-1", b"1", b"0", b"", b"\x00", b"\xff", b"\x1b[2J", b"[", b"]"),
    *(b":", b"(x)", b"2 (kthreadd) S 0", b"CPU0 CPU1", b"Tcp: RetransSegs", b"TcpExt: PruneCalled"),
    *(b"some avg10=1.00", b"total=9", b" - cgroup2 cgroup2 rw", b"0::/a/../b", b"deadbeef"),
    *(
        b"9" * 30,
        b"null",
        b"true",
        b'"x"',
        b"[1]",
        b"{}",
        b"1e400",
        "\u202e".encode(),
        b"kB",
        b"flags : fpu",
    ),
)


class _Nobody:
    """What no file says: every address is led to by one interface, and nothing else is known."""

    def interface_to(self, address: str) -> str | None:
        return "eth0"

    def ethtool(self, interface: str) -> dict[int, bytes]:
        return {}

    def kernel_clock(self) -> None:
        return None

    def chronyc(self) -> None:
        return None


@cache
def _here() -> Snapshot:
    return replace(read_snapshot(["127.0.0.1"]), unread=())


@cache
def _texts() -> tuple[bytes, ...]:
    """Return this machine's files, as far as there are any, and a snapshot."""
    found = [render_json(Account.of(_here())).encode()]
    for path in _FILES:
        with suppress(OSError), open(path, "rb") as file:
            found.append(file.read(20_000))
    return tuple(found)


def make(dice: random.Random) -> bytes:
    """Return a document or a file of the kernel's, most of the time changed."""
    data = dice.choice((_texts()[0], dice.choice(_texts())))
    return (
        data if dice.random() < 0.05 else changed_text(dice, data, _WORDS, dice.choice((1, 2, 4)))
    )


def change(dice: random.Random, data: bytes) -> bytes:
    """Return one with lines, words or bytes changed."""
    return changed_text(dice, data, _WORDS, 1)


def run(data: bytes, watch: Watch) -> None:
    """Read it as a document, and as each of the kernel's files."""
    watch.messages += 1
    with suppress(SnapshotError):
        snapshot = watch.read("document", read_document, data, "some.json")
        watch.framed += 1
        again = read_document(render_json(Account.of(snapshot)).encode(), "again.json")
        assert again == snapshot, "reads otherwise when written"
        _show(snapshot)
    root = scratch() / "machine"
    for path in _FILES:
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    read = watch.read(
        "files", lambda: read_snapshot(["10.0.0.1"], root=str(root), devices=_Nobody())
    )
    _show(read)


def _show(snapshot: Snapshot) -> None:
    account = Account.of(snapshot)
    out = io.StringIO()
    console = Console(file=out, width=80, color_system=None)
    print_account(account, console)
    print_comparison(compare(_here(), snapshot), console)
    assert is_clean(out.getvalue().replace("\n", "")), out.getvalue()
    assert all(line.found for line in account.lines)
    for line in json.loads(render_json(account))["lines"]:
        assert is_clean(line["found"] + line["how"] + line["subject"])
