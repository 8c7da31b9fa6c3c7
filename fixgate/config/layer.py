"""What a file says about the session layer into the policies of a session."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from fixgate.config.base import Strict
from fixgate.config.builder import Builder
from fixgate.config.policies import (
    GarbledModel,
    HeartbeatModel,
    NumberingModel,
    ResendsModel,
    SessionLayer,
    VenueLayer,
    VenueResendsModel,
)
from fixgate.config.yaml import Path
from fixgate.dictionary.version import FixVersion
from fixgate.session.policies import (
    GarbledPolicy,
    HeartbeatAnswer,
    HeartbeatPolicy,
    NumberingPolicy,
    ResendPolicy,
    ResetFlag,
)
from fixgate.session.settings import SessionSettings

__all__ = ["client_layer", "session_layer", "venue_layer"]

_SINCE = {
    "next_expected": (FixVersion.FIX44, "NextExpectedMsgSeqNum(789)"),
    "last_processed": (FixVersion.FIX42, "LastMsgSeqNumProcessed(369)"),
    "reset_flag": (FixVersion.FIX41, "ResetSeqNumFlag(141)"),
    "unasked_reset": (FixVersion.FIX41, "ResetSeqNumFlag(141)"),
}

_Model = TypeVar("_Model", bound=Strict)


def session_layer(
    settings: SessionSettings, model: SessionLayer, path: Path, builder: Builder
) -> SessionSettings:
    """Return the settings of a session with what its file says about the session layer.

    Args:
        settings: Without it.
        model: What is written.
        path: Where.
        builder: Takes the mistakes.
    """
    _check_versions(settings, model.numbering, path, builder)
    return replace(
        settings,
        numbering=_numbering(model.numbering, model.numbering.unasked_reset),
        resends=_resends(model.resends),
        heartbeats=HeartbeatPolicy(on_mismatch=model.heartbeat_answer),
        garbled=_garbled(model.garbled),
    )


def venue_layer(
    settings: SessionSettings, model: VenueLayer, path: Path, builder: Builder
) -> SessionSettings:
    """Return the same for a venue: the settings of all its sessions."""
    _check_heartbeat(model.heartbeat, (*path, "heartbeat"), builder)
    return replace(
        settings,
        numbering=_numbering(model.numbering, model.numbering.reset_flag),
        resends=_resends(model.resends),
        heartbeats=_heartbeats(model.heartbeat),
        garbled=_garbled(model.garbled),
    )


def client_layer(
    settings: SessionSettings, venue: VenueLayer, client: VenueLayer, path: Path, builder: Builder
) -> SessionSettings:
    """Return the same for one client of a venue; what it does not say is the venue's.

    What the venue says of fields that the client's version lacks is not a mistake.
    """
    _check_versions(settings, client.numbering, path, builder)
    heartbeat = _merged(venue.heartbeat, client.heartbeat)
    if client.heartbeat.model_fields_set:
        _check_heartbeat(heartbeat, (*path, "heartbeat"), builder)
    numbering = _merged(venue.numbering, client.numbering)
    return replace(
        settings,
        numbering=_numbering(numbering, numbering.reset_flag),
        resends=_resends(_merged(venue.resends, client.resends)),
        heartbeats=_heartbeats(heartbeat),
        garbled=_garbled(_merged(venue.garbled, client.garbled)),
    )


def _numbering(model: NumberingModel, reset_flag: ResetFlag) -> NumberingPolicy:
    return NumberingPolicy(
        next_expected=model.next_expected,
        last_processed=model.last_processed,
        reset_flag=reset_flag,
        highest=model.highest,
    )


def _resends(model: ResendsModel) -> ResendPolicy:
    policy = ResendPolicy(
        request_size=model.request_size,
        request_end=model.request_end,
        retry_ns=model.retry_after,
        retries=model.retries,
    )
    if not isinstance(model, VenueResendsModel):
        return policy
    return replace(
        policy,
        serve_limit=model.serve_at_most,
        beyond_limit=model.beyond,
        repeats=model.serve_again,
    )


def _heartbeats(model: HeartbeatModel) -> HeartbeatPolicy:
    return HeartbeatPolicy(
        min_s=model.min,
        max_s=model.max,
        zero=model.min == 0 if model.zero is None else model.zero,
        on_mismatch=model.on_mismatch,
        value_s=model.value,
    )


def _garbled(model: GarbledModel) -> GarbledPolicy:
    return GarbledPolicy(limit=model.limit, bad_sum_ends=model.bad_sum, then=model.then)


def _check_versions(
    settings: SessionSettings, model: NumberingModel, path: Path, builder: Builder
) -> None:
    """Report what is asked of a version that has no field for it."""
    version = FixVersion.of_session(settings.id.begin_string, settings.default_appl_ver_id)
    if version is None:
        return  # FIXT.1.1 without its version: reported already
    for key, field in type(model).model_fields.items():
        if key not in _SINCE:
            continue
        since, name = _SINCE[key]
        if getattr(model, key) != field.default and version.order < since.order:
            message = f"{version.value} has no {name}; it came with {since.value}"
            builder.draft.report((*path, "numbering", key), message, "leave it out", at_key=True)


def _check_heartbeat(model: HeartbeatModel, path: Path, builder: Builder) -> None:
    if model.min > model.max or model.max == 0:
        what = f"max {model.max}s leaves nothing to agree to above min {model.min}s"
        builder.draft.report(path, what)
    if model.value is not None and model.on_mismatch is not HeartbeatAnswer.IMPOSE:
        what = "value is what the venue imposes"
        builder.draft.report((*path, "value"), what, "add on_mismatch: impose", at_key=True)


def _merged(base: _Model, own: _Model) -> _Model:
    """Return ``base`` with what is written in ``own``."""
    return base.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})
