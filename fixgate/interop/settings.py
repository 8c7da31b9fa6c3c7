"""What QuickFIX's process is to be, and the line that tells it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path

from fixgate.dictionary.version import FixVersion
from fixgate.interop.protocol import LineError

__all__ = ["LOOPBACK", "PeerRole", "PeerSession", "PeerSettings", "read_settings", "write_settings"]

LOOPBACK = "127.0.0.1"


class PeerRole(Enum):
    """What QuickFIX is to be."""

    ACCEPTOR = "acceptor"
    INITIATOR = "initiator"


@dataclass(frozen=True, slots=True)
class PeerSession:
    """One session from QuickFIX's side.

    Attributes:
        version: Its FIX version.
        ours: QuickFIX's CompID.
        theirs: The CompID of whoever it talks to.
        qualifier: Tells an initiator's sessions of the same CompIDs apart.
        options: QuickFIX's own settings of the session, such as ``("MaxLatency", "60")``.
        credentials: Username(553) and Password(554) that a Logon must carry to be let in, or
            ``None`` when it need not carry any.
    """

    version: FixVersion
    ours: str
    theirs: str
    qualifier: str = ""
    options: tuple[tuple[str, str], ...] = ()
    credentials: tuple[str, str] | None = field(default=None, repr=False)

    def __str__(self) -> str:
        name = f"{self.version.begin_string}:{self.ours}->{self.theirs}"
        return f"{name}:{self.qualifier}" if self.qualifier else name


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """What QuickFIX's process is to be.

    Attributes:
        role: Acceptor or initiator.
        sessions: At least one; an acceptor's are all on one port.
        folder: Its message stores go to ``store`` in it; ``None`` keeps them in memory.
        port: To listen on (0: a free one), or to connect to.
        host: Where an initiator connects to.
        heartbeat_s: HeartBtInt(108) that an initiator asks for, at least 1.
        reset_on_logon: QuickFIX's ResetOnLogon, of all sessions.
        dictionaries: The folder of QuickFIX's dictionaries (FIX44.xml and so on); ``None`` takes
            those that the installed distribution brings, if any: else messages are not held
            against a dictionary.
        answers: An acceptor acknowledges orders by itself (`fixgate.interop.desk`); ``False``
            leaves answering to whoever started the process.
        serves: MsgType(35) values of the messages that the application takes; others are refused
            with BusinessRejectReason(380) 3. ``None`` takes all.
        resends: Application messages are sent again when asked for; ``False`` fills their gap.
        tells_more: Also tell QuickFIX's own words and, of an initiator, the sequence numbers
            whenever they move.
    """

    role: PeerRole
    sessions: tuple[PeerSession, ...]
    folder: Path | None = None
    port: int = 0
    host: str = LOOPBACK
    heartbeat_s: int = 30
    reset_on_logon: bool = False
    dictionaries: Path | None = None
    answers: bool = True
    serves: tuple[str, ...] | None = None
    resends: bool = True
    tells_more: bool = False


def write_settings(settings: PeerSettings) -> str:
    """Return the line that tells the process what it is to be, its end included.

    It may hold passwords: it goes through a pipe, never onto a command line.
    """
    values = asdict(settings)
    values["role"] = settings.role.value
    for name in ("folder", "dictionaries"):
        values[name] = None if values[name] is None else str(values[name])
    for each in values["sessions"]:
        each["version"] = each["version"].value
    return json.dumps(values) + "\n"


def read_settings(line: str) -> PeerSettings:
    """Return the settings of a line.

    Raises:
        LineError: It holds none; the text does not show it.
    """
    try:
        values = json.loads(line)
        for name in ("folder", "dictionaries"):
            values[name] = None if values[name] is None else Path(values[name])
        values["role"] = PeerRole(values["role"])
        values["serves"] = None if values["serves"] is None else tuple(values["serves"])
        values["sessions"] = tuple(_session(each) for each in values["sessions"])
        return PeerSettings(**values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LineError(f"not settings: {type(error).__name__}") from None


def _session(values: dict[str, object]) -> PeerSession:
    version, ours, theirs = (str(values[name]) for name in ("version", "ours", "theirs"))
    options, credentials = values["options"], values["credentials"]
    if not isinstance(options, list) or not isinstance(credentials, list | None):
        raise TypeError("expected lists")
    return PeerSession(
        FixVersion(version),
        ours,
        theirs,
        str(values["qualifier"]),
        tuple((str(key), str(value)) for key, value in options),
        None if credentials is None else (str(credentials[0]), str(credentials[1])),
    )
