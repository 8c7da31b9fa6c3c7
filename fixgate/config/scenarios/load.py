"""The way in: one file, or a folder of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from fixgate.config.scenarios.node import Desk
from fixgate.config.scenarios.scenario import ScenarioReader
from fixgate.config.source import Source
from fixgate.config.yaml import Document, compose
from fixgate.errors import ConfigError, Mistake
from fixgate.scenario.model import Identity, Scenario

__all__ = ["is_scenario", "load_folder", "load_scenarios"]

FRAGMENTS = "fragments"
"""Folders of this name hold files that scenarios include."""

ANYBODY = Identity()

_MISTAKES_TOLD = 200
_SUFFIXES = (".yaml", ".yml")
_MARKS = frozenset({"title", "steps", "under_test"})
_PACKS_KEY = "cases"


def load_scenarios(
    path: str | Path,
    *,
    root: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
    secrets: bool = True,
    identity: Identity = ANYBODY,
) -> tuple[Scenario, ...]:
    """Read one scenario file.

    Args:
        path: The file.
        root: The folder that ids are relative to, and that included files lie below; by default
            the file's own.
        environ: Where ``${env:NAME}`` looks; ``None`` for the process's environment.
        secrets: ``False`` puts ``***`` in place of passwords instead of following references.
        identity: Who the two sides are, whatever the file says.

    Returns:
        One scenario for each row of its table, and each side under test.

    Raises:
        ConfigError: Every mistake in the file, and in those that it includes.
    """
    folder = Path(path).parent if root is None else Path(root)
    reader = ScenarioReader(folder, Desk(environ=environ, secrets=secrets, identity=identity))
    found = reader.read(_compose(Source.read(path)))
    _raise_all(reader.desk.mistakes)
    return found


def load_folder(
    folder: str | Path,
    *,
    root: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
    secrets: bool = True,
    identity: Identity = ANYBODY,
) -> tuple[Scenario, ...]:
    """Read every scenario file below a folder, by name.

    Files below a folder ``fragments``, and those that are no scenarios, are passed over.

    Args:
        folder: The folder.
        root: The folder that ids are relative to, and that included files lie below; by default
            ``folder``.
        environ: Where ``${env:NAME}`` looks; ``None`` for the process's environment.
        secrets: As `load_scenarios` takes it.
        identity: Likewise.

    Raises:
        ConfigError: Every mistake in every file; two files of one id; no scenario at all.
    """
    found: list[Scenario] = []
    mistakes: list[Mistake] = []
    for path in _files(Path(folder)):
        try:
            document = _compose(Source.read(path))
            if not is_scenario(document):
                continue
            desk = Desk(environ=environ, secrets=secrets, identity=identity)
            scenarios = ScenarioReader(Path(root or folder), desk).read(document)
        except ConfigError as error:
            mistakes.extend(error.mistakes)
            continue
        mistakes.extend(desk.mistakes)
        found.extend(scenarios)
    mistakes.extend(_clashes(found))
    if not found and not mistakes:
        mistakes.append(Mistake(str(folder), 0, 0, "no scenarios below this folder"))
    _raise_all(mistakes)
    return tuple(found)


def _clashes(scenarios: Iterable[Scenario]) -> Iterator[Mistake]:
    first: dict[str, str] = {}
    for scenario in scenarios:
        path = first.setdefault(scenario.id, scenario.path)
        if path != scenario.path:
            message = f"its id '{scenario.id}' is that of {path} too"
            yield Mistake(scenario.path, 0, 0, message, hint="rename one")


def is_scenario(document: Document) -> bool:
    """Return whether a file means to be a scenario: no settings, no fragment, no list of a pack."""
    value = document.value
    return isinstance(value, dict) and not _MARKS.isdisjoint(value) and _PACKS_KEY not in value


# What the reader of YAML advises is about the other files.
_HINTS = {
    "see fixgate config new": "see fixgate scenario new",
    "use 'defaults:' for what sessions share": "'parameters' and 'include' share what is the same",
    "use 'defaults:' instead": "'parameters' and 'include' share what is the same",
}


def _compose(source: Source) -> Document:
    try:
        document = compose(source)
    except ConfigError as error:
        raise ConfigError(_advised(error.mistakes)) from error
    document.mistakes = _advised(document.mistakes)
    return document


def _advised(mistakes: Iterable[Mistake]) -> list[Mistake]:
    return [replace(each, hint=_HINTS.get(each.hint, each.hint)) for each in mistakes]


def _files(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        raise ConfigError([Mistake(str(root), 0, 0, "there is no such folder")])
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(n for n in inner if n != FRAGMENTS and not n.startswith("."))
        for name in sorted(names):
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                yield Path(folder) / name


def _raise_all(mistakes: list[Mistake]) -> None:
    if not mistakes:
        return
    unique = sorted(dict.fromkeys(mistakes), key=lambda m: (m.path, m.line, m.column))
    rest = len(unique) - _MISTAKES_TOLD
    if rest > 0:
        unique = [*unique[:_MISTAKES_TOLD], Mistake(unique[0].path, 0, 0, f"and {rest} more")]
    raise ConfigError(unique)
