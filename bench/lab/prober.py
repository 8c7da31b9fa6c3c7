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

_CONNECT_EVERY_S = 0.03
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
    probing = threading.Thread(target=_connects, args=(address, stop, connects))
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


def _connects(address: str, stop: threading.Event, found: list[Connect]) -> None:
    """Open a connection again and again, as a prober may while a reply is overdue."""
    while not stop.wait(_CONNECT_EVERY_S):
        with socket.socket() as sock:
            sock.settimeout(2)
            begin_ns = time.time_ns()
            try:
                sock.connect((address, PROBE_PORT))
            except OSError:
                continue
            end_ns = time.time_ns()
            info = read_tcp_info(sock)
            rtt_ns = info.rtt_ns if info is not None else 0
            found.append(Connect(begin_ns, end_ns, rtt_ns or end_ns - begin_ns, rtt_ns > 0))
