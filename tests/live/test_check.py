"""Checks against real sockets on loopback: a whole venue, and peers that misbehave."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import closing
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path

import pytest
import simplefix

from fixgate.health.model import CheckPlan, Level, OrderPlan, Phase, Status
from fixgate.health.progress import NoProgress
from fixgate.net.networks import Networks
from fixgate.net.settings import (
    Address,
    ClientTls,
    EntrySettings,
    ListenSettings,
    StoreSettings,
    VenueSession,
)
from fixgate.net.stamped import can_stamp
from fixgate.net.stores import open_store
from fixgate.session.settings import Credentials, Role, SessionId, SessionSettings
from tests.live.checking import LOOPBACK, SECOND_NS, cause, checked, peer, plan, venue
from tests.live.peer import Peer

pytestmark = pytest.mark.live

VERSIONS = [
    ("FIX.4.0", None),
    ("FIX.4.1", None),
    ("FIX.4.2", None),
    ("FIX.4.3", None),
    ("FIX.4.4", None),
    ("FIXT.1.1", "7"),
    ("FIXT.1.1", "8"),
    ("FIXT.1.1", "9"),
]


async def test_every_version_passes_with_a_real_order():
    order = OrderPlan("ABC", "1", Decimal(1), Decimal("10.00"))
    async with venue() as gateway:
        plans = [
            plan(
                f"client-{i}",
                gateway.addresses[0],
                begin_string=begin_string,
                appl_ver_id=code,
                level=Level.ORDER,
                order=order,
                deadline_ns=5 * SECOND_NS,
            )
            for i, (begin_string, code) in enumerate(VERSIONS)
        ]
        for report in await checked(*plans):
            assert report.status is Status.PASS, (report.plan.session.id, report.findings)
            assert {r.status for r in report.phases} == {Status.PASS}
            assert len(report.round_trips_ns) == 2
            assert len(report.order_round_trips_ns) == 1
            assert report.stamped is can_stamp()
            assert all(trip.best_ns <= trip.app_ns for trip in report.round_trips)
            facts = dict(next(r.facts for r in report.phases if r.phase is Phase.ORDER))
            assert facts["state at the end"] == "Canceled"


async def test_sixty_sessions_ten_of_them_silent():
    silent = ListenSettings(LOOPBACK, silent=True)
    async with venue(ListenSettings(LOOPBACK), silent) as gateway:
        talking, mute = gateway.addresses
        plans = [plan(f"c{i}", mute if i % 6 == 5 else talking) for i in range(60)]
        began = time.monotonic()
        reports = await checked(*plans)
        took_s = time.monotonic() - began
    causes = [cause(report) for report in reports]
    assert causes.count("silent") == 10
    assert causes.count(None) == 50, {c for c in causes if c}
    assert took_s < 4.0


async def test_numbers_are_left_as_the_peer_sees_them(tmp_path: Path):
    async with venue() as gateway:
        kept = plan("kept", gateway.addresses[0], store=StoreSettings(tmp_path))
        for _ in range(3):
            (report,) = await checked(kept)
            assert report.status is Status.PASS, report.findings
        party = next(iter(gateway.roster))
        facts = dict(next(r.facts for r in report.phases if r.phase is Phase.SEQUENCE))
        store = party.session.store
        assert facts["next out"].endswith(f" before, {store.next_in} after")
        assert facts["next in"].endswith(f" before, {store.next_out} after")
        types = {r.what.split(b"\x0135=")[1][:1] for r in party.history if r.glyph in "<>"}
        assert types <= {b"A", b"0", b"1", b"5"}


async def test_lost_store_is_seen_as_seqnum_too_low():
    async with venue() as gateway:
        first = plan("forgetful", gateway.addresses[0])
        assert cause((await checked(first))[0]) is None
        (report,) = await checked(first)
    assert cause(report) == "seqnum-too-low"
    assert "expects 5 and received 1" in report.findings[0].summary


async def test_wrong_password():
    known = SessionSettings(
        SessionId("FIX.4.4", "VENUE", "LOCKED"),
        Role.ACCEPTOR,
        credentials=Credentials("desk", "right-password"),
    )
    async with venue(sessions=(VenueSession("locked", known),)) as gateway:
        wrong = Credentials("desk", "wrong-password")
        (report,) = await checked(plan("locked", gateway.addresses[0], credentials=wrong))
    assert cause(report) == "logon-refused"
    assert "wrong-password" not in repr(report)


async def test_store_in_use(tmp_path: Path):
    from fixgate.net.journal import JournalStore

    async with venue() as gateway:
        kept = plan("kept", gateway.addresses[0], store=StoreSettings(tmp_path))
        holder = JournalStore(tmp_path, kept.session.id, time.time_ns())
        (report,) = await checked(kept)
        holder.close()
    assert cause(report) == "store-unusable"


async def test_refused_and_unknown_host():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        reports = await checked(
            plan("refused", Address("127.0.0.1", port)),
            plan("nowhere", Address("no-such-host.invalid", port), deadline_ns=5 * SECOND_NS),
        )
    assert [cause(r) for r in reports] == ["refused", "dns"]


async def test_tls_file_that_is_missing(tmp_path: Path):
    async with venue() as gateway:
        missing = ClientTls(ca=tmp_path / "missing.pem")
        (report,) = await checked(plan("local", gateway.addresses[0], tls=missing))
    assert cause(report) == "tls-local"


# Peers that misbehave: a few lines each, messages built by simplefix.


def reply(kind: str, number: int, *fields: tuple[int, object]) -> bytes:
    message = simplefix.FixMessage()
    message.append_pair(8, "FIX.4.4", header=True)
    message.append_pair(35, kind, header=True)
    message.append_pair(49, "VENUE", header=True)
    message.append_pair(56, "ODD", header=True)
    message.append_pair(34, number, header=True)
    message.append_utc_timestamp(52, header=True)
    for tag, value in fields:
        message.append_pair(tag, value)
    return bytes(message.encode())


LOGON = ((98, 0), (108, 30))


async def read(reader: asyncio.StreamReader) -> simplefix.FixMessage:
    parser = simplefix.FixParser()
    while (message := parser.get_message()) is None:
        data = await reader.read(4096)
        if not data:
            raise ConnectionResetError
        parser.append_buffer(data)
    return message


async def close_at_once(reader, writer):
    pass


async def close_after_logon(reader, writer):
    await read(reader)


async def http(reader, writer):
    await read(reader)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


async def echo(reader, writer):
    while data := await reader.read(4096):
        writer.write(data)


async def refuse_low(reader, writer):
    await read(reader)
    text = "MsgSeqNum too low, expecting 812 but received 1"
    writer.write(reply("5", 900, (58, text)))


async def reject(reader, writer):
    await read(reader)
    writer.write(reply("3", 1, (45, 1), (371, 108), (373, 5), (58, "Heartbeat too long")))


async def wrong_id(reader, writer):
    await read(reader)
    writer.write(reply("A", 1, *LOGON))
    await read(reader)
    writer.write(reply("0", 2, (112, "SOMETHING ELSE")))
    await reader.read()


async def mute_after_logon(reader, writer):
    await read(reader)
    writer.write(reply("A", 1, *LOGON))
    await reader.read()


async def cut_in_session(reader, writer):
    await read(reader)
    writer.write(reply("A", 1, *LOGON))
    await read(reader)


async def garbage(reader, writer):
    await read(reader)
    writer.write(reply("A", 1, *LOGON))
    request = await read(reader)
    writer.write(b"8=FIX.4.4\x019=5\x0135=0\x0110=999\x01")
    writer.write(reply("0", 2, (112, request.get(112).decode())))
    await reader.read()


async def everything_twice(reader, writer):
    await read(reader)
    writer.write(2 * reply("A", 1, *LOGON))
    request = await read(reader)
    writer.write(2 * reply("0", 2, (112, request.get(112).decode())))
    await reader.read()


async def too_late(reader, writer):
    """Answers the first TestRequest when the second one has come."""
    await read(reader)
    writer.write(reply("A", 1, *LOGON))
    first = await read(reader)
    await read(reader)
    writer.write(reply("0", 2, (112, first.get(112).decode())))
    await reader.read()


async def reset_unasked(reader, writer):
    await read(reader)
    writer.write(reply("A", 1, *LOGON, (141, "Y")))
    await reader.read()


async def log_us_out(reader, writer):
    await read(reader)
    writer.write(reply("A", 1, *LOGON))
    await read(reader)
    writer.write(reply("5", 2, (58, "Trading session is over")))


async def log_us_out_with_an_answer(reader, writer):
    await read(reader)
    writer.write(reply("A", 1, *LOGON))
    request = await read(reader)
    answer = reply("0", 2, (112, request.get(112).decode()))
    writer.write(answer + reply("5", 3, (58, "Trading session is over")))
    await reader.read()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (close_at_once, ("closed-after-logon", "closed-at-connect")),
        (close_after_logon, ("closed-after-logon",)),
        (http, ("not-fix",)),
        (echo, ("not-fix",)),
        (refuse_low, ("seqnum-too-low",)),
        (reject, ("logon-rejected",)),
        (wrong_id, ("wrong-test-req-id",)),
        (mute_after_logon, ("test-request-unanswered",)),
        (cut_in_session, ("closed-in-session",)),
        (garbage, ("garbled",)),
        (everything_twice, ("seqnum-repeated",)),
        (too_late, ("test-request-unanswered",)),
        (reset_unasked, ("reset-unasked",)),
        (log_us_out, ("logged-out",)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_peer_that_misbehaves(script, expected):
    async with peer(script) as address:
        (report,) = await checked(plan("odd", address))
    assert cause(report) in expected, report.findings
    assert report.status is Status.FAIL
    assert report.duration_ns < 3 * SECOND_NS
    assert report.findings[0].evidence


async def flood_us(reader, writer):
    await read(reader)
    writer.write(reply("A", 1, *LOGON))
    beats = b"".join(reply("0", number) for number in range(2, 502))
    while True:
        writer.write(beats)
        await writer.drain()


async def test_a_venue_that_sends_without_pause_is_cut_and_delays_nobody():
    async with peer(flood_us) as address, venue() as gateway:
        patient = 20 * SECOND_NS
        odd, well = await checked(
            plan("odd", address, deadline_ns=patient),
            plan("well", gateway.addresses[0], deadline_ns=patient),
        )
    assert {finding.cause for finding in odd.findings} == {"seqnum-repeated", "flooded"}
    assert odd.duration_ns < 10 * SECOND_NS
    assert well.status is Status.PASS


async def test_a_client_that_is_logged_on_elsewhere_or_comes_from_elsewhere():
    """To the checker both look the same: the venue says nothing."""
    nowhere = Networks((ip_network("192.0.2.0/24"),))
    taken = SessionSettings(SessionId("FIX.4.4", "VENUE", "TAKEN"), Role.ACCEPTOR)
    barred = SessionSettings(SessionId("FIX.4.4", "VENUE", "BARRED"), Role.ACCEPTOR)
    sessions = (
        VenueSession("taken", taken),
        VenueSession("barred", barred, EntrySettings(allow=nowhere)),
    )
    listeners = (ListenSettings(LOOPBACK), ListenSettings(LOOPBACK, allow=nowhere))
    async with venue(*listeners, sessions=sessions) as gateway:
        holder = await Peer.log_on(gateway.addresses[0], "TAKEN")
        reports = await checked(
            plan("taken", gateway.addresses[0]),
            plan("barred", gateway.addresses[0]),
            plan("anybody", gateway.addresses[1]),
        )
        await holder.log_out()
    assert [cause(report) for report in reports[:2]] == ["closed-after-logon"] * 2
    assert cause(reports[2]) in ("closed-after-logon", "closed-at-connect")
    assert "not logged on elsewhere" in reports[0].findings[0].next_step
    assert "address" in reports[2].findings[0].next_step


@pytest.mark.parametrize("test_requests", [1, 3])
async def test_a_logout_right_behind_an_answer(test_requests, tmp_path):
    """Nothing more is asked or ordered, nor numbered for later: the venue has said goodbye."""
    async with peer(log_us_out_with_an_answer) as address:
        order = OrderPlan("ABC", "1", Decimal(1), Decimal("10.00"))
        changes = {"store": StoreSettings(tmp_path), "level": Level.ORDER, "order": order}
        changes["test_requests"] = test_requests
        (report,) = await checked(plan("odd", address, **changes))
    assert [finding.cause for finding in report.findings] == ["logged-out"]
    assert report.status is Status.FAIL
    # Logon, TestRequest, and the Logout that confirms theirs.
    with closing(open_store(StoreSettings(tmp_path), report.plan.session.id, 0)) as store:
        assert (store.next_out, store.next_in) == (4, 4)


async def test_cancelled_run_leaves_no_order_behind():
    order = OrderPlan("ABC", "1", Decimal(1), Decimal("10.00"))
    async with venue() as gateway:
        ready = plan("gone", gateway.addresses[0], level=Level.ORDER, order=order)
        seen = asyncio.Event()

        class UntilOrder(NoProgress):
            def phase(self, plan: CheckPlan, phase: Phase) -> None:
                if phase is Phase.ORDER:
                    asyncio.get_running_loop().call_soon(seen.set)

        task = asyncio.create_task(checked(ready, progress=UntilOrder()))
        await seen.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        history = list(next(iter(gateway.roster)).history)
    received = [r.what for r in history if r.glyph == "<"]
    kinds = [m.split(b"\x0135=")[1][:1] for m in received]
    assert kinds.count(b"D") == kinds.count(b"F")
    assert kinds[-1] == b"5"


async def test_fault_of_fixgate_is_unknown_and_delays_nobody(caplog):
    class Broken(NoProgress):
        def phase(self, plan: CheckPlan, phase: Phase) -> None:
            if plan.name == "broken" and phase is Phase.LOGON:
                raise ZeroDivisionError("a fault")

    async with venue() as gateway:
        address = gateway.addresses[0]
        broken, well = await checked(
            plan("broken", address), plan("well", address), progress=Broken()
        )
    assert broken.status is Status.UNKNOWN
    assert cause(broken) == "crashed"
    assert "ZeroDivisionError" in caplog.text
    assert well.status is Status.PASS
