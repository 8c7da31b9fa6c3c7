"""Measures the latency of sessions, all at once, and makes the report.

One place watches for all sessions what holds this process up, and takes their samples once that is
known; see `fixgate.sampling.assembler`.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from typing import Protocol

from fixgate.errors import FixgateError
from fixgate.health.case import Case
from fixgate.health.dialing import TlsClients
from fixgate.health.events import TcpConnected, TlsEstablished
from fixgate.health.evidence import Scribe
from fixgate.health.judge import judge as judge_check
from fixgate.health.model import CheckPlan, CheckReport, Phase, Severity, Status
from fixgate.health.reading import Reading
from fixgate.history import Record
from fixgate.host import Stall, StallKind, StallWatch
from fixgate.host.window import Window, read_counters
from fixgate.latency.floor import measure_floor
from fixgate.latency.model import LatencyPlan, LatencyReport, Mode, Ours
from fixgate.latency.prober import Prober
from fixgate.latency.progress import Tick
from fixgate.latency.summary import Context, Summary
from fixgate.latency.surroundings import Kept, Triage
from fixgate.net.clock import Clock
from fixgate.net.clock_watch import ClockWatch
from fixgate.net.stamping import stamping
from fixgate.net.tls import client_tls
from fixgate.sampling.assembler import Measured
from fixgate.session.validation import validator_of
from fixgate.triage.context import Placement
from fixgate.triage.model import Exchange, Sample, StampSource

__all__ = ["SETTLE_NS", "Watcher", "measure"]

SETTLE_NS = 100_000_000
"""How long after its reply a sample is given away: what held it up is known by then."""

_LOOK_S = 0.05
_TICK_NS = 200_000_000
_WINDOW_NS = 1_000_000_000
_WINDOWS = 3600
_REMEMBER_NS = 10_000_000_000
_log = logging.getLogger("fixgate.latency")


class Watcher(Protocol):
    """Called from the measurement's own thread; must not block and must not raise."""

    def update(self, ticks: Sequence[Tick]) -> None:
        """Some time has passed: how far every session is."""


async def measure(
    plans: Sequence[LatencyPlan],
    *,
    clock: Clock,
    host: str,
    version: str,
    watcher: Watcher | None = None,
    each: Callable[[Sample], None] | None = None,
    placement: Placement | None = None,
    clock_source: str = "",
    stop: asyncio.Event | None = None,
) -> LatencyReport:
    """Measure every session, all at once.

    Args:
        plans: One a session, at least one, their names unique, all with the same budgets.
        clock: The process's clock.
        host: Name of this machine, for the report.
        version: fixgate's version, for the report.
        watcher: Told several times a second how far it is.
        each: Gets every sample, for whoever keeps them; must be quick, and must not raise.
        placement: Where on this machine the process runs, where that is known.
        clock_source: What this machine reads the time from, for the report.
        stop: Once it is set no more is sent, and what was measured until then is reported.
    """
    tls_clients: TlsClients = cache(client_tls)
    _warm_up([plan.check for plan in plans], tls_clients)
    run = _Run(plans, clock, tls_clients, watcher, each)
    watch = ClockWatch(clock)
    started_ns, began_ns = clock.now_ns(), clock.steady_ns()
    watch.start()
    floor = None
    try:
        with stamping(), _quiet_collector(), StallWatch() as stalls:
            if any(plan.stamps for plan in plans):
                floor = await measure_floor(clock=clock_source)
            started_ns, began_ns = clock.now_ns(), clock.steady_ns()
            await run.all(stalls, stop or asyncio.Event())
            ours = run.ours(stalls)
    finally:
        watch.stop()
    frame = LatencyReport(
        mode=Mode.CLOSED if plans[0].rate is None else Mode.OPEN,
        targets=tuple(plan.check.name for plan in plans),
        started_ns=started_ns,
        duration_ns=clock.steady_ns() - began_ns,
        series=(),
        plans=tuple(plans),
        checks=tuple(run.checks()),
        floor=floor,
        ours=ours,
        rate=plans[0].rate,
        remarks=tuple(run.remarks()),
        host=host,
        version=version,
    )
    return run.report(frame, placement)


