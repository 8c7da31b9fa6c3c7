"""When the next request is due. The waiting is exact, not by the grain of the loop's timers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

__all__ = ["instants"]

_ASK_S = 0.2
_GRAIN_S = 0.0015
"""Both event loops wake up by whole milliseconds; what is left is waited for awake."""


async def instants(
    rate: float,
    count: int | None,
    duration_ns: int | None,
    *,
    stop: Callable[[], bool] = lambda: False,
) -> AsyncIterator[tuple[int, int]]:
    """Yield each instant as it comes, never one late because of the one before.

    Args:
        rate: How many a second, above 0.
        count: How many in all; ``None`` for as many as the duration has.
        duration_ns: For how long; ``None`` for as long as the count takes.
        stop: Asked now and then whether it is enough.

    Yields:
        The number of the instant, from 0 on, and when it is due, CLOCK_REALTIME. Who takes longer
        with one than the interval finds the next ones past.
    """
    begin_ns, epoch_ns = time.monotonic_ns(), time.time_ns()
    number = 0
    while count is None or number < count:
        after_ns = round(number * 1e9 / rate)
        if duration_ns is not None and after_ns >= duration_ns:
            return
        if not await _comes(begin_ns + after_ns, stop):
            return
        yield number, epoch_ns + after_ns
        number += 1


async def _comes(due_ns: int, stop: Callable[[], bool]) -> bool:
    """Wait for an instant; return whether it came before it was enough."""
    while (left_s := (due_ns - time.monotonic_ns()) / 1e9) > _GRAIN_S:
        if stop():
            return False
        await asyncio.sleep(min(left_s - _GRAIN_S, _ASK_S))
    while time.monotonic_ns() < due_ns:  # noqa: ASYNC110 - nothing but time brings it about
        await asyncio.sleep(0)
    return not stop()
