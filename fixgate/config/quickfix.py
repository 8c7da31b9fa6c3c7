"""What of a file QuickFIX can do as well, for ``--engine quickfix``.

What is written and cannot be done is a mistake with its place, never passed over in silence. The
lists say what can be done: a key that is not in them is refused, also one that files will only
know in some later version.
"""

from __future__ import annotations

from enum import Enum

from pydantic import BaseModel

from fixgate.config.builder import Builder
from fixgate.config.models import ListenModel, SessionModel, VenueModel
from fixgate.config.yaml import Path
from fixgate.interop.settings import LOOPBACK, PeerRole, PeerSession, PeerSettings
from fixgate.interop.translate import peer_session
from fixgate.net.settings import GatewaySettings
from fixgate.session.dialect import QUICKFIX

__all__ = ["EngineName", "quickfix_acceptor", "suits_check", "suits_venue"]

_SECOND_NS = 1_000_000_000
_MAX_DIGITS = 9
_FOLDER = "quickfix"
"""In the folder of a venue's store: QuickFIX's files are not journals."""


class EngineName(Enum):
    """Whose session layer is to be used."""

    FIXGATE = "fixgate"
    QUICKFIX = "quickfix"


_VENUE = frozenset(
    (
        "name",
        "listen",
        "comp_id",
        "dialect",
        "mode",
        "sessions",
        "store",
        "instruments",
        "liquidity",
        "cancel_on_disconnect",
        "sending_time_tolerance",
        "timestamp_precision",
        "user_defined_fields",
        "limits",
    )
)
_VENUE_SESSION = frozenset(
    (
        "name",
        "begin_string",
        "application_version",
        "ours",
        "theirs",
        "username",
        "password",
        "reset_on_logon",
    )
)
_LISTEN = frozenset(("address",))
_LIMITS = frozenset(("history",))
_STORE = frozenset(("path",))

_SESSION = frozenset(
    (
        "name",
        "group",
        "connect",
        "begin_string",
        "application_version",
        "ours",
        "theirs",
        "sender_sub_id",
        "sender_location_id",
        "target_sub_id",
        "target_location_id",
        "on_behalf_of_comp_id",
        "on_behalf_of_sub_id",
        "on_behalf_of_location_id",
        "deliver_to_comp_id",
        "deliver_to_sub_id",
        "deliver_to_location_id",
        "heartbeat",
        "username",
        "password",
        "reset_on_logon",
        "tls",
        "level",
        "deadline",
        "store",
        "test_requests",
        "orders",
        "sending_time_tolerance",
        "timestamp_precision",
        "dialect",
        "user_defined_fields",
        "schedule",
        "expect",
    )
)

_HINTS = {
    "accept_any": "QuickFIX has to know its clients: list them under 'sessions'",
    "durability": "QuickFIX's own files survive kill -9, as os does",
    "persistence": "leave it out: QuickFIX begins each connection with a store of its own",
    "tls": "put a TLS proxy in front of it",
    "max_connections": "leave it out: QuickFIX sets no limit",
    "max_per_address": "leave it out: QuickFIX sets no limit",
    "allow": "leave it out: QuickFIX lets in this machine only",
    "max_unread_bytes": "leave it out: QuickFIX sets no limit",
    "stages": "they are of fixgate's own gateway",
    "first_logon": "leave it out: QuickFIX waits for a Logon as long as it takes",
}


def suits_venue(model: VenueModel, builder: Builder) -> None:
    """Report what of a venue QuickFIX cannot do."""
    at: Path = ("venue",)
    _refuse_rest(model, _VENUE, at, builder)
    _refuse_rest(model.limits, _LIMITS, (*at, "limits"), builder)
    for index, session in enumerate(model.sessions):
        _refuse_rest(session, _VENUE_SESSION, (*at, "sessions", index), builder)
    for index, listen in enumerate(model.listen):
        _suits_listen(listen, (*at, "listen", index), builder)
    for index in range(1, len(model.listen)):
        message = "QuickFIX listens on one port"
        builder.draft.report((*at, "listen", index), message, "leave the others out")
    if model.store is not None:
        _refuse_rest(model.store, _STORE, (*at, "store"), builder)
    _suits_session(model, at, builder)
    old = [s for s in model.sessions if s.begin_string in ("FIX.4.0", "FIX.4.1")]
    if model.timestamp_precision and old:
        message = f"QuickFIX writes whole seconds in {old[0].begin_string}"
        builder.draft.report((*at, "timestamp_precision"), message, "leave it out")


def _suits_listen(listen: ListenModel, at: Path, builder: Builder) -> None:
    _refuse_rest(listen, _LISTEN, at, builder)
    if listen.address.host != LOOPBACK:
        builder.draft.report(
            (*at, "address"),
            f"QuickFIX lets in this machine only; received host '{listen.address.host}'",
            f"write {LOOPBACK}:{listen.address.port}",
        )


def suits_check(model: SessionModel, at: Path, builder: Builder) -> None:
    """Report what of a session to check QuickFIX cannot do."""
    _refuse_rest(model, _SESSION, at, builder)
    _suits_session(model, at, builder)
    if not model.heartbeat:
        message = "QuickFIX cannot ask for no heartbeats"
        builder.draft.report((*at, "heartbeat"), message, "write at least 1s")
    if model.timestamp_precision and model.begin_string in ("FIX.4.0", "FIX.4.1"):
        message = f"QuickFIX writes whole seconds in {model.begin_string}"
        builder.draft.report((*at, "timestamp_precision"), message, "leave it out")


def _suits_session(model: VenueModel | SessionModel, at: Path, builder: Builder) -> None:
    if "dialect" in model.model_fields_set and model.dialect is not QUICKFIX:
        message = f"QuickFIX has its own habits, not those of dialect '{model.dialect.name}'"
        builder.draft.report((*at, "dialect"), message, "leave it out, or write quickfix")
    if model.sending_time_tolerance % _SECOND_NS:
        message = "QuickFIX counts whole seconds"
        builder.draft.report((*at, "sending_time_tolerance"), message)
    if (model.timestamp_precision or 0) > _MAX_DIGITS:
        message = f"QuickFIX writes at most {_MAX_DIGITS} digits"
        builder.draft.report((*at, "timestamp_precision"), message)


def _refuse_rest(model: BaseModel, can: frozenset[str], at: Path, builder: Builder) -> None:
    known = type(model).model_fields
    for key in known:
        if key in can or key not in model.model_fields_set:
            continue
        if getattr(model, key) != known[key].get_default(call_default_factory=True):
            message, hint = f"QuickFIX cannot do '{key}'", _HINTS.get(key, "leave it out")
            builder.draft.report((*at, key), message, hint, at_key=True)


# Into QuickFIX's own settings.


def quickfix_acceptor(gateway: GatewaySettings) -> tuple[PeerSettings, dict[PeerSession, str]]:
    """Return what QuickFIX is to be for a venue that suits it, and the names of its sessions."""
    names = {peer_session(each.session): each.name for each in gateway.sessions}
    path = gateway.store.path
    settings = PeerSettings(
        role=PeerRole.ACCEPTOR,
        sessions=tuple(names),
        folder=None if path is None else path / _FOLDER,
        port=gateway.listen[0].address.port,
        answers=False,
        tells_more=True,
    )
    return settings, names
