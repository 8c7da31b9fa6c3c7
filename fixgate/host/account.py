"""The host's own account: what was read, what the machine did, and what is to be said of it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from fixgate.host.activity import Activity, interrupts_between
from fixgate.host.canary import Canary
from fixgate.host.devices import Devices
from fixgate.host.judge import judge
from fixgate.host.judging.topic import Grade, Line
from fixgate.host.model import Snapshot
from fixgate.host.reading import read_interrupts, read_snapshot
from fixgate.host.window import Window, read_counters

__all__ = ["Account", "take_account", "watch_host"]


@dataclass(frozen=True, slots=True)
class Account:
    """What there is to say of a host.

    Attributes:
        snapshot: What was read.
        lines: Every fact, judged, by group.
        activity: What the machine did for a while; ``None`` when it was not watched.
    """

    snapshot: Snapshot
    lines: tuple[Line, ...]
    activity: Activity | None = None

    @classmethod
    def of(cls, snapshot: Snapshot, activity: Activity | None = None) -> Account:
        """Judge a snapshot."""
        return cls(snapshot, judge(snapshot, activity), activity)

    def over(self, window: Window) -> Account:
        """Return the account with what was counted while something was measured."""
        return Account.of(self.snapshot, Activity(window))

    def graded(self, grade: Grade) -> tuple[Line, ...]:
        """Return the lines of one grade."""
        return tuple(line for line in self.lines if line.grade is grade)


def take_account(
    targets: Iterable[str] = (), *, root: str = "/", devices: Devices | None = None
) -> Account:
    """Read this machine and judge it; never raises, takes some 20 ms.

    Args:
        targets: IP addresses that the way to is to be looked at.
        root: The folder that stands for ``/``.
        devices: What no file says; this machine's when ``None``.
    """
    return Account.of(read_snapshot(targets, root=root, devices=devices))


def watch_host(targets: Iterable[str], for_ns: int) -> Account:
    """Read this machine, watch it for a while, and judge it.

    Args:
        targets: IP addresses that the way to is to be looked at.
        for_ns: How long; a canary sleeps meanwhile.
    """
    snapshot = read_snapshot(targets)
    ours = snapshot.process.affinity
    canary = Canary(_nowhere)
    interrupts, counters = read_interrupts(ours), read_counters()
    canary.start()
    try:
        time.sleep(for_ns / 1e9)
    finally:
        canary.stop()
    window = Window.between(counters, read_counters())
    between = interrupts_between(interrupts, read_interrupts(ours))
    return Account.of(snapshot, Activity(window, between, canary.lateness()))


def _nowhere(_: object) -> None:
    """Its histogram says enough."""