def _warm_up(plans: Sequence[CheckPlan], tls_clients: TlsClients) -> None:
    """Load dictionaries and authorities before anything is timed."""
    for plan in plans:
        with suppress(FixgateError):
            validator_of(plan.session)
            if plan.tls is not None:
                tls_clients(plan.tls)


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """Have the garbage collector pass over all that is there already."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class _Run:
    """The measurement of all sessions."""

    def __init__(
        self,
        plans: Sequence[LatencyPlan],
        clock: Clock,
        tls_clients: TlsClients,
        watcher: Watcher | None,
        each: Callable[[Sample], None] | None,
    ) -> None:
        self._each = each
        self._probers = [Prober(plan, clock, tls_clients) for plan in plans]
        self._watcher = watcher
        self._summary = Summary(budgets=plans[0].budgets, worst=plans[0].worst)
        self._kept = Kept()
        self._stalls: deque[Stall] = deque()
        self._windows: deque[Window] = deque(maxlen=_WINDOWS)
        self._counters = read_counters()
        self._collections = self._collecting_ns = 0
        self._ticked_ns = 0
        self._stopped = False

    async def all(self, watch: StallWatch, stop: asyncio.Event) -> None:
        """Run every prober to its end, or until it is enough, and take what they bring."""
        self._counters = read_counters()
        look = asyncio.create_task(self._look(watch))
        stopping = asyncio.create_task(self._stop_at(stop))
        try:
            async with asyncio.TaskGroup() as group:
                for prober in self._probers:
                    group.create_task(_run(prober), name=prober.plan.check.name)
            await asyncio.sleep(SETTLE_NS / 1e9)
        finally:
            look.cancel()
            stopping.cancel()
            await asyncio.wait([look, stopping])
            if not look.cancelled() and (error := look.exception()) is not None:
                _log.error("! samples were not collected on the way", exc_info=error)
            self._collect(watch, time.time_ns() + SETTLE_NS)
            self._count()
            self._tell()

    async def _stop_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stopped = True
        for prober in self._probers:
            prober.stop()

    async def _look(self, watch: StallWatch) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            self._collect(watch, time.time_ns() - SETTLE_NS)
            if time.monotonic_ns() - self._ticked_ns >= _TICK_NS:
                self._tell()
            if time.time_ns() - self._counters.at_ns >= _WINDOW_NS:
                self._count()

    def _count(self) -> None:
        """End a window of this machine's counters, and begin the next."""
        counters = read_counters()
        self._windows.append(Window.between(self._counters, counters))
        self._counters = counters

    def _collect(self, watch: StallWatch, before_ns: int) -> None:
        for stall in watch.stalls():
            self._stalls.append(stall)
            if stall.kind is StallKind.GC:
                self._collections += 1
                self._collecting_ns += stall.duration_ns
        while self._stalls and self._stalls[0].end_ns < before_ns - _REMEMBER_NS:
            self._stalls.popleft()
        stalls = tuple(self._stalls)
        for prober in self._probers:
            for measured in prober.assembler.samples(before_ns, stalls):
                self._take(measured, prober.plan.check)
            for lost in prober.assembler.unanswered():
                self._summary.unanswered(lost.kind, prober.plan.check.name)

    def _take(self, measured: Measured, plan: CheckPlan) -> None:
        if self._each is not None:
            self._each(measured.sample)
        self._kept.take(measured.sample)
        self._summary.take(measured.sample, lambda: _context(measured, plan))

    def _tell(self) -> None:
        if self._watcher is None:
            return
        self._ticked_ns = time.monotonic_ns()
        self._watcher.update([self._tick(prober) for prober in self._probers])

    def _tick(self, prober: Prober) -> Tick:
        so_far = self._summary.so_far(prober.plan.check.name)
        return replace(
            prober.tick(),
            median_ns=so_far.median_ns,
            max_ns=so_far.max_ns,
            errors=so_far.unanswered,
        )

    # What it comes to.

    def checks(self) -> Iterator[CheckReport]:
        """Yield how each session began and ended."""
        for prober in self._probers:
            yield _judged(prober)

    def ours(self, watch: StallWatch) -> Ours:
        """Return what this process was like meanwhile."""
        return Ours(watch.lateness(), watch.loop_lateness(), self._collections, self._collecting_ns)

    def remarks(self) -> Iterator[str]:
        """Yield what is to be known of the whole."""
        if self._stopped:
            yield "It was stopped early: less was sent than was asked for."
        reasons = {p.assembler.stampless for p in self._probers} - {""}
        for reason in sorted(reasons):
            yield f"No stamps of the kernel, times are of user space: {reason}."

    def report(self, frame: LatencyReport, placement: Placement | None) -> LatencyReport:
        """Return the whole report."""
        for prober in self._probers:
            for lost in prober.assembler.open():
                self._summary.unanswered(lost.kind, prober.plan.check.name)
            for sample in (*_connects(prober), *prober.connects()):
                self._kept.take(sample)
                self._summary.take(sample)
        triage = Triage(self._kept, windows=self._windows, placement=placement)
        return self._summary.report(frame, judge=triage.judge, split=triage.split)


