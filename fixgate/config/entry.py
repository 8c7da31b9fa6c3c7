"""What a venue's file asks of a connection before a client may log on with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fixgate.config.builder import Builder
from fixgate.config.models import CertificateModel, VenueSessionModel
from fixgate.config.yaml import Path
from fixgate.net.binding import CertificateRule
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
    allow, rule = networks(model.allow), _rule(model.certificate, path, builder)
    reachable = [port for port in ports if _lets_in(port, allow)]
    if not reachable and allow is not None:
        message = "no port lets any of these addresses in"
        builder.draft.report((*path, "allow"), message, "see allow of the venue's ports")
    elif rule is not None and not any(port.tls and port.tls.client_ca for port in reachable):
        builder.draft.report(
            (*path, "certificate"),
            "no port that this client can reach asks for certificates",
            "add client_ca to tls of a port",
            at_key=True,
        )
    return EntrySettings(allow=allow, certificate=rule, replace_dead=model.duplicate_logon)


def networks(items: Iterable[IpNetwork] | None) -> Networks | None:
    """Return an allow list; ``None`` stays ``None``, which is everybody."""
    return None if items is None else Networks(tuple(items))


def _lets_in(port: ListenSettings, allow: Networks | None) -> bool:
    return not port.silent and (port.allow is None or allow is None or port.allow.meets(allow))


def _rule(model: CertificateModel | None, path: Path, builder: Builder) -> CertificateRule | None:
    if model is None:
        return None
    if not model.model_fields_set:
        known = ", ".join(type(model).model_fields)
        builder.draft.report((*path, "certificate"), f"expected at least one of {known}")
    return CertificateRule(
        fingerprints=tuple(model.fingerprints or ()),
        pins=tuple(model.pins or ()),
        common_name=model.common_name or "",
        alt_name=model.alt_name or "",
    )
