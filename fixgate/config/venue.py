"""A venue file into the settings of a gateway."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as FilePath

from fixgate.config.authentication import build_credentials, build_proof
from fixgate.config.builder import Builder, is_open
from fixgate.config.entry import build_entry, networks
from fixgate.config.identity import client_identity, venue_routing
from fixgate.config.layer import client_layer, venue_layer
from fixgate.config.models import InstrumentModel, ListenModel, VenueModel, VenueSessionModel
from fixgate.config.schedule import build_hours, inherit_hours
from fixgate.config.staging import build_stages
from fixgate.config.yaml import Path
from fixgate.net.settings import GatewaySettings, ListenSettings, ServerTls, VenueSession
from fixgate.session.logon_options import LogonOptions
from fixgate.session.routing import Routing
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.venue.model import Instrument, VenueMode, VenueSettings
from fixgate.venue.stages import Partition

__all__ = ["build_gateway"]

_AT: Path = ("venue",)


def build_gateway(model: VenueModel, builder: Builder) -> GatewaySettings:
    """Return the settings of the venue; mistakes are in the builder's draft."""
    template = _template(model, builder)
    unread = {(*_AT, "sessions"), (*_AT, "accept_any")} & builder.draft.unusable
    if not model.accept_any and not model.sessions and not unread:
        builder.draft.report(
            _AT, "nobody could log on", "list clients under 'sessions' or set accept_any: true"
        )
    if model.mode is not VenueMode.MATCH and "instruments" in model.model_fields_set:
        builder.draft.warn((*_AT, "instruments"), "only a venue that matches trades: not used")
    stages = build_stages(model.stages, (*_AT, "stages"), builder)
    if model.mode is not VenueMode.MATCH and stages and stages.partition is Partition.INSTRUMENT:
        path = (*_AT, "stages", "matching", "partition")
        builder.draft.warn(path, "only a venue that matches has instruments: not used")
    listen = _listeners(model, builder)
    return GatewaySettings(
        name=model.name or _name_of(builder.draft.document.source.path),
        listen=listen,
        template=template,
        comp_id=model.comp_id,
        sessions=_sessions(model, template, listen, builder),
        accept_any=model.accept_any,
        store=builder.store(model.store),
        venue=VenueSettings(
            mode=model.mode,
            instruments=_instruments(model.instruments, builder),
            liquidity_levels=model.liquidity.levels,
            liquidity_quantity=model.liquidity.quantity,
            cancel_on_disconnect=model.cancel_on_disconnect,
            dialect_business_reject_version=model.dialect.business_reject_version,
        ),
        first_logon_ns=model.first_logon,
        max_connections=model.limits.max_connections,
        max_per_address=model.limits.max_per_address,
        max_write_buffer=model.limits.max_unread_bytes,
        history_limit=model.limits.history,
        busy_poll_ns=model.busy_poll,
        stages=stages,
    )


def _name_of(path: str) -> str:
    return FilePath(path).stem or "venue"


def _template(model: VenueModel, builder: Builder) -> SessionSettings:
    schedule, reset_schedule = build_hours(model.schedule, model.reset_numbers, _AT, builder)
    settings = SessionSettings(
        id=SessionId("FIX.4.4", model.comp_id or "", ""),
        role=Role.ACCEPTOR,
        sending_time_tolerance_ns=model.sending_time_tolerance,
        timestamp_digits=model.timestamp_precision,
        dialect=model.dialect,
        allow_user_defined=model.user_defined_fields,
        schedule=schedule,
        reset_schedule=reset_schedule,
        routing=venue_routing(model.third_parties),
        logon=LogonOptions(status=model.session_status),
    )
    return venue_layer(settings, model, _AT, builder)


def _listeners(model: VenueModel, builder: Builder) -> tuple[ListenSettings, ...]:
    seen: dict[object, Path] = {}
    listeners = []
    for index, listen in enumerate(model.listen):
        path = (*_AT, "listen", index, "address")
        if listen.address.port:
            what = f"{listen.address} is listened on twice"
            builder.unique(path, listen.address, seen, what)
        settings = ListenSettings(
            listen.address,
            _server_tls(listen, index, builder),
            listen.silent,
            networks(listen.allow),
        )
        if is_open(settings):
            builder.draft.warn(
                path,
                f"{listen.address} can be reached from other machines, without TLS",
                "add allow or tls, or listen on 127.0.0.1",
            )
        listeners.append(settings)
    return tuple(listeners)


