"""QuickFIX settings files to begin with, and what comes of them."""

from __future__ import annotations

from pathlib import Path

from fixgate.config import QuickFixRole, import_quickfix, load
from tests.config.helpers import SECRET, write

INITIATOR = """\
[DEFAULT]
ConnectionType=initiator
BeginString=FIX.4.4
SocketConnectHost=fix.venue.example
SocketConnectPort=9876
[SESSION]
SenderCompID=US
TargetCompID=VENUE
"""


ACCEPTOR = """\
[DEFAULT]
ConnectionType=acceptor
BeginString=FIX.4.4
SocketAcceptHost=127.0.0.1
SocketAcceptPort=5001
[SESSION]
SenderCompID=VENUE
TargetCompID=US
"""


FIXT = INITIATOR.replace("FIX.4.4", "FIXT.1.1")


HOURS = "StartTime=08:00:00|EndTime=17:30:00|"


TLS = "SocketUseSSL=Y|"


def convert(folder: Path, text: str, role: QuickFixRole | None = None):
    """Import, and load what came of it as ``config check`` does."""
    found = import_quickfix(write(folder, text, "quickfix.cfg"), role)
    assert SECRET not in found.text
    assert SECRET not in "".join(map(str, found.notes))
    checked = load(write(folder, found.text, "made.yaml"), environ={"HOME": "/u"}, secrets=False)
    return found, checked


def body(text: str) -> list[str]:
    """Return the lines of a made file that are about a session or a client, and its venue."""
    return [line.strip().removeprefix("- ") for line in text.splitlines()]
