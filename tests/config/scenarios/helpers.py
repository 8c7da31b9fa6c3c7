"""What the tests of this room share."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.config.scenarios import load_scenarios
from fixgate.errors import ConfigError
from fixgate.scenario.model import Scenario
from fixgate.scenario.steps import Step

HEAD = "title: t\nunder_test: venue\nsteps:\n"


def write(folder: Path, text: str, name: str = "some.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def scenarios(folder: Path, text: str) -> tuple[Scenario, ...]:
    return load_scenarios(write(folder, text), environ={"HOME": "/users/me"})


def scenario(folder: Path, text: str) -> Scenario:
    (found,) = scenarios(folder, text)
    return found


def steps(folder: Path, text: str, head: str = HEAD) -> tuple[Step, ...]:
    """Return the steps of a list, between a `connect` and an expectation that always stands."""
    tail = "  - {never: any, with: {Text: nothing like it}}\n  - wait: 1s\n"
    found = scenario(folder, f"{head}  - connect\n{text}{tail}").steps
    return found[1:-2]


def step(folder: Path, text: str, head: str = HEAD) -> Step:
    (found,) = steps(folder, text, head)
    return found


def mistakes(path: Path | str, root: Path | None = None) -> list[str]:
    """Return ``line:column: message (hint)`` of every mistake in a file."""
    with pytest.raises(ConfigError) as caught:
        load_scenarios(path, root=root, environ={"HOME": "/users/me"})
    return [
        f"{m.line}:{m.column}: {m.message}" + (f" ({m.hint})" if m.hint else "")
        for m in caught.value.mistakes
    ]