def _server_tls(listen: ListenModel, index: int, builder: Builder) -> ServerTls | None:
    if listen.tls is None:
        return None
    path = (*_AT, "listen", index, "tls")
    if listen.tls.crl is not None and listen.tls.client_ca is None:
        message, hint = "crl is about certificates of clients", "add client_ca"
        builder.draft.report((*path, "crl"), message, hint, at_key=True)
    return ServerTls(
        certificate=builder.file((*path, "certificate"), listen.tls.certificate),
        key=builder.file((*path, "key"), listen.tls.key),
        client_ca=builder.optional_file((*path, "client_ca"), listen.tls.client_ca),
        crl=builder.optional_file((*path, "crl"), listen.tls.crl),
        warn_days=listen.tls.warn_days,
    )


def _sessions(
    model: VenueModel,
    template: SessionSettings,
    listen: tuple[ListenSettings, ...],
    builder: Builder,
) -> tuple[VenueSession, ...]:
    names: dict[object, Path] = {}
    identities: dict[object, Path] = {}
    sessions = []
    for index, session in enumerate(model.sessions):
        path = (*_AT, "sessions", index)
        ours = session.ours or model.comp_id
        if ours is None:
            if (*_AT, "comp_id") in builder.draft.unusable:
                continue  # whether it is missing cannot be known
            builder.draft.report(path, "key 'ours' is missing", "or set comp_id for the venue")
            continue
        identity = client_identity(
            session, path, session.begin_string, (ours, session.theirs), builder
        )
        builder.unique(path, identity, identities, f"the session {identity} is listed twice")
        name = session.name or f"{identity.peer} {session.begin_string}"
        if session.name is not None:
            builder.unique((*path, "name"), name, names, f"the name '{name}' is used twice")
        sessions.append(
            VenueSession(
                name,
                _session(session, path, identity, model, template, builder),
                build_entry(session, path, listen, builder),
            )
        )
    return tuple(sessions)


def _session(
    model: VenueSessionModel,
    path: Path,
    identity: SessionId,
    venue: VenueModel,
    template: SessionSettings,
    builder: Builder,
) -> SessionSettings:
    version = builder.version(path, model.begin_string, model.application_version)
    schedule, reset_schedule = inherit_hours(model, path, template, builder)
    digits = model.timestamp_precision
    settings = SessionSettings(
        id=identity,
        role=template.role,
        default_appl_ver_id=version and version.appl_ver_id,
        reset_on_logon=model.reset_on_logon,
        credentials=build_credentials(model, path, builder),
        sending_time_tolerance_ns=template.sending_time_tolerance_ns,
        timestamp_digits=template.timestamp_digits if digits is None else digits,
        dialect=template.dialect,
        allow_user_defined=template.allow_user_defined,
        schedule=schedule,
        reset_schedule=reset_schedule,
        allow_empty_values=model.empty_values,
        routing=_routing(model, template),
        logon=replace(
            build_proof(model, path, builder, private=True),
            account=model.account,
            status=template.logon.status,
        ),
    )
    return client_layer(settings, venue, model, path, builder)


def _routing(model: VenueSessionModel, template: SessionSettings) -> Routing | None:
    written = "third_parties" in model.model_fields_set
    return venue_routing(model.third_parties) if written else template.routing


def _instruments(models: list[InstrumentModel], builder: Builder) -> tuple[Instrument, ...]:
    seen: dict[object, Path] = {}
    instruments = []
    for index, model in enumerate(models):
        path = (*_AT, "instruments", index, "symbol")
        builder.unique(path, model.symbol, seen, f"instrument '{model.symbol}' is listed twice")
        written = model.model_dump(exclude_none=True)
        instrument = Instrument(**written)
        if instrument.reference % instrument.tick:
            builder.draft.report(
                (*path[:-1], "reference"),
                f"reference {instrument.reference} is not a multiple of tick {instrument.tick}",
            )
        instruments.append(instrument)
    return tuple(instruments)
