"""One of the large numbers at the top of a page."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Tile"]


@dataclass(frozen=True, slots=True)
class Tile:
    """A number, what it counts, and its colour."""

    count: int
    label: str
    tone: str
