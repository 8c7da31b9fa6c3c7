"""Many scenarios in one go: chosen, ordered, repeated, each with a seed of its own."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fixgate.history import History
from fixgate.scenario.model import Need, Scenario
from fixgate.scenario.runner import VIRTUAL, Run
from fixgate.scenario.verdict import Result, Verdict

__all__ = ["Campaign", "seed_of", "skipped"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is played, and how.

    Attributes:
        scenarios: Which.
        seed: Of everything that is left to chance.
        seed_given: Also of scenarios that name their own.
        world: ``virtual`` or ``live``.
        capable: What the system under test, and the world around it, are capable of.
        shuffle: Play in an order of the seed's, not in that of the names.
        repeat: How often all are played.
        until_failure: Stop after the first that fails or cannot be judged.
    """

    scenarios: Sequence[Scenario]
    seed: int
    seed_given: bool = False
    world: str = VIRTUAL
    capable: frozenset[Need] = frozenset(Need)
    shuffle: bool = False
    repeat: int = 1
    until_failure: bool = False

    def runs(self, play: Callable[[Scenario, int], Run]) -> Iterator[Run]:
        """Play, and yield each run as it ends.

        Args:
            play: Plays one scenario with a seed.
        """
        for round_ in range(self.repeat):
            for scenario in self._ordered(round_):
                own = None if self.seed_given else scenario.seed
                seed = seed_of(self.seed if own is None else own, round_)
                if why := self._why_not(scenario):
                    yield skipped(scenario, seed, self.world, why)
                    continue
                run = play(scenario, seed)
                yield run
                bad = run.verdict.result in (Result.FAIL, Result.INCONCLUSIVE)
                if bad and self.until_failure:
                    return

    def _ordered(self, round_: int) -> Sequence[Scenario]:
        if not self.shuffle:
            return self.scenarios
        ordered = list(self.scenarios)
        random.Random(f"{self.seed}/{round_}").shuffle(ordered)
        return ordered

    def _why_not(self, scenario: Scenario) -> str:
        if scenario.skip:
            return scenario.skip
        if scenario.skip_world == self.world:
            return f"not in the {self.world} world"
        lacking = sorted(need.value for need in scenario.needs - self.capable)
        return f"needs {', '.join(lacking)}" if lacking else ""


def seed_of(seed: int, round_: int) -> int:
    """Return the seed of a run; of the first round it is the one given, so that it repeats it.

    Args:
        seed: Of the campaign, or the scenario's own.
        round_: Counted from 0.
    """
    if round_ == 0:
        return seed
    found = hashlib.sha256(f"{seed}/{round_}".encode()).digest()
    return int.from_bytes(found[:4], "big")


def skipped(scenario: Scenario, seed: int, world: str, why: str) -> Run:
    """Return the run of a scenario that was not played."""
    return Run(scenario, seed, world, 0, Verdict(Result.SKIPPED, why=why), History())
