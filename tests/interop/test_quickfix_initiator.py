"""QuickFIX connects to our gateway: an initiator that shares nothing with us but the standard."""

from __future__ import annotations

import pytest

from fixgate.dictionary import FixVersion
from fixgate.interop import Disconnect, EventKind, LogOn, LogOut, PeerSession, Send, SendOrders
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


async def test_a_hundred_orders_in_every_version(tmp_path, dictionaries):
    """Logon, orders, TestRequest, Logout, all versions at once; nobody has a complaint."""
    sessions = [PeerSession(version, version.name, "VENUE") for version in FixVersion]
    async with (
        venue() as gateway,
        client(gateway, tmp_path, *sessions, dictionaries=dictionaries) as peer,
    ):
        for session in sessions:
            await log_on(peer, session)
        for session in sessions:
            peer.tell(SendOrders(str(session), 100))
        for _ in range(100 * len(sessions)):
            await peer.until(FROM_APP, msg_type="8")
        for session in sessions:
            peer.tell(Send(str(session), "1", ((112, "ARE YOU THERE"),)))
        for _ in sessions:
            beat = await peer.until(FROM_ADMIN, msg_type="0")
            assert beat.field(112) == "ARE YOU THERE"
        for session in sessions:
            reports = [e for e in seen(peer, FROM_APP, "8") if e.session == str(session)]
            names = [report.field(11) for report in reports]
            assert names == [f"QF{number}" for number in range(1, 101)], session
            assert {report.field(39) for report in reports} == {"0"}, session
            assert [int(report.field(34)) for report in reports] == list(range(2, 102)), session
        assert complaints(peer) == []
        for session in sessions:
            await log_out(peer, session)
            # Logon, 100 messages, Heartbeat or TestRequest, Logout.
            assert await agree(peer, session, party(gateway, session).session) == (104, 104)
        assert complaints(peer) == []


@MAIN_VERSIONS
async def test_fills_while_away_are_resent(tmp_path, dictionaries, session):
    """Logged out, filled, back: the Logon's number shows the gap, and the fills come again."""
    seller = PeerSession(session.version, "SELLER", "VENUE")
    async with (
        venue(tmp_path / "venue") as gateway,
        client(gateway, tmp_path, session, seller, dictionaries=dictionaries) as peer,
    ):
        await log_on(peer, session)
        peer.tell(SendOrders(str(session), 5))
        await peer.until(FROM_APP, where=lambda report: report.field(11) == "QF5")
        await log_out(peer, session)
        await log_on(peer, seller)
        sale = ((11, "S"), (21, "1"), (55, "ABC"), (54, "2"), (60, utc()))
        peer.tell(Send(str(seller), "D", (*sale, (38, "50"), (40, "2"), (44, "90"))))
        await peer.until(FROM_APP, where=lambda report: report.field(39) == "2")
        await log_on(peer, session)
        fills = [
            await peer.until(FROM_APP, where=lambda report: report.session == str(session))
            for _ in range(5)
        ]
        assert [fill.field(11) for fill in fills] == ["QF1", "QF2", "QF3", "QF4", "QF5"]
        assert {(fill.field(39), fill.field(43)) for fill in fills} == {("2", "Y")}
        assert all(fill.field(122) is not None for fill in fills)
        # Logon, five acknowledgements, Logout: the fills were numbered from 8 on.
        assert [fill.field(34) for fill in fills] == ["8", "9", "10", "11", "12"]
        await log_out(peer, session)
        await agree(peer, session, party(gateway, session).session)
        assert complaints(peer) == []


