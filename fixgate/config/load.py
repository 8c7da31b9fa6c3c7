"""The way in: one file, or every session file that a command was given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fixgate.config.builder import Builder
from fixgate.config.expand import Draft
from fixgate.config.quickfix import EngineName, suits_check, suits_venue
from fixgate.config.sessions import build_plans
from fixgate.config.source import Source
from fixgate.config.validate import valid_sessions, valid_venue
from fixgate.config.venue import build_gateway
from fixgate.config.yaml import compose
from fixgate.errors import ConfigError, Mistake
from fixgate.health.model import CheckPlan
from fixgate.net.settings import GatewaySettings

__all__ = ["SessionsConfig", "VenueConfig", "load", "load_targets", "load_venue"]

_MISTAKES_TOLD = 200


@dataclass(frozen=True, slots=True)
class VenueConfig:
    """What a venue file says.

    Attributes:
        path: The file as it was named.
        gateway: The venue's settings.
        warnings: What works but is probably not meant; str() of each has its place.
    """

    path: str
    gateway: GatewaySettings
    warnings: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class SessionsConfig:
    """What a session file says.

    Attributes:
        path: The file as it was named.
        plans: One a session, in the order of the file.
        warnings: What works but is probably not meant; str() of each has its place.
    """

    path: str
    plans: tuple[CheckPlan, ...]
    warnings: tuple[Mistake, ...]


def load(
    path: str | Path,
    *,
    environ: Mapping[str, str] | None = None,
    secrets: bool = True,
    engine: EngineName = EngineName.FIXGATE,
) -> VenueConfig | SessionsConfig:
    """Read a venue file or a session file.

    Args:
        path: The file; ``-`` is standard input.
        environ: Where ``${env:NAME}`` looks; ``None`` for the process's environment.
        secrets: ``False`` puts ``***`` in place of passwords instead of following their references:
            enough to check a file on a machine that must not hold them, not to run it.
        engine: Whose session layer is to do what the file says.

    Raises:
        ConfigError: Every mistake in the file, in the order of its lines.
    """
    draft = Draft(compose(Source.read(path)))
    draft.resolve(environ, secrets=secrets)
    config = _build(draft, environ, engine)
    if draft.mistakes or config is None:
        raise ConfigError(_in_order(draft.mistakes))
    return config


def load_venue(
    path: str | Path,
    *,
    environ: Mapping[str, str] | None = None,
    engine: EngineName = EngineName.FIXGATE,
) -> VenueConfig:
    """Read a file that must describe a venue; see `load`.

    Raises:
        ConfigError: A mistake in the file, or it lists sessions to check.
    """
    config = load(path, environ=environ, engine=engine)
    if isinstance(config, SessionsConfig):
        message = "lists sessions to check, expected a venue"
        hint = f"fixgate check {config.path}"
        raise ConfigError([Mistake(config.path, 0, 0, message, hint=hint)])
    return config


def load_targets(
    paths: Iterable[str | Path],
    *,
    environ: Mapping[str, str] | None = None,
    engine: EngineName = EngineName.FIXGATE,
) -> tuple[tuple[CheckPlan, ...], tuple[Mistake, ...]]:
    """Read the session files of one run.

    Args:
        paths: Files and folders. Of a folder, every ``*.yaml`` and ``*.yml`` in it is read, by
            name, and venue files among them are skipped with a warning. A file that comes up
            twice is read once.
        environ: Where ``${env:NAME}`` looks; ``None`` for the process's environment.
        engine: Whose session layer is to run the checks.

    Returns:
        The plans, and the warnings of all files.

    Raises:
        ConfigError: Every mistake in every file; a name or a session in two files is one too.
    """
    plans: list[CheckPlan] = []
    warnings: list[Mistake] = []
    mistakes: list[Mistake] = []
    for path, in_folder in _files(paths, mistakes):
        try:
            config = load(path, environ=environ, engine=engine)
        except ConfigError as error:
            mistakes.extend(error.mistakes)
            continue
        if isinstance(config, SessionsConfig):
            plans.extend(config.plans)
            warnings.extend(config.warnings)
        elif in_folder:
            warnings.append(Mistake(config.path, 0, 0, "describes a venue: skipped"))
        else:
            message, hint = "describes a venue, expected sessions to check", "fixgate serve"
            mistakes.append(Mistake(config.path, 0, 0, message, hint=f"{hint} {config.path}"))
    mistakes.extend(_clashes(plans))
    if not plans and not mistakes:
        mistakes.append(Mistake(", ".join(map(str, paths)), 0, 0, "no sessions to check here"))
    if mistakes:
        raise ConfigError(mistakes)
    return tuple(plans), tuple(warnings)


def _build(
    draft: Draft, environ: Mapping[str, str] | None, engine: EngineName
) -> VenueConfig | SessionsConfig | None:
    value, path = draft.value, draft.document.source.path
    if isinstance(value, dict) and "sessions" in value and "venue" in value:
        message = "a file has either 'venue' or 'sessions' at its top"
        draft.report(("venue",), message, "write two files", at_key=True)
    elif isinstance(value, dict) and "sessions" in value:
        models, builder = valid_sessions(draft), Builder(draft)
        plans = build_plans(models, builder, environ)
        if engine is EngineName.QUICKFIX:
            for index, model in models.items():
                suits_check(model, ("sessions", index), builder)
        return SessionsConfig(path, plans, tuple(draft.warnings))
    elif isinstance(value, dict) and "venue" in value:
        if (venue := valid_venue(draft)) is not None:
            gateway = build_gateway(venue, Builder(draft))
            if engine is EngineName.QUICKFIX:
                suits_venue(venue, Builder(draft))
            return VenueConfig(path, gateway, tuple(draft.warnings))
    else:
        draft.report((), "expected 'venue:' or 'sessions:' at the top", "see fixgate config new")
    return None


def _in_order(mistakes: list[Mistake]) -> list[Mistake]:
    # What is wrong in 'defaults' shows up once for each session.
    unique = sorted(dict.fromkeys(mistakes), key=lambda mistake: (mistake.line, mistake.column))
    if len(unique) <= _MISTAKES_TOLD:
        return unique
    rest = len(unique) - _MISTAKES_TOLD
    return [*unique[:_MISTAKES_TOLD], Mistake(unique[0].path, 0, 0, f"and {rest} more mistakes")]


def _files(
    paths: Iterable[str | Path], mistakes: list[Mistake]
) -> Iterator[tuple[str | Path, bool]]:
    seen: set[str] = set()
    for path in paths:
        folder = Path(path)
        if not folder.is_dir():
            found, in_folder = [folder], False
        else:
            found, in_folder = _in_folder(folder, mistakes), True
        for file in found:
            if (real := os.path.realpath(file)) not in seen:
                seen.add(real)
                yield file, in_folder


def _in_folder(folder: Path, mistakes: list[Mistake]) -> list[Path]:
    try:
        found = [p for p in folder.iterdir() if p.suffix in (".yaml", ".yml")]
    except OSError as error:
        mistakes.append(Mistake(str(folder), 0, 0, f"cannot be read: {error.strerror}"))
        return []
    if not found:
        mistakes.append(Mistake(str(folder), 0, 0, "no *.yaml or *.yml in this folder"))
    # Nobody asked for one by name, and whoever reads it waits until somebody writes.
    pipes = sorted(p for p in found if p.is_fifo())
    message = "cannot be read: it is a FIFO, expected a file"
    mistakes.extend(Mistake(str(pipe), 0, 0, message) for pipe in pipes)
    return sorted(set(found).difference(pipes))


def _clashes(plans: list[CheckPlan]) -> Iterator[Mistake]:
    """Yield what two files must not share; within one file it has been reported already."""
    names: dict[object, CheckPlan] = {}
    identities: dict[object, CheckPlan] = {}
    for plan in plans:
        path, _, line = plan.source.rpartition(":")
        identity = (plan.address, plan.session.id)
        if (first := names.setdefault(plan.name, plan)) is not plan:
            message = f"the name '{plan.name}' is used twice, first at {first.source}"
            yield Mistake(path, int(line), 1, message)
        elif (first := identities.setdefault(identity, plan)) is not plan:
            message = f"the session {plan.session.id} with {plan.address} is listed twice"
            yield Mistake(path, int(line), 1, f"{message}, first at {first.source}")
