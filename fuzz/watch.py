"""What is measured while a target runs: how much went in, how deep it came, how long it took."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

__all__ = ["FILE_TIMES", "LIMIT_NS", "StallError", "Watch", "undisturbed"]

P = ParamSpec("P")
T = TypeVar("T")

LIMIT_NS = 10_000_000
"""CPU time that no step may take, 10 ms."""


FILE_TIMES = 50
"""What a file of up to 256 KiB may take, in `LIMIT_NS`: nobody waits for it but who gave it."""


class StallError(AssertionError):
    """One step took longer than it may."""


@dataclass(slots=True)
class Watch:
    """Counts the steps of a target, and times them by the CPU time of this thread.

    What another process takes from us is not counted. What a machine takes is, so a step that was
    too slow is played again before anybody believes it (`fuzz.failure`).

    Attributes:
        limit_ns: What a step may take, ns; 0 for any time.
        inputs: Inputs that were run.
        messages: Messages that were made, each counted once.
        fed: Messages that were fed, the same one again included.
        framed: Of those that were made, the ones of which something whole came past the framer.
        active: Of these, the ones that a session which was logged on took.
        slowest_ns: The longest step that was not too long.
        slowest: What it was.
    """

    limit_ns: int = LIMIT_NS
    inputs: int = 0
    messages: int = 0
    fed: int = 0
    framed: int = 0
    active: int = 0
    slowest_ns: int = 0
    slowest: str = ""

    def time(self, what: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``call`` returns: a step of the core, which may take `LIMIT_NS`.

        Args:
            what: The step, for people.
            call: The step.
            args: For ``call``.
            kwargs: For ``call``.

        Raises:
            StallError: It took too long.
        """
        begun = time.thread_time_ns()
        found = call(*args, **kwargs)
        spent = time.thread_time_ns() - begun
        if spent > self.limit_ns > 0:
            self._stalled(what, spent, self.limit_ns)
        if spent > self.slowest_ns:
            self.slowest_ns, self.slowest = spent, what
        return found

    def read(self, what: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``call`` returns: a file being read, which may take `FILE_TIMES` as long.

        Whatever ``call`` raises is timed, too.

        Raises:
            StallError: It took too long.
        """
        begun = time.thread_time_ns()
        try:
            return call(*args, **kwargs)
        finally:
            spent = time.thread_time_ns() - begun
            if spent > self.limit_ns * FILE_TIMES > 0:
                self._stalled(what, spent, self.limit_ns * FILE_TIMES)
            if spent > self.slowest_ns:
                self.slowest_ns, self.slowest = spent, what

    def _stalled(self, what: str, spent_ns: int, may_ns: int) -> None:
        took, may = spent_ns / 1e6, may_ns / 1e6
        raise StallError(f"{what} took {took:.1f} ms of CPU time, {may:g} ms are allowed")


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep Python's garbage collector from being counted as a stall of whatever runs."""
    if not gc.isenabled():
        yield  # somebody further out does
        return
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
