"""How many files the process may have open, and what of a venue fits into that.

A connection that cannot be accepted for want of a descriptor is no place that a stranger could be
made to give up. So there are never more places than descriptors; Redis does the same with its
``maxclients``.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from fixgate.net.settings import GatewaySettings
from fixgate.net.stores import DESCRIPTORS_PER_STORE

__all__ = ["fitted", "needed", "within_descriptors"]

_RESERVE = 64
"""For the event loop, standard streams, ports, a second journal while one begins anew, and
connections that are accepted before others have been closed for them."""


def within_descriptors(settings: GatewaySettings) -> tuple[GatewaySettings, str | None]:
    """Raise the process's limit to what a venue needs, and lower the venue's to what there is.

    Args:
        settings: A venue.

    Returns:
        The settings to use, and a warning when they have fewer places for connections.
    """
    return fitted(settings, _raised(needed(settings)))


def needed(settings: GatewaySettings) -> int:
    """Return how many descriptors a venue may come to use."""
    stores = DESCRIPTORS_PER_STORE * _on_demand(settings)
    return _fixed(settings) + settings.max_connections + stores


def fitted(settings: GatewaySettings, limit: int) -> tuple[GatewaySettings, str | None]:
    """Return what of a venue fits into ``limit`` descriptors, and a warning as above."""
    on_demand = _on_demand(settings)
    spare = max(limit - _fixed(settings), 2 * DESCRIPTORS_PER_STORE)
    places, stores = settings.max_connections, on_demand
    if limit < needed(settings):
        places = min(places, spare // 2 if on_demand else spare)
        stores = min(stores, (spare - places) // DESCRIPTORS_PER_STORE)
    changed = replace(
        settings, max_connections=places, max_on_demand=stores or settings.max_on_demand
    )
    if places == settings.max_connections:
        return changed, None
    text = f"{places} connections at once instead of {settings.max_connections}"
    return changed, f"the system lets {limit} files be open (ulimit -n): {text}"


def _fixed(settings: GatewaySettings) -> int:
    stores = len(settings.sessions) if settings.store.path is not None else 0
    return _RESERVE + len(settings.listen) + DESCRIPTORS_PER_STORE * stores


def _on_demand(settings: GatewaySettings) -> int:
    """Return how many stores may be opened for clients that nobody listed."""
    on_disk = settings.store.path is not None
    return settings.max_on_demand if on_disk and settings.accept_any else 0


def _raised(wanted: int) -> int:
    """Return how many files may be open once the limit has been raised as far as possible."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return sys.maxsize
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, hard = (sys.maxsize if n == resource.RLIM_INFINITY else n for n in (soft, hard))
    if soft >= wanted:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    except (OSError, ValueError):  # macOS has a lower one that it does not tell
        return soft
    return min(wanted, hard)
