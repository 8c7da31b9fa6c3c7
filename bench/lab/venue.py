"""A venue of few words that takes its time as a script says, and tells the truth about it.

Not fixgate's: its messages are built by simplefix, and what it knows of the time that it took comes
from its own clock and its own kernel's stamps. One thread, plain sockets.
"""

from __future__ import annotations

import contextlib
import heapq
import re
import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import simplefix

from bench.lab.script import Cause, Script
from fixgate.net.stamps import rx_stamp

__all__ = ["PORT", "PROBE_PORT", "Truth", "serve"]

PORT, PROBE_PORT = 9801, 9802
_FIELD = {tag: re.compile(rb"\x01%d=([^\x01]*)" % tag) for tag in (11, 34, 35, 38, 41, 54, 112)}
_SO_TIMESTAMPING, _RX_SOFTWARE, _SOFTWARE = 37, 1 << 3, 1 << 4
_SMALL_BUFFER = 4096


@dataclass
class Truth:
    """What became of one request, CLOCK_REALTIME.

    Attributes:
        arrived_ns: Its last byte was in the venue's kernel.
        read_ns: The venue had read it.
        gateway_ns: It left the gateway.
        matching_ns: It left matching; the same, where it does not go there.
        left_ns: Its reply was written.
    """

    arrived_ns: int = 0
    read_ns: int = 0
    gateway_ns: int = 0
    matching_ns: int = 0
    left_ns: int = 0


class _Lane:
    """Lets messages go on in order, each not before its time."""

    def __init__(self) -> None:
        self._last_ns = 0

    def due(self, now_ns: int, delay_ns: int) -> int:
        self._last_ns = max(now_ns + delay_ns, self._last_ns)
        return self._last_ns