@MAIN_VERSIONS
async def test_gaps_both_ways_at_once_are_closed(tmp_path, dictionaries, session):
    """QuickFIX has lost what we sent, and skipped numbers of its own. Spec: case 20."""
    name = str(session)
    async with (
        venue() as gateway,
        client(gateway, tmp_path, session, dictionaries=dictionaries) as peer,
    ):
        await log_on(peer, session)
        peer.tell(SendOrders(name, 4))
        await peer.until(FROM_APP, where=lambda report: report.field(11) == "QF4")
        await log_out(peer, session)
        await peer.set_numbers(name, next_out=10, next_in=3)
        await log_on(peer, session)
        again = [await peer.until(FROM_APP, msg_type="8") for _ in range(3)]
        assert [report.field(11) for report in again] == ["QF2", "QF3", "QF4"]
        assert {report.field(43) for report in again} == {"Y"}
        peer.tell(Send(name, "1", ((112, "GAPS"),)))
        await peer.until(FROM_ADMIN, where=lambda beat: beat.field(112) == "GAPS")
        asked = seen(peer, FROM_ADMIN, "2")
        assert [request.field(7) for request in asked] == ["7"]
        await log_out(peer, session)
        await agree(peer, session, party(gateway, session).session)
        assert complaints(peer) == []


async def test_a_number_too_low_is_refused_and_said(tmp_path):
    name = str(FIX44)
    async with venue() as gateway, client(gateway, tmp_path, FIX44) as peer:
        await log_on(peer, FIX44)
        peer.tell(SendOrders(name, 3))
        await peer.until(FROM_APP, where=lambda report: report.field(11) == "QF3")
        await log_out(peer, FIX44)
        next_out, _ = await agree(peer, FIX44, party(gateway, FIX44).session)
        await peer.set_numbers(name, next_out=2)
        peer.tell(LogOn(name))
        logout = await peer.until(FROM_ADMIN, msg_type="5")
        assert logout.field(58) == f"MsgSeqNum too low, expecting {next_out} but received 2"
        await peer.until(EventKind.LOGOUT)
        await peer.set_numbers(name, next_out=next_out)
        await log_on(peer, FIX44)
        await log_out(peer, FIX44)
        await agree(peer, FIX44, party(gateway, FIX44).session)


async def test_a_wrong_password_is_refused_and_said(tmp_path, dictionaries):
    known = SessionSettings(
        SessionId("FIX.4.4", "VENUE", FIX44.ours),
        Role.ACCEPTOR,
        credentials=Credentials("desk", "right"),
    )
    async with (
        venue(accept_any=False, sessions=(VenueSession("desk", known),)) as gateway,
        client(gateway, tmp_path, FIX44, dictionaries=dictionaries) as peer,
    ):
        peer.tell(LogOn(str(FIX44), ((553, "desk"), (554, "wrong"))))
        logout = await peer.until(FROM_ADMIN, msg_type="5")
        assert logout.field(58) == "Username(553) or Password(554) not accepted"
        await peer.until(EventKind.LOGOUT)
        await log_on(peer, FIX44, ((553, "desk"), (554, "right")))
        peer.tell(SendOrders(str(FIX44), 1))
        await peer.until(FROM_APP, msg_type="8")
        await log_out(peer, FIX44)
        await agree(peer, FIX44, party(gateway, FIX44).session)
        assert complaints(peer) == []


@MAIN_VERSIONS
async def test_a_reset_begins_at_1_on_both_sides(tmp_path, dictionaries, session):
    """QuickFIX's ResetOnLogon: ResetSeqNumFlag(141)=Y asked and answered, three times."""
    async with (
        venue(tmp_path / "venue") as gateway,
        client(gateway, tmp_path, session, reset_on_logon=True, dictionaries=dictionaries) as peer,
    ):
        for _ in range(3):
            await log_on(peer, session)
            peer.tell(SendOrders(str(session), 2))
            report = await peer.until(FROM_APP, where=lambda report: report.field(11) == "QF2")
            assert report.field(34) == "3"
            await log_out(peer, session)
            assert await agree(peer, session, party(gateway, session).session) == (5, 5)
        logons = seen(peer, FROM_ADMIN, "A")
        assert [(logon.field(34), logon.field(141)) for logon in logons] == [("1", "Y")] * 3
        assert complaints(peer) == []


