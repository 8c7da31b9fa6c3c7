"""What makes a live system under test act: a program of the user's, or the user."""

from __future__ import annotations

import asyncio
import shlex
import sys

import click

from fixgate.scenario.live import Driver
from fixgate.scenario.unmet import NotPossibleError

__all__ = ["driver_of"]

_LIMIT_S = 120.0
"""How long a driver may take: an engine that starts again replays its journal first."""

_SHOWN_CHARS = 300


def driver_of(command: str | None) -> Driver | None:
    """Return what runs a command, or asks at the terminal; ``None`` when nobody is there.

    Args:
        command: The program and its first arguments; ``ask`` or ``restart``, and what to do, in
            words, are added.

    Raises:
        click.UsageError: It is no command.
    """
    if command is None:
        return _ask_user if sys.stdin.isatty() else None
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise click.UsageError(f"--driver: {error}") from error
    if not words:
        raise click.UsageError("--driver: expected a command.")

    async def drive(verb: str, what: str) -> None:
        await _call(words, verb, what)

    return drive


async def _ask_user(verb: str, what: str) -> None:
    # What is asked of a person is shown with the step; a restart is none.
    if verb == "restart":
        click.secho(f"> please: restart it: {what}", bold=True, err=True)


async def _call(words: list[str], verb: str, what: str) -> None:
    try:
        process = await asyncio.create_subprocess_exec(
            *words, verb, what, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise NotPossibleError(f"the driver {words[0]!r} cannot run: {error.strerror}") from error
    try:
        async with asyncio.timeout(_LIMIT_S):
            _, said = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise NotPossibleError(f"the driver took longer than {_LIMIT_S:g} s") from None
    if process.returncode:
        text = said.decode("utf-8", "replace").strip()[-_SHOWN_CHARS:]
        raise NotPossibleError(f"the driver ended with {process.returncode}: {text}")
