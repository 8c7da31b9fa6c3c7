"""What a file says about the session layer into the policies of a session."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, TypeVar

from fixgate.config.base import Strict
from fixgate.config.builder import Builder
from fixgate.config.policies import (
    GarbledModel,
    HeartbeatModel,
    NumberingModel,
    ResendsModel,
    SessionNumberingModel,
    VenueNumberingModel,
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
)

__all__ = [
    "build_garbled",
    "build_heartbeats",
    "build_numbering",
    "build_resends",
    "client_numbering",
    "merged",
]

_SINCE = {
    "next_expected": (FixVersion.FIX44, "NextExpectedMsgSeqNum(789)"),
    "last_processed": (FixVersion.FIX42, "LastMsgSeqNumProcessed(369)"),
    "reset_flag": (FixVersion.FIX41, "ResetSeqNumFlag(141)"),
    "unasked_reset": (FixVersion.FIX41, "ResetSeqNumFlag(141)"),
}

_Model = TypeVar("_Model", bound=Strict)


class _Layer(Protocol):
    """The part of a file that says it."""

    @property
    def numbering(self) -> NumberingModel: ...


def build_numbering(
    model: NumberingModel, path: Path, version: FixVersion | None, builder: Builder
) -> NumberingPolicy:
    """Return what both sides tell each other about their sequence numbers.

    Args:
        model: What is written as ``numbering``.
        path: The mapping that holds it.
        version: The session's version, ``None`` where it is not known or not one.
        builder: Takes the mistakes.
    """
    for key, (since, name) in _SINCE.items():
        if key in _asked(model) and version is not None and version.order < since.order:
            message = f"{version.value} has no {name}; it came with {since.value}"
            builder.draft.report((*path, "numbering", key), message, "leave it out", at_key=True)
    policy = NumberingPolicy(next_expected=model.next_expected, last_processed=model.last_processed)
    match model:
        case VenueNumberingModel(reset_flag=flag) | SessionNumberingModel(unasked_reset=flag):
            return replace(policy, reset_flag=flag)
    return policy


def client_numbering(
    venue: _Layer, client: _Layer, path: Path, version: FixVersion | None, builder: Builder
) -> NumberingPolicy:
    """Return the same for one client of a venue; what it does not say is the venue's."""
    build_numbering(client.numbering, path, version, builder)
    return build_numbering(merged(venue.numbering, client.numbering), path, None, builder)


def _asked(model: NumberingModel) -> set[str]:
    """Return the keys whose values are not their defaults."""
    return {
        key
        for key, field in type(model).model_fields.items()
        if getattr(model, key) != field.default
    }


def build_resends(model: ResendsModel) -> ResendPolicy:
    """Return how missing messages are asked for and served; ``model`` is written as ``resends``."""
    policy = ResendPolicy(
        request_size=model.request_size,
        request_end=model.request_end,
        retry_ns=model.retry_after,
        retries=model.retries,
    )
    if not isinstance(model, VenueResendsModel):
        return policy
    return replace(policy, serve_limit=model.serve_at_most, beyond_limit=model.beyond)


def build_heartbeats(model: HeartbeatModel, path: Path, builder: Builder) -> HeartbeatPolicy:
    """Return which HeartBtInt(108) a venue agrees to.

    Args:
        model: What is written as ``heartbeat``.
        path: The mapping that holds it.
        builder: Takes the mistakes.
    """
    path = (*path, "heartbeat")
    policy = HeartbeatPolicy(
        min_s=model.min,
        max_s=model.max,
        zero=model.min == 0 if model.zero is None else model.zero,
        on_mismatch=model.on_mismatch,
        value_s=model.value,
    )
    if model.min > model.max or model.max == 0:
        what = f"max {model.max}s leaves nothing to agree to above min {model.min}s"
        builder.draft.report(path, what)
    imposes = model.on_mismatch is HeartbeatAnswer.IMPOSE
    if model.value is not None and not imposes:
        what = "value is what the venue imposes"
        builder.draft.report((*path, "value"), what, "add on_mismatch: impose", at_key=True)
    return policy


def build_garbled(model: GarbledModel) -> GarbledPolicy:
    """Return how much garbled input is put up with; ``model`` is written as ``garbled``."""
    return GarbledPolicy(limit=model.limit, bad_sum_ends=model.bad_sum, then=model.then)


def merged(base: _Model, own: _Model) -> _Model:
    """Return ``base`` with what is written in ``own``: a venue's with a client's."""
    return base.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})
