"""Keeps every session of a run up until it is told to stop; none of them delays another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache

from fixgate.errors import FixgateError
from fixgate.health.keeper import Dial, Keeper, dial_by
from fixgate.health.line import store_of
from fixgate.health.model import CheckPlan
from fixgate.health.reconnect import Dice
from fixgate.health.standing import Standing
from fixgate.net.clock import Clock
from fixgate.net.clock_watch import ClockWatch
from fixgate.net.commits import Commits
from fixgate.net.settings import Durability, StoreSettings
from fixgate.net.tls import client_tls
from fixgate.session.settings import SessionSettings
from fixgate.session.store import Store
from fixgate.session.validation import validator_of

__all__ = ["Watch"]


class Watch:
    """Keeps sessions up; to be run once.

    Args:
        plans: One a session, their names unique.
        clock: The process's clock.
        dice: A `random.Random`.
        tell: Gets every new standing; must not block and must not raise.
        dial: Opens connections; on the network when ``None``.
    """

    def __init__(
        self,
        plans: Sequence[CheckPlan],
        clock: Clock,
        dice: Dice,
        tell: Callable[[Standing], None],
        *,
        dial: Dial | None = None,
    ) -> None:
        self._clock = clock
        self._tls_clients = cache(client_tls)
        dial = dial or dial_by(self._tls_clients)
        self._commits: Commits | None = None
        self._keepers = [Keeper(plan, clock, dice, dial, tell, self._open_store) for plan in plans]

    def _open_store(self, settings: StoreSettings, session: SessionSettings, now_ns: int) -> Store:
        if settings.durability is Durability.GROUP and self._commits is None:
            self._commits = Commits(asyncio.get_running_loop())
        return store_of(settings, session, now_ns, self._commits)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """Where every session stands, in the order of the plans."""
        return tuple(keeper.standing for keeper in self._keepers)

    @property
    def in_order(self) -> bool:
        """Whether every session is, or was until the end, as it should be."""
        return all(standing.in_order for standing in self.standings)

    def retry(self) -> None:
        """Try those sessions again that were given up; read certificates and keys anew."""
        self._tls_clients.cache_clear()
        for keeper in self._keepers:
            keeper.retry()

    async def run(self, stop: asyncio.Event, *, for_ns: int | None = None) -> None:
        """Keep the sessions up until ``stop`` is set or time is up, then log all of them out.

        Args:
            stop: Set by whoever has had enough.
            for_ns: How long, nanoseconds; ``None`` for no end.
        """
        for keeper in self._keepers:
            with suppress(FixgateError):  # which the keeper will tell
                validator_of(keeper.plan.session)
        watch = ClockWatch(self._clock)
        watch.start()
        tasks = [asyncio.create_task(k.run(), name=k.plan.name) for k in self._keepers]
        await asyncio.sleep(0)  # a task that is cancelled before it has begun tells nothing
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(None if for_ns is None else for_ns / 1e9):
                    await stop.wait()
        finally:
            watch.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._commits is not None:
                self._commits.close()
