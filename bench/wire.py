"""The round trips that fixgate reports beside a packet capture of the same traffic.

    python bench/wire.py [--sessions N ...] [--requests N] [--repeats N] [--loop NAME] [--json]

A venue (`fixgate serve`) in a process of its own, tcpdump on loopback with nanoseconds, and the
prober of `fixgate latency` in this process: one session and fifty, a request in flight on each, and
one session at a rate at which replies come together. Of each request the capture has the packet
that ended it and the packet that ended its reply; what the kernel's stamps and what this process
saw are held against the time between these two. The capture is read by a few lines of this script,
not by fixgate.

The kernel stamps a packet before and after the capture sees it: some microseconds are between.

Exits with 1 when an error is larger than docs/performance.md promises, a message has no stamp, or
replies that came together are not marked; with 3 where tcpdump may not capture.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from fixgate.health.model import CheckPlan, OrderPlan
from fixgate.latency.measuring import measure
from fixgate.latency.model import LatencyPlan
from fixgate.net.clock import Clock
from fixgate.net.loop import new_event_loop
from fixgate.net.settings import Address
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.triage.model import Exchange, Mark, Sample, StampSource

LIMITS_US = {50: 4.0, 99: 8.0}
ORDER = OrderPlan("ABC", "1", Decimal(1), Decimal(50))
MESSAGE = re.compile(rb"\x0135=([^\x01]+)\x01")
ASKS = {
    b"1": rb"\x01112=([^\x01]+)\x01",
    b"D": rb"\x0111=([^\x01]+)\x01",
    b"F": rb"\x0111=([^\x01]+)\x01",
}
ANSWERS = {b"0": rb"\x01112=([^\x01]+)\x01", b"8": rb"\x0111=([^\x01]+)\x01"}


@contextmanager
def venue(folder: Path) -> Iterator[int]:
    """Run the simulated exchange; yield its port."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    file = folder / "venue.yaml"
    file.write_text(f"venue: {{listen: '127.0.0.1:{port}', accept_any: true, store: memory}}\n")
    command = [sys.executable, "-m", "fixgate", "serve", str(file)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        if not line.startswith("ready"):
            raise SystemExit(f"the venue did not start: {line}{process.stderr.read()}")
        yield port
    finally:
        process.kill()
        process.wait()


@contextmanager
def capture(port: int, file: Path) -> Iterator[None]:
    """Have tcpdump write down what goes over loopback at a port."""
    command = [
        "tcpdump", "-i", "lo", "-n", "-s", "0", "-B", "65536", "--time-stamp-precision=nano",
        "-w", str(file), f"tcp port {port}",
    ]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    line = process.stderr.readline()
    while line and "listening on" not in line:
        line = process.stderr.readline()
    if not line:
        process.wait()
        print("tcpdump may not capture here", file=sys.stderr)
        raise SystemExit(3)
    try:
        # It says so a moment before the first packet is taken.
        time.sleep(0.5)
        yield
    finally:
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
        if "\n0 packets dropped by kernel" not in f"\n{said}":
            raise SystemExit(f"the capture has holes: {said}")


def packets(file: Path) -> Iterator[tuple[int, int, bytes]]:
    """Yield ``(at_ns, source port, payload)`` of each packet: Ethernet, IPv4, TCP."""
    data = file.read_bytes()
    magic, *_, link = struct.unpack_from("<IHHiIII", data)
    if (magic, link) != (0xA1B23C4D, 1):
        raise SystemExit(f"not a capture of loopback with nanoseconds: {magic:#x}, link {link}")
    at = 24
    while at < len(data):
        seconds, nanos, size, _ = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16 : at + 16 + size]
        at += 16 + size
        ip = frame[14:]
        total = int.from_bytes(ip[2:4], "big")
        tcp = ip[(ip[0] & 15) * 4 : total]
        yield seconds * 10**9 + nanos, int.from_bytes(tcp[:2], "big"), tcp[(tcp[12] >> 4) * 4 :]


def captured(file: Path, port: int) -> tuple[dict[tuple[str, str], int], set[str]]:
    """Return round trips by kind and id, and the ids whose reply shared its packet with others."""
    asked: dict[str, int] = {}
    found: dict[tuple[str, str], int] = {}
    together: set[str] = set()
    kinds = {b"1": Exchange.HEARTBEAT, b"0": Exchange.HEARTBEAT}
    for at_ns, source, payload in packets(file):
        messages = [b"8=FIX" + part for part in payload.split(b"8=FIX")[1:]]
        for raw in messages:
            kind = MESSAGE.search(raw)
            table = ANSWERS if source == port else ASKS
            if kind is None or kind[1] not in table:
                continue
            name = re.search(table[kind[1]], raw)
            if name is None:
                continue
            text = name[1].decode()
            if source != port:
                asked[text] = at_ns
            elif text in asked:
                found[str(kinds.get(kind[1], "order")), text] = at_ns - asked.pop(text)
                if len(messages) > 1:
                    together.add(text)
    return found, together


