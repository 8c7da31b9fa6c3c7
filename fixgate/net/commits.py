"""Threads that wait for disks, so that the event loop does not."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

__all__ = ["Commits"]

_THREADS = 4
"""Disks take several syncs at once, file systems put them together; more threads gain nothing."""


class Commits:
    """Runs what blocks, for the stores of one event loop.

    Args:
        loop: The loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="store")

    def run(self, work: Callable[[], None], done: Callable[[], None]) -> Future[None]:
        """Run ``work`` in a thread, and then ``done`` in the loop.

        Returns:
            The result of ``work``, for who cannot wait for the loop.
        """

        def tell(_: Future[None]) -> None:
            # Whoever closes the loop has waited for the result by itself.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(done)

        future = self._threads.submit(work)
        future.add_done_callback(tell)
        return future

    def close(self) -> None:
        """Wait until nothing is under way, and end the threads."""
        self._threads.shutdown()
