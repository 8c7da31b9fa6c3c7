"""A session file into the plans of checks."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath

from fixgate.config.authentication import build_credentials, build_proof
from fixgate.config.builder import Builder, is_loopback
from fixgate.config.identity import session_identity, session_routing
from fixgate.config.layer import session_layer
from fixgate.config.models import ExpectModel, SessionModel
from fixgate.config.schedule import build_hours
from fixgate.config.yaml import Path
from fixgate.dictionary.version import FixVersion
from fixgate.health.model import CheckPlan, Expectation, FillPrices, Level, OrderPlan
from fixgate.health.persistence.plan import PersistencePlan
from fixgate.net.settings import Address, ClientTls, StoreSettings
from fixgate.session.logon_options import LogonOptions
from fixgate.session.settings import Role, SessionSettings

__all__ = ["build_plans", "default_store", "state_folder"]


def state_folder(environ: Mapping[str, str] | None = None) -> FilePath:
    """Return where fixgate keeps what must outlive it, by the XDG rules.

    Args:
        environ: The environment; ``None`` for the process's.
    """
    environ = os.environ if environ is None else environ
    root = environ.get("XDG_STATE_HOME", "")
    if root.startswith("/"):  # the XDG rules have relative paths ignored
        return FilePath(root) / "fixgate"
    return FilePath(environ.get("HOME") or FilePath.home()) / ".local" / "state" / "fixgate"


def default_store(address: Address, environ: Mapping[str, str] | None = None) -> StoreSettings:
    """Return the store of sessions with one address.

    The journal gives each identity a folder of its own. The address is part of the path because a
    test venue and a production venue often know us by the same CompIDs.
    """
    place = re.sub(r"[^A-Za-z0-9.-]", "_", f"{address.host.lower()}_{address.port}")
    return StoreSettings(state_folder(environ) / "sessions" / place.lstrip("."))


def build_plans(
    models: Mapping[int, SessionModel], builder: Builder, environ: Mapping[str, str] | None = None
) -> tuple[CheckPlan, ...]:
    """Return one plan a session; mistakes are in the builder's draft."""
    names: dict[object, Path] = {}
    identities: dict[object, Path] = {}
    stores: dict[object, Path] = {}
    plans = []
    for index, model in models.items():
        path: Path = ("sessions", index)
        plan = _plan(model, path, builder, environ)
        if plan is None:
            continue
        identity = plan.session.id
        builder.unique((*path, "name"), plan.name, names, f"the name '{plan.name}' is used twice")
        what = f"the session {identity} with {plan.address} is listed twice"
        builder.unique(path, (plan.address, identity), identities, what)
        if plan.store.path is not None and identities[plan.address, identity] == path:
            what = f"the session {identity} has the same store as another"
            builder.unique((*path, "store"), (plan.store.path, identity), stores, what)
        plans.append(plan)
    return tuple(plans)


def _plan(
    model: SessionModel, path: Path, builder: Builder, environ: Mapping[str, str] | None
) -> CheckPlan | None:
    level = model.level or Level.SESSION
    tls = _client_tls(model, path, builder)
    if level is Level.TLS and tls is None:
        builder.draft.report((*path, "level"), "level tls needs tls", "add tls: true")
    plain = model.password is not None and model.encrypted_password is None
    if plain and tls is None and not is_loopback(model.connect.host):
        builder.draft.warn((*path, "connect"), "the password goes out without TLS", "add tls: true")
    stored = "store" in model.model_fields_set
    return CheckPlan(
        name=model.name,
        address=model.connect,
        session=session_layer(_session(model, path, builder), model, path, builder),
        tls=tls,
        level=level,
        deadline_ns=model.deadline,
        store=builder.store(model.store) if stored else default_store(model.connect, environ),
        order=_order(model, level, path, builder),
        persistence=_persistence(model, level, path, builder),
        test_requests=model.test_requests,
        expectation=_expectation(model.expect),
        source=builder.draft.place(path),
        group=model.group or "",
    )