def plans(port: int, sessions: int, requests: int, rate: float | None) -> list[LatencyPlan]:
    """Return a loop on each of so many sessions: open at a rate, closed without one."""
    made = []
    for number in range(sessions):
        identity = SessionId("FIX.4.4", f"BENCH{number}", "VENUE")
        settings = SessionSettings(identity, Role.INITIATOR, observe=True)
        check = CheckPlan(
            f"bench {number}", Address("127.0.0.1", port), settings, order=ORDER,
            deadline_ns=30 * 10**9,
        )  # fmt: skip
        made.append(LatencyPlan(check, count=requests // sessions, rate=rate, orders=True))
    return made


def run(
    sessions: int, rate: float | None, requests: int, folder: Path, loop: str
) -> dict[str, float]:
    """Measure once; return the errors."""
    samples: list[Sample] = []
    factory = new_event_loop if loop == "uvloop" else asyncio.new_event_loop
    file = folder / "wire.pcap"
    with (
        venue(folder) as port,
        capture(port, file),
        asyncio.Runner(loop_factory=factory) as runner,
    ):
        asked = plans(port, sessions, requests, rate)
        runner.run(measure(asked, clock=Clock(), host="", version="", each=samples.append))
    truth, together = captured(file, port)
    measured = [s for s in samples if s.kind.of_request]
    wire_us, app_us, unmarked, strangers = [], [], 0, 0
    for sample in measured:
        kind = str(Exchange.HEARTBEAT) if sample.kind is Exchange.HEARTBEAT else "order"
        actual_ns = truth.get((kind, sample.name))
        if actual_ns is None or sample.wire_ns is None or sample.source is not StampSource.KERNEL:
            strangers += 1
            continue
        if sample.name in together and Mark.COALESCED not in sample.marks:
            unmarked += 1
        if Mark.COALESCED not in sample.marks:
            wire_us.append(abs(sample.wire_ns - actual_ns) / 1000)
        app_us.append((sample.app_ns - actual_ns) / 1000)
    marks = {mark.value: sum(mark in s.marks for s in measured) for mark in Mark}
    return {
        "samples": len(measured), "captured": len(truth), "without a stamp": strangers,
        "replies together": len(together), "together, unmarked": unmarked,
        "capture p50 us": statistics.median(truth.values()) / 1000,
        **{f"wire error p{p} us": percentile(wire_us, p) for p in (50, 99, 100)},
        **{f"application error p{p} us": percentile(app_us, p) for p in (50, 99)},
        **{mark: count for mark, count in marks.items() if count},
    }  # fmt: skip


def percentile(values: list[float], percent: int) -> float:
    """Return the value that so many percent do not exceed."""
    ordered = sorted(values)
    return round(ordered[max(-(-percent * len(ordered) // 100) - 1, 0)], 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--rate", type=float, default=2000, help="of the open loop; 0: none")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if shutil.which("tcpdump") is None:
        print("needs tcpdump", file=sys.stderr)
        raise SystemExit(3)
    results, missed = [], False
    ways: list[tuple[int, float | None]] = [(sessions, None) for sessions in options.sessions]
    if options.rate:
        ways.append((1, options.rate))
    for sessions, rate in ways:
        runs = []
        for _ in range(options.repeats):
            with tempfile.TemporaryDirectory() as folder:
                runs.append(run(sessions, rate, options.requests, Path(folder), options.loop))
        merged = {key: statistics.median(r.get(key, 0) for r in runs) for key in runs[0]}
        results.append({"sessions": sessions, "rate": rate, **merged})
        missed |= any(merged[f"wire error p{p} us"] > limit for p, limit in LIMITS_US.items())
        missed |= any(r["without a stamp"] or r["together, unmarked"] for r in runs)
        if not options.json:
            how = "closed loop" if rate is None else f"open loop at {rate:g}/s"
            print(f"{sessions} sessions, {how}, {options.loop}, medians of {options.repeats} runs")
            for key, value in merged.items():
                print(f"  {key:28} {value:10.2f}")
    if options.json:
        print(json.dumps(results, indent=2))
    raise SystemExit(missed)


if __name__ == "__main__":
    main()
