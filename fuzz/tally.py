"""What came of a run so far, and how people read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from fuzz.loop import Batch, Outcome
from fuzz.targets import TARGETS
from fuzz.watch import LIMIT_NS, Watch

__all__ = ["Tally"]

_CORE = ("framer", "session")
_COUNTS = ("inputs", "messages", "fed", "framed", "active")


@dataclass(slots=True)
class Tally:
    """What came of all batches so far.

    Attributes:
        watches: The counts of each target.
        failures: By the path of the input that was kept.
        once: Steps that were too slow, and were not when played again.
        broken: Batches whose process did not come to its end.
        guided: Inputs that coverage led to.
        next_batch: Where another run may go on.
    """

    watches: dict[str, Watch] = field(default_factory=lambda: {name: Watch() for name in TARGETS})
    failures: dict[str, str] = field(default_factory=dict)
    once: int = 0
    broken: list[str] = field(default_factory=list)
    guided: int = 0
    next_batch: int = 0

    def add(self, batch: Batch, outcome: Outcome) -> dict[str, str]:
        """Take what came of a batch; return the failures that are new."""
        total, new = self.watches[batch.target], outcome.watch
        for name in _COUNTS:
            setattr(total, name, getattr(total, name) + getattr(new, name))
        # Whoever counts the lines that are run makes them slower.
        if new.slowest_ns > total.slowest_ns and not batch.guided:
            total.slowest_ns, total.slowest = new.slowest_ns, new.slowest
        fresh = {p: text for p, text in outcome.failures.items() if p not in self.failures}
        self.failures |= fresh
        self.once += outcome.once
        self.guided += new.inputs * batch.guided
        self.next_batch = max(self.next_batch, batch.number + 1)
        return fresh

    @property
    def messages(self) -> int:
        """Mutated messages through framer and session."""
        return self.watches["session"].messages

    def _found(self, *targets: str) -> list[str]:
        paths = self.failures.items()
        return [text for path, text in paths if Path(path).parent.name in targets]

    def progress(self, seconds: float, seed: str) -> str:
        """Return one line about a run under way."""
        session = self.watches["session"]
        found = len(self.failures)
        return (
            f"{session.messages:,} messages, {session.messages / seconds:,.0f}/s, "
            f"{_share(session.framed, session.messages)} past the framer, "
            f"{_share(session.active, session.messages)} to an open session, "
            f"{found} failure{'s' * (found != 1)}; seed {seed}, batch {self.next_batch}"
        )

    def summary(self) -> list[str]:
        """Return the lines that end a run."""
        row = "{:<12} {:>11} {:>12} {:>12} {:>7} {:>11}  {}".format
        lines = [row("target", "inputs", "messages", "fed", "past", "slowest", "which was")]
        for name, watch in self.watches.items():
            if watch.inputs:
                share = _share(watch.framed, watch.messages)
                counts = (f"{n:,}" for n in (watch.inputs, watch.messages, watch.fed))
                lines.append(row(name, *counts, share, _ms(watch.slowest_ns), watch.slowest))
        lines.append(self._of_the_core())
        if found := self._found(*(name for name in self.watches if name not in _CORE)):
            lines.append(f"{len(found)} failures of others")
        if self.once:
            lines.append(
                f"{self.once} steps were slower than that once, and never when played again"
            )
        if self.guided:
            lines.append(f"coverage led to {self.guided:,} of the inputs")
        return lines

    def _of_the_core(self) -> str:
        found = self._found(*_CORE)
        stalls = sum(text.startswith("StallError") for text in found)
        slowest_ns = max(self.watches[name].slowest_ns for name in _CORE)
        return (
            f"{self.messages:,} mutated messages through framer and session: "
            f"{len(found) - stalls} exceptions, {stalls} stalls over {_ms(LIMIT_NS)}; "
            f"the slowest step took {_ms(slowest_ns)}"
        )


def _ms(span_ns: int) -> str:
    return f"{span_ns / 1e6:.3g} ms"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"
