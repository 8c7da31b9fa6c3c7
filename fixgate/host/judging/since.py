"""Counts since the machine started, and those while it was watched, in one text."""

from __future__ import annotations

__all__ = ["LONG_NS", "since"]

LONG_NS = 500_000_000
"""What is shorter than this says nothing about a share of time: others have their turn, too."""


def since(total: int, grown: int | None) -> str:
    """Return how often something happened.

    Args:
        total: Since the start.
        grown: While it was watched; ``None`` when it was not.
    """
    if not total:
        return "none since the start"
    if grown is None:
        return f"{total} since the start"
    return f"{total} since the start, {grown or 'none'} while we looked"
