"""QuickFIX connects to our gateway: an initiator that shares nothing with us but the standard."""

from __future__ import annotations

import pytest

from fixgate.dictionary import FixVersion
from fixgate.interop import EventKind, LogOn, LogOut, PeerSession, Send, SendOrders
from fixgate.net import VenueSession
from fixgate.session.settings import Credentials, Role, SessionId, SessionSettings
from tests.interop.rig import agree, client, complaints, party, seen, utc, venue

pytestmark = [pytest.mark.interop, pytest.mark.timeout(15)]

FROM_ADMIN, FROM_APP = EventKind.FROM_ADMIN, EventKind.FROM_APP
TO_ADMIN, TO_APP = EventKind.TO_ADMIN, EventKind.TO_APP
FIX42 = PeerSession(FixVersion.FIX42, "DESK42", "VENUE")
FIX44 = PeerSession(FixVersion.FIX44, "DESK44", "VENUE")
FIX50SP2 = PeerSession(FixVersion.FIX50SP2, "DESK50", "VENUE")
MAIN_VERSIONS = pytest.mark.parametrize("session", [FIX42, FIX44, FIX50SP2], ids=lambda s: s.ours)


async def log_on(peer, session, fields=()):
    peer.tell(LogOn(str(session), fields))
    return await peer.until(EventKind.LOGON)


async def log_out(peer, session):
    peer.tell(LogOut(str(session)))
    return await peer.until(EventKind.LOGOUT)


@pytest.mark.parametrize(
    "versions",
    [
        pytest.param(
            [FixVersion.FIX40],
            marks=pytest.mark.xfail(
                strict=True,
                reason="FIX 4.0 has ExecID(17) as int; QuickFIX takes 32 bits, the venue uses 61",
            ),
        ),
        [version for version in FixVersion if version is not FixVersion.FIX40],
    ],
    ids=["FIX.4.0", "FIX.4.1 and later"],
)
async def test_a_hundred_orders(tmp_path, dictionaries, versions):
    """Logon, orders, TestRequest, Logout, all versions at once; nobody has a complaint."""
    sessions = [PeerSession(version, version.name, "VENUE") for version in versions]
    async with (
        venue() as gateway,
        client(gateway, tmp_path, *sessions, dictionaries=dictionaries) as peer,
    ):
        for session in sessions:
            await log_on(peer, session)
        for session in sessions:
            peer.tell(SendOrders(str(session), 100))
            peer.tell(Send(str(session), "1", ((112, "ARE YOU THERE"),)))
        answered = 0
        while answered < len(sessions):
            beat = await peer.until(FROM_ADMIN, msg_type="0")
            answered += beat.field(112) == "ARE YOU THERE"
        for session in sessions:
            reports = [e for e in seen(peer, FROM_APP, "8") if e.session == str(session)]
            names = [report.field(11) for report in reports]
            assert names == [f"QF{number}" for number in range(1, 101)], session
            assert {report.field(39) for report in reports} == {"0"}, session
            numbers = [int(report.field(34)) for report in reports]
            assert numbers == list(range(numbers[0], numbers[0] + 100)), session
        assert complaints(peer) == []
        for session in sessions:
            await log_out(peer, session)
            # Logon, 100 messages, Heartbeat or TestRequest, Logout.
            assert await agree(peer, session, party(gateway, session).session) == (104, 104)
        assert complaints(peer) == []
