"""One exchange on one session while its samples come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from fixgate.latency.distribution import Recorder
from fixgate.latency.model import Budget, BudgetOutcome, Figure, Series
from fixgate.latency.moments import Moments, Sizes
from fixgate.latency.slowest import Context, Kept, Slowest
from fixgate.triage.model import Exchange, Mark, Sample, StampSource

__all__ = ["Measured"]


class Measured:
    """Takes the samples of one exchange on one session; its memory is bounded.

    Args:
        kind: What was asked and what answered.
        session: Its name.
        worst: How many of the slowest are kept whole.
        raw_limit: How many latencies of a figure are kept as they are.

    Attributes:
        sizes: The best figure of all samples, for whoever wants to know meanwhile.
        unanswered: Requests that no reply came to.
        marks: How many samples have each mark.
    """

    __slots__ = (
        "_figures",
        "_kind",
        "_moments",
        "_raw_limit",
        "_session",
        "_slowest",
        "_sources",
        "_unmarked",
        "marks",
        "sizes",
        "unanswered",
    )

    def __init__(self, kind: Exchange, session: str, *, worst: int, raw_limit: int) -> None:
        self._kind = kind
        self._session = session
        self._raw_limit = raw_limit
        self._figures: dict[Figure, Recorder] = {}
        self._unmarked: dict[Figure, Recorder] = {}
        self._moments = Moments()
        self._slowest = Slowest(worst)
        self._sources: set[StampSource] = set()
        self.sizes = Sizes()
        self.unanswered = 0
        self.marks: Counter[Mark] = Counter()

    def take(self, sample: Sample, context: Callable[[], Context] | None) -> None:
        """Take a sample; one that the wall clock was set in counts only as marked so."""
        self.marks.update(sample.marks)
        if Mark.CLOCK_STEPPED in sample.marks:
            return
        for figure, took_ns in _figures_of(sample):
            self._recorder(self._figures, figure).record(took_ns)
        best = Figure.APP if sample.wire_ns is None else Figure.WIRE
        if not sample.marks:
            self._recorder(self._unmarked, best).record(sample.best_ns)
        if best is Figure.WIRE:
            self._sources.add(sample.source)
        at_ns = sample.app_sent_ns if sample.due_ns is None else sample.due_ns
        self._moments.take(at_ns, sample.best_ns, marked=bool(sample.marks))
        self.sizes.add(sample.best_ns)
        self._slowest.offer(sample, context)

    def kept(self) -> Iterable[Kept]:
        """Return the slowest."""
        return self._slowest.kept()

    def series(self, budgets: Sequence[Budget]) -> Series:
        """Return what was found so far."""
        figures = {
            figure: found
            for figure in Figure
            if figure in self._figures
            and (found := self._figures[figure].distribution()) is not None
        }
        best = Figure.WIRE if Figure.WIRE in figures else Figure.APP
        whole, unmarked = self._figures.get(best), self._unmarked.get(best)
        few = whole is not None and unmarked is not None and unmarked.count < whole.count
        return Series(
            kind=self._kind,
            session=self._session,
            figures=figures,
            unmarked=unmarked.distribution() if few and unmarked is not None else None,
            marks={mark: self.marks[mark] for mark in Mark if self.marks[mark]},
            unanswered=self.unanswered,
            moments=self._moments.moments(),
            source=self._source(),
            budgets=tuple(self._outcomes(budgets, best)),
        )

    def _recorder(self, recorders: dict[Figure, Recorder], figure: Figure) -> Recorder:
        recorder = recorders.get(figure)
        if recorder is None:
            recorder = recorders[figure] = Recorder(self._raw_limit)
        return recorder

    def _source(self) -> StampSource:
        """Return the poorest clock among those of the wire's stamps: what can be claimed of all."""
        order = list(StampSource)
        return max(self._sources, key=order.index, default=StampSource.USER)

    def _outcomes(self, budgets: Sequence[Budget], best: Figure) -> Iterable[BudgetOutcome]:
        for budget in budgets:
            figure = budget.figure or best
            recorder = self._figures.get(figure)
            if budget.concerns(self._kind) and (recorder is not None or self.unanswered):
                yield BudgetOutcome(budget, figure, self._reached(recorder, budget.percentile))

    def _reached(self, recorder: Recorder | None, percentile: float) -> int | None:
        """Return a percentile of all requests; what was not answered took longer than any."""
        if recorder is None:
            return None
        # Rounded, since in binary what is meant to be 100 may come out above.
        of_answered = round(percentile * (recorder.count + self.unanswered) / recorder.count, 9)
        return recorder.value_at(of_answered) if of_answered <= 100 else None


def _figures_of(sample: Sample) -> Iterable[tuple[Figure, int]]:
    """Yield what is known; a capture was not taken by the application."""
    if sample.wire_ns is not None:
        yield Figure.WIRE, sample.wire_ns
    if sample.source is not StampSource.CAPTURE:
        yield Figure.APP, sample.app_ns
    if sample.due_ns is not None:
        yield Figure.RESPONSE, sample.response_ns
