"""The portable loop: inputs made from a seed, one after the other, each through its target."""

from __future__ import annotations

import gc
import random
import shlex
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from fuzz.failure import Failure, described, failure_of, is_confirmed, keep
from fuzz.places import FOUND
from fuzz.targets import Target
from fuzz.watch import StallError, Watch, undisturbed

__all__ = ["Batch", "HangError", "Judge", "Outcome", "guarded", "run_batch"]

_HANGS_AFTER_S = 60.0  # of CPU time, far more than all inputs take until the next pause
_PAUSE_EVERY = 100  # inputs


class HangError(AssertionError):
    """An input takes so long that nobody waits for its end."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some inputs for one target, all of them by the seed.

    Attributes:
        target: Its name.
        seed: Of the whole run.
        number: Which batch of the run.
        inputs: How many.
        guided: By coverage; then the seed does not decide everything.
    """

    target: str
    seed: str
    number: int
    inputs: int
    guided: bool = False

    @property
    def arguments(self) -> list[str]:
        """What Python runs it by."""
        words = [self.target, self.seed, str(self.number), str(self.inputs)]
        return ["-m", "fuzz", "batch", *words, *["--guided"] * self.guided]

    @property
    def command(self) -> str:
        """What people run it by."""
        return shlex.join(["python", *self.arguments])

    def dice(self, index: int) -> random.Random:
        """Return what decides an input."""
        return random.Random(f"{self.seed}:{self.target}:{self.number}:{index}")


@dataclass(slots=True)
class Outcome:
    """What came of a batch.

    Attributes:
        watch: The counts.
        failures: By the path of the input that was kept.
        once: Steps that were too slow, and were not when played again.
    """

    watch: Watch = field(default_factory=Watch)
    failures: dict[str, str] = field(default_factory=dict)
    once: int = 0


class Judge:
    """Runs inputs through a target and keeps those that fail.

    Args:
        of: The target.
        name: Its name.
        folder: Where inputs are kept, in a folder for each target.
        confirm: Whether an input that stalled does so again.
    """

    def __init__(
        self,
        of: Target,
        name: str,
        folder: Path = FOUND,
        confirm: Callable[[str, bytes], bool] = is_confirmed,
    ) -> None:
        self.outcome = Outcome()
        self._of = of
        self._name = name
        self._folder = folder / name
        self._confirm = confirm
        self._cleared: set[str] = set()

    def take(self, data: bytes) -> None:
        """Run one input."""
        watch = self.outcome.watch
        if not watch.inputs % _PAUSE_EVERY:
            gc.collect()
            _expect_an_end()
        watch.inputs += 1
        try:
            self._of.run(data, watch)
        except Exception as error:
            self._keep(data, described(error))
        if watch.suspected:
            self._suspect(data, watch.suspected)
            watch.suspected = ""

    def _suspect(self, data: bytes, what: str) -> None:
        # A process is dear: for what was too slow without cause before, being so here is enough.
        again = failure_of(self._of, data, self.outcome.watch.limit_ns)
        slow_here = again is not None and again.stalled
        if (slow_here or what not in self._cleared) and self._confirm(self._name, data):
            text = f"{what} takes longer than it may, every time"
            self._keep(data, Failure(StallError.__name__, what, text))
        else:
            self._cleared.add(what)
            self.outcome.once += 1

    def _keep(self, data: bytes, failure: Failure) -> None:
        path = keep(self._of, data, failure, self._folder)
        self.outcome.failures.setdefault(str(path), str(failure))


@contextmanager
def guarded() -> Iterator[None]:
    """Have an input that does not end raise `HangError`, where the system has such timers.

    Nor is Python's garbage collector counted as a stall.
    """
    if not hasattr(signal, "setitimer"):
        with undisturbed():
            yield
        return
    before = signal.signal(signal.SIGVTALRM, _hangs)
    try:
        with undisturbed():
            yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _expect_an_end() -> None:
    """Set the timer anew. It is dear, and a hundred inputs are far from their end by then."""
    if hasattr(signal, "setitimer") and signal.getsignal(signal.SIGVTALRM) is _hangs:
        signal.setitimer(signal.ITIMER_VIRTUAL, _HANGS_AFTER_S)


def _hangs(number: int, frame: FrameType | None) -> None:
    raise HangError(f"no end after {_HANGS_AFTER_S:g} s of CPU time")


def run_batch(batch: Batch, judge: Judge, of: Target) -> Outcome:
    """Make the inputs of a batch and run them."""
    with guarded():
        for index in range(batch.inputs):
            judge.take(of.make(batch.dice(index)))
    return judge.outcome
