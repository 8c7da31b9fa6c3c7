"""The prober of `fixgate latency` on one session, with what the script does to this machine."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from bench.lab.script import Cause, Script
from bench.lab.venue import PORT, PROBE_PORT
from fixgate.health.model import CheckPlan, OrderPlan
from fixgate.host import Stall, StallWatch, Window, read_counters
from fixgate.latency.model import LatencyPlan
from fixgate.latency.prober import Prober
from fixgate.net.clock import Clock
from fixgate.net.settings import Address
from fixgate.net.tcp_info import read_tcp_info
from fixgate.net.tls import client_tls
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.triage.context import Connect
from fixgate.triage.model import Sample

__all__ = ["Observed", "probe"]

_LOOK_S = 0.001
_OVERDUE_NS = 3_000_000
_EVERY_NS = 60_000_000
_GARBAGE = 60_000


@dataclass(frozen=True)
class Observed:
    """What the prober found in a run."""

    samples: tuple[Sample, ...]
    stalls: tuple[Stall, ...]
    connects: tuple[Connect, ...]
    windows: tuple[Window, ...]
    status: str


def probe(script: Script, address: str, begin_ns: int) -> Observed:
    """Run one session through a script; return what was seen.

    Args:
        script: What goes wrong.
        address: Where the venue is.
        begin_ns: When the traffic begins, CLOCK_MONOTONIC.
    """
    return asyncio.run(_probe(script, address, begin_ns))


async def _probe(script: Script, address: str, begin_ns: int) -> Observed:
    check = CheckPlan(
        "lab",
        Address(address, PORT),
        SessionSettings(SessionId("FIX.4.4", "DESK", "VENUE"), Role.INITIATOR, observe=True),
        order=OrderPlan("ABC", "1", Decimal(1), Decimal(50)),
    )
    plan = LatencyPlan(check, rate=script.rate, duration_ns=script.duration_ns, orders=True)
    prober = Prober(plan, Clock(), cache(client_tls))
    stop, connects = threading.Event(), []
    probing = threading.Thread(target=_connects, args=(address, prober, stop, connects))
    gc.collect()
    gc.freeze()
    before = read_counters()
    with StallWatch() as watch:
        probing.start()
        await asyncio.sleep(max(begin_ns - time.monotonic_ns(), 0) / 1e9)
        trouble = asyncio.create_task(_trouble(script, begin_ns))
        await prober.run()
        await trouble
        await asyncio.sleep(0.05)
        stalls = watch.stalls()
    stop.set()
    probing.join()
    window = Window.between(before, read_counters())
    measured = prober.assembler.samples(time.time_ns(), stalls)
    samples = tuple(each.sample for each in measured if each.sample.kind.of_request)
    return Observed(samples, stalls, tuple(connects), (window,), prober.tick().stage.value)


async def _trouble(script: Script, begin_ns: int) -> None:
    """Hold up this process as the script says."""
    if script.cause not in (Cause.GC, Cause.LOOP):
        return
    garbage: list[object] = []
    if script.cause is Cause.GC:
        garbage = [[number, {}] for number in range(_GARBAGE)]
    for episode in script.episodes:
        await asyncio.sleep((begin_ns + episode.begin_ns - time.monotonic_ns()) / 1e9)
        if script.cause is Cause.LOOP:
            time.sleep(episode.size_ns / 1e9)  # noqa: ASYNC251 - which is what is wrong
            continue
        end_ns = time.monotonic_ns() + episode.size_ns
        while time.monotonic_ns() < end_ns:
            gc.collect()
    del garbage


def _connects(address: str, prober: Prober, stop: threading.Event, found: list[Connect]) -> None:
    """Open a connection now and then, and at once while a reply is overdue."""
    last_ns = answered_ns = 0
    answered = -1
    while not stop.wait(_LOOK_S):
        now_ns, tick = time.monotonic_ns(), prober.tick()
        if tick.answered != answered or tick.answered == tick.sent:
            answered, answered_ns = tick.answered, now_ns
        overdue = now_ns - answered_ns > _OVERDUE_NS and now_ns - last_ns > 2 * _OVERDUE_NS
        if not overdue and now_ns - last_ns < _EVERY_NS:
            continue
        last_ns = now_ns
        connect = _connect(address)
        if connect is not None:
            found.append(connect)


def _connect(address: str) -> Connect | None:
    with socket.socket() as sock:
        sock.settimeout(2)
        begin_ns = time.time_ns()
        try:
            sock.connect((address, PROBE_PORT))
        except OSError:
            return None
        end_ns = time.time_ns()
        info = read_tcp_info(sock)
        rtt_ns = info.rtt_ns if info is not None else 0
        return Connect(begin_ns, end_ns, rtt_ns or end_ns - begin_ns, rtt_ns > 0)
