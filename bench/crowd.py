"""A real Logon, and a session, while a crowd of strangers holds connections open or makes new ones.

    python bench/crowd.py [--logons N] [--drip N] [--idle N] [--rate N]

Starts `fixgate serve` in a process of its own and measures in turns, a few hundred times each, a
Logon from connect() to its answer, and a TestRequest of a session that is there all the time:

* alone: nobody else is there;
* crowd: a third process keeps 1,000 connections open that send one byte of a Logon every 200 ms,
  and 200 that send nothing; when the venue closes one, another takes its place;
* flood: the third process connects as often as it can, up to 5,000 times a second, and leaves the
  last 4,000 connections open, twice what the venue has places for.

The strangers come from other addresses of the loopback than the client. Exits with 1 when the 99th
percentile of Logons in the crowd is more than 5 times that of Logons alone, or a Logon fails.
"""

from __future__ import annotations

import argparse
import os
import resource
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from round_trip import free_port, header, message, read

LIMIT = 5.0
PERIOD_S = 0.2
TURNS = 10
KEPT = 4000
BEGINNING = b"8=FIX.4.4\x019=4000\x0135=A\x0134=1\x0149=STRANGER\x0156=EXEC\x0158=" + b"x" * 4000
MODES = ("alone", "crowd", "flood")


# The strangers, in a process of their own.


def stranger(port: int, host: str) -> socket.socket:
    """Return a connection that is under way from an address that is not the client's."""
    sock = socket.socket()
    sock.setblocking(False)
    with suppress(OSError):  # only Linux has all of 127.0.0.0/8
        sock.bind((host, 0))
    with suppress(BlockingIOError):
        sock.connect(("127.0.0.1", port))
    return sock


def told_to_stop(asked: selectors.BaseSelector, seconds: float) -> bool:
    """Wait so long, or until the parent closes our standard input."""
    return bool(asked.select(max(seconds, 0)))


def drip(port: int, dripping: int, idle: int, asked: selectors.BaseSelector) -> int:
    """Send one byte on each of many connections every 200 ms, evenly spread; return how many."""
    quiet = deque((stranger(port, "127.0.0.3"), time.monotonic()) for _ in range(idle))
    crowd = deque((stranger(port, "127.0.0.2"), 0) for _ in range(dripping))
    print("ready", flush=True)
    made, step, due = dripping + idle, PERIOD_S / dripping, time.monotonic()
    while not told_to_stop(asked, due - time.monotonic()):
        due += step
        sock, sent = crowd.popleft()
        try:
            sock.send(BEGINNING[sent : sent + 1])
            crowd.append((sock, sent + 1))
        except OSError:
            sock.close()
            crowd.append((stranger(port, "127.0.0.2"), 0))
            made += 1
        if quiet and time.monotonic() - quiet[0][1] > 5:
            quiet.popleft()[0].close()
            quiet.append((stranger(port, "127.0.0.3"), time.monotonic()))
            made += 1
    return made


def flood(port: int, rate: int, asked: selectors.BaseSelector) -> int:
    """Connect ``rate`` times a second, or as often as this process can; return how often."""
    kept: deque[socket.socket] = deque()
    print("ready", flush=True)
    made, due = 0, time.monotonic()
    while not told_to_stop(asked, due - time.monotonic()):
        due = max(due + 1 / rate, time.monotonic() - 0.05)
        kept.append(stranger(port, "127.0.0.2"))
        made += 1
        if len(kept) > KEPT:
            kept.popleft().close()
    return made


def be_strangers(args: argparse.Namespace) -> int:
    """Be the third process until the parent has had enough; say how many connections were made."""
    asked = selectors.DefaultSelector()
    asked.register(sys.stdin, selectors.EVENT_READ)
    if args.mode == "crowd":
        print(drip(args.port, args.drip, args.idle, asked))
    else:
        print(flood(args.port, args.rate, asked))
    return 0


@contextmanager
def strangers(mode: str, port: int, args: argparse.Namespace, made: list[float]) -> Iterator[None]:
    """Run the third process until the block ends; add connections a second to ``made``."""
    if mode == "alone":
        yield
        return
    counts = ["--drip", str(args.drip), "--idle", str(args.idle), "--rate", str(args.rate)]
    command = [sys.executable, __file__, "--as", mode, "--port", str(port), *counts]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        begun = time.monotonic()
        time.sleep(1)
        yield
        said, _ = process.communicate()
        made.append(int(said) / (time.monotonic() - begun))
    finally:
        process.kill()
        process.wait()


