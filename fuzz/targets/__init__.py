"""The targets, one a module: bytes go in, and whatever breaks the contract is raised.

A module of a target has ``run(data, watch)``, the target itself; ``make(dice)``, which returns an
input; and ``change(dice, data)``, which returns one that is a little different.
"""

from __future__ import annotations

import random
from importlib import import_module
from typing import Protocol, cast

from fuzz.watch import Watch

__all__ = ["TARGETS", "Target", "target"]

TARGETS = (
    "session",
    "framer",
    "decoder",
    "validator",
    "dictionary",
    "config",
    "scenario",
    "qf_settings",
    "store",
    "qf_store",
    "log",
    "capture",
    "host",
)
"""By the names of their modules."""


class Target(Protocol):
    """A module of a target."""

    def run(self, data: bytes, watch: Watch) -> None:
        """Take any bytes; raise whatever breaks the contract."""

    def make(self, dice: random.Random) -> bytes:
        """Return an input."""

    def change(self, dice: random.Random, data: bytes) -> bytes:
        """Return an input that differs a little from ``data``."""


def target(name: str) -> Target:
    """Return a target.

    Raises:
        KeyError: There is none of that name.
    """
    if name not in TARGETS:
        raise KeyError(name)
    # A module has the functions of the protocol, which mypy sees in a module only by its name.
    return cast("Target", import_module(f"fuzz.targets.{name}"))
