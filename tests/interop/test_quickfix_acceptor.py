"""Our initiator's side against QuickFIX's acceptor, enforcing the standard and only observing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fixgate.dictionary import FixVersion
from fixgate.health.fleet import run_fleet
from fixgate.health.model import CheckPlan, Level, OrderPlan, Status
from fixgate.interop import EventKind, LogOut, PeerSession, Send
from fixgate.net import Address, Clock, CloseReason, StoreSettings, open_store
from fixgate.session.events import (
    AppMessage,
    GapClosed,
    GapOpened,
    HeartbeatReceived,
    LoggedOn,
    LoggedOut,
    LogonRefused,
    ResendServed,
    Violation,
)
from fixgate.session.store import MemoryStore
from tests.interop.rig import (
    SECOND,
    acceptor,
    agree,
    cancel,
    complaints,
    connected,
    new_order,
    ours_of,
    seen,
)

pytestmark = [pytest.mark.interop, pytest.mark.timeout(15)]

FIX44 = PeerSession(FixVersion.FIX44, "STREET", "US44")
THREE = (
    PeerSession(FixVersion.FIX42, "STREET", "US42"),
    FIX44,
    PeerSession(FixVersion.FIX50SP2, "STREET", "US50"),
)
THREE_AND_OBSERVING = pytest.mark.parametrize(
    ("session", "observe"),
    [*((session, False) for session in THREE), (FIX44, True)],
    ids=lambda value: {True: "observing", False: "enforcing"}.get(
        value, getattr(value, "theirs", "")
    ),
)
BOTH_POLICIES = pytest.mark.parametrize("observe", [False, True], ids=["enforcing", "observing"])


@BOTH_POLICIES
async def test_the_whole_round_in_every_version(tmp_path, dictionaries, observe):
    """Logon, TestRequest, an order acknowledged and cancelled, Logout."""
    sessions = [PeerSession(version, "STREET", version.name) for version in FixVersion]
    async with acceptor(tmp_path, *sessions, dictionaries=dictionaries) as peer:
        for session in sessions:
            version = session.version
            async with connected(peer, session, observe=observe) as ours:
                logged_on = await ours.until(LoggedOn)
                assert (logged_on.heartbeat_s, logged_on.reset) == (30, False)
                ours.connection.test_request(b"HELLO")
                await ours.until(HeartbeatReceived, test_req_id=b"HELLO")
                ours.connection.send(b"D", new_order(version, "one"))
                report = (await ours.until(AppMessage)).message
                assert (report[11], report[39]) == (b"one", b"0")
                ours.connection.send(b"F", cancel(version, "two", "one"))
                report = (await ours.until(AppMessage)).message
                assert (report[11], report[39]) == (b"two", b"4")
                original = None if version is FixVersion.FIX40 else b"one"
                assert report.get(41) == original
                ours.connection.send(b"F", cancel(version, "three", "one"))
                reject = (await ours.until(AppMessage)).message
                assert (reject.msg_type, reject[102]) == (b"9", b"1")
                ours.connection.logout()
                assert (await ours.closed()).reason in (CloseReason.OURS, CloseReason.PEER)
                assert ours.told(LoggedOut) == [LoggedOut(by_peer=False, clean=True, text="")]
                assert ours.told(Violation) == []
                assert await agree(peer, session, ours.session) == (7, 7)
        assert complaints(peer) == []


@THREE_AND_OBSERVING
async def test_what_quickfix_asks_for_is_resent(tmp_path, dictionaries, session, observe):
    """QuickFIX has lost three orders and asks at the Logon; they come again, and no more."""
    store = MemoryStore()
    async with acceptor(tmp_path, session, dictionaries=dictionaries) as peer:
        async with connected(peer, session, store=store, observe=observe) as ours:
            await ours.until(LoggedOn)
            for number in range(4):
                ours.connection.send(b"D", new_order(session.version, f"A{number}"))
            for _ in range(4):
                await ours.until(AppMessage)
            ours.connection.logout()
            await ours.closed()
        await peer.set_numbers(str(session), next_in=3)
        async with connected(peer, session, store=store, observe=observe) as ours:
            served = await ours.until(ResendServed)
            assert (served.begin, served.end) in ((3, 0), (3, 6))
            again = [await peer.until(EventKind.FROM_APP, msg_type="D") for _ in range(3)]
            assert [order.field(11) for order in again] == ["A1", "A2", "A3"]
            assert {order.field(43) for order in again} == {"Y"}
            assert all(order.field(122) for order in again)
            ours.connection.test_request(b"DONE")
            await ours.until(HeartbeatReceived, test_req_id=b"DONE")
            ours.connection.logout()
            await ours.closed()
            await agree(peer, session, ours.session)
        assert complaints(peer) == []


async def test_a_prober_fills_the_gap_instead_of_sending_orders_again(tmp_path, dictionaries):
    store = MemoryStore()
    async with acceptor(tmp_path, FIX44, dictionaries=dictionaries) as peer:
        async with connected(peer, FIX44, store=store, observe=True) as ours:
            await ours.until(LoggedOn)
            ours.connection.send(b"D", new_order(FIX44.version, "yesterday"))
            await ours.until(AppMessage)
            ours.connection.logout()
            await ours.closed()
        await peer.set_numbers(str(FIX44), next_in=2)
        async with connected(
            peer, FIX44, store=store, observe=True, resend_application=False
        ) as ours:
            await ours.until(ResendServed)
            ours.connection.test_request(b"DONE")
            await ours.until(HeartbeatReceived, test_req_id=b"DONE")
            ours.connection.logout()
            await ours.closed()
            await agree(peer, FIX44, ours.session)
        assert len(seen(peer, EventKind.FROM_APP, "D")) == 1
        assert [fill.field(123) for fill in seen(peer, EventKind.FROM_ADMIN, "4")] == ["Y"]
        assert complaints(peer) == []


@THREE_AND_OBSERVING
async def test_what_we_missed_is_recovered(tmp_path, dictionaries, session, observe):
    """Our store has lost three reports; QuickFIX's Logon shows it, and it sends them again."""
    store = MemoryStore()
    async with acceptor(tmp_path, session, dictionaries=dictionaries) as peer:
        async with connected(peer, session, store=store, observe=observe) as ours:
            await ours.until(LoggedOn)
            for number in range(4):
                ours.connection.send(b"D", new_order(session.version, f"A{number}"))
            for _ in range(4):
                await ours.until(AppMessage)
            ours.connection.logout()
            await ours.closed()
        store.set_next_in(3, 0)
        async with connected(peer, session, store=store, observe=observe) as ours:
            assert await ours.until(GapOpened) == GapOpened(begin=3, received=7)
            again = [await ours.until(AppMessage) for _ in range(3)]
            assert [report.message[11] for report in again] == [b"A1", b"A2", b"A3"]
            assert all(report.poss_dup for report in again)
            await ours.until(GapClosed)
            ours.connection.logout()
            await ours.closed()
            assert ours.told(Violation) == []
            await agree(peer, session, ours.session)


