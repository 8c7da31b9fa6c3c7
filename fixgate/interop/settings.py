"""What QuickFIX's process is to be, and its command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from fixgate.dictionary.version import FixVersion

__all__ = ["LOOPBACK", "PeerRole", "PeerSession", "PeerSettings", "parse_arguments"]

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
    """

    version: FixVersion
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.version.begin_string}:{self.ours}->{self.theirs}"


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """What QuickFIX's process is to be.

    Attributes:
        role: Acceptor or initiator.
        sessions: At least one; an acceptor's are all on one port.
        folder: Its message stores and logs go to ``store`` and ``log`` in it.
        port: To listen on (0: a free one), or to connect to.
        host: Where an initiator connects to.
        heartbeat_s: HeartBtInt(108) that an initiator asks for, at least 1.
        reset_on_logon: QuickFIX's ResetOnLogon.
        dictionaries: The folder of QuickFIX's dictionaries (FIX44.xml and so on); ``None`` takes
            those that the installed distribution brings, if any: else messages are not held
            against a dictionary.
    """

    role: PeerRole
    sessions: tuple[PeerSession, ...]
    folder: Path
    port: int = 0
    host: str = LOOPBACK
    heartbeat_s: int = 30
    reset_on_logon: bool = False
    dictionaries: Path | None = None

    def arguments(self) -> list[str]:
        """Return the command line, without the interpreter's part."""
        words = [self.role.value, "--port", str(self.port), "--host", self.host]
        words += ["--folder", str(self.folder), "--heartbeat", str(self.heartbeat_s)]
        for each in self.sessions:
            words += ["--session", each.version.value, each.ours, each.theirs]
        if self.dictionaries is not None:
            words += ["--dictionaries", str(self.dictionaries)]
        return [*words, "--reset-on-logon"] if self.reset_on_logon else words


def parse_arguments(argv: Sequence[str] | None = None) -> PeerSettings:
    """Return the settings of a command line; a wrong one ends the process with status 2.

    Args:
        argv: Without the program's name; the process's own when ``None``.
    """
    parser = argparse.ArgumentParser(prog="python -m fixgate.interop.quickfix_peer")
    parser.add_argument("role", choices=[role.value for role in PeerRole])
    parser.add_argument("--port", type=int, default=0, help="to listen on, or connect to")
    parser.add_argument("--host", default=LOOPBACK, help="an initiator connects to")
    parser.add_argument("--folder", type=Path, required=True, help="of message stores and logs")
    parser.add_argument(
        "--session",
        action="append",
        nargs=3,
        required=True,
        metavar=("VERSION", "OURS", "THEIRS"),
        help="version such as FIX.4.4 or FIX.5.0SP2, and the CompIDs",
    )
    parser.add_argument("--dictionaries", type=Path, help="folder of FIX44.xml and so on")
    parser.add_argument("--heartbeat", type=int, default=30, help="HeartBtInt(108), seconds")
    parser.add_argument("--reset-on-logon", action="store_true")
    found = parser.parse_args(argv)
    known = {version.value: version for version in FixVersion}
    for version, _, _ in found.session:
        if version not in known:
            parser.error(f"--session: no version {version!r}; there are {', '.join(known)}")
    return PeerSettings(
        role=PeerRole(found.role),
        sessions=tuple(PeerSession(known[v], ours, theirs) for v, ours, theirs in found.session),
        folder=found.folder,
        port=found.port,
        host=found.host,
        heartbeat_s=found.heartbeat,
        reset_on_logon=found.reset_on_logon,
        dictionaries=found.dictionaries,
    )
