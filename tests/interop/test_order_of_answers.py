"""The same bytes to QuickFIX's acceptor and to our gateway: who answers what, and when."""

from __future__ import annotations

import pytest

from fixgate.dictionary import FixVersion
from fixgate.interop import PeerSession
from fixgate.net import Address
from tests.interop.rig import acceptor, venue
from tests.live.peer import Peer, sending_time

pytestmark = [pytest.mark.interop, pytest.mark.timeout(15)]


async def answers_to_one_segment(address: Address) -> list[str]:
    """Send orders, a TestRequest, an order, a Logout in one write; return the answers' MsgTypes."""
    peer = await Peer.log_on(address)
    rest = f"55=ABC|54=1|60={sending_time()}|38=1|40=2|44=90|"
    peer.writer.write(
        peer.message("D", f"11=one|{rest}")
        + peer.message("D", f"11=two|{rest}")
        + peer.message("1", "112=between|")
        + peer.message("D", f"11=three|{rest}")
        + peer.message("5")
    )
    found = [(await peer.read())[35]]
    while found[-1] != "5":
        found.append((await peer.read())[35])
    await peer.close()
    return found


async def test_quickfix_answers_in_the_order_of_the_questions(tmp_path):
    session = PeerSession(FixVersion.FIX44, "VENUE", "CLIENT")
    async with acceptor(tmp_path, session) as quickfix:
        found = await answers_to_one_segment(Address("127.0.0.1", quickfix.port))
    assert found == ["8", "8", "0", "8", "5"]


async def test_the_gateway_answers_in_the_order_of_the_questions():
    async with venue() as gateway:
        found = await answers_to_one_segment(gateway.addresses[0])
    assert found == ["8", "8", "0", "8", "5"]
