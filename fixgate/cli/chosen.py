"""SCENARIO...: files, folders of them, and names of those that come with fixgate."""

from __future__ import annotations

import re
from pathlib import Path

import click

from fixgate.config.scenarios import load_folder, load_scenarios
from fixgate.config.scenarios.load import ANYBODY
from fixgate.config.shipped import shipped_folder
from fixgate.errors import ConfigError, Mistake
from fixgate.scenario.model import Identity, Scenario, Side

__all__ = ["chosen"]

_PACKS = "packs/"

_WORD = re.compile(r"(?P<path>.+?)(?P<row>\[[^\]]*\])?(?P<side>@(?:client|venue))?")


def chosen(
    words: tuple[str, ...],
    tags: tuple[str, ...],
    under_test: Side | None,
    identity: Identity = ANYBODY,
) -> tuple[Scenario, ...]:
    """Return the scenarios that a command line means, each once.

    Args:
        words: Files, folders, names; none for all stories that come with fixgate, without its
            packs. Behind a file or name, ``[ROW]`` and ``@client`` or ``@venue`` choose of those
            that it makes.
        tags: They must have one of these, if there are any.
        under_test: The side that must be under test, if it is given.
        identity: Who the two sides are.

    Raises:
        ConfigError: Every mistake in the files.
        UsageError: There is no such file, or nothing is left.
    """
    found: dict[tuple[str, str], Scenario] = {}
    mistakes: list[Mistake] = []
    for word in words or (str(shipped_folder("scenarios")),):
        try:
            for scenario in _meant(word, identity):
                found.setdefault((scenario.path, scenario.id), scenario)
        except ConfigError as error:
            mistakes += error.mistakes
    if mistakes:
        raise ConfigError(list(dict.fromkeys(mistakes)))
    left = tuple(
        each
        for each in found.values()
        if (words or not each.id.startswith(_PACKS))
        and (not tags or not set(tags).isdisjoint(each.tags))
        and under_test in (None, each.under_test)
    )
    if not left:
        raise click.UsageError("No scenario is left of those that were chosen.")
    return left


def _meant(word: str, identity: Identity) -> tuple[Scenario, ...]:
    found = _WORD.fullmatch(word)
    if found is None or Path(word).exists():
        return _read(Path(word), word, identity)
    end = (found["row"] or "") + (found["side"] or "")
    read = _read(Path(found["path"]), word, identity)
    left = tuple(each for each in read if each.id.endswith(end))
    if not left:
        made = ", ".join(each.id for each in read)
        raise click.UsageError(f"{found['path']} makes no {end!r}, but {made}.")
    return left


def _read(path: Path, word: str, identity: Identity) -> tuple[Scenario, ...]:
    root = shipped_folder("scenarios")
    for here in (path, root / path, root / f"{path}.yaml"):
        if not here.exists():
            continue
        below = root if here.resolve().is_relative_to(root.resolve()) else None
        if here.is_dir():
            return load_folder(here, root=below, identity=identity)
        return load_scenarios(here, root=below, identity=identity)
    raise click.UsageError(
        f"There is no file, folder or scenario {word!r}; fixgate scenario list names them."
    )
