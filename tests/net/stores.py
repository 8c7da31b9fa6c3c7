"""Small stores for tests, written by the journal itself."""

from __future__ import annotations

from pathlib import Path

from fixgate.net.journal import JournalStore
from fixgate.net.segments import folder_name
from fixgate.session.settings import SessionId
from tests.fixtext import fix

ID = SessionId("FIX.4.4", "CLIENT", "VENUE")
NOW_NS = 1_700_000_000_000_000_000

LOGON = fix("35=A|49=CLIENT|56=VENUE|34=1|98=0|108=30|554=********|")
ORDER = fix("35=D|49=CLIENT|56=VENUE|34=2|11=A1|55=ABC|")
THEIR_LOGON = fix("35=A|49=VENUE|56=CLIENT|34=1|98=0|108=30|")


def folder_of(root: Path, session_id: SessionId = ID) -> Path:
    return root / folder_name(session_id)


def write_store(root: Path, session_id: SessionId = ID) -> Path:
    """Two generations: one message, then a Logon each way, an order and a move to 7."""
    store = JournalStore(root, session_id, NOW_NS)
    store.sent(1, LOGON, NOW_NS + 1)
    store.flush()
    store.reset(NOW_NS + 2)
    store.sent(1, LOGON, NOW_NS + 3)
    store.received(2, THEIR_LOGON, NOW_NS + 4)
    store.sent(2, ORDER, NOW_NS + 5)
    store.set_next_in(7, NOW_NS + 6)
    store.close()
    return folder_of(root, session_id)
