"""A pack as a value: cases of a specification, each with the scenarios that show it."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.scenario.model import Scenario

__all__ = ["Case", "Pack"]


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a specification.

    Attributes:
        id: Its address there, such as ``2.b``.
        title: One line, where no scenario says it.
        scenarios: What shows it: one for each file, version and side, ids beginning with the
            version, such as ``FIX.4.4/2b-number-too-high@venue``.
        not_testable: Why no scenario can show it; empty when one does.
    """

    id: str
    title: str
    scenarios: tuple[Scenario, ...] = ()
    not_testable: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """Cases of one specification.

    Attributes:
        name: Of its folder.
        path: Its ``pack.yaml``.
        title: One line.
        description: What it is for, and what the system under test has to be set up like.
        source: The documents that the cases are from.
        versions: Of FIX that it is played in.
        cases: In order.
    """

    name: str
    path: str
    title: str
    description: str
    source: str
    versions: tuple[str, ...]
    cases: tuple[Case, ...]

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All of them, each once, by version and then in the order of the cases."""
        found = {each.id: each for case in self.cases for each in case.scenarios}
        order = {version: place for place, version in enumerate(self.versions)}
        return tuple(sorted(found.values(), key=lambda each: order[version_of(each)]))


def version_of(scenario: Scenario) -> str:
    """Return the version of FIX that a scenario of a pack is played in."""
    return scenario.id.partition("/")[0]


def name_of(scenario: Scenario) -> str:
    """Return what a scenario of a pack is called in every version and on every side."""
    return scenario.id.partition("/")[2].partition("@")[0]
