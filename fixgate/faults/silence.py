"""Silence: a gateway that takes connections and never says a word."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Silence"]


@dataclass(frozen=True, slots=True)
class Silence:
    """Swallow every byte, in both directions; the connection stays open.

    What a load balancer in front of a dead gateway looks like, or a gateway that hangs.
    """

    def inbound(self, data: bytes) -> bytes:
        """Return what the venue gets to see of ``data``: nothing."""
        return data[:0]

    def outbound(self, data: bytes) -> bytes:
        """Return what the peer gets to see of ``data``: nothing."""
        return data[:0]

    def __str__(self) -> str:
        return "silence: accepts connections, never says a word"
