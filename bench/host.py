"""What it costs to look at this machine while something is measured.

    python bench/host.py [--readings N] [--seconds N]

In turns:

* a reading of the machine's counters, beside the floor: the same files opened, read and closed;
* an event loop on which a datagram goes back and forth between two sockets, with a `StallWatch` and
  without: round trips, and the CPU time of the process where nothing goes back and forth.

Exits with 1 when a reading takes more than 3 times the floor, or a watched round trip is more than
1.25 times as long at p50.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import statistics
import sys
import time
from collections.abc import Callable

from fixgate.host.stall_watch import StallWatch
from fixgate.host.window import read_counters
from fixgate.net.loop import new_event_loop

READING, WATCHED = 3.0, 1.25
TURNS = 9
FILES = (
    "/proc/thread-self/status",
    "/proc/thread-self/sched",
    "/proc/thread-self/schedstat",
    "/proc/net/snmp",
    "/proc/net/netstat",
    "/proc/net/softnet_stat",
    "/proc/net/dev",
    "/proc/pressure/cpu",
    "/proc/stat",
)


def read_files() -> None:
    """Open, read and close: what the kernel takes, and nothing else."""
    for path in FILES:
        with contextlib.suppress(OSError):
            file = os.open(path, os.O_RDONLY)
            while os.read(file, 1 << 20):
                pass
            os.close(file)


def took_ns(function: Callable[[], object], times: int) -> list[int]:
    found = []
    for _ in range(times):
        began_ns = time.perf_counter_ns()
        function()
        found.append(time.perf_counter_ns() - began_ns)
    return found


async def trips_ns(seconds: float) -> list[int]:
    """Send a datagram back and forth on the loop."""
    loop, found = asyncio.get_running_loop(), []
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        for end in (ours, theirs):
            end.setblocking(False)
        until_ns = time.perf_counter_ns() + int(seconds * 1e9)
        while (began_ns := time.perf_counter_ns()) < until_ns:
            await loop.sock_sendall(ours, b"x")
            await loop.sock_sendall(theirs, await loop.sock_recv(theirs, 8))
            await loop.sock_recv(ours, 8)
            found.append(time.perf_counter_ns() - began_ns)
    return found


async def used_share(seconds: float) -> float:
    """Do nothing on the loop; return the CPU time of that, as a share of one core."""
    began_ns = time.process_time_ns()
    await asyncio.sleep(seconds)
    return (time.process_time_ns() - began_ns) / 1e9 / seconds


def looped(seconds: float, *, watched: bool) -> tuple[float, float]:
    """Return a round trip's p50 in microseconds, and the share of a core that idling takes."""

    async def both() -> tuple[float, float]:
        with StallWatch() if watched else contextlib.nullcontext():
            return statistics.median(await trips_ns(seconds)) / 1000, await used_share(seconds)

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(both())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readings", type=int, default=300, help="of each kind and turn")
    parser.add_argument("--seconds", type=float, default=0.3, help="of each loop")
    args = parser.parse_args()
    readings, trips, idle = [], [], []
    for _ in range(TURNS):
        floor = statistics.median(took_ns(read_files, args.readings))
        reading = statistics.median(took_ns(read_counters, args.readings))
        readings.append((reading / floor, reading / 1000, floor / 1000))
        (alone, idle_alone), (watched, idle_watched) = (
            looped(args.seconds, watched=False), looped(args.seconds, watched=True),
        )  # fmt: skip
        trips.append((watched / alone, watched, alone))
        idle.append((idle_watched, idle_alone))
    ratio, reading_us, floor_us = sorted(readings)[TURNS // 2]
    print(f"a reading of the counters: {reading_us:.0f} us, {ratio:.2f} times the files alone "
          f"({floor_us:.0f} us); promised {READING:g} times")  # fmt: skip
    longer, watched_us, alone_us = sorted(trips)[TURNS // 2]
    print(f"a round trip on a watched loop: p50 {watched_us:.1f} us, {longer:.2f} times that of "
          f"one that is not ({alone_us:.1f} us); promised {WATCHED:g} times")  # fmt: skip
    shares = [100 * statistics.median(column) for column in zip(*idle, strict=True)]
    print(f"an idle loop that is watched: {shares[0]:.1f} % of a core, beside {shares[1]:.1f}")
    return int(ratio > READING or longer > WATCHED)


if __name__ == "__main__":
    sys.exit(main())
