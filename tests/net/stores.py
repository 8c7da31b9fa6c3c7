"""Small stores for tests, written by the journal itself."""

from __future__ import annotations

import json
from concurrent.futures import Future
from pathlib import Path
from zlib import crc32

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


def write_store(root: Path, session_id: SessionId = ID, *, killed: bool = False) -> Path:
    """Two generations: one message, then a Logon each way, an order and a move to 7.

    ``killed`` leaves it as a process does that never closes it.
    """
    store = JournalStore(root, session_id, NOW_NS)
    store.sent(1, LOGON, NOW_NS + 1)
    store.flush()
    store.reset(NOW_NS + 2)
    store.flush()
    store.sent(1, LOGON, NOW_NS + 3)
    store.received(2, THEIR_LOGON, NOW_NS + 4)
    store.sent(2, ORDER, NOW_NS + 5)
    store.set_next_in(7, NOW_NS + 6)
    store.flush()
    if killed:
        store._abandon()
    store.close()
    return folder_of(root, session_id)


def machine_stopped(folder: Path) -> None:
    """Let the lock file be of an earlier start of the machine."""
    lock = folder / "lock"
    values = json.loads(lock.read_text())
    del values["sum"]
    values["boot"] = "earlier"
    values["sum"] = crc32(json.dumps(values).encode())
    lock.write_text(json.dumps(values).ljust(383) + "\n")


class ByHand:
    """Commits whose disk works when the test says so."""

    def __init__(self) -> None:
        self.waiting = []

    def run(self, work, done):
        future: Future[None] = Future()
        original = future.exception

        def exception(timeout=None):
            self.work(future, work)
            return original()

        # Whoever cannot wait for the loop waits for the thread: it is done there and then.
        future.exception = exception
        self.waiting.append((future, work, done))
        return future

    @staticmethod
    def work(future, work):
        if not future.done():
            try:
                work()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(None)

    def land(self) -> None:
        """The disk has what was first given to it, and the loop hears of it."""
        future, work, done = self.waiting.pop(0)
        self.work(future, work)
        done()
