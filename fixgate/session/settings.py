"""What one FIX session is configured to be. Plain values; `fixgate.config` fills them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from fixgate.session.dialect import STANDARD, Dialect
from fixgate.session.logon_options import PLAIN_LOGON, LogonOptions
from fixgate.session.policies import (
    GarbledPolicy,
    HeartbeatPolicy,
    NumberingPolicy,
    ResendPolicy,
)
from fixgate.session.routing import Routing
from fixgate.session.schedule import Schedule
from fixgate.wire.tags import Tag

__all__ = ["Credentials", "Role", "SessionId", "SessionSettings"]


class Role(Enum):
    """Who connects to whom."""

    ACCEPTOR = "acceptor"
    INITIATOR = "initiator"


@dataclass(frozen=True, slots=True)
class SessionId:
    """The identity of a session from our side.

    Attributes:
        begin_string: BeginString(8), such as ``FIX.4.4`` or ``FIXT.1.1``.
        ours: Our CompID: SenderCompID(49) of what we send.
        theirs: The peer's CompID: TargetCompID(56) of what we send.
        our_sub_id: SenderSubID(50) of what we send, or empty for none.
        our_location_id: SenderLocationID(142), likewise.
        their_sub_id: TargetSubID(57), likewise.
        their_location_id: TargetLocationID(143), likewise.
    """

    begin_string: str
    ours: str
    theirs: str
    our_sub_id: str = ""
    our_location_id: str = ""
    their_sub_id: str = ""
    their_location_id: str = ""

    def __str__(self) -> str:
        ours = _place(self.ours, self.our_sub_id, self.our_location_id)
        return f"{self.begin_string}:{ours}->{self.peer}"

    @property
    def peer(self) -> str:
        """The peer as people read it: its CompID, then sub-id and location if it has any."""
        return _place(self.theirs, self.their_sub_id, self.their_location_id)

    def sent(self) -> tuple[tuple[int, bytes], ...]:
        """Return the header fields by which we name both sides, ``(tag, value)`` each."""
        named = (
            (Tag.SenderCompID, self.ours),
            (Tag.SenderSubID, self.our_sub_id),
            (Tag.TargetCompID, self.theirs),
            (Tag.TargetSubID, self.their_sub_id),
            (Tag.SenderLocationID, self.our_location_id),
            (Tag.TargetLocationID, self.their_location_id),
        )
        return tuple((tag, value.encode()) for tag, value in named if value)


def _place(comp_id: str, sub_id: str, location_id: str) -> str:
    """Return ``COMP``, ``COMP/SUB`` or ``COMP/SUB/LOCATION``."""
    return (
        "/".join((comp_id, sub_id, location_id)).rstrip("/") if sub_id or location_id else comp_id
    )


@dataclass(frozen=True, slots=True)
class Credentials:
    """Username(553) and Password(554); the password never shows in a repr.

    An initiator sends them; an acceptor demands them. Without a username, which some venues with
    signatures do not have, the password stands alone, and the other way around; what is empty is
    neither sent nor demanded.
    """

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Everything that shapes one session.

    Attributes:
        id: The session's identity from our side.
        role: Acceptor or initiator.
        heartbeat_s: HeartBtInt(108) that an initiator asks for, seconds, 0 to switch off.
        default_appl_ver_id: DefaultApplVerID(1137) code for FIXT.1.1 (``"9"``), else ``None``.
        observe: ``True`` for the prober, which records violations and stays; ``False`` for an
            engine that enforces the standard.
        reset_on_logon: Initiator: send ResetSeqNumFlag(141)=Y. Acceptor: restart both numbers
            at 1 at every Logon.
        credentials: What to send, or what to demand; ``None`` for neither.
        sending_time_tolerance_ns: How far SendingTime(52) may be from our clock.
        logon_timeout_ns: How long to wait for the peer's Logon.
        logout_timeout_ns: How long to wait for the peer's Logout, or for it to close; after a
            Logout for cause never more than 2 s (cases 2.c, 2.i).
        timestamp_digits: Digits after the second in our SendingTime(52): 0, 3, 6, 9 or 12.
            ``None`` takes the version's own: 0 before FIX 4.2, else 3.
        dialect: Which engine's habits we follow where the standard leaves room.
        allow_user_defined: Take tags of 5000 and above that no dictionary defines.
        allow_empty_values: Take text fields without a value.
        resend_application: ``False`` answers a ResendRequest with gap fills only. A prober must
            never send yesterday's test orders again.
        schedule: When the session is open; ``None`` for always.
        reset_schedule: Both numbers restart at 1 when a period of this one begins; ``None`` for
            never. It may be ``schedule`` itself.
        numbering: What both sides tell each other about their sequence numbers.
        resends: How missing messages are asked for, and sent again.
        heartbeats: Which HeartBtInt(108) we agree to.
        garbled: How much input that is no message is put up with.
        logon: Signature, encrypted and new passwords of the Logon, and what it answers.
        routing: On whose behalf we speak and who may be spoken for; ``None`` asks nothing.
    """

    id: SessionId
    role: Role
    heartbeat_s: int = 30
    default_appl_ver_id: str | None = None
    observe: bool = False
    reset_on_logon: bool = False
    credentials: Credentials | None = None
    sending_time_tolerance_ns: int = 120_000_000_000
    logon_timeout_ns: int = 10_000_000_000
    logout_timeout_ns: int = 10_000_000_000
    timestamp_digits: int | None = None
    dialect: Dialect = STANDARD
    allow_user_defined: bool = False
    allow_empty_values: bool = False
    resend_application: bool = True
    schedule: Schedule | None = None
    reset_schedule: Schedule | None = None
    numbering: NumberingPolicy = field(default_factory=NumberingPolicy)
    resends: ResendPolicy = field(default_factory=ResendPolicy)
    heartbeats: HeartbeatPolicy = field(default_factory=HeartbeatPolicy)
    garbled: GarbledPolicy = field(default_factory=GarbledPolicy)
    logon: LogonOptions = PLAIN_LOGON
    routing: Routing | None = None