async def test_numbers_outlive_both_processes(tmp_path, dictionaries):
    """A clean end, and a kill -9 of QuickFIX; gateway and store are new each time."""
    expected = (1, 1)
    for ending in ("logout", "kill", "logout"):
        async with (
            venue(tmp_path / "venue") as gateway,
            client(gateway, tmp_path, FIX44, dictionaries=dictionaries) as peer,
        ):
            assert await peer.numbers(str(FIX44)) == expected
            await log_on(peer, FIX44)
            peer.tell(SendOrders(str(FIX44), 10, prefix=ending))
            for _ in range(10):
                await peer.until(FROM_APP, msg_type="8")
            ours = party(gateway, FIX44).session
            if ending == "logout":
                await log_out(peer, FIX44)
            expected = await agree(peer, FIX44, ours)
            assert seen(peer, TO_ADMIN, "2") == seen(peer, FROM_ADMIN, "2") == []
            assert complaints(peer) == []
            if ending == "kill":
                await peer.kill()
    assert expected == (36, 36)


async def test_a_cut_connection_loses_nothing(tmp_path, dictionaries):
    """QuickFIX drops the connection with orders in flight, comes back, and gets every answer."""
    name = str(FIX44)
    async with (
        venue() as gateway,
        client(gateway, tmp_path, FIX44, dictionaries=dictionaries) as peer,
    ):
        for cut in range(3):
            await log_on(peer, FIX44)
            peer.tell(SendOrders(name, 50, prefix=f"{cut}-"))
            peer.tell(Disconnect(name))
            await peer.until(EventKind.LOGOUT)
        await log_on(peer, FIX44)
        peer.tell(Send(name, "1", ((112, "LAST"),)))
        await peer.until(FROM_ADMIN, where=lambda beat: beat.field(112) == "LAST")
        await log_out(peer, FIX44)
        await agree(peer, FIX44, party(gateway, FIX44).session)
        answered = {report.field(11) for report in seen(peer, FROM_APP, "8")}
        assert answered == {f"{cut}-{n}" for cut in range(3) for n in range(1, 51)}
        assert complaints(peer) == []


async def test_a_reject_is_understood_and_the_session_goes_on(tmp_path, dictionaries):
    name = str(FIX44)
    wrong = ((11, "X"), (55, "ABC"), (54, "Z"), (60, utc()), (38, "1"), (40, "2"), (44, "90"))
    async with (
        venue() as gateway,
        client(gateway, tmp_path, FIX44, dictionaries=dictionaries) as peer,
    ):
        await log_on(peer, FIX44)
        peer.tell(Send(name, "D", wrong))
        reject = await peer.until(FROM_ADMIN, msg_type="3")
        assert [reject.field(tag) for tag in (45, 371, 372, 373)] == ["2", "54", "D", "5"]
        peer.tell(SendOrders(name, 1))
        await peer.until(FROM_APP, msg_type="8")
        await log_out(peer, FIX44)
        await agree(peer, FIX44, party(gateway, FIX44).session)


async def test_silence_is_filled_with_heartbeats(tmp_path, dictionaries):
    async with (
        venue() as gateway,
        client(gateway, tmp_path, FIX44, heartbeat_s=1, dictionaries=dictionaries) as peer,
    ):
        await log_on(peer, FIX44)
        for _ in range(2):
            await peer.until(FROM_ADMIN, msg_type="0", timeout_s=3)
        await log_out(peer, FIX44)
        assert len(seen(peer, TO_ADMIN, "0")) >= 1
        await agree(peer, FIX44, party(gateway, FIX44).session)


async def test_a_closing_gateway_logs_its_client_out(tmp_path):
    async with venue() as gateway, client(gateway, tmp_path, FIX44) as peer:
        await log_on(peer, FIX44)
        ours = party(gateway, FIX44).session
        await gateway.stop("end of day")
        logout = await peer.until(FROM_ADMIN, msg_type="5")
        assert logout.field(58) == "end of day"
        await peer.until(EventKind.LOGOUT)
        await agree(peer, FIX44, ours)
