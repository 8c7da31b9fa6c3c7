"""A plan for a session that no file describes: an address and a few words."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.dictionary.version import FixVersion
from fixgate.health.model import CheckPlan, Level
from fixgate.net.settings import Address, ClientTls, StoreSettings
from fixgate.session.settings import Credentials, Role, SessionId, SessionSettings

__all__ = ["Identity", "direct_plan"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are to the venue.

    Attributes:
        sender: SenderCompID(49); may be empty where the check does not log on.
        target: TargetCompID(56); may be empty where the check does not log on.
        begin_string: BeginString(8).
        version: The application version, for FIXT.1.1 only.
        credentials: Username(553) and Password(554), or ``None``.
    """

    sender: str
    target: str
    begin_string: str = "FIX.4.4"
    version: FixVersion | None = None
    credentials: Credentials | None = None


def direct_plan(
    address: Address, identity: Identity, *, tls: ClientTls | None, store: StoreSettings
) -> CheckPlan:
    """Return the plan of a check to level session, or to level tcp for want of CompIDs.

    Args:
        address: Where to connect; its text is the plan's name.
        identity: Who we are.
        tls: ``None`` for plain TCP.
        store: Where the session's numbers are kept between checks.
    """
    version = identity.version
    if version is None and identity.begin_string == "FIXT.1.1":
        version = FixVersion.FIX50SP2
    session = SessionSettings(
        id=SessionId(identity.begin_string, identity.sender, identity.target),
        role=Role.INITIATOR,
        default_appl_ver_id=version.appl_ver_id if version is not None else None,
        observe=True,
        credentials=identity.credentials,
    )
    known = bool(identity.sender and identity.target)
    level = Level.SESSION if known else Level.TLS if tls is not None else Level.TCP
    return CheckPlan(
        name=str(address), address=address, session=session, tls=tls, level=level, store=store
    )
