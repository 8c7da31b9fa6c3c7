"""Resident memory of a logged-on session of the exchange.

    python bench/sessions.py [--sessions N]

Starts `fixgate serve` in a process of its own, logs on N sessions over loopback, and divides the
growth of its resident memory by N. One session is logged on first, so that what is loaded once
(dictionary, tables) does not count.

Exits with 1 when a session costs more than 20 KB.
"""

from __future__ import annotations

import argparse
import resource
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from round_trip import free_port, header, message, read

LIMIT_BYTES = 20_000


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("no VmRSS: this needs Linux")


def log_on(port: int, name: bytes) -> socket.socket:
    """Return a connection with a session logged on."""
    sock = socket.create_connection(("127.0.0.1", port))
    body = header(b"A", 1).replace(b"CLIENT", name) + b"98=0\x01108=300\x01"
    sock.sendall(message(b"FIX.4.4", body))
    assert b"\x0135=A\x01" in read(sock), f"{name!r} was not logged on"
    return sock


def main() -> int:
    """Log on, weigh, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--store", choices=("memory", "disk"), default="memory")
    args = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        venue = Path(folder) / "venue.yaml"
        store = "memory" if args.store == "memory" else f"{{path: {folder}/store}}"
        venue.write_text(
            f"venue: {{listen: '127.0.0.1:{port}', accept_any: true, store: {store}}}\n"
        )
        command = [sys.executable, "-m", "fixgate", "serve", str(venue)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            assert process.stderr is not None
            assert process.stderr.readline().startswith("ready")
            socks = [log_on(port, b"FIRST")]
            before = resident_bytes(process.pid)
            socks += [log_on(port, b"C%04d" % number) for number in range(args.sessions)]
            each = (resident_bytes(process.pid) - before) / args.sessions
        finally:
            process.kill()
            process.wait()
    print(f"{args.sessions} sessions logged on, store {args.store}: {each / 1000:.1f} KB each")
    return each > LIMIT_BYTES


if __name__ == "__main__":
    sys.exit(main())
