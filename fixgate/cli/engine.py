"""``--engine``, which several commands share. Imports nothing that takes long to load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["QUICKFIX", "engine_option"]

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
