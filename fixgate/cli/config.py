"""``fixgate config``: check, schema, new, show, import."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from fixgate.config import (
    KINDS,
    SCHEMA_NAME,
    QuickFixRole,
    SessionsConfig,
    VenueConfig,
    import_quickfix,
    load,
    schema,
    shipped_files,
    shipped_text,
    summary,
)
from fixgate.errors import ConfigError, Mistake
from fixgate.report.text import printable

__all__ = ["config"]


@click.group()
def config() -> None:
    """Check, explain and write configuration files."""


@config.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option(
    "--secrets/--no-secrets",
    default=True,
    help="Whether references to passwords are followed; not where passwords must not be.",
)
def check_files(files: tuple[str, ...], *, secrets: bool) -> None:
    """Check venue and session files, and tell every mistake in them.

    Exits 0 when all are fine, 2 when any has a mistake. FILE is - for standard input.
    """
    mistakes: list[Mistake] = []
    for file in files:
        try:
            found = load(file, secrets=secrets)
        except ConfigError as error:
            mistakes.extend(error.mistakes)
            continue
        for warning in found.warnings:
            click.echo(f"warning: {warning}", err=True)
        click.echo(f"ok {file}: {_what(found)}")
    if mistakes:
        raise ConfigError(mistakes)


def _what(found: VenueConfig | SessionsConfig) -> str:
    if isinstance(found, SessionsConfig):
        return _count(len(found.plans), "session")
    gateway = found.gateway
    clients = "any client" if gateway.accept_any else _count(len(gateway.sessions), "client")
    ports = ", ".join(str(listen.address) for listen in gateway.listen)
    return f"venue on {ports}, {clients}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@config.command("schema")
@click.argument("kind", required=False, type=click.Choice(KINDS))
def print_schema(kind: str | None) -> None:
    """Print the JSON Schema of one kind of file, or of both, for editors."""
    click.echo(json.dumps(schema(kind), indent=2))


@config.command("new")
@click.argument("name", required=False)
@click.option(
    "--dir",
    "folder",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write; the current folder by default.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def new(name: str | None, folder: Path, *, force: bool) -> None:
    """Write a file to start from, and the schema that editors check it with.

    Without NAME, list the files there are; 'all' writes every one.
    """
    if name is None:
        for file in shipped_files():
            click.echo(f"{file.removesuffix('.yaml'):18} {summary(shipped_text(file))}")
        return
    try:
        names = shipped_files() if name == "all" else (f"{name.removesuffix('.yaml')}.yaml",)
        texts = {file: shipped_text(file) for file in names}
    except KeyError:
        known = ", ".join(file.removesuffix(".yaml") for file in shipped_files())
        raise click.BadParameter(f"'{name}' is not one of {known}", param_hint="NAME") from None
    taken = [str(folder / file) for file in texts if (folder / file).exists()]
    if taken and not force:
        raise click.UsageError(f"{', '.join(taken)} exists; --force overwrites")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
            click.echo(folder / file)
        (folder / SCHEMA_NAME).write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be written: {error.strerror}") from error


@config.command("show")
@click.argument("file", type=click.Path())
def show(file: str) -> None:
    """Print what a file comes to, as JSON: defaults merged, units resolved, secrets hidden."""
    found = load(file, secrets=False)
    if isinstance(found, SessionsConfig):
        plain: object = {"sessions": [dataclasses.asdict(plan) for plan in found.plans]}
    else:
        plain = {"venue": dataclasses.asdict(found.gateway)}
    click.echo(json.dumps(plain, indent=2, default=_plain))


@config.command("import")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="A new file to write.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@click.option(
    "--role", type=click.Choice([role.value for role in QuickFixRole]),
    help="Which sessions to take, where the file has both kinds.",
)  # fmt: skip
def import_settings(file: str, *, output: str | None, force: bool, role: str | None) -> None:
    """Turn a QuickFIX settings file into a session file or a venue file.

    Initiators make a session file, acceptors a venue file. FILE is of QuickFIX C++ or Python, /J,
    /n or Go. Every key that cannot be honoured is told on stderr as file:line: key, why.
    Passwords are never copied.
    """
    found = import_quickfix(file, None if role is None else QuickFixRole(role))
    for note in found.notes:
        click.echo(printable(str(note)), err=True)
    if output is None:
        click.echo(found.text, nl=False)
        return
    try:
        with open(output, "w" if force else "x", encoding="utf-8") as stream:
            stream.write(found.text)
    except FileExistsError as error:
        raise click.UsageError(f"{output} exists; --force overwrites") from error
    except OSError as error:
        raise click.UsageError(f"{output} cannot be written: {error.strerror}") from error
    kind = "session" if found.role is QuickFixRole.INITIATOR else "client"
    # A venue that lets in anybody may list nobody.
    click.echo(f"{output}: {_count(found.sessions, kind) if found.sessions else 'any client'}")


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, frozenset):
        return sorted(map(_plain, value), key=str)
    return getattr(value, "value", None) or str(value)
