"""Resident memory of a connection that has not logged on, whatever it sends.

    python bench/strangers.py [--connections N]

Starts `fixgate serve` in a process of its own for each kind of stranger, opens N connections that
send it and stay, and divides the growth of the venue's resident memory by N. A few connections are
opened first, so that what is loaded once does not count.

Exits with 1 when one costs more than 68 KiB.
"""

from __future__ import annotations

import argparse
import resource
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import trustme
from round_trip import free_port

from sessions import resident_bytes

LIMIT_KIB = 68
SETTLE_S = 1.0
FIRST = 50

HEAD = b"8=FIX.4.4\x019=%d\x0135=A\x0195=16000\x0196="
LONGEST = HEAD % 16300 + b"x" * 15_900
"""All but the end of the longest Logon that is waited for."""

TOO_LONG = HEAD % 65000 + b"x" * 60_000

Stranger = Callable[[int, ssl.SSLContext], socket.socket]


def plain(*parts: bytes) -> Stranger:
    """Return the stranger that sends these parts, a little apart."""

    def stranger(port: int, _: ssl.SSLContext) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            try:
                sock.sendall(part)
            except OSError:  # cut off at once
                break
            time.sleep(0.0002)
        return sock

    return stranger


def dripping(data: bytes, count: int) -> Stranger:
    """Return the stranger that sends bytes one by one."""
    return plain(*(data[n : n + 1] for n in range(count)))


def in_pieces(data: bytes, size: int = 1000) -> Stranger:
    """Return the stranger that sends data in pieces."""
    return plain(*(data[n : n + size] for n in range(0, len(data), size)))


def client_hello(context: ssl.SSLContext) -> bytes:
    """Return what a client of TLS says first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


def half_shaken(part: slice) -> Stranger:
    """Return the stranger that sends a part of its ClientHello."""

    def stranger(port: int, context: ssl.SSLContext) -> socket.socket:
        return plain(client_hello(context)[part])(port, context)

    return stranger


def behind_tls(data: bytes) -> Stranger:
    """Return the stranger that completes the handshake and then sends data."""

    def stranger(port: int, context: ssl.SSLContext) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", port))
        tls = context.wrap_socket(sock, server_hostname="127.0.0.1")
        for n in range(0, len(data), 1000):
            tls.sendall(data[n : n + 1000])
        return tls

    return stranger


STRANGERS: dict[str, tuple[Stranger, bool]] = {
    "nothing": (plain(), False),
    "a Logon byte by byte": (dripping(LONGEST, 60), False),
    "the longest Logon, its end missing": (in_pieces(LONGEST), False),
    "64 KiB without an end": (in_pieces(TOO_LONG), False),
    "TLS: nothing": (plain(), True),
    "TLS: half a ClientHello": (half_shaken(slice(0, -1)), True),
    "TLS: a ClientHello": (half_shaken(slice(None)), True),
    "TLS: a handshake, then nothing": (behind_tls(b""), True),
    "TLS: the longest Logon, its end missing": (behind_tls(LONGEST), True),
}


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate for the venue; return what trusts it."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "venue.pem"))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def kib_each(name: str, connections: int, folder: Path, context: ssl.SSLContext) -> float:
    """Return what one stranger costs the venue, KiB."""
    stranger, tls = STRANGERS[name]
    port = free_port()
    files = ", tls: {certificate: venue.pem, key: venue.pem}" if tls else ""
    venue = folder / "venue.yaml"
    venue.write_text(
        f"venue:\n  accept_any: true\n  listen: [{{address: '127.0.0.1:{port}'{files}}}]\n"
        "  first_logon: 10m\n  limits: {max_connections: 100000, max_per_address: 100000}\n"
    )
    command = [sys.executable, "-m", "fixgate", "serve", str(venue)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    socks = []
    try:
        assert process.stderr is not None
        while not (line := process.stderr.readline()).startswith("ready"):
            assert line.startswith("warning"), line
        socks += [stranger(port, context) for _ in range(FIRST)]
        time.sleep(SETTLE_S)
        before = resident_bytes(process.pid)
        socks += [stranger(port, context) for _ in range(connections)]
        time.sleep(SETTLE_S)
        return (resident_bytes(process.pid) - before) / connections / 1024
    finally:
        process.kill()
        process.wait()
        for sock in socks:
            sock.close()


def main() -> int:
    """Weigh each kind, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, default=1000)
    args = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
    print(f"{args.connections} connections that have not logged on, and have sent")
    most = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        context = certificate(folder)
        for what in STRANGERS:
            each = kib_each(what, args.connections, folder, context)
            most = max(most, each)
            print(f"  {what:42}{each:6.1f} KiB each")
    verdict = "missed" if most > LIMIT_KIB else "held"
    print(f"  at most {LIMIT_KIB} KiB promised: {verdict}")
    return most > LIMIT_KIB


if __name__ == "__main__":
    sys.exit(main())
