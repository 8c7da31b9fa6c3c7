"""The dictionary of a session, made ready."""

from __future__ import annotations

from fixgate.dictionary.loader import validator_for
from fixgate.dictionary.validate import ValidationOptions, Validator
from fixgate.session.settings import SessionSettings
from fixgate.wire.tags import ADMIN_MSG_TYPES, MsgType

__all__ = ["validator_of"]

_USUAL = (
    *sorted(ADMIN_MSG_TYPES),
    MsgType.NewOrderSingle,
    MsgType.OrderCancelRequest,
    MsgType.OrderCancelReplaceRequest,
    MsgType.OrderStatusRequest,
    MsgType.ExecutionReport,
    MsgType.OrderCancelReject,
)
"""What almost every session carries. Compiled now: the first of a type takes milliseconds."""


def validator_of(settings: SessionSettings) -> Validator:
    """Return the validator for a session; sessions of one version share one.

    Raises:
        DictionaryError: The version is not known.
    """
    options = ValidationOptions(
        allow_user_defined=settings.allow_user_defined,
        allow_empty_values=settings.allow_empty_values,
    )
    validator = validator_for(settings.id.begin_string, settings.default_appl_ver_id, options)
    validator.prepare(*_USUAL)
    return validator
