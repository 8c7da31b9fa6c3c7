"""A line between two network namespaces, whose delay and loss are ours to set.

Two TUN devices, one in each namespace, and a process between them that hands packets over: after a
delay of its own each way, and with some thrown away. It stands in for sch_netem, which not every
kernel has. Needs root, ip and /dev/net/tun.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import multiprocessing
import os
import random
import select
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event as Flag
from pathlib import Path

HERE, THERE = "10.87.0.1", "10.87.0.2"
"""The prober's address and the venue's."""

BASE_NS = 100_000
"""What the line takes each way when nothing is wrong."""

_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_CLONE_NEWNET = 0x40000000
_MTU = 65536


def unavailable() -> str:
    """Return why there can be no such line here, or an empty text."""
    if os.geteuid() != 0:
        return "needs root for network namespaces"
    if shutil.which("ip") is None:
        return "needs ip (iproute2)"
    if not Path("/dev/net/tun").exists():
        return "needs /dev/net/tun"
    return ""


def enter(namespace: str) -> None:
    """Move this thread, and what it starts, into a network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/var/run/netns/{namespace}") as handle:
        if libc.setns(handle.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@dataclass(frozen=True)
class Weather:
    """What is wrong with the line in a while, CLOCK_MONOTONIC.

    Attributes:
        begin_ns: When it begins.
        end_ns: When it ends.
        delay_ns: More delay, each way.
        loss_there: Which part is lost of what goes to the venue.
        loss_back: Which part is lost of what comes from it.
    """

    begin_ns: int
    end_ns: int
    delay_ns: int = 0
    loss_there: float = 0.0
    loss_back: float = 0.0


class Line:
    """The line, while it stands.

    Attributes:
        here: Name of the prober's namespace.
        there: Name of the venue's.
    """

    def __init__(self, here: str, there: str, weather: object) -> None:
        self.here, self.there = here, there
        self._weather = weather

    def expect(self, weather: list[Weather], seed: int) -> None:
        """Say what is going to be wrong with the line."""
        self._weather.send((weather, seed))  # type: ignore[attr-defined]


@contextmanager
def line(cpu: int | None = None) -> Iterator[Line]:
    """Lay the line; yield it.

    Args:
        cpu: What hands packets over runs there.
    """
    tag = f"fg{os.getpid() % 10000}"
    here, there = f"{tag}a", f"{tag}b"
    ours, theirs = multiprocessing.Pipe()
    stop = multiprocessing.Event()
    with _namespace(here), _namespace(there):
        ends = [_device(f"{tag}{n}") for n in (0, 1)]
        for name, number, own, peer in ((here, 0, HERE, THERE), (there, 1, THERE, HERE)):
            device = f"{tag}{number}"
            _ip("link", "set", device, "netns", name)
            _ip("-n", name, "addr", "add", own, "peer", peer, "dev", device)
            _ip("-n", name, "link", "set", device, "up")
            _ip("-n", name, "link", "set", "lo", "up")
        process = multiprocessing.Process(
            target=_carry, args=(ends[0], ends[1], theirs, stop, cpu), daemon=True
        )
        process.start()
        try:
            yield Line(here, there, ours)
        finally:
            stop.set()
            process.join(2)
            if process.is_alive():
                process.kill()
            for end in ends:
                os.close(end)


@contextmanager
def _namespace(name: str) -> Iterator[None]:
    _ip("netns", "add", name)
    try:
        yield
    finally:
        _ip("netns", "delete", name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _device(name: str) -> int:
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH14x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return end


def _carry(here: int, there: int, weather: object, stop: Flag, cpu: int | None) -> None:
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})
    expected: list[Weather] = []
    dice = random.Random(0)
    waiting: list[tuple[int, int, int, bytes]] = []
    count = 0
    read = [here, there, weather]
    last_ns = {here: 0, there: 0}
    while not stop.is_set():
        now_ns = time.monotonic_ns()
        while waiting and waiting[0][0] <= now_ns:
            _, _, end, packet = heapq.heappop(waiting)
            _write(end, packet)
        left_s = (waiting[0][0] - time.monotonic_ns()) / 1e9 if waiting else 0.2
        # The last 60 us are spent looking: sleeping takes about as long.
        ready, _, _ = select.select(read, [], [], max(left_s - 60e-6, 0))
        for source in ready:
            if source is weather:
                expected, seed = weather.recv()  # type: ignore[attr-defined]
                dice = random.Random(seed)
                continue
            target = there if source == here else here
            for packet in _packets(source):
                now_ns = time.monotonic_ns()
                now = next((w for w in expected if w.begin_ns <= now_ns < w.end_ns), None)
                loss = 0.0
                if now is not None:
                    loss = now.loss_there if target == there else now.loss_back
                if loss and dice.random() < loss:
                    continue
                due_ns = now_ns + BASE_NS + (now.delay_ns if now is not None else 0)
                due_ns = last_ns[target] = max(due_ns, last_ns[target])
                count += 1
                heapq.heappush(waiting, (due_ns, count, target, packet))


def _packets(end: int) -> Iterator[bytes]:
    for _ in range(64):
        try:
            yield os.read(end, _MTU)
        except BlockingIOError:
            return


def _write(end: int, packet: bytes) -> None:
    try:
        os.write(end, packet)
    except OSError:
        return  # the namespace is going away
