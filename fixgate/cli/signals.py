"""What stops a process in order, whoever asks."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["noticing_ctrl_c", "stop_at_signals"]


def stop_at_signals(stop: Callable[[], object]) -> None:
    """Call ``stop`` at SIGTERM and SIGINT, and when the terminal is gone (SIGHUP).

    Who has SIGHUP ignored, as `nohup` does, wants to stay.
    """
    if sys.platform == "win32":
        return
    loop = asyncio.get_running_loop()
    wanted = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        wanted.append(signal.SIGHUP)
    for each in wanted:
        loop.add_signal_handler(each, stop)


@contextmanager
def noticing_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Yield what tells whether Ctrl-C was pressed; the second one interrupts as it always does."""
    asked = False

    def notice(*_: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, notice)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