class _Venue:
    def __init__(self, script: Script, begin_ns: int) -> None:
        self._script, self._begin_ns = script, begin_ns
        self._lanes = {name: _Lane() for name in ("gateway", "matching", "reply")}
        self._later: list[tuple[int, int, str, bytes, Truth]] = []
        self._count = 0
        self._number = 0
        self._request_ns: dict[int, tuple[int, int]] = {}
        self.truths: dict[str, Truth] = {}

    def run(self, listener: socket.socket, probes: socket.socket, end_ns: int) -> None:
        """Serve one session, until it has logged out or time is up."""
        client: socket.socket | None = None
        buffer = b""
        while time.monotonic_ns() < end_ns:
            self._go_on(client)
            reads = [probes, listener if client is None else client]
            if client is not None and self._deaf():
                reads.remove(client)
            ready, _, _ = select.select(reads, [], [], self._left_s())
            if probes in ready:
                probes.accept()[0].close()
            if listener in ready:
                client = self._accept(listener)
            elif client is not None and client in ready:
                data, arrived_ns = self._read(client)
                if not data:
                    return
                buffer += data
                buffer = self._frames(buffer, arrived_ns)

    def _accept(self, listener: socket.socket) -> socket.socket:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPING, _RX_SOFTWARE | _SOFTWARE)
        return client

    def _read(self, client: socket.socket) -> tuple[bytes, int]:
        if self._script.quick_ack:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        data, ancillary, _, _ = client.recvmsg(65536, 512)
        stamp = rx_stamp(ancillary)
        return data, stamp.software_ns if stamp is not None else time.time_ns()

    def _frames(self, buffer: bytes, arrived_ns: int) -> bytes:
        while (end := buffer.find(b"\x0110=")) >= 0 and len(buffer) >= end + 8:
            raw, buffer = buffer[: end + 8], buffer[end + 8 :]
            truth = Truth(arrived_ns=arrived_ns, read_ns=time.time_ns())
            name = _value(raw, 112) or _value(raw, 11)
            if name:
                self.truths[name.decode()] = truth
            self._push("gateway", raw, truth, Cause.GATEWAY)
        return buffer

    # Stages.

    def _elapsed_ns(self) -> int:
        return time.monotonic_ns() - self._begin_ns

    def _delay_ns(self, cause: Cause) -> int:
        if cause is not self._script.cause:
            return 0
        now_ns = self._elapsed_ns()
        found = (e for e in self._script.episodes if e.begin_ns <= now_ns < e.end_ns)
        return next((each.size_ns for each in found), 0)

    def _deaf(self) -> bool:
        now_ns = self._elapsed_ns()
        unread = self._script.cause is Cause.UNREAD
        return unread and any(e.begin_ns <= now_ns < e.end_ns for e in self._script.episodes)

    def _push(self, stage: str, raw: bytes, truth: Truth, cause: Cause) -> None:
        due_ns = self._lanes[stage].due(time.monotonic_ns(), self._delay_ns(cause))
        self._count += 1
        heapq.heappush(self._later, (due_ns, self._count, stage, raw, truth))

    def _left_s(self) -> float:
        left_ns = self._later[0][0] - time.monotonic_ns() if self._later else 20_000_000
        return min(max(left_ns / 1e9, 0.0), 0.02)

    def _go_on(self, client: socket.socket | None) -> None:
        while self._later and self._later[0][0] <= time.monotonic_ns():
            _, _, stage, raw, truth = heapq.heappop(self._later)
            if stage == "gateway":
                truth.gateway_ns = time.time_ns()
                if _value(raw, 35) in (b"D", b"F"):
                    self._push("matching", raw, truth, Cause.MATCHING)
                    continue
            if stage in ("gateway", "matching"):
                truth.matching_ns = time.time_ns()
                if self._script.number % 2:
                    self._push("reply", raw, truth, Cause.REPLY)
                else:
                    for reply in self._answer(raw, truth):
                        self._push("reply", reply, truth, Cause.REPLY)
            elif client is not None:
                replies = list(self._answer(raw, truth)) if self._script.number % 2 else [raw]
                truth.left_ns = time.time_ns()
                for reply in replies:
                    client.sendall(reply)

    # Words.

    def _answer(self, raw: bytes, truth: Truth) -> Iterator[bytes]:
        kind = _value(raw, 35)
        if kind == b"A":
            yield self._message(b"A", [(98, b"0"), (108, b"30")], truth)
        elif kind == b"1":
            yield self._message(b"0", [(112, _value(raw, 112))], truth)
        elif kind == b"5":
            yield self._message(b"5", [], truth)
        elif kind == b"D":
            yield self._message(b"8", self._report(raw, b"0", truth), truth)
        elif kind == b"F":
            yield self._message(b"8", self._report(raw, b"4", truth), truth)

    def _report(self, raw: bytes, status: bytes, truth: Truth) -> list[tuple[int, bytes]]:
        cl_ord_id, orig = _value(raw, 11), _value(raw, 41)
        size = _value(raw, 38) or b"1"
        fields = [(37, b"X" + (orig or cl_ord_id)), (11, cl_ord_id)]
        fields += [(41, orig)] if orig else []
        fields += [
            (17, b"E%d" % self._number), (150, status), (39, status), (55, b"ABC"),
            (54, _value(raw, 54) or b"1"), (38, size), (151, b"0" if status == b"4" else size),
            (14, b"0"), (6, b"0"), (60, self._time(truth.matching_ns)),
        ]  # fmt: skip
        if self._script.stamps in ("all", "no-entry"):
            fields.append((5979, b"%d" % truth.read_ns))
        if self._script.stamps == "all":
            fields += [(768, b"1"), (769, self._time(truth.gateway_ns)), (770, b"2")]
        return fields

    def _message(self, kind: bytes, fields: list[tuple[int, bytes]], truth: Truth) -> bytes:
        self._number += 1
        message = simplefix.FixMessage()
        message.append_pair(8, b"FIX.4.4")
        message.append_pair(35, kind)
        message.append_pair(34, self._number)
        message.append_pair(49, b"VENUE")
        message.append_pair(56, b"DESK")
        message.append_pair(52, self._time(time.time_ns()))
        for tag, value in fields:
            message.append_pair(tag, value)
        return bytes(message.encode())

    def _time(self, at_ns: int) -> bytes:
        """Return an instant by a clock that is some hours and a bit off, which nobody minds."""
        at = datetime.fromtimestamp(at_ns // 10**9, UTC).strftime("%Y%m%d-%H:%M:%S")
        if self._script.stamps == "none":
            return at.encode()
        if self._script.stamps == "sending":
            return b"%s.%03d" % (at.encode(), at_ns // 10**6 % 1000)
        return b"%s.%06d" % (at.encode(), at_ns // 1000 % 10**6)


def _value(raw: bytes, tag: int) -> bytes:
    found = _FIELD[tag].search(raw)
    return found[1] if found else b""


def serve(script: Script, address: str, begin_ns: int, ready: object, results: object) -> None:
    """Serve one run, and hand over the truth of it.

    Args:
        script: What goes wrong.
        address: Where to listen.
        begin_ns: When the traffic begins, CLOCK_MONOTONIC.
        ready: Set once it listens.
        results: Gets the truths by name.
    """
    with socket.socket() as listener, socket.socket() as probes:
        if script.cause is Cause.UNREAD:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
        for sock, port in ((listener, PORT), (probes, PROBE_PORT)):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((address, port))
            sock.listen(64)
        ready.set()  # type: ignore[attr-defined]
        venue = _Venue(script, begin_ns)
        with contextlib.suppress(ConnectionError):
            venue.run(listener, probes, begin_ns + script.duration_ns + 4_000_000_000)
    results.put(venue.truths)  # type: ignore[attr-defined]
