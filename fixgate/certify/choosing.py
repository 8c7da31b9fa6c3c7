"""Choosing cases of a pack by their addresses."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from fixgate.certify.pack import Case, Pack, name_of
from fixgate.scenario.model import Scenario, Side

__all__ = ["NothingChosenError", "only"]


class NothingChosenError(Exception):
    """A pattern fits no case.

    Attributes:
        pattern: Which.
        hint: What may have been meant, or empty.
    """

    def __init__(self, pattern: str, hint: str) -> None:
        super().__init__(f"no case fits {pattern!r}")
        self.pattern = pattern
        self.hint = hint


def only(pack: Pack, patterns: Iterable[str] = (), side: Side | None = None) -> Pack:
    """Return a pack with some of its cases.

    Args:
        pack: Which.
        patterns: Addresses of cases with or without their dots, ``2.b`` or ``2b``; of whole
            groups, ``10`` for 10.a to 10.e; names of scenarios, ``2b-number-too-high``; or
            patterns of any of these, ``10.*``. None for all.
        side: Only scenarios of this side, and cases that have some, or cannot be tested.

    Raises:
        NothingChosenError: One of the patterns fits nothing.
    """
    cases = pack.cases
    if side is not None:
        cases = tuple(filter(None, (_of_side(case, side) for case in cases)))
    wanted = tuple(patterns)
    if wanted:
        fitting = {id(each) for pattern in wanted for each in _fitting(cases, pattern)}
        cases = tuple(
            replace(case, scenarios=_named(case, fitting)) for case in cases
            if id(case) in fitting or _named(case, fitting)
        )  # fmt: skip
    return replace(pack, cases=cases)


def _of_side(case: Case, side: Side) -> Case | None:
    left = tuple(each for each in case.scenarios if each.under_test is side)
    return replace(case, scenarios=left) if left or case.not_testable else None


def _named(case: Case, fitting: set[int]) -> tuple[Scenario, ...]:
    if id(case) in fitting:
        return case.scenarios
    return tuple(each for each in case.scenarios if id(each) in fitting)


def _fitting(cases: tuple[Case, ...], pattern: str) -> list[Case | Scenario]:
    found: list[Case | Scenario] = [case for case in cases if _fits(case.id, pattern)]
    found = found or [
        each for case in cases for each in case.scenarios
        if any(fnmatchcase(name, pattern) for name in _names(each))
    ]  # fmt: skip
    if not found:
        known = dict.fromkeys(name for case in cases for name in (case.id, *_all_names(case)))
        near = difflib.get_close_matches(pattern, known, 1)
        raise NothingChosenError(pattern, f"did you mean {near[0]!r}?" if near else "")
    return found


def _fits(address: str, pattern: str) -> bool:
    plain = pattern.lower()
    address = address.lower()
    return (
        fnmatchcase(address, plain)
        or fnmatchcase(address.replace(".", ""), plain)
        or address.startswith(f"{plain}.")
    )


def _names(scenario: Scenario) -> tuple[str, ...]:
    """Return what a scenario may be called: with or without row and side."""
    whole, name = scenario.id.partition("/")[2], name_of(scenario)
    return scenario.id, whole, name, name.partition("[")[0]


def _all_names(case: Case) -> Iterable[str]:
    return (name_of(each) for each in case.scenarios)
