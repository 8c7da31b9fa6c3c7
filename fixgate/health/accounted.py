"""The host's own account, beside what is checked or measured from it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from fixgate.health.model import CheckPlan
from fixgate.host.account import Account, take_account
from fixgate.host.window import Window, read_counters

__all__ = ["accounted"]

T = TypeVar("T")

_RESOLVE_S = 0.5
"""How long names may hold up a run: what is not found by then is not looked at."""


async def accounted(
    plans: Iterable[CheckPlan], run: Callable[[Account], Awaitable[T]]
) -> tuple[T, Account]:
    """Run something, and say what there is to say of this host, before it and over it.

    Args:
        plans: Whose sessions it is about: the interfaces that lead there are looked at.
        run: Does it; is given the account of before.

    Returns:
        What it returned, and the account with what was counted meanwhile.
    """
    addresses = await _addresses(dict.fromkeys(plan.address.host for plan in plans))
    account = await asyncio.to_thread(take_account, addresses)
    before = read_counters()
    done = await run(account)
    return done, account.over(Window.between(before, read_counters()))


async def _addresses(hosts: Iterable[str]) -> tuple[str, ...]:
    """Return the IP addresses of those names that are known soon."""
    found: dict[str, None] = {}

    async def look_up(host: str) -> None:
        # A name that nobody knows is for the check of its session to say.
        with suppress(OSError, UnicodeError):
            answers = await asyncio.get_running_loop().getaddrinfo(
                host, None, type=socket.SOCK_STREAM
            )
            found.update(dict.fromkeys(str(answer[4][0]) for answer in answers))

    with suppress(TimeoutError):
        async with asyncio.timeout(_RESOLVE_S):
            await asyncio.gather(*(look_up(host) for host in hosts))
    return tuple(found)