async def _run(prober: Prober) -> None:
    """Run one prober; a fault of fixgate in it is told, never passed over."""
    try:
        await prober.run()
    except Exception as error:
        _log.error(
            "! %s: the measurement failed\n%s", prober.plan.check.name, prober.crashed(error)
        )


def _judged(prober: Prober) -> CheckReport:
    """Return how a session began and ended, with what became of its test orders."""
    plan = replace(prober.plan.check, level=prober.check.plan.level, order=None)
    records = prober.check.history
    report = judge_check(plan, records)
    orders = prober.orders
    if orders is None:
        return report
    troubles = [orders.trouble] if orders.trouble is not None else []
    left = [each.name for each in orders.left()]
    if left:
        names = ", ".join(left[:5]) + (f" and {len(left) - 5} more" if len(left) > 5 else "")
        text = (
            f"TEST ORDERS MAY STILL BE IN THE BOOK, not confirmed cancelled: ClOrdID(11) {names}."
        )
        troubles.append(("cancel-unconfirmed", text))
    if orders.position:
        text = f"THE TEST ORDERS LEFT A POSITION of {orders.position:+}, as far as reports came."
        troubles.append(("order-filled", text))
    case = Case(plan, Reading(records))
    findings = tuple(
        case.charge(cause, Phase.ORDER, text, case.last).finding for cause, text in troubles
    )
    failed = any(each.severity is Severity.FAILURE for each in findings)
    return replace(
        report,
        findings=(*findings, *report.findings),
        status=Status.FAIL if failed else report.status,
    )


def _context(measured: Measured, plan: CheckPlan) -> Context:
    scribe = Scribe(plan)
    texts = []
    for glyph, raw in ((">", measured.request), ("<", measured.reply)):
        written = scribe.write(Record(0, glyph, raw))
        if written is not None:
            texts.append(written.text)
    return Context(messages=tuple(texts))


def _connects(prober: Prober) -> Iterator[Sample]:
    """Yield the samples of connecting: what no message tells."""
    reading = Reading(prober.check.history)
    for phase, kind in ((Phase.TCP, Exchange.TCP), (Phase.TLS, Exchange.TLS)):
        begin, took_ns = reading.started(phase), reading.span_ns(phase)
        if begin is None or took_ns is None or not _stands(reading, phase):
            continue
        at_ns, noted = reading.at_ns(begin), reading.tcp_at_end(phase)
        tcp = noted[1] if noted is not None else None
        # Of a connection that was just opened the kernel knows one round trip, the SYN's; how long
        # it took, not when.
        rtt_ns = tcp.rtt_ns if tcp is not None and kind is Exchange.TCP else 0
        yield Sample(
            kind=kind,
            name=kind.value.partition(" ")[0],
            app_sent_ns=at_ns,
            app_received_ns=at_ns + took_ns,
            source=StampSource.KERNEL if rtt_ns else StampSource.USER,
            sent_ns=at_ns if rtt_ns else None,
            received_ns=at_ns + rtt_ns if rtt_ns else None,
            tcp_after=tcp,
            session=prober.plan.check.name,
            tls=prober.plan.check.tls is not None,
        )


def _stands(reading: Reading, phase: Phase) -> bool:
    wanted = TcpConnected if phase is Phase.TCP else TlsEstablished
    return reading.first(wanted) is not None
