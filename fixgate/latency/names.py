"""What figures and exchanges are called in budgets, in JSON and in the tags of HDR logs."""

from __future__ import annotations

from collections.abc import Mapping

from fixgate.latency.model import Figure
from fixgate.triage.model import Exchange

__all__ = ["EXCHANGES", "FIGURES", "name_of"]

FIGURES: Mapping[str, Figure] = {
    "wire": Figure.WIRE,
    "app": Figure.APP,
    "response": Figure.RESPONSE,
}

EXCHANGES: Mapping[str, Exchange] = {
    "heartbeat": Exchange.HEARTBEAT,
    "ack": Exchange.ACKNOWLEDGEMENT,
    "fill": Exchange.FILL,
    "cancel": Exchange.CANCEL,
    "logon": Exchange.LOGON,
    "tcp": Exchange.TCP,
    "tls": Exchange.TLS,
}

_NAMES: Mapping[Figure | Exchange, str] = {
    member: name for names in (FIGURES, EXCHANGES) for name, member in names.items()
}


def name_of(member: Figure | Exchange) -> str:
    """Return the short name, such as ``ack``."""
    return _NAMES[member]
