"""``fixgate scenario``: check, list, explain, new, schema."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import click

from fixgate.cli.chosen import chosen
from fixgate.config.fields import closest
from fixgate.config.scenarios import load_folder, load_scenarios
from fixgate.config.scenarios.meanings import STEP_DOCS, explain_step
from fixgate.config.scenarios.schema import SCENARIO_SCHEMA_NAME, scenario_schema
from fixgate.config.scenarios.starters import template_names, template_text
from fixgate.config.shipped import shipped_folder, summary
from fixgate.errors import ConfigError, Mistake
from fixgate.report.story import story_text
from fixgate.report.text import printable
from fixgate.scenario.model import Scenario, Side

__all__ = ["scenario"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_LIST_VERSION = 1


@click.group()
def scenario() -> None:
    """Check, list, explain and write scenarios."""


@scenario.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--secrets/--no-secrets",
    default=True,
    help="Whether references to passwords are followed; not where passwords must not be.",
)
def check(paths: tuple[Path, ...], *, secrets: bool) -> None:
    """Tell every mistake in scenario files.

    PATH is a file, or a folder with all that is in it. Exits 0 when all are fine, 2 when any has
    a mistake.
    """
    mistakes: list[Mistake] = []
    for path in paths:
        try:
            found = _load(path, secrets=secrets)
        except ConfigError as error:
            mistakes.extend(error.mistakes)
            continue
        click.echo(f"ok {path}: {_count(len(found), 'scenario')}")
    if mistakes:
        raise ConfigError(mistakes)


def _load(path: Path, *, secrets: bool) -> tuple[Scenario, ...]:
    if path.is_dir():
        return load_folder(path, secrets=secrets)
    root = shipped_folder("scenarios")
    inside = path.resolve().is_relative_to(root.resolve())
    return load_scenarios(path, root=root if inside else None, secrets=secrets)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@scenario.command("list")
@click.argument("targets", nargs=-1, metavar="[SCENARIO...]")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag.")
@click.option("--under-test", type=click.Choice([side.value for side in Side]))
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
def list_scenarios(
    targets: tuple[str, ...], tags: tuple[str, ...], under_test: str | None, *, as_json: bool
) -> None:
    """List scenarios, and what each needs.

    SCENARIO is a file, a folder, or the name of one that comes with fixgate; without any, all
    that come with it are listed.
    """
    found = chosen(targets, tags, Side(under_test) if under_test else None)
    if as_json:
        document = {"schema_version": _LIST_VERSION, "scenarios": [_plain(s) for s in found]}
        click.echo(json.dumps(document, indent=2))
        return
    rows = [("ID", "UNDER TEST", "BINDING", "NEEDS", "TAGS", "TITLE"), *map(_row, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        click.echo(printable("  ".join(cells).rstrip()))
    click.echo(_count(len(found), "scenario"), err=True)


def _row(found: Scenario) -> tuple[str, ...]:
    needs = ",".join(sorted(need.value for need in found.needs)) or "-"
    tags = ",".join(found.tags) or "-"
    return found.id, found.under_test.value, found.requirement.value, needs, tags, found.title


def _plain(found: Scenario) -> dict[str, object]:
    return {
        "id": found.id,
        "path": found.path,
        "title": found.title,
        "story": found.story,
        "reaction": found.reaction,
        "under_test": found.under_test.value,
        "requirement": found.requirement.value,
        "spec": found.spec,
        "tags": list(found.tags),
        "needs": sorted(need.value for need in found.needs),
        "steps": len(found.steps),
        "limit_s": found.limit_ns / 1_000_000_000,
    }


@scenario.command("explain")
@click.argument("what", required=False, metavar="[SCENARIO | STEP]")
def explain(what: str | None) -> None:
    """Explain a scenario, or a kind of step.

    Without either, list the kinds of steps.
    """
    if what is None:
        width = max(map(len, STEP_DOCS)) + 2
        for name, doc in STEP_DOCS.items():
            click.echo(f"{name:{width}}{doc.partition('. ')[0].rstrip('.')}.")
        return
    if what in STEP_DOCS and not Path(what).exists():
        click.echo(explain_step(what))
        return
    try:
        found = chosen((what,), (), None)
    except click.UsageError as error:
        if hint := closest(what, STEP_DOCS):
            raise click.UsageError(f"{error.message} Of steps, {hint}") from None
        raise
    click.echo("\n\n\n".join(story_text(each, STEP_DOCS) for each in found))


@scenario.command("new")
@click.argument("name", required=False)
@click.option(
    "--from",
    "template",
    default=template_names()[0],
    show_default=True,
    help="The file to start from; without NAME they are listed.",
)
@click.option(
    "--dir",
    "folder",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write; the current folder by default.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def new(name: str | None, template: str, folder: Path, *, force: bool) -> None:
    """Write a scenario to start from.

    The schema that editors check it with is written beside it. Without NAME, list the files that
    there are to start from.
    """
    if name is None:
        for each in template_names():
            click.echo(f"{each:10} {summary(template_text(each))}")
        return
    stem = name.removesuffix(".yaml")
    if not _NAME.fullmatch(stem):
        message = "expected a name of letters, digits, '-', '_' and '.'; --dir says where"
        raise click.BadParameter(message, param_hint="NAME")
    try:
        text = template_text(template)
    except KeyError:
        known = ", ".join(template_names())
        message = f"'{template}' is not one of {known}"
        raise click.BadParameter(message, param_hint="--from") from None
    file = f"{stem}.yaml"
    _write(folder, {file: text.replace("FILE", file)}, force=force)


def _write(folder: Path, texts: dict[str, str], *, force: bool) -> None:
    taken: Sequence[str] = [str(folder / file) for file in texts if (folder / file).exists()]
    if taken and not force:
        raise click.UsageError(f"{', '.join(taken)} exists; --force overwrites")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
            click.echo(folder / file)
        (folder / SCENARIO_SCHEMA_NAME).write_text(_schema_text(), encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be written: {error.strerror}") from error


def _schema_text() -> str:
    return json.dumps(scenario_schema(), indent=2) + "\n"


@scenario.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of scenario files."""
    click.echo(_schema_text(), nl=False)