def _session(model: SessionModel, path: Path, builder: Builder) -> SessionSettings:
    version = builder.version(path, model.begin_string, model.application_version)
    if model.reset_on_logon and version is FixVersion.FIX40:
        # Spec: FIX 4.1 added ResetSeqNumFlag(141); a 4.0 venue refuses a Logon that has it.
        message, hint = "FIX.4.0 has no ResetSeqNumFlag(141) to send", "reset_on_logon: false"
        builder.draft.report((*path, "reset_on_logon"), message, hint)
    schedule, reset_schedule = build_hours(model.schedule, model.reset_numbers, path, builder)
    return SessionSettings(
        id=session_identity(model, path, model.begin_string, (model.ours, model.theirs), builder),
        role=Role.INITIATOR,
        heartbeat_s=model.heartbeat,
        default_appl_ver_id=version and version.appl_ver_id,
        observe=True,
        reset_on_logon=model.reset_on_logon,
        credentials=build_credentials(model, path, builder),
        sending_time_tolerance_ns=model.sending_time_tolerance,
        timestamp_digits=model.timestamp_precision,
        dialect=model.dialect,
        allow_user_defined=model.user_defined_fields,
        resend_application=False,
        schedule=schedule,
        reset_schedule=reset_schedule,
        routing=session_routing(model),
        logon=_logon(model, path, builder),
    )


def _logon(model: SessionModel, path: Path, builder: Builder) -> LogonOptions:
    if model.new_password is not None and model.password is None:
        message = "new_password needs the password that it replaces"
        builder.draft.report((*path, "new_password"), message, at_key=True)
    proof = build_proof(model, path, builder, private=False)
    return replace(proof, new_password=model.new_password)


def _client_tls(model: SessionModel, path: Path, builder: Builder) -> ClientTls | None:
    tls = model.tls
    if tls is None:
        return None
    path = (*path, "tls")
    if tls.certificate is None and tls.key is not None:
        builder.draft.report((*path, "key"), "key needs a certificate", at_key=True)
    if not tls.verify and tls.crl is not None:
        message = "crl says nothing about a certificate that is not verified"
        builder.draft.report((*path, "crl"), message, "take out verify: false", at_key=True)
    if not tls.verify and not tls.pins:
        message = "the venue's certificate is not verified"
        builder.draft.warn((*path, "verify"), message, "add pins, or ca")
    return ClientTls(
        ca=builder.optional_file((*path, "ca"), tls.ca),
        server_name=tls.server_name,
        certificate=builder.optional_file((*path, "certificate"), tls.certificate),
        key=builder.optional_file((*path, "key"), tls.key),
        verify=tls.verify,
        crl=builder.optional_file((*path, "crl"), tls.crl),
        pins=tuple(tls.pins or ()),
        warn_days=tls.warn_days,
    )


def _order(model: SessionModel, level: Level, path: Path, builder: Builder) -> OrderPlan | None:
    orders = model.orders
    if not orders.allow:
        if level is Level.ORDER:
            builder.draft.report(
                (*path, "level"),
                "level order sends a real order, which this session does not allow",
                "add orders: {allow: true, symbol: ..., price: ...}",
            )
        return None
    if orders.symbol is None or orders.price is None:
        missing = [key for key in ("symbol", "price") if getattr(orders, key) is None]
        builder.draft.report_missing((*path, "orders"), missing)
        return None
    fills = FillPrices(orders.fills.buy, orders.fills.sell) if orders.fills else None
    return OrderPlan(
        orders.symbol, orders.side, orders.quantity, orders.price, orders.account, fills
    )


def _persistence(
    model: SessionModel, level: Level, path: Path, builder: Builder
) -> PersistencePlan | None:
    how, path = model.persistence, (*path, "persistence")
    if how.order and not model.orders.allow:
        message = "order: rest sends real orders, which this session does not allow"
        builder.draft.report((*path, "order"), message, "add orders: {allow: true, ...}")
    if how.cancel_on_disconnect is not None and not how.order:
        message = "cancel_on_disconnect can be seen only of orders that rest"
        builder.draft.report((*path, "cancel_on_disconnect"), message, "add order: rest")
    if len(set(how.cut)) < len(how.cut):
        builder.draft.report((*path, "cut"), "a cut is listed twice", "each has one return")
    if how.allow and model.reset_on_logon:
        message = "reset_on_logon forgets at every Logon what persistence is to prove"
        builder.draft.report((*path, "allow"), message, "take out reset_on_logon")
    if not how.allow:
        if level is Level.PERSISTENCE:
            builder.draft.report(
                (*path[:-1], "level"),
                "level persistence cuts the line, which this session does not allow",
                "add persistence: {allow: true}",
            )
        return None
    return PersistencePlan(
        cuts=tuple(how.cut),
        away_ns=how.away,
        messages=how.messages,
        orders=how.order,
        cancel_on_disconnect=how.cancel_on_disconnect,
        silence_ns=how.silence,
        withhold=how.withhold,
    )


def _expectation(model: ExpectModel | None) -> Expectation | None:
    return None if model is None else Expectation(model.status, model.cause)
