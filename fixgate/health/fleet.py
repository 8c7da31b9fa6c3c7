"""Runs the checks of a whole fleet at once; one that hangs or fails delays nobody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

from fixgate.errors import FixgateError
from fixgate.health.dialing import TlsClients
from fixgate.health.events import CheckCrashed
from fixgate.health.evidence import traceback_of
from fixgate.health.judge import judge
from fixgate.health.line import Engine, OwnEngine
from fixgate.health.model import CheckPlan, CheckReport, FleetReport
from fixgate.health.progress import NoProgress, Progress
from fixgate.health.runner import Check
from fixgate.history import Record
from fixgate.net.clock import Clock
from fixgate.net.clock_watch import ClockWatch
from fixgate.net.stamping import stamping
from fixgate.net.tls import client_tls
from fixgate.session.validation import validator_of

__all__ = ["CONCURRENCY", "QUICKFIX_CONCURRENCY", "run_fleet"]

CONCURRENCY = 500
"""Checks at once; a descriptor each, so it stays below the usual limit of 1024."""

QUICKFIX_CONCURRENCY = 16
"""One thread of QuickFIX's does them all, and reads a dictionary anew for each, some 20 ms."""

_OVERRUN_NS = 2_000_000_000
"""A check keeps its own deadline; one that is this much late has a fault and is called off."""

_log = logging.getLogger("fixgate.check")


async def run_fleet(
    plans: Sequence[CheckPlan],
    *,
    clock: Clock,
    host: str,
    version: str,
    progress: Progress | None = None,
    concurrency: int = CONCURRENCY,
    engine: Engine | None = None,
) -> FleetReport:
    """Check every session, all at once.

    Args:
        plans: One a session, their names unique.
        clock: The process's clock.
        host: Name of this machine, for the report.
        version: fixgate's version, for the report.
        progress: Told what happens; `NoProgress` when ``None``.
        concurrency: Checks at once, at least 1; the deadline of those that wait has not begun.
        engine: Whose session layer does the sessions; our own when ``None``.
    """
    watcher = progress or NoProgress()
    places = asyncio.Semaphore(concurrency)
    tls_clients: TlsClients = cache(client_tls)
    _warm_up(plans, tls_clients)
    started_ns, began_ns = clock.now_ns(), clock.steady_ns()
    watch = ClockWatch(clock)

    async def one(plan: CheckPlan) -> CheckReport:
        async with places:
            return await _one(plan, clock, watcher, tls_clients, engine or OwnEngine(stamped=True))

    watch.start()
    try:
        with stamping():
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(plan), name=plan.name) for plan in plans]
    finally:
        watch.stop()
    return FleetReport(
        started_ns=started_ns,
        duration_ns=clock.steady_ns() - began_ns,
        checks=tuple(task.result() for task in tasks),
        host=host,
        version=version,
    )


def _warm_up(plans: Sequence[CheckPlan], tls_clients: TlsClients) -> None:
    """Load dictionaries and authorities now, so that no phase of a check is timed with it.

    What cannot be loaded is left to the check that needs it, which then says so.
    """
    for plan in plans:
        with suppress(FixgateError):
            validator_of(plan.session)
            if plan.tls is not None:
                tls_clients(plan.tls)


async def _one(
    plan: CheckPlan,
    clock: Clock,
    progress: Progress,
    tls_clients: TlsClients,
    engine: Engine,
) -> CheckReport:
    """Run and judge one check; a fault of fixgate in it is UNKNOWN, never a pass."""
    progress.started(plan)
    check = Check(plan, clock, progress, tls_clients, engine)
    try:
        async with asyncio.timeout((plan.longest_ns + _OVERRUN_NS) / 1e9):
            await check.run()
    except Exception as error:
        _log_fault(plan, error)
        check.crashed(error)
    try:
        report = judge(plan, check.history)
    except Exception as error:
        _log_fault(plan, error)
        crash = CheckCrashed(f"{type(error).__name__} while judging")
        report = judge(plan, [Record(clock.now_ns(), "#", crash)])
    progress.ended(report)
    return report


def _log_fault(plan: CheckPlan, error: Exception) -> None:
    _log.error("! %s: the check failed\n%s", plan.name, traceback_of(error, plan))
