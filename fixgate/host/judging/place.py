"""Where this process may run, as every judgement about CPUs needs it."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.host.facts.numbers import cpu_text
from fixgate.host.model import Snapshot

__all__ = ["Place", "place_of"]


@dataclass(frozen=True, slots=True)
class Place:
    """Our CPUs among all.

    Attributes:
        ours: CPUs that this process may run on.
        online: All that run.
        isolated: Those kept free for somebody.
    """

    ours: tuple[int, ...]
    online: tuple[int, ...]
    isolated: tuple[int, ...]

    @property
    def pinned(self) -> bool:
        """Whether it is kept to some of the CPUs, so that the others can be had for the rest."""
        return len(self.ours) < len(self.online)

    @property
    def on_isolated(self) -> bool:
        """Whether it is kept to isolated CPUs alone."""
        return bool(self.isolated) and set(self.ours) <= set(self.isolated)

    @property
    def text(self) -> str:
        """Our CPUs, as a person reads them."""
        return f"{'CPU' if len(self.ours) == 1 else 'CPUs'} {cpu_text(self.ours)}"

    @property
    def rest(self) -> tuple[int, ...]:
        """CPUs that are neither ours nor isolated."""
        return tuple(sorted(set(self.online) - set(self.ours) - set(self.isolated)))


def place_of(snapshot: Snapshot) -> Place | None:
    """Return where it may run; ``None`` where that is not known."""
    ours, online = snapshot.process.affinity, snapshot.processor.online
    if not ours or not online:
        return None
    return Place(ours, online, snapshot.processor.isolated or ())
