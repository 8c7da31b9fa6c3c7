"""What other installed packages bring, by the names that files use.

A file can name what is installed; it cannot point at code.
"""

from __future__ import annotations

from importlib.metadata import entry_points

__all__ = ["installed"]


def installed(group: str, name: str) -> object | None:
    """Return what an installed package offers under ``name``, ``None`` when nobody does.

    Args:
        group: The group of entry points.
        name: The entry point.
    """
    found = list(entry_points(group=group, name=name))
    loaded: object = found[0].load() if found else None
    return loaded