# The client.


def logon_us(port: int) -> float:
    """Return what one whole Logon takes, microseconds; log out again."""
    logon = message(b"FIX.4.4", header(b"A", 1) + b"98=0\x01108=30\x01141=Y\x01")
    started = time.perf_counter_ns()
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(logon)
        assert b"\x0135=A\x01" in read(sock), "the Logon was not answered"
        took = time.perf_counter_ns() - started
        sock.sendall(message(b"FIX.4.4", header(b"5", 2)))
        read(sock)
    return took / 1000


class Holder:
    """A session that is logged on all the time."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.number = 0
        self.ask(b"A", b"98=0\x01108=0\x01")

    def ask(self, msg_type: bytes, body: bytes) -> float:
        """Send a message; return what its answer took, microseconds."""
        self.number += 1
        head = header(msg_type, self.number).replace(b"49=CLIENT", b"49=HOLDER")
        data = message(b"FIX.4.4", head + body)
        started = time.perf_counter_ns()
        self.sock.sendall(data)
        read(self.sock)
        return (time.perf_counter_ns() - started) / 1000


def percentile(samples: list[float], share: float) -> float:
    """Return the sample below which ``share`` of them are."""
    return sorted(samples)[min(int(len(samples) * share), len(samples) - 1)]


Times = dict[str, list[list[float]]]


def measured(args: argparse.Namespace) -> tuple[Times, Times, dict[str, list[float]]]:
    """Return the times of Logons and of TestRequests in each mode, turn by turn, and the rates."""
    port = free_port()
    logons: Times = {mode: [] for mode in MODES}
    answers: Times = {mode: [] for mode in MODES}
    made: dict[str, list[float]] = {mode: [] for mode in MODES}
    with tempfile.TemporaryDirectory() as folder:
        venue = Path(folder) / "venue.yaml"
        venue.write_text(f"venue: {{listen: '127.0.0.1:{port}', accept_any: true}}\n")
        command = [sys.executable, "-m", "fixgate", "serve", str(venue)]
        with (Path(folder) / "log").open("w") as log:
            process = subprocess.Popen(command, stderr=log)
        try:
            while process.poll() is None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
            if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
                os.sched_setaffinity(process.pid, {0})
            holder = Holder(port)
            for _ in range(100):
                logon_us(port)
            for _ in range(TURNS):
                for mode in MODES:
                    with strangers(mode, port, args, made[mode]):
                        count = range(args.logons // TURNS)
                        pairs = [(logon_us(port), holder.ask(b"1", b"112=x\x01")) for _ in count]
                    logons[mode].append([logon for logon, _ in pairs])
                    answers[mode].append([answer for _, answer in pairs])
        finally:
            process.kill()
            process.wait()
    return logons, answers, made


def table(what: str, times: Times) -> dict[str, float]:
    """Print the times of each mode; return the medians of the turns' ratios of percentiles 99."""
    print(f"  {what}")
    ratios = {}
    for mode, turns in times.items():
        samples = [sample for turn in turns for sample in turn]
        ratios[mode] = statistics.median(
            percentile(turn, 0.99) / percentile(base, 0.99)
            for turn, base in zip(turns, times["alone"], strict=True)
        )
        p50, p99 = percentile(samples, 0.5), percentile(samples, 0.99)
        print(f"    {mode:6}p50{p50:8.0f} us  p99{p99:8.0f} us  p99 / alone{ratios[mode]:6.2f}")
    return ratios


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logons", type=int, default=4000)
    parser.add_argument("--drip", type=int, default=1000)
    parser.add_argument("--idle", type=int, default=200)
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--as", dest="mode", choices=MODES[1:], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 16384)), hard))
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})
    if args.mode:
        return be_strangers(args)
    logons, answers, made = measured(args)
    print(f"{args.logons} times each, in {TURNS} turns; medians of the turns' ratios")
    ratios = table("Logon, connect to answer", logons)
    table("TestRequest to Heartbeat of a session that is there", answers)
    rate = statistics.median(made["flood"])
    print(f"  flood: strangers made {rate:.0f} connections a second")
    missed = ratios["crowd"] > LIMIT
    print(
        f"  Logon in the crowd: p99 at most {LIMIT:.0f} times that alone promised:"
        f" {'missed' if missed else 'held'}"
    )
    return missed


if __name__ == "__main__":
    sys.exit(main())