@BOTH_POLICIES
async def test_a_number_too_low_is_read_from_quickfix_s_words(tmp_path, observe):
    store = MemoryStore()
    async with acceptor(tmp_path, FIX44) as peer:
        await peer.set_numbers(str(FIX44), next_in=812)
        async with connected(peer, FIX44, store=store, observe=observe) as ours:
            refused = await ours.until(LogonRefused)
            assert (refused.by_peer, refused.expected_seq_num) == (True, 812)
            assert refused.received_seq_num == 1
            await ours.closed()


@BOTH_POLICIES
async def test_a_reset_begins_at_1_on_both_sides(tmp_path, dictionaries, observe):
    store = MemoryStore(next_out=50, next_in=60)
    async with acceptor(tmp_path, FIX44, dictionaries=dictionaries) as peer:
        await peer.set_numbers(str(FIX44), next_out=70, next_in=80)
        async with connected(
            peer, FIX44, store=store, observe=observe, reset_on_logon=True
        ) as ours:
            assert (await ours.until(LoggedOn)).reset
            assert await agree(peer, FIX44, ours.session) == (2, 2)


async def test_an_unknown_name_is_turned_away_without_a_word(tmp_path):
    stranger = PeerSession(FixVersion.FIX44, "STREET", "NOBODY")
    async with acceptor(tmp_path, FIX44) as peer, connected(peer, stranger) as ours:
        assert (await ours.closed()).reason in (CloseReason.PEER, CloseReason.RESET)
        assert ours.told(LoggedOn) == []


