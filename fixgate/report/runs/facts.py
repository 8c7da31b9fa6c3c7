"""What a report says of all runs together: a value that the caller fills in."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RunFacts"]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """About one call of ``fixgate run`` or ``fixgate certify``.

    Attributes:
        version: Of fixgate.
        seed: What everything left to chance was drawn from.
        world: ``virtual`` or ``live``.
        began_ns: When it began: nanoseconds since the epoch, UTC, by the wall clock.
        duration_ns: How long it took, by the wall clock; virtual time passes faster.
        command: The words before the scenario in the command that repeats a run.
        options: The words after it, all but ``--seed``: such as ``--live --venue HOST:PORT``.
        by_id: One scenario is chosen by ``--only`` and its id, not by its file.
        address: Where the live system under test is, or is awaited; empty in the virtual world.
    """

    version: str
    seed: int
    world: str
    began_ns: int
    duration_ns: int
    command: tuple[str, ...] = ("fixgate", "run")
    options: tuple[str, ...] = ()
    address: str = ""
    by_id: bool = False
