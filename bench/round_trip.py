"""Order to acknowledgement, closed loop, one session: fixgate beside a floor and a peer.

    python bench/round_trip.py [--repeats N] [--orders N] [--json]

Contenders, each a server in a process of its own on loopback:

* echo: a uvloop server that sends back what it gets, the floor of any Python server;
* fixgate: `fixgate serve` with dictionary validation, matching book and history, store in memory;
* fixgate+journal: the same with its store on disk;
* fixgate-asleep: the same as fixgate with `busy_poll: 0s`, sleeping between orders;
* quickfix: QuickFIX's Python binding, tuned (bench/peers/quickfix_acceptor.py), where installed.

They take turns within every repeat; a ratio is taken within a repeat, and its median over the
repeats is what counts, since the speed of a machine swings within minutes. The client is a plain
socket in this process, asked without sleeping, pinned to another core where there is one.

Exits with 1 when a median of ratios misses what docs/performance.md promises.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
WARM_UP = 500
LIMITS: dict[tuple[str, str], float | None] = {
    ("fixgate", "echo"): 2.5,
    ("fixgate", "quickfix"): 0.8,
    ("fixgate+journal", "fixgate"): 1.25,
    ("fixgate-asleep", "echo"): None,
}


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def message(begin: bytes, body: bytes) -> bytes:
    """Return ``body`` framed; not fixgate's own encoder, which is what is measured."""
    data = b"8=%b\x019=%d\x01%b" % (begin, len(body), body)
    return b"%b10=%03d\x01" % (data, sum(data) % 256)


def header(msg_type: bytes, number: int) -> bytes:
    """Return the header that every message of the client has."""
    now = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3].encode()
    return b"35=%b\x0134=%d\x0149=CLIENT\x0152=%b\x0156=EXEC\x01" % (msg_type, number, now)


def order(number: int, run: int) -> bytes:
    """Return a limit order far from the market, with a ClOrdID(11) of its own."""
    now = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3].encode()
    body = (
        b"11=R%d-%d\x0121=1\x0138=100\x0140=2\x0144=50.25\x0154=1\x0155=ABC\x0159=0\x0160=%b\x01"
        % (run, number, now)
    )
    return message(b"FIX.4.4", header(b"D", number) + body)


@contextmanager
def server(name: str, port: int, folder: Path) -> Iterator[None]:
    """Run a contender until the block ends."""
    fixgate = [sys.executable, "-m", "fixgate", "serve"]
    store = f"{{path: {folder / 'store'}}}" if name == "fixgate+journal" else "memory"
    poll = "0s" if name == "fixgate-asleep" else "50us"
    venue = folder / "venue.yaml"
    venue.write_text(
        f"venue: {{listen: '127.0.0.1:{port}', accept_any: true, store: {store},"
        f" busy_poll: {poll}}}\n"
    )
    command = {
        "echo": [sys.executable, str(HERE / "peers" / "echo.py"), str(port)],
        "quickfix": [sys.executable, str(HERE / "peers" / "quickfix_acceptor.py"), str(port)],
    }.get(name, [*fixgate, str(venue)])
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        if not line.startswith("ready"):
            raise SystemExit(f"{name} did not start: {line}{process.stderr.read()}")
        if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(process.pid, {0})
        yield
    finally:
        process.kill()
        process.wait()


def read(sock: socket.socket) -> bytes:
    """Return one reply; with one order in flight it comes alone.

    Asks again and again instead of sleeping: what it takes to wake a sleeping client is no part
    of a server's speed, and differs with how long it slept.
    """
    data = b""
    while data[-8:-4] != b"\x0110=":
        try:
            part = sock.recv(65536, socket.MSG_DONTWAIT)
        except BlockingIOError:
            continue
        if not part:
            raise SystemExit("the server closed the connection")
        data += part
    return data


def round_trips(name: str, orders: int, run: int) -> float:
    """Return the median round trip of one contender, microseconds."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        with (
            server(name, port, Path(folder)),
            socket.create_connection(("127.0.0.1", port)) as sock,
        ):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if name != "echo":
                sock.sendall(message(b"FIX.4.4", header(b"A", 1) + b"98=0\x01108=30\x01141=Y\x01"))
                assert b"\x0135=A\x01" in read(sock), f"{name} did not log us on"
            samples = []
            wanted = b"\x0135=D\x01" if name == "echo" else b"\x0135=8\x01"
            for number in range(2, orders + WARM_UP + 2):
                data = order(number, run)
                started = time.perf_counter_ns()
                sock.sendall(data)
                reply = read(sock)
                samples.append(time.perf_counter_ns() - started)
                assert wanted in reply, f"{name}: {reply!r}"
    return statistics.median(samples[WARM_UP:]) / 1000


def main() -> int:
    """Run the contenders in turn, print the table, judge the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    names = ["echo", "fixgate", "fixgate+journal", "fixgate-asleep"]
    if importlib.util.find_spec("quickfix"):
        names.append("quickfix")
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})
    runs = [{n: round_trips(n, args.orders, run) for n in names} for run in range(args.repeats)]
    ratios = {
        (name, base): statistics.median(run[name] / run[base] for run in runs)
        for name, base in LIMITS
        if base in names
    }
    medians = {name: statistics.median(run[name] for run in runs) for name in names}
    missed = [pair for pair, ratio in ratios.items() if ratio > (LIMITS[pair] or ratio)]
    if args.json:
        pairs = {f"{name}/{base}": round(ratio, 3) for (name, base), ratio in ratios.items()}
        print(json.dumps({"p50_us": medians, "ratios": pairs, "repeats": args.repeats}))
        return bool(missed)
    print(f"order to acknowledgement, p50 of {args.orders} orders, {args.repeats} repeats")
    for name in names:
        print(f"  {name:18}{medians[name]:9.1f} us")
    for (name, base), ratio in ratios.items():
        verdict = "missed" if (name, base) in missed else "held"
        limit = LIMITS[name, base]
        promise = (
            "nothing promised" if limit is None else f"at most {limit:.2f} promised: {verdict}"
        )
        print(f"  {name} / {base}: {ratio:.2f}, {promise}")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
