"""What a check at level persistence is allowed to do. Plain values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Cut", "PersistencePlan"]

_SILENT_HEARTBEATS_NS = 2_500_000_000
_SILENT_ANYHOW_NS = 10_000_000_000


class Cut(Enum):
    """How the line is cut; the value is its name in session files."""

    LOGOUT = "logout"
    """In order: Logout, the venue's Logout, FIN."""
    FIN = "fin"
    """Our half is closed without a Logout, as by a process that ends."""
    RST = "rst"
    """The connection is reset, as by a host that crashed or a firewall."""
    SILENCE = "silence"
    """The connection stays and nothing is answered any more, until the venue gives it up."""


@dataclass(frozen=True, slots=True)
class PersistencePlan:
    """How a session is cut and taken up again. Only made when the session file allows it.

    Attributes:
        cuts: One return for each, in this order; at least one.
        away_ns: How long to stay away after a cut.
        messages: TestRequest round trips before each cut, at least 1: they prove which of our
            numbers the venue has taken.
        orders: Whether orders rest at the venue while the line is down.
        cancel_on_disconnect: Whether the venue cancels them, ``None`` where that is not known.
        silence_ns: How long a silent line is left open at most; ``None`` for 2.5 heartbeats.
        withhold: Messages of ours that are numbered while we are away and never sent, so that the
            venue has to ask for them.
    """

    cuts: tuple[Cut, ...] = (Cut.LOGOUT, Cut.FIN, Cut.RST)
    away_ns: int = 2_000_000_000
    messages: int = 3
    orders: bool = False
    cancel_on_disconnect: bool | None = None
    silence_ns: int | None = None
    withhold: int = 0

    def silence_for_ns(self, heartbeat_s: int) -> int:
        """Return how long a silent line is left open at most.

        Spec: FIX 4.4 volume 2, "Heartbeat" and "Test Request": a venue sends a TestRequest after
        one interval and "some reasonable transmission time", and gives up after another.

        Args:
            heartbeat_s: HeartBtInt(108) in force, seconds.
        """
        if self.silence_ns is not None:
            return self.silence_ns
        return heartbeat_s * _SILENT_HEARTBEATS_NS or _SILENT_ANYHOW_NS

    def longest_ns(self, deadline_ns: int, heartbeat_s: int) -> int:
        """Return how long all cuts and returns take at most.

        Args:
            deadline_ns: Of the check: it counts anew up to each cut and from each return.
            heartbeat_s: HeartBtInt(108) that we ask for, seconds.
        """
        silent_ns = self.cuts.count(Cut.SILENCE) * self.silence_for_ns(heartbeat_s)
        return len(self.cuts) * (2 * deadline_ns + self.away_ns) + silent_ns
