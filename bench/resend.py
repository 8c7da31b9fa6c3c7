"""A day's messages asked for again, from disk: fixgate beside QuickFIX C++ and its FileStore.

    python bench/resend.py [--messages 2000000] [--repeats 3] [--json]

Both servers have the same ExecutionReports in their stores, made beforehand. A client logs on,
sends ResendRequest(2) for all of them, and reads; how fast they come is the figure. Meanwhile

- on the same session a TestRequest(1) every 50 ms: how long until its Heartbeat(0);
- on another session, at fixgate, an order every 20 ms: how long until it is acknowledged, beside
  the same before anybody asked for anything;
- the server's memory is looked at: how much it grows.

QuickFIX is built from bench/peers/quickfix_store.cpp with g++ and libquickfix-dev; without them
only fixgate is measured. It has no dictionary and a threaded acceptor: its fastest way. Before
anything is measured, reopening a store of a million messages is timed.

Exits with 1 when a figure misses what docs/performance.md promises.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

from fixgate.net.journal import JournalStore
from fixgate.session.settings import SessionId

HERE = Path(__file__).parent
SENT = "20260302-09:00:00.123"
REOPENED = 1_000_000
PING_S = 0.05
ORDER_S = 0.02


def message(body: bytes) -> bytes:
    """Return ``body`` framed; not by fixgate's own encoder, which is what is measured."""
    data = b"8=FIX.4.4\x019=%d\x01%b" % (len(body), body)
    return b"%b10=%03d\x01" % (data, sum(data) % 256)


def report(number: int) -> bytes:
    """Return an ExecutionReport as it was sent, about 200 bytes."""
    body = (
        f"35=8|34={number}|49=EXEC|52={SENT}|56=CLIENT|37=O{number}|11=C{number}|17=E{number}|"
        f"150=0|39=0|55=ABC|54=1|38=100|40=2|44=99.5|32=0|31=0|151=100|14=0|6=0|60={SENT}|"
    )
    return message(body.replace("|", "\x01").encode())


class Client:
    """One session on a blocking socket."""

    def __init__(self, port: int, name: str) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.name = name
        self.next_out = 1

    def send(self, msg_type: str, body: str) -> None:
        """Send a message with the next number."""
        now = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
        head = f"35={msg_type}|34={self.next_out}|49={self.name}|52={now}|56=EXEC|"
        self.next_out += 1
        self.sock.sendall(message((head + body).replace("|", "\x01").encode()))

    def log_on(self) -> None:
        """Log on; the answer must come."""
        self.send("A", "98=0|108=60|")
        assert b"\x0135=A\x01" in self.sock.recv(65536), "not logged on"


@dataclass
class Result:
    """What came of one request, times in milliseconds.

    Attributes:
        per_s: Messages a second.
        first_ms: Until the first bytes.
        ping_p99_ms: From a TestRequest to its Heartbeat.
        ping_max_ms: The longest.
        grown_mib: Growth of the server's resident memory.
    """

    per_s: float
    first_ms: float
    ping_p99_ms: float
    ping_max_ms: float
    grown_mib: float


def ask_for_all(port: int, pid: int, messages: int) -> Result:
    """Ask for everything, and read it."""
    client = Client(port, "CLIENT")
    client.log_on()
    before = peak_mib(pid)
    sock = client.sock
    start = time.perf_counter()
    client.send("2", "7=1|16=0|")
    first = 0.0
    count, tail = 0, b""
    last_ping, pings = start, {}
    times: list[float] = []
    end = b"\x0136=%d\x01" % (messages + 2)
    while end not in tail:
        data = sock.recv(1 << 20)
        now = time.perf_counter()
        assert data, "the server closed the connection"
        first = first or now - start
        count += (tail + data).count(b"\x0143=Y\x01")
        beats = (tail + data).split(b"\x01112=ping-")
        for beat in beats[1:]:
            sent = pings.pop(beat[: beat.find(b"\x01")], None)
            if sent is not None:
                times.append(now - sent)
        tail = data[-256:]
        count -= tail.count(b"\x0143=Y\x01")
        if now - last_ping > PING_S:
            last_ping = now
            name = b"%d" % client.next_out
            pings[name] = now
            client.send("1", f"112=ping-{name.decode()}|")
    took = time.perf_counter() - start
    grown = peak_mib(pid) - before
    # What was asked last may still be behind the messages: its time counts, too.
    while pings:
        data = sock.recv(1 << 20)
        for beat in (tail + data).split(b"\x01112=ping-")[1:]:
            sent = pings.pop(beat[: beat.find(b"\x01")], None)
            if sent is not None:
                times.append(time.perf_counter() - sent)
        tail = data[-256:]
    sock.close()
    count += tail.count(b"\x0143=Y\x01")
    assert count >= messages, f"{count} of {messages} messages came"
    times.sort()
    p99 = times[int(len(times) * 0.99)] if times else 0.0
    return Result(messages / took, first * 1e3, p99 * 1e3, max(times, default=0.0) * 1e3, grown)


