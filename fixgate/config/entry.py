"""What a venue's file asks of a connection before a client may log on with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fixgate.config.builder import Builder
from fixgate.config.models import VenueSessionModel
from fixgate.config.yaml import Path
from fixgate.net.networks import IpNetwork, Networks
from fixgate.net.settings import EntrySettings, ListenSettings

__all__ = ["build_entry", "networks"]


def build_entry(
    model: VenueSessionModel, path: Path, ports: Sequence[ListenSettings], builder: Builder
) -> EntrySettings:
    """Return what a client's connection must be; mistakes are in the builder's draft.

    Args:
        model: The client.
        path: Where it is written.
        ports: The venue's.
        builder: Takes the mistakes.
    """
    allow = networks(model.allow)
    if allow is not None and not any(_lets_in(port, allow) for port in ports):
        message = "no port lets any of these addresses in"
        builder.draft.report((*path, "allow"), message, "see allow of the venue's ports")
    return EntrySettings(allow=allow, replace_dead=model.duplicate_logon)


def networks(items: Iterable[IpNetwork] | None) -> Networks | None:
    """Return an allow list; ``None`` stays ``None``, which is everybody."""
    return None if items is None else Networks(tuple(items))


def _lets_in(port: ListenSettings, allow: Networks) -> bool:
    return not port.silent and (port.allow is None or port.allow.meets(allow))
