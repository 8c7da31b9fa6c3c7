"""Sub-ids, locations and third parties of files into the identities and routes of sessions."""

from __future__ import annotations

from collections.abc import Sequence

from fixgate.config.builder import Builder
from fixgate.config.parties import ClientParties, SessionParties, ThirdPartiesModel
from fixgate.config.yaml import Path
from fixgate.session.routing import Routing
from fixgate.session.settings import SessionId
from fixgate.wire.tags import Tag, label

__all__ = ["client_identity", "session_identity", "session_routing", "venue_routing"]

_ROUTE = {
    "on_behalf_of_comp_id": Tag.OnBehalfOfCompID,
    "on_behalf_of_sub_id": Tag.OnBehalfOfSubID,
    "deliver_to_comp_id": Tag.DeliverToCompID,
    "deliver_to_sub_id": Tag.DeliverToSubID,
    "on_behalf_of_location_id": Tag.OnBehalfOfLocationID,
    "deliver_to_location_id": Tag.DeliverToLocationID,
}
_LOCATIONS = {
    "our_location_id": Tag.SenderLocationID,
    "their_location_id": Tag.TargetLocationID,
    "sender_location_id": Tag.SenderLocationID,
    "target_location_id": Tag.TargetLocationID,
    "on_behalf_of_location_id": Tag.OnBehalfOfLocationID,
    "deliver_to_location_id": Tag.DeliverToLocationID,
}


def client_identity(
    model: ClientParties, path: Path, begin_string: str, comp_ids: tuple[str, str], builder: Builder
) -> SessionId:
    """Return the identity of a venue's session.

    Args:
        model: The client.
        path: Where it is written.
        begin_string: BeginString(8).
        comp_ids: The venue's CompID and the client's.
        builder: Takes the mistakes.
    """
    _no_locations_yet(model, path, begin_string, builder)
    return SessionId(
        begin_string,
        *comp_ids,
        model.our_sub_id or "",
        model.our_location_id or "",
        model.their_sub_id or "",
        model.their_location_id or "",
    )


def session_identity(
    model: SessionParties,
    path: Path,
    begin_string: str,
    comp_ids: tuple[str, str],
    builder: Builder,
) -> SessionId:
    """Return the identity of a session to check; as `client_identity`."""
    _no_locations_yet(model, path, begin_string, builder)
    return SessionId(
        begin_string,
        *comp_ids,
        model.sender_sub_id or "",
        model.sender_location_id or "",
        model.target_sub_id or "",
        model.target_location_id or "",
    )


def _no_locations_yet(
    model: ClientParties | SessionParties, path: Path, begin_string: str, builder: Builder
) -> None:
    if begin_string != "FIX.4.0":
        return
    for key, tag in _LOCATIONS.items():
        if getattr(model, key, None) is not None:
            message = f"FIX.4.0 has no {label(tag)}"
            builder.draft.report((*path, key), message, "leave it out", at_key=True)


def session_routing(model: SessionParties) -> Routing | None:
    """Return whom a session to check speaks for, and whom the venue's answers are to name.

    Spec: FIX 4.4 volume 2, "FIX Message Routing": what comes back goes the same way in reverse.
    """
    written = ((tag, getattr(model, key)) for key, tag in _ROUTE.items())
    sent = tuple((tag, value.encode("ascii")) for tag, value in sorted(written) if value)
    if not sent:
        return None
    return Routing(sent, _known_to(model.deliver_to_comp_id), _known_to(model.on_behalf_of_comp_id))


def _known_to(comp_id: str | None) -> frozenset[bytes]:
    return frozenset() if comp_id is None else frozenset({comp_id.encode("ascii")})


def venue_routing(model: ThirdPartiesModel | None) -> Routing | None:
    """Return the third parties of a venue or of one of its clients."""
    if model is None:
        return None
    return Routing((), _encoded(model.on_behalf_of), _encoded(model.deliver_to))


def _encoded(comp_ids: Sequence[str] | None) -> frozenset[bytes] | None:
    return None if comp_ids is None else frozenset(name.encode("ascii") for name in comp_ids)
