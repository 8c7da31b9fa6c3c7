"""Kept runs judged again: the same verdicts from the same histories, nothing played."""

from __future__ import annotations

from fixgate.history import History
from fixgate.scenario.archive import Archived, digest, judge_again
from fixgate.scenario.model import Scenario
from fixgate.scenario.runner import Run, vocabulary_for
from fixgate.scenario.steps import Place
from fixgate.scenario.verdict import Finding, Result, Verdict

__all__ = ["judged"]

_CHANGED = "the scenario says something else than when this was played"
_UNFINISHED = "what was kept ends before the scenario did"
_NOT_PLAYED = "it was not played"


def judged(scenario: Scenario, archived: Archived) -> Run:
    """Return a kept run with the verdict that it is given now.

    INCONCLUSIVE where that would be of another story: the scenario has changed since, or its end
    is missing. SKIPPED where nothing was played.
    """
    verdict: Verdict | None
    history = History()
    if not archived.history:
        verdict = Verdict(Result.SKIPPED, why=_NOT_PLAYED)
    elif archived.digest != digest(scenario):
        verdict = _undetermined(scenario, _CHANGED)
    else:
        verdict, history = judge_again(
            scenario, archived.history, vocabulary_for(scenario), patience_ns=archived.patience_ns
        )
        verdict = verdict or _undetermined(scenario, _UNFINISHED)
    return Run(scenario, archived.seed, archived.world, archived.patience_ns, verdict, history)


def _undetermined(scenario: Scenario, why: str) -> Verdict:
    place = Place(scenario.path, 0, "the kept run")
    return Verdict(Result.INCONCLUSIVE, (Finding(place, 0, "the run as it was", why, 0),))
