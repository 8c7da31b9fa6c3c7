"""Types of command line options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from fixgate.config.units import parse_address, parse_comp_id, parse_duration
from fixgate.net.settings import Address

if TYPE_CHECKING:
    from fixgate.latency.model import Budget

__all__ = ["ADDRESS", "BUDGET", "COMP_ID", "DURATION"]

T = TypeVar("T")


class _Duration(click.ParamType[int]):
    """A duration such as ``500ms`` or ``8s``, in nanoseconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        if isinstance(value, int):
            return value
        return _read(self, _positive_duration, str(value), param, ctx)


def _positive_duration(text: str) -> int:
    if (value := parse_duration(text)) == 0:
        raise ValueError("expected a duration above 0")
    return value


class _CompId(click.ParamType[str]):
    """A CompID, as a session file takes it."""

    name = "compid"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        return _read(self, parse_comp_id, str(value), param, ctx)


class _Address(click.ParamType[Address]):
    """``HOST:PORT``."""

    name = "host:port"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Address:
        if isinstance(value, Address):
            return value
        return _read(self, parse_address, str(value), param, ctx)


class _Budget(click.ParamType["Budget"]):
    """A limit on a latency such as ``p99<2ms``; see `fixgate.latency.budget`."""

    name = "budget"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Budget:
        from fixgate.latency.budget import parse_budget

        return _read(self, parse_budget, str(value), param, ctx)


def _read(
    kind: click.ParamType[T],
    read: Callable[[str], T],
    text: str,
    param: click.Parameter | None,
    ctx: click.Context | None,
) -> T:
    try:
        return read(text)
    except ValueError as error:
        notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
        kind.fail(f"{error}; received '{text}'{notes}", param, ctx)


DURATION = _Duration()
ADDRESS = _Address()
BUDGET = _Budget()
COMP_ID = _CompId()