@BOTH_POLICIES
async def test_quickfix_logs_us_out(tmp_path, dictionaries, observe):
    async with (
        acceptor(tmp_path, FIX44, dictionaries=dictionaries) as peer,
        connected(peer, FIX44, observe=observe) as ours,
    ):
        await ours.until(LoggedOn)
        peer.tell(LogOut(str(FIX44), "good night"))
        await ours.closed()
        assert ours.told(LoggedOut) == [LoggedOut(by_peer=True, clean=True, text="good night")]
        await agree(peer, FIX44, ours.session)


@BOTH_POLICIES
async def test_a_killed_peer_is_a_cut_and_not_a_hang(tmp_path, observe):
    async with (
        acceptor(tmp_path, FIX44) as peer,
        connected(peer, FIX44, observe=observe) as ours,
    ):
        await ours.until(LoggedOn)
        for number in range(20):
            ours.connection.send(b"D", new_order(FIX44.version, f"A{number}"))
        await peer.kill()
        assert (await ours.closed()).reason in (CloseReason.PEER, CloseReason.RESET)
        assert ours.told(LoggedOut) == [LoggedOut(by_peer=True, clean=False, text="")]


async def test_both_stores_outlive_their_processes(tmp_path, dictionaries):
    """A journal of ours and a file store of QuickFIX's, new on both sides each time."""
    for round_number in range(1, 3):
        async with acceptor(tmp_path / "theirs", FIX44, dictionaries=dictionaries) as peer:
            settings = StoreSettings(tmp_path / "ours")
            store = open_store(settings, ours_of(FIX44).id, SECOND)
            try:
                async with connected(peer, FIX44, store=store) as ours:
                    await ours.until(LoggedOn)
                    ours.connection.send(b"D", new_order(FIX44.version, f"R{round_number}"))
                    await ours.until(AppMessage)
                    if round_number == 2:
                        await peer.kill()
                    else:
                        ours.connection.logout()
                    await ours.closed()
                    assert ours.told(GapOpened) == []
                    assert store.next_out == store.next_in == (4 if round_number == 1 else 6)
            finally:
                store.close()


async def test_silence_is_filled_with_heartbeats(tmp_path, dictionaries):
    async with (
        acceptor(tmp_path, FIX44, dictionaries=dictionaries) as peer,
        connected(peer, FIX44, heartbeat_s=1) as ours,
    ):
        await ours.until(LoggedOn)
        for _ in range(2):
            await ours.until(HeartbeatReceived)
        peer.tell(Send(str(FIX44), "1", ((112, "STILL"),)))
        beat = await peer.until(EventKind.FROM_ADMIN, msg_type="0", where=lambda e: e.field(112))
        assert beat.field(112) == "STILL"
        ours.connection.logout()
        await ours.closed()
        await agree(peer, FIX44, ours.session)


async def test_a_check_with_orders_passes(tmp_path, dictionaries):
    """The health check at its deepest level, in every version at once, twice over one store."""
    sessions = [PeerSession(version, "STREET", version.name) for version in FixVersion]
    async with acceptor(tmp_path / "theirs", *sessions, dictionaries=dictionaries) as peer:
        plans = [
            CheckPlan(
                str(session),
                Address("127.0.0.1", peer.port),
                ours_of(session, observe=True, resend_application=False),
                level=Level.ORDER,
                deadline_ns=8 * SECOND,
                store=StoreSettings(tmp_path / "ours"),
                order=OrderPlan("ABC", "1", Decimal(1), Decimal(1)),
            )
            for session in sessions
        ]
        for _ in range(2):
            report = await run_fleet(plans, clock=Clock(), host="here", version="0")
            assert [(c.plan.name, c.status, c.findings) for c in report.checks] == [
                (plan.name, Status.PASS, ()) for plan in plans
            ]
        assert complaints(peer) == []
