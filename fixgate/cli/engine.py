"""``--engine``, which several commands share. Imports nothing that takes long to load."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from fixgate.health.line import Engine
    from fixgate.health.model import CheckPlan

__all__ = ["QUICKFIX", "engine_option", "session_layer"]

QUICKFIX = "quickfix"

_Command = TypeVar("_Command", bound=Callable[..., Any])


def engine_option(command: _Command) -> _Command:
    """Give a command the option ``--engine``; its parameter is the name, a text."""
    return click.option(
        "--engine",
        type=click.Choice(["fixgate", QUICKFIX]),
        default="fixgate",
        show_default=True,
        help="Whose session layer; QuickFIX's is a second opinion.",
    )(command)


@asynccontextmanager
async def session_layer(plans: Iterable[CheckPlan], engine: str) -> AsyncIterator[Engine | None]:
    """Run what a run of checks needs for its sessions; ``None`` is fixgate's own.

    Args:
        plans: The checks.
        engine: The option's value.
    """
    if engine != QUICKFIX:
        yield None
        return
    from fixgate.health.quickfix import quickfix_engine

    async with quickfix_engine(plans) as layer:
        yield layer
