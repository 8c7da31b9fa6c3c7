"""From the settings of a session of ours to those that QuickFIX has for it."""

from __future__ import annotations

from fixgate.dictionary.version import FixVersion
from fixgate.interop.settings import PeerSession
from fixgate.session.settings import Role, SessionSettings

__all__ = ["peer_session"]

_SECOND_NS = 1_000_000_000


def peer_session(settings: SessionSettings, *, qualifier: str = "") -> PeerSession:
    """Return a session of ours as QuickFIX is to have it, from the same side.

    Args:
        settings: What suits QuickFIX; see `fixgate.config.quickfix`.
        qualifier: See `PeerSession`.
    """
    identity, credentials = settings.id, settings.credentials
    version = FixVersion.of_session(identity.begin_string, settings.default_appl_ver_id)
    demanded = credentials if settings.role is Role.ACCEPTOR else None
    return PeerSession(
        version or FixVersion.FIX50SP2,
        identity.ours,
        identity.theirs,
        qualifier,
        _options(settings),
        (demanded.username, demanded.password) if demanded is not None else None,
    )


def _options(settings: SessionSettings) -> tuple[tuple[str, str], ...]:
    options = {
        "ResetOnLogon": "Y" if settings.reset_on_logon else "N",
        "MaxLatency": str(_whole_seconds(settings.sending_time_tolerance_ns)),
        "ValidateUserDefinedFields": "N" if settings.allow_user_defined else "Y",
    }
    if settings.timestamp_digits is not None:
        options["TimestampPrecision"] = str(settings.timestamp_digits)
    if settings.role is Role.INITIATOR:
        options["HeartBtInt"] = str(settings.heartbeat_s)
        options["LogonTimeout"] = str(_whole_seconds(settings.logon_timeout_ns))
        options["LogoutTimeout"] = str(_whole_seconds(settings.logout_timeout_ns))
    return tuple(options.items())


def _whole_seconds(duration_ns: int) -> int:
    return -(-duration_ns // _SECOND_NS)
