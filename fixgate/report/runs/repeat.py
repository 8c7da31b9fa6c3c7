"""The one command that plays a run again."""

from __future__ import annotations

import shlex
from pathlib import PurePath

from fixgate.report.runs.facts import RunFacts
from fixgate.scenario.model import Scenario
from fixgate.scenario.runner import Run

__all__ = ["repeat_command", "target_of"]


def target_of(scenario: Scenario) -> str:
    """Return what names one scenario on the command line.

    That is its file, and behind it what its id has beyond the file's name, if the file makes more
    than one: ``scenarios/gaps/late.yaml[short]@client``.
    """
    parts = PurePath(scenario.path).with_suffix("").parts if scenario.path else ()
    for first in range(len(parts)):
        rest = scenario.id.removeprefix("/".join(parts[first:]))
        if rest != scenario.id and (not rest or rest[0] in "[@"):
            return scenario.path + rest
    return scenario.path


def repeat_command(run: Run, facts: RunFacts) -> str:
    """Return the command that repeats a run, quoted for a POSIX shell.

    In the virtual world it gives the same history, byte for byte.
    """
    target = ("--only", run.scenario.id) if facts.by_id else (target_of(run.scenario),)
    words = (*facts.command, *target, *facts.options, "--seed", str(run.seed))
    return shlex.join(words)
