"""A failure: how it is told from others, confirmed, kept in a file."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fuzz.places import ROOT
from fuzz.shrink import shrink
from fuzz.targets import Target, target
from fuzz.watch import StallError, Watch, undisturbed

__all__ = ["Failure", "described", "failure_of", "is_confirmed", "keep", "stalls"]

_TRIES = 3
_FIXGATE = str(ROOT / "fixgate")


@dataclass(frozen=True, slots=True)
class Failure:
    """What came of one input.

    Attributes:
        kind: The exception's type.
        place: ``file:line`` where it was raised, the innermost of fixgate's if it came through
            there; of a stall the step.
        text: Its message.
    """

    kind: str
    place: str
    text: str

    @property
    def stalled(self) -> bool:
        """A step took too long."""
        return self.kind == StallError.__name__

    @property
    def name(self) -> str:
        """Of the file for its input: failures of one cause share it."""
        return f"{self.kind}-{sha256(self.place.encode()).hexdigest()[:8]}"

    def __str__(self) -> str:
        return f"{self.kind} at {self.place}: {self.text}"


def failure_of(of: Target, data: bytes, limit_ns: int) -> Failure | None:
    """Return what fails with an input, ``None`` when nothing does."""
    try:
        with undisturbed():
            of.run(data, Watch(limit_ns=limit_ns, exact=True))
    except Exception as error:
        return described(error)
    return None


def described(error: Exception) -> Failure:
    """Return an exception as a failure."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(_FIXGATE)]
    last = (ours or frames)[-1]
    path = Path(last.filename)
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else Path(path.name)
    stalled = isinstance(error, StallError)
    # Every stall is raised at one line: what stalled tells one from another.
    place = str(error).partition(" took ")[0] if stalled else f"{name}:{last.lineno}"
    return Failure(type(error).__name__, place, str(error)[:500])


def is_confirmed(name: str, data: bytes) -> bool:
    """Whether an input stalls every time in a process of its own, where all caches are cold."""
    script = "import sys; from fuzz.failure import stalls; sys.exit(stalls(sys.argv[1]))"
    command = [sys.executable, "-c", script, name]
    runs = (subprocess.run(command, input=data, cwd=ROOT, check=False) for _ in range(_TRIES))
    return all(done.returncode == 1 for done in runs)


def stalls(name: str) -> int:
    """Return 1 when the input on standard input stalls a target, else 0."""
    failure = failure_of(target(name), sys.stdin.buffer.read(), Watch().limit_ns)
    return int(failure is not None and failure.stalled)


def keep(of: Target, data: bytes, failure: Failure, folder: Path) -> Path:
    """Write an input that fails, made as small as it will go, and return where it is.

    An earlier one of the same cause stays.
    """
    path = folder / failure.name
    if path.exists():
        return path
    limit_ns = Watch().limit_ns if failure.stalled else 0
    fails = _fails_like(failure, of, limit_ns)
    small = shrink(data, fails) if fails(data) else data
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(small)
    return path


def _fails_like(failure: Failure, of: Target, limit_ns: int) -> Callable[[bytes], bool]:
    def fails(data: bytes) -> bool:
        found = failure_of(of, data, limit_ns)
        return found is not None and found.name == failure.name

    return fails
