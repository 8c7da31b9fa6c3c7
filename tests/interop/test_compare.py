"""Our journal beside the FileStore of the engine itself."""

from __future__ import annotations

import pytest

from fixgate.dictionary import FixVersion
from fixgate.interop import PeerSession
from fixgate.net.journal import JournalStore
from fixgate.net.sides import read_sides
from fixgate.report.compare import compare_text, pair_up
from fixgate.session.events import AppMessage, LoggedOn
from tests.interop.rig import acceptor, connected, new_order, ours_of

pytestmark = [pytest.mark.interop, pytest.mark.timeout(15)]

SESSION = PeerSession(FixVersion.FIX44, "STREET", "US44")
NOW_NS = 1_700_000_000_000_000_000


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
    assert pair.compared == 3