def peak_mib(pid: int) -> float:
    """Return the most memory that a process has had, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise SystemExit("no VmHWM: not a Linux")


def trade(port: int, quiet: Event, stop: Event, results: Connection) -> None:
    """Send an order every 20 ms; return the times to acknowledge them, before and during."""
    client = Client(port, "TRADER")
    client.log_on()
    before: list[float] = []
    during: list[float] = []
    number = 0
    while not stop.is_set():
        number += 1
        now = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
        start = time.perf_counter()
        client.send("D", f"11=T{number}|55=ABC|54=1|60={now}|38=1|40=2|44=50|")
        client.sock.recv(65536)
        took = time.perf_counter() - start
        (during if quiet.is_set() else before).append(took * 1e3)
        time.sleep(ORDER_S)
    results.send((before[10:], during))


@contextmanager
def running(command: list[str]) -> Iterator[int]:
    """Run a server until the block ends; yield its process id."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        if not line.startswith("ready"):
            raise SystemExit(f"{command[0]} did not start: {line}{process.stderr.read()}")
        yield process.pid
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def fill_fixgate(folder: Path, messages: int) -> Path:
    """Write a store of fixgate, and the venue file that uses it."""
    store = JournalStore(folder / "store", SessionId("FIX.4.4", "EXEC", "CLIENT"), time.time_ns())
    for number in range(1, messages + 1):
        store.sent(number, report(number), 0)
        if not number % 100:
            store.flush()
    store.close()
    venue = folder / "venue.yaml"
    venue.write_text(
        "venue: {listen: '127.0.0.1:%d', comp_id: EXEC, store: {path: store}, "
        "sessions: [{begin_string: FIX.4.4, theirs: CLIENT},"
        " {begin_string: FIX.4.4, theirs: TRADER}]}\n"
    )
    return venue


def fill_quickfix(folder: Path, messages: int) -> Path:
    """Write the files of a FileStore, and the settings file that uses them."""
    name = folder / "FIX.4.4-EXEC-CLIENT"
    offset = 0
    with open(f"{name}.body", "wb") as body, open(f"{name}.header", "w") as header:
        for number in range(1, messages + 1):
            raw = report(number)
            body.write(raw)
            header.write(f"{number},{offset},{len(raw)} ")
            offset += len(raw)
    Path(f"{name}.seqnums").write_text(f"{messages + 1:020} : {1:020}")
    Path(f"{name}.session").write_text(datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S"))
    settings = folder / "acceptor.cfg"
    settings.write_text(
        "[DEFAULT]\nConnectionType=acceptor\nStartTime=00:00:00\nEndTime=00:00:00\n"
        "SocketAcceptPort=%d\nSocketNodelay=Y\nSocketReuseAddress=Y\nUseDataDictionary=N\n"
        f"BeginString=FIX.4.4\nFileStorePath={folder}\n"
        "[SESSION]\nSenderCompID=EXEC\nTargetCompID=CLIENT\n"
    )
    return settings


def build_quickfix(folder: Path) -> Path | None:
    """Return the peer, built; ``None`` where it cannot be."""
    compiler = shutil.which("g++")
    if compiler is None:
        return None
    program = folder / "quickfix_store"
    source = HERE / "peers" / "quickfix_store.cpp"
    command = [compiler, "-O2", "-std=c++14", "-w", "-o", program, source]
    done = subprocess.run([*command, "-lquickfix", "-lpthread"], capture_output=True)
    return program if done.returncode == 0 else None


def copied(folder: Path, source: Path, port: int) -> Path:
    """Return a copy of a server's files, its port filled in: each run begins with the same."""
    target = folder / "run"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source.parent, target)
    file = target / source.name
    text = source.read_text() % port
    file.write_text(text.replace(str(source.parent), str(target)))
    return file


