"""What happened around a finding: the lines before and after, the decisive one marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fixgate.history import Record
from fixgate.report.runs.timeline import (
    Entry,
    Kind,
    fold_of,
    vocabulary_for,
    with_fewer_heartbeats,
)
from fixgate.scenario.records import Closed, Outcome, StepEnded, Wire
from fixgate.scenario.runner import Run
from fixgate.scenario.verdict import Finding
from fixgate.scenario.wording import Wording
from fixgate.wire import Message, decode

__all__ = ["LONG", "SHORT", "Evidence", "Window", "around"]


@dataclass(frozen=True, slots=True)
class Window:
    """How much is shown: so many messages before the decisive line, and after it."""

    before: int
    after: int


LONG = Window(6, 3)
SHORT = Window(2, 1)


class Evidence:
    """Finds what the findings of one run are about.

    Args:
        run: Which.
        entries: Its lines.
    """

    def __init__(self, run: Run, entries: Sequence[Entry]) -> None:
        self._history = tuple(run.history)
        self._entries = entries
        self._wording = Wording(vocabulary_for(run))
        self._quotes: dict[int, str] = {}

    def of(self, finding: Finding, window: Window) -> tuple[Entry, ...]:
        """Return the lines around a finding, what it is about marked."""
        return around(self._entries, self.decisive(finding), finding.step, window)

    def decisive(self, finding: Finding) -> int | None:
        """Return the place in the history of what a finding is about; ``None`` for the end.

        That is the newest thing from the system under test that the finding quotes, or where it
        was known that nothing had come.
        """
        known = _known(self._history, finding)
        if known is None:
            return None
        longest, found = 0, known
        for index in range(known, -1, -1):
            said = self._said(index)
            # The longest, since "MsgSeqNum(34) = 2" is also in "MsgSeqNum(34) = 23".
            if len(said) > longest and said in finding.came:
                longest, found = len(said), index
        return found

    def _said(self, index: int) -> str:
        if index not in self._quotes:
            self._quotes[index] = _said(self._history[index], self._wording)
        return self._quotes[index]


def _known(history: Sequence[Record], finding: Finding) -> int | None:
    """Return where the step ended, or what was there at the instant of the finding."""
    last = None
    for index, record in enumerate(history):
        what = record.what
        if isinstance(what, StepEnded) and what.number == finding.step:
            if what.outcome is not Outcome.OK:
                return index
        elif record.at_ns <= finding.at_ns:
            last = index
    return last


def _said(record: Record, wording: Wording) -> str:
    what = record.what
    if isinstance(what, Closed):
        return wording.closed(what) if what.by_peer else ""
    if not isinstance(what, Wire) or record.glyph != "<":
        return ""
    decoded = decode(what.data)
    if what.garbled or not isinstance(decoded, Message):
        return what.garbled
    return wording.message(decoded)


def around(
    entries: Sequence[Entry], record: int | None, step: int, window: Window
) -> tuple[Entry, ...]:
    """Return the lines around a record, which is marked; the beginning of the step is with them.

    Args:
        entries: All lines of a run.
        record: Place of the decisive record in the history; ``None`` for the end.
        step: Number of the step, 0 for none.
        window: How much.
    """
    if not entries:
        return ()
    sought = entries[-1].record if record is None else record
    at = max((i for i, e in enumerate(entries) if e.record <= sought), default=0)
    marked = [*entries[:at], replace(entries[at], decisive=True), *entries[at + 1 :]]
    lines = with_fewer_heartbeats(marked)
    at = next(i for i, e in enumerate(lines) if e.decisive)
    first = _reach(lines, at, -1, window.before)
    last = _reach(lines, at, 1, window.after)
    began = next(
        (i for i, e in enumerate(lines[:first]) if step == e.step and e.kind is Kind.STEP), None
    )
    if not step or began is None:
        return lines[first : last + 1]
    between = lines[began + 1 : first]
    fold = (fold_of(between, "lines"),) if between else ()
    return (lines[began], *fold, *lines[first : last + 1])


def _reach(lines: Sequence[Entry], at: int, way: int, messages: int) -> int:
    """Return how far a window goes: so many messages, and whatever is beside them."""
    end = at
    while 0 <= end + way < len(lines):
        if lines[end + way].is_wire:
            if not messages:
                break
            messages -= 1
        end += way
    return end
