"""What stops a process that others are logged on to: in order, whoever asks."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

__all__ = ["stop_at_signals"]


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