def reopen_s(folder: Path) -> float:
    """Return how long it takes to open a store of a million messages, seconds."""
    session_id = SessionId("FIX.4.4", "EXEC", "CLIENT")
    start = time.perf_counter()
    JournalStore(folder / "store", session_id, time.time_ns()).close()
    return time.perf_counter() - start


def measure_fixgate(folder: Path, venue: Path, messages: int) -> tuple[Result, list[list[float]]]:
    """Ask fixgate for everything while another session trades."""
    port = free_port()
    command = [sys.executable, "-m", "fixgate", "serve", str(copied(folder, venue, port))]
    quiet, stop = multiprocessing.Event(), multiprocessing.Event()
    ours, theirs = multiprocessing.Pipe()
    with running(command) as pid:
        trader = multiprocessing.Process(target=trade, args=(port, quiet, stop, theirs))
        trader.start()
        time.sleep(2)
        quiet.set()
        result = ask_for_all(port, pid, messages)
        stop.set()
        times = ours.recv()
        trader.join()
    return result, times


def main() -> int:
    """Run both, print the table, judge the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("million", "fixgate", "quickfix"):
            (folder / part).mkdir()
        fill_fixgate(folder / "million", REOPENED)
        reopened = reopen_s(folder / "million")
        shutil.rmtree(folder / "million")
        venue = fill_fixgate(folder / "fixgate", args.messages)
        program = build_quickfix(folder)
        settings = fill_quickfix(folder / "quickfix", args.messages) if program else None
        fixgate: list[Result] = []
        quickfix: list[Result] = []
        orders: list[list[float]] = [[], []]
        for _ in range(args.repeats):
            result, times = measure_fixgate(folder, venue, args.messages)
            fixgate.append(result)
            orders[0] += times[0]
            orders[1] += times[1]
            if program is not None and settings is not None:
                port = free_port()
                with running([str(program), str(copied(folder, settings, port))]) as pid:
                    quickfix.append(ask_for_all(port, pid, args.messages))
    return tell(args, reopened, fixgate, quickfix, orders)


def tell(
    args: argparse.Namespace,
    reopened: float,
    fixgate: list[Result],
    quickfix: list[Result],
    orders: list[list[float]],
) -> int:
    """Print what was measured; return the exit code."""
    ratio = (
        statistics.median(
            ours.per_s / theirs.per_s for ours, theirs in zip(fixgate, quickfix, strict=False)
        )
        if quickfix
        else None
    )
    grown = max(each.grown_mib for each in fixgate)
    missed = reopened > 2 or grown > 32 or (ratio is not None and ratio < 1)
    if args.json:
        values = {
            "reopen_s": reopened,
            "fixgate": [asdict(each) for each in fixgate],
            "quickfix": [asdict(each) for each in quickfix],
            "order_ms": [
                [statistics.median(each), sorted(each)[len(each) * 99 // 100]] for each in orders
            ],
        }
        print(json.dumps(values))
        return int(missed)
    print(f"a store of a million messages reopened in {reopened:.2f} s, at most 2 s promised")
    print(f"{args.messages} messages asked for again, {args.repeats} repeats")
    for name, results in (("fixgate", fixgate), ("quickfix C++", quickfix)):
        for each in results:
            print(
                f"  {name:13}{each.per_s:10,.0f} /s, first bytes after {each.first_ms:7.1f} ms, "
                f"TestRequest answered in {each.ping_p99_ms:7.1f} ms p99, {each.ping_max_ms:7.1f} "
                f"max, memory +{each.grown_mib:.1f} MiB"
            )
    if ratio is not None:
        print(f"  fixgate / quickfix C++: {ratio:.2f} times as fast, at least 1 promised")
    else:
        print("  no QuickFIX beside it: g++ and libquickfix-dev are needed")
    for name, times in zip(("before", "during"), orders, strict=True):
        times.sort()
        p99 = times[len(times) * 99 // 100]
        print(
            f"  an order of another session, {name}: {statistics.median(times):.2f} ms p50, "
            f"{p99:.2f} ms p99, {times[-1]:.2f} ms max, of {len(times)}"
        )
    print(f"  memory of fixgate grew by {grown:.1f} MiB, at most 32 promised")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
