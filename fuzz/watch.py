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


_ASKED_EVERY = 16  # steps


@dataclass(slots=True)
class Watch:
    """Counts the steps of a target, and times them by the CPU time of this thread.

    To ask for that time takes 50 us on some machines, as long as a message. So the clock on the
    wall decides most of the time, which never shows less, and CPU time is asked for now and then:
    what was used since then is the most that a step can have used.

    Attributes:
        limit_ns: What a step may take, ns; 0 for any time.
        exact: Ask for the CPU time of every step, and raise when one was too slow.
        suspected: The last step that may have been too slow, or empty; not when ``exact``.
        inputs: Inputs that were run.
        messages: Messages that were made, each counted once.
        fed: Messages that were fed, the same one again included.
        framed: Of those that were made, the ones of which something whole came past the framer.
        active: Of these, the ones that a session which was logged on took.
        slowest_ns: The longest step that was not too long.
        slowest: What it was.
        asked_ns: The CPU time when it was last asked for.
        unasked: Steps since then.
    """

    limit_ns: int = LIMIT_NS
    exact: bool = False
    suspected: str = ""
    inputs: int = 0
    messages: int = 0
    fed: int = 0
    framed: int = 0
    active: int = 0
    slowest_ns: int = 0
    slowest: str = ""
    asked_ns: int = 0
    unasked: int = _ASKED_EVERY

    def time(self, what: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``call`` returns: a step of the core, which may take `LIMIT_NS`.

        Args:
            what: The step, for people.
            call: The step.
            args: For ``call``.
            kwargs: For ``call``.

        Raises:
            StallError: It took too long, when ``exact``.
        """
        begun = self._begin()
        found = call(*args, **kwargs)
        self._judge(what, begun, self.limit_ns)
        return found

    def read(self, what: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``call`` returns: a file being read, which may take `FILE_TIMES` as long.

        Whatever ``call`` raises is timed, too.

        Raises:
            StallError: It took too long, when ``exact``.
        """
        begun = self._begin()
        try:
            return call(*args, **kwargs)
        finally:
            self._judge(what, begun, self.limit_ns * FILE_TIMES)

    def _begin(self) -> int:
        self.unasked += 1
        if self.exact or self.unasked > _ASKED_EVERY:
            self._ask()
        return time.perf_counter_ns()

    def _ask(self) -> int:
        """Return the CPU time since this was last asked."""
        before, self.asked_ns, self.unasked = self.asked_ns, time.thread_time_ns(), 0
        return self.asked_ns - before

    def _judge(self, what: str, begun_ns: int, may_ns: int) -> None:
        spent_ns = time.perf_counter_ns() - begun_ns
        if self.exact or spent_ns > min(may_ns or spent_ns, self.slowest_ns):
            spent_ns = min(spent_ns, self._ask())
        if spent_ns > may_ns > 0:
            if self.exact:
                took, may = spent_ns / 1e6, may_ns / 1e6
                raise StallError(f"{what} took {took:.1f} ms, {may:g} ms are allowed")
            self.suspected = what
        elif spent_ns > self.slowest_ns:
            self.slowest_ns, self.slowest = spent_ns, what


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
