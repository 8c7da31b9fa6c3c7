"""Our journal beside the FileStore of the engine itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fixgate.dictionary import FixVersion
from fixgate.interop import PeerSession
from fixgate.net.flow import Differences
from fixgate.net.journal import JournalStore
from fixgate.net.sides import read_sides
from fixgate.report.compare import compare_text, pair_up
from fixgate.report.counterparty import read_counterparty
from fixgate.session.events import AppMessage, LoggedOn
from tests.fixtext import fix
from tests.interop.rig import acceptor, connected, new_order, ours_of

pytestmark = [pytest.mark.interop, pytest.mark.timeout(15)]

SESSION = PeerSession(FixVersion.FIX44, "STREET", "US44")
NOW_NS = 1_700_000_000_000_000_000

LOG = """
import sys
import quickfix

folder, *messages = sys.argv[1:]
log = quickfix.FileLog(folder, quickfix.SessionID("FIX.4.4", "STREET", "US44"))
for each in messages:
    log.onIncoming(bytes.fromhex(each).decode())
log.backup()
"""


async def test_both_stores_agree_after_a_session(tmp_path, dictionaries):
    store = JournalStore(tmp_path / "ours", ours_of(SESSION).id, NOW_NS)
    async with acceptor(tmp_path / "theirs", SESSION, dictionaries=dictionaries) as peer:
        async with connected(peer, SESSION, store=store) as ours:
            await ours.until(LoggedOn)
            ours.connection.send(b"D", new_order(FixVersion.FIX44, "one"))
            await ours.until(AppMessage)
            ours.connection.logout()
            await ours.closed()
        store.close()
    pairs, alone = pair_up(read_sides(tmp_path / "ours"), read_sides(tmp_path / "theirs" / "store"))
    assert alone == ()
    (pair,) = pairs
    assert pair.in_sync, compare_text(pair)
    assert pair.to_theirs is None
    assert pair.to_ours is not None
    assert pair.to_ours.both == 3


def test_a_log_that_the_engine_wrote_itself(tmp_path):
    logon = fix("35=A|49=US44|56=STREET|34=1|52=20231114-22:13:20|98=0|108=30|")
    order = fix("35=D|49=US44|56=STREET|34=2|52=20231114-22:13:21|11=one|55=ABC|")
    answer = fix("35=A|49=STREET|56=US44|34=1|52=20231114-22:13:20|98=0|108=30|")
    store = JournalStore(tmp_path / "ours", ours_of(SESSION).id, NOW_NS)
    store.sent(1, logon, NOW_NS)
    store.received(2, answer, NOW_NS)
    store.sent(2, order, NOW_NS)
    store.close()
    ours = read_sides(tmp_path / "ours")
    lines = [each.hex() for each in (logon, answer, order)]
    subprocess.run([sys.executable, "-c", LOG, tmp_path / "logs", *lines], check=True)
    theirs, remarks = read_counterparty(tmp_path / "logs", (), ours)
    ((pair,), _) = pair_up(ours, theirs)
    assert remarks == []
    assert pair.in_sync, compare_text(pair)
    assert (pair.to_theirs, pair.to_ours) == (Differences(both=2), Differences(both=1))
